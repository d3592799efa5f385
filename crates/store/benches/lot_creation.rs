//! How many lots 32 concurrent writers create per second on SQLite, each durable before it is acknowledged
//! (`synchronous=FULL`): the group commit against one transaction per request. Both use the same schema, the same
//! statements and one writer; only the number of requests that share a commit differs, which flatters the second, since
//! connections of their own would also fight for the lock.
//!
//! `cargo bench -p store --bench lot_creation [-- FOLDER]`: the folder decides which disk is measured.

#![expect(clippy::expect_used, reason = "a benchmark that cannot be carried out has no result")]

use std::{
    path::PathBuf,
    sync::atomic::{AtomicI64, Ordering},
    time::Instant,
};

use jiff::Timestamp;
use store::{
    DatabaseUrl, FundId, InvestmentId, LotId, Store, StoreError, StoreOptions, Transaction,
    audit::{self, NewEntry},
    companies::{self, NewCompany},
    funds::{self, NewFund},
    idempotency::{self, IdempotencyKey, StoredAnswer},
    ids,
    investments::{self, NewInvestment},
    lots::{self, Instrument, LotTerms, LotType, NewLot},
};

const WRITERS: usize = 32;
const ROUNDS: usize = 5;
const LOTS_GROUPED: usize = 9_600;
const LOTS_SINGLE: usize = 1_600;

/// How much of a request's work is measured.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Request {
    /// The lot alone.
    Lot,
    /// The lot with its idempotency record and its audit entry, as the server writes it.
    Complete,
}

fn main() {
    let folder = std::env::args()
        .skip(1)
        .find(|argument| !argument.starts_with("--"))
        .map_or_else(|| PathBuf::from(env!("CARGO_TARGET_TMPDIR")), PathBuf::from);
    for (request, name) in [(Request::Lot, "lot"), (Request::Complete, "lot, idempotency record and audit entry")] {
        let (mut grouped, mut single) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            grouped.push(lots_per_second(&folder, StoreOptions::default().group_size_max, LOTS_GROUPED, request));
            single.push(lots_per_second(&folder, 1, LOTS_SINGLE, request));
        }
        let (grouped, single) = (median(grouped), median(single));
        println!(
            "{name}: group commit {grouped:.0}/s, one transaction per request {single:.0}/s, ratio {:.1}",
            grouped / single
        );
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

fn lots_per_second(folder: &std::path::Path, group_size_max: usize, count: usize, request: Request) -> f64 {
    let folder = tempfile::tempdir_in(folder).expect("a folder for the database");
    let url = DatabaseUrl::Sqlite(folder.path().join("bench.db"));
    let store = Store::open(&url, &StoreOptions { group_size_max, ..StoreOptions::default() }).expect("a database");
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let investment = store.write(position).await.expect("an investment");
        #[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
        let start = Instant::now();
        let writers: Vec<_> = (0..WRITERS)
            .map(|_| {
                let store = store.clone();
                tokio::spawn(async move {
                    for _ in 0..count / WRITERS {
                        let write = move |tx: &mut Transaction<'_>| create(tx, investment, request);
                        store.write(write).await.expect("the lot is created");
                    }
                })
            })
            .collect();
        for writer in writers {
            writer.await.expect("the writer ends");
        }
        count as f64 / start.elapsed().as_secs_f64()
    })
}

fn position(tx: &mut Transaction<'_>) -> Result<(FundId, InvestmentId), StoreError> {
    let now = Timestamp::UNIX_EPOCH;
    let fund = NewFund {
        name: "Fund".to_owned(),
        currency: "USD".to_owned(),
        vintage_year: None,
        committed_cents: None,
        policy: None,
    };
    let fund = funds::create(tx, &fund, now)?.id;
    let company = NewCompany { name: "Company".to_owned(), sector: None, stage: None, status: "active".to_owned() };
    let company_id = companies::create(tx, fund, &company, now)?.id;
    let investment = NewInvestment {
        company_id,
        round: "Seed".to_owned(),
        investment_date: jiff::civil::date(2022, 1, 31),
        amount_cents: 150_000_000,
        ownership: None,
        post_money_valuation_cents: None,
    };
    Ok((fund, investments::create(tx, fund, &investment, now)?.id))
}

/// 50 µs after the last one: as requests arrive, and as the order of their ids follows.
fn a_moment_later() -> Timestamp {
    static MICROSECONDS: AtomicI64 = AtomicI64::new(1_700_000_000_000_000);
    Timestamp::from_microsecond(MICROSECONDS.fetch_add(50, Ordering::Relaxed)).expect("an instant of our time")
}

fn create(
    tx: &mut Transaction<'_>,
    (fund, investment_id): (FundId, InvestmentId),
    request: Request,
) -> Result<(), StoreError> {
    let now = a_moment_later();
    let id = LotId(ids::uuid_v7(now)?);
    let key = IdempotencyKey {
        scope: "token:1/fund:1".to_owned(),
        key: ids::uuid_v7(Timestamp::UNIX_EPOCH)?.to_string(),
        request_hash: "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef".to_owned(),
    };
    if request == Request::Complete {
        idempotency::begin(tx, &key, now)?;
    }
    let terms = LotTerms {
        lot_type: LotType::Initial,
        instrument: Instrument::Equity,
        share_class: Some("PS".to_owned()),
        purchase_date: jiff::civil::date(2022, 1, 31),
        shares: Some("518138.294565".to_owned()),
        share_price_cents: Some("289.498".to_owned()),
        cost_cents: 150_000_000,
        strike_cents: None,
    };
    lots::create(tx, fund, &NewLot { id, investment_id, terms }, now)?;
    if request == Request::Complete {
        let subject = format!("lot:{id}");
        let entry =
            NewEntry { actor: "token:1", action: "lot.create", subject: &subject, fund_id: Some(fund), details: "{}" };
        audit::append(tx, &entry, now)?;
        let answer = StoredAnswer { status: 201, location: Some(format!("/api/lots/{id}")), body: "x".repeat(400) };
        idempotency::finish(tx, &key, &answer)?;
    }
    Ok(())
}
