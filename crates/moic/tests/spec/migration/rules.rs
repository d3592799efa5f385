//! Each rule of the derivation by an example.

use super::{counts, investment, lot, outcome, parts, reviews, shares};
use jiff::civil::date;
use moic::migration::{
    ComparisonGap, GivenTerms, LegacyInvestment, MigrationComparison, MigrationOptions, PricingConfidence, plan,
};
use moic::{LotType, Price, Ratio};

/// 15 % for 1.5 million at 10 million post-money, then 5 % for 2 million at 40 million.
fn two_rounds() -> [LegacyInvestment; 2] {
    let seed = investment(1, "2021-03-01", 150_000_000, Some(("0.15", 1_000_000_000)));
    let series_a = investment(2, "2023-06-01", 200_000_000, Some(("0.05", 4_000_000_000)));
    [seed, LegacyInvestment { round: " Series A ".to_owned(), ..series_a }]
}

fn two_counts() -> MigrationOptions {
    counts(&[(1, "10000000"), (2, "12500000")])
}

#[test]
fn c7_price_and_shares_follow_from_valuation_and_fully_diluted_shares() {
    let plan = plan(&two_rounds(), &two_counts());
    let lots: Vec<_> = plan.investments.iter().map(|planned| planned.outcome.clone().expect("a lot")).collect();
    assert_eq!((lots[0].price.to_string(), lots[0].shares.to_string()), ("100".to_owned(), "1500000".to_owned()));
    assert_eq!((lots[1].price.to_string(), lots[1].shares.to_string()), ("320".to_owned(), "625000".to_owned()));
    assert_eq!((lots[0].lot_type, lots[1].lot_type), (LotType::Initial, LotType::FollowOn));
    assert_eq!((lots[0].share_class.as_str(), lots[1].share_class.as_str()), ("Seed", "Series A"));
    assert_eq!((lots[0].cost.to_string(), lots[0].purchase_date), ("150000000".to_owned(), date(2021, 3, 1)));
    assert!(lots.iter().all(|lot| lot.confidence == PricingConfidence::Verified));
    assert_eq!((plan.for_review().count(), plan.not_migrated().count()), (0, 0));
    let marks: Vec<_> = plan
        .marks
        .iter()
        .map(|mark| (mark.share_class.as_str(), mark.price.to_string(), mark.date.to_string()))
        .collect();
    let mark = |class| (class, "320".to_owned(), "2023-06-01".to_owned());
    assert_eq!(marks, [mark("Seed"), mark("Series A")]);
    assert!(plan.marks.iter().all(|mark| (mark.company_id, mark.investment_id) == (1, 2)));
}

#[test]
fn c7_lot_level_differs_from_legacy_by_dilution() {
    let plan = plan(&two_rounds(), &two_counts());
    let MigrationComparison::Compared { legacy, lots, difference, .. } = &plan.fund else { panic!("{:?}", plan.fund) };
    // Legacy: 20 % of 40 million over 3.5 million. Lots: 2,125,000 shares at 3.20.
    assert_eq!((legacy.to_decimal(6), lots.to_decimal(6)), ("2.285714".to_owned(), "1.942857".to_owned()));
    assert_eq!(difference.to_string(), "-0.34x");
    // Seed's 15 % were diluted to 12 %.
    assert_eq!(parts(&plan.fund), [("dilution", "-0.342857142857".to_owned())]);
    assert_eq!(plan.companies[0].comparison, plan.fund);
}

#[test]
fn without_new_shares_lot_level_and_legacy_agree() {
    let plan = plan(&two_rounds(), &counts(&[(1, "10000000"), (2, "10000000")]));
    assert_eq!(parts(&plan.fund), []);
}

#[test]
fn prices_and_shares_are_rounded_half_even_to_8_decimals_from_the_exact_fraction() {
    let lot = lot(investment(1, "2021-03-01", 100, Some(("0.01", 10_000))), &counts(&[(1, "30000")]));
    assert_eq!((lot.price.to_string(), lot.exact_price.to_string()), ("0.33333333".to_owned(), "1/3".to_owned()));
    assert_eq!(lot.shares.to_string(), "300");
}

