//! The ends of securities: transfers, cancellations, repurchases, conversions, exercises, new certificates.

use jiff::civil::Date;
use moic::quantity::DECIMALS_MAX;
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

use super::amounts::{self, down_to_decimals, shares_text, shown};
use super::asking::{choice, question};
use super::chain::{Action, Closing, Issuance, Kind};
use super::holdings::{Holdings, Instrument, Lot, LotConversion, PRINCIPAL, Part, Transition, take, total};
use super::ledger::{Event, Fact, Ledger, is_restatement};
use super::money::whole_cents;
use crate::draft::Question;

/// What becomes of the securities that a closing ends.
struct Ending<'v> {
    /// What the closing speaks of.
    leaving: Vec<Part>,
    /// What stays, in the balance security.
    rest: Option<(Issuance<'v>, Vec<Part>)>,
    /// The class of the securities that end; none for SAFEs and notes.
    class: Option<&'v str>,
}

/// A security that results from a closing.
struct Made<'v> {
    issuance: Issuance<'v>,
    /// Shares, or the principal of a SAFE or note.
    size: BigRational,
    is_own: bool,
    class: Option<&'v str>,
}

/// Something that cannot be read as it stands: the field, and why.
type Refusal = (&'static str, String);

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

    fn all_of_one(&mut self, closing: &Closing<'v>) -> Result<Ending<'v>, Refusal> {
        let live = closing.sources.first().and_then(|source| self.live.remove(source));
        let live = live.ok_or_else(|| ("security_id", "names no security that the fund has then".to_owned()))?;
        Ok(Ending { leaving: live.parts, rest: None, class: live.class })
    }

    fn all_of_several(&mut self, closing: &Closing<'v>) -> Result<Ending<'v>, Refusal> {
        const IDS: &str = "security_ids";
        let (mut leaving, mut class) = (Vec::new(), None);
        for source in &closing.sources {
            let live = self.live.remove(source);
            let live =
                live.ok_or_else(|| (IDS, format!("the security {source} is not the fund's, or is named twice")))?;
            if class.is_some() && class != live.class {
                return Err((IDS, "are of several classes, so what results cannot be told apart".to_owned()));
            }
            class = live.class;
            leaving.extend(live.parts);
        }
        Ok(Ending { leaving, rest: None, class })
    }

    /// The part of a security that a closing speaks of, and the balance.
    fn ending(&mut self, closing: &Closing<'v>, date: Date) -> Result<Ending<'v>, Refusal> {
        let column = match (closing.kind, closing.action) {
            (Kind::Convertible, _) => "amount",
            (_, Action::Conversion) => "quantity_converted",
            _ => "quantity",
        };
        let Ending { leaving: mut parts, class, .. } = self.all_of_one(closing)?;
        let balance = self.balance_of(closing)?;
        let mut held = total(&parts);
        let stated = match closing.record.field(column) {
            None => balance.as_ref().map_or_else(|| held.clone(), |(_, left)| &held - left),
            Some(value) if closing.kind == Kind::Convertible => {
                let amount = super::record::field(value, "amount").ok_or((column, "must have an amount".to_owned()))?;
                amounts::number(amount).map_err(|message| (column, message))?
            }
            Some(value) => amounts::number(value).map_err(|message| (column, message))?,
        };
        if !stated.is_positive() {
            return Err((column, format!("must be above 0 and not above the {} that are held", shown(&held))));
        }
        let spoken_of = balance.as_ref().map_or_else(|| stated.clone(), |(_, left)| &stated + left);
        if spoken_of != held && class.is_some() && is_rounding(&held, &spoken_of) {
            self.restate(closing, &mut parts, &spoken_of, class, date)?;
            held = total(&parts);
        }
        if spoken_of != held {
            let message = match &balance {
                Some((issuance, left)) => format!(
                    "{} are {} and {} are left in the balance {}, but {} were held: the numbers do not add up",
                    shown(&stated),
                    closing.action.past(),
                    shown(left),
                    issuance.security,
                    shown(&held)
                ),
                None if stated > held => {
                    format!("{} are {}, but only {} are held", shown(&stated), closing.action.past(), shown(&held))
                }
                None => format!(
                    "{} of {} are {}, and no balance_security_id says where the rest is",
                    shown(&stated),
                    shown(&held),
                    closing.action.past()
                ),
            };
            return Err((column, message));
        }
        let leaving = self.choose(closing, &mut parts, &stated)?;
        Ok(Ending { leaving, rest: balance.map(|(issuance, _)| (issuance, parts)), class })
    }

    /// Conversions of SAFEs and notes say in units of their own how much is converted: the balance tells it.
    fn principal_ending(&mut self, closing: &Closing<'v>) -> Result<Ending<'v>, Refusal> {
        const BALANCE: &str = "balance_security_id";
        let Ending { leaving: mut parts, class, .. } = self.all_of_one(closing)?;
        let Some((issuance, left)) = self.balance_of(closing)? else {
            return Ok(Ending { leaving: parts, rest: None, class });
        };
        let held = total(&parts);
        if left >= held {
            let message = format!(
                "the balance {} has a principal of {}, and only {} was held",
                issuance.security,
                shown(&left),
                shown(&held)
            );
            return Err((BALANCE, message));
        }
        let leaving = self.choose(closing, &mut parts, &(held - left))?;
        Ok(Ending { leaving, rest: Some((issuance, parts)), class })
    }

    /// The balance security of a closing and its size.
    fn balance_of(&mut self, closing: &Closing<'v>) -> Result<Option<(Issuance<'v>, BigRational)>, Refusal> {
        const BALANCE: &str = "balance_security_id";
        let Some(security) = closing.balance else { return Ok(None) };
        let Some(issuance) = self.own_issuance(security).copied() else {
            return Err((
                BALANCE,
                "has no issuance in the package that gives it to the fund, whose it must be".to_owned(),
            ));
        };
        if issuance.kind != closing.kind {
            return Err((
                BALANCE,
                format!("is issued by {}, a security of another kind", issuance.record.object_type()),
            ));
        }
        if self.is_retracted(security) {
            return Err((BALANCE, "is retracted".to_owned()));
        }
        let size = self.size(&issuance).ok_or((BALANCE, "has an issuance without its size".to_owned()))?;
        Ok(Some((issuance, size)))
    }

    fn is_retracted(&self, security: &str) -> bool {
        self.chain.retractions.contains_key(security)
    }

    /// Shares of a security, or the principal of a SAFE or note.
    fn size(&mut self, issuance: &Issuance<'v>) -> Option<BigRational> {
        match issuance.kind {
            Kind::Convertible => self.principal(&issuance.record).map(|money| money.amount),
            Kind::Stock | Kind::Warrant | Kind::Compensation => self.shares(&issuance.record, "quantity"),
        }
    }

    /// Takes `size` out of `parts`. Where they are of several lots it has to be said which of them go.
    fn choose(
        &mut self,
        closing: &Closing<'v>,
        parts: &mut Vec<Part>,
        size: &BigRational,
    ) -> Result<Vec<Part>, Refusal> {
        if total(parts) == *size {
            return Ok(std::mem::take(parts));
        }
        if Holdings::lots_of(parts).len() > 1 {
            let asked = Question {
                choices: vec![choice("fifo", "The oldest first"), choice("lifo", "The youngest first")],
                ..question(
                    format!("ocf.relief.{}", closing.record.key()),
                    format!(
                        "{} of {} are {} out of a security that holds several purchases. Which go first?",
                        shown(size),
                        shown(&total(parts)),
                        closing.action.past()
                    ),
                )
            };
            let method = self.asking.choice(asked, &mut self.notes);
            let lots = &self.holdings.lots;
            parts.sort_by_key(|part| lots.get(part.lot).map(|lot| (lot.date, part.lot)));
            if method.as_deref() == Some("lifo") {
                parts.reverse();
            }
        }
        Ok(take(parts, size))
    }

    /// Rounds the shares of `parts` to the whole number that the package says, in the same class.
    fn restate(
        &mut self,
        closing: &Closing<'v>,
        parts: &mut Vec<Part>,
        shares: &BigRational,
        class: Option<&'v str>,
        date: Date,
    ) -> Result<(), Refusal> {
        let held = total(parts);
        let message = format!(
            "{} shares are rounded to {}, as new certificates have it; cash for a fraction is in no package",
            shown(&held),
            shown(shares)
        );
        self.notes.warn(closing.record.place(""), shown(&held), message);
        if let Some(class) = class {
            self.change_class(closing, parts, class, shares / held, date)?;
        }
        Ok(())
    }

    fn change_class(
        &mut self,
        closing: &Closing<'v>,
        parts: &mut Vec<Part>,
        to: &'v str,
        ratio: BigRational,
        date: Date,
    ) -> Result<(), Refusal> {
        let transition = Transition { date, to, ratio, record: closing.record };
        self.holdings.convert(parts, &transition).map_err(|message| ("security_id", message))?;
        let too_fine = parts.iter().find_map(|part| {
            let last = self.holdings.lots.get(part.lot)?.transitions.last()?;
            (!is_restatement(&last.ratio)).then(|| last.ratio.clone())
        });
        match too_fine {
            Some(ratio) => Err((
                "security_id",
                format!(
                    "the shares change by {ratio}, and no side of a ratio in the portfolio document may be above {}",
                    moic::RESTATEMENT_MAX
                ),
            )),
            None => Ok(()),
        }
    }

    /// The securities that result from a closing, all of them of `kind`.
    fn made(&mut self, closing: &Closing<'v>, kind: Kind) -> Result<Vec<Made<'v>>, Refusal> {
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
    fn hand_over(
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

    fn sell(
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

    fn only_class(&self, made: &[Made<'v>]) -> Result<&'v str, Refusal> {
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

    /// A warrant becomes shares; what it does not become is given up.
    fn exercise(
        &mut self,
        closing: &Closing<'v>,
        mut parts: Vec<Part>,
        class: Option<&'v str>,
        date: Date,
    ) -> Result<(), Refusal> {
        const RESULTS: &str = "resulting_security_ids";
        let made = self.made(closing, Kind::Stock)?;
        let to = self.only_class(&made)?;
        let (size, held) = (sum_of(&made), total(&parts));
        if let Some(stranger) = made.iter().find(|made| !made.is_own) {
            return Err((
                RESULTS,
                format!("{} goes to another holder; only a transfer does that", stranger.issuance.security),
            ));
        }
        if size > held {
            return Err((RESULTS, format!("have {} shares, and the warrant is for {}", shown(&size), shown(&held))));
        }
        if class != Some(to) {
            self.change_class(closing, &mut parts, to, BigRational::one(), date)?;
        }
        self.holdings.isolate(&mut parts, date).map_err(|message| ("security_id", message))?;
        let cash = self.cash(closing, &parts, &size, &held, date);
        let mut kept = self.exercised(closing, &parts, &made, cash, date);
        let lost = &held - &size;
        if lost.is_positive() {
            let message = format!(
                "{} of {} shares result: the rest of the warrant is read as given up for nothing",
                shown(&size),
                shown(&held)
            );
            self.notes.warn(closing.record.place(RESULTS), shown(&size), message);
            let given_up = take(&mut kept, &lost);
            self.sell(closing, given_up, Some(BigInt::zero()), date)?;
        }
        self.hand_over(closing, kept, made, Some(to), date).map(drop)
    }

    /// Cash paid by lot: strike times shares where the whole warrant becomes shares; otherwise it is asked for, since an
    /// exercise without cash gives fewer shares.
    fn cash(
        &mut self,
        closing: &Closing<'v>,
        parts: &[Part],
        size: &BigRational,
        held: &BigRational,
        date: Date,
    ) -> Vec<Option<BigInt>> {
        if size == held {
            let by_strike = |part: &Part| {
                let lot = self.holdings.lots.get(part.lot)?;
                let strike = price_of(lot.strike.as_deref()?)?;
                Some(amounts::half_even(&(strike * &lot.acquired)))
            };
            // An unanswered question about the strike leaves the cash open as well.
            return parts.iter().map(by_strike).collect();
        }
        let text = format!(
            "What did the fund pay, in {}, to exercise the warrant {} on {date}? {} of {} shares result; 0 for an exercise without cash",
            self.currency.unwrap_or("the fund's currency"),
            closing.sources.join(", "),
            shown(size),
            shown(held)
        );
        let asked =
            Question { example: Some("0".to_owned()), ..question(format!("ocf.cash.{}", closing.record.key()), text) };
        let paid = self.asking.cents(asked, &mut self.notes);
        let mut left = paid.clone();
        let last = parts.len().saturating_sub(1);
        let share = |(position, part): (usize, &Part)| {
            let whole = paid.clone()?;
            let cents = if position == last {
                left.clone()?
            } else {
                amounts::half_even(&(BigRational::from_integer(whole) * &part.shares / held))
            };
            left = left.take().map(|left| left - &cents);
            Some(cents)
        };
        parts.iter().enumerate().map(share).collect()
    }

    /// Empties the warrants and makes the lots that come of them.
    fn exercised(
        &mut self,
        closing: &Closing<'v>,
        parts: &[Part],
        made: &[Made<'v>],
        cash: Vec<Option<BigInt>>,
        date: Date,
    ) -> Vec<Part> {
        let mut kept = Vec::new();
        for (position, (part, cash)) in parts.iter().zip(cash).enumerate() {
            let Some(warrant) = self.holdings.lots.get_mut(part.lot) else { continue };
            let id = made.first().map_or_else(|| warrant.id.clone(), |made| made.issuance.security.to_owned());
            let id = if position == 0 { id } else { format!("{id}/{}", warrant.id) };
            let new = Lot {
                id,
                instrument: Instrument::Equity,
                is_secondary: false,
                date,
                class: warrant.class_now(),
                acquired: part.shares.clone(),
                held: part.shares.clone(),
                cost: None,
                price: None,
                strike: None,
                conversion: None,
                transitions: Vec::new(),
                factor: BigRational::one(),
                emptied_on: None,
                sold_on: None,
                is_exercised: true,
                record: closing.record,
            };
            warrant.held = BigRational::zero();
            warrant.emptied_on = Some(date);
            let new = self.holdings.add(new);
            self.events.push(Event {
                date,
                fact: Fact::Exercise { lot: part.lot, new_lot: new.lot, cash },
                record: closing.record,
            });
            kept.push(new);
        }
        kept
    }
}

fn sum_of(made: &[Made<'_>]) -> BigRational {
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

/// Whether `stated` is what `held`, with a fraction of a share, was rounded to.
fn is_rounding(held: &BigRational, stated: &BigRational) -> bool {
    !held.is_integer() && stated.is_positive() && (held - stated).abs() < BigRational::one()
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

/// A price as the document has it: a decimal or a fraction of cents.
fn price_of(text: &str) -> Option<BigRational> {
    match text.split_once('/') {
        Some((numerator, denominator)) => {
            let (numerator, denominator) = (numerator.parse().ok()?, denominator.parse::<BigInt>().ok()?);
            (!denominator.is_zero()).then(|| BigRational::new(numerator, denominator))
        }
        None => amounts::decimal(text).ok(),
    }
}
