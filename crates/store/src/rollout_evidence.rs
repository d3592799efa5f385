//! What was seen of rollouts: counts of 15 seconds, by replica until a tick is decided about, then as one row; by the hour
//! when they are old.

use jiff::{SignedDuration, Timestamp};
use rollout::{ArmCounts, Shared, Source};
use serde::{Deserialize, Serialize};

use crate::{
    RolloutId, StoreError, Transaction,
    rollouts::{json, parsed_json},
    row::{Row, params},
    statements::statements,
    user_list::{self, UserHash, listed_users},
};

/// What one replica, or all together, counted in a tick, or in an hour.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// Those who got the feature by the draw.
    pub treatment: ArmCounts,
    /// Those who did not.
    pub control: ArmCounts,
    /// What both arms share.
    pub shared: Shared,
    /// Whether no process handed anything in: nothing was seen of the tick.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_unseen: bool,
    /// Whether the source of evidence failed, which is neither success nor failure.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_failed: bool,
    /// What could not be read, and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// Requests of people who opted in, and are left out.
    #[serde(default)]
    pub opted_in: u64,
    /// Requests of people who opted out, and are left out.
    #[serde(default)]
    pub opted_out: u64,
}

impl Counts {
    /// Whether the source could be read.
    #[must_use]
    pub const fn source(&self) -> Source {
        match (self.has_failed, self.is_unseen) {
            (true, _) => Source::Error,
            (false, true) => Source::Missing,
            (false, false) => Source::Ok,
        }
    }

    /// Adds what was counted elsewhere, or in another tick.
    pub fn add(&mut self, others: &Self) {
        self.treatment.add(&others.treatment);
        self.control.add(&others.control);
        self.shared.add(&others.shared);
        self.opted_in = self.opted_in.saturating_add(others.opted_in);
        self.opted_out = self.opted_out.saturating_add(others.opted_out);
    }
}

/// A user whom a replica has seen in a tick.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenUser {
    /// A hash of their key.
    pub hash: UserHash,
    /// Whether they are in the treatment.
    pub in_treatment: bool,
    /// Whether a request of theirs failed.
    pub failed: bool,
}

/// What became of counts that a replica handed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// They are stored, now or by an attempt before; with the users that were new.
    Stored(NewUsers),
    /// The tick was decided about already: they count in a later one.
    Late,
    /// The phase they were counted for is over: they count no more.
    Over,
}

/// Users that nobody had seen before in this entry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NewUsers {
    /// In the treatment: first seen.
    pub treatment: u64,
    /// In the control: first seen.
    pub control: u64,
    /// In the treatment: first seen to fail.
    pub treatment_failed: u64,
    /// In the control: first seen to fail.
    pub control_failed: u64,
}

/// The counts of one tick, or hour.
#[derive(Clone, Debug, PartialEq)]
pub struct Period {
    /// The entry they belong to.
    pub entry: i64,
    /// End of the tick, or of the hour.
    pub at: Timestamp,
    /// The replica that handed them in; empty for those of all together.
    pub replica: String,
    /// The counts.
    pub counts: Counts,
}