#[test]
fn the_first_day_is_initial_with_all_its_investments_and_what_cost_nothing_does_not_count() {
    let stake = Some(("0.15", 1_000_000_000));
    let investments = [
        investment(3, "2021-03-01", 150_000_000, stake),
        investment(2, "2021-03-01", 150_000_000, stake),
        investment(4, "2021-03-02", 150_000_000, stake),
        investment(1, "2020-01-01", 0, stake),
    ];
    let plan = plan(&investments, &counts(&[(1, "1"), (2, "1000"), (3, "1000"), (4, "1000")]));
    let types: Vec<_> = plan
        .investments
        .iter()
        .map(|planned| (planned.id, planned.outcome.as_ref().ok().map(|lot| lot.lot_type)))
        .collect();
    let (initial, follow_on) = (Some(LotType::Initial), Some(LotType::FollowOn));
    assert_eq!(types, [(1, None), (2, initial), (3, initial), (4, follow_on)]);
}

#[test]
fn nothing_is_migrated_without_what_it_needs() {
    let stake = Some(("0.15", 1_000_000_000));
    let at = |amount, stake| investment(1, "2021-03-01", amount, stake);
    let name = |investment, options: &MigrationOptions| outcome(investment, options).expect_err("an obstacle").name();
    let counted = counts(&[(1, "10000000")]);
    assert_eq!(name(at(150_000_000, stake), &MigrationOptions::default()), "no_share_count");
    assert_eq!(name(at(150_000_000, stake), &counts(&[(1, "0")])), "zero_share_count");
    assert_eq!(name(at(-1, stake), &counted), "negative_amount");
    assert_eq!(name(at(i64::MIN, stake), &counted), "negative_amount");
    assert_eq!(name(at(0, stake), &counted), "zero_amount");
    assert_eq!(name(at(1, None), &counted), "no_valuation");
    assert_eq!(name(at(1, Some(("0.1", 0))), &counted), "valuation_not_positive");
    assert_eq!(name(at(1, Some(("0.1", -5))), &counted), "valuation_not_positive");
    assert_eq!(name(at(1_000_000_001, stake), &counted), "amount_above_valuation");
    assert_eq!(name(at(1, Some(("1", 1))), &counts(&[(1, "1000000000000000000")])), "too_small");
    assert_eq!(name(at(1, Some(("0.1", i64::MAX))), &counts(&[(1, "1")])), "too_large");
    // 10^18 cents a share: 8 decimals of a share are 10^10 cents.
    let dear = counts(&[(1, "1")]);
    assert_eq!(name(at(14_000_000_000, Some(("1", 1_000_000_000_000_000_000))), &dear), "terms_contradict");
    let twice = plan(&[at(150_000_000, stake), at(150_000_000, stake)], &counted);
    assert_eq!(twice.not_migrated().map(|(_, obstacle)| obstacle.name()).collect::<Vec<_>>(), ["id_used_twice"]);
}

#[test]
fn a_missing_valuation_is_hinted_at_and_never_filled_in() {
    let without =
        LegacyInvestment { ownership: Some("0.15".to_owned()), ..investment(1, "2021-03-01", 150_000_001, None) };
    let obstacle = outcome(without, &counts(&[(1, "10000000")])).expect_err("an obstacle");
    assert_eq!(
        obstacle.to_string(),
        "the round has no post-money valuation, and the ownership would make it 1000000007 cents: enter it, or give the \
         shares or the price"
    );
}

