//! The canonical form of the inputs and its SHA-256: what makes two documents the same.
//!
//! Every field is written in a fixed order with its length or a tag before it, so that no two different inputs have the
//! same bytes. Companies are hashed one by one and the fund's hash is over their digests.

use jiff::civil::Date;
use sha2::{Digest as _, Sha256};

use crate::document::case::ExitCase;
use crate::document::company::Company;
use crate::document::event::{Fact, Recipients, ReliefChoice};
use crate::document::labels::{ClassIndex, LotIndex};
use crate::document::lot::Lot;
use crate::document::{Instrument, LotType, Policy, Relief, SecondaryBucket, UnpricedConvertible};
use crate::exact::Exact;

/// SHA-256 of a company's canonical form.
pub(crate) type Digest = [u8; 32];

/// Changes with the canonical form, so that hashes of different forms are never mixed up.
const FORM: &str = "lotwise portfolio, canonical form 1";

pub(crate) fn fund_hash(as_of: Date, currency: Option<&str>, policy: &Policy, companies: &[Digest]) -> String {
    let mut form = Form::default();
    form.text(FORM);
    form.date(as_of);
    form.optional_text(currency);
    form.policy(policy);
    form.count(companies.len());
    let mut hasher = Sha256::new();
    hasher.update(&form.bytes);
    for digest in companies {
        hasher.update(digest);
    }
    let mut text = String::from("sha256:");
    for byte in hasher.finalize() {
        for nibble in [byte >> 4, byte & 0xf] {
            text.extend(char::from_digit(u32::from(nibble), 16));
        }
    }
    text
}

pub(crate) fn company_digest(company: &Company) -> Digest {
    let mut form = Form::default();
    form.text(&company.id);
    for label in [&company.name, &company.sector, &company.stage] {
        form.optional_text(label.as_deref());
    }
    form.count(company.lots.len());
    for lot in &company.lots {
        form.lot(company, lot);
    }
    form.count(company.events.len());
    for event in &company.events {
        form.date(event.date);
        form.fact(company, &event.fact);
    }
    form.count(company.cases.len());
    for case in &company.cases {
        form.case(company, case);
    }
    Sha256::digest(&form.bytes).into()
}

/// Bytes being written.
#[derive(Default)]
struct Form {
    bytes: Vec<u8>,
}

impl Form {
    fn tag(&mut self, tag: u8) {
        self.bytes.push(tag);
    }

