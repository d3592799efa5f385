use super::*;
use crate::table::{self, FileKind};
use jiff::civil::Date;
use moic::Portfolio;
use proptest::prelude::*;
use serde_json::{Value, json};

fn answers(pairs: &[(&str, &str)]) -> Answers {
    pairs.iter().map(|(id, value)| ((*id).to_owned(), (*value).to_owned())).collect()
}

fn read_csv(text: &str, given: &[(&str, &str)]) -> Spreadsheet {
    let tables = table::read(FileKind::Csv, text.as_bytes(), &Answers::new()).unwrap();
    let mut spreadsheet = read(&tables, &Mapping::default(), &answers(given), Some("USD"));
    spreadsheet.reading.judge(Date::constant(2024, 12, 31));
    spreadsheet
}

fn messages(problems: &[Problem]) -> Vec<String> {
    problems.iter().map(|problem| format!("{}: {:?} {}", problem.place, problem.value, problem.message)).collect()
}

fn draft_json(spreadsheet: &Spreadsheet) -> Value {
    assert_eq!(messages(&spreadsheet.reading.problems), Vec::<String>::new());
    assert_eq!(spreadsheet.reading.questions, []);
    serde_json::to_value(&spreadsheet.reading.draft).unwrap()
}

#[test]
fn a_list_of_purchases_becomes_companies_with_lots_and_marks() {
    let text = "Fund II schedule of investments,,,,,,,,\n\
        ,,,,,,,,\n\
        Portfolio Company,Industry,Series,Type,Investment Date,# Shares,PPS,Amount Invested ($),Current price,Mark date\n\
        AlphaTech,Fintech,PS,Initial,31 Jan 2022,\"518,138.294565\",$2.89498,\"$1,500,000.00\",$6.50407,2022-12-31\n\
        AlphaTech,Fintech,PS,Follow-on,2022-03-31,\"153,749.998847\",6.50407,,6.50407,2022-12-31\n\
        Total,,,,,,,\"$2,500,000.00\",,\n";
    let spreadsheet = read_csv(text, &[]);
    assert_eq!(
        draft_json(&spreadsheet),
        json!({ "companies": [{
            "id": "AlphaTech", "name": "AlphaTech", "sector": "Fintech",
            "lots": [
                { "id": "2022-01-31 PS", "lotType": "initial", "shareClass": "PS", "purchaseDate": "2022-01-31",
                  "sharesAcquired": "518138.294565", "sharePriceCents": "289.498", "costBasisCents": "150000000" },
                { "id": "2022-03-31 PS", "lotType": "follow_on", "shareClass": "PS", "purchaseDate": "2022-03-31",
                  "sharesAcquired": "153749.998847", "sharePriceCents": "650.407", "costBasisCents": "100000076" } ],
            "events": [{ "type": "mark", "date": "2022-12-31", "shareClass": "PS", "sharePriceCents": "650.407" }],
        }] })
    );
    assert_eq!(spreadsheet.sheets[0].role, Some("lots"));
    assert!(messages(&spreadsheet.reading.warnings).iter().any(|warning| warning.contains("sum of the table")));
    let document = serde_json::to_vec(&Value::Object(
        draft_json(&spreadsheet)
            .as_object()
            .unwrap()
            .clone()
            .into_iter()
            .chain([("asOf".to_owned(), json!("2022-12-31"))])
            .collect(),
    ))
    .unwrap();
    let portfolio = Portfolio::from_json(&document).unwrap();
    assert_eq!(
        portfolio.evaluate().fund().get(moic::LensKey::CurrentMoic).unwrap().display().as_deref(),
        Some("1.75x")
    );
}

#[test]
fn every_problem_is_told_at_its_cell() {
    let text = "Company,Lot type,Share class,Purchase date,Shares,Price per share,Cost\n\
        Alpha,initial,PS,2022-02-30,1000,1,1000\n\
        Beta,initial,PS,2022-01-31,many,1,\n\
        ,initial,PS,2022-01-31,1000,1,1000\n\
        Gamma,sometimes,PS,2022-01-31,1000,1,1000.005\n\
        Delta,initial,PS,,1000,1,2000\n";
    let found = messages(&read_csv(text, &[]).reading.problems);
    for expected in [
        "row 2, Purchase date: \"2022-02-30\" is no day of the calendar",
        "row 3, Shares: \"many\" is no number",
        "row 4, Company: \"(absent)\" is empty",
        "row 5, Cost: \"1000.005\" has a fraction of a cent",
        "row 6, Purchase date: \"(absent)\" is empty",
        "row 6, Cost: \"2000\" shares × price is 1000.00 USD and the cost 2000.00 USD",
    ] {
        assert!(found.iter().any(|message| message.starts_with(expected)), "{expected} in {found:#?}");
    }
}

