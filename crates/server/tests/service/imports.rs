//! Issue "spreadsheets": files are compared first, applied as a whole, and taken back; what is exported is imported again.

use axum::http::Method;
use serde_json::{Value, json};

use crate::app::{Answer, Fund, TestApp};

const LOTS: &str = "Company,Sector,Lot ID,Lot type,Share class,Purchase date,Shares,Price per share,Cost,Mark per share,Mark date\n\
    AlphaTech,Fintech,seed,initial,PS,2022-01-31,518138.294565,2.89498,1500000.00,6.50407,2022-12-31\n\
    AlphaTech,Fintech,a,follow-on,PS,2022-03-31,,6.50407,1000000.76,6.50407,2022-12-31\n\
    BetaBio,Health,seed,initial,PS,2022-05-31,1000,,2500,,\n";

async fn import(app: &TestApp, fund: &Fund<'_>, query: &str, file: impl Into<axum::body::Body>) -> Answer {
    app.request(Method::POST, &fund.path(&format!("/import{query}"))).raw(file).send().await
}

#[tokio::test]
async fn a_dry_run_tells_what_would_change_and_writes_nothing() {
    let app = TestApp::start().await;
    let fund = app.fund("Fund I").await;
    let report = import(&app, &fund, "?dryRun=true", LOTS).await.expect(200).body;
    assert_eq!(
        (&report["format"], &report["applicable"], &report["problemCount"]),
        (&json!("csv"), &json!(true), &json!(0))
    );
    assert_eq!((&report["counts"]["companiesCreated"], &report["counts"]["lotsCreated"]), (&json!(2), &json!(3)));
    assert_eq!(report["counts"]["eventsCreated"], 1);
    let lot = &report["changes"][1];
    assert_eq!(
        (&lot["kind"], &lot["name"], &lot["change"], &lot["row"]),
        (&json!("lot"), &json!("seed"), &json!("created"), &json!(2))
    );
    assert_eq!(
        report["sheets"][0]["columns"][7],
        json!({ "header": "Price per share", "field": "price", "samples": ["2.89498", "6.50407"] })
    );
    assert_eq!(app.get(&fund.path("/companies")).await.expect(200).body["companies"], json!([]));
    assert_eq!(app.get(&fund.path("/imports")).await.expect(200).body["imports"], json!([]));
}

#[tokio::test]
async fn an_import_is_applied_found_again_and_taken_back() {
    let app = TestApp::start().await;
    let fund = app.fund("Fund I").await;
    let created = import(&app, &fund, "?name=portfolio.csv", LOTS).await.expect(201);
    assert_eq!(
        (created.body["name"].as_str(), &created.body["counts"]["lotsCreated"]),
        (Some("portfolio.csv"), &json!(3))
    );
    let location = created.header("location");
    assert_eq!(app.get(&location).await.expect(200).body, created.body);
    let lenses = app.get(&fund.path("/portfolio/lots/moic?asOf=2022-12-31")).await.expect(200).body;
    let alpha = lenses["companies"]
        .as_array()
        .unwrap()
        .iter()
        .find(|company| company["lots"].as_array().unwrap().len() == 2)
        .unwrap();
    assert_eq!(alpha["lenses"]["current_moic"]["display"], "1.75x");

    let again = import(&app, &fund, "", LOTS).await.expect(201).body;
    assert_eq!((&again["counts"]["lotsCreated"], &again["counts"]["lotsUnchanged"]), (&json!(0), &json!(3)));
    assert_eq!((&again["counts"]["eventsCreated"], &again["counts"]["eventsUnchanged"]), (&json!(0), &json!(1)));

    let undone = app.post(&format!("{location}/undo"), &json!({})).await.expect(200).body;
    assert!(undone["undoneAt"].is_string());
    assert_eq!(app.get(&fund.path("/companies")).await.expect(200).body["companies"], json!([]));
    app.post(&format!("{location}/undo"), &json!({})).await.expect(409);
}

#[tokio::test]
async fn what_is_wrong_is_told_with_its_row_and_nothing_is_written() {
    let app = TestApp::start().await;
    let fund = app.fund("Fund I").await;
    let file = LOTS.replace("2022-05-31,1000", "2022-02-30,many");
    let report = import(&app, &fund, "?dryRun=true", file.clone()).await.expect(200).body;
    assert_eq!(report["applicable"], false);
    let problem = &report["problems"][0];
    assert_eq!(
        (&problem["row"], &problem["column"], &problem["value"]),
        (&json!(4), &json!("Purchase date"), &json!("2022-02-30"))
    );
    import(&app, &fund, "", file).await.expect_problem(422, "validation_failed").naming("row 4, Purchase date");
    assert_eq!(app.get(&fund.path("/companies")).await.expect(200).body["companies"], json!([]));
}

