//! How a sheet is written: a title, a header that stays in sight, a table of columns with names.

use jiff::civil::{Date, date};
use rust_xlsxwriter::{
    Color, ConditionalFormatFormula, ExcelDateTime, Format, FormatAlign, FormatBorder, Note, Worksheet,
};

use super::column::{Cell, Column, aligned};
use super::error::WorkbookError;
use super::template::{Template, letters};
use super::text;

/// Rows of a sheet.
pub const ROWS_MAX: u32 = 1_048_576;
/// The row of the header, counted from 0; above it stand the title and a line about units.
pub(super) const HEADER_ROW: u32 = 2;
/// The first row of the table, counted from 0.
pub(super) const FIRST_ROW: u32 = HEADER_ROW + 1;
/// Height of the header in points: four lines.
const HEADER_HEIGHT_POINTS: u16 = 62;
/// Width and height of a note with a definition, in pixels.
const NOTE_SIZE_PIXELS: (u32, u32) = (360, 130);
/// Print scale of a sheet that is too wide for a page.
const PRINT_SCALE_PERCENT: u16 = 60;
/// The first date of which all spreadsheets have the same number: some take 1900 for a leap year.
pub const FIRST_DATE: Date = date(1900, 3, 1);

/// A sheet that is finished, and the names of its ranges.
pub(super) struct Written {
    pub(super) worksheet: Worksheet,
    pub(super) names: Vec<(String, String)>,
}

/// A sheet that is being written.
pub(super) struct Sheet {
    name: &'static str,
    worksheet: Worksheet,
    columns: Vec<Column>,
    templates: Vec<Option<Template>>,
    names: Vec<(String, String)>,
    next_row: u32,
    literal: Format,
}

impl Sheet {
    /// A sheet with its title, a line about it, and its header.
    pub(super) fn new(
        name: &'static str,
        title: &str,
        about: &str,
        columns: Vec<Column>,
    ) -> Result<Self, WorkbookError> {
        let mut worksheet = Worksheet::new();
        worksheet.set_name(name)?;
        // A formula that comes to an empty text has one as its cached value, not the zero it would have otherwise.
        worksheet.set_formula_result_default("");
        worksheet.write_string_with_format(0, 0, title, &Format::new().set_bold().set_font_size(14))?;
        worksheet.write_string_with_format(1, 0, about, &Format::new().set_font_color(Color::Gray))?;
        let mut sheet = Self {
            name,
            worksheet,
            columns,
            templates: Vec::new(),
            names: Vec::new(),
            next_row: FIRST_ROW,
            literal: Format::new().set_quote_prefix(),
        };
        sheet.templates = sheet.columns.iter().map(|column| Some(sheet.template(column.formula.as_deref()?))).collect();
        sheet.write_header()?;
        Ok(sheet)
    }

    fn write_header(&mut self) -> Result<(), WorkbookError> {
        let head = Format::new()
            .set_bold()
            .set_text_wrap()
            .set_align(FormatAlign::VerticalCenter)
            .set_background_color(Color::RGB(0x00E8_EEF4))
            .set_border_bottom(FormatBorder::Thin);
        self.worksheet.set_row_height(HEADER_ROW, HEADER_HEIGHT_POINTS)?;
        for (index, column) in (0_u16..).zip(&self.columns) {
            self.worksheet.set_column_format(index, &column.format())?;
            self.worksheet.set_column_width(index, column.kind.width())?;
            let head = aligned(head.clone(), column.kind);
            self.worksheet.write_string_with_format(HEADER_ROW, index, &*column.head, &head)?;
            if let Some(text) = &column.note {
                self.worksheet.insert_note(HEADER_ROW, index, &note(text))?;
            }
        }
        Ok(())
    }

    /// A formula for single rows of this sheet.
    pub(super) fn template(&self, formula: &str) -> Template {
        Template::new(formula, |key| self.letters_of(key))
    }

    fn letters_of(&self, key: &str) -> Option<String> {
        (0_u16..).zip(&self.columns).find(|(_, column)| column.key == key).map(|(index, _)| letters(index))
    }