#[test]
fn what_the_engine_finds_is_told_at_its_row() {
    let text = "Company,Lot type,Share class,Purchase date,Shares,Cost\nAlpha,sometimes,PS,2022-01-31,1000,1000\n";
    let found = messages(&read_csv(text, &[]).reading.problems);
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("row 2, Lot type: \"sometimes\" must be one of"), "{found:?}");
}

#[test]
fn two_meanings_are_asked_for_once_and_an_answer_settles_them() {
    let text = "Company,Lot type,Share class,Purchase date,Shares,Cost\n\
        Alpha,initial,PS,01/02/2022,\"1,234\",\"5,000\"\n\
        Alpha,follow_on,PS,03/04/2022,\"2,345\",\"6,000\"\n";
    let asked = read_csv(text, &[]).reading.questions;
    let ids: Vec<&str> = asked.iter().map(|question| question.id.as_str()).collect();
    assert_eq!(ids, [DATE_ORDER, DECIMAL_SIGN]);
    assert_eq!(asked[0].example.as_deref(), Some("01/02/2022 (row 2, Purchase date)"));
    let document = draft_json(&read_csv(text, &[(DATE_ORDER, "day_first"), (DECIMAL_SIGN, "point")]));
    assert_eq!(document["companies"][0]["lots"][0]["purchaseDate"], "2022-02-01");
    assert_eq!(document["companies"][0]["lots"][0]["sharesAcquired"], "1234");
    let document = draft_json(&read_csv(text, &[(DATE_ORDER, "month_first"), (DECIMAL_SIGN, "comma")]));
    assert_eq!(document["companies"][0]["lots"][0]["purchaseDate"], "2022-01-02");
    assert_eq!(document["companies"][0]["lots"][0]["costBasisCents"], "500");
}

#[test]
fn a_number_with_one_meaning_settles_the_others_and_says_so() {
    let text = "Company;Lot type;Share class;Purchase date;Shares;Cost\n\
        Alpha;initial;PS;31.01.2022;1.234;5.000,50\n";
    let spreadsheet = read_csv(text, &[]);
    let document = draft_json(&spreadsheet);
    assert_eq!(document["companies"][0]["lots"][0]["sharesAcquired"], "1234");
    assert_eq!(document["companies"][0]["lots"][0]["costBasisCents"], "500050");
    assert!(messages(&spreadsheet.reading.warnings)[0].contains("comma stands before the decimals"));
}

#[test]
fn types_and_dates_that_the_file_does_not_tell_are_asked_for() {
    let text = "Company,Share class,Purchase date,Shares,Cost,Fair value\n\
        Alpha,PS,2022-01-31,1000,1000,1500\n\
        Alpha,PS,2023-01-31,1000,2000,2500\n";
    let asked = read_csv(text, &[]).reading.questions;
    assert_eq!(asked.iter().map(|question| question.id.as_str()).collect::<Vec<_>>(), [LOT_TYPE, MARK_DATE]);
    let document = draft_json(&read_csv(text, &[(LOT_TYPE, "by_date"), (MARK_DATE, "2023-12-31")]));
    let company = &document["companies"][0];
    assert_eq!(
        (&company["lots"][0]["lotType"], &company["lots"][1]["lotType"]),
        (&json!("initial"), &json!("follow_on"))
    );
    let event = json!({ "type": "lot_mark", "date": "2023-12-31", "lot": "2023-01-31 PS", "valueCents": "250000" });
    assert_eq!(company["events"][1], event);
}

#[test]
fn a_foreign_currency_beside_an_amount_is_refused() {
    let text = "Company,Lot type,Share class,Purchase date,Shares,Cost\nAlpha,initial,PS,2022-01-31,1000,€1000\n";
    let found = messages(&read_csv(text, &[]).reading.problems);
    assert!(found[0].starts_with("row 2, Cost: \"€\" stands beside an amount, and the fund is in USD"), "{found:?}");
}