#[test]
fn given_shares_or_prices_need_no_valuation() {
    let given = |shares_given: Option<&str>, price: Option<&str>| MigrationOptions {
        given_terms: [(
            1,
            GivenTerms {
                shares: shares_given.map(shares),
                price: price.map(|price| Price::parse(price).expect("a price")),
            },
        )]
        .into(),
        ..MigrationOptions::default()
    };
    let bare = || investment(1, "2021-03-01", 1_000, None);
    for (options, terms) in [
        (given(Some("250"), None), ("250", "4")),
        (given(None, Some("4")), ("250", "4")),
        (given(Some("250"), Some("4.01")), ("250", "4.01")),
        (given(None, Some("10/3")), ("300", "10/3")),
    ] {
        let lot = lot(bare(), &options);
        assert_eq!((lot.shares.to_string().as_str(), lot.price.to_string().as_str()), terms);
        assert_eq!(lot.confidence, PricingConfidence::Manual);
    }
    let contradiction = outcome(bare(), &given(Some("250"), Some("5"))).expect_err("an obstacle");
    assert_eq!(
        contradiction.to_string(),
        "sharesAcquired shares × price is 1250 cents and the cost 1000 cents: a difference of 250 cents, more than 1 % of \
         the cost; correct one of the three"
    );
    for options in [given(Some("0"), None), given(None, Some("0")), given(None, None)] {
        assert!(outcome(bare(), &options).is_err());
    }
}

#[test]
fn a_companys_count_is_in_force_from_its_date_on() {
    let options = MigrationOptions {
        fully_diluted_by_company: [(
            1,
            [(date(2021, 3, 1), shares("10000000")), (date(2023, 6, 1), shares("12500000"))].into(),
        )]
        .into(),
        ..MigrationOptions::default()
    };
    let plan = plan(&two_rounds(), &options);
    let prices: Vec<_> =
        plan.investments.iter().map(|planned| planned.outcome.as_ref().map(|lot| lot.price.to_string())).collect();
    assert_eq!(prices, [Ok("100".to_owned()), Ok("320".to_owned())]);
    assert_eq!(plan.for_review().count(), 0);
    let early = investment(1, "2021-02-28", 150_000_000, Some(("0.15", 1_000_000_000)));
    assert_eq!(outcome(early, &options).expect_err("too early").name(), "no_share_count");
}

#[test]
fn what_disagrees_or_is_large_is_listed_for_review() {
    let large = MigrationOptions { review_above_cents: Some(150_000_000), ..two_counts() };
    assert_eq!(reviews(&plan(&two_rounds(), &large)), [vec![], vec!["above_threshold"]]);

    let [seed, _] = two_rounds();
    let with = |ownership: &str| LegacyInvestment { ownership: Some(ownership.to_owned()), ..seed.clone() };
    for (ownership, causes) in [
        // 1 % of 15 % either way is within the tolerance.
        ("0.1515", vec![]),
        ("0.1516", vec!["ownership_against_amount", "ownership_against_shares"]),
        ("0.1484", vec!["ownership_against_amount", "ownership_against_shares"]),
        ("15", vec!["ownership_above_one", "ownership_against_amount", "ownership_against_shares"]),
        ("15 %", vec!["ownership_unreadable"]),
        ("-0.15", vec!["ownership_unreadable"]),
    ] {
        let plan = plan(&[with(ownership)], &two_counts());
        let confidence = plan.investments[0].outcome.as_ref().expect("a lot").confidence;
        assert_eq!(confidence == PricingConfidence::Verified, causes.is_empty(), "{ownership}");
        assert_eq!(reviews(&plan), [causes]);
    }
    let plan = plan(&[with("0.16")], &two_counts());
    assert_eq!(
        plan.investments[0].review[0].message,
        "ownership × post-money valuation is 160000000 cents and the amount 150000000 cents, a difference of 10000000 \
         cents: correct one of the three"
    );
    assert_eq!(parts(&plan.fund), [("ownership", "-0.066666666667".to_owned())]);
}

#[test]
fn a_wider_tolerance_accepts_what_a_narrow_one_lists() {
    let [seed, _] = two_rounds();
    let seed = LegacyInvestment { ownership: Some("0.16".to_owned()), ..seed };
    let wide = MigrationOptions { tolerance: Ratio::parse("1/10").expect("a tolerance"), ..two_counts() };
    assert_eq!(lot(seed, &wide).confidence, PricingConfidence::Verified);
}

#[test]
fn one_count_for_several_days_is_listed_because_rounds_issue_shares() {
    let options = MigrationOptions {
        fully_diluted_by_company: [(1, [(date(2021, 1, 1), shares("10000000"))].into())].into(),
        ..MigrationOptions::default()
    };
    let once = "one_count_for_several_dates";
    assert_eq!(reviews(&plan(&two_rounds(), &options)), [vec![once], vec![once]]);
    let [seed, _] = two_rounds();
    assert_eq!(reviews(&plan(&[seed], &options)), [Vec::<&str>::new()]);
}