#[tokio::test]
async fn a_file_that_is_wrong_in_every_row_is_refused_with_what_somebody_can_read() {
    let app = TestApp::start().await;
    let fund = app.fund("Fund I").await;
    let header = LOTS.lines().next().unwrap();
    let rows: String =
        (0..3_000).map(|row| format!("Alpha {row},,,initial,PS,2022-02-30,many{row},,2500,,\n")).collect();
    let file = format!("{header}\n{rows}");
    let report = import(&app, &fund, "?dryRun=true", file.clone()).await.expect(200).body;
    let count = report["problemCount"].as_u64().unwrap();
    assert!(count >= 6_000, "a date and a number in each row: {count}");
    let problems = report["problems"].as_array().unwrap();
    assert_eq!(problems.len(), 200);
    let first = problems.iter().find(|problem| problem["column"] == "Purchase date").unwrap();
    assert!(first["message"].as_str().unwrap().ends_with("(so in rows 3, 4, 5, 6 and 2995 others, too)"), "{first}");
    // What cannot be applied is told in the same words.
    let refused = import(&app, &fund, "", file).await.expect_problem(422, "validation_failed");
    assert_eq!(refused.body["details"].as_array().unwrap().len(), 201);
    assert_eq!(refused.body["details"][200]["value"], format!("{} more", count - 200));
}

#[tokio::test]
async fn lots_that_the_file_leaves_out_are_told_and_new_ones_that_may_be_them() {
    let app = TestApp::start().await;
    let fund = app.fund("Fund I").await;
    import(&app, &fund, "", LOTS).await.expect(201);
    let file = LOTS.replace(",seed,initial,PS,2022-05-31,", ",,initial,PS,2205-05-31,");
    let report = import(&app, &fund, "?dryRun=true", file).await.expect(200).body;
    assert_eq!(
        (&report["absentLotCount"], &report["absentLots"]),
        (
            &json!(1),
            &json!([{ "company": "BetaBio", "name": "seed", "purchaseDate": "2022-05-31", "shareClass": "PS",
                "costBasisCents": "250000" }])
        )
    );
    let warnings = report["warnings"].as_array().unwrap();
    let message = |position: usize| warnings[position]["message"].as_str().unwrap();
    assert!(
        message(0).contains("may be the same lot as \"seed\", which differs only in its purchase date"),
        "{warnings:?}"
    );
    assert!(message(0).ends_with("give it the Lot ID \"seed\""), "{warnings:?}");
    assert!(message(1).starts_with("is in the future"), "{warnings:?}");
    assert_eq!(warnings[0]["row"], 4);
}

#[tokio::test]
async fn questions_are_answered_with_the_request_or_once_for_all() {
    let app = TestApp::start().await;
    let fund = app.fund("Fund I").await;
    let file = "Company,Lot type,Share class,Purchase date,Shares,Cost\nAlpha,initial,PS,01/02/2022,10,100\n";
    let report = import(&app, &fund, "?dryRun=true", file).await.expect(200).body;
    assert_eq!((&report["questions"][0]["id"], &report["applicable"]), (&json!("dateOrder"), &json!(false)));
    import(&app, &fund, "", file).await.expect_problem(422, "validation_failed").naming("answers.dateOrder");
    let answers = "%7B%22dateOrder%22%3A%22day_first%22%7D";
    let report = import(&app, &fund, &format!("?dryRun=true&answers={answers}"), file).await.expect(200).body;
    assert_eq!(report["applicable"], true);
    let mapping = json!({ "sheets": {}, "columns": {}, "answers": { "dateOrder": "month_first" }, "version": 0 });
    app.put(&fund.path("/import-mapping"), &mapping).await.expect(200);
    import(&app, &fund, "", file).await.expect(201);
    let exported = app.get(&fund.path("/export.json")).await.expect(200).body;
    assert_eq!(exported["companies"][0]["lots"][0]["purchaseDate"], "2022-01-02");
    import(&app, &fund, "?answers=%5B%5D", file).await.expect_problem(400, "malformed").naming("answers");
}

#[tokio::test]
async fn a_mapping_with_words_that_do_not_exist_is_refused_by_name() {
    let app = TestApp::start().await;
    let fund = app.fund("Fund I").await;
    let mapping =
        json!({ "sheets": { "A": "lotz" }, "columns": { "A": { "X": "costs", "Y": "ignore" } }, "version": 0 });
    let refused = app.put(&fund.path("/import-mapping"), &mapping).await.expect_problem(422, "validation_failed");
    refused.naming("sheets.A").naming("columns.A.X");
    assert_eq!(app.get(&fund.path("/import-mapping")).await.expect(200).body["version"], 0);
}

