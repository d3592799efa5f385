//! Money in cents, as the document has it, and in units of the currency, as files and people have it.

use super::plain_decimal;

/// Decimals of an amount in units of the currency: those of cents.
const CENTS_DECIMALS: usize = 2;

/// A decimal in units of the currency as one in cents.
pub(crate) fn in_cents(decimal: &str) -> String {
    let (negative, digits) = without_minus(decimal);
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
    let padded = format!("{decimals:0<CENTS_DECIMALS$}");
    let (cents, rest) = padded.split_at(CENTS_DECIMALS);
    plain_decimal(negative, &format!("{whole}{cents}"), rest)
}

/// A decimal or fraction in cents as one in units of the currency.
pub(crate) fn in_units(cents: &str) -> String {
    if let Some((numerator, denominator)) = cents.split_once('/') {
        return format!("{numerator}/{denominator}00");
    }
    let (negative, digits) = without_minus(cents);
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
    let padded = format!("{whole:0>3}");
    let (front, back) = padded.split_at(padded.len().saturating_sub(CENTS_DECIMALS));
    plain_decimal(negative, front, &format!("{back}{decimals}"))
}

fn without_minus(decimal: &str) -> (bool, &str) {
    match decimal.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, decimal),
    }
}

/// A message with every `1250 cents` in it as `12.50 USD`: files have their amounts so, and the engine does not.
pub(crate) fn units_of(message: &str, currency: &str) -> String {
    const CENTS: &str = " cents";
    let (mut told, mut rest) = (String::with_capacity(message.len()), message);
    while let Some((before, after)) = rest.split_once(CENTS) {
        let start = before.rfind(|letter: char| !letter.is_ascii_digit() && letter != '.' && letter != '-');
        let start = start.map_or(0, |start| start.saturating_add(before.get(start..).map_or(1, first_length)));
        let (text, amount) = before.split_at(start);
        told.push_str(text);
        if amount.bytes().any(|byte| byte.is_ascii_digit()) {
            told.push_str(&with_cents(&in_units(amount)));
            told.push(' ');
            told.push_str(currency);
        } else {
            told.push_str(amount);
            told.push_str(CENTS);
        }
        rest = after;
    }
    told.push_str(rest);
    told
}

fn first_length(text: &str) -> usize {
    text.chars().next().map_or(1, char::len_utf8)
}

/// At least two decimals, as money is written.
fn with_cents(units: &str) -> String {
    match units.split_once('.') {
        None => format!("{units}.00"),
        Some((whole, decimals)) => format!("{whole}.{decimals:0<CENTS_DECIMALS$}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_become_cents_and_cents_units_exactly() {
        for (units, cents) in [
            ("6.50407", "650.407"),
            ("1", "100"),
            ("0.05", "5"),
            ("-2.5", "-250"),
            ("0.001", "0.1"),
            ("0", "0"),
            ("2500000.76", "250000076"),
        ] {
            assert_eq!(in_cents(units), cents);
            assert_eq!(in_units(cents), units);
        }
        assert_eq!(in_units("1300/3"), "1300/300");
    }

    #[test]
    fn messages_tell_amounts_as_the_file_has_them() {
        for (message, told) in [
            ("is 100000 cents and the cost 200050 cents", "is 1000.00 USD and the cost 2000.50 USD"),
            ("650.407 cents", "6.50407 USD"),
            ("has a fraction of cents", "has a fraction of cents"),
            ("×5 cents; no more", "×0.05 USD; no more"),
            ("nothing of the kind", "nothing of the kind"),
        ] {
            assert_eq!(units_of(message, "USD"), told);
        }
    }
}
