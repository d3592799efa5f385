//! A set of flags, compiled: what a document says, ready to be asked.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value as Json};

use crate::bucketing::Bucketing;
use crate::context::Context;
use crate::definition::{self, Definition};
use crate::document;
use crate::evaluation::{ErrorCode, Evaluation, Refusal};
use crate::problem::{DOCUMENT_NODES_MAX, FLAGS_MAX, LoadError, Path, Problem, Problems};
use crate::rule::Compiler;

/// Flags that the prerequisites of one flag may lead to, theirs followed.
pub const PREREQUISITES_MAX: usize = 100;

/// Flags by key, compiled. Immutable: a change makes a new set.
#[derive(Debug)]
pub struct FlagSet {
    definitions: Box<[Definition]>,
    places: HashMap<Box<str>, usize, foldhash::fast::RandomState>,
    bucketing: Bucketing,
    evaluators: Map<String, Json>,
    metadata: Box<str>,
    flag_set_id: Option<Box<str>>,
    version: Option<Box<str>>,
}

/// A set, and what is wrong with the flags in it that answer `PARSE_ERROR`, or that work in spite of it.
#[derive(Debug)]
pub struct Loaded {
    /// The set.
    pub set: FlagSet,
    /// Every problem found.
    pub problems: Vec<Problem>,
}

impl FlagSet {
    /// A set without flags.
    #[must_use]
    pub fn empty(bucketing: Bucketing) -> Self {
        Self {
            definitions: Box::default(),
            places: HashMap::default(),
            bucketing,
            evaluators: Map::new(),
            metadata: "{}".into(),
            flag_set_id: None,
            version: None,
        }
    }

    /// Loads a document as a start does: flags that are broken answer `PARSE_ERROR`, the others work.
    ///
    /// # Errors
    /// [`LoadError`] for what is no document of flags at all.
    pub fn load(document: &[u8], bucketing: Bucketing) -> Result<Loaded, LoadError> {
        let mut problems = Problems::default();
        let set = Self::read(document, bucketing, &mut problems)?;
        Ok(Loaded { set, problems: problems.into_vec() })
    }

    /// Loads a document as an edit does: any problem refuses it.
    ///
    /// # Errors
    /// [`LoadError`] with every problem found.
    pub fn check(document: &[u8], bucketing: Bucketing) -> Result<Self, LoadError> {
        let Loaded { set, problems } = Self::load(document, bucketing)?;
        if problems.is_empty() { Ok(set) } else { Err(LoadError::Invalid(problems)) }
    }

    fn read(bytes: &[u8], bucketing: Bucketing, problems: &mut Problems) -> Result<Self, LoadError> {
        let document = document::read(bytes)?;
        let Json::Object(mut root) = document.root else {
            problems.push(&Path::root("flags"), &document.root, "must be in an object: {\"flags\": {…}}");
            return Err(LoadError::Invalid(std::mem::take(problems).into_vec()));
        };
        let repeated = document.repeated;
        for path in &repeated.paths {
            problems.warn_of_repeated(path);
        }
        let mut evaluators = evaluators(root.remove("$evaluators"), problems);
        // Of an evaluator that comes twice nobody knows which is meant: what refers to it is broken.
        evaluators.retain(|name, _| !repeated.is_within("$evaluators", name));
        let set_metadata = definition::metadata(root.get("metadata"), &Path::root("metadata"), problems);
        let flags = flags(root.remove("flags"), problems)
            .ok_or_else(|| LoadError::Invalid(std::mem::take(problems).into_vec()))?;
        let mut definitions: Vec<Definition> = Vec::with_capacity(flags.len());
        let mut nodes = 0;
        let root_path = Path::root("flags");
        for Entry { key, step, json } in &flags {
            let path = root_path.field(key);
            let mut read = Definition::read(key, json, Some(&evaluators), &set_metadata, bucketing, &path, problems);
            if repeated.is_within("flags", step) {
                read.break_with("a name comes twice in the definition");
            }
            nodes += read.rule_nodes();
            if nodes > DOCUMENT_NODES_MAX {
                let message = format!("leads beyond {DOCUMENT_NODES_MAX} operators and values of all rules together");
                problems.push_at(&path.field("targeting"), message);
                nodes -= read.rule_nodes();
                read.break_with("the document's rules are too large together");
            }
            definitions.push(read);
        }
        check_evaluators(&evaluators, DOCUMENT_NODES_MAX - nodes, problems);
        definitions.sort_by(|one, other| one.key().cmp(other.key()));
        for at in (1..definitions.len()).rev() {
            if definitions[at].key() == definitions[at - 1].key() {
                let path = root_path.field(definitions[at].key());
                problems.push_at(&path, "is defined twice");
                definitions[at - 1].break_with("the flag is defined twice");
                definitions.remove(at);
            }
        }
        let text_of = |name: &str| set_metadata.get(name).and_then(Json::as_str).map(Into::into);
        let mut set = Self {
            places: definitions.iter().enumerate().map(|(place, flag)| (flag.key().into(), place)).collect(),
            definitions: definitions.into(),
            bucketing,
            flag_set_id: text_of("flagSetId"),
            version: text_of("version"),
            metadata: Json::Object(set_metadata).to_string().into(),
            evaluators,
        };
        set.check_prerequisites(problems);
        Ok(set)
    }

