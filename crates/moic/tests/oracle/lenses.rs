//! The seven lenses of a company (section 3) and their totals over sectors and the fund (section 4).

use super::figure::Figure;
use super::number::fixed;
use super::replay::{Kind, Lot, State};
use super::{Policy, list, number, text};
use num_rational::BigRational;
use num_traits::{One, Zero};
use serde_json::{Map, Value, json};

/// What one lot is worth: cost, realised, unrealised and expected exit proceeds; `None` where a price is missing.
struct Worth {
    id: String,
    bucket: Bucket,
    cost: BigRational,
    realised: BigRational,
    unrealised: Option<BigRational>,
    exit: Option<BigRational>,
    relieved: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Bucket {
    Initial,
    Deployed,
    Separate,
}

/// One planned reserve over all cases: E[B] and E[Y].
struct Reserve {
    id: String,
    cost: BigRational,
    proceeds: Option<BigRational>,
}

pub struct Company {
    id: String,
    sector: Option<String>,
    lots: Vec<Worth>,
    reserves: Vec<Reserve>,
    has_cases: bool,
}

/// Which lots a lens takes, and whether the planned reserves are in it.
type Selection = (fn(Bucket) -> bool, bool);

const ALL: Selection = (|_| true, true);
const INITIAL: Selection = (|bucket| matches!(bucket, Bucket::Initial), false);
const DEPLOYED: Selection = (|bucket| matches!(bucket, Bucket::Deployed), false);
const FOLLOW_ONS: Selection = (|bucket| matches!(bucket, Bucket::Deployed), true);
const SECONDARY: Selection = (|bucket| matches!(bucket, Bucket::Separate), false);

impl Company {
    pub fn new(company: &Value, state: State, policy: &Policy) -> Company {
        let cases = list(company, "exitCases");
        let first_purchase = state.lots.iter().map(|lot| lot.purchase_date.clone()).min();
        let lots = state
            .lots
            .iter()
            .map(|lot| Worth {
                id: lot.id.clone(),
                bucket: bucket(lot, first_purchase.as_deref(), policy),
                cost: lot.cost.clone(),
                realised: lot.realised.clone(),
                unrealised: unrealised(lot, &state, policy).map(|value| value + state.receivable(&lot.id)),
                exit: expected(cases, |case| exit_proceeds(lot, &state, case)),
                relieved: lot.relieved.to_string(),
            })
            .collect();
        Company {
            id: text(company, "id").expect("id"),
            sector: text(company, "sector"),
            lots,
            reserves: reserves(cases),
            has_cases: !cases.is_empty(),
        }
    }

    fn lens(&self, key: &str) -> Figure {
        match key {
            "current_moic" => self.current(ALL),
            "current_moic_initial" => self.current(INITIAL),
            "current_moic_deployed_reserves" => self.current(DEPLOYED),
            "current_moic_secondary" => self.current(SECONDARY),
            "exit_moic" => self.exit(ALL),
            "exit_moic_initial" => self.exit(INITIAL),
            "exit_moic_deployed_reserves" => self.exit(DEPLOYED),
            "exit_moic_secondary" => self.exit(SECONDARY),
            "exit_moic_follow_ons" => self.exit(FOLLOW_ONS),
            "exit_moic_planned_reserves" => self.planned(&self.reserves.iter().collect::<Vec<_>>()),
            other => panic!("no such lens: {other}"),
        }
    }

    fn selected(&self, (takes, _): Selection) -> Vec<&Worth> {
        self.lots.iter().filter(|lot| takes(lot.bucket)).collect()
    }

    fn names(&self, lots: &[&Worth], missing: fn(&Worth) -> bool) -> Vec<String> {
        let missing = lots.iter().filter(|lot| missing(lot));
        missing.map(|lot| format!("{}/{}", self.id, lot.id)).collect()
    }

    fn current(&self, selection: Selection) -> Figure {
        self.current_of(&self.selected(selection))
    }

    fn current_of(&self, lots: &[&Worth]) -> Figure {
        let cost: BigRational = lots.iter().map(|lot| &lot.cost).sum();
        let unpriced = self.names(lots, |lot| lot.unrealised.is_none());
        if lots.is_empty() {
            Figure::empty("no_lots")
        } else if !unpriced.is_empty() {
            Figure::unknown("unpriced", Some(cost), unpriced)
        } else {
            let unrealised: BigRational = lots.iter().filter_map(|lot| lot.unrealised.as_ref()).sum();
            let realised: BigRational = lots.iter().map(|lot| &lot.realised).sum();
            Figure::ratio(unrealised + realised, cost, "zero_cost")
        }
    }

