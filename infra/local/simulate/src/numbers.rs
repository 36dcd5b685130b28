//! Numbers as the reports need them: the cost of points, shares, and both for a person.

use domain::{
    money::Currency,
    points::Points,
    ratio::{Ratio, RoundingMode},
};

/// What points cost in minor units, rounded once, a half to the even neighbour.
pub(crate) fn cost(points: i64, per_unit: Ratio) -> i64 {
    let exact = Ratio::whole(points.unsigned_abs()).checked_mul(per_unit);
    let rounded = exact.and_then(|exact| exact.round(RoundingMode::HalfEven)).unwrap_or(u64::MAX);
    let amount = i64::try_from(rounded).unwrap_or(i64::MAX);
    if points < 0 { -amount } else { amount }
}

/// `part / whole` in hundredths of a percent, rounded to the nearest; `None` of nothing.
pub(crate) fn basis_points(part: i64, whole: i64) -> Option<i64> {
    if whole <= 0 {
        return None;
    }
    let doubled = 2 * i128::from(part) * 10_000 + i128::from(whole);
    i64::try_from(doubled.div_euclid(2 * i128::from(whole))).ok()
}

/// Hundredths of a percent as a person reads them: `1234` is `12.34 %`.
pub(crate) fn percent(basis_points: Option<i64>) -> String {
    let Some(basis_points) = basis_points else { return "–".to_owned() };
    let sign = if basis_points < 0 { "-" } else { "" };
    let parts = basis_points.unsigned_abs();
    format!("{sign}{}.{:02} %", parts / 100, parts % 100)
}

/// A whole number with commas between thousands.
pub(crate) fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::from(if number < 0 { "-" } else { "" });
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// How a program writes its points and its money.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    pub decimals: u8,
    pub currency: Currency,
}

impl Style {
    /// Points without grouping: `1500` at three decimals is `1.5`.
    pub fn points(self, units: i64) -> String {
        let sign = if units < 0 { "-" } else { "" };
        let points = Points::new(units.unsigned_abs()).unwrap_or(Points::MAX);
        format!("{sign}{}", points.display(self.decimals))
    }

    /// Money without grouping and without its currency: `1999` pence are `19.99`.
    pub fn money(self, minor: i64) -> String {
        let digits = self.currency.minor_digits();
        let sign = if minor < 0 { "-" } else { "" };
        let scale = 10_u64.pow(u32::from(digits));
        let (whole, rest) = (minor.unsigned_abs() / scale, minor.unsigned_abs() % scale);
        match usize::from(digits) {
            0 => format!("{sign}{whole}"),
            digits => format!("{sign}{whole}.{rest:0digits$}"),
        }
    }

    /// Points for a person: whole ones, with commas.
    pub fn points_read(self, units: i64) -> String {
        let scale = 10_i64.pow(u32::from(self.decimals));
        grouped(nearest(units, scale))
    }

    /// Money for a person: with commas.
    pub fn money_read(self, minor: i64) -> String {
        let text = self.money(minor.saturating_abs());
        let (whole, rest) = text.split_once('.').unwrap_or((text.as_str(), ""));
        let whole = grouped(whole.parse().unwrap_or(i64::MAX));
        let sign = if minor < 0 { "-" } else { "" };
        if rest.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{rest}") }
    }
}

fn nearest(number: i64, scale: i64) -> i64 {
    if scale == 1 { number } else { (number + scale / 2).div_euclid(scale) }
}

/// The value below which `percent` of the values lie (nearest rank); the values are
/// sorted.
pub(crate) fn percentile(sorted: &[i64], percent: usize) -> Option<i64> {
    let last = sorted.len().checked_sub(1)?;
    let rank = (percent * sorted.len()).div_ceil(100).max(1) - 1;
    Some(sorted[rank.min(last)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(grouped(-1_234_567), "-1,234,567");
        assert_eq!(grouped(12), "12");
        assert_eq!(percent(Some(-5)), "-0.05 %");
        assert_eq!(percent(basis_points(1, 3)), "33.33 %");
        assert_eq!(percent(basis_points(1, 0)), "–");
        let style = Style { decimals: 3, currency: "GBP".parse().expect("a code") };
        assert_eq!(style.points_read(1_234_499), "1,234");
        assert_eq!(style.points(-1_500), "-1.5");
        assert_eq!(style.money_read(-123_456), "-1,234.56");
    }

    #[test]
    fn costs_round_once_to_even() {
        let half = Ratio::new(1, 2).expect("a half");
        assert_eq!(cost(3, half), 2);
        assert_eq!(cost(-3, half), -2);
        assert_eq!(cost(1, half), 0);
    }

    #[test]
    fn percentiles_are_values_that_occur() {
        let values = [1, 2, 3, 4];
        assert_eq!(percentile(&values, 50), Some(2));
        assert_eq!(percentile(&values, 100), Some(4));
        assert_eq!(percentile(&values, 0), Some(1));
        assert_eq!(percentile(&[], 50), None);
    }
}