    /// Breaks flags whose prerequisites do not exist, lead back to themselves or are too many to follow.
    fn check_prerequisites(&mut self, problems: &mut Problems) {
        let reckoned = self.prerequisites_behind();
        let mut broken = HashSet::new();
        for definition in &self.definitions {
            let mut note = |message: String| {
                let path = Path::root("flags");
                let path = path.field(definition.key());
                let path = path.field("metadata");
                problems.push_at(&path.field("prerequisites"), message);
                broken.insert(definition.key().to_owned());
            };
            for (flag, variant) in &definition.attributes().prerequisites {
                match self.get(flag) {
                    None => note(format!("names the flag {flag}, which is not defined")),
                    Some(needed) if needed.variants().all(|(name, _)| name != &**variant) => {
                        note(format!("asks for the variant {variant} of {flag}, which has none of that name"));
                    }
                    Some(_) => {}
                }
            }
            if !reckoned.contains_key(definition.key()) {
                note(format!("lead back to the flag itself, or to more than {PREREQUISITES_MAX} flags in all"));
            }
        }
        for definition in &mut self.definitions {
            if broken.contains(definition.key()) {
                definition.break_with("its prerequisites cannot be met: they do not exist or lead back to it");
            }
        }
    }

    /// How many evaluations each flag's prerequisites ask for, theirs followed; flags beyond [`PREREQUISITES_MAX`] and
    /// those that lead back to themselves are left out.
    fn prerequisites_behind(&self) -> HashMap<&str, usize> {
        let mut reckoned: HashMap<&str, usize> = HashMap::with_capacity(self.definitions.len());
        // Each round reckons the flags one step further from those that need nothing.
        for _ in 0..=PREREQUISITES_MAX {
            let before = reckoned.len();
            for definition in &self.definitions {
                if reckoned.contains_key(definition.key()) {
                    continue;
                }
                let behind = definition.attributes().prerequisites.iter().map(|(flag, _)| match self.get(flag) {
                    None => Some(1),
                    Some(_) => reckoned.get(&**flag).map(|behind| behind + 1),
                });
                if let Some(behind) = behind.sum::<Option<usize>>()
                    && behind <= PREREQUISITES_MAX
                {
                    reckoned.insert(definition.key(), behind);
                }
            }
            if reckoned.len() == before {
                break;
            }
        }
        reckoned
    }

