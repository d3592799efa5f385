//! Random exit cases with planned reserves.

use super::amount::{self, Scale};
use super::choices::Choices;
use super::{map, optional};
use crate::oracle::replay::{Kind, Lot};
use serde_json::{Value, json};

/// Builds the exit cases of one company.
pub struct Cases<'a> {
    pub choices: &'a mut Choices,
    pub scale: Scale,
    /// At least one case, and nearly all prices.
    pub complete: bool,
    pub classes: &'a [&'static str],
}

impl Cases<'_> {
    /// Up to four cases; none is an absent field or an empty list.
    pub fn build(&mut self, lots: &[Lot]) -> Option<Value> {
        let count = if self.complete { 1 + self.choices.below(4) } else { self.choices.below(5) };
        if count == 0 {
            return self.choices.chance(50).then(|| json!([]));
        }
        let mut cases = Vec::new();
        for (index, probability) in self.probabilities(count).into_iter().enumerate() {
            let mut case = json!({ "id": format!("case-{index}"), "probability": probability });
            let priced = self.priced_classes();
            let mut prices = Vec::new();
            for class in &priced {
                prices.push(((*class).to_owned(), amount::price(self.choices, self.scale)));
            }
            case["exitPricesCents"] = map(prices);
            let paid = self.lot_proceeds(lots);
            optional(self.choices, &mut case, "lotProceedsCents", paid);
            let reserves = self.reserves(&priced);
            optional(self.choices, &mut case, "plannedReserves", reserves);
            cases.push(case);
        }
        Some(Value::Array(cases))
    }

    /// Probabilities that sum to exactly 1, as fractions or, where they end, as decimals.
    fn probabilities(&mut self, count: usize) -> Vec<String> {
        if count == 1 {
            return vec![self.choices.pick(&["1", "1.000", "7/7"]).to_owned()];
        }
        if self.choices.chance(40) {
            let known: [&[&str]; 3] = [&["0.35", "0.65"], &["0.125", "0.5", "3/8"], &["0.1", "1/5", "0", "0.7"]];
            return known[count - 2].iter().map(|&probability| probability.to_owned()).collect();
        }
        let weights: Vec<usize> = (0..count).map(|_| 1 + self.choices.below(9)).collect();
        let total: usize = weights.iter().sum();
        weights.iter().map(|weight| format!("{weight}/{total}")).collect()
    }

    fn priced_classes(&mut self) -> Vec<&'static str> {
        let missing = if self.complete { 1 } else { 15 };
        let mut priced = Vec::new();
        for class in self.classes {
            if !self.choices.chance(missing) {
                priced.push(*class);
            }
        }
        priced
    }

    /// An unconverted SAFE or note has no other exit value, so a complete company names its proceeds.
    fn lot_proceeds(&mut self, lots: &[Lot]) -> Option<Value> {
        let mut paid = Vec::new();
        for lot in lots {
            let percent = if self.complete && lot.kind == Kind::Convertible { 98 } else { 12 };
            if self.choices.chance(percent) {
                paid.push((lot.id.clone(), amount::cents(self.choices, self.scale)));
            }
        }
        (!paid.is_empty()).then(|| map(paid))
    }

    fn reserves(&mut self, priced: &[&'static str]) -> Option<Value> {
        let mut lines = Vec::new();
        for id in ["series-b", "bridge", "series-c"] {
            if self.choices.chance(35) {
                lines.push(self.reserve(id, priced));
            }
        }
        (!lines.is_empty()).then_some(Value::Array(lines))
    }

    fn reserve(&mut self, id: &str, priced: &[&'static str]) -> Value {
        let zero = self.choices.chance(4);
        let amount = if zero { "0".to_owned() } else { amount::cents(self.choices, self.scale) };
        let mut line = json!({ "id": id, "amountCents": amount });
        let by_price = self.complete || self.choices.chance(90);
        let whole = self.choices.chance(30) || (self.complete && priced.is_empty());
        let proceeds = whole.then(|| json!(amount::cents(self.choices, self.scale)));
        optional(self.choices, &mut line, "exitProceedsCents", proceeds);
        let class = if priced.is_empty() || !self.complete { "PS" } else { self.choices.pick(priced) };
        optional(self.choices, &mut line, "shareClass", by_price.then(|| json!(class)));
        let price = by_price.then(|| json!(amount::positive_price(self.choices, self.scale)));
        optional(self.choices, &mut line, "sharePriceCents", price);
        let deploy = [None, Some(json!("1")), Some(json!("1/3")), Some(json!("0.25")), Some(json!("0"))];
        let deploy = self.choices.pick(&deploy);
        optional(self.choices, &mut line, "deployProbability", deploy);
        line
    }
}