    fn count(&mut self, count: usize) {
        self.bytes.extend_from_slice(&u64::try_from(count).unwrap_or(u64::MAX).to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.count(text.len());
        self.bytes.extend_from_slice(text.as_bytes());
    }

    fn optional_text(&mut self, text: Option<&str>) {
        self.tag(text.is_some().into());
        self.text(text.unwrap_or(""));
    }

    fn date(&mut self, date: Date) {
        self.bytes.extend_from_slice(&date.year().to_le_bytes());
        self.bytes.extend_from_slice(&date.month().to_le_bytes());
        self.bytes.extend_from_slice(&date.day().to_le_bytes());
    }

    fn exact(&mut self, value: &Exact) {
        match value.as_integer() {
            Some(value) => {
                self.tag(0);
                self.bytes.extend_from_slice(&value.to_le_bytes());
            }
            None => {
                let (numerator, denominator) = value.canonical();
                self.tag(1);
                self.text(&numerator);
                self.text(&denominator);
            }
        }
    }

    fn optional(&mut self, value: Option<&Exact>) {
        self.tag(value.is_some().into());
        self.exact(value.unwrap_or(&Exact::ZERO));
    }

    fn class(&mut self, company: &Company, class: Option<ClassIndex>) {
        self.optional_text(class.and_then(|class| company.classes.get(class.position())).map(|label| &**label));
    }

    fn lot_id(&mut self, company: &Company, lot: LotIndex) {
        self.text(company.lot_id(lot));
    }

    fn policy(&mut self, policy: &Policy) {
        self.relief(policy.lot_relief);
        self.tag(match policy.secondary_bucket {
            SecondaryBucket::ByPosition => 0,
            SecondaryBucket::FollowOn => 1,
            SecondaryBucket::Separate => 2,
        });
        self.tag(match policy.unpriced_convertible {
            UnpricedConvertible::Cost => 0,
            UnpricedConvertible::Null => 1,
        });
        self.tag(policy.exclude_unpriced.into());
    }

    fn relief(&mut self, relief: Relief) {
        self.tag(match relief {
            Relief::Specific => 0,
            Relief::Fifo => 1,
            Relief::Lifo => 2,
            Relief::Hifo => 3,
            Relief::ProRata => 4,
        });
    }

    fn lot_type(&mut self, lot_type: LotType) {
        self.tag(match lot_type {
            LotType::Initial => 0,
            LotType::FollowOn => 1,
            LotType::Secondary => 2,
        });
    }

    fn lot(&mut self, company: &Company, lot: &Lot) {
        self.text(&lot.id);
        self.lot_type(lot.lot_type);
        self.tag(match lot.instrument {
            Instrument::Equity => 0,
            Instrument::Safe => 1,
            Instrument::Note => 2,
            Instrument::Warrant => 3,
        });
        self.class(company, lot.class);
        self.date(lot.purchase_date);
        self.exact(&lot.shares.0);
        self.optional(lot.price.as_ref().map(|price| &price.0));
        self.exact(&lot.cost.0);
        self.optional(lot.strike.as_ref().map(|strike| &strike.0));
    }

    fn fact(&mut self, company: &Company, fact: &Fact) {
        match fact {
            Fact::Mark { class, price, fx_rate, value_per_share: _ } => {
                self.tag(0);
                self.class(company, Some(*class));
                self.exact(&price.0);
                self.exact(&fx_rate.0);
            }
            Fact::LotMark { lot, value } => {
                self.tag(1);
                self.lot_id(company, *lot);
                self.exact(&value.0);
            }
            Fact::Split { class, ratio, inverse: _ } => {
                self.tag(2);
                self.class(company, Some(*class));
                self.exact(&ratio.0);
            }
            Fact::ClassConversion { from, to, ratio, inverse: _ } => {
                self.tag(3);
                self.class(company, Some(*from));
                self.class(company, Some(*to));
                self.exact(&ratio.0);
            }
            Fact::LotConversion { lot, to, shares } => {
                self.tag(4);
                self.lot_id(company, *lot);
                self.class(company, Some(*to));
                self.exact(&shares.0);
            }
            Fact::Exercise { lot, new_lot, lot_type, cash } => {
                self.tag(5);
                self.lot_id(company, *lot);
                self.lot_id(company, *new_lot);
                self.lot_type(*lot_type);
                self.exact(&cash.0);
            }
            Fact::Distribution { to, amount } => self.distribution(company, to, &amount.0),
            Fact::Disposal { class, shares, proceeds, relief } => {
                self.tag(7);
                self.class(company, *class);
                self.exact(&shares.0);
                self.exact(&proceeds.0);
                self.relief_choice(company, relief);
            }
            Fact::Receivable { id, carrying, allocation } => {
                self.tag(8);
                self.optional_text(id.as_deref());
                self.exact(&carrying.0);
                self.count(allocation.len());
                for (lot, weight) in allocation {
                    self.lot_id(company, *lot);
                    self.exact(&weight.0);
                }
            }
        }
    }

    fn distribution(&mut self, company: &Company, to: &Recipients, amount: &Exact) {
        self.tag(6);
        match to {
            Recipients::Class(class) => {
                self.tag(0);
                self.class(company, Some(*class));
            }
            Recipients::Lot(lot) => {
                self.tag(1);
                self.lot_id(company, *lot);
            }
        }
        self.exact(amount);
    }

    fn relief_choice(&mut self, company: &Company, relief: &ReliefChoice) {
        match relief {
            ReliefChoice::Policy => self.tag(0),
            ReliefChoice::Method(method) => {
                self.tag(1);
                self.relief(*method);
            }
            ReliefChoice::Lots(lots) => {
                self.tag(2);
                self.count(lots.len());
                for (lot, shares) in lots {
                    self.lot_id(company, *lot);
                    self.exact(&shares.0);
                }
            }
        }
    }

    fn case(&mut self, company: &Company, case: &ExitCase) {
        self.text(&case.id);
        self.exact(&case.probability.0);
        // A JSON object has no order, and class indices follow the order of writing: sort by label.
        let label_of = |class: ClassIndex| company.classes.get(class.position());
        let mut prices: Vec<_> = case.prices.iter().map(|(class, price)| (label_of(*class), price)).collect();
        prices.sort_unstable_by_key(|(label, _)| *label);
        self.count(prices.len());
        for (label, price) in prices {
            self.optional_text(label.map(|label| &**label));
            self.exact(&price.0);
        }
        self.count(case.lot_proceeds.len());
        for (lot, proceeds) in &case.lot_proceeds {
            self.lot_id(company, *lot);
            self.exact(&proceeds.0);
        }
        self.count(case.reserves.len());
        for reserve in &case.reserves {
            self.text(&reserve.id);
            self.exact(&reserve.amount.0);
            self.class(company, reserve.class);
            self.optional(reserve.price.as_ref().map(|price| &price.0));
            self.optional(reserve.exit_proceeds.as_ref().map(|proceeds| &proceeds.0));
            self.exact(&reserve.deploy_probability.0);
        }
    }
}
