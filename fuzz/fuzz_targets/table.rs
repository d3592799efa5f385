//! Any bytes as CSV, in the columns of the template: read, asked, answered, and judged by the engine.
#![no_main]

use formats::draft::{Answers, Reading};
use formats::table::{self, FileKind};
use formats::template::{self, Mapping};
use jiff::civil::Date;
use libfuzzer_sys::fuzz_target;
use moic::Portfolio;

const TODAY: Date = Date::constant(2026, 1, 1);
/// Every answer may ask for more.
const ROUNDS_MAX: usize = 8;

fn read(input: &[u8], answers: &Answers) -> Option<Reading> {
    let tables = table::read(FileKind::Csv, input, answers).ok()?;
    Some(template::read(&tables, &Mapping::default(), answers, Some("USD")).reading)
}

fuzz_target!(|input: &[u8]| {
    let mut answers = Answers::new();
    let Some(mut reading) = read(input, &answers) else { return };
    for _ in 0..ROUNDS_MAX {
        let open: Vec<_> = reading.questions.iter().filter(|question| !question.optional).collect();
        if open.is_empty() {
            break;
        }
        for question in open {
            let answer = question.choices.first().map_or("2025-12-31", |choice| &choice.value);
            answers.entry(question.id.clone()).or_insert_with(|| answer.to_owned());
        }
        let Some(answered) = read(input, &answers) else { return };
        reading = answered;
    }
    assert_eq!(Some(&reading), read(input, &answers).as_ref(), "the same table, another reading");
    reading.judge(TODAY);
    if !reading.problems.is_empty() || !reading.questions.is_empty() {
        return;
    }
    // What nothing is wrong with is a portfolio, and can be written and read again.
    let document = reading.draft.to_document(TODAY).expect("a draft can be written");
    Portfolio::from_json_as_of(&document, Some(TODAY)).expect("the engine has judged it");
    let lots = formats::lot_list::write(&reading.draft).expect("lots can be written");
    let _ = read(&lots, &answers);
});
