//! `drill`: the emergency rollback of requirement B5, rehearsed against running replicas and timed.
//!
//! It kills at the first replica and looks at all of them as a user would, until something is not as it should be.
//! Whatever it finds, it restores what it killed; a kill by anybody else, before or meanwhile, it leaves alone.

mod interruption;
mod replica;
mod report;
mod restoring;

use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use flags::ENABLE_LOT_LEVEL_MOIC;
use serde_json::Value;

use self::replica::{Check, Counts, Replica, Texts};
use self::report::{Phase, Report};
use self::restoring::restore;
use crate::failure::Failure;
use crate::system_clock;

/// How long one answer may take, or `--within` where that is longer: a replica that hangs must not keep users waiting
/// for the restore.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(2);

#[derive(clap::Args)]
pub struct Arguments {
    /// A running server [env: LOTWISE_SERVER]; give it once for every replica: the first is told to kill, all must obey
    #[arg(long = "server", value_name = "URL")]
    servers: Vec<String>,
    /// Id of the fund whose pages are looked at [default: the first there is]
    #[arg(long, value_name = "ID")]
    fund: Option<i64>,
    /// Milliseconds within which every replica must obey
    #[arg(long, value_name = "MS", default_value_t = 1000, value_parser = clap::value_parser!(u64).range(1..=60_000))]
    within: u64,
    /// Do not ask on a terminal whether to begin
    #[arg(long)]
    yes: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What the checks compare with.
struct Situation {
    /// Targeting key of whoever has the token.
    user: String,
    fund: i64,
    /// What the replicas said, in their order.
    before: Vec<Before>,
    counts: Counts,
    within: Duration,
    /// The reason of our kill, like that of no other.
    reason: String,
}

/// What a replica said while all was well.
struct Before {
    texts: Texts,
    /// The flag's value over OFREP.
    value: Value,
}

impl Arguments {
    pub fn run(&self) -> Result<(), Failure> {
        let replicas = self.replicas()?;
        let mut report = Report::start(self.json);
        let situation = self.look_before(&replicas, &mut report)?;
        self.confirm(&replicas)?;
        report.watch_for_interruption()?;
        rehearse(&replicas, &situation, &mut report);
        report.finish()
    }

    fn replicas(&self) -> Result<Vec<Replica>, Failure> {
        let mut servers = self.servers.clone();
        if servers.is_empty() {
            servers.extend(std::env::var("LOTWISE_SERVER").ok());
        }
        let timeout = self.within().max(ANSWER_TIMEOUT);
        servers.iter().map(|address| Replica::at(address, timeout)).collect()
    }

    fn within(&self) -> Duration {
        Duration::from_millis(self.within)
    }

    /// Refuses to begin where the drill could not succeed, or would touch a kill that somebody meant.
    fn look_before(&self, replicas: &[Replica], report: &mut Report) -> Result<Situation, Failure> {
        let Some(first) = replicas.first() else {
            let hint = "add --server URL, once for every replica, and set LOTWISE_TOKEN".to_owned();
            return Err(Failure::bad_input("no server is named", hint));
        };
        let user = report.need(first, "the token may kill and restore", || first.may_kill_and_restore())?;
        let fund = report.need(first, "there is a fund to look at", || {
            let fund = match self.fund {
                Some(fund) => fund,
                None => first.first_fund()?,
            };
            Ok((format!("fund {fund}"), fund))
        })?;
        let others = replicas.get(1..).unwrap_or_default();
        if !others.is_empty() {
            let marks = report.need(first, "its database can be told from others", || {
                first.database_marks(fund).map(|marks| ("by its fund and its flag".to_owned(), marks))
            })?;
            for replica in others {
                let shares = || replica.shares_database(fund, &marks).map(|detail| (detail, ()));
                report.need(replica, "it shares the first server's database", shares)?;
            }
        }
        let mut before = Vec::new();
        for replica in replicas {
            let texts = report.need(replica, "the flag is on and not killed", || replica.is_on())?;
            report.need(replica, "the guarded route answers", || {
                replica.guarded_route_answers(fund).map(|detail| (detail, ()))
            })?;
            let value = report.need(replica, "OFREP answers", || replica.ofrep_value(&user))?;
            before.push(Before { texts, value });
        }
        let counts = report.need(first, "the fund's records are counted", || {
            first.counts(fund).map(|counts| (counts.to_string(), counts))
        })?;
        let reason = format!("drill {}: a rehearsal that lifts its own kill", system_clock::now().as_microsecond());
        Ok(Situation { user, fund, before, counts, within: self.within(), reason })
    }