    /// Adds a row: a cell for each column, in their order.
    pub(super) fn push(&mut self, cells: &[Cell<'_>]) -> Result<(), WorkbookError> {
        debug_assert_eq!(cells.len(), self.columns.len(), "a row of {} has a cell for each column", self.name);
        let row = self.next_row;
        if row >= ROWS_MAX {
            return Err(WorkbookError::TooManyRows { sheet: self.name });
        }
        for (index, cell) in (0_u16..).zip(cells) {
            self.write(row, index, cell)?;
        }
        self.next_row = row.saturating_add(1);
        Ok(())
    }

    fn write(&mut self, row: u32, index: u16, cell: &Cell<'_>) -> Result<(), WorkbookError> {
        let position = usize::from(index);
        match (cell, self.templates.get(position).and_then(Option::as_ref)) {
            (Cell::Blank, _) => {}
            (Cell::Formula(template, result), _) => {
                let formula = template.in_row(row.saturating_add(1), self.cached(row, position, result)?);
                self.worksheet.write_formula(row, index, formula)?;
            }
            (result, Some(template)) => {
                let formula = template.in_row(row.saturating_add(1), self.cached(row, position, result)?);
                self.worksheet.write_formula(row, index, formula)?;
            }
            (Cell::Text(text), None) => self.write_text(row, index, text)?,
            (Cell::Number(number), None) => {
                self.check(row, position, *number)?;
                self.worksheet.write_number(row, index, *number)?;
            }
            (Cell::Date(date), None) => {
                let date = excel_date(*date, self.name)?;
                self.worksheet.write_datetime(row, index, &date)?;
            }
        }
        Ok(())
    }

    /// Text is a text, whatever it begins with, and stays one when its cell is edited.
    pub(super) fn write_text(&mut self, row: u32, column: u16, text: &str) -> Result<(), WorkbookError> {
        let fitting = text::fitting(text);
        if text::looks_like_formula(&fitting) {
            self.worksheet.write_string_with_format(row, column, &*fitting, &self.literal)?;
        } else {
            self.worksheet.write_string(row, column, &*fitting)?;
        }
        Ok(())
    }

    /// The result of a formula as the file has it.
    fn cached(&self, row: u32, position: usize, result: &Cell<'_>) -> Result<String, WorkbookError> {
        match result {
            Cell::Blank | Cell::Formula(..) => Ok(String::new()),
            Cell::Text(text) => Ok(text.clone().into_owned()),
            Cell::Number(number) => {
                self.check(row, position, *number)?;
                Ok(number.to_string())
            }
            Cell::Date(date) => Ok(excel_date(*date, self.name)?.to_excel().to_string()),
        }
    }

    fn check(&self, row: u32, position: usize, number: f64) -> Result<(), WorkbookError> {
        if number.is_finite() {
            return Ok(());
        }
        let column = self.columns.get(position).map_or_else(String::new, |column| column.head.clone().into_owned());
        Err(WorkbookError::NumberTooLarge { sheet: self.name, row: row.saturating_add(1), column })
    }

    /// Room for cells beside the table.
    pub(super) fn worksheet(&mut self) -> &mut Worksheet {
        &mut self.worksheet
    }

    /// The number of columns.
    pub(super) fn width(&self) -> u16 {
        u16::try_from(self.columns.len()).unwrap_or(u16::MAX)
    }

    /// The row that comes next, counted from 0.
    pub(super) fn next_row(&self) -> u32 {
        self.next_row
    }

    /// Names a cell beside the table.
    pub(super) fn name_cell(&mut self, name: &str, row: u32, column: u16) {
        let cell = format!("={}!${}${}", self.name, letters(column), row.saturating_add(1));
        self.names.push((name.to_owned(), cell));
    }

    /// Lets the user filter the table.
    pub(super) fn filtered(mut self) -> Result<Self, WorkbookError> {
        self.worksheet.autofilter(HEADER_ROW, 0, self.last_row(), self.width().saturating_sub(1))?;
        Ok(self)
    }

    /// A table without rows has an empty one, so that its names have cells to stand for.
    fn last_row(&self) -> u32 {
        self.next_row.saturating_sub(1).max(FIRST_ROW)
    }

    /// Shows the rows for which `condition` is true in another format; `[key]` stands for a cell of the row.
    pub(super) fn highlighted(mut self, condition: &str, format: Format) -> Result<Self, WorkbookError> {
        let condition = self.template(condition).in_column(FIRST_ROW.saturating_add(1));
        let rule = ConditionalFormatFormula::new().set_rule(condition.as_str()).set_format(format);
        let (last_row, last_column) = (self.last_row(), self.width().saturating_sub(1));
        self.worksheet.add_conditional_format(FIRST_ROW, 0, last_row, last_column, &rule)?;
        Ok(self)
    }

    /// Names the columns and keeps the header and `columns_kept` columns in sight. A sheet that keeps columns is too wide
    /// for a page; one that keeps none is printed as wide as a page.
    pub(super) fn finished(mut self, columns_kept: u16) -> Result<Written, WorkbookError> {
        self.worksheet.set_freeze_panes(FIRST_ROW, columns_kept)?;
        self.worksheet.set_landscape().set_repeat_rows(HEADER_ROW, HEADER_ROW)?;
        match columns_kept.checked_sub(1) {
            None => self.worksheet.set_print_fit_to_pages(1, 0),
            Some(last) => self.worksheet.set_print_scale(PRINT_SCALE_PERCENT).set_repeat_columns(0, last)?,
        };
        let (first, last) = (FIRST_ROW.saturating_add(1), self.last_row().saturating_add(1));
        for (index, column) in (0_u16..).zip(&self.columns) {
            if let Some(name) = &column.name {
                let letters = letters(index);
                let range = format!("={}!${letters}${first}:${letters}${last}", self.name);
                self.names.push((name.clone().into_owned(), range));
            }
        }
        Ok(Written { worksheet: self.worksheet, names: self.names })
    }
}

/// A note of a size in which a definition can be read.
pub(super) fn note(text: &str) -> Note {
    let (width, height) = NOTE_SIZE_PIXELS;
    Note::new(text).add_author_prefix(false).set_width(width).set_height(height)
}

/// A date as spreadsheets count it.
pub(super) fn excel_date(date: Date, sheet: &'static str) -> Result<ExcelDateTime, WorkbookError> {
    let too_early = || WorkbookError::DateTooEarly { sheet, date };
    if date < FIRST_DATE {
        return Err(too_early());
    }
    let year = u16::try_from(date.year()).map_err(|_| too_early())?;
    Ok(ExcelDateTime::from_ymd(year, date.month().unsigned_abs(), date.day().unsigned_abs())?)
}
