//! What an import would do, or did, as people read it.

use formats::draft::Reading;
use formats::template::SheetReport;
use formats::{Place, Problem, Problems};
use serde::Serialize;
use store::imports::{Change, CompanyPlan, Difference, IncomingCompany};
use utoipa::ToSchema;

use super::Compared;

/// Changes that are listed one by one.
const CHANGES_SHOWN_MAX: usize = 500;
/// Lots that a file leaves out and that are listed one by one.
const ABSENT_LOTS_SHOWN_MAX: usize = 200;

/// What an import would do.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FileImportReport)]
pub(crate) struct ImportReport {
    /// `csv`, `xlsx`, `ocf` or `portfolio`.
    format: &'static str,
    /// SHA-256 of the file, in hexadecimal.
    content_hash: String,
    /// Whether it can be applied: no problem, and no question that must be answered.
    applicable: bool,
    /// How the sheets and columns of a spreadsheet were understood.
    sheets: Vec<SheetView>,
    /// How many things are wrong.
    problem_count: usize,
    /// The first of them.
    problems: Vec<ProblemView>,
    /// How many things are worth knowing.
    warning_count: usize,
    /// The first of them.
    warnings: Vec<ProblemView>,
    /// What has to be answered, or can be.
    questions: Vec<QuestionView>,
    /// How many records are made, changed, and there already.
    counts: Counts,
    /// The first changes, one by one.
    changes: Vec<ChangeView>,
    /// How many lots the fund has of companies of the file that the file does not have; they stay as they are.
    absent_lot_count: usize,
    /// The first of them.
    absent_lots: Vec<AbsentLotView>,
}

/// A stored lot of a company of the file that the file does not have.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ImportAbsentLot)]
struct AbsentLotView {
    /// The company.
    company: String,
    /// What files call the lot.
    name: String,
    /// The day of the purchase.
    purchase_date: String,
    /// The share class; null for an unconverted SAFE or note.
    share_class: Option<String>,
    /// What was paid, in cents.
    cost_basis_cents: String,
}

/// A sheet as it was understood.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ImportSheet)]
struct SheetView {
    /// Its name; null for a CSV file.
    name: Option<String>,
    /// `settings`, `companies`, `lots`, `events` or `cases`; null when it is left out.
    role: Option<&'static str>,
    /// Rows with something in them.
    rows: usize,
    /// Its columns.
    columns: Vec<ColumnView>,
}

/// A column as it was understood.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ImportColumn)]
struct ColumnView {
    /// Its header.
    header: String,
    /// What it means; null when it is left out.
    field: Option<&'static str>,
    /// Some of its values.
    samples: Vec<String>,
}

/// Something wrong, or worth knowing, at a place of the file.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ImportProblem)]
struct ProblemView {
    /// The sheet, or the file of a package.
    sheet: Option<String>,
    /// The row as spreadsheets count it.
    row: Option<u32>,
    /// The object of a package.
    object: Option<String>,
    /// The column, or the path in a document.
    column: Option<String>,
    /// What stands there.
    value: String,
    /// What is wrong, and what would be right.
    message: String,
}

/// A question about the file.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ImportQuestion)]
struct QuestionView {
    /// The name its answer is given under.
    id: String,
    /// What is asked.
    text: String,
    /// An example from the file.
    example: Option<String>,
    /// The answers to choose from; empty where a text is wanted.
    choices: Vec<ChoiceView>,
    /// Whether the import can go on without an answer.
    optional: bool,
}

/// An answer to choose.
#[derive(Serialize, ToSchema)]
#[schema(as = ImportChoice)]
struct ChoiceView {
    /// What is sent.
    value: String,
    /// What a person reads.
    label: String,
}

/// How many records are made, changed, and there already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, serde::Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ImportCounts)]
pub(crate) struct Counts {
    companies_created: usize,
    companies_corrected: usize,
    companies_unchanged: usize,
    lots_created: usize,
    lots_corrected: usize,
    lots_unchanged: usize,
    events_created: usize,
    events_unchanged: usize,
    exit_cases_replaced: usize,
}