#[test]
fn sums_headings_and_notes_of_a_schedule_are_left_out_and_said_so() {
    let text = "Portfolio Company,Security,Type,Investment Date,# of Shares,Cost\n\
        Active investments,,,,,\n\
        Total Energies,PS,initial,2022-01-31,1000,2500\n\
        Beta,Post-money SAFE,initial,2022-01-31,,2500\n\
        Subtotal A,,,,,5000\n\
        Total investments,,,,1000,5000\n\
        (1) Values as of the valuation committee,,,,,\n";
    let spreadsheet = read_csv(text, &[]);
    let document = draft_json(&spreadsheet);
    let names: Vec<&Value> = document["companies"].as_array().unwrap().iter().map(|company| &company["name"]).collect();
    assert_eq!(names, ["Total Energies", "Beta"]);
    assert_eq!(document["companies"][1]["lots"][0]["instrument"], "safe");
    assert_eq!(spreadsheet.reading.warnings.len(), 4);
}

#[test]
fn what_would_be_wrong_by_a_thousand_or_by_a_write_off_is_not_guessed() {
    let header = "Company,Lot type,Share class,Purchase date,Shares,Cost,Fair value,Mark date\n";
    let row = "Alpha,initial,PS,2022-01-31,1000,2500,-,2022-12-31\n";
    let found = messages(&read_csv(&format!("{header}{row}"), &[]).reading.problems);
    assert!(found[0].contains("could mean worth nothing, or not known"), "{found:?}");
    let found = messages(
        &read_csv(&format!("Amounts in USD thousands\n{header}{}", row.replace(",-,", ",1,")), &[]).reading.problems,
    );
    assert!(found[0].contains("thousands or millions"), "{found:?}");
}

#[test]
fn two_columns_with_one_meaning_are_refused() {
    let text =
        "Company,Lot type,Share class,Purchase date,Date,Shares,Cost\nAlpha,initial,PS,2022-01-31,2022-01-31,1,1\n";
    let found = messages(&read_csv(text, &[]).reading.problems);
    assert!(found[0].contains("two columns mean Purchase date"), "{found:?}");
}

#[test]
fn other_headers_are_mapped() {
    let text = "Société,Sorte,Catégorie,Achat,Actions,Coût,Note\nAlpha,initial,PS,31.01.2022,1000,\"2500,50\",x\n";
    let columns = [
        ("Société", "company"),
        ("Sorte", "type"),
        ("Catégorie", "shareClass"),
        ("Achat", "purchaseDate"),
        ("Actions", "shares"),
        ("Coût", "cost"),
        ("Note", IGNORED),
    ];
    let columns = columns.map(|(header, key)| (header.to_owned(), key.to_owned())).into();
    let mapping = Mapping {
        sheets: [(String::new(), "lots".to_owned())].into(),
        columns: [(String::new(), columns)].into(),
        answers: Answers::new(),
    };
    let tables = table::read(FileKind::Csv, text.as_bytes(), &Answers::new()).unwrap();
    let unmapped = read(&tables, &Mapping::default(), &Answers::new(), Some("EUR"));
    assert_eq!(unmapped.sheets[0].role, None);
    assert_eq!(unmapped.sheets[0].columns[3].samples, ["31.01.2022"]);
    let mapped = read(&tables, &mapping, &Answers::new(), Some("EUR"));
    assert_eq!(draft_json(&mapped)["companies"][0]["lots"][0]["costBasisCents"], "250050");
    assert_eq!(mapped.reading.warnings, []);
}

#[test]
fn german_headers_are_known() {
    let text = "Firma;Kaufart;Anteilsklasse;Kaufdatum;Stück;Preis;Betrag\n\
        Alpha;Erstinvestment;PS;31.01.2022;1.000;2,50;2.500,00\n";
    let spreadsheet = read_csv(text, &[]);
    let lot = &draft_json(&spreadsheet)["companies"][0]["lots"][0];
    assert_eq!(
        (&lot["lotType"], &lot["sharesAcquired"], &lot["costBasisCents"]),
        (&json!("initial"), &json!("1000"), &json!("250000"))
    );
    let fields: Vec<_> = spreadsheet.sheets[0].columns.iter().map(|column| column.field.unwrap()).collect();
    assert_eq!(fields, ["company", "type", "shareClass", "purchaseDate", "shares", "price", "cost"]);
}

const LOTS: &str = "Company,Lot type,Share class,Purchase date,Shares,Cost,Mark per share,Mark date\n";