#[tokio::test]
async fn what_is_exported_and_imported_elsewhere_is_exported_to_the_same_bytes() {
    let app = TestApp::start().await;
    let first = app.fund("Fund I").await;
    let document = include_str!("../../../../examples/demo-fund.json");
    import(&app, &first, "", document).await.expect(201);
    let exported = app.get(&first.path("/export.json?asOf=2024-12-31")).await.expect(200).raw;
    assert!(exported.contains("\"id\":\"seed\""), "companies and lots are called as the file calls them");
    for _ in 0..2 {
        let other = app.fund("Fund II").await;
        import(&app, &other, "", exported.clone()).await.expect(201);
        assert_eq!(app.get(&other.path("/export.json?asOf=2024-12-31")).await.expect(200).raw, exported);
    }
    // The workbook holds the same facts.
    let third = app.fund("Fund III").await;
    let workbook = app.get(&first.path("/export.xlsx?asOf=2024-12-31&content=facts")).await.expect(200).bytes;
    let counts = import(&app, &third, "", workbook).await.expect(201).body["counts"].clone();
    let companies = serde_json::from_str::<Value>(document).unwrap()["companies"].as_array().unwrap().len();
    assert_eq!(counts["companiesCreated"], json!(companies));
    let path = "/portfolio/lots/moic?asOf=2024-12-31";
    let lenses = |answer: Answer| answer.body["fund"].clone();
    assert_eq!(
        lenses(app.get(&third.path(path)).await.expect(200)),
        lenses(app.get(&first.path(path)).await.expect(200))
    );
}

#[tokio::test]
async fn the_workbook_has_lenses_only_for_those_who_have_the_feature() {
    let app = TestApp::start().await;
    let fund = app.fund("Fund I").await;
    import(&app, &fund, "", LOTS).await.expect(201);
    let names = |answer: &Answer| answer.header("content-disposition");
    let path = fund.path("/export.xlsx?asOf=2022-12-31");
    let with_lenses = app.get(&path).await.expect(200);
    assert!(names(&with_lenses).contains("-moic-2022-12-31.xlsx") && with_lenses.bytes.starts_with(b"PK"));
    assert!(names(&app.get(&format!("{path}&content=facts")).await.expect(200)).contains("-facts-"));
    app.get(&format!("{path}&content=everything")).await.expect_problem(400, "malformed").naming("content");
    let early = fund.path("/export.xlsx?asOf=1900-02-28");
    let refused = app.get(&early).await.expect_problem(400, "malformed").naming("asOf");
    assert!(refused.body["message"].as_str().unwrap().contains("1900-03-01"), "{}", refused.raw);
    app.get(&format!("{early}&content=facts")).await.expect(200);
    app.get(&fund.path("/export.xlsx?asOf=1900-03-01")).await.expect(200);
    app.kill("drill").await.expect(200);
    let facts = app.get(&path).await.expect(200);
    assert!(names(&facts).contains("-facts-"), "{}", names(&facts));
}

#[tokio::test]
async fn files_that_cannot_be_read_say_what_to_do() {
    let app = TestApp::start().await;
    let fund = app.fund("Fund I").await;
    for file in [&b"PK\x03\x04broken"[..], b"\xd0\xcf\x11\xe0old", b"{ no json", b"\x01\x00\x02"] {
        import(&app, &fund, "?dryRun=true", file.to_vec())
            .await
            .expect_problem(422, "validation_failed")
            .naming("file");
    }
    let large = vec![b'a'; 33 * 1024 * 1024];
    import(&app, &fund, "?dryRun=true", large).await.expect_problem(413, "payload_too_large");
}

#[tokio::test]
async fn only_analysts_import_and_only_with_the_feature() {
    let app = TestApp::start().await;
    let fund = app.fund("Fund I").await;
    let created = import(&app, &fund, "", LOTS).await.expect(201);
    let viewer = app.person("Vera", "viewer").await;
    let path = fund.path("/import");
    app.by(&viewer, Method::POST, &path).raw(LOTS).send().await.expect(403);
    app.kill("drill").await.expect(200);
    import(&app, &fund, "", LOTS).await.expect_problem(503, "feature_disabled");
    // The way back stays open, and so do facts.
    app.get(&fund.path("/export.csv")).await.expect(200);
    app.post(&format!("{}/undo", created.header("location")), &json!({})).await.expect(200);
}

#[tokio::test]
async fn the_template_is_a_workbook() {
    let app = TestApp::start().await;
    let fund = app.fund("Fund I").await;
    let template = app.get(&fund.path("/import-template.xlsx")).await.expect(200);
    assert!(template.bytes.starts_with(b"PK"));
    let report = import(&app, &fund, "?dryRun=true", template.bytes).await.expect(200).body;
    assert!(report["problems"][0]["message"].as_str().unwrap().contains("holds no rows"));
}
