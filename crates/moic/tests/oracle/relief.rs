//! Which lots a disposal takes when it does not name them.

use super::replay::{Kind, Lot};
use num_rational::BigRational;
use num_traits::Zero;
use std::cmp::Ordering;

/// Shares taken from each equity lot of `class`.
pub fn derive(lots: &[Lot], class: &Option<String>, shares: &BigRational, method: &str) -> Vec<(String, BigRational)> {
    let mut open: Vec<&Lot> =
        lots.iter().filter(|lot| lot.kind == Kind::Equity && lot.class == *class && !lot.held.is_zero()).collect();
    if method == "pro_rata" {
        let total: BigRational = open.iter().map(|lot| &lot.held).sum();
        return open.iter().map(|lot| (lot.id.clone(), shares * &lot.held / &total)).collect();
    }
    open.sort_by(|a, b| precedence(a, b, method).then_with(|| oldest(a, b)));
    let mut left = shares.clone();
    let mut taken = Vec::new();
    for lot in open {
        let from_this = left.clone().min(lot.held.clone());
        left -= &from_this;
        taken.push((lot.id.clone(), from_this));
    }
    assert!(left.is_zero(), "sells {left} more than is held");
    taken
}

fn precedence(a: &Lot, b: &Lot, method: &str) -> Ordering {
    match method {
        "fifo" => a.purchase_date.cmp(&b.purchase_date),
        "lifo" => b.purchase_date.cmp(&a.purchase_date),
        "hifo" => (&b.cost / &b.acquired).cmp(&(&a.cost / &a.acquired)),
        other => panic!("no such relief method: {other}"),
    }
}

fn oldest(a: &Lot, b: &Lot) -> Ordering {
    a.purchase_date.cmp(&b.purchase_date).then_with(|| a.id.cmp(&b.id))
}
