//! What a closing speaks of: the part of a security that goes, the balance that stays, and fractions that certificates round.

use jiff::civil::Date;
use num_rational::BigRational;
use num_traits::{One, Signed};

use super::amounts::{self, shown};
use super::asking::{choice, question};
use super::chain::{Action, Closing, Issuance, Kind};
use super::closing::Refusal;
use super::holdings::{Holdings, Part, Transition, take, total};
use super::ledger::{Ledger, is_restatement};
use super::record::field;
use crate::draft::Question;

/// What becomes of the securities that a closing ends.
pub(super) struct Ending<'v> {
    /// What the closing speaks of.
    pub(super) leaving: Vec<Part>,
    /// What stays, in the balance security.
    pub(super) rest: Option<(Issuance<'v>, Vec<Part>)>,
    /// The class of the securities that end; none for SAFEs and notes.
    pub(super) class: Option<&'v str>,
}

impl<'v> Ledger<'v, '_, '_> {
    pub(super) fn all_of_one(&mut self, closing: &Closing<'v>) -> Result<Ending<'v>, Refusal> {
        let live = closing.sources.first().and_then(|source| self.live.remove(source));
        let live = live.ok_or_else(|| ("security_id", "names no security that the fund has then".to_owned()))?;
        Ok(Ending { leaving: live.parts, rest: None, class: live.class })
    }

    pub(super) fn all_of_several(&mut self, closing: &Closing<'v>) -> Result<Ending<'v>, Refusal> {
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
    pub(super) fn ending(&mut self, closing: &Closing<'v>, date: Date) -> Result<Ending<'v>, Refusal> {
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
                let amount = field(value, "amount").ok_or((column, "must have an amount".to_owned()))?;
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
    pub(super) fn principal_ending(&mut self, closing: &Closing<'v>) -> Result<Ending<'v>, Refusal> {
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
    pub(super) fn balance_of(&mut self, closing: &Closing<'v>) -> Result<Option<(Issuance<'v>, BigRational)>, Refusal> {
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

    pub(super) fn is_retracted(&self, security: &str) -> bool {
        self.chain.retractions.contains_key(security)
    }

    /// Shares of a security, or the principal of a SAFE or note.
    pub(super) fn size(&mut self, issuance: &Issuance<'v>) -> Option<BigRational> {
        match issuance.kind {
            Kind::Convertible => self.principal(&issuance.record).map(|money| money.amount),
            Kind::Stock | Kind::Warrant | Kind::Compensation => self.shares(&issuance.record, "quantity"),
        }
    }

    /// Takes `size` out of `parts`. Where they are of several lots it has to be said which of them go.
    pub(super) fn choose(
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
    pub(super) fn restate(
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

    pub(super) fn change_class(
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
}

/// Whether `stated` is what `held`, with a fraction of a share, was rounded to.
pub(super) fn is_rounding(held: &BigRational, stated: &BigRational) -> bool {
    !held.is_integer() && stated.is_positive() && (held - stated).abs() < BigRational::one()
}
