//! Decimal text to whole minor units, exactly.

/// Reads an amount such as `12.50` or `-3` in units of `10^-decimals`.
///
/// Zeros beyond the decimals are accepted, other digits are not: rounding is
/// for the caller to ask for, by reading more decimals than it keeps.
pub(crate) fn parse(text: &str, decimals: usize) -> Result<i64, String> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(whole) || !is_number(fraction) {
        return Err(format!("`{text}` is not an amount such as 12.50"));
    }
    let fraction = fraction.trim_end_matches('0');
    if fraction.len() > decimals {
        return Err(format!("`{text}` has more than {decimals} decimals"));
    }
    let padding = std::iter::repeat_n(b'0', decimals - fraction.len());
    let magnitude = whole
        .bytes()
        .chain(fraction.bytes())
        .chain(padding)
        .try_fold(0_i64, |sum, digit| sum.checked_mul(10)?.checked_add(i64::from(digit - b'0')))
        .ok_or_else(|| format!("`{text}` is too large"))?;
    Ok(if text.starts_with('-') { -magnitude } else { magnitude })
}

/// How many decimals the minor unit of a currency has.
///
/// Source: ISO 4217, list one (2024); the codes not named here have two.
pub(crate) fn decimals(currency: &str) -> Result<usize, String> {
    match currency {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX"
        | "UYI" | "VND" | "VUV" | "XAF" | "XOF" | "XPF" => Ok(0),
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => Ok(3),
        "CLF" | "UYW" => Ok(4),
        code if code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase()) => Ok(2),
        _ => Err(format!("`{currency}` is not a currency code such as GBP")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_exactly() {
        for (text, decimals, expected) in [
            ("0", 2, Some(0)),
            ("12.5", 2, Some(1250)),
            ("12.50", 2, Some(1250)),
            ("12.5000", 2, Some(1250)),
            ("-9.99", 2, Some(-999)),
            ("0.001", 3, Some(1)),
            ("500", 0, Some(500)),
            ("500.0", 0, Some(500)),
            ("92233720368547758.07", 2, Some(i64::MAX)),
            ("92233720368547758.08", 2, None),
            ("12.345", 2, None),
            ("1.", 2, None),
            (".5", 2, None),
            ("", 2, None),
            ("-", 2, None),
            ("--1", 2, None),
            ("+1", 2, None),
            ("1e3", 2, None),
            ("1,50", 2, None),
            ("£1", 2, None),
        ] {
            assert_eq!(parse(text, decimals).ok(), expected, "{text}");
        }
    }

    #[test]
    fn a_currency_has_its_own_decimals() {
        for (code, expected) in
            [("GBP", Some(2)), ("JPY", Some(0)), ("KWD", Some(3)), ("gbp", None), ("", None)]
        {
            assert_eq!(decimals(code).ok(), expected, "{code}");
        }
    }
}
