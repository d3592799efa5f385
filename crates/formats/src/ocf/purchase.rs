//! Purchases: the securities that the fund got from the company or from other holders become lots.

use jiff::civil::Date;
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

use super::amounts::{self, cents, price_text, shares_text, shown};
use super::asking::question;
use super::chain::{Action, Issuance, Kind};
use super::holdings::{Instrument, Lot};
use super::ledger::{Fact, Ledger, Origin};
use super::money::{Monetary, monetary, whole_cents};
use super::record::Record;
use crate::draft::Question;

/// What a lot is made of, beside what all lots have.
pub(super) struct Bought<'v> {
    pub(super) instrument: Instrument,
    pub(super) class: Option<&'v str>,
    pub(super) acquired: BigRational,
    pub(super) cost: Option<BigInt>,
    pub(super) price: Option<String>,
    pub(super) strike: Option<String>,
}

impl<'v> Ledger<'v, '_, '_> {
    /// Makes a lot of a security that the fund bought.
    pub(super) fn buy(&mut self, security: &'v str, date: Date) {
        let Some(issuance) = self.own_issuance(security).copied() else { return };
        let Some(origin) = self.origin(&issuance) else { return };
        let is_secondary = matches!(origin, Origin::Secondary(_));
        self.note_origin(&issuance, origin);
        let bought = match issuance.kind {
            Kind::Stock => self.bought_stock(&issuance, is_secondary),
            Kind::Convertible => self.bought_convertible(&issuance, is_secondary),
            Kind::Warrant => self.bought_warrant(&issuance, is_secondary),
            Kind::Compensation => None,
        };
        let Some(bought) = bought else { return };
        if let Some(class) = bought.class {
            self.note_split_of_the_day(&issuance, class, date);
        }
        let class = bought.class;
        let part = self.holdings.add(Lot {
            id: security.to_owned(),
            instrument: bought.instrument,
            is_secondary,
            date,
            class,
            held: bought.acquired.clone(),
            acquired: bought.acquired,
            cost: bought.cost,
            price: bought.price,
            strike: bought.strike,
            conversion: None,
            transitions: Vec::new(),
            factor: BigRational::one(),
            emptied_on: None,
            sold_on: None,
            is_exercised: false,
            record: issuance.record,
        });
        self.come_about(&issuance, vec![part], class, date);
    }

    /// Warns of purchases that come from something else than a cheque or a sale.
    fn note_origin(&mut self, issuance: &Issuance<'v>, origin: Origin) {
        let place = issuance.record.place("security_id");
        match origin {
            Origin::Secondary(index) => {
                let Some(closing) = self.chain.closings.get(index) else { return };
                if closing.action == Action::Transfer {
                    return self.check_transferred(issuance, &closing.record);
                }
                let message = format!(
                    "comes from a security of another holder that was {}; read as bought from that holder",
                    closing.action.past()
                );
                self.notes.warn(place, issuance.security, message);
            }
            Origin::Primary if self.chain.made_by.contains_key(issuance.security) => {
                let message =
                    "comes of options or the like of employees; read as bought from the company at its share price";
                self.notes.warn(place, issuance.security, message);
            }
            Origin::Primary | Origin::Own => {}
        }
    }

    /// Notes that more was received than was transferred.
    fn check_transferred(&mut self, issuance: &Issuance<'v>, transfer: &Record<'v>) {
        let sizes = [transfer, &issuance.record].map(|record| amounts::number(record.field("quantity")?).ok());
        if let [Some(transferred), Some(received)] = sizes
            && received > transferred
        {
            let message = format!(
                "{} are received by {}, and only {} are transferred by it: the numbers do not add up",
                shown(&received),
                transfer.place(""),
                shown(&transferred)
            );
            self.notes.problem(issuance.record.place("quantity"), shown(&received), message);
        }
    }