    fn exit(&self, selection: Selection) -> Figure {
        let reserves: &[Reserve] = if selection.1 { &self.reserves } else { &[] };
        self.exit_of(&self.selected(selection), reserves)
    }

    fn exit_of(&self, lots: &[&Worth], reserves: &[Reserve]) -> Figure {
        let planned: BigRational = reserves.iter().map(|reserve| &reserve.cost).sum();
        let cost = &planned + lots.iter().map(|lot| &lot.cost).sum::<BigRational>();
        let unpriced = self.names(lots, |lot| lot.exit.is_none());
        if !self.has_cases {
            Figure { has_lots: !lots.is_empty(), ..Figure::unknown("no_exit_case", None, Vec::new()) }
        } else if lots.is_empty() && planned.is_zero() {
            Figure::empty("no_lots")
        } else if !unpriced.is_empty() || reserves.iter().any(|reserve| reserve.proceeds.is_none()) {
            Figure::unknown("exit_unpriced", Some(cost), unpriced)
        } else {
            let exit: BigRational = lots.iter().filter_map(|lot| lot.exit.as_ref()).sum();
            let realised: BigRational = lots.iter().map(|lot| &lot.realised).sum();
            let proceeds: BigRational = reserves.iter().filter_map(|reserve| reserve.proceeds.as_ref()).sum();
            Figure::ratio(realised + exit + proceeds, cost, "zero_cost")
        }
    }

    fn planned(&self, reserves: &[&Reserve]) -> Figure {
        let cost: BigRational = reserves.iter().map(|reserve| &reserve.cost).sum();
        if !self.has_cases {
            Figure::unknown("no_exit_case", None, Vec::new())
        } else if reserves.iter().any(|reserve| reserve.proceeds.is_none()) {
            Figure::unknown("exit_unpriced", Some(cost), Vec::new())
        } else {
            let proceeds = reserves.iter().filter_map(|reserve| reserve.proceeds.as_ref()).sum();
            Figure::ratio(proceeds, cost, "no_planned_reserves")
        }
    }

    /// The company's part of the result document.
    pub fn result(&self, policy: &Policy) -> Value {
        let lenses: Map<String, Value> =
            keys(policy).into_iter().map(|key| (key.to_owned(), self.lens(key).json())).collect();
        let lot = |lot: &Worth| {
            json!({
                "id": lot.id,
                "current_moic": self.current_of(&[lot]).json(),
                "exit_moic": self.exit_of(&[lot], &[]).json(),
                "relievedCostCents": lot.relieved,
            })
        };
        let reserve = |reserve: &Reserve| json!({ "id": reserve.id, "exit_moic": self.planned(&[reserve]).json() });
        json!({
            "id": self.id,
            "lenses": lenses,
            "lots": self.lots.iter().map(lot).collect::<Vec<_>>(),
            "plannedReserves": self.reserves.iter().map(reserve).collect::<Vec<_>>(),
        })
    }
}

/// The fund's lenses, and the share of its cost that has a price.
pub fn fund(companies: &[Company], policy: &Policy) -> Value {
    let cost = |priced_only: bool| -> BigRational {
        let counted =
            companies.iter().filter(|company| !priced_only || company.lens("current_moic").reason != Some("unpriced"));
        counted.flat_map(|company| &company.lots).map(|lot| &lot.cost).sum()
    };
    let all = cost(false);
    let coverage = (!all.is_zero()).then(|| fixed(&(cost(true) / all), 12));
    let members: Vec<&Company> = companies.iter().collect();
    json!({ "lenses": totals(&members, policy), "coverage": coverage })
}

/// The lenses of each sector, in the order in which the sectors first appear.
pub fn sectors(companies: &[Company], policy: &Policy) -> Value {
    let mut names: Vec<&Option<String>> = Vec::new();
    for company in companies {
        if !names.contains(&&company.sector) {
            names.push(&company.sector);
        }
    }
    let sector = |name: &Option<String>| {
        let members: Vec<&Company> = companies.iter().filter(|company| company.sector == *name).collect();
        json!({ "sector": name, "lenses": totals(&members, policy) })
    };
    names.into_iter().map(sector).collect()
}

fn totals(companies: &[&Company], policy: &Policy) -> Map<String, Value> {
    let lens = |key: &'static str| {
        let dropped = |company: &&Company| {
            policy.exclude_unpriced
                && key.starts_with("current")
                && company.lens("current_moic").reason == Some("unpriced")
        };
        let kept = companies.iter().copied().filter(|company| !dropped(company));
        let figures: Vec<Figure> = kept.map(|company| company.lens(key)).collect();
        let total = Figure::total(&figures.iter().collect::<Vec<_>>(), key == "exit_moic_planned_reserves");
        (key.to_owned(), total.json())
    };
    keys(policy).into_iter().map(lens).collect()
}

