use store::{
    LotId, Page, StoreError, ids,
    lots::{self, Instrument, LotFilter, LotTerms, LotType},
};

use crate::{database::TestDatabase, story::*};

on_both! {
    async fn a_lot_is_read_back_as_it_was_created(database: TestDatabase) {
        let position = database.write(|tx| position(tx, at(0))).await;
        let lot = database.write(move |tx| lot(tx, position, at(1))).await;
        assert_eq!((lot.company_id, lot.version, lot.created_at), (position.company, 1, at(1)));
        assert_eq!(database.read(move |tx| lots::get(tx, lot.id)).await, lot);
    }

    async fn a_correction_leaves_every_version_in_history(database: TestDatabase) {
        let position = database.write(|tx| position(tx, at(0))).await;
        let created = database.write(move |tx| lot(tx, position, at(1))).await;
        let dearer = LotTerms { shares: Some("900".to_owned()), share_price_cents: None, ..equity() };
        let terms = dearer.clone();
        let corrected = database.write(move |tx| {
            let new = lots::NewLot { id: created.id, investment_id: position.investment, terms: terms.clone() };
            lots::correct(tx, 1, &new, at(5))
        }).await;
        assert_eq!((&corrected.terms, corrected.version, corrected.created_at), (&dearer, 2, at(1)));
        for (version, recorded_at, shares) in [(1, created.recorded_at, 1000), (2, corrected.recorded_at, 900)] {
            let kept = format!(
                "SELECT COUNT(*) FROM lot_versions WHERE version = {version} AND recorded_at = {} AND shares = '{shares}'",
                recorded_at.as_microsecond()
            );
            assert_eq!(database.count(&kept).await, 1, "version {version}");
        }

        let late = database.refused(move |tx| {
            let new = lots::NewLot { id: created.id, investment_id: position.investment, terms: equity() };
            lots::correct(tx, 1, &new, at(6))
        }).await;
        assert_eq!(late, StoreError::VersionConflict { current: 2 });
    }

    async fn a_lot_that_contradicts_itself_is_refused_with_the_fields_of_the_request(database: TestDatabase) {
        let position = database.write(|tx| position(tx, at(0))).await;
        let refused = database.refused(move |tx| {
            let terms = LotTerms { share_class: None, shares: Some("-1".to_owned()), ..equity() };
            lots::create(tx, position.fund, &new_lot(position.investment, terms, at(1))?, at(1))
        }).await;
        let StoreError::Invalid(problems) = refused else { panic!("{refused}") };
        let mut paths: Vec<&str> = problems.iter().map(|problem| problem.path.as_str()).collect();
        paths.sort_unstable();
        assert_eq!(paths, ["shareClass", "sharesAcquired"], "{problems:?}");
        assert_eq!(database.count("SELECT COUNT(*) FROM lots").await, 0);
    }

    async fn a_correction_that_undercuts_what_was_sold_is_refused_and_changes_nothing(database: TestDatabase) {
        let position = database.write(|tx| position(tx, at(0))).await;
        let created = database.write(move |tx| lot(tx, position, at(1))).await;
        let sale = format!(
            r#"{{"type":"disposal","date":"2023-05-01","shareClass":"PS","shares":"800","proceedsCents":"400000","lots":{{"{}":"800"}}}}"#,
            created.id
        );
        let sold = database.write(move |tx| event(tx, position, &sale, at(2))).await;
        let refused = database.refused(move |tx| {
            let terms = LotTerms { shares: Some("500".to_owned()), share_price_cents: None, ..equity() };
            let new = lots::NewLot { id: created.id, investment_id: position.investment, terms };
            lots::correct(tx, 1, &new, at(3))
        }).await;
        let StoreError::Invalid(problems) = refused else { panic!("{refused}") };
        assert!(problems.iter().any(|problem| problem.path.contains(&sold.id.to_string())), "{problems:?}");
        assert_eq!(database.read(move |tx| lots::get(tx, created.id)).await, created);
        assert_eq!(database.count("SELECT COUNT(*) FROM lot_versions").await, 1);
    }

    async fn a_foreign_investment_is_a_problem_of_the_request(database: TestDatabase) {
        let mine = database.write(|tx| position(tx, at(0))).await;
        let other = database.write(|tx| position(tx, at(0))).await;
        let refused = database.refused(move |tx| {
            lots::create(tx, mine.fund, &new_lot(other.investment, equity(), at(1))?, at(1))
        }).await;
        assert!(matches!(&refused, StoreError::Invalid(problems) if problems[0].path == "investmentId"), "{refused}");
        let missing = database.refused(|tx| lots::get(tx, LotId(ids::uuid_v7(at(0))?))).await;
        assert!(matches!(missing, StoreError::NotFound { what: "lot", .. }), "{missing}");
    }

    async fn lists_are_filtered_by_fund_company_investment_and_type(database: TestDatabase) {
        let (first, second) = database.write(|tx| {
            let first = position(tx, at(0))?;
            let second = position_in(tx, first.fund, "BetaWorks", at(0))?;
            let foreign = position(tx, at(0))?;
            for (seconds, position) in [(1, first), (2, second), (3, foreign)] {
                lot(tx, position, at(seconds))?;
                let safe = LotTerms {
                    lot_type: LotType::FollowOn,
                    instrument: Instrument::Safe,
                    share_class: None,
                    shares: None,
                    share_price_cents: None,
                    ..equity()
                };
                lots::create(tx, position.fund, &new_lot(position.investment, safe, at(seconds + 10))?, at(seconds + 10))?;
            }
            Ok((first, second))
        }).await;
        let everything = LotFilter::default();
        let of_second = LotFilter { company_id: Some(second.company), ..everything };
        let follow_ons = LotFilter { lot_type: Some(LotType::FollowOn), ..everything };
        let bought_with = LotFilter { investment_id: Some(first.investment), ..everything };
        let contradictory = LotFilter { company_id: Some(second.company), ..bought_with };
        let both = LotFilter { lot_type: Some(LotType::Initial), ..of_second };
        let filters = [(everything, 4), (of_second, 2), (follow_ons, 2), (bought_with, 2), (contradictory, 0), (both, 1)];
        for (filter, expected) in filters {
            let listing = database.read(move |tx| lots::list(tx, first.fund, &filter, &Page::default())).await;
            assert_eq!(listing.items.len(), expected, "{filter:?}");
            assert!(listing.items.iter().all(|lot| lot.fund_id == first.fund));
            assert!(listing.items.is_sorted_by_key(|lot| lot.id));
        }
    }

    async fn simultaneous_lots_are_each_recorded_at_an_instant_of_their_own(database: TestDatabase) {
        let position = database.write(|tx| position(tx, at(0))).await;
        let store = database.store();
        let writers: Vec<_> = (0..40)
            .map(|_| {
                let store = store.clone();
                tokio::spawn(async move { store.write(move |tx| lot(tx, position, at(1)).map(|_| ())).await })
            })
            .collect();
        for writer in writers {
            writer.await.expect("the task ends").expect("the lot is created");
        }
        assert_eq!(database.count("SELECT COUNT(DISTINCT recorded_at) FROM lots").await, 40);
        assert_eq!(database.count("SELECT lot_count FROM companies").await, 40);
        assert_eq!(database.count("SELECT COUNT(*) FROM lots WHERE recorded_at > (SELECT recorded_at FROM clock_floor)").await, 0);
    }

    async fn a_company_is_full_at_the_engines_limit(database: TestDatabase) {
        let position = database.write(|tx| position(tx, at(0))).await;
        let almost_full = format!("UPDATE companies SET lot_count = {}", moic::LOTS_PER_COMPANY_MAX - 1);
        database.behind_the_back(&almost_full).await.expect("the statement runs");
        database.write(move |tx| lot(tx, position, at(1)).map(|_| ())).await;
        let refused = database.refused(move |tx| lot(tx, position, at(2))).await;
        assert!(matches!(&refused, StoreError::Invalid(problems) if problems[0].path == "investmentId"), "{refused}");
    }
}