    fn note_split_of_the_day(&mut self, issuance: &Issuance<'v>, class: &str, date: Date) {
        let is_split = |fact: &Fact<'_>| matches!(fact, Fact::Split { class: split, .. } if *split == class);
        let splits = self.chain.splits.iter().filter(|(record, _)| record.text("stock_class_id") == Some(class));
        let of_the_day = splits.filter(|(record, _)| record.text("date") == issuance.record.text("date")).count();
        let is_read = self.events.iter().any(|event| event.date == date && is_split(&event.fact));
        if of_the_day > 0 || is_read {
            let message = "was issued on the day of a split of its class; read as shares after the split";
            self.notes.warn(issuance.record.place("date"), date.to_string(), message);
        }
    }

    /// A count of shares above 0 that the document can hold; anything else is noted.
    pub(super) fn shares(&mut self, record: &Record<'v>, name: &str) -> Option<BigRational> {
        let wrong = match record.field(name).map(amounts::number) {
            None => "is required".to_owned(),
            Some(Err(message)) => message,
            Some(Ok(shares)) if !shares.is_positive() => "must be above 0".to_owned(),
            Some(Ok(shares)) if shares_text(&shares).is_none() => "has more than 8 decimals".to_owned(),
            Some(Ok(shares)) => return Some(shares),
        };
        self.notes.problem(record.place(name), record.shown(name), wrong);
        None
    }

