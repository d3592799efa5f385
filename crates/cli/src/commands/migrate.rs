//! `lotwise migrate lots`: legacy investments into lots, looked at first.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Subcommand;
use formats::neutralised;
use jiff::civil::Date;
use moic::quantity::{Shares, parse_date};
use serde_json::{Map, Value, json};

use super::import::{LOTS, count_of};
use crate::api_client::{ApiClient, segment};
use crate::failure::Failure;
use crate::output;
use crate::place::Place;
use crate::terminal::{shown, write_table};

/// Make lots of what a fund has recorded before it had lots
#[derive(clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Lots(Lots),
}

/// Derive lots from the amounts, valuations and ownerships of legacy investments; without --apply it only tells what would
/// become of each
#[derive(clap::Args)]
struct Lots {
    /// Number of the fund
    #[arg(long, value_name = "ID")]
    fund: i64,
    /// Only tell what would become of each investment, which is what happens without --apply, too
    #[arg(long, conflicts_with_all = ["apply", "undo"])]
    dry_run: bool,
    /// Write the lots: all that can be made, in one transaction
    #[arg(long, conflicts_with = "undo")]
    apply: bool,
    /// Take a migration back: the last one, or this import
    #[arg(long, value_name = "IMPORT", num_args = 0..=1, default_missing_value = "last")]
    undo: Option<String>,
    /// Fully diluted shares of a company after its rounds, confirmed by you: COMPANY=SHARES, or COMPANY@DATE=SHARES from a
    /// date on
    #[arg(long = "shares", value_name = "COMPANY[@DATE]=SHARES", value_parser = company_shares)]
    shares: Vec<(i64, Date, String)>,
    /// Fully diluted shares after the round of one investment: INVESTMENT=SHARES
    #[arg(long = "investment-shares", value_name = "INVESTMENT=SHARES", value_parser = investment_shares)]
    investment_shares: Vec<(i64, String)>,
    /// Share class of the lots of a round: ROUND=CLASS; otherwise the class is called like the round
    #[arg(long = "share-class", value_name = "ROUND=CLASS", value_parser = pair)]
    share_classes: Vec<(String, String)>,
    /// List investments above this amount in cents for review
    #[arg(long, value_name = "CENTS")]
    review_above: Option<u64>,
    /// Write the report as CSV to this file
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    #[command(flatten)]
    place: Place,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

fn count(text: &str) -> Result<String, String> {
    Shares::parse(text).map(|_| text.to_owned()).map_err(|error| format!("{text:?} {error}"))
}

fn number(text: &str) -> Result<i64, String> {
    text.parse().map_err(|_| format!("{text:?} is no number of a record"))
}

fn company_shares(text: &str) -> Result<(i64, Date, String), String> {
    let (company, shares) = pair(text)?;
    let (company, date) = match company.split_once('@') {
        Some((company, date)) => (company, parse_date(date).map_err(|error| format!("{date:?} {error}"))?),
        // In force for all its rounds.
        None => (company.as_str(), Date::MIN),
    };
    Ok((number(company)?, date.max(FIRST_DATE), count(&shares)?))
}

/// Before any investment.
const FIRST_DATE: Date = Date::constant(1900, 1, 1);

fn investment_shares(text: &str) -> Result<(i64, String), String> {
    let (investment, shares) = pair(text)?;
    Ok((number(&investment)?, count(&shares)?))
}

impl Arguments {
    /// Looks at what can be migrated, migrates it, or takes a migration back.
    pub fn run(&self) -> Result<(), Failure> {
        let Command::Lots(lots) = &self.command;
        lots.run()
    }
}

impl Lots {
    fn run(&self) -> Result<(), Failure> {
        let api = self.place.api()?;
        if let Some(import) = &self.undo {
            return self.take_back(&api, import);
        }
        let path = format!("/api/funds/{}/migrations/lots", self.fund);
        let report = api.post(&path, &self.body(true))?.json()?;
        if let Some(file) = &self.report {
            let csv = csv_of(&report)?;
            output::write(Some(file), |out| out.write_all(&csv))?;
        }
        if !self.apply {
            return self.place.print(&report, describe);
        }
        let applied = api.post(&path, &self.body(false))?.json()?;
        self.place.print(&applied, |import, out| {
            let lots = import.pointer("/counts/lotsCreated").map_or(0, |count| count.as_u64().unwrap_or(0));
            let are = if lots == 1 { "is" } else { "are" };
            writeln!(out, "{} {are} made; the legacy investments are as they were", count_of(lots, LOTS))?;
            let id = shown(import.get("id"));
            writeln!(out, "lotwise migrate lots --fund {} --undo {id} takes them back", self.fund)
        })
    }