#[test]
fn proceeds_are_on_both_sides_and_the_sale_is_asked_for() {
    let options = MigrationOptions { realised_cents: [(1, 35_000_000)].into(), ..two_counts() };
    let plan = plan(&two_rounds(), &options);
    assert_eq!(reviews(&plan), [vec!["proceeds_recorded"], vec!["proceeds_recorded"]]);
    let MigrationComparison::Compared { legacy, .. } = &plan.fund else { panic!("{:?}", plan.fund) };
    assert_eq!(legacy.to_decimal(6), "2.385714");
    assert_eq!(parts(&plan.fund), [("dilution", "-0.342857142857".to_owned())]);
}

#[test]
fn what_stays_behind_is_a_part_of_the_difference() {
    // The second round has no count: it stays in legacy, and its valuation cannot be a mark.
    let behind = plan(&two_rounds(), &counts(&[(1, "10000000")]));
    assert_eq!(behind.fund, MigrationComparison::NotComparable(ComparisonGap::NoMark));
    assert!(behind.marks.is_empty());
    // The first has none: what is left is 5 % of 40 million for 2 million, 1.00x.
    let first_behind = plan(&two_rounds(), &counts(&[(2, "12500000")]));
    assert_eq!(parts(&first_behind.fund), [("not_migrated", "-1.285714285714".to_owned())]);
}

#[test]
fn what_cannot_be_compared_says_why() {
    let gap = |investments: &[LegacyInvestment], options: &MigrationOptions| match plan(investments, options).fund {
        MigrationComparison::NotComparable(gap) => gap.description(),
        compared @ MigrationComparison::Compared { .. } => panic!("{compared:?}"),
    };
    assert_eq!(gap(&[], &two_counts()), "no investment can be migrated: see what each needs");
    assert_eq!(gap(&two_rounds(), &MigrationOptions::default()), "no investment can be migrated: see what each needs");
    let [seed, series_a] = two_rounds();
    let unvalued = LegacyInvestment { ownership: None, ..seed.clone() };
    assert_eq!(gap(&[unvalued], &two_counts()), "an investment has no ownership, or the company no valuation");
    let negative = LegacyInvestment { amount_cents: -5, ..series_a.clone() };
    assert_eq!(gap(&[seed, negative], &two_counts()), "an amount or a valuation is negative: correct it");
    let free = LegacyInvestment { amount_cents: 0, ..series_a };
    assert_eq!(gap(&[free], &two_counts()), "investments without an amount: a multiple of nothing");
}

#[test]
fn given_terms_set_the_mark_of_their_round() {
    let options = MigrationOptions {
        given_terms: [(2, GivenTerms { shares: Some(shares("500000")), price: None })].into(),
        ..two_counts()
    };
    let plan = plan(&two_rounds(), &options);
    assert_eq!(plan.marks[0].price.to_string(), "400");
    // Seed: 1,500,000 × 400 is 15 % of 40 million. Series A: 500,000 × 400 is 5 %.
    assert_eq!(parts(&plan.fund), []);
}

#[test]
fn classes_are_named_by_the_options_the_round_or_common() {
    let named = |round: &str, options: &MigrationOptions| {
        let seed =
            LegacyInvestment { round: round.to_owned(), ..investment(1, "2021-03-01", 100, Some(("0.1", 1_000))) };
        lot(seed, options).share_class
    };
    let options = MigrationOptions {
        share_class_by_round: [("Series A".to_owned(), "PS-A".to_owned())].into(),
        ..counts(&[(1, "10")])
    };
    assert_eq!(named("Series A", &options), "PS-A");
    assert_eq!(named("Series B", &options), "Series B");
    assert_eq!(named("  ", &options), "COMMON");
    assert_eq!(named(&"ä".repeat(10_000), &options).chars().count(), moic::IDENTIFIER_LENGTH_MAX);
}
