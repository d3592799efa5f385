use serde_json::{Map, Value, json};
use store::{
    FundId, Page, StoreError, Transaction, companies,
    events::{self, NewEvent},
    exit_cases, funds,
    imports::{
        self, Change, Import, ImportSource, Incoming, IncomingCompany, IncomingInvestment, IncomingLot, MatchedBy,
        Origin, Plan,
    },
    investments, legacy_moic,
    lots::{self, LotFilter, LotTerms},
    portfolio::{self, Scope},
};

use crate::{database::TestDatabase, story::*};
use jiff::Timestamp;

fn incoming_lot(reference: &str, shares: &str) -> IncomingLot {
    IncomingLot {
        reference: reference.to_owned(),
        terms: LotTerms { shares: Some(shares.to_owned()), share_price_cents: None, ..equity() },
        pricing_confidence: None,
        investment: IncomingInvestment::New {
            round: "Seed".to_owned(),
            ownership: Some("0.15".to_owned()),
            post_money_valuation_cents: Some(1_000_000_000),
        },
    }
}

fn object(value: Value) -> Map<String, Value> {
    let Value::Object(fields) = value else { panic!("{value} is an object") };
    fields
}

fn sale(shares: &str) -> Map<String, Value> {
    object(
        json!({ "type": "disposal", "date": "2023-05-01", "shareClass": "PS", "shares": shares, "proceedsCents": "40000",
        "lots": { "seed": shares } }),
    )
}

fn alpha() -> IncomingCompany {
    IncomingCompany {
        reference: "alpha".to_owned(),
        name: Some("AlphaTech".to_owned()),
        sector: Some("Fintech".to_owned()),
        stage: None,
        lots: vec![incoming_lot("seed", "1000"), incoming_lot("series-a", "500"), incoming_lot("series-b", "250")],
        events: vec![sale("100"), sale("100"), object(serde_json::from_str(&mark("300", "2023-12-31")).expect("JSON"))],
        exit_cases: Some(vec![json!({ "id": "base", "probability": "1", "exitPricesCents": { "PS": "900" },
            "lotProceedsCents": { "seed": "1000" } })]),
    }
}

fn file(companies: Vec<IncomingCompany>) -> Incoming {
    Incoming { companies }
}

fn origin() -> Origin {
    Origin {
        source: ImportSource::File,
        name: "portfolio.xlsx".to_owned(),
        content_hash: "00".to_owned(),
        actor: "person:1".to_owned(),
    }
}

fn import(
    tx: &mut Transaction<'_>,
    fund: FundId,
    incoming: &Incoming,
    seconds: i64,
) -> Result<(Plan, Import), StoreError> {
    let plan = imports::plan(tx, fund, incoming, at(seconds))?;
    let import = imports::apply(tx, fund, incoming, &plan, (origin(), "{}".to_owned()), at(seconds))?;
    Ok((plan, import))
}

fn document(tx: &mut Transaction<'_>, fund: FundId) -> Result<Value, StoreError> {
    let bytes = portfolio::document(tx, fund, Scope::Fund, date("2024-12-31"), Timestamp::MAX)?;
    Ok(serde_json::from_slice(&bytes).expect("the store writes JSON"))
}

