//! Legacy investments into lots: a worked example, every obstacle and review, and plans from odd data that are carried out
//! in a portfolio document and compared with what the engine then says.

mod carried_out;
mod odd_data;
mod rules;

use jiff::civil::Date;
use moic::Shares;
use moic::migration::{
    DerivedLot, LegacyInvestment, MigrationComparison, MigrationOptions, MigrationPlan, Obstacle, plan,
};

/// An investment of company 1.
fn investment(id: i64, date: &str, amount: i64, stake: Option<(&str, i64)>) -> LegacyInvestment {
    LegacyInvestment {
        id,
        company_id: 1,
        round: "Seed".to_owned(),
        date: date.parse::<Date>().expect("a date"),
        amount_cents: amount,
        ownership: stake.map(|(ownership, _)| ownership.to_owned()),
        post_money_cents: stake.map(|(_, valuation)| valuation),
    }
}

fn shares(text: &str) -> Shares {
    Shares::parse(text).expect("shares")
}

/// Options in which the investments with these ids have these counts.
fn counts(counts: &[(i64, &str)]) -> MigrationOptions {
    MigrationOptions {
        fully_diluted_by_investment: counts.iter().map(|(id, count)| (*id, shares(count))).collect(),
        ..MigrationOptions::default()
    }
}

/// The lot of the only investment.
fn lot(investment: LegacyInvestment, options: &MigrationOptions) -> DerivedLot {
    outcome(investment, options).expect("a lot")
}

fn outcome(investment: LegacyInvestment, options: &MigrationOptions) -> Result<DerivedLot, Obstacle> {
    plan(&[investment], options).investments.remove(0).outcome
}

fn parts(comparison: &MigrationComparison) -> Vec<(&'static str, String)> {
    match comparison {
        MigrationComparison::Compared { parts, .. } => {
            parts.iter().map(|part| (part.cause.name(), part.difference.value())).collect()
        }
        MigrationComparison::NotComparable(gap) => panic!("{}", gap.description()),
    }
}

/// The names of what each investment is to be reviewed for, in the order of the plan.
fn reviews(plan: &MigrationPlan) -> Vec<Vec<&'static str>> {
    plan.investments.iter().map(|planned| planned.review.iter().map(|review| review.cause.name()).collect()).collect()
}
