//! The portfolio document (moic.md §6), checked: from here on nothing can be wrong with it.

pub(crate) mod case;
pub(crate) mod company;
pub(crate) mod event;
pub(crate) mod labels;
pub(crate) mod lot;
mod policy;
mod split;
mod text;

use jiff::civil::Date;
use rayon::prelude::*;

pub use self::case::{CASES_PER_COMPANY_MAX, RESERVES_PER_CASE_MAX};
use self::company::Company;
pub use self::event::{RESTATEMENT_MAX, Relief};
pub use self::labels::CLASSES_PER_COMPANY_MAX;
pub use self::lot::{Instrument, LotType};
pub use self::policy::{Policy, SecondaryBucket, UnpricedConvertible};
use self::split::TopLevel;
pub use self::text::IDENTIFIER_LENGTH_MAX;
use crate::canonical;
use crate::json::{self, Fields, Path, Problems, SyntaxError, Value};
use crate::problem::Problem;
use crate::quantity::parse_date;

/// Most lots of a company, those that exercises make not counted.
pub const LOTS_PER_COMPANY_MAX: usize = 100_000;
/// Most events of a company.
pub const EVENTS_PER_COMPANY_MAX: usize = 10_000;
/// Most companies of a document.
pub const COMPANIES_MAX: usize = 5_000_000;

/// Why a document was not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// Not JSON at all.
    #[error(transparent)]
    Syntax(#[from] SyntaxError),
    /// JSON, but not a portfolio document: everything that is wrong with it, in the order of the document, at most
    /// [`Problems::KEPT_MAX`] of it.
    #[error("the portfolio document has {} problem(s), the first at {}: {}", .0.len(), first(.0).path, first(.0).message)]
    Invalid(Vec<Problem>),
}

fn first(problems: &[Problem]) -> Problem {
    problems.first().cloned().unwrap_or_else(|| Problem::new("", "", "nothing is known of it"))
}

/// A checked portfolio document: companies with lots, events and exit cases, and the date it is evaluated as of.
#[derive(Debug)]
pub struct Portfolio {
    pub(crate) as_of: Date,
    pub(crate) currency: Option<Box<str>>,
    pub(crate) policy: Policy,
    pub(crate) companies: Vec<Company>,
    /// SHA-256 of each company's canonical form, in the order of `companies`.
    pub(crate) digests: Vec<canonical::Digest>,
    warnings: Vec<Problem>,
}

impl Portfolio {
    /// Reads and checks a portfolio document, which must say `asOf`.
    ///
    /// # Errors
    /// [`DocumentError`] with every problem found.
    pub fn from_json(bytes: &[u8]) -> Result<Self, DocumentError> {
        Self::from_json_as_of(bytes, None)
    }

    /// Reads and checks a portfolio document, to be evaluated as of `as_of` instead of its own `asOf` where given.
    ///
    /// # Errors
    /// [`DocumentError`] with every problem found.
    pub fn from_json_as_of(bytes: &[u8], as_of: Option<Date>) -> Result<Self, DocumentError> {
        // Windows editors put a byte order mark in front of UTF-8.
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let top = TopLevel::split(json::utf8(bytes)?)?;
        let mut problems = Problems::default();
        let header = Header::read(&top, as_of, &mut problems)?;
        let policy = header.policy.unwrap_or_default();
        let read = read_companies(&top, &policy)?;
        let mut warnings = Vec::new();
        note_repeated_ids(&read, &mut problems);
        let (mut companies, mut digests) = (Vec::with_capacity(read.len()), Vec::with_capacity(read.len()));
        for company in read {
            company.problems.into_iter().for_each(|problem| problems.add(problem));
            warnings.extend(company.warnings);
            if let Some((company, digest)) = company.accepted {
                companies.push(company);
                digests.push(digest);
            }
        }
        match header.as_of {
            Some(as_of) if problems.is_empty() => {
                Ok(Self { as_of, currency: header.currency, policy, companies, digests, warnings })
            }
            _ => Err(DocumentError::Invalid(problems.into_vec())),
        }
    }

    /// The same document evaluated as of `date`.
    #[must_use]
    pub fn with_as_of(self, date: Date) -> Self {
        Self { as_of: date, ..self }
    }

    /// The date as of which the document is evaluated.
    #[must_use]
    pub fn as_of(&self) -> Date {
        self.as_of
    }