/// A record that changes.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ImportChange)]
struct ChangeView {
    /// `company`, `lot`, `event` or `exit_cases`.
    kind: &'static str,
    /// The company it is about.
    company: String,
    /// What the file calls it; of an event its type and date.
    name: String,
    /// `created`, `corrected` or `replaced`.
    change: &'static str,
    /// How the company was found among those that are stored: `reference`, `number` or `name`.
    matched_by: Option<&'static str>,
    /// The row it stands in.
    row: Option<u32>,
    /// The sheet it stands in.
    sheet: Option<String>,
    /// What is corrected.
    differences: Vec<DifferenceView>,
}

/// A field that changes.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ImportDifference)]
struct DifferenceView {
    /// The field.
    field: &'static str,
    /// What is stored.
    before: Option<String>,
    /// What the file says.
    after: Option<String>,
}

impl Counts {
    /// Counts what a plan does.
    pub(crate) fn of(plan: &store::imports::Plan) -> Self {
        let mut counts = Self::default();
        for company in &plan.companies {
            *match company.change {
                Change::Created => &mut counts.companies_created,
                Change::Corrected(_) => &mut counts.companies_corrected,
                Change::Unchanged => &mut counts.companies_unchanged,
            } += 1;
            for lot in &company.lots {
                *match lot.change {
                    Change::Created => &mut counts.lots_created,
                    Change::Corrected(_) => &mut counts.lots_corrected,
                    Change::Unchanged => &mut counts.lots_unchanged,
                } += 1;
            }
            let created = company.events.iter().flatten().count();
            counts.events_created += created;
            counts.events_unchanged += company.events.len() - created;
            counts.exit_cases_replaced += usize::from(company.exit_cases.is_some());
        }
        counts
    }
}

/// The report of a file that was compared with what is stored.
pub(crate) fn report(compared: &Compared, content_hash: String) -> ImportReport {
    let Reading { questions, .. } = &compared.file.reading;
    let (problems, problem_count) = problems(compared);
    let (warnings, warning_count) = warnings(compared);
    ImportReport {
        format: compared.file.format.as_str(),
        content_hash,
        applicable: super::obstacles(compared).is_empty(),
        sheets: compared.file.sheets.iter().map(sheet).collect(),
        problem_count,
        problems: problems.into_iter().map(shown).collect(),
        warning_count,
        warnings: warnings.into_iter().map(shown).collect(),
        questions: questions
            .iter()
            .map(|question| QuestionView {
                id: question.id.clone(),
                text: question.text.clone(),
                example: question.example.clone(),
                choices: question
                    .choices
                    .iter()
                    .map(|choice| ChoiceView { value: choice.value.clone(), label: choice.label.clone() })
                    .collect(),
                optional: question.optional,
            })
            .collect(),
        counts: Counts::of(&compared.plan),
        changes: changes(compared),
        absent_lot_count: compared.plan.companies.iter().map(|company| company.absent.len()).sum(),
        absent_lots: absent_lots(compared),
    }
}

/// The first problems of a file and of what would become of the fund, and how many there are.
pub(super) fn problems(compared: &Compared) -> (Vec<Problem>, usize) {
    let Reading { problems, more_problems, .. } = &compared.file.reading;
    let of_plan = compared.plan.problems.iter().map(|problem| {
        let place = Place { column: Some(problem.path.clone()), ..Place::default() };
        Problem { place, value: problem.value.clone(), message: problem.message.clone() }
    });
    let count = problems.len() + more_problems + compared.plan.problems.len() + compared.plan.more_problems;
    (problems.iter().cloned().chain(of_plan).take(Problems::LISTED_MAX).collect(), count)
}

/// The first things worth knowing, and how many there are: new lots that may be stored ones first, since they would be counted
/// twice.
fn warnings(compared: &Compared) -> (Vec<Problem>, usize) {
    let Reading { warnings, more_warnings, .. } = &compared.file.reading;
    let mut resembling = Problems::default();
    let companies = compared.incoming.companies.iter().zip(&compared.plan.companies).enumerate();
    for (position, (company, plan)) in companies {
        for (index, (lot, lot_plan)) in company.lots.iter().zip(&plan.lots).enumerate() {
            let Some(stored) = &lot_plan.resembles else { continue };
            let place = compared.file.reading.places.get(&format!("companies[{position}].lots[{index}]"));
            let place = place.cloned().unwrap_or_default().in_column("Lot ID");
            let what = if stored.field == "purchaseDate" { "purchase date" } else { "share class" };
            let message = format!(
                "would be a new lot, and may be the same lot as {:?}, which differs only in its {what} and is not in the file; if it is, \
                 give it the Lot ID {:?}",
                stored.reference, stored.reference
            );
            resembling.push(Problem::new(place, &lot.reference, message));
        }
    }
    let count = resembling.count() + warnings.len() + more_warnings;
    let listed = resembling.into_listed().0.into_iter().chain(warnings.iter().cloned());
    (listed.take(Problems::LISTED_MAX).collect(), count)
}

