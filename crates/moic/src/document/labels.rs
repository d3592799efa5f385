//! Names inside one company turned into indices: share classes and lots.

use crate::json::{Path, Problems};

/// Most share classes one company may name.
pub const CLASSES_PER_COMPANY_MAX: usize = 200;

/// Index of a share class in its company.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ClassIndex(pub(crate) u16);

impl ClassIndex {
    pub(crate) fn position(self) -> usize {
        usize::from(self.0)
    }
}

/// Index of a lot in its company: the document's lots first, then the lots that exercises make, in document order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct LotIndex(pub(crate) u32);

impl LotIndex {
    pub(crate) fn at(position: usize) -> Self {
        // LOTS_PER_COMPANY_MAX and EVENTS_PER_COMPANY_MAX keep positions far below this.
        Self(u32::try_from(position).unwrap_or(u32::MAX))
    }

    pub(crate) fn position(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

/// The share classes of a company, in the order in which the document first names them.
#[derive(Debug, Default)]
pub(crate) struct Classes {
    labels: Vec<Box<str>>,
}

impl Classes {
    /// The index of `label`, which is added when it is new. `None` when there are too many, which is noted.
    pub(crate) fn index_of(&mut self, label: &str, path: &Path<'_>, problems: &mut Problems) -> Option<ClassIndex> {
        if let Some(known) = self.labels.iter().position(|known| **known == *label) {
            return u16::try_from(known).ok().map(ClassIndex);
        }
        if label.is_empty() {
            problems.push(path, label, "must name a share class");
            return None;
        }
        if self.labels.len() >= CLASSES_PER_COMPANY_MAX {
            problems.push(path, label, format!("a company may have at most {CLASSES_PER_COMPANY_MAX} share classes"));
            return None;
        }
        self.labels.push(label.into());
        u16::try_from(self.labels.len().saturating_sub(1)).ok().map(ClassIndex)
    }

    pub(crate) fn into_labels(self) -> Vec<Box<str>> {
        self.labels
    }
}

/// The lots of a company by id.
pub(crate) struct LotNames<'v> {
    sorted: Vec<(&'v str, LotIndex)>,
}

impl<'v> LotNames<'v> {
    /// Indexes `ids`, given in index order.
    pub(crate) fn new(ids: impl Iterator<Item = &'v str>) -> Self {
        let mut sorted: Vec<_> = ids.enumerate().map(|(position, id)| (id, LotIndex::at(position))).collect();
        sorted.sort_unstable();
        Self { sorted }
    }

    /// Ids that stand more than once.
    pub(crate) fn repeated(&self) -> impl Iterator<Item = LotIndex> + '_ {
        self.sorted.windows(2).filter_map(|pair| match pair {
            [first, second] if first.0 == second.0 => Some(second.1),
            _ => None,
        })
    }

    /// The lot called `id`; an unknown one is noted at `path`.
    pub(crate) fn resolve(&self, id: &str, path: &Path<'_>, problems: &mut Problems) -> Option<LotIndex> {
        match self.sorted.binary_search_by(|(known, _)| (*known).cmp(id)) {
            Ok(position) => self.sorted.get(position).map(|(_, lot)| *lot),
            Err(_) => {
                problems.push(path, id, "is not a lot of this company");
                None
            }
        }
    }
}
