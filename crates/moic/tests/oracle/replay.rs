//! State as of a date (section 2): the facts of one company, replayed a day at a time in the order of the section.

use super::number::half_even;
use super::relief;
use super::{list, map, number, text};
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Zero};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What a lot is now; a converted SAFE or note is equity.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Equity,
    Warrant,
    Convertible,
}

/// A lot as it stands after the replay. Shares are in today's split-adjusted unit, money in cents.
#[derive(Clone, Debug)]
pub struct Lot {
    pub id: String,
    pub lot_type: String,
    pub kind: Kind,
    pub class: Option<String>,
    pub purchase_date: String,
    pub cost: BigRational,
    pub acquired: BigRational,
    pub held: BigRational,
    pub strike: BigRational,
    pub lot_mark: Option<BigRational>,
    pub realised: BigRational,
    pub relieved: BigInt,
}

struct Receivable {
    id: Option<String>,
    carrying: BigRational,
    weights: Vec<(String, BigRational)>,
}

/// One company after the replay.
#[derive(Default)]
pub struct State {
    pub lots: Vec<Lot>,
    /// The fund-currency price of each class that has one.
    pub marks: BTreeMap<String, BigRational>,
    receivables: Vec<Receivable>,
}

impl State {
    /// Replays the facts of `company` up to and including the day `as_of`.
    pub fn as_of(company: &Value, as_of: &str, policy_relief: &str) -> State {
        let purchases = list(company, "lots").iter().map(|lot| (text(lot, "purchaseDate"), lot));
        let events = list(company, "events").iter().map(|event| (text(event, "date"), event));
        let days: BTreeSet<String> = purchases
            .clone()
            .chain(events.clone())
            .filter_map(|(day, _)| day)
            .filter(|day| day.as_str() <= as_of)
            .collect();
        let mut state = State::default();
        for day in days {
            let of_types = |types: &[&str]| -> Vec<&Value> {
                events
                    .clone()
                    .filter(|(date, event)| {
                        date.as_ref() == Some(&day) && types.contains(&event["type"].as_str().expect("type"))
                    })
                    .map(|(_, event)| event)
                    .collect()
            };
            for event in of_types(&["split", "class_conversion"]) {
                state.convert_class(event);
            }
            for event in of_types(&["lot_conversion"]) {
                state.convert_lot(event);
            }
            for (_, lot) in purchases.clone().filter(|(date, _)| date.as_ref() == Some(&day)) {
                state.purchase(lot);
            }
            for event in of_types(&["exercise"]) {
                state.exercise(event, &day);
            }
            for event in of_types(&["distribution"]) {
                state.distribute(event);
            }
            for event in of_types(&["disposal"]) {
                state.dispose(event, policy_relief);
            }
            for event in of_types(&["mark", "lot_mark", "receivable"]) {
                state.value(event);
            }
        }
        state
    }

    /// The receivable carried by one lot: each event's carrying value by its weights.
    pub fn receivable(&self, lot: &str) -> BigRational {
        self.receivables
            .iter()
            .map(|receivable| {
                let total: BigRational = receivable.weights.iter().map(|(_, weight)| weight).sum();
                let own = receivable.weights.iter().filter(|(id, _)| id == lot);
                let weight: BigRational = own.map(|(_, weight)| weight).sum();
                &receivable.carrying * weight / total
            })
            .sum()
    }

    fn lot_mut(&mut self, id: &str) -> &mut Lot {
        self.lots.iter_mut().find(|lot| lot.id == id).unwrap_or_else(|| panic!("lot {id} is not there yet"))
    }

    /// A split keeps the class and restates its mark; a class conversion moves the lots and leaves marks alone.
    fn convert_class(&mut self, event: &Value) {
        let ratio = BigRational::new(integer(event, "numerator"), integer(event, "denominator"));
        let (from, to) = if event["type"] == "split" {
            let class = text(event, "shareClass").expect("shareClass");
            if let Some(mark) = self.marks.get_mut(&class) {
                *mark /= &ratio;
            }
            (class.clone(), class)
        } else {
            (text(event, "fromClass").expect("fromClass"), text(event, "toClass").expect("toClass"))
        };
        for lot in self.lots.iter_mut().filter(|lot| lot.class.as_ref() == Some(&from)) {
            lot.class = Some(to.clone());
            lot.acquired *= &ratio;
            lot.held *= &ratio;
            lot.strike /= &ratio;
        }
    }

    fn convert_lot(&mut self, event: &Value) {
        let lot = self.lot_mut(&text(event, "lot").expect("lot"));
        lot.kind = Kind::Equity;
        lot.class = text(event, "toClass");
        lot.acquired = number(event, "shares").expect("shares");
        lot.held = lot.acquired.clone();
        lot.lot_mark = None;
    }

