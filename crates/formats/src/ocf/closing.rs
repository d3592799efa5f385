//! The ends of securities: transfers, cancellations, repurchases, conversions, exercises, new certificates.

use jiff::civil::Date;
use moic::quantity::DECIMALS_MAX;
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

use super::amounts::{down_to_decimals, shares_text, shown};
use super::asking::question;
use super::chain::{Action, Closing, Issuance, Kind};
use super::ending::{Ending, is_rounding};
use super::holdings::{Lot, LotConversion, PRINCIPAL, Part, total};
use super::ledger::{Event, Fact, Ledger};
use super::money::whole_cents;
use crate::draft::Question;

/// A security that results from a closing.
pub(super) struct Made<'v> {
    pub(super) issuance: Issuance<'v>,
    /// Shares, or the principal of a SAFE or note.
    pub(super) size: BigRational,
    pub(super) is_own: bool,
    pub(super) class: Option<&'v str>,
}

/// Something that cannot be read as it stands: the field, and why.
pub(super) type Refusal = (&'static str, String);

impl<'v> Ledger<'v, '_, '_> {
    /// Ends securities of the fund.
    pub(super) fn close(&mut self, index: usize, date: Date) {
        let chain = self.chain;
        let Some(closing) = chain.closings.get(index) else { return };
        if let Err((column, message)) = self.end(closing, date) {
            let shown = closing.record.shown(column);
            self.notes.problem(closing.record.place(column), shown, message);
        }
    }

    fn end(&mut self, closing: &Closing<'v>, date: Date) -> Result<(), Refusal> {
        let ending = match closing.action {
            Action::Consolidation => self.all_of_several(closing)?,
            Action::Reissuance | Action::Exercise | Action::Release => self.all_of_one(closing)?,
            Action::Conversion if closing.kind == Kind::Convertible => self.principal_ending(closing)?,
            Action::Transfer | Action::Cancellation | Action::Repurchase | Action::Conversion => {
                self.ending(closing, date)?
            }
        };
        let Ending { leaving, rest, class } = ending;
        if let Some((balance, parts)) = rest {
            self.check_date_of(&balance, date);
            self.come_about(&balance, parts, class, date);
        }
        match (closing.action, closing.kind) {
            (Action::Cancellation | Action::Repurchase, _) => self.give_up(closing, leaving, date),
            (Action::Transfer, _) => self.transfer(closing, leaving, class, date),
            (Action::Conversion, Kind::Convertible) => self.convert_principal(closing, leaving, date),
            (Action::Exercise, _) => self.exercise(closing, leaving, class, date),
            (Action::Conversion | Action::Reissuance | Action::Consolidation | Action::Release, _) => {
                self.replace(closing, leaving, class, date)
            }
        }
    }

    /// The securities that result from a closing, all of them of `kind`.
    pub(super) fn made(&mut self, closing: &Closing<'v>, kind: Kind) -> Result<Vec<Made<'v>>, Refusal> {
        let column =
            if closing.action == Action::Consolidation { "resulting_security_id" } else { "resulting_security_ids" };
        if closing.results.is_empty() {
            return Err((column, "is required: the securities that result".to_owned()));
        }
        let mut made = Vec::new();
        for security in &closing.results {
            let Some(issuance) = self.chain.issuances.get(security).copied() else {
                return Err((
                    column,
                    format!("{security} has no issuance in the package, so it cannot be told who received what"),
                ));
            };
            if issuance.kind != kind {
                return Err((
                    column,
                    format!("{security} is issued by {}, a security of another kind", issuance.record.object_type()),
                ));
            }
            let is_own = self.vehicles.contains(issuance.holder);
            if is_own && self.is_retracted(security) {
                return Err((column, format!("{security} is retracted")));
            }
            let size =
                self.size(&issuance).ok_or_else(|| (column, format!("{security} has an issuance without its size")))?;
            let class = if kind == Kind::Stock { self.class_of_stock(&issuance.record) } else { None };
            made.push(Made { issuance, size, is_own, class });
        }
        Ok(made)
    }

    fn check_date_of(&mut self, issuance: &Issuance<'v>, date: Date) {
        let said = issuance.record.text("date").unwrap_or_default();
        if said != date.to_string() {
            let message = format!("differs from {date}, the day of the transaction that it comes from, which is read");
            self.notes.warn(issuance.record.place("date"), said, message);
        }
    }

    /// Hands `parts` over to the fund's securities among `made`, and gives back what went to others.
    pub(super) fn hand_over(
        &mut self,
        closing: &Closing<'v>,
        mut parts: Vec<Part>,
        made: Vec<Made<'v>>,
        class: Option<&'v str>,
        date: Date,
    ) -> Result<Vec<Part>, Refusal> {
        let mut away = Vec::new();
        for security in made {
            let mut taken = self.choose(closing, &mut parts, &security.size)?;
            if !security.is_own {
                away.append(&mut taken);
                continue;
            }
            let class = security.class.or(class);
            if let Some(class) = class {
                self.change_class(closing, &mut taken, class, BigRational::one(), date)?;
            }
            self.check_date_of(&security.issuance, date);
            self.come_about(&security.issuance, taken, class, date);
        }
        Ok(away)
    }

    fn transfer(
        &mut self,
        closing: &Closing<'v>,
        parts: Vec<Part>,
        class: Option<&'v str>,
        date: Date,
    ) -> Result<(), Refusal> {
        let made = self.made(closing, closing.kind)?;
        check_sum(&made, &total(&parts))?;
        let away = self.hand_over(closing, parts, made, class, date)?;
        if away.is_empty() {
            return Ok(());
        }
        let what = self.described(closing, &away, class);
        let said = closing.record.text("consideration_text").map(|text| format!(" (the package says: {text})"));
        let text = format!(
            "What did the fund get for {what}, transferred to another holder on {date}{}?",
            said.unwrap_or_default()
        );
        let proceeds = self.asked_proceeds(closing, &text, false);
        self.sell(closing, away, proceeds, date)
    }

    fn described(&self, closing: &Closing<'v>, parts: &[Part], class: Option<&str>) -> String {
        let size = shown(&total(parts));
        let security = closing.sources.join(", ");
        match class {
            Some(class) => format!("{size} shares of {} (security {security})", self.classes.label(class)),
            None => format!("a principal of {size} (security {security})"),
        }
    }

    fn asked_proceeds(&mut self, closing: &Closing<'v>, text: &str, optional: bool) -> Option<BigInt> {
        let text = format!("{text} In {}, after costs", self.currency.unwrap_or("the fund's currency"));
        let id = format!("ocf.proceeds.{}", closing.record.key());
        let asked = Question { example: Some("250000.00".to_owned()), optional, ..question(id, text) };
        self.asking.cents(asked, &mut self.notes)
    }

    /// Cancellations and repurchases.
    fn give_up(&mut self, closing: &Closing<'v>, parts: Vec<Part>, date: Date) -> Result<(), Refusal> {
        let class = parts.first().and_then(|part| self.holdings.lots.get(part.lot)).and_then(Lot::class_now);
        let what = self.described(closing, &parts, class);
        let proceeds = if closing.action == Action::Repurchase {
            self.repurchase_proceeds(closing, &parts, &what, date)
        } else if closing.kind == Kind::Convertible {
            // Repaying a note is a cancellation too, and a package has no field for the cash.
            self.asked_proceeds(
                closing,
                &format!("What did the fund get for {what}, cancelled on {date}? 0 if nothing."),
                false,
            )
        } else {
            let text = format!("What did the fund get for {what}, cancelled on {date}? Nothing if it is not said.");
            let is_unanswered = self.asking.is_unanswered(&format!("ocf.proceeds.{}", closing.record.key()));
            let answered = self.asked_proceeds(closing, &text, true);
            if is_unanswered {
                let reason = closing.record.text("reason_text").unwrap_or_default();
                self.notes.warn(
                    closing.record.place("quantity"),
                    reason,
                    format!("{what} is cancelled: read as sold for nothing"),
                );
            }
            answered.or_else(|| is_unanswered.then(BigInt::zero))
        };
        self.sell(closing, parts, proceeds, date)
    }

    fn repurchase_proceeds(&mut self, closing: &Closing<'v>, parts: &[Part], what: &str, date: Date) -> Option<BigInt> {
        let record = closing.record;
        match self.money(&record, "price") {
            Some(price) if self.is_in_funds_currency(&price) => {
                Some(whole_cents(&(price.amount * total(parts)), &record, "price", &mut self.notes))
            }
            price => {
                let stated = price.map(|price| format!(" at {} {} a share", shown(&price.amount), price.currency));
                let text =
                    format!("What did the fund get for {what}, repurchased on {date}{}?", stated.unwrap_or_default());
                self.asked_proceeds(closing, &text, false)
            }
        }
    }

    pub(super) fn sell(
        &mut self,
        closing: &Closing<'v>,
        mut parts: Vec<Part>,
        proceeds: Option<BigInt>,
        date: Date,
    ) -> Result<(), Refusal> {
        if closing.kind == Kind::Convertible {
            // A disposal names shares, and principal has none before it is converted: so it is, into a class of its own.
            self.holdings.isolate(&mut parts, date).map_err(|message| ("security_id", message))?;
            let sizes: Vec<BigRational> = parts.iter().map(|part| part.shares.clone()).collect();
            let conversion = LotConversion { date, record: closing.record };
            self.holdings.convert_principal(&mut parts, PRINCIPAL, &sizes, &conversion);
        }
        if let Some(part) = parts.iter().find(|part| shares_text(&part.shares).is_none()) {
            let message =
                format!("{} shares of one lot are sold, which has more than {DECIMALS_MAX} decimals", part.shares);
            return Err(("quantity", message));
        }
        self.holdings.dispose(&parts, date);
        self.events.push(Event { date, fact: Fact::Disposal { lots: parts, proceeds }, record: closing.record });
        Ok(())
    }

    /// New certificates for old ones, and the conversion of shares.
    fn replace(
        &mut self,
        closing: &Closing<'v>,
        mut parts: Vec<Part>,
        class: Option<&'v str>,
        date: Date,
    ) -> Result<(), Refusal> {
        let made = self.made(closing, Kind::Stock)?;
        let (size, held) = (sum_of(&made), total(&parts));
        let to = self.only_class(&made)?;
        if let Some(stranger) = made.iter().find(|made| !made.is_own) {
            let message = format!("{} goes to another holder; only a transfer does that", stranger.issuance.security);
            return Err(("resulting_security_ids", message));
        }
        if closing.action == Action::Conversion {
            self.change_class(closing, &mut parts, to, size / held, date)?;
        } else if size != held && is_rounding(&held, &size) {
            self.restate(closing, &mut parts, &size, class, date)?;
        } else {
            check_sum(&made, &held)?;
        }
        self.hand_over(closing, parts, made, Some(to), date).map(drop)
    }

    pub(super) fn only_class(&self, made: &[Made<'v>]) -> Result<&'v str, Refusal> {
        let mut classes: Vec<&'v str> = made.iter().filter_map(|made| made.class).collect();
        classes.sort_unstable();
        classes.dedup();
        match classes.as_slice() {
            [class] => Ok(class),
            [] => Err(("resulting_security_ids", "name no class".to_owned())),
            several => {
                let labels: Vec<String> = several.iter().map(|class| self.classes.label(class)).collect();
                let message = format!(
                    "are of several classes ({}), and how the cost is shared between them is in no package, so it cannot be read",
                    labels.join(", ")
                );
                Err(("resulting_security_ids", message))
            }
        }
    }

    /// A SAFE or note becomes shares.
    fn convert_principal(&mut self, closing: &Closing<'v>, mut parts: Vec<Part>, date: Date) -> Result<(), Refusal> {
        let made = self.made(closing, Kind::Stock)?;
        let class = self.only_class(&made)?;
        if let Some(stranger) = made.iter().find(|made| !made.is_own) {
            let message = format!("{} goes to another holder; only a transfer does that", stranger.issuance.security);
            return Err(("resulting_security_ids", message));
        }
        self.holdings.isolate(&mut parts, date).map_err(|message| ("security_id", message))?;
        let shares = shared_out(&sum_of(&made), &parts);
        if shares.iter().any(|shares| !shares.is_positive()) {
            return Err(("resulting_security_ids", "have too few shares for the lots that are converted".to_owned()));
        }
        let conversion = LotConversion { date, record: closing.record };
        self.holdings.convert_principal(&mut parts, class, &shares, &conversion);
        self.hand_over(closing, parts, made, Some(class), date).map(drop)
    }
}

pub(super) fn sum_of(made: &[Made<'_>]) -> BigRational {
    made.iter().fold(BigRational::zero(), |sum, made| sum + &made.size)
}

fn check_sum(made: &[Made<'_>], expected: &BigRational) -> Result<(), Refusal> {
    let sum = sum_of(made);
    if sum == *expected {
        return Ok(());
    }
    let message = format!(
        "have {} in all, and {} is what they come from: the numbers do not add up",
        shown(&sum),
        shown(expected)
    );
    Err(("resulting_security_ids", message))
}

/// A whole number of shares for several lots by their principal, the last taking what rounding leaves.
fn shared_out(shares: &BigRational, parts: &[Part]) -> Vec<BigRational> {
    let principal = total(parts);
    let mut left = shares.clone();
    let last = parts.len().saturating_sub(1);
    let share = |(position, part): (usize, &Part)| {
        let part =
            if position == last { left.clone() } else { down_to_decimals(&(shares * &part.shares / &principal)) };
        left -= &part;
        part
    };
    parts.iter().enumerate().map(share).collect()
}
