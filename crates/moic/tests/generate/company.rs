//! One random company: lots and events, a day at a time.

use super::amount::{self, Scale};
use super::choices::Choices;
use super::{DAYS, exits, map, optional};
use crate::oracle::number::{half_even, rational};
use crate::oracle::replay::{Kind, Lot, State};
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{ToPrimitive, Zero};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Groups of events within a day whose order in the document has a meaning only inside the group.
const GROUPS: [&[&str]; 6] = [
    &["split", "class_conversion"],
    &["lot_conversion"],
    &["exercise"],
    &["distribution"],
    &["disposal"],
    &["mark", "lot_mark", "receivable"],
];

/// Builds one company.
pub struct Builder<'a> {
    choices: &'a mut Choices,
    scale: Scale,
    relief: &'static str,
    classes: &'static [&'static str],
    company: Value,
    day: &'static str,
    /// What is held after so many lots and events.
    held: ((usize, usize), Vec<Lot>),
}

impl<'a> Builder<'a> {
    pub fn new(
        choices: &'a mut Choices,
        scale: Scale,
        relief: &'static str,
        classes: &'static [&'static str],
        index: usize,
    ) -> Self {
        let sector = choices.pick(&[Some(json!("Fintech")), Some(json!("Health")), None]);
        let mut company = json!({ "id": format!("company-{index}"), "lots": [], "events": [] });
        optional(choices, &mut company, "sector", sector);
        Builder { choices, scale, relief, classes, company, day: DAYS[0], held: ((0, 0), Vec::new()) }
    }

    /// The company; a `complete` one has exit cases with nearly all prices.
    pub fn build(mut self, complete: bool) -> Value {
        if !self.choices.chance(4) {
            let busy = self.choices.below(DAYS.len());
            for (index, day) in DAYS.into_iter().enumerate() {
                if index == 0 || self.choices.below(DAYS.len()) <= busy {
                    self.day = day;
                    self.one_day();
                }
            }
        }
        self.shuffle_events();
        let lots = self.lots();
        let cases =
            exits::Cases { choices: self.choices, scale: self.scale, complete, classes: self.classes }.build(&lots);
        optional(self.choices, &mut self.company, "exitCases", cases);
        self.company
    }

    fn one_day(&mut self) {
        if self.choices.chance(15) {
            self.split_or_conversion();
        }
        for lot in self.lots_of(Kind::Convertible) {
            if self.choices.chance(25) {
                self.lot_conversion(&lot);
            }
        }
        let first = self.company["lots"].as_array().is_some_and(Vec::is_empty);
        let purchases = self.choices.below(3).max(usize::from(first));
        for _ in 0..purchases {
            self.purchase();
        }
        for lot in self.lots_of(Kind::Warrant) {
            if !lot.held.is_zero() && self.choices.chance(20) {
                self.exercise(&lot);
            }
        }
        if self.choices.chance(20) {
            self.distribution();
        }
        for _ in 0..[0, 0, 0, 1, 2][self.choices.below(5)] {
            self.disposal();
        }
        for class in self.classes {
            if self.choices.chance(45) {
                self.mark(class);
            }
        }
        if self.choices.chance(15) {
            self.lot_mark();
        }
        if self.choices.chance(20) {
            self.receivable();
        }
    }

    /// What is held at this moment of the day.
    fn lots(&mut self) -> Vec<Lot> {
        let count = |list: &str| self.company[list].as_array().map_or(0, Vec::len);
        let facts = (count("lots"), count("events"));
        if self.held.0 != facts {
            self.held = (facts, State::as_of(&self.company, self.day, self.relief).lots);
        }
        self.held.1.clone()
    }

    fn lots_of(&mut self, kind: Kind) -> Vec<Lot> {
        self.lots().into_iter().filter(|lot| lot.kind == kind).collect()
    }

    fn event(&mut self, kind: &str, mut event: Value) {
        event["type"] = json!(kind);
        event["date"] = json!(self.day);
        self.company["events"].as_array_mut().expect("events").push(event);
    }

    fn new_lot_id(&self) -> String {
        let exercised = self.company["events"].as_array().expect("events");
        let exercised = exercised.iter().filter(|event| event["type"] == "exercise").count();
        format!("lot-{}", self.company["lots"].as_array().expect("lots").len() + exercised)
    }

    fn split_or_conversion(&mut self) {
        let (numerator, denominator) = (1 + self.choices.below(5), 1 + self.choices.below(3));
        let class = self.choices.pick(self.classes);
        let target = self.choices.pick(self.classes);
        let ratio = json!({ "numerator": numerator, "denominator": denominator });
        let mut event = ratio;
        if class == target {
            event["shareClass"] = json!(class);
            self.event("split", event);
        } else {
            event["fromClass"] = json!(class);
            event["toClass"] = json!(target);
            self.event("class_conversion", event);
        }
    }

    fn lot_conversion(&mut self, lot: &Lot) {
        let shares = amount::shares(self.choices, self.scale);
        let class = self.choices.pick(self.classes);
        self.event("lot_conversion", json!({ "lot": lot.id, "toClass": class, "shares": shares }));
    }

    fn purchase(&mut self) {
        let instrument =
            self.choices.pick(&[None, None, Some("equity"), None, Some("safe"), Some("note"), Some("warrant")]);
        let lot_type = self.choices.pick(&["initial", "follow_on", "secondary"]);
        let mut lot = json!({ "id": self.new_lot_id(), "lotType": lot_type, "purchaseDate": self.day });
        optional(self.choices, &mut lot, "instrument", instrument.map(Value::from));
        let mut cost = if self.choices.chance(8) { "0".to_owned() } else { amount::cents(self.choices, self.scale) };
        let mut strike = None;
        if !matches!(instrument, Some("safe" | "note")) {
            let shares = amount::shares(self.choices, self.scale);
            lot["shareClass"] = json!(self.choices.pick(self.classes));
            if instrument == Some("warrant") {
                strike = Some(json!(amount::price(self.choices, self.scale)));
            } else if self.choices.chance(50) {
                let price = amount::positive_price(self.choices, self.scale);
                let product = rational(&shares) * rational(&price);
                if (1_000..i64::MAX).contains(&product.to_i64().unwrap_or(i64::MAX)) {
                    cost = half_even(&product).to_string();
                    lot["sharePriceCents"] = json!(price);
                }
            }
            lot["sharesAcquired"] = json!(shares);
        }
        optional(self.choices, &mut lot, "strikeCents", strike);
        lot["costBasisCents"] = json!(cost);
        self.company["lots"].as_array_mut().expect("lots").push(lot);
    }

    fn exercise(&mut self, lot: &Lot) {
        let event = json!({
            "lot": lot.id,
            "newLot": self.new_lot_id(),
            "lotType": self.choices.pick(&["follow_on", "initial", "secondary"]),
            "cashCents": amount::cents(self.choices, self.scale),
        });
        self.event("exercise", event);
    }

    fn distribution(&mut self) {
        let lots = self.lots();
        let mut event = json!({ "amountCents": amount::cents(self.choices, self.scale) });
        let holders: Vec<&Lot> = lots.iter().filter(|lot| lot.kind == Kind::Equity && !lot.held.is_zero()).collect();
        if holders.is_empty() || self.choices.chance(40) {
            event["lot"] = json!(self.choices.pick(&lots).id);
        } else {
            event["shareClass"] = json!(self.choices.pick(&holders).class);
        }
        self.event("distribution", event);
    }

    fn disposal(&mut self) {
        let held: Vec<Lot> = self.lots().into_iter().filter(|lot| !lot.held.is_zero()).collect();
        let equity: Vec<&Lot> = held.iter().filter(|lot| lot.kind == Kind::Equity).collect();
        let mut event = json!({ "proceedsCents": amount::cents(self.choices, self.scale) });
        let specific = match self.choices.below(3) {
            0 => self.named_lots(&held),
            _ => BTreeMap::new(),
        };
        if !specific.is_empty() {
            event["shares"] = json!(amount::sum_of_shares(specific.values()));
            let class_of = |id: &String| held.iter().find(|lot| lot.id == *id).and_then(|lot| lot.class.clone());
            let classes: Vec<Option<String>> = specific.keys().map(class_of).collect();
            let one_class = classes.iter().all(|class| *class == classes[0]);
            event["lots"] = map(specific);
            if one_class && self.choices.chance(50) {
                event["shareClass"] = json!(classes[0]);
            }
        } else if !equity.is_empty() {
            let class = self.choices.pick(&equity).class.clone();
            let total: BigRational = equity.iter().filter(|lot| lot.class == class).map(|lot| &lot.held).sum();
            let Some(shares) = self.part_of(&total) else { return };
            event["shares"] = json!(shares);
            event["shareClass"] = json!(class);
            let own = self.choices.pick(&["fifo", "lifo", "hifo", "pro_rata"]);
            let own = (self.relief == "specific" || self.choices.chance(50)).then(|| json!(own));
            optional(self.choices, &mut event, "relief", own);
        } else {
            return;
        }
        self.event("disposal", event);
    }

    fn named_lots(&mut self, held: &[Lot]) -> BTreeMap<String, String> {
        let mut named = BTreeMap::new();
        for lot in held {
            if self.choices.chance(60)
                && let Some(shares) = self.part_of(&lot.held)
            {
                named.insert(lot.id.clone(), shares);
            }
        }
        named
    }

    /// A quarter to all of `total`, as far as 8 decimals can say it.
    fn part_of(&mut self, total: &BigRational) -> Option<String> {
        let quarters = BigInt::from(1 + self.choices.below(4));
        amount::wire_shares(&(total * BigRational::new(quarters, BigInt::from(4))))
    }

    fn mark(&mut self, class: &str) {
        let price = if self.choices.chance(5) { "0".to_owned() } else { amount::price(self.choices, self.scale) };
        let mut event = json!({ "shareClass": class, "sharePriceCents": price });
        let fx_rate = self.choices.pick(&[None, Some(json!("1")), Some(json!("1.0825")), Some(json!("0.00712345"))]);
        optional(self.choices, &mut event, "fxRate", fx_rate);
        self.event("mark", event);
    }

    fn lot_mark(&mut self) {
        let alive = |lot: &Lot| lot.kind == Kind::Convertible || !lot.held.is_zero();
        let lots: Vec<Lot> = self.lots().into_iter().filter(alive).collect();
        if !lots.is_empty() {
            let lot = self.choices.pick(&lots);
            let value = amount::cents(self.choices, self.scale);
            self.event("lot_mark", json!({ "lot": lot.id, "valueCents": value }));
        }
    }

    fn receivable(&mut self) {
        let lots = self.lots();
        let mut allocation = BTreeMap::from([(self.choices.pick(&lots).id, "1".to_owned())]);
        for lot in &lots {
            if self.choices.chance(30) {
                let weight = self.choices.pick(&["0.25", "3/7", "2", "1000000.00000001"]);
                allocation.insert(lot.id.clone(), weight.to_owned());
            }
        }
        if self.choices.chance(20) {
            let spare = lots.iter().find(|lot| !allocation.contains_key(&lot.id));
            if let Some(lot) = spare {
                allocation.insert(lot.id.clone(), "0".to_owned());
            }
        }
        let carrying = if self.choices.chance(25) { "0".to_owned() } else { amount::cents(self.choices, self.scale) };
        let mut event = json!({ "carryingCents": carrying, "allocation": map(allocation) });
        let id = self.choices.pick(&[None, Some(json!("escrow")), Some(json!("holdback"))]);
        optional(self.choices, &mut event, "id", id);
        self.event("receivable", event);
    }

    /// Moves whole groups of a day about; inside a group the document's order counts and stays.
    fn shuffle_events(&mut self) {
        let mut events = std::mem::take(self.company["events"].as_array_mut().expect("events"));
        let mut place: BTreeMap<(String, usize), usize> = BTreeMap::new();
        events.sort_by_cached_key(|event| {
            let kind = event["type"].as_str().expect("type");
            let group = GROUPS.iter().position(|group| group.contains(&kind)).expect("a group");
            let date = event["date"].as_str().expect("date").to_owned();
            *place.entry((date, group)).or_insert_with(|| self.choices.below(1000))
        });
        self.company["events"] = Value::Array(events);
    }
}
