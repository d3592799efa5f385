//! The demo fund: `examples/demo-fund.json` written through the store, with the legacy record of each cheque beside it.
//!
//! The document has no ownership and no post-money valuation, which the legacy MOIC is made of. They follow from its
//! prices: the first cheque is taken to have bought [`FIRST_CHEQUE_OWNERSHIP`] of the company's fully diluted shares,
//! splits multiply these, and each later round adds [`SHARES_ADDED_BY_ROUND`] to them. A SAFE or note is recorded as
//! [`CONVERTIBLE_OWNERSHIP`], as funds do with its cap; a warrant buys no ownership yet.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use moic::quantity::parse_date;
use moic::{Cents, Price, Ratio, Shares};
use serde_json::Value;
use store::companies::{self, NewCompany};
use store::events::{self, NewEvent};
use store::funds::{self, NewFund};
use store::investments::{self, NewInvestment};
use store::lots::{self, Instrument, LotTerms, NewLot};
use store::{CompanyId, EventId, FundId, LotId, StoreError, Transaction, exit_cases, ids};

const DOCUMENT: &str = include_str!("../../../../../examples/demo-fund.json");
/// Part of a company that its first cheque bought.
const FIRST_CHEQUE_OWNERSHIP: &str = "3/25";
/// Fully diluted shares after a round over those before it.
const SHARES_ADDED_BY_ROUND: &str = "6/5";
/// Part of a company that a SAFE or note is recorded as.
const CONVERTIBLE_OWNERSHIP: &str = "1/20";
/// Decimals of an ownership.
const OWNERSHIP_DECIMALS: u32 = 6;

/// Writes the fund.
pub fn fund(tx: &mut Transaction<'_>, now: Timestamp) -> Result<(), StoreError> {
    let document: Value = serde_json::from_str(DOCUMENT).map_err(|error| unreadable(&error.to_string()))?;
    let fund = funds::create(
        tx,
        &NewFund {
            name: "Cedar Ridge Ventures II".to_owned(),
            currency: text(&document, "currency")?.to_owned(),
            vintage_year: Some(2019),
            committed_cents: Some(15_000_000_000),
            policy: document.get("policy").map(Value::to_string),
        },
        now,
    )?;
    for company in array(&document, "companies") {
        write_company(tx, fund.id, company, now)?;
    }
    Ok(())
}

fn write_company(tx: &mut Transaction<'_>, fund: FundId, company: &Value, now: Timestamp) -> Result<(), StoreError> {
    let label = |name: &str| company.get(name).and_then(Value::as_str).map(str::to_owned);
    let new = NewCompany {
        name: text(company, "name")?.to_owned(),
        sector: label("sector"),
        stage: label("stage"),
        status: "active".to_owned(),
    };
    let id = companies::create(tx, fund, &new, now)?.id;
    let lot_ids = write_lots(tx, fund, id, company, now)?;
    let mut new_events = Vec::new();
    for event in array(company, "events") {
        let body = with_lot_ids(event, &lot_ids).to_string();
        new_events.push(NewEvent { id: EventId(ids::uuid_v7(now)?), body });
    }
    events::add_all(tx, fund, id, &new_events, now)?;
    let cases: Vec<Value> = array(company, "exitCases").iter().map(|case| with_lot_ids(case, &lot_ids)).collect();
    exit_cases::replace(tx, fund, id, 0, &Value::Array(cases).to_string(), now)?;
    Ok(())
}

/// Writes the lots, each with the investment it was bought with; answers the stored id of each id in the document.
fn write_lots(
    tx: &mut Transaction<'_>,
    fund: FundId,
    company_id: CompanyId,
    company: &Value,
    now: Timestamp,
) -> Result<BTreeMap<String, LotId>, StoreError> {
    let mut stored = BTreeMap::new();
    let mut capitalisation = Capitalisation::default();
    for lot in array(company, "lots") {
        let id = text(lot, "id")?;
        let terms = terms(lot)?;
        let round = capitalisation.round_of(&terms, company);
        let investment = NewInvestment {
            company_id,
            round: round_name(id),
            investment_date: terms.purchase_date,
            amount_cents: terms.cost_cents,
            ownership: round.as_ref().map(|round| round.ownership.clone()),
            post_money_valuation_cents: round.and_then(|round| round.post_money_cents),
        };
        let investment_id = investments::create(tx, fund, &investment, now)?.id;
        let lot_id = LotId(ids::uuid_v7(now)?);
        lots::create(tx, fund, &NewLot { id: lot_id, investment_id, terms }, now)?;
        stored.insert(id.to_owned(), lot_id);
    }
    Ok(stored)
}

