//! From the draft of a document to what the store imports.

use formats::draft::{Company, Draft, Lot, Reading};
use formats::{Problem, Problems};
use moic::quantity::parse_date;
use moic::{Cents, Price, Ratio, Shares};
use serde_json::{Map, Value};
use store::imports::{Incoming, IncomingCompany, IncomingInvestment, IncomingLot};
use store::lots::{Instrument, LotTerms};

use crate::fields;

/// Decimals of an ownership that is stored.
const OWNERSHIP_DECIMALS: u32 = 12;

/// What a reading without problems imports. What the legacy record cannot hold is a problem at its place.
pub(crate) fn incoming(reading: &mut Reading) -> Incoming {
    let mut problems = Problems::default();
    let companies = reading.draft.companies.iter().enumerate().map(|(position, company)| IncomingCompany {
        reference: company.id.clone(),
        name: company.name.clone(),
        sector: company.sector.clone(),
        stage: company.stage.clone(),
        lots: lots(company, position, reading, &mut problems),
        events: company.events.iter().map(event).collect(),
        exit_cases: company.exit_cases.clone(),
    });
    let incoming = Incoming { companies: companies.collect() };
    for (position, company) in reading.draft.companies.iter().enumerate() {
        let place = reading.places.get(&format!("companies[{position}]")).cloned().unwrap_or_default();
        let texts = [
            ("Company ID", Some(&company.id)),
            ("Company", company.name.as_ref()),
            ("Sector", company.sector.as_ref()),
            ("Stage", company.stage.as_ref()),
        ];
        for (column, text) in texts.into_iter().filter_map(|(column, text)| Some((column, text?))) {
            if let Err(message) = fields::name(text) {
                problems.push(Problem::new(place.in_column(column), text, message));
            }
        }
        for lot in &company.lots {
            if lot.id.chars().any(char::is_control) {
                problems.push(Problem::new(place.in_column("Lot ID"), &lot.id, "must not have control characters"));
            }
        }
    }
    reading.refuse(problems);
    incoming
}

fn lots(company: &Company, position: usize, reading: &Reading, problems: &mut Problems) -> Vec<IncomingLot> {
    let read = |(index, lot): (usize, &Lot)| match incoming_lot(lot) {
        Ok(lot) => Some(lot),
        Err((column, value, message)) => {
            let place =
                reading.places.get(&format!("companies[{position}].lots[{index}]")).cloned().unwrap_or_default();
            problems.push(Problem::new(place.in_column(column), value, message));
            None
        }
    };
    company.lots.iter().enumerate().filter_map(read).collect()
}

type Refused = (&'static str, String, String);

fn incoming_lot(lot: &Lot) -> Result<IncomingLot, Refused> {
    let refused = |column: &'static str, value: &Option<String>, message: String| {
        (column, value.clone().unwrap_or_else(|| "(absent)".to_owned()), message)
    };
    let parsed = |column, value: &Option<String>, parse: &dyn Fn(&str) -> Result<String, String>| match value.as_deref()
    {
        None => Ok(None),
        Some(text) => parse(text).map(Some).map_err(|message| refused(column, value, message)),
    };
    let word = |column, value: &Option<String>, default: &str| {
        value.clone().ok_or(()).or_else(|()| {
            if default.is_empty() {
                Err(refused(column, value, "is required".to_owned()))
            } else {
                Ok(default.to_owned())
            }
        })
    };
    let lot_type = word("Lot type", &lot.lot_type, "")?;
    let instrument = word("Instrument", &lot.instrument, Instrument::Equity.as_str())?;
    let purchase_date = word("Purchase date", &lot.purchase_date, "")?;
    let cost_cents = whole_cents("Cost", &lot.cost_basis_cents)?.unwrap_or(0);
    let terms = LotTerms {
        lot_type: lot_type.parse().map_err(|error| refused("Lot type", &lot.lot_type, format!("{error}")))?,
        instrument: instrument.parse().map_err(|error| refused("Instrument", &lot.instrument, format!("{error}")))?,
        share_class: lot.share_class.clone(),
        purchase_date: parse_date(&purchase_date)
            .map_err(|error| refused("Purchase date", &lot.purchase_date, error.to_string()))?,
        shares: parsed("Shares", &lot.shares_acquired, &shortest(Shares::parse))?,
        share_price_cents: parsed("Price per share", &lot.share_price_cents, &shortest(Price::parse))?,
        cost_cents,
        strike_cents: parsed("Strike", &lot.strike_cents, &shortest(Price::parse))?,
    };
    Ok(IncomingLot {
        reference: lot.id.clone(),
        terms,
        pricing_confidence: None,
        investment: IncomingInvestment::New {
            round: lot.cheque.round.clone().or_else(|| lot.share_class.clone()).unwrap_or(instrument),
            ownership: parsed("Ownership", &lot.cheque.ownership, &ownership)?,
            post_money_valuation_cents: whole_cents("Post-money valuation", &lot.cheque.post_money_valuation_cents)?,
        },
    })
}