    fn confirm(&self, replicas: &[Replica]) -> Result<(), Failure> {
        // A script has made up its mind: the drill is one command.
        if self.yes || !io::stdin().is_terminal() {
            return Ok(());
        }
        let hint = "add --yes to begin without being asked".to_owned();
        let mut out = io::stderr().lock();
        let key = ENABLE_LOT_LEVEL_MOIC.key();
        // Who does not see the question answers no.
        let _ = write!(out, "Kill {key} for everybody at {} server(s) for a moment? [y/N] ", replicas.len());
        let _ = out.flush();
        let mut answer = String::new();
        let read = io::stdin().read_line(&mut answer);
        match (read, answer.trim()) {
            (Ok(_), "y" | "Y" | "yes") => Ok(()),
            _ => Err(Failure::refused("nothing was killed", hint)),
        }
    }
}

fn rehearse(replicas: &[Replica], situation: &Situation, report: &mut Report) {
    let Some(first) = replicas.first() else { return };
    let kept = || first.has_kept(situation.fund, &situation.counts);
    report.begin(Phase::Killed);
    if report.check(first, "kill", || first.kill(&situation.reason)) {
        if look_at_killed(replicas, situation, report) {
            report.check(first, "no data was lost", kept);
        }
    } else if first.is_killed_for(&situation.reason) == Ok(false) {
        // Refused. Where the answer only got lost on its way, the kill may stand and is lifted below.
        return;
    }
    report.begin(Phase::Restored);
    if restore(replicas, situation, report) {
        look_at_restored(replicas, situation, report);
        report.check(first, "no data was lost", kept);
    }
}

/// Looks until a step fails: what comes after it is not worth a longer outage. Answers whether all passed.
fn look_at_killed(replicas: &[Replica], situation: &Situation, report: &mut Report) -> bool {
    let Situation { user, fund, within, reason, .. } = situation;
    let each = || replicas.iter().zip(&situation.before);
    let mut passing = true;
    for (index, (replica, before)) in each().enumerate() {
        // Where the kill was made it acts from the next request on; elsewhere within the limit.
        let patience = if index == 0 { Duration::ZERO } else { *within };
        let what = "server side: the guarded route answers 503 feature_disabled";
        passing = report.unless_failed(passing, replica, what, patience, &|| replica.refuses(*fund, &before.texts));
    }
    report.all_obeyed(passing);
    for (replica, before) in each() {
        let checks: [Check<'_>; 4] = [
            ("the kill is this drill's", &|| replica.shows_kill_for(reason)),
            ("fallback: the legacy route answers", &|| replica.legacy_route_answers(*fund, &before.texts)),
            ("client side: off, with the banner", &|| replica.shows_banner()),
            ("OFREP answers false, killed", &|| replica.ofrep_answers_killed(user)),
        ];
        for (what, check) in checks {
            passing = report.unless_failed(passing, replica, what, *within, check);
        }
    }
    passing
}

fn look_at_restored(replicas: &[Replica], situation: &Situation, report: &mut Report) {
    let Situation { user, fund, within, .. } = situation;
    let mut obeyed = true;
    for replica in replicas {
        let what = "server side: the guarded route answers";
        obeyed &= report.eventually(replica, what, *within, &|| replica.guarded_route_answers(*fund));
    }
    report.all_obeyed(obeyed);
    for (replica, before) in replicas.iter().zip(&situation.before) {
        let checks: [Check<'_>; 2] = [
            ("client side: on, without the banner", &|| replica.shows_no_banner()),
            ("OFREP answers as before", &|| replica.ofrep_answers_as_before(user, &before.value)),
        ];
        for (what, check) in checks {
            report.eventually(replica, what, *within, check);
        }
    }
}
