//! Money and points as stories write them: `£12.34`, `RM600.00`, `13.5`.

use domain::money::Currency;

/// Signs of money and the currencies that they may stand for.
const SIGNS: [(&str, &[&str]); 5] = [
    ("£", &["GBP"]),
    ("$", &["USD", "CAD", "AUD", "NZD"]),
    ("€", &["EUR"]),
    ("¥", &["JPY"]),
    ("RM", &["MYR"]),
];

/// Whether a word is an amount of money.
pub fn is_money(word: &str) -> bool {
    SIGNS.iter().any(|(sign, _)| {
        let digits = word.strip_prefix(sign);
        digits.is_some_and(|digits| digits.starts_with(|c: char| c.is_ascii_digit()))
    })
}

/// Minor units of an amount in the first of these currencies that its sign may stand for.
pub fn money(word: &str, currencies: &[Currency]) -> Result<(i64, Currency), String> {
    let wrong = || format!("{word:?} is no amount of {currencies:?}");
    let (sign, codes) = SIGNS.iter().find(|(sign, _)| word.starts_with(sign)).ok_or_else(wrong)?;
    let meant = currencies.iter().find(|currency| codes.contains(&currency.code()));
    let currency = *meant.ok_or_else(wrong)?;
    let units = scaled(&word[sign.len()..], currency.minor_digits()).ok_or_else(wrong)?;
    Ok((i64::try_from(units).map_err(|_| wrong())?, currency))
}

/// Smallest units of points with so many decimals.
pub fn points(word: &str, decimals: u8) -> Result<u64, String> {
    scaled(word, decimals)
        .ok_or_else(|| format!("{word:?} is no number of points of {decimals} decimals"))
}

fn scaled(text: &str, digits: u8) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let all_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) {
        return None;
    }
    let missing = usize::from(digits).checked_sub(fraction.len())?;
    format!("{whole}{fraction}{}", "0".repeat(missing)).parse().ok()
}

/// Smallest units of points as a story writes them: 13500 of three decimals are `13.5`.
pub fn shown(units: i64, decimals: u8) -> String {
    let one = 10_u64.pow(u32::from(decimals));
    let (whole, fraction) = (units.unsigned_abs() / one, units.unsigned_abs() % one);
    let sign = if units < 0 { "-" } else { "" };
    let fraction = format!("{fraction:0>width$}", width = usize::from(decimals));
    match fraction.trim_end_matches('0') {
        "" => format!("{sign}{whole}"),
        fraction => format!("{sign}{whole}.{fraction}"),
    }
}

/// Minor units of money with the sign that `like` has.
pub fn shown_like(like: &str, minor: i64, currency: Currency) -> String {
    let sign = SIGNS.iter().find(|(sign, _)| like.starts_with(sign)).map_or("", |(sign, _)| sign);
    let digits = currency.minor_digits();
    let one = 10_i64.pow(u32::from(digits));
    let (whole, fraction) = (minor / one, (minor % one).abs());
    match digits {
        0 => format!("{sign}{whole}"),
        digits => format!("{sign}{whole}.{fraction:0>width$}", width = usize::from(digits)),
    }
}
