use moic::Portfolio;
use store::{
    StoreError, companies, exit_cases, funds,
    lots::{self, LotTerms},
    portfolio::{self, Scope},
};

use crate::{database::TestDatabase, story::*};

on_both! {
    async fn the_document_is_that_of_the_specification(database: TestDatabase) {
        let (position, lot) = database.write(|tx| {
            let position = position(tx, at(0))?;
            let lot = lot(tx, position, at(1))?;
            event(tx, position, &mark("650.407", "2022-03-31"), at(2))?;
            let cases = r#"[{"id":"base","probability":"1","exitPricesCents":{"PS":"1300"}}]"#;
            exit_cases::replace(tx, position.fund, position.company, 0, cases, at(3))?;
            Ok((position, lot))
        }).await;
        let document = database.read(move |tx| {
            portfolio::document(tx, position.fund, Scope::Fund, date("2022-12-31"), at(60))
        }).await;
        let expected = format!(
            concat!(
                r#"{{"asOf":"2022-12-31","currency":"USD","companies":[{{"id":"{}","name":"AlphaTech","sector":"Fintech","#,
                r#""stage":"Seed","lots":[{{"id":"{}","lotType":"initial","instrument":"equity","shareClass":"PS","#,
                r#""purchaseDate":"2022-01-31","sharesAcquired":"1000","sharePriceCents":"250","costBasisCents":"250000"}}],"#,
                r#""events":[{{"type":"mark","date":"2022-03-31","shareClass":"PS","sharePriceCents":"650.407"}}],"#,
                r#""exitCases":[{{"id":"base","probability":"1","exitPricesCents":{{"PS":"1300"}}}}]}}]}}"#
            ),
            position.company, lot.id
        );
        assert_eq!(String::from_utf8(document.clone()).expect("UTF-8"), expected);
        let result = Portfolio::from_json(&document).expect("the engine reads it").evaluate().to_json();
        let result: serde_json::Value = serde_json::from_slice(&result).expect("JSON");
        assert_eq!(result["fund"]["lenses"]["current_moic"]["display"], "2.60x");
    }

    async fn what_was_known_at_an_instant_never_changes(database: TestDatabase) {
        let position = database.write(|tx| position(tx, at(0))).await;
        let known = [at(5), at(15), at(25), at(35), at(45), at(55)];
        let created = database.write(move |tx| lot(tx, position, at(1))).await;
        let document = move |known_at| {
            move |tx: &mut store::Transaction<'_>| {
                portfolio::document(tx, position.fund, Scope::Fund, date("2024-01-01"), known_at)
            }
        };
        let mut seen = vec![database.read(document(known[0])).await];
        let marked = database.write(move |tx| event(tx, position, &mark("300", "2023-01-01"), at(10))).await;
        seen.push(database.read(document(known[1])).await);
        database.write(move |tx| {
            let terms = LotTerms { cost_cents: 250_001, ..equity() };
            let new = lots::NewLot { id: created.id, investment_id: position.investment, terms };
            lots::correct(tx, 1, &new, at(20)).map(|_| ())
        }).await;
        seen.push(database.read(document(known[2])).await);
        let reversal = format!(r#"{{"type":"reversal","event":"{}"}}"#, marked.id);
        database.write(move |tx| event(tx, position, &reversal, at(30)).map(|_| ())).await;
        seen.push(database.read(document(known[3])).await);
        database.write(move |tx| {
            let renamed = companies::NewCompany { sector: Some("Health".to_owned()), ..new_company("Renamed") };
            companies::update(tx, position.fund, position.company, 1, &renamed, at(40)).map(|_| ())
        }).await;
        seen.push(database.read(document(known[4])).await);
        database.write(move |tx| {
            let policy = Some(r#"{"secondaryBucket":"separate"}"#.to_owned());
            funds::update(tx, position.fund, 1, &funds::NewFund { policy, ..new_fund("Fund I") }, at(50)).map(|_| ())
        }).await;
        seen.push(database.read(document(known[5])).await);

        for (instant, first_seen) in known.into_iter().zip(&seen) {
            assert_eq!(&database.read(document(instant)).await, first_seen, "as known at {instant}");
        }
        for (earlier, later) in seen.iter().zip(&seen[1..]) {
            assert_ne!(earlier, later);
        }
        let texts: Vec<String> = seen.into_iter().map(|bytes| String::from_utf8(bytes).expect("UTF-8")).collect();
        assert_eq!(texts.iter().map(|text| text.contains("\"mark\"")).collect::<Vec<_>>(), [false, true, true, false, false, false]);
    }

    async fn a_company_is_a_document_of_its_own(database: TestDatabase) {
        let (first, second) = database.write(|tx| {
            let first = position(tx, at(0))?;
            let second = position_in(tx, first.fund, "BetaWorks", at(0))?;
            lot(tx, first, at(1))?;
            lot(tx, second, at(1))?;
            Ok((first, second))
        }).await;
        let facts = database.read(move |tx| portfolio::facts(tx, first.fund, Scope::Fund, at(9))).await;
        assert_eq!(facts.companies.iter().map(|company| company.lots.len()).collect::<Vec<_>>(), [1, 1]);
        let one = database.read(move |tx| portfolio::facts(tx, first.fund, Scope::Company(second.company), at(9))).await;
        assert_eq!(one.companies, facts.companies[1..]);
        let nobody = database
            .store()
            .read(move |tx| portfolio::facts(tx, first.fund, Scope::Company(store::CompanyId(999)), at(9)))
            .await;
        assert!(matches!(nobody, Err(StoreError::NotFound { what: "company", .. })), "{nobody:?}");
    }

    async fn events_of_one_day_keep_the_order_they_were_recorded_in(database: TestDatabase) {
        let position = database.write(|tx| position(tx, at(0))).await;
        // One instant for all: the clock stands still, the order must not.
        let prices = ["310", "290", "305"];
        database.write(move |tx| {
            lot(tx, position, at(1))?;
            prices.iter().try_for_each(|price| event(tx, position, &mark(price, "2023-01-01"), at(1)).map(|_| ()))
        }).await;
        let facts = database.read(move |tx| portfolio::facts(tx, position.fund, Scope::Fund, at(9))).await;
        let order: Vec<bool> =
            facts.companies[0].events.iter().zip(prices).map(|((_, _, body), price)| body.contains(price)).collect();
        assert_eq!(order, [true, true, true]);
    }
}
