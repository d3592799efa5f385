use store::{Page, StoreError, events, exit_cases};

use crate::{database::TestDatabase, story::*};

on_both! {
    async fn events_are_listed_as_they_were_added(database: TestDatabase) {
        let position = database.write(|tx| position(tx, at(0))).await;
        let (first, second) = database.write(move |tx| {
            lot(tx, position, at(1))?;
            Ok((
                event(tx, position, &mark("300", "2023-01-01"), at(2))?,
                event(tx, position, &mark("280", "2022-06-01"), at(3))?,
            ))
        }).await;
        assert_eq!((first.event_type.as_str(), first.effective_date), ("mark", date("2023-01-01")));
        let listing =
            database.read(move |tx| events::list(tx, position.fund, position.company, &Page::default())).await;
        assert_eq!(listing.items, [first, second]);
    }

    async fn an_event_that_sells_more_than_is_held_is_refused(database: TestDatabase) {
        let position = database.write(|tx| position(tx, at(0))).await;
        let lot = database.write(move |tx| lot(tx, position, at(1))).await;
        let sale = format!(
            r#"{{"type":"disposal","date":"2023-05-01","shareClass":"PS","shares":"1001","proceedsCents":"1","lots":{{"{}":"1001"}}}}"#,
            lot.id
        );
        let refused = database.refused(move |tx| event(tx, position, &sale, at(2))).await;
        let StoreError::Invalid(problems) = refused else { panic!("{refused}") };
        assert!(problems.iter().all(|problem| !problem.path.contains("companies")), "{problems:?}");
        assert_eq!(database.count("SELECT COUNT(*) FROM events").await, 0);
    }

    async fn problems_of_an_event_name_its_fields(database: TestDatabase) {
        let position = database.write(|tx| position(tx, at(0))).await;
        let cases = [
            (r#"{"type":"mark","date":"2023-01-01","shareClass":"PS","sharePriceCents":"-1"}"#, "sharePriceCents"),
            (r#"{"type":"mark","date":"2023-01-01","shareClass":"PS","sharePriceCents":"1","colour":"red"}"#, "colour"),
            (r#"{"type":"mark","date":"2023-02-30","shareClass":"PS","sharePriceCents":"1"}"#, "date"),
            (r#"{"type":"lot_mark","date":"2023-01-01","lot":"nobody","valueCents":"1"}"#, "lot"),
            (r#"{"type":"distribution","date":"2023-01-01","shareClass":"PS"}"#, "amountCents"),
            (r#"{"type":"feast","date":"2023-01-01"}"#, "type"),
            (r#"{"date":"2023-01-01"}"#, "type"),
            (r#"{"type":"reversal","event":"nothing"}"#, "event"),
            (r#"{"type":"reversal","event":"01900000-0000-7000-8000-000000000000"}"#, "event"),
        ];
        for (body, path) in cases {
            let refused = database.refused(move |tx| event(tx, position, body, at(2))).await;
            assert!(
                matches!(&refused, StoreError::Invalid(problems) if problems.iter().any(|problem| problem.path == path)),
                "{body} gave {refused:?}"
            );
        }
        assert_eq!(database.count("SELECT COUNT(*) FROM events").await, 0);
    }

    async fn a_reversal_takes_an_event_back_once(database: TestDatabase) {
        let position = database.write(|tx| position(tx, at(0))).await;
        let marked = database.write(move |tx| {
            lot(tx, position, at(1))?;
            event(tx, position, &mark("300", "2023-01-01"), at(2))
        }).await;
        let reversal = format!(r#"{{"type":"reversal","event":"{}"}}"#, marked.id);
        let again = reversal.clone();
        let reversed = database.write(move |tx| event(tx, position, &reversal, at(3))).await;
        assert_eq!((reversed.reverses, reversed.effective_date), (Some(marked.id), marked.effective_date));
        let stored = database.read(move |tx| events::get(tx, position.fund, position.company, marked.id)).await;
        assert_eq!(stored.reversed_by, Some(reversed.id));

        let twice = database.refused(move |tx| event(tx, position, &again, at(4))).await;
        assert!(matches!(&twice, StoreError::Invalid(problems) if problems[0].path == "event"), "{twice}");
        let of_reversal = format!(r#"{{"type":"reversal","event":"{}"}}"#, reversed.id);
        let itself = database.refused(move |tx| event(tx, position, &of_reversal, at(4))).await;
        assert!(matches!(&itself, StoreError::Invalid(problems) if problems[0].path == "event"), "{itself}");
    }

    async fn an_event_is_reversed_and_entered_anew_in_one_step(database: TestDatabase) {
        let position = database.write(|tx| position(tx, at(0))).await;
        let (lot, split) = database.write(move |tx| {
            let lot = lot(tx, position, at(1))?;
            let split = r#"{"type":"split","date":"2023-01-01","shareClass":"PS","numerator":2,"denominator":1}"#;
            let split = event(tx, position, split, at(2))?;
            Ok((lot, split))
        }).await;
        // 1,500 shares can only be sold because of the split, so the reversal alone would be refused.
        let sale = format!(
            r#"{{"type":"disposal","date":"2023-05-01","shareClass":"PS","shares":"1500","proceedsCents":"1","lots":{{"{}":"1500"}}}}"#,
            lot.id
        );
        database.write(move |tx| event(tx, position, &sale, at(3)).map(|_| ())).await;
        let reversal = format!(r#"{{"type":"reversal","event":"{}"}}"#, split.id);
        let alone = reversal.clone();
        let refused = database.refused(move |tx| event(tx, position, &alone, at(4))).await;
        assert!(matches!(refused, StoreError::Invalid(_)), "{refused}");
        let added = database.write(move |tx| {
            let anew = r#"{"type":"split","date":"2023-02-01","shareClass":"PS","numerator":2,"denominator":1}"#;
            let both = [new_event(&reversal, at(4))?, new_event(anew, at(4))?];
            events::add_all(tx, position.fund, position.company, &both, at(4))
        }).await;
        assert_eq!(added.len(), 2);
    }

    async fn exit_cases_are_replaced_as_a_whole(database: TestDatabase) {
        let position = database.write(|tx| position(tx, at(0))).await;
        let none = database.read(move |tx| exit_cases::get(tx, position.fund, position.company)).await;
        assert_eq!((none.version, none.body.as_str()), (0, "[]"));
        let body = r#"[{"id":"base","probability":"1","exitPricesCents":{"PS":"900"}}]"#;
        let first =
            database.write(move |tx| exit_cases::replace(tx, position.fund, position.company, 0, body, at(1))).await;
        assert_eq!(database.read(move |tx| exit_cases::get(tx, position.fund, position.company)).await, first);

        let late =
            database.refused(move |tx| exit_cases::replace(tx, position.fund, position.company, 0, body, at(2))).await;
        assert_eq!(late, StoreError::VersionConflict { current: 1 });
        let half = r#"[{"id":"base","probability":"1/2","exitPricesCents":{"PS":"900"}}]"#;
        let refused =
            database.refused(move |tx| exit_cases::replace(tx, position.fund, position.company, 1, half, at(2))).await;
        let StoreError::Invalid(problems) = refused else { panic!("{refused}") };
        assert!(problems.iter().all(|problem| problem.path.starts_with("exitCases")), "{problems:?}");
    }
}