    /// The fund's currency (ISO 4217), if the document names it.
    #[must_use]
    pub fn currency(&self) -> Option<&str> {
        self.currency.as_deref()
    }

    /// The document's choices.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// How many companies the document has.
    #[must_use]
    pub fn company_count(&self) -> usize {
        self.companies.len()
    }

    /// Names of the companies by position; the id where a company has no name.
    pub fn company_names(&self) -> impl Iterator<Item = &str> {
        self.companies.iter().map(Company::title)
    }

    /// Differences that do not stop the evaluation, such as a price that is not quite cost over shares.
    #[must_use]
    pub fn warnings(&self) -> &[Problem] {
        &self.warnings
    }

    /// `sha256:` and the hexadecimal SHA-256 of everything the evaluation depends on, in canonical form: the same for
    /// documents that differ only in white space, in the order of fields, or in how a number is written.
    #[must_use]
    pub fn inputs_hash(&self) -> String {
        canonical::fund_hash(self.as_of, self.currency.as_deref(), &self.policy, &self.digests)
    }
}

/// The fields of the document beside its companies.
struct Header {
    as_of: Option<Date>,
    currency: Option<Box<str>>,
    policy: Option<Policy>,
}

impl Header {
    fn read(top: &TopLevel<'_>, as_of: Option<Date>, problems: &mut Problems) -> Result<Self, SyntaxError> {
        let root = Path::root();
        let value = json::parse_text(&top.header)?;
        let Some(mut fields) = Fields::of(&value, &root, problems) else {
            return Ok(Self { as_of: None, currency: None, policy: None });
        };
        let written = fields.parsed("asOf", problems, parse_date);
        if as_of.is_none() && !fields.has("asOf") {
            fields.missing("asOf", problems);
        }
        let currency = fields.parsed("currency", problems, currency_code);
        let policy = policy::read(&mut fields, problems);
        // Only a value that is not an array of companies is left under this name; it is noted as such.
        fields.array("companies", COMPANIES_MAX, problems);
        fields.finish(problems);
        if top.companies.len() > COMPANIES_MAX {
            let message = format!("must have at most {COMPANIES_MAX} entries");
            problems.push(&root.field("companies"), format!("{} entries", top.companies.len()), message);
        }
        Ok(Self { as_of: as_of.or(written), currency, policy })
    }
}

fn currency_code(text: &str) -> Result<Box<str>, &'static str> {
    let is_code = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase());
    if is_code { Ok(text.into()) } else { Err("must be a currency code of three capital letters, as in ISO 4217") }
}

/// What reading one company came to.
struct CompanyRead {
    /// The id as written, also when the company was not accepted.
    id: Option<Box<str>>,
    accepted: Option<(Company, canonical::Digest)>,
    problems: Vec<Problem>,
    warnings: Vec<Problem>,
}

/// Reads the companies on all cores; the order of the result is that of the document.
fn read_companies(top: &TopLevel<'_>, policy: &Policy) -> Result<Vec<CompanyRead>, SyntaxError> {
    let root = Path::root();
    let path = root.field("companies");
    let read = |(index, text): (usize, &&str)| {
        let value = json::parse_text(text)?;
        let (mut problems, mut warnings) = (Problems::default(), Vec::new());
        let company = company::read(&value, &path.index(index), policy, &mut problems, &mut warnings);
        let accepted = company.map(|company| {
            let digest = canonical::company_digest(&company);
            (company, digest)
        });
        let id = value.as_object().and_then(|company| company.get("id")).and_then(Value::as_str).map(Box::from);
        Ok(CompanyRead { id, accepted, problems: problems.into_vec(), warnings })
    };
    top.companies.par_iter().enumerate().with_min_len(COMPANIES_PER_TASK_MIN).map(read).collect()
}

/// Companies read or evaluated in one piece of parallel work: enough that handing it out does not show.
pub(crate) const COMPANIES_PER_TASK_MIN: usize = 64;

fn note_repeated_ids(companies: &[CompanyRead], problems: &mut Problems) {
    let ids = companies.iter().enumerate().filter_map(|(index, company)| Some((company.id.as_deref()?, index)));
    let mut ids: Vec<(&str, usize)> = ids.collect();
    ids.sort_unstable();
    let root = Path::root();
    let path = root.field("companies");
    for pair in ids.windows(2) {
        if let [(first, _), (second, index)] = pair
            && first == second
        {
            problems.push(&path.index(*index).field("id"), *second, "is already the id of another company");
        }
    }
}
