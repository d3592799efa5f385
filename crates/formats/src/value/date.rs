//! Dates as people write them, in every form with one meaning; `01/02/2022` has two.

use jiff::civil::Date;

use super::ValueError;

/// Which comes first in `01/02/2022`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DateOrder {
    /// 1 February.
    DayFirst,
    /// 2 January.
    MonthFirst,
}

/// What the way a date is written says about the order of day and month in its column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OrderEvidence {
    /// Nothing: it has the same meaning everywhere.
    None,
    /// It can only be read in this order.
    Order(DateOrder),
    /// It can be read in either, and means something else: `01/02/2022`.
    Either,
}

/// What the way `text` is written says about the order of day and month.
pub(crate) fn order_evidence(text: &str) -> OrderEvidence {
    if parse_date(text, None) == Err(ValueError::Ambiguous) {
        return OrderEvidence::Either;
    }
    // What each order has to say of it: a date that only one of them can read shows it.
    match (parse_date(text, Some(DateOrder::DayFirst)), parse_date(text, Some(DateOrder::MonthFirst))) {
        (Ok(_), Err(_)) => OrderEvidence::Order(DateOrder::DayFirst),
        (Err(_), Ok(_)) => OrderEvidence::Order(DateOrder::MonthFirst),
        _ => OrderEvidence::None,
    }
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Reads a date, with `order` for those that are written with slashes or hyphens.
///
/// # Errors
/// `Ambiguous` for `01/02/2022` while the order is not known; `Wrong` for what is no date.
pub(crate) fn parse_date(text: &str, order: Option<DateOrder>) -> Result<Date, ValueError> {
    let text = without_time(text.trim().trim_start_matches('\''));
    let parts: Vec<&str> =
        text.split(|letter: char| !letter.is_alphanumeric()).filter(|part| !part.is_empty()).collect();
    match parts.as_slice() {
        [first, second, third] => {
            if let Some(date) = with_month_name(first, second, third) {
                return date;
            }
            in_numbers(text, number(first)?, number(second)?, number(third)?, order)
        }
        [digits] if digits.len() == 8 && digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            let (year, rest) = digits.split_at(4);
            let (month, day) = rest.split_at(2);
            date(number(year)?, number(month)?, number(day)?)
        }
        _ => Err(not_a_date()),
    }
}

fn not_a_date() -> ValueError {
    ValueError::wrong("is no date; write it as 2022-01-31")
}

/// `2022-01-31T00:00:00Z` and `2022-01-31 00:00` without what follows the day.
fn without_time(text: &str) -> &str {
    let end = text
        .find('T')
        .filter(|end| text.get(..*end).is_some_and(|day| day.ends_with(|letter: char| letter.is_ascii_digit())));
    let end = end.or_else(|| {
        let colon = text.find(':')?;
        text.get(..colon)?.rfind(' ')
    });
    end.and_then(|end| text.get(..end)).unwrap_or(text).trim()
}

/// A number with its count of digits.
#[derive(Clone, Copy)]
struct Part {
    value: u32,
    digits: usize,
}

fn number(text: &str) -> Result<Part, ValueError> {
    if text.len() > 4 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(not_a_date());
    }
    text.parse().map(|value| Part { value, digits: text.len() }).map_err(|_| not_a_date())
}

/// `31 Jan 2022`, `Jan 31, 2022`, `2022 January 31`; nothing when none of the parts is a month's name.
fn with_month_name(first: &str, second: &str, third: &str) -> Option<Result<Date, ValueError>> {
    let month = |name: &str| {
        let name = name.to_lowercase();
        let is_name =
            |month: &&str| name.len() >= 3 && (month.starts_with(&name) || (name == "sept" && *month == "september"));
        let position = MONTHS.iter().position(is_name)?;
        u32::try_from(position).ok()?.checked_add(1)
    };
    let ordinal = |text: &str| {
        let digits = ["st", "nd", "rd", "th"].iter().find_map(|ending| text.strip_suffix(ending)).unwrap_or(text);
        number(digits)
    };
    let (name, one, other) = [(first, second, third), (second, first, third)]
        .into_iter()
        .find_map(|(name, one, other)| month(name).map(|month| (month, one, other)))?;
    let read = || {
        let (one, other) = (ordinal(one)?, ordinal(other)?);
        let (year, day) = if one.digits == 4 { (one, other) } else { (other, one) };
        date(year, Part { value: name, digits: 2 }, day)
    };
    Some(read())
}