    fn purchase(&mut self, lot: &Value) {
        let kind = match lot["instrument"].as_str() {
            None | Some("equity") => Kind::Equity,
            Some("warrant") => Kind::Warrant,
            Some(_) => Kind::Convertible,
        };
        let shares = number(lot, "sharesAcquired").unwrap_or_else(BigRational::zero);
        self.lots.push(Lot {
            id: text(lot, "id").expect("id"),
            lot_type: text(lot, "lotType").expect("lotType"),
            kind,
            class: text(lot, "shareClass"),
            purchase_date: text(lot, "purchaseDate").expect("purchaseDate"),
            cost: number(lot, "costBasisCents").expect("costBasisCents"),
            acquired: shares.clone(),
            held: shares,
            strike: number(lot, "strikeCents").unwrap_or_else(BigRational::zero),
            lot_mark: None,
            realised: BigRational::zero(),
            relieved: BigInt::zero(),
        });
    }

    fn exercise(&mut self, event: &Value, day: &str) {
        let warrant = self.lot_mut(&text(event, "lot").expect("lot"));
        let shares = std::mem::take(&mut warrant.held);
        let cost = std::mem::take(&mut warrant.cost);
        warrant.lot_mark = None;
        let exercised = Lot {
            id: text(event, "newLot").expect("newLot"),
            lot_type: text(event, "lotType").expect("lotType"),
            kind: Kind::Equity,
            class: warrant.class.clone(),
            purchase_date: day.to_owned(),
            cost: cost + number(event, "cashCents").expect("cashCents"),
            acquired: shares.clone(),
            held: shares,
            strike: BigRational::zero(),
            lot_mark: None,
            realised: BigRational::zero(),
            relieved: BigInt::zero(),
        };
        self.lots.push(exercised);
    }

    fn distribute(&mut self, event: &Value) {
        let amount = number(event, "amountCents").expect("amountCents");
        if let Some(id) = text(event, "lot") {
            self.lot_mut(&id).realised += amount;
            return;
        }
        let class = text(event, "shareClass");
        let entitled = |lot: &&mut Lot| lot.kind == Kind::Equity && lot.class == class;
        let total: BigRational = self.lots.iter_mut().filter(entitled).map(|lot| &lot.held).sum();
        for lot in self.lots.iter_mut().filter(entitled) {
            lot.realised += &amount * &lot.held / &total;
        }
    }

    fn dispose(&mut self, event: &Value, policy_relief: &str) {
        let shares = number(event, "shares").expect("shares");
        let proceeds = number(event, "proceedsCents").expect("proceedsCents");
        let named = map(event, "lots");
        let sold = if named.is_empty() {
            let method = text(event, "relief").unwrap_or_else(|| policy_relief.to_owned());
            relief::derive(&self.lots, &text(event, "shareClass"), &shares, &method)
        } else {
            named
        };
        for (id, sold) in sold.into_iter().filter(|(_, sold)| !sold.is_zero()) {
            let lot = self.lot_mut(&id);
            assert!(sold <= lot.held, "{id}: sells {sold} of {}", lot.held);
            let remaining = &lot.held - &sold;
            if let Some(mark) = &mut lot.lot_mark {
                *mark *= &remaining / &lot.held;
            }
            lot.held = remaining;
            lot.realised += &proceeds * &sold / &shares;
            let sold_so_far = BigRational::one() - &lot.held / &lot.acquired;
            lot.relieved = half_even(&(&lot.cost * sold_so_far));
        }
    }

    fn value(&mut self, event: &Value) {
        match event["type"].as_str() {
            Some("mark") => {
                let price = number(event, "sharePriceCents").expect("sharePriceCents");
                let fx_rate = number(event, "fxRate").unwrap_or_else(BigRational::one);
                self.marks.insert(text(event, "shareClass").expect("shareClass"), price * fx_rate);
            }
            Some("lot_mark") => {
                let lot = self.lot_mut(&text(event, "lot").expect("lot"));
                lot.lot_mark = number(event, "valueCents");
            }
            _ => {
                let id = text(event, "id");
                self.receivables.retain(|earlier| id.is_none() || earlier.id != id);
                self.receivables.push(Receivable {
                    id,
                    carrying: number(event, "carryingCents").expect("carryingCents"),
                    weights: map(event, "allocation"),
                });
            }
        }
    }
}

fn integer(event: &Value, key: &str) -> BigInt {
    BigInt::from(event[key].as_u64().expect("a positive integer"))
}