#[test]
fn a_column_that_shows_the_order_of_its_dates_is_not_asked_about() {
    let row = |date: &str, marked: &str| format!("Alpha,initial,PS,{date},10,100,11,{marked}\n");
    // One column shows it and the other does not.
    let text = format!("{LOTS}{}{}", row("01/02/2022", "31/12/2022"), row("13/02/2021", "31/12/2022"));
    let spreadsheet = read_csv(&text, &[]);
    assert_eq!(draft_json(&spreadsheet)["companies"][0]["lots"][0]["purchaseDate"], "2022-02-01");
    let warnings = messages(&spreadsheet.reading.warnings);
    assert!(
        warnings[0].starts_with("row 3, Purchase date: \"13/02/2021\" shows that the day comes first"),
        "{warnings:?}"
    );
    let asked = |text: &str| {
        read_csv(text, &[]).reading.questions.iter().map(|question| question.id.clone()).collect::<Vec<_>>()
    };
    let text = format!("{LOTS}{}{}", row("13/02/2021", "01/02/2022"), row("14/02/2021", "01/02/2022"));
    assert_eq!(asked(&text), [DATE_ORDER]);
    // Both orders are shown, so that neither is.
    let both: String = ["01/02/2022", "13/02/2021", "02/13/2021"].map(|date| row(date, "2022-12-31")).concat();
    assert_eq!(asked(&format!("{LOTS}{both}")), [DATE_ORDER]);
    let answered = read_csv(&format!("{LOTS}{both}"), &[(DATE_ORDER, "day_first")]).reading.problems;
    assert!(messages(&answered)[0].starts_with("row 4, Purchase date: \"02/13/2021\" is no day"), "{answered:?}");
}

#[test]
fn a_company_given_once_for_its_rows_is_taken_from_above_only_when_that_is_said() {
    let text = format!(
        "{LOTS}Alpha,initial,PS,2022-01-31,10,100,,\n,follow-on,PS,2023-01-31,10,100,,\nBeta,initial,PS,2022-01-31,1,1,,\n\
         Total,,,,21,201,,\n,initial,PS,2022-01-31,1,1,,\n"
    );
    let refused = read_csv(&text, &[]).reading;
    assert!(
        messages(&refused.problems)[0]
            .starts_with("row 3, Company: \"(absent)\" is empty; every row needs its company")
    );
    assert_eq!((refused.questions[0].id.as_str(), refused.questions[0].optional), (EMPTY_COMPANY, true));
    let filled = read_csv(&text, &[(EMPTY_COMPANY, "above")]).reading;
    // Below a sum there is no company above.
    assert_eq!(filled.problems.len(), 1);
    assert_eq!(filled.problems[0].place.row, Some(6));
    let lots: Vec<usize> = filled.draft.companies.iter().map(|company| company.lots.len()).collect();
    assert_eq!(lots, [2, 1]);
}

#[test]
fn percentages_are_read_only_where_parts_of_a_whole_stand() {
    let text = "Company,Lot type,Share class,Purchase date,Shares,Cost,Ownership\n\
        Alpha,initial,PS,2022-01-31,10,15%,7.5%\nBeta,initial,PS,2022-01-31,10%,15,7.5%\n";
    let found = messages(&read_csv(text, &[]).reading.problems);
    for expected in ["row 2, Cost: \"15%\" is a percentage", "row 3, Shares: \"10%\" is a percentage"] {
        assert!(found.iter().any(|message| message.starts_with(expected)), "{expected} in {found:#?}");
    }
}

#[test]
fn a_file_that_is_wrong_in_every_row_lists_what_somebody_can_read() {
    let rows: String = (0..5_000).map(|row| format!("Alpha,initial,PS,soon,many{row},100,,\n")).collect();
    let reading = read_csv(&format!("{LOTS}{rows}"), &[]).reading;
    assert!(reading.problems.len() <= Problems::LISTED_MAX);
    assert!(
        reading.problems[0].message.ends_with("(so in rows 3, 4, 5, 6 and 4995 others, too)"),
        "{:?}",
        reading.problems[0]
    );
    assert!(reading.problems.len() + reading.more_problems >= 10_000);
}