    fn take_back(&self, api: &ApiClient, import: &str) -> Result<(), Failure> {
        let imports = format!("/api/funds/{}/imports", self.fund);
        let id = if import == "last" {
            let listed = api.list(&imports, "imports")?;
            let is_open = |import: &&Value| {
                import.get("source").and_then(Value::as_str) == Some("legacy")
                    && import.get("undoneAt").is_none_or(Value::is_null)
            };
            let found = listed.iter().find(is_open).and_then(|import| import.get("id")).and_then(Value::as_str);
            let hint = "lotwise migrate lots --apply makes one".to_owned();
            found
                .ok_or_else(|| Failure::refused("the fund has no migration that could be taken back", hint))?
                .to_owned()
        } else {
            import.to_owned()
        };
        let undone = api.post(&format!("{imports}/{}/undo", segment(&id)), &json!({}))?.json()?;
        self.place.print(&undone, |_, out| {
            writeln!(out, "the migration {id} is taken back; the legacy investments are as they were")
        })
    }

    fn body(&self, is_dry_run: bool) -> Value {
        let mut by_company: Map<String, Value> = Map::new();
        for (company, date, shares) in &self.shares {
            let counts = by_company.entry(company.to_string()).or_insert_with(|| json!({}));
            if let Value::Object(counts) = counts {
                counts.insert(date.to_string(), json!(shares));
            }
        }
        let by_investment: Map<String, Value> =
            self.investment_shares.iter().map(|(id, shares)| (id.to_string(), json!(shares))).collect();
        let classes: Map<String, Value> =
            self.share_classes.iter().map(|(round, class)| (round.clone(), json!(class))).collect();
        json!({
            "dryRun": is_dry_run,
            "fullyDilutedByCompany": by_company,
            "fullyDilutedByInvestment": by_investment,
            "shareClassByRound": classes,
            "reviewAboveCents": self.review_above.map(|cents| cents.to_string()),
        })
    }
}

const COLUMNS: [&str; 14] = [
    "Investment",
    "Company number",
    "Company",
    "Round",
    "Date",
    "Amount (cents)",
    "Lot type",
    "Share class",
    "Shares",
    "Price per share (cents)",
    "Pricing confidence",
    "Not migrated because",
    "What to do",
    "To review",
];

fn row(investment: &Value) -> [String; COLUMNS.len()] {
    let text = |path: &str| match investment.pointer(path) {
        None | Some(Value::Null) => String::new(),
        value => shown(value),
    };
    let review: Vec<String> = investment
        .get("review")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .map(|review| shown(review.get("message")))
        .collect();
    [
        text("/investmentId"),
        text("/companyId"),
        text("/company"),
        text("/round"),
        text("/investmentDate"),
        text("/amountCents"),
        text("/lot/lotType"),
        text("/lot/shareClass"),
        text("/lot/sharesAcquired"),
        text("/lot/sharePriceCents"),
        text("/lot/pricingConfidence"),
        text("/obstacle/reason"),
        text("/obstacle/message"),
        review.join("; "),
    ]
}

fn investments(report: &Value) -> &[Value] {
    report.get("investments").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn csv_of(report: &Value) -> Result<Vec<u8>, Failure> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let failed = |error: csv::Error| Failure::Failed(anyhow::Error::new(error).context("cannot write the report"));
    writer.write_record(COLUMNS).map_err(failed)?;
    for investment in investments(report) {
        writer.write_record(row(investment).map(|cell| neutralised(&cell).into_owned())).map_err(failed)?;
    }
    writer.into_inner().map_err(|error| Failure::Failed(anyhow::anyhow!("cannot write the report: {error}")))
}

fn describe(report: &Value, out: &mut io::StdoutLock<'static>) -> io::Result<()> {
    let rows = investments(report).iter().map(|investment| {
        let [id, number, company, round, date, amount, lot_type, _, shares, price, confidence, reason, ..] =
            row(investment);
        let outcome = if reason.is_empty() { format!("{lot_type}, {confidence}") } else { reason };
        vec![id, number, company, round, date, amount, shares, price, outcome]
    });
    // --investment-shares takes the number of the investment, --shares that of the company.
    let heads = ["investment", "company", "name", "round", "date", "cents", "shares", "price (cents)", "becomes"];
    write_table(&heads, rows, out)?;
    for investment in investments(report) {
        let [id, .., message, review] = row(investment);
        for line in [message, review].iter().filter(|line| !line.is_empty()) {
            writeln!(out, "  investment {id}: {line}")?;
        }
    }
    let count = |name: &str| shown(report.get(name));
    let (all, migrated, review) = (count("investmentCount"), count("migratedCount"), count("reviewCount"));
    writeln!(out, "{migrated} of {all} investments can become lots; {review} should be looked at first.")?;
    let side = |name: &str| shown(report.pointer(&format!("/fund/{name}")));
    match report.pointer("/fund/reason").and_then(Value::as_str) {
        Some(reason) => writeln!(out, "Legacy and lot-level MOIC cannot be compared: {reason}.")?,
        None => writeln!(
            out,
            "MOIC: legacy {}, lot-level {}, difference {}.",
            side("legacy"),
            side("lotLevel"),
            side("difference")
        )?,
    }
    for part in report.pointer("/fund/parts").and_then(Value::as_array).into_iter().flatten() {
        writeln!(out, "  {}: {}", shown(part.get("difference")), shown(part.get("explanation")))?;
    }
    writeln!(out, "Nothing was written; --apply writes the lots.")
}