fn shortest<T: std::fmt::Display, E: std::fmt::Display>(
    parse: impl Fn(&str) -> Result<T, E>,
) -> impl Fn(&str) -> Result<String, String> {
    move |text| parse(text).map(|value| value.to_string()).map_err(|error| error.to_string())
}

fn ownership(text: &str) -> Result<String, String> {
    let ratio = Ratio::parse_probability(text).map_err(|_| "must be from 0 to 1, or from 0% to 100%".to_owned())?;
    let decimal = ratio.to_decimal(OWNERSHIP_DECIMALS);
    // In shortest form, as it is stored.
    Ok(decimal.trim_end_matches('0').trim_end_matches('.').to_owned())
}

fn whole_cents(column: &'static str, value: &Option<String>) -> Result<Option<i64>, Refused> {
    let Some(text) = value else { return Ok(None) };
    let refused = |message: String| (column, text.clone(), message);
    let cents = Cents::parse(text).map_err(|error| refused(error.to_string()))?;
    let whole = cents.as_whole().and_then(|cents| i64::try_from(cents).ok());
    whole.map(Some).ok_or_else(|| refused("is too large".to_owned()))
}

/// An event as one object: what it says beside its type and date, and these.
fn event(event: &formats::draft::Event) -> Map<String, Value> {
    let mut fields = event.fields.clone();
    fields.insert("type".to_owned(), Value::String(event.event_type.clone()));
    fields.insert("date".to_owned(), Value::String(event.date.clone()));
    fields
}

/// A stored fund as a draft again: events with type and date first, companies and lots called as files call them.
pub(crate) fn draft_of(facts: &store::portfolio::Facts, references: &store::imports::References) -> Draft {
    let policy = facts.policy.as_deref().and_then(|policy| serde_json::from_str(policy).ok());
    let companies = facts.companies.iter().map(|company| {
        let name_of = |lot: &str| lot.parse().map_or_else(|_| lot.to_owned(), |id| references.lot(id));
        let renamed = |body: &str| -> Map<String, Value> {
            let fields: Map<String, Value> = serde_json::from_str(body).unwrap_or_default();
            store::imports::with_lots_renamed(&fields, name_of)
        };
        let cases = company.exit_cases.as_deref().map(|cases| {
            let cases: Vec<Map<String, Value>> = serde_json::from_str(cases).unwrap_or_default();
            cases.iter().map(|case| Value::Object(store::imports::with_lots_renamed(case, name_of))).collect()
        });
        Company {
            id: references.company(company.id),
            name: Some(company.name.clone()),
            sector: company.sector.clone(),
            stage: company.stage.clone(),
            lots: company.lots.iter().map(|(id, terms)| lot_of(references.lot(*id), terms)).collect(),
            events: company.events.iter().map(|(_, date, body)| event_of(*date, renamed(body))).collect(),
            exit_cases: cases,
        }
    });
    Draft { as_of: None, currency: Some(facts.currency.clone()), policy, companies: companies.collect() }
}

fn lot_of(id: String, terms: &LotTerms) -> Lot {
    Lot {
        id,
        lot_type: Some(terms.lot_type.to_string()),
        instrument: Some(terms.instrument.to_string()),
        share_class: terms.share_class.clone(),
        purchase_date: Some(terms.purchase_date.to_string()),
        shares_acquired: terms.shares.clone(),
        share_price_cents: terms.share_price_cents.clone(),
        cost_basis_cents: Some(terms.cost_cents.to_string()),
        strike_cents: terms.strike_cents.clone(),
        cheque: formats::draft::Cheque::default(),
    }
}

fn event_of(date: jiff::civil::Date, mut fields: Map<String, Value>) -> formats::draft::Event {
    let event_type = fields.remove("type");
    fields.remove("date");
    let event_type = event_type.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned();
    formats::draft::Event { event_type, date: date.to_string(), fields }
}