statements! { "rollout_evidence";
    LOCK = "UPDATE rollouts SET closed_tick = closed_tick WHERE id = $1 RETURNING closed_tick, entry, observes";
    INSERT = "INSERT INTO rollout_ticks (rollout_id, tick_at, replica, entry, counts) VALUES ($1, $2, $3, $4, $5) \
        ON CONFLICT DO NOTHING RETURNING entry";
    // `WHERE true`: SQLite would take ON for the beginning of a join.
    SEE_USERS = concat!(listed_users!(), "INSERT INTO rollout_users (rollout_id, entry, user_hash, in_treatment, failed) \
        SELECT CAST($2 AS TEXT), CAST($3 AS BIGINT), user_hash, mark, 0 FROM listed WHERE true \
        ON CONFLICT DO NOTHING RETURNING in_treatment");
    FAIL_USER = "UPDATE rollout_users SET failed = 1 WHERE rollout_id = $1 AND entry = $2 AND user_hash = $3 \
        AND failed = 0 RETURNING in_treatment";
    OF_TICK = "SELECT entry, tick_at, replica, counts FROM rollout_ticks WHERE rollout_id = $1 AND tick_at = $2";
    NEXT_TICK = "SELECT tick_at FROM rollout_ticks WHERE rollout_id = $1 AND tick_at > $2 ORDER BY tick_at LIMIT 1";
    HANDED_IN = "SELECT count(*) FROM rollout_ticks WHERE rollout_id = $1 AND tick_at > $2 AND tick_at <= $3 \
        AND replica <> ''";
    DELETE_TICK = "DELETE FROM rollout_ticks WHERE rollout_id = $1 AND tick_at = $2";
    TICKS = "SELECT entry, tick_at, replica, counts FROM rollout_ticks WHERE rollout_id = $1 AND replica = '' \
        AND tick_at > $2 ORDER BY tick_at LIMIT $3";
    OLD_TICKS = "SELECT rollout_id, tick_at, entry, counts, replica FROM rollout_ticks WHERE tick_at <= $1 \
        ORDER BY tick_at LIMIT $2";
    DELETE_OLD = "DELETE FROM rollout_ticks WHERE rollout_id = $1 AND tick_at = $2 AND replica = $3";
    HOUR = "SELECT counts FROM rollout_hours WHERE rollout_id = $1 AND hour_at = $2 AND entry = $3";
    PUT_HOUR = "INSERT INTO rollout_hours (rollout_id, hour_at, entry, counts) VALUES ($1, $2, $3, $4) \
        ON CONFLICT (rollout_id, hour_at, entry) DO UPDATE SET counts = excluded.counts";
    HOURS = "SELECT entry, hour_at, '', counts FROM rollout_hours WHERE rollout_id = $1 AND hour_at > $2 \
        AND hour_at <= $3 ORDER BY hour_at, entry";
    TICKS_BETWEEN = "SELECT entry, tick_at, replica, counts FROM rollout_ticks WHERE rollout_id = $1 AND tick_at > $2 \
        AND tick_at <= $3 ORDER BY tick_at";
    FORGET_USERS = "DELETE FROM rollout_users WHERE rollout_id = $1 AND entry < $2";
}

/// Stores what a replica counted in a tick. Each user counts once in an entry, whichever replica sees them first; handing
/// the same tick in again changes nothing.
///
/// # Errors
/// What the database answers.
pub fn record(
    tx: &mut Transaction<'_>,
    id: RolloutId,
    entry: i64,
    tick_at: Timestamp,
    replica: &str,
    counts: &Counts,
    users: &[SeenUser],
) -> Result<Recorded, StoreError> {
    let Some(row) = tx.row(LOCK, params![id])? else { return Ok(Recorded::Over) };
    if row.integer(1)? != entry || row.str(2)? == "none" {
        return Ok(Recorded::Over);
    }
    if row.optional_timestamp(0)?.is_some_and(|closed| tick_at <= closed) {
        return Ok(Recorded::Late);
    }
    let mut counts = counts.clone();
    let mut new_users = NewUsers::default();
    let all = users.iter().map(|user| (user.hash, user.in_treatment));
    for text in user_list::texts(all) {
        for row in tx.rows(SEE_USERS, params![text, id, entry])? {
            let (arm, new) = if row.boolean(0)? {
                (&mut counts.treatment, &mut new_users.treatment)
            } else {
                (&mut counts.control, &mut new_users.control)
            };
            arm.users = arm.users.saturating_add(1);
            *new = new.saturating_add(1);
        }
    }
    // One by one: they are few, and a join with a list may be planned as a walk through all users.
    for user in users.iter().filter(|user| user.failed) {
        if let Some(row) = tx.row(FAIL_USER, params![id, entry, user.hash.text()])? {
            let (arm, new) = if row.boolean(0)? {
                (&mut counts.treatment, &mut new_users.treatment_failed)
            } else {
                (&mut counts.control, &mut new_users.control_failed)
            };
            arm.first_failures = arm.first_failures.saturating_add(1);
            *new = new.saturating_add(1);
        }
    }
    // A row that is there was stored with its users by an attempt whose answer got lost: then no user above was new.
    tx.rows(INSERT, params![id, tick_at, replica, entry, json(&counts)?])?;
    Ok(Recorded::Stored(new_users))
}

/// What the replicas have handed in for a tick.
///
/// # Errors
/// What the database answers.
pub fn of_tick(tx: &mut Transaction<'_>, id: RolloutId, tick_at: Timestamp) -> Result<Vec<Period>, StoreError> {
    tx.list(OF_TICK, params![id, tick_at], period)
}

/// End of the first tick after an instant for which something was handed in.
///
/// # Errors
/// What the database answers.
pub fn next_tick(tx: &mut Transaction<'_>, id: RolloutId, after: Timestamp) -> Result<Option<Timestamp>, StoreError> {
    tx.row(NEXT_TICK, params![id, after])?.map(|row| row.timestamp(0)).transpose()
}