    /// A monetary field; one that is wrong is noted and stands for nothing.
    pub(super) fn money(&mut self, record: &Record<'v>, name: &str) -> Option<Monetary<'v>> {
        match monetary(record, name) {
            Ok(money) => money,
            Err((column, message)) => {
                self.notes.problem(record.place(&column), record.shown(name), message);
                None
            }
        }
    }

    /// An amount in the fund's currency.
    pub(super) fn is_in_funds_currency(&self, money: &Monetary<'_>) -> bool {
        self.currency.is_none_or(|currency| currency == money.currency)
    }

    pub(super) fn currency_shown(&self) -> String {
        self.currency.unwrap_or("the fund's currency").to_owned()
    }

    fn bought_stock(&mut self, issuance: &Issuance<'v>, is_secondary: bool) -> Option<Bought<'v>> {
        let record = issuance.record;
        let class = self.class_of_stock(&record);
        let acquired = self.shares(&record, "quantity");
        let (class, acquired) = (class?, acquired?);
        let what = format!("{} shares of {}", shown(&acquired), self.classes.label(class));
        let (cost, price) = if is_secondary {
            (self.secondary_cost(issuance, &what), None)
        } else {
            self.primary_cost(issuance, &acquired, &what)
        };
        Some(Bought { instrument: Instrument::Equity, class: Some(class), acquired, cost, price, strike: None })
    }

    /// The class of a stock issuance, which should be one of the package.
    pub(super) fn class_of_stock(&mut self, record: &Record<'v>) -> Option<&'v str> {
        let Some(class) = record.text("stock_class_id") else {
            self.notes.problem(record.place("stock_class_id"), record.shown("stock_class_id"), "is required");
            return None;
        };
        if !self.classes.has(class) {
            self.notes.warn(
                record.place("stock_class_id"),
                class,
                "is no stock class of the package; the class is called by its id",
            );
        }
        Some(class)
    }

    /// Cost and price per share of shares that the company sold: the cost basis where there is one, or price times shares.
    fn primary_cost(
        &mut self,
        issuance: &Issuance<'v>,
        shares: &BigRational,
        what: &str,
    ) -> (Option<BigInt>, Option<String>) {
        let record = issuance.record;
        let (price, basis) = (self.money(&record, "share_price"), self.money(&record, "cost_basis"));
        let by_price = price.as_ref().map(|price| (&price.amount * shares, "share_price"));
        let by_basis = basis.as_ref().map(|basis| (basis.amount.clone(), "cost_basis"));
        let foreign = [&price, &basis].into_iter().flatten().find(|money| !self.is_in_funds_currency(money));
        if let Some(foreign) = foreign {
            let amount = by_basis.or(by_price).map(|(amount, _)| amount).unwrap_or_else(BigRational::zero);
            let said = format!("{what}, issued for {} {}", shown(&amount), foreign.currency);
            return (self.asked_cost(issuance, &said), None);
        }
        let Some((amount, column)) = by_basis.clone().or(by_price.clone()) else {
            return (self.asked_cost(issuance, what), None);
        };
        let cost = whole_cents(&amount, &record, column, &mut self.notes);
        let differs = by_basis.zip(by_price).filter(|((basis, _), (paid, _))| cents(basis).0 != cents(paid).0);
        if let Some(((basis, _), (paid, _))) = differs {
            let message = format!(
                "is not share price times quantity, which is {}; the cost basis of {} is read as the cost, and the price left out",
                shown(&paid),
                shown(&basis)
            );
            self.notes.warn(record.place("cost_basis"), shown(&basis), message);
            return (Some(cost), None);
        }
        (Some(cost), price.and_then(|price| price_text(&price.in_cents())))
    }

    /// What was paid to another holder, which no package holds.
    pub(super) fn secondary_cost(&mut self, issuance: &Issuance<'v>, what: &str) -> Option<BigInt> {
        let consideration = issuance.record.text("consideration_text");
        let said = consideration.map(|text| format!(" (the package says: {text})")).unwrap_or_default();
        self.asked_cost(issuance, &format!("{what}, bought from another holder{said}"))
    }

    pub(super) fn asked_cost(&mut self, issuance: &Issuance<'v>, what: &str) -> Option<BigInt> {
        let date = issuance.record.text("date").unwrap_or_default();
        let text = format!(
            "What did the fund pay, in {}, on {date} for {what}? Security {}",
            self.currency_shown(),
            issuance.security
        );
        let asked = Question {
            example: Some("150000.00".to_owned()),
            ..question(format!("ocf.cost.{}", issuance.security), text)
        };
        self.asking.cents(asked, &mut self.notes)
    }

    fn bought_convertible(&mut self, issuance: &Issuance<'v>, is_secondary: bool) -> Option<Bought<'v>> {
        let record = issuance.record;
        let instrument = match record.text("convertible_type") {
            Some("SAFE") => Instrument::Safe,
            Some("NOTE") => Instrument::Note,
            // A security of another name that converts is not debt: like a SAFE it has no interest that anyone promised.
            Some("CONVERTIBLE_SECURITY") => {
                self.notes.warn(record.place("convertible_type"), "CONVERTIBLE_SECURITY", "is read as a SAFE");
                Instrument::Safe
            }
            _ => {
                let message = "must be SAFE, NOTE or CONVERTIBLE_SECURITY";
                self.notes.problem(record.place("convertible_type"), record.shown("convertible_type"), message);
                return None;
            }
        };
        let invested = self.principal(&record)?;
        let what = format!("a convertible of {} {}", shown(&invested.amount), invested.currency);
        let cost = if is_secondary {
            self.secondary_cost(issuance, &what)
        } else if self.is_in_funds_currency(&invested) {
            Some(whole_cents(&invested.amount, &record, "investment_amount", &mut self.notes))
        } else {
            self.asked_cost(issuance, &what)
        };
        Some(Bought { instrument, class: None, acquired: invested.amount, cost, price: None, strike: None })
    }

    /// The principal of a convertible: above 0, and of at most 8 decimals.
    pub(super) fn principal(&mut self, record: &Record<'v>) -> Option<Monetary<'v>> {
        const AMOUNT: &str = "investment_amount";
        let before = self.notes.problems.len();
        let invested = self.money(record, AMOUNT);
        let right = |money: &Monetary<'_>| money.amount.is_positive() && shares_text(&money.amount).is_some();
        if let Some(invested) = invested.filter(right) {
            return Some(invested);
        }
        if self.notes.problems.len() == before {
            self.notes.problem(
                record.place(AMOUNT),
                record.shown(AMOUNT),
                "is required, above 0 and of at most 8 decimals",
            );
        }
        None
    }
}