fn keys(policy: &Policy) -> Vec<&'static str> {
    let mut keys = vec![
        "current_moic",
        "current_moic_initial",
        "current_moic_deployed_reserves",
        "exit_moic",
        "exit_moic_initial",
        "exit_moic_follow_ons",
        "exit_moic_planned_reserves",
        "exit_moic_deployed_reserves",
    ];
    if policy.secondary_bucket == "separate" {
        keys.extend(["current_moic_secondary", "exit_moic_secondary"]);
    }
    keys
}

fn bucket(lot: &Lot, first_purchase: Option<&str>, policy: &Policy) -> Bucket {
    match (lot.lot_type.as_str(), policy.secondary_bucket.as_str()) {
        ("initial", _) => Bucket::Initial,
        ("follow_on", _) | ("secondary", "follow_on") => Bucket::Deployed,
        ("secondary", "separate") => Bucket::Separate,
        ("secondary", _) if Some(lot.purchase_date.as_str()) == first_purchase => Bucket::Initial,
        _ => Bucket::Deployed,
    }
}

/// U of section 2 without the receivable.
fn unrealised(lot: &Lot, state: &State, policy: &Policy) -> Option<BigRational> {
    if let Some(value) = &lot.lot_mark {
        return Some(value.clone());
    }
    if lot.kind == Kind::Convertible {
        return policy.convertible_at_cost.then(|| lot.cost.clone());
    }
    if lot.held.is_zero() {
        return Some(BigRational::zero());
    }
    state.marks.get(lot.class.as_ref()?).map(|mark| worth_at(lot, mark))
}

fn worth_at(lot: &Lot, price: &BigRational) -> BigRational {
    &lot.held * (price - &lot.strike).max(BigRational::zero())
}

/// X of section 3 in one case.
fn exit_proceeds(lot: &Lot, state: &State, case: &Value) -> Option<BigRational> {
    if let Some(whole) = number(&case["lotProceedsCents"], &lot.id) {
        return Some(whole);
    }
    let receivable = state.receivable(&lot.id);
    if lot.kind == Kind::Convertible {
        return None;
    }
    if lot.held.is_zero() {
        return Some(receivable);
    }
    let price = number(&case["exitPricesCents"], lot.class.as_ref()?)?;
    Some(receivable + worth_at(lot, &price))
}

/// The expectation over cases; `None` if any case has no amount.
fn expected(cases: &[Value], amount: impl Fn(&Value) -> Option<BigRational>) -> Option<BigRational> {
    cases.iter().map(|case| Some(number(case, "probability")? * amount(case)?)).sum()
}

/// The planned reserve lines over all cases, in the order in which they first appear.
fn reserves(cases: &[Value]) -> Vec<Reserve> {
    let mut lines: Vec<Reserve> = Vec::new();
    for case in cases {
        let probability = number(case, "probability").expect("probability");
        for planned in list(case, "plannedReserves") {
            let id = text(planned, "id").expect("id");
            let weight = &probability * number(planned, "deployProbability").unwrap_or_else(BigRational::one);
            let amount = number(planned, "amountCents").expect("amountCents");
            let proceeds = reserve_proceeds(planned, &amount, case).map(|proceeds| proceeds * &weight);
            let cost = amount * weight;
            match lines.iter_mut().find(|line| line.id == id) {
                Some(line) => {
                    line.cost += cost;
                    line.proceeds = line.proceeds.take().zip(proceeds).map(|(a, b)| a + b);
                }
                None => lines.push(Reserve { id, cost, proceeds }),
            }
        }
    }
    lines
}

fn reserve_proceeds(planned: &Value, amount: &BigRational, case: &Value) -> Option<BigRational> {
    if let Some(whole) = number(planned, "exitProceedsCents") {
        return Some(whole);
    }
    let class = text(planned, "shareClass")?;
    let exit_price = number(&case["exitPricesCents"], &class)?;
    Some(amount / number(planned, "sharePriceCents")? * exit_price)
}
