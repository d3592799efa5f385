//! Replicas that die, and connections to the database that break, while people write and read.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::fault_proxy::FaultProxy;
use crate::load::{Answer, DEADLINE, Fund, Replicas, Tally, agent, ask, read_lenses, write_lots, write_snapshots};
use crate::postgres_server::PostgresServer;
use crate::service::{Service, Setup};

const REPLICAS: usize = 3;
const WRITERS: usize = 4;
const READERS: usize = 2;
/// What has to go on after each fault before the next one.
const LOTS_BETWEEN_FAULTS: usize = 20;

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let limit = Instant::now() + DEADLINE;
    while !holds() {
        assert!(Instant::now() < limit, "{what}: not within {DEADLINE:?}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Kills each replica as a power failure does, one after the other, and starts another in its place.
fn kill_each(services: &mut [Option<Service>], proxies: &[FaultProxy], replicas: &Replicas, tally: &Tally) {
    for number in 0..REPLICAS {
        services[number].take().unwrap().crash();
        tally.after_further_lots(LOTS_BETWEEN_FAULTS);
        let service = Setup::new().on_database(&proxies[number].url()).start();
        replicas.moved(number, &service.address);
        services[number] = Some(service);
        tally.after_further_lots(LOTS_BETWEEN_FAULTS);
    }
}

/// Breaks the connections of one replica after the other, each in another way, then those of all of them.
fn break_connections(proxies: &[FaultProxy], tally: &Tally) {
    proxies[0].drop_all();
    tally.after_further_lots(LOTS_BETWEEN_FAULTS);
    proxies[1].refuse(true);
    proxies[1].drop_all();
    tally.after_further_lots(LOTS_BETWEEN_FAULTS);
    proxies[1].refuse(false);
    proxies[2].stall(true);
    tally.after_further_lots(1);
    std::thread::sleep(Duration::from_secs(2));
    proxies[2].stall(false);
    tally.after_further_lots(LOTS_BETWEEN_FAULTS);
    proxies.iter().for_each(FaultProxy::drop_all);
    tally.after_further_lots(LOTS_BETWEEN_FAULTS);
    // Nobody tells the replica that its connections are dead: it finds out by its own limits.
    proxies[0].half_open_all();
    tally.after_further_lots(LOTS_BETWEEN_FAULTS);
}

/// A kill at one replica is in force at all of them, whatever happens to the connections by which they hear of it.
fn kill_the_flag(services: &[Option<Service>], proxies: &[FaultProxy], fund: &Fund) {
    let lenses = fund.path("/portfolio/lots/moic");
    let all_answer = |status: u16| {
        services.iter().flatten().all(|service| {
            matches!(ask(&agent(), &service.address, &lenses, None), Answer::Said(answer, _) if answer == status)
        })
    };
    let first = services[0].as_ref().unwrap();
    proxies[2].drop_all();
    until("the first replica takes the kill", || {
        first.flags(&["kill", "enableLotLevelMoic", "--reason", "drill"]).code == Some(0)
    });
    until("the kill is in force everywhere", || all_answer(503));
    until("the first replica takes the kill back", || {
        first.flags(&["restore", "enableLotLevelMoic", "--reason", "drill over"]).code == Some(0)
    });
    until("the flag is on everywhere", || all_answer(200));
}

/// Everything under the name `plural` at this path.
fn listed(service: &Service, path: &str, plural: &str) -> Vec<Value> {
    let mut records = Vec::new();
    let mut cursor = String::new();
    loop {
        let (status, page) = service.ask("GET", &format!("{path}?limit=100{cursor}"), None);
        assert_eq!(status, 200, "{page}");
        records.extend(page[plural].as_array().unwrap().iter().cloned());
        match page["pagination"]["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return records,
        }
    }
}

/// What was acknowledged is there, and nothing else is: every key was repeated until it was.
fn each_is_there_once(acknowledged: &BTreeMap<String, String>, records: &[Value]) {
    let stored: Vec<&str> = records.iter().map(|record| record["id"].as_str().unwrap()).collect();
    let distinct: BTreeSet<&str> = acknowledged.values().map(String::as_str).collect();
    assert_eq!(distinct.len(), acknowledged.len(), "no two keys have made the same record");
    assert_eq!(stored.iter().copied().collect::<BTreeSet<_>>(), distinct);
    assert_eq!(stored.len(), distinct.len());
}

fn counted(url: &str, table: &str) -> usize {
    let count = format!("SELECT count(*) FROM {table}");
    let output = Command::new("psql").args([url, "--tuples-only", "--no-align", "--command", &count]).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
}

#[test]
fn nothing_acknowledged_is_lost_or_doubled_when_replicas_die_and_connections_break() {
    let server = PostgresServer::start();
    let url = server.database("postgres");
    let proxies: Vec<FaultProxy> = (0..REPLICAS).map(|_| FaultProxy::before(&url)).collect();
    let start = |proxy: &FaultProxy| Some(Setup::new().on_database(&proxy.url()).start());
    let mut services: Vec<Option<Service>> = proxies.iter().map(start).collect();
    let fund = Fund::with_companies(services[0].as_ref().unwrap(), 12);
    let (replicas, tally) = (Replicas::of(&services), Tally::default());
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (fund, replicas, tally) = (&fund, &replicas, &tally);
            scope.spawn(move || write_lots(writer, fund, replicas, tally));
        }
        for reader in 0..READERS {
            let (fund, replicas, tally) = (&fund, &replicas, &tally);
            scope.spawn(move || read_lenses(reader, fund, replicas, tally));
        }
        scope.spawn(|| write_snapshots(&fund, &replicas, &tally));
        let faults = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            tally.after_further_lots(LOTS_BETWEEN_FAULTS);
            kill_each(&mut services, &proxies, &replicas, &tally);
            break_connections(&proxies, &tally);
            kill_the_flag(&services, &proxies, &fund);
            tally.after_further_lots(LOTS_BETWEEN_FAULTS);
        }));
        // Whatever happened, those who write must not wait for ever.
        tally.end();
        if let Err(fault) = faults {
            std::panic::resume_unwind(fault);
        }
    });
    let service = services[1].as_ref().unwrap();
    let (lots, snapshots) = (tally.lots.lock().unwrap(), tally.snapshots.lock().unwrap());
    assert!(lots.len() > 100 && !snapshots.is_empty() && tally.reads.load(Ordering::SeqCst) > 20);
    assert!(tally.refusals.load(Ordering::SeqCst) > 0, "the faults were felt");
    each_is_there_once(&lots, &listed(service, &fund.path("/portfolio/lots"), "lots"));
    let path = fund.path("/portfolio/snapshots");
    until("every snapshot is complete", || {
        listed(service, &path, "snapshots").iter().all(|snapshot| snapshot["status"] == "complete")
    });
    each_is_there_once(&snapshots, &listed(service, &path, "snapshots"));
    assert_eq!(counted(&url, "jobs"), 0, "no job is left over, and none was given up");
    assert_eq!(counted(&url, "lot_versions"), lots.len());
    assert_eq!(counted(&url, "audit_log WHERE action = 'lot.create'"), lots.len());
}