on_both! {
    async fn an_import_writes_everything_in_the_order_of_the_file(database: TestDatabase) {
        let fund = database.write(|tx| funds::create(tx, &new_fund("Fund I"), at(0))).await.id;
        let (plan, _) = database.write(move |tx| import(tx, fund, &file(vec![alpha()]), 1)).await;
        assert_eq!(plan.companies[0].change, Change::Created);
        assert!(!plan.changes_nothing());
        let stored = database.read(move |tx| document(tx, fund)).await;
        let company = &stored["companies"][0];
        assert_eq!((&company["name"], &company["sector"]), (&json!("AlphaTech"), &json!("Fintech")));
        let shares: Vec<&Value> = company["lots"].as_array().expect("lots").iter().map(|lot| &lot["sharesAcquired"]).collect();
        assert_eq!(shares, ["1000", "500", "250"]);
        let seed = company["lots"][0]["id"].as_str().expect("an id").to_owned();
        assert_eq!(company["events"][0]["lots"], json!({ seed.clone(): "100" }));
        assert_eq!(company["events"][2]["type"], "mark");
        assert_eq!(company["exitCases"][0]["lotProceedsCents"], json!({ seed: "1000" }));
        let investments = database.read(move |tx| investments::list(tx, fund, None, &Page::default())).await.items;
        assert_eq!(investments.len(), 3);
        assert_eq!((investments[0].amount_cents, investments[0].ownership.as_deref()), (250_000, Some("0.15")));
    }

    async fn the_same_file_again_changes_nothing(database: TestDatabase) {
        let fund = database.write(|tx| funds::create(tx, &new_fund("Fund I"), at(0))).await.id;
        database.write(move |tx| import(tx, fund, &file(vec![alpha()]), 1)).await;
        let before = database.read(move |tx| document(tx, fund)).await;
        let (plan, _) = database.write(move |tx| import(tx, fund, &file(vec![alpha()]), 2)).await;
        assert!(plan.changes_nothing(), "{plan:?}");
        assert_eq!(plan.companies[0].matched_by, Some(MatchedBy::Reference));
        assert_eq!(database.read(move |tx| document(tx, fund)).await, before);
        // One more equal dividend is one more: each stored event stands for one of the file.
        let mut more = alpha();
        more.events.push(sale("100"));
        let plan = database.read(move |tx| imports::plan(tx, fund, &file(vec![more.clone()]), at(3))).await;
        assert_eq!(plan.companies[0].events.iter().flatten().count(), 1);
    }

    async fn what_differs_is_corrected_and_undo_brings_it_back(database: TestDatabase) {
        let fund = database.write(|tx| funds::create(tx, &new_fund("Fund I"), at(0))).await.id;
        database.write(move |tx| import(tx, fund, &file(vec![alpha()]), 1)).await;
        let before = database.read(move |tx| document(tx, fund)).await;
        let mut changed = alpha();
        changed.stage = Some("Series B".to_owned());
        changed.lots[1] = incoming_lot("series-a", "600");
        changed.lots.push(incoming_lot("series-c", "10"));
        changed.exit_cases = Some(Vec::new());
        changed.events.push(object(serde_json::from_str(&mark("400", "2024-03-31")).expect("JSON")));
        let (plan, second) = database.write(move |tx| import(tx, fund, &file(vec![changed.clone()]), 2)).await;
        let Change::Corrected(differences) = &plan.companies[0].lots[1].change else { panic!("{plan:?}") };
        assert_eq!((differences[0].field, differences[0].after.as_deref()), ("sharesAcquired", Some("600")));
        let after = database.read(move |tx| document(tx, fund)).await;
        assert_eq!(after["companies"][0]["lots"].as_array().expect("lots").len(), 4);
        assert_eq!(after["companies"][0]["lots"][1]["sharesAcquired"], "600");
        assert_eq!(after["companies"][0]["exitCases"], json!([]));

        let undone = database.write(move |tx| imports::undo(tx, fund, second.id, "person:2", at(3))).await;
        assert_eq!(undone.undone.map(|(_, actor)| actor).as_deref(), Some("person:2"));
        let mut restored = database.read(move |tx| document(tx, fund)).await;
        // A stage that was never told is told as absent.
        restored["companies"][0].as_object_mut().expect("a company").retain(|_, value| !value.is_null());
        assert_eq!(restored, before);
        let twice = database.refused(move |tx| imports::undo(tx, fund, second.id, "person:2", at(4))).await;
        assert!(matches!(twice, StoreError::WrongState { .. }), "{twice}");
    }

    async fn one_import_after_another_is_taken_back_the_last_first(database: TestDatabase) {
        let fund = database.write(|tx| funds::create(tx, &new_fund("Fund I"), at(0))).await.id;
        let (_, first) = database.write(move |tx| import(tx, fund, &file(vec![alpha()]), 1)).await;
        let before = database.read(move |tx| document(tx, fund)).await;
        let renamed = |name: &str, price: &str| {
            let cases = vec![json!({ "id": "base", "probability": "1", "exitPricesCents": { "PS": price } })];
            let mut lots = alpha().lots;
            lots[0].terms.cost_cents += 1;
            IncomingCompany { name: Some(name.to_owned()), exit_cases: Some(cases), lots, ..alpha() }
        };
        let (one, other) = (renamed("Alpha Holdings", "901"), renamed("Alpha Group", "902"));
        let (_, second) = database.write(move |tx| import(tx, fund, &file(vec![one.clone()]), 2)).await;
        let (_, third) = database.write(move |tx| import(tx, fund, &file(vec![other.clone()]), 3)).await;
        database.write(move |tx| imports::undo(tx, fund, third.id, "person:1", at(4))).await;
        database.write(move |tx| imports::undo(tx, fund, second.id, "person:1", at(5))).await;
        assert_eq!(database.read(move |tx| document(tx, fund)).await, before);
        database.write(move |tx| imports::undo(tx, fund, first.id, "person:1", at(6))).await;
        assert_eq!(database.read(move |tx| document(tx, fund)).await["companies"], json!([]));
    }

    async fn the_same_numbers_written_otherwise_change_nothing(database: TestDatabase) {
        let fund = database.write(|tx| funds::create(tx, &new_fund("Fund I"), at(0))).await.id;
        database.write(move |tx| import(tx, fund, &file(vec![alpha()]), 1)).await;
        let mut again = alpha();
        again.events[0] = sale("100.0");
        again.events[2]["sharePriceCents"] = json!("300.00");
        again.exit_cases = Some(vec![json!({ "id": "base", "probability": "1.0", "exitPricesCents": { "PS": "900.0" },
            "lotProceedsCents": { "seed": "1000" } })]);
        let plan = database.write(move |tx| imports::plan(tx, fund, &file(vec![again.clone()]), at(2))).await;
        assert!(plan.changes_nothing(), "{plan:?}");
    }

    async fn lots_that_a_file_leaves_out_are_named_and_new_ones_like_them(database: TestDatabase) {
        let fund = database.write(|tx| funds::create(tx, &new_fund("Fund I"), at(0))).await.id;
        database.write(move |tx| import(tx, fund, &file(vec![alpha()]), 1)).await;
        let mut other = alpha();
        other.lots[1].reference = "series-a again".to_owned();
        other.lots[1].terms.purchase_date = date("2022-06-30");
        other.lots.remove(2);
        let plan = database.write(move |tx| imports::plan(tx, fund, &file(vec![other.clone()]), at(2))).await;
        let absent: Vec<&str> = plan.companies[0].absent.iter().map(|lot| lot.reference.as_str()).collect();
        assert_eq!(absent, ["series-a", "series-b"]);
        let resembles = plan.companies[0].lots[1].resembles.as_ref().expect("it is like series-a");
        assert_eq!((resembles.reference.as_str(), resembles.field), ("series-a", "purchaseDate"));
        assert_eq!(plan.companies[0].lots[0].resembles, None);
    }

    async fn an_undone_import_is_gone_and_was_there(database: TestDatabase) {
        let fund = database.write(|tx| funds::create(tx, &new_fund("Fund I"), at(0))).await.id;
        let (_, first) = database.write(move |tx| import(tx, fund, &file(vec![alpha()]), 1)).await;
        let known_at = at(5);
        database.write(move |tx| imports::undo(tx, fund, first.id, "person:1", at(10))).await;
        assert_eq!(database.read(move |tx| document(tx, fund)).await["companies"], json!([]));
        assert_eq!(database.read(move |tx| companies::list(tx, fund, &Page::default())).await.items, []);
        assert_eq!(database.read(move |tx| investments::list(tx, fund, None, &Page::default())).await.items, []);
        assert_eq!(database.read(move |tx| lots::list(tx, fund, &LotFilter::default(), &Page::default())).await.items, []);
        assert!(database.read(move |tx| legacy_moic::inputs(tx, fund)).await.companies.is_empty());
        let then = database.read(move |tx| portfolio::facts(tx, fund, Scope::Fund, known_at)).await;
        assert_eq!((then.companies.len(), then.companies[0].lots.len(), then.companies[0].events.len()), (1, 3, 3));
        // Imported again it is there again.
        database.write(move |tx| import(tx, fund, &file(vec![alpha()]), 20)).await;
        assert_eq!(database.read(move |tx| document(tx, fund)).await["companies"].as_array().map(Vec::len), Some(1));
        let listed = database.read(move |tx| imports::list(tx, fund, &Page::default())).await.items;
        assert_eq!(listed.iter().map(|import| import.undone.is_some()).collect::<Vec<_>>(), [false, true]);
    }

    async fn what_was_built_on_an_import_stands_in_the_way_of_its_undo(database: TestDatabase) {
        let fund = database.write(|tx| funds::create(tx, &new_fund("Fund I"), at(0))).await.id;
        let (plan, first) = database.write(move |tx| import(tx, fund, &file(vec![alpha()]), 1)).await;
        let company = database.read(move |tx| companies::list(tx, fund, &Page::default())).await.items[0].id;
        let lot = plan.companies[0].lots[2].id;
        let before = database.read(move |tx| document(tx, fund)).await;
        let sold = format!(r#"{{"type":"disposal","date":"2024-05-01","shares":"5","proceedsCents":"1","lots":{{"{lot}":"5"}}}}"#);
        let event = database.write(move |tx| {
            events::add(tx, fund, company, &new_event(&sold, at(2))?, at(2))
        }).await;
        let refused = database.refused(move |tx| imports::undo(tx, fund, first.id, "person:1", at(3))).await;
        assert!(matches!(refused, StoreError::Invalid(_)), "{refused}");
        let reversal = format!(r#"{{"type":"reversal","event":"{}"}}"#, event.id);
        database.write(move |tx| events::add(tx, fund, company, &NewEvent { body: reversal.clone(), ..new_event("", at(4))? }, at(4))).await;
        assert_eq!(database.read(move |tx| document(tx, fund)).await, before);

        database.write(move |tx| {
            let stored = lots::get(tx, lot)?;
            let new = lots::NewLot { id: lot, investment_id: stored.investment_id, terms: LotTerms { cost_cents: 250_001, ..stored.terms } };
            lots::correct(tx, 1, &new, at(5))
        }).await;
        let refused = database.refused(move |tx| imports::undo(tx, fund, first.id, "person:1", at(6))).await;
        let StoreError::Invalid(problems) = refused else { panic!("{refused}") };
        assert_eq!(problems[0].value, "series-b");
        assert!(problems[0].message.contains("was corrected after the import"), "{problems:?}");
    }

    async fn a_company_made_by_hand_is_found_by_its_name_or_number(database: TestDatabase) {
        let position = database.write(|tx| position(tx, at(0))).await;
        let by_name = IncomingCompany { name: Some("alphatech".to_owned()), sector: None, ..alpha() };
        let plan = database.read(move |tx| imports::plan(tx, position.fund, &file(vec![by_name.clone()]), at(1))).await;
        assert_eq!((plan.companies[0].id, plan.companies[0].matched_by), (Some(position.company), Some(MatchedBy::Name)));
        let by_number = IncomingCompany { reference: position.company.to_string(), name: None, ..alpha() };
        let plan = database.read(move |tx| imports::plan(tx, position.fund, &file(vec![by_number.clone()]), at(1))).await;
        assert_eq!(plan.companies[0].matched_by, Some(MatchedBy::Number));
        let twice = vec![alpha(), IncomingCompany { reference: position.company.to_string(), ..alpha() }];
        let plan = database.read(move |tx| imports::plan(tx, position.fund, &file(twice.clone()), at(1))).await;
        assert!(plan.problems[0].message.contains("is the same company of the fund as \"alpha\""), "{plan:?}");
    }

    async fn an_import_that_contradicts_what_is_stored_writes_nothing(database: TestDatabase) {
        let fund = database.write(|tx| funds::create(tx, &new_fund("Fund I"), at(0))).await.id;
        database.write(move |tx| import(tx, fund, &file(vec![alpha()]), 1)).await;
        let mut fewer = alpha();
        fewer.lots[0] = incoming_lot("seed", "150");
        let refused = database.refused(move |tx| import(tx, fund, &file(vec![fewer.clone()]), 2)).await;
        let StoreError::Invalid(problems) = refused else { panic!("{refused}") };
        assert!(problems[0].path.starts_with("AlphaTech: events["), "{problems:?}");
        assert_eq!(database.count("SELECT COUNT(*) FROM imports").await, 1);
    }

    async fn a_mark_that_is_corrected_and_corrected_back_is_the_last_one(database: TestDatabase) {
        let fund = database.write(|tx| funds::create(tx, &new_fund("Fund I"), at(0))).await.id;
        let with_mark = |price: &str| {
            let mut company = alpha();
            company.events = vec![object(serde_json::from_str(&mark(price, "2023-12-31")).expect("JSON"))];
            file(vec![company])
        };
        for (seconds, price, added) in [(1, "300", 1), (2, "400", 1), (3, "300", 1), (4, "300", 0)] {
            let incoming = with_mark(price);
            let (plan, _) = database.write(move |tx| import(tx, fund, &incoming, seconds)).await;
            assert_eq!(plan.companies[0].events.iter().flatten().count(), added, "{price} at {seconds}");
        }
        let stored = database.read(move |tx| document(tx, fund)).await;
        let last = stored["companies"][0]["events"].as_array().expect("events").last().expect("a mark").clone();
        assert_eq!(last["sharePriceCents"], "300");
    }

    async fn capitals_of_a_company_are_no_other_company(database: TestDatabase) {
        let fund = database.write(|tx| funds::create(tx, &new_fund("Fund I"), at(0))).await.id;
        database.write(move |tx| import(tx, fund, &file(vec![alpha()]), 1)).await;
        let shouted = IncomingCompany { reference: "ALPHA".to_owned(), name: None, ..alpha() };
        let plan = database.read(move |tx| imports::plan(tx, fund, &file(vec![shouted.clone()]), at(2))).await;
        assert!(plan.changes_nothing(), "{plan:?}");
    }

    async fn cases_that_a_file_does_not_tell_stay(database: TestDatabase) {
        let fund = database.write(|tx| funds::create(tx, &new_fund("Fund I"), at(0))).await.id;
        database.write(move |tx| import(tx, fund, &file(vec![alpha()]), 1)).await;
        let silent = IncomingCompany { exit_cases: None, events: Vec::new(), ..alpha() };
        let (plan, _) = database.write(move |tx| import(tx, fund, &file(vec![silent.clone()]), 2)).await;
        assert!(plan.changes_nothing());
        let company = database.read(move |tx| companies::list(tx, fund, &Page::default())).await.items[0].id;
        assert_eq!(database.read(move |tx| exit_cases::get(tx, fund, company)).await.version, 1);
    }

    async fn a_mapping_is_kept_by_version(database: TestDatabase) {
        let fund = database.write(|tx| funds::create(tx, &new_fund("Fund I"), at(0))).await.id;
        assert_eq!(database.read(move |tx| imports::mapping(tx, fund)).await, (None, 0));
        assert_eq!(database.write(move |tx| imports::put_mapping(tx, fund, 0, "{}", at(1))).await, 1);
        let refused = database.refused(move |tx| imports::put_mapping(tx, fund, 0, "{}", at(2))).await;
        assert_eq!(refused, StoreError::VersionConflict { current: 1 });
        assert_eq!(database.write(move |tx| imports::put_mapping(tx, fund, 1, "[]", at(3))).await, 2);
        assert_eq!(database.read(move |tx| imports::mapping(tx, fund)).await, (Some("[]".to_owned()), 2));
    }
}