fn terms(lot: &Value) -> Result<LotTerms, StoreError> {
    let optional = |name: &str| lot.get(name).and_then(Value::as_str).map(str::to_owned);
    let word = |name: &str, default: &'static str| optional(name).unwrap_or_else(|| default.to_owned());
    Ok(LotTerms {
        lot_type: text(lot, "lotType")?.parse().map_err(|_| unreadable("lotType"))?,
        instrument: word("instrument", "equity").parse().map_err(|_| unreadable("instrument"))?,
        share_class: optional("shareClass"),
        purchase_date: date(lot, "purchaseDate")?,
        shares: optional("sharesAcquired"),
        share_price_cents: optional("sharePriceCents"),
        cost_cents: text(lot, "costBasisCents")?.parse().map_err(|_| unreadable("costBasisCents"))?,
        strike_cents: optional("strikeCents"),
    })
}

/// What the legacy record says about a round.
struct Round {
    ownership: String,
    post_money_cents: Option<i64>,
}

/// The company's fully diluted shares as the rounds go by.
#[derive(Default)]
struct Capitalisation {
    /// Shares after the last round, and its date.
    last: Option<(Shares, Date)>,
}

impl Capitalisation {
    fn round_of(&mut self, terms: &LotTerms, company: &Value) -> Option<Round> {
        match terms.instrument {
            Instrument::Equity => self.priced_round(terms, company),
            Instrument::Warrant => Some(Round { ownership: "0".to_owned(), post_money_cents: None }),
            Instrument::Safe | Instrument::Note => {
                let ownership = Ratio::parse(CONVERTIBLE_OWNERSHIP).ok()?;
                let valuation =
                    Cents::parse(&terms.cost_cents.to_string()).ok()?.scaled(&Ratio::ONE.share_of(&ownership)?);
                Some(Round {
                    ownership: ownership.to_decimal(OWNERSHIP_DECIMALS),
                    post_money_cents: whole_cents(&valuation),
                })
            }
        }
    }

    /// `None` for a lot whose price is not known.
    fn priced_round(&mut self, terms: &LotTerms, company: &Value) -> Option<Round> {
        let shares = Shares::parse(terms.shares.as_deref()?).ok()?;
        let price = Price::parse(terms.share_price_cents.as_deref()?).ok()?;
        let diluted = match &self.last {
            None => shares.scaled(&Ratio::ONE.share_of(&Ratio::parse(FIRST_CHEQUE_OWNERSHIP).ok()?)?),
            Some((before, date)) => {
                let mut diluted = before.scaled(&Ratio::parse(SHARES_ADDED_BY_ROUND).ok()?);
                for ratio in splits_between(company, *date, terms.purchase_date) {
                    diluted = diluted.scaled(&ratio);
                }
                diluted
            }
        };
        let ownership = shares.share_of(&diluted)?.to_decimal(OWNERSHIP_DECIMALS);
        let post_money_cents = whole_cents(&diluted.at(&price));
        self.last = Some((diluted, terms.purchase_date));
        Some(Round { ownership, post_money_cents })
    }
}

fn whole_cents(amount: &Cents) -> Option<i64> {
    i64::try_from(amount.rounded_to_cents().as_whole()?).ok()
}

fn splits_between(company: &Value, after: Date, until: Date) -> Vec<Ratio> {
    let splits =
        array(company, "events").iter().filter(|event| event.get("type").and_then(Value::as_str) == Some("split"));
    splits
        .filter(|event| date(event, "date").is_ok_and(|date| after < date && date <= until))
        .filter_map(|event| {
            let side = |name: &str| event.get(name).and_then(Value::as_i64);
            Ratio::parse(&format!("{}/{}", side("numerator")?, side("denominator")?)).ok()
        })
        .collect()
}

/// `series-a` is written `Series A`.
fn round_name(lot: &str) -> String {
    let words = lot.split('-').map(|word| {
        let mut letters = word.chars();
        let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
        first + letters.as_str()
    });
    words.collect::<Vec<_>>().join(" ")
}

/// The same event or exit case with lots named by their stored ids.
fn with_lot_ids(value: &Value, lots: &BTreeMap<String, LotId>) -> Value {
    let stored = |id: &str| lots.get(id).map_or_else(|| id.to_owned(), LotId::to_string);
    let Value::Object(fields) = value else { return value.clone() };
    let fields = fields.iter().map(|(name, value)| {
        let value = match (name.as_str(), value) {
            ("lot", Value::String(id)) => Value::String(stored(id)),
            ("lots" | "allocation" | "lotProceedsCents", Value::Object(by_lot)) => {
                by_lot.iter().map(|(id, value)| (stored(id), value.clone())).collect()
            }
            _ => value.clone(),
        };
        (name.clone(), value)
    });
    fields.collect()
}

fn text<'v>(value: &'v Value, name: &str) -> Result<&'v str, StoreError> {
    value.get(name).and_then(Value::as_str).ok_or_else(|| unreadable(name))
}

fn date(value: &Value, name: &str) -> Result<Date, StoreError> {
    parse_date(text(value, name)?).map_err(|_| unreadable(name))
}

fn array<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The document is part of the binary and a test loads it, so this is never seen.
fn unreadable(what: &str) -> StoreError {
    StoreError::Internal(format!("the demo fund in this binary cannot be read: {what}"))
}