    /// The flag of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Definition> {
        self.places.get(key).and_then(|place| self.definitions.get(*place))
    }

    /// All flags, by key.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Definition> {
        self.definitions.iter()
    }

    /// How users are bucketed.
    #[must_use]
    pub const fn bucketing(&self) -> Bucketing {
        self.bucketing
    }

    /// The set's own metadata: the text of a JSON object.
    #[must_use]
    pub fn metadata(&self) -> &str {
        &self.metadata
    }

    /// `flagSetId` of the set's metadata.
    #[must_use]
    pub fn flag_set_id(&self) -> Option<&str> {
        self.flag_set_id.as_deref()
    }

    /// `version` of the set's metadata.
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    pub(crate) const fn evaluators(&self) -> &Map<String, Json> {
        &self.evaluators
    }

    /// Evaluates a flag for a context at a time, in seconds since 1970.
    #[must_use]
    pub fn evaluate<'s>(&'s self, key: &str, context: &Context<'_>, now_s: i64) -> Evaluation<'s> {
        match self.get(key) {
            Some(definition) => self.evaluate_definition(definition, context, now_s),
            None => unknown_flag(),
        }
    }

    /// Evaluates one of the set's own flags, which need not be looked for.
    #[must_use]
    #[inline]
    pub fn evaluate_definition<'s>(
        &'s self,
        definition: &'s Definition,
        context: &Context<'_>,
        now_s: i64,
    ) -> Evaluation<'s> {
        Evaluation {
            result: definition.evaluate(context, now_s, &|key| self.variant_of(key, context, now_s)),
            metadata: definition.metadata(),
        }
    }

    /// The variant a flag has; prerequisites do not lead back, so this comes to an end.
    fn variant_of<'s>(&'s self, key: &str, context: &Context<'_>, now_s: i64) -> Option<&'s str> {
        self.evaluate(key, context, now_s).result.ok()?.variant
    }
}

pub(crate) const fn unknown_flag<'s>() -> Evaluation<'s> {
    let details = Cow::Borrowed("there is no flag of this key");
    Evaluation { result: Err(Refusal { code: ErrorCode::FlagNotFound, details }), metadata: "{}" }
}

fn evaluators(json: Option<Json>, problems: &mut Problems) -> Map<String, Json> {
    match json {
        None => Map::new(),
        Some(Json::Object(evaluators)) => evaluators,
        Some(other) => {
            problems.warn(&Path::root("$evaluators"), &other, "must be an object of names and rules");
            Map::new()
        }
    }
}

/// Looks for what is wrong with evaluators that no flag refers to, as far as there is room for rules left.
fn check_evaluators(evaluators: &Map<String, Json>, mut nodes: usize, problems: &mut Problems) {
    let root = Path::root("$evaluators");
    for (name, rule) in evaluators {
        let mut found = Problems::default();
        let mut compiler = Compiler::new(Some(evaluators), &[], &mut found);
        compiler.rule(rule, &root.field(name));
        let Some(left) = nodes.checked_sub(compiler.nodes()) else { return };
        nodes = left;
        problems.take_unknown(found);
    }
}

/// A flag as it stands in a document.
struct Entry {
    key: String,
    /// Its name in an object, its index in a list.
    step: String,
    json: Json,
}

/// The flags of an object, or of a list whose elements carry their key.
fn flags(json: Option<Json>, problems: &mut Problems) -> Option<Vec<Entry>> {
    let path = Path::root("flags");
    let flags: Vec<Entry> = match json {
        Some(Json::Object(flags)) => {
            flags.into_iter().map(|(key, json)| Entry { step: key.clone(), key, json }).collect()
        }
        Some(Json::Array(flags)) => {
            let entry = |(index, json): (usize, Json)| {
                let key = json.get("key").and_then(Json::as_str).unwrap_or_default().to_owned();
                Entry { key, step: index.to_string(), json }
            };
            flags.into_iter().enumerate().map(entry).collect()
        }
        other => {
            problems.push(&path, &other.unwrap_or_default(), "must be an object of keys and flags");
            return None;
        }
    };
    if flags.len() > FLAGS_MAX {
        problems.push(&path, &Json::from(flags.len()), format!("must be at most {FLAGS_MAX} flags"));
        return None;
    }
    Some(flags)
}
