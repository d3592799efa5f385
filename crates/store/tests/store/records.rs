//! Funds, companies, investments, people, settings: create, read, list, change.

use store::{Cursor, Limit, Page, StoreError, companies, funds, investments, people, settings};

use crate::{database::TestDatabase, story::*};

on_both! {
    async fn a_fund_is_created_read_and_changed(database: TestDatabase) {
        let fund = database.write(|tx| funds::create(tx, &new_fund("Fund I"), at(0))).await;
        assert_eq!((fund.version, fund.revision, fund.created_at), (1, 1, at(0)));

        let id = fund.id;
        let changed = database.write(move |tx| funds::update(tx, id, 1, &new_fund("Fund One"), at(9))).await;
        assert_eq!((changed.name.as_str(), changed.version, changed.updated_at), ("Fund One", 2, at(9)));
        assert_eq!(database.read(move |tx| funds::get(tx, id)).await, changed);

        let late = database.refused(move |tx| funds::update(tx, id, 1, &new_fund("Fund Late"), at(10))).await;
        assert_eq!(late, StoreError::VersionConflict { current: 2 });
    }

    async fn a_fund_with_investments_keeps_its_currency(database: TestDatabase) {
        let position = database.write(|tx| position(tx, at(0))).await;
        let refused = database.refused(move |tx| {
            let euro = funds::NewFund { currency: "EUR".to_owned(), ..new_fund("Fund I") };
            funds::update(tx, position.fund, 1, &euro, at(1))
        }).await;
        assert!(matches!(&refused, StoreError::Invalid(problems) if problems[0].path == "currency"), "{refused}");
    }

    async fn a_policy_under_which_a_recorded_sale_is_impossible_is_refused(database: TestDatabase) {
        let with_policy = |policy: &str| funds::NewFund { policy: Some(policy.to_owned()), ..new_fund("Fund I") };
        let unknown = with_policy(r#"{"lotRelief":"by_mood"}"#);
        let refused = database.refused(move |tx| funds::create(tx, &unknown, at(0))).await;
        assert!(
            matches!(&refused, StoreError::Invalid(problems) if problems[0].path.starts_with("policy")),
            "{refused}"
        );
        let first_in = with_policy(r#"{"lotRelief":"fifo"}"#);
        let fund = database.write(move |tx| {
            let fund = funds::create(tx, &first_in, at(0))?.id;
            let position = position_in(tx, fund, "AlphaTech", at(1))?;
            lot(tx, position, at(2))?;
            let sale = r#"{"type":"disposal","date":"2023-05-01","shareClass":"PS","shares":"800","proceedsCents":"1"}"#;
            event(tx, position, sale, at(3))?;
            Ok(fund)
        }).await;
        let named_lots_only = with_policy(r#"{"lotRelief":"specific"}"#);
        let refused = database.refused(move |tx| funds::update(tx, fund, 1, &named_lots_only, at(4))).await;
        assert!(matches!(&refused, StoreError::Invalid(problems) if problems[0].path == "policy"), "{refused}");
        let last_in = with_policy(r#"{"lotRelief":"lifo"}"#);
        database.write(move |tx| funds::update(tx, fund, 1, &last_in, at(5)).map(|_| ())).await;
    }

    async fn what_belongs_to_another_fund_is_not_found(database: TestDatabase) {
        let mine = database.write(|tx| position(tx, at(0))).await;
        let other = database.write(|tx| position(tx, at(1))).await;
        let company = database.refused(move |tx| companies::get(tx, other.fund, mine.company)).await;
        assert_eq!(company, StoreError::NotFound { what: "company", id: mine.company.to_string() });
        let investment = database.refused(move |tx| investments::get(tx, other.fund, mine.investment)).await;
        assert_eq!(investment, StoreError::NotFound { what: "investment", id: mine.investment.to_string() });
        let foreign = database.refused(move |tx| {
            investments::create(tx, other.fund, &new_investment(mine.company), at(2))
        }).await;
        assert!(matches!(&foreign, StoreError::Invalid(problems) if problems[0].path == "companyId"), "{foreign}");
    }

    async fn lists_go_on_where_the_last_page_ended(database: TestDatabase) {
        let fund = database.write(|tx| {
            let fund = funds::create(tx, &new_fund("Fund I"), at(0))?.id;
            for number in 0..7 {
                companies::create(tx, fund, &new_company(&format!("Company {number}")), at(number))?;
            }
            funds::create(tx, &new_fund("Fund II"), at(0))?;
            Ok(fund)
        }).await;
        let mut names = Vec::new();
        let mut page = Page { limit: Limit::new(3).expect("a limit"), after: None };
        loop {
            let asked = page.clone();
            let listing = database.read(move |tx| companies::list(tx, fund, &asked)).await;
            assert!(listing.items.len() <= 3);
            names.extend(listing.items.into_iter().map(|company| company.name));
            let Some(next) = listing.next else { break };
            // As a client hands it back.
            page.after = Some(next.to_string().parse::<Cursor>().expect("a cursor of ours"));
        }
        assert_eq!(names, (0..7).map(|number| format!("Company {number}")).collect::<Vec<_>>());
    }

    async fn a_token_for_some_funds_lists_only_those(database: TestDatabase) {
        let ids = database.write(|tx| {
            (0..5).map(|number| Ok(funds::create(tx, &new_fund("Fund"), at(number))?.id)).collect::<Result<Vec<_>, _>>()
        }).await;
        let visible = vec![ids[3], ids[1], ids[1]];
        let listing = database.read(move |tx| funds::list(tx, Some(&visible), &Page::default())).await;
        assert_eq!(listing.items.iter().map(|fund| fund.id).collect::<Vec<_>>(), [ids[1], ids[3]]);
        let all = database.read(|tx| funds::list(tx, None, &Page::default())).await;
        assert_eq!(all.items.len(), 5);
        assert_eq!(database.read(|tx| funds::list(tx, Some(&[]), &Page::default())).await.items, []);
    }

    async fn every_change_of_numbers_raises_the_revision(database: TestDatabase) {
        let position = database.write(|tx| position(tx, at(0))).await;
        let mut revisions = vec![database.read(move |tx| funds::get(tx, position.fund)).await.revision];
        database.write(move |tx| lot(tx, position, at(1)).map(|_| ())).await;
        revisions.push(database.read(move |tx| funds::get(tx, position.fund)).await.revision);
        database.write(move |tx| event(tx, position, &mark("300", "2023-01-01"), at(2)).map(|_| ())).await;
        revisions.push(database.read(move |tx| funds::get(tx, position.fund)).await.revision);
        database.write(move |tx| {
            companies::update(tx, position.fund, position.company, 1, &new_company("Alpha"), at(3)).map(|_| ())
        }).await;
        revisions.push(database.read(move |tx| funds::get(tx, position.fund)).await.revision);
        assert!(revisions.is_sorted_by(|a, b| a < b), "{revisions:?}");
    }

    async fn people_are_listed_by_their_ids(database: TestDatabase) {
        let people = database.write(|tx| Ok(vec![people::create(tx, "Ada", at(0))?, people::create(tx, "Bo", at(1))?])).await;
        let id = people[1].id;
        assert_eq!(database.read(move |tx| people::get(tx, id)).await, people[1]);
        assert_eq!(database.read(|tx| people::list(tx, &Page::default())).await.items, people);
    }

    async fn settings_have_versions(database: TestDatabase) {
        let first = database.write(|tx| settings::put(tx, "four_eyes", 0, "true", at(0))).await;
        assert_eq!(database.read(|tx| settings::get(tx, "four_eyes")).await, Some(first));
        let late = database.refused(|tx| settings::put(tx, "four_eyes", 0, "false", at(1))).await;
        assert_eq!(late, StoreError::VersionConflict { current: 1 });
        assert_eq!(database.write(|tx| settings::put(tx, "four_eyes", 1, "false", at(1))).await.version, 2);
    }
}