fn absent_lots(compared: &Compared) -> Vec<AbsentLotView> {
    let pairs = compared.incoming.companies.iter().zip(&compared.plan.companies);
    let all = pairs.flat_map(|(company, plan)| {
        let name = company.name.as_ref().unwrap_or(&company.reference);
        plan.absent.iter().map(move |lot| AbsentLotView {
            company: name.clone(),
            name: lot.reference.clone(),
            purchase_date: lot.terms.purchase_date.to_string(),
            share_class: lot.terms.share_class.clone(),
            cost_basis_cents: lot.terms.cost_cents.to_string(),
        })
    });
    all.take(ABSENT_LOTS_SHOWN_MAX).collect()
}

fn sheet(sheet: &SheetReport) -> SheetView {
    let columns = sheet.columns.iter().map(|column| ColumnView {
        header: column.header.clone(),
        field: column.field,
        samples: column.samples.clone(),
    });
    SheetView { name: sheet.name.clone(), role: sheet.role, rows: sheet.rows, columns: columns.collect() }
}

fn shown(problem: Problem) -> ProblemView {
    let Problem { place, value, message } = problem;
    ProblemView { sheet: place.sheet, row: place.row, object: place.object, column: place.column, value, message }
}

fn changes(compared: &Compared) -> Vec<ChangeView> {
    let pairs = compared.incoming.companies.iter().zip(&compared.plan.companies).enumerate();
    let all = pairs.flat_map(|(position, (company, plan))| of_company(compared, position, company, plan));
    all.take(CHANGES_SHOWN_MAX).collect()
}

fn of_company<'c>(
    compared: &'c Compared,
    position: usize,
    company: &'c IncomingCompany,
    plan: &'c CompanyPlan,
) -> impl Iterator<Item = ChangeView> + 'c {
    let name = company.name.clone().unwrap_or_else(|| company.reference.clone());
    let matched_by = plan.matched_by.map(|by| match by {
        store::imports::MatchedBy::Reference => "reference",
        store::imports::MatchedBy::Number => "number",
        store::imports::MatchedBy::Name => "name",
    });
    let change = move |kind, called: String, what: &Change, path: String| {
        let (word, differences) = match what {
            Change::Unchanged => return None,
            Change::Created => ("created", Vec::new()),
            Change::Corrected(differences) => ("corrected", differences.iter().map(difference).collect()),
        };
        let place = compared.file.reading.places.get(&path).cloned().unwrap_or_default();
        let (row, sheet) = (place.row, place.sheet);
        Some(ChangeView {
            kind,
            company: name.clone(),
            name: called,
            change: word,
            matched_by,
            row,
            sheet,
            differences,
        })
    };
    let path = format!("companies[{position}]");
    let own = change("company", company.reference.clone(), &plan.change, path.clone());
    let cases = plan.exit_cases.is_some().then_some(Change::Created);
    let cases = cases.and_then(|what| change("exit_cases", String::new(), &what, format!("{path}.exitCases[0]")));
    let cases = cases.map(|view| ChangeView { change: "replaced", ..view });
    let (of_lot, of_event) = (change.clone(), change);
    let lots_path = path.clone();
    let lots = company.lots.iter().zip(&plan.lots).enumerate().filter_map(move |(index, (lot, plan))| {
        of_lot("lot", lot.reference.clone(), &plan.change, format!("{lots_path}.lots[{index}]"))
    });
    let events = plan.events.iter().enumerate().filter_map(move |(index, event)| {
        let text = |field: &str| event.as_ref()?.get(field)?.as_str().map(str::to_owned);
        let called = format!("{} of {}", text("type")?, text("date")?);
        of_event("event", called, &Change::Created, format!("{path}.events[{index}]"))
    });
    own.into_iter().chain(lots).chain(events).chain(cases)
}

fn difference(difference: &Difference) -> DifferenceView {
    DifferenceView { field: difference.field, before: difference.before.clone(), after: difference.after.clone() }
}
