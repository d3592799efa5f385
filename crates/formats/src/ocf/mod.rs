//! Open Cap Table Format: the fund's part of a company's cap table, out of a package of that format.
//!
//! A package is one company and everybody's securities. Which stakeholder is the fund is asked; its securities become lots,
//! and what happened to them events. Securities that come from others (by a transfer, a conversion, a balance, a new
//! certificate) are followed and never counted as another purchase.
//!
//! `docs/reference/open-cap-table.md` says what becomes what, what is asked and what cannot be represented.

mod amounts;
mod asking;
mod chain;
mod classes;
mod closing;
mod contents;
mod document;
mod ending;
mod exercise;
mod holdings;
mod labels;
mod ledger;
mod money;
mod package;
mod purchase;
mod record;
mod warrant;

use std::collections::BTreeSet;

pub use amounts::NUMBER_LENGTH_MAX;
pub use contents::OBJECTS_MAX;
pub use ledger::SPLITS_MAX;
pub use package::{FILE_BYTES_MAX, FILE_NAME_LENGTH_MAX, PACKAGE_BYTES_MAX, PACKAGE_FILES_MAX, Package, PackageError};
pub use record::{JSON_DEPTH_MAX, JSON_VALUES_MAX, NOTES_MAX};

use crate::draft::{Answers, Company, Draft, Reading};
use asking::Asking;
use chain::{Chain, Kind};
use classes::Classes;
use contents::Contents;
use ledger::Ledger;
use record::{Notes, Record};

/// Reads a package: its company with the fund's lots and events, as far as the answers allow.
///
/// The reading has a problem for everything that makes the fund's part wrong, a warning for what is read in one of several
/// ways or not at all, and a question for what no package holds. What goes on between others is not judged.
#[must_use]
pub fn read(package: &Package, answers: &Answers) -> Reading {
    let mut notes = Notes::default();
    let mut asking = Asking::new(answers);
    let sources = record::parse(package.files(), &mut notes);
    contents::no_manifest(&sources, &mut notes);
    let contents = Contents::of(&sources, &mut notes);
    let mut reading = Reading::default();
    let Some(issuer) = contents.issuer else {
        reading.problems = notes.problems;
        reading.warnings = notes.warnings;
        return reading;
    };
    let mut company = company(&issuer, &mut notes);
    reading.places.insert("companies[0]".to_owned(), issuer.place(""));
    reading.places.insert("companies[0].name".to_owned(), issuer.place("legal_name"));
    warn_of_valuations(&contents.valuations, &mut notes);

    let chain = Chain::of(&contents.transactions);
    let classes = Classes::of(&contents.classes);
    if let Some(vehicles) = classes::vehicles(&contents.stakeholders, &chain, &mut asking, &mut notes) {
        let currency = money::currency(&chain, &vehicles, &mut asking, &mut notes);
        let mut ledger = Ledger::new(&chain, &vehicles, &classes, currency.as_deref(), asking, notes);
        ledger.replay();
        let written;
        (written, asking, notes) = document::write(ledger, &contents.rounds());
        warn_of_unread(&chain, &vehicles, &mut notes);
        asking.warn_of_unused(&mut notes);
        company.lots = written.lots;
        company.events = written.events;
        let placed = written.places.into_iter().map(|(path, place)| (format!("companies[0].{path}"), place));
        reading.places.extend(placed);
        reading.draft.currency = currency;
    }
    reading.draft = Draft { companies: vec![company], ..reading.draft };
    reading.problems = notes.problems;
    reading.warnings = notes.warnings;
    reading.questions = asking.open;
    reading
}

fn company(issuer: &Record<'_>, notes: &mut Notes) -> Company {
    let name = issuer.text("legal_name").or_else(|| issuer.text("dba"));
    if name.is_none() {
        notes.warn(issuer.place("legal_name"), issuer.shown("legal_name"), "the company has no name");
    }
    let id = issuer.text("id").or(name);
    if id.is_none() {
        notes.problem(issuer.place("id"), issuer.shown("id"), "is required: the company is known by it");
    }
    Company { id: id.unwrap_or_default().to_owned(), name: name.map(str::to_owned), ..Company::default() }
}

fn warn_of_valuations(valuations: &[Record<'_>], notes: &mut Notes) {
    for valuation in valuations {
        let kind = valuation.text("valuation_type").unwrap_or_default();
        let message = "is what the company values its common stock at for tax, and no mark of the fund's: not read";
        notes.warn(valuation.place("valuation_type"), kind, message);
    }
}

/// Warns of what is not read although it is about the fund's securities, and of objects that the reader does not know.
fn warn_of_unread(chain: &Chain<'_>, vehicles: &BTreeSet<&str>, notes: &mut Notes) {
    let own: BTreeSet<&str> = chain
        .issuances
        .values()
        .filter(|issuance| vehicles.contains(issuance.holder))
        .map(|issuance| issuance.security)
        .collect();
    let classes: BTreeSet<&str> =
        own.iter().filter_map(|security| chain.issuances.get(security)?.record.text("stock_class_id")).collect();
    for issuance in chain.issuances.values() {
        if issuance.kind == Kind::Compensation && vehicles.contains(issuance.holder) {
            let message = "the fund has options or the like of employees, which are no purchase: not read";
            notes.warn(issuance.record.place("stakeholder_id"), issuance.security, message);
        }
    }
    for adjustment in &chain.ratio_adjustments {
        if let Some(class) = adjustment.text("stock_class_id").filter(|class| classes.contains(class)) {
            let message = "changes what the fund's shares of this class convert into: the number of shares is read from the \
                           conversion when it comes";
            notes.warn(adjustment.place("stock_class_id"), class, message);
        }
    }
    for unknown in &chain.unknown {
        warn_of_unknown(unknown, &own, vehicles, &classes, notes);
    }
}

fn warn_of_unknown(
    unknown: &Record<'_>,
    own: &BTreeSet<&str>,
    vehicles: &BTreeSet<&str>,
    classes: &BTreeSet<&str>,
    notes: &mut Notes,
) {
    const SECURITIES: [&str; 4] = ["security_id", "balance_security_id", "resulting_security_id", "parent_security_id"];
    const MANY: [&str; 2] = ["security_ids", "resulting_security_ids"];
    let is_own = |security: &&str| own.contains(*security);
    let touches = SECURITIES.iter().filter_map(|name| unknown.text(name)).any(|security| is_own(&security))
        || MANY.iter().flat_map(|name| unknown.texts(name)).any(|security| is_own(&security))
        || unknown.text("stakeholder_id").is_some_and(|holder| vehicles.contains(holder))
        || unknown.text("stock_class_id").is_some_and(|class| classes.contains(class));
    let object_type = unknown.object_type();
    if touches {
        let message =
            "is not read, and it is about the fund: look at it and add to the document by hand what follows from it";
        notes.warn(unknown.place("object_type"), object_type, message);
    } else if !object_type.starts_with("TX_VESTING_") && object_type != "TX_EQUITY_COMPENSATION_REPRICING" {
        notes.warn(
            unknown.place("object_type"),
            object_type,
            "is no type that this reader knows: not read; it names nothing of the fund's",
        );
    }
}
