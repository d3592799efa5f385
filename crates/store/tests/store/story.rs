//! The people and things of the stories.

use jiff::{SignedDuration, Timestamp, civil::Date};
use store::{
    CompanyId, EventId, FundId, InvestmentId, LotId, SnapshotId, StoreError, Transaction,
    companies::{self, NewCompany},
    events::{self, Event, NewEvent},
    funds::{self, NewFund},
    ids,
    investments::{self, NewInvestment},
    lots::{self, Instrument, Lot, LotTerms, LotType, NewLot},
    snapshots::{self, NewSnapshot, Snapshot},
};

/// The instant `seconds` after the stories begin.
pub fn at(seconds: i64) -> Timestamp {
    let start: Timestamp = "2024-06-01T12:00:00Z".parse().expect("an instant");
    start + SignedDuration::from_secs(seconds)
}

pub fn date(text: &str) -> Date {
    text.parse().expect("a date")
}

/// A fund with one company and one investment in it.
#[derive(Clone, Copy, Debug)]
pub struct Position {
    pub fund: FundId,
    pub company: CompanyId,
    pub investment: InvestmentId,
}

pub fn new_fund(name: &str) -> NewFund {
    NewFund {
        name: name.to_owned(),
        currency: "USD".to_owned(),
        vintage_year: Some(2021),
        committed_cents: Some(10_000_000_000),
        policy: None,
    }
}

pub fn new_company(name: &str) -> NewCompany {
    NewCompany {
        name: name.to_owned(),
        sector: Some("Fintech".to_owned()),
        stage: Some("Seed".to_owned()),
        status: "active".to_owned(),
    }
}

pub fn new_investment(company_id: CompanyId) -> NewInvestment {
    NewInvestment {
        company_id,
        round: "Seed".to_owned(),
        investment_date: date("2022-01-31"),
        amount_cents: 150_000_000,
        ownership: Some("0.15".to_owned()),
        post_money_valuation_cents: Some(1_000_000_000),
    }
}

pub fn position(tx: &mut Transaction<'_>, now: Timestamp) -> Result<Position, StoreError> {
    let fund = funds::create(tx, &new_fund("Fund I"), now)?.id;
    position_in(tx, fund, "AlphaTech", now)
}

pub fn position_in(tx: &mut Transaction<'_>, fund: FundId, name: &str, now: Timestamp) -> Result<Position, StoreError> {
    let company = companies::create(tx, fund, &new_company(name), now)?.id;
    let investment = investments::create(tx, fund, &new_investment(company), now)?.id;
    Ok(Position { fund, company, investment })
}

/// 1,000 preferred shares at 250 cents.
pub fn equity() -> LotTerms {
    LotTerms {
        lot_type: LotType::Initial,
        instrument: Instrument::Equity,
        share_class: Some("PS".to_owned()),
        purchase_date: date("2022-01-31"),
        shares: Some("1000".to_owned()),
        share_price_cents: Some("250".to_owned()),
        cost_cents: 250_000,
        strike_cents: None,
    }
}

pub fn new_lot(investment_id: InvestmentId, terms: LotTerms, now: Timestamp) -> Result<NewLot, StoreError> {
    Ok(NewLot { id: LotId(ids::uuid_v7(now)?), investment_id, terms })
}

pub fn lot(tx: &mut Transaction<'_>, position: Position, now: Timestamp) -> Result<Lot, StoreError> {
    lots::create(tx, position.fund, &new_lot(position.investment, equity(), now)?, now)
}

pub fn new_event(body: &str, now: Timestamp) -> Result<NewEvent, StoreError> {
    Ok(NewEvent { id: EventId(ids::uuid_v7(now)?), body: body.to_owned() })
}

pub fn event(tx: &mut Transaction<'_>, position: Position, body: &str, now: Timestamp) -> Result<Event, StoreError> {
    events::add(tx, position.fund, position.company, &new_event(body, now)?, now)
}

pub fn mark(price: &str, day: &str) -> String {
    format!(r#"{{"type":"mark","date":"{day}","shareClass":"PS","sharePriceCents":"{price}"}}"#)
}

pub fn snapshot(tx: &mut Transaction<'_>, fund_id: FundId, now: Timestamp) -> Result<Snapshot, StoreError> {
    let id = SnapshotId(ids::uuid_v7(now)?);
    let new = NewSnapshot { id, fund_id, name: "Quarter end".to_owned(), as_of: date("2024-03-31"), known_at: None };
    snapshots::create(tx, &new, now)
}