#[test]
fn a_workbook_with_all_sheets_becomes_the_whole_document() {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheets: [(&str, &[&[&str]]); 4] = [
        (
            "Settings",
            &[
                &["Setting", "Value"],
                &["As of", "2022-12-31"],
                &["secondaryBucket", "Follow-on"],
                &["excludeUnpriced", "no"],
            ],
        ),
        (
            "Lots",
            &[
                &[
                    "Company ID",
                    "Company",
                    "Lot ID",
                    "Lot type",
                    "Instrument",
                    "Share class",
                    "Purchase date",
                    "Shares",
                    "Cost",
                    "Strike",
                ],
                &["alpha", "AlphaTech", "seed", "initial", "", "PS", "2022-01-31", "1000", "1000.50", ""],
                &["alpha", "AlphaTech", "w1", "follow-on", "warrant", "PS", "2022-02-28", "10", "0", "1.25"],
                &["alpha", "AlphaTech", "safe", "follow-on", "SAFE", "", "2022-03-31", "", "5000", ""],
            ],
        ),
        (
            "Events",
            &[
                &[
                    "Company",
                    "Type",
                    "Date",
                    "Share class",
                    "To class",
                    "Lot ID",
                    "New lot ID",
                    "Lot type",
                    "Shares",
                    "Price per share",
                    "Amount",
                    "Numerator",
                    "Denominator",
                    "Lots",
                ],
                &["AlphaTech", "Stock split", "2022-04-30", "PS", "", "", "", "", "", "", "", "3", "1", ""],
                &["alphatech", "Lot conversion", "2022-05-31", "", "PS", "safe", "", "", "600", "", "", "", "", ""],
                &["alpha", "Sale", "2022-06-30", "PS", "", "", "", "", "300", "", "900", "", "", "seed: 300"],
                &["alpha", "Escrow", "2022-06-30", "", "", "", "", "", "", "", "100", "", "", "seed: 1"],
                &["alpha", "mark", "2022-07-31", "PS", "", "", "", "", "", "6.50407", "", "", "", ""],
            ],
        ),
        (
            "Exit cases",
            &[
                &[
                    "Company",
                    "Case",
                    "Probability",
                    "Share class",
                    "Exit price",
                    "Reserve ID",
                    "Reserve amount",
                    "Reserve price per share",
                    "Deploy probability",
                ],
                &["alpha", "base", "60%", "PS", "13", "serB", "500000", "8", "1/2"],
                &["alpha", "low", "2/5", "PS", "0", "", "", "", ""],
            ],
        ),
    ];
    for (name, rows) in sheets {
        let sheet = book.add_worksheet().set_name(name).unwrap();
        for (row, cells) in rows.iter().enumerate() {
            for (column, text) in cells.iter().enumerate().filter(|(_, text)| !text.is_empty()) {
                sheet.write(u32::try_from(row).unwrap(), u16::try_from(column).unwrap(), *text).unwrap();
            }
        }
    }
    let tables = table::read(FileKind::Xlsx, &book.save_to_buffer().unwrap(), &Answers::new()).unwrap();
    let mut spreadsheet = read(&tables, &Mapping::default(), &Answers::new(), Some("USD"));
    spreadsheet.reading.judge(Date::constant(2024, 12, 31));
    let document = draft_json(&spreadsheet);
    assert_eq!(document["asOf"], "2022-12-31");
    assert_eq!(document["policy"], json!({ "secondaryBucket": "follow_on", "excludeUnpriced": false }));
    let company = &document["companies"][0];
    assert_eq!(company["lots"][1]["strikeCents"], "125");
    assert_eq!(
        company["events"][0],
        json!({ "type": "split", "date": "2022-04-30", "shareClass": "PS", "numerator": 3, "denominator": 1 })
    );
    assert_eq!(company["events"][2]["lots"], json!({ "seed": "300" }));
    assert_eq!(
        company["events"][3],
        json!({ "type": "receivable", "date": "2022-06-30", "carryingCents": "10000", "allocation": { "seed": "1" } })
    );
    assert_eq!(
        company["exitCases"][0],
        json!({ "id": "base", "probability": "0.6", "exitPricesCents": { "PS": "1300" },
            "plannedReserves": [{ "id": "serB", "amountCents": "50000000", "shareClass": "PS", "sharePriceCents": "800", "deployProbability": "1/2" }] })
    );
}

proptest! {
    #[test]
    fn any_table_is_read_or_refused(rows in prop::collection::vec(prop::collection::vec("[-a-zA-Z0-9 .,;:/%$()=]{0,12}", 0..8), 0..12)) {
        let header = "Company,Lot type,Share class,Purchase date,Shares,Price per share,Cost,Mark per share";
        let body: Vec<String> = rows.iter().map(|row| row.iter().map(|cell| format!("\"{cell}\"")).collect::<Vec<_>>().join(",")).collect();
        let text = format!("{header}\n{}", body.join("\n"));
        read_csv(&text, &[]);
        read_csv(&text, &[(DATE_ORDER, "day_first"), (DECIMAL_SIGN, "point"), (LOT_TYPE, "by_date"), (MARK_DATE, "2024-01-01")]);
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        for kind in [FileKind::Csv, FileKind::Xlsx] {
            if let Ok(tables) = table::read(kind, &bytes, &Answers::new()) {
                let _ = read(&tables, &Mapping::default(), &Answers::new(), Some("USD"));
            }
        }
    }
}