fn in_numbers(
    text: &str,
    first: Part,
    second: Part,
    third: Part,
    order: Option<DateOrder>,
) -> Result<Date, ValueError> {
    if first.digits == 4 {
        return date(first, second, third);
    }
    // With points the day comes first, everywhere where dates are written so.
    if text.contains('.') {
        return date(third, second, first);
    }
    let order = match order {
        Some(order) => order,
        None if first.value > 12 || first.value == second.value => DateOrder::DayFirst,
        None if second.value > 12 => DateOrder::MonthFirst,
        None => return Err(if third.digits == 4 { ValueError::Ambiguous } else { short_year() }),
    };
    match order {
        DateOrder::DayFirst => date(third, second, first),
        DateOrder::MonthFirst => date(third, first, second),
    }
}

fn short_year() -> ValueError {
    ValueError::wrong("has a year of two digits; write all four, as in 2022-01-31")
}

fn date(year: Part, month: Part, day: Part) -> Result<Date, ValueError> {
    if year.digits != 4 {
        return Err(short_year());
    }
    let parts = (i16::try_from(year.value), i8::try_from(month.value), i8::try_from(day.value));
    match parts {
        (Ok(year), Ok(month), Ok(day)) => Date::new(year, month, day),
        _ => return Err(not_a_date()),
    }
    .map_err(|_| ValueError::wrong("is no day of the calendar; write it as 2022-01-31"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn forms_with_one_meaning_are_read() {
        let expected = Date::constant(2022, 1, 31);
        for text in [
            "2022-01-31",
            "2022/1/31",
            "2022.01.31",
            "20220131",
            "31.01.2022",
            "31.1.2022",
            "1/31/2022",
            "31/01/2022",
            "31-01-2022",
            "31 Jan 2022",
            "31-Jan-2022",
            "Jan 31, 2022",
            "January 31 2022",
            "31st January 2022",
            "2022-01-31T00:00:00Z",
            "2022-01-31 14:05:00",
            " 2022-01-31 ",
        ] {
            assert_eq!(parse_date(text, None), Ok(expected), "{text}");
        }
        assert_eq!(parse_date("Sept 3, 2021", None), Ok(Date::constant(2021, 9, 3)));
        assert_eq!(parse_date("05/05/2021", None), Ok(Date::constant(2021, 5, 5)));
    }

    #[test]
    fn day_and_month_that_could_be_either_are_asked_for() {
        assert_eq!(parse_date("01/02/2022", None), Err(ValueError::Ambiguous));
        assert_eq!(parse_date("01/02/2022", Some(DateOrder::DayFirst)), Ok(Date::constant(2022, 2, 1)));
        assert_eq!(parse_date("01-02-2022", Some(DateOrder::MonthFirst)), Ok(Date::constant(2022, 1, 2)));
    }

    #[test]
    fn some_dates_show_the_order_and_some_need_it() {
        for (text, evidence) in [
            ("13/02/2021", OrderEvidence::Order(DateOrder::DayFirst)),
            ("02-13-2021", OrderEvidence::Order(DateOrder::MonthFirst)),
            ("01/02/2022", OrderEvidence::Either),
            ("05/05/2021", OrderEvidence::None),
            ("13.02.2021", OrderEvidence::None),
            ("2021-02-13", OrderEvidence::None),
            ("13 Feb 2021", OrderEvidence::None),
            ("31/31/2021", OrderEvidence::None),
            ("soon", OrderEvidence::None),
        ] {
            assert_eq!(order_evidence(text), evidence, "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_wrong() {
        for text in
            ["", "31/01/22", "01/02/22", "2022-02-30", "31/31/2022", "44592", "Smarch 3 2022", "2022", "May", "1-2"]
        {
            assert!(matches!(parse_date(text, None), Err(ValueError::Wrong(_))), "{text}");
        }
        // An order that was answered holds for every cell.
        assert!(parse_date("1/31/2022", Some(DateOrder::DayFirst)).is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,24}") {
            for order in [None, Some(DateOrder::DayFirst), Some(DateOrder::MonthFirst)] {
                let _ = parse_date(&text, order);
            }
        }
    }
}