/// How many rows replicas have handed in for ticks after one instant and up to another, until the commit: whoever hands in
/// more waits for that.
///
/// # Errors
/// What the database answers.
pub fn handed_in(
    tx: &mut Transaction<'_>,
    id: RolloutId,
    after: Timestamp,
    until: Timestamp,
) -> Result<i64, StoreError> {
    tx.row(LOCK, params![id])?;
    tx.row(HANDED_IN, params![id, after, until])?.map_or(Ok(0), |row| row.integer(0))
}

/// Puts the sum of all replicas in the place of what they handed in: what was decided by.
///
/// # Errors
/// What the database answers.
pub fn close(
    tx: &mut Transaction<'_>,
    id: RolloutId,
    entry: i64,
    tick_at: Timestamp,
    sum: &Counts,
) -> Result<(), StoreError> {
    tx.execute(DELETE_TICK, params![id, tick_at])?;
    tx.rows(INSERT, params![id, tick_at, "", entry, json(sum)?]).map(|_| ())
}

/// At most `limit` decided ticks after an instant, the oldest first.
///
/// # Errors
/// What the database answers.
pub fn ticks(tx: &mut Transaction<'_>, id: RolloutId, after: Timestamp, limit: i64) -> Result<Vec<Period>, StoreError> {
    tx.list(TICKS, params![id, after, limit], period)
}

/// What was counted after one instant and up to another, by the hour where it is old and by the tick where it is not.
///
/// # Errors
/// What the database answers.
pub fn between(
    tx: &mut Transaction<'_>,
    id: RolloutId,
    after: Timestamp,
    until: Timestamp,
) -> Result<Vec<Period>, StoreError> {
    let mut periods = tx.list(HOURS, params![id, after, until], period)?;
    periods.append(&mut tx.list(TICKS_BETWEEN, params![id, after, until], period)?);
    Ok(periods)
}

/// Adds at most `limit` ticks that ended up to `until` to their hours, and forgets them one by one. How many there were.
///
/// # Errors
/// What the database answers.
pub fn roll_up(tx: &mut Transaction<'_>, until: Timestamp, limit: i64) -> Result<usize, StoreError> {
    let old = tx.rows(OLD_TICKS, params![until, limit])?;
    for row in &old {
        let (id, at, entry) = (RolloutId(row.parsed(0)?), row.timestamp(1)?, row.integer(2)?);
        let hour = end_of_hour(at);
        let known = tx.row(HOUR, params![id, hour, entry])?.map(|row| row.text(0)).transpose()?;
        let mut sum: Counts = known.as_deref().map(parsed_json).transpose()?.unwrap_or_default();
        sum.add(&parsed_json(row.str(3)?)?);
        tx.execute(PUT_HOUR, params![id, hour, entry, json(&sum)?])?;
        tx.execute(DELETE_OLD, params![id, at, row.str(4)?])?;
    }
    Ok(old.len())
}

/// Forgets who was seen in entries of a rollout before this one.
///
/// # Errors
/// What the database answers.
pub fn forget_users(tx: &mut Transaction<'_>, id: RolloutId, before_entry: i64) -> Result<(), StoreError> {
    tx.execute(FORGET_USERS, params![id, before_entry]).map(|_| ())
}

/// The end of the hour that an instant lies in; an instant at its end still does.
fn end_of_hour(at: Timestamp) -> Timestamp {
    const HOUR_S: i64 = 3_600;
    let last_s = at.as_second() - i64::from(at.subsec_nanosecond() == 0);
    let end = Timestamp::from_second(last_s - last_s.rem_euclid(HOUR_S));
    end.ok().and_then(|start| start.checked_add(SignedDuration::from_secs(HOUR_S)).ok()).unwrap_or(at)
}

fn period(row: &Row) -> Result<Period, StoreError> {
    Ok(Period {
        entry: row.integer(0)?,
        at: row.timestamp(1)?,
        replica: row.text(2)?,
        counts: parsed_json(row.str(3)?)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tick_belongs_to_the_hour_it_ends_in() {
        let hour = |text: &str| end_of_hour(text.parse().unwrap()).to_string();
        assert_eq!(hour("2026-01-01T10:00:15Z"), "2026-01-01T11:00:00Z");
        assert_eq!(hour("2026-01-01T11:00:00Z"), "2026-01-01T11:00:00Z");
    }
}
