//! Columns of a table, and the cells they have.

use std::borrow::Cow;

use jiff::civil::Date;
use rust_xlsxwriter::{Color, Format, FormatAlign};

use super::template::Template;

/// Of cells that figures rest on.
pub(super) const INPUT_COLOUR: Color = Color::RGB(0x001F_4E9E);

/// What a column shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name or an id.
    Text,
    /// A word of ours, or a short id.
    Word,
    /// What a lens or a check is called.
    Title,
    /// A sentence.
    Sentence,
    /// A number of a row, or how many.
    Count,
    Date,
    /// In currency units.
    Money,
    /// In currency units per share.
    Price,
    Shares,
    /// A factor without unit.
    Factor,
    Probability,
    Multiple,
}

impl Kind {
    const fn number_format(self) -> Option<&'static str> {
        match self {
            Self::Text | Self::Word | Self::Title | Self::Sentence => None,
            Self::Count => Some("0"),
            Self::Date => Some("yyyy-mm-dd"),
            Self::Money => Some("#,##0.00"),
            Self::Price | Self::Shares => Some("#,##0.00######"),
            Self::Factor => Some("0.00######"),
            Self::Probability => Some("0.00##%"),
            Self::Multiple => Some("0.00\"x\""),
        }
    }

    /// In characters.
    pub(super) const fn width(self) -> u16 {
        match self {
            Self::Text => 24,
            Self::Word => 20,
            Self::Title => 44,
            Self::Sentence => 90,
            Self::Count => 11,
            Self::Date => 12,
            Self::Money | Self::Shares => 18,
            Self::Price | Self::Factor => 14,
            Self::Probability | Self::Multiple => 13,
        }
    }

    const fn is_text(self) -> bool {
        matches!(self, Self::Text | Self::Word | Self::Title | Self::Sentence)
    }
}

/// Where the cells of a column come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    /// The portfolio; what formulas rest on.
    Input,
    /// Names, numbers of rows and explanations, which no figure rests on, or should ever be changed.
    Label,
    Formula,
}

/// A column of a table.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub(super) key: Cow<'static, str>,
    pub(super) head: Cow<'static, str>,
    pub(super) kind: Kind,
    source: Source,
    pub(super) formula: Option<Cow<'static, str>>,
    pub(super) name: Option<Cow<'static, str>>,
    pub(super) note: Option<Cow<'static, str>>,
}

impl Column {
    fn new(source: Source, key: impl Into<Cow<'static, str>>, head: impl Into<Cow<'static, str>>, kind: Kind) -> Self {
        Self { key: key.into(), head: head.into(), kind, source, formula: None, name: None, note: None }
    }

    /// A column of values that figures rest on. `key` is how formulas of the same row call it.
    pub(super) fn input(key: impl Into<Cow<'static, str>>, head: impl Into<Cow<'static, str>>, kind: Kind) -> Self {
        Self::new(Source::Input, key, head, kind)
    }

    /// A column of names and numbers of rows.
    pub(super) fn label(key: impl Into<Cow<'static, str>>, head: impl Into<Cow<'static, str>>, kind: Kind) -> Self {
        Self::new(Source::Label, key, head, kind)
    }

    /// A column whose rows have a formula each of their own.
    pub(super) fn computed(key: impl Into<Cow<'static, str>>, head: impl Into<Cow<'static, str>>, kind: Kind) -> Self {
        Self::new(Source::Formula, key, head, kind)
    }

    /// A column with one formula for all rows.
    pub(super) fn formula(
        key: impl Into<Cow<'static, str>>,
        head: impl Into<Cow<'static, str>>,
        kind: Kind,
        formula: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { formula: Some(formula.into()), ..Self::computed(key, head, kind) }
    }

    /// How its cells look.
    pub(super) fn format(&self) -> Format {
        let mut format = Format::new();
        if let Some(number_format) = self.kind.number_format() {
            format = format.set_num_format(number_format);
        }
        // Inputs are blue, formulas black, as in financial models.
        if self.source == Source::Input {
            format = format.set_font_color(INPUT_COLOUR);
        }
        aligned(format, self.kind)
    }

    /// The same column with a name for its range.
    pub(super) fn named(self, name: impl Into<Cow<'static, str>>) -> Self {
        Self { name: Some(name.into()), ..self }
    }

    /// The same column with a note on its header.
    pub(super) fn noted(self, note: impl Into<Cow<'static, str>>) -> Self {
        Self { note: Some(note.into()), ..self }
    }
}

/// What a cell shows; in a column of formulas, what its formula comes to.
#[derive(Clone, Debug)]
pub(super) enum Cell<'t> {
    Blank,
    Text(Cow<'t, str>),
    Number(f64),
    Date(Date),
    /// A formula of this row alone, and what it comes to.
    Formula(&'t Template, Box<Cell<'t>>),
}

/// What a figure shows that has no number.
pub(super) const NOT_AVAILABLE: &str = "n/a";

impl<'t> Cell<'t> {
    pub(super) fn text(text: impl Into<Cow<'t, str>>) -> Self {
        Self::Text(text.into())
    }

    /// The number, or a blank cell.
    pub(super) fn or_blank(number: Option<f64>) -> Self {
        number.map_or(Self::Blank, Self::Number)
    }

    /// The number, or "n/a".
    pub(super) fn or_not_available(number: Option<f64>) -> Self {
        number.map_or(Self::Text(Cow::Borrowed(NOT_AVAILABLE)), Self::Number)
    }

    pub(super) fn by(template: &'t Template, result: Self) -> Self {
        Self::Formula(template, Box::new(result))
    }
}

/// Text to the left, with room to the number before it; numbers, and "n/a" in their place, to the right.
pub(super) fn aligned(format: Format, kind: Kind) -> Format {
    if kind.is_text() {
        format.set_align(FormatAlign::Left).set_indent(1)
    } else {
        format.set_align(FormatAlign::Right)
    }
}
