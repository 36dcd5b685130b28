//! Codes that a buyer gave at the checkout. One of them may be the code of the member who
//! brought them: whoever holds it knows.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

/// Shops let buyers enter some codes, not many.
const CODES_MAX: usize = 8;
/// The longest code that is looked up, in bytes.
const CODE_BYTES_MAX: usize = 64;

/// A part of a body that may be of any shape. What cannot be read there is no code, and no
/// reason to refuse the order.
pub(crate) type Loose = Option<Box<RawValue>>;

#[derive(Deserialize)]
struct Pair {
    #[serde(alias = "key")]
    name: Option<String>,
    value: Loose,
}

#[derive(Deserialize)]
struct Discount {
    code: Option<String>,
}

/// The values of those of a list of pairs that are called a referral code.
pub(crate) fn in_pairs(pairs: &Loose) -> Vec<String> {
    let is_one = |pair: &Pair| pair.name.as_deref().is_some_and(is_referral_code);
    let pairs = items::<Pair>(pairs).into_iter().filter(is_one);
    pairs.filter_map(|pair| text(&pair.value)).collect()
}

/// The values of those of a map's entries that are called a referral code.
pub(crate) fn in_map(map: &Loose) -> Vec<String> {
    let map: Option<BTreeMap<String, Loose>> = read(map);
    let found = map.into_iter().flatten().filter(|(name, _)| is_referral_code(name));
    found.filter_map(|(_, value)| text(&value)).collect()
}

/// The codes of a list of discounts: shops give members a discount code to hand on.
pub(crate) fn of_discounts(discounts: &Loose) -> Vec<String> {
    items::<Discount>(discounts).into_iter().filter_map(|discount| discount.code).collect()
}

/// Those that can be somebody's, once each.
pub(crate) fn usable(codes: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut usable: Vec<String> = Vec::new();
    for code in codes {
        let code = code.trim();
        let is_one = !code.is_empty() && code.len() <= CODE_BYTES_MAX;
        if is_one && usable.len() < CODES_MAX && !usable.iter().any(|known| known == code) {
            usable.push(code.to_owned());
        }
    }
    usable
}

/// `referral_code`, `_referral_code`, `Referral code` …
fn is_referral_code(name: &str) -> bool {
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    letters.map(|letter| letter.to_ascii_lowercase()).eq("referralcode".chars())
}

fn items<T: for<'de> Deserialize<'de>>(list: &Loose) -> Vec<T> {
    let items: Option<Vec<Box<RawValue>>> = read(list);
    items.into_iter().flatten().filter_map(|item| serde_json::from_str(item.get()).ok()).collect()
}

fn text(value: &Loose) -> Option<String> {
    read(value)
}

fn read<T: for<'de> Deserialize<'de>>(part: &Loose) -> Option<T> {
    serde_json::from_str(part.as_ref()?.get()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loose(text: &str) -> Loose {
        Some(RawValue::from_string(text.to_owned()).expect("JSON"))
    }

    #[test]
    fn a_code_is_found_by_its_name_and_everything_else_is_passed_over() {
        let pairs = r#"[{ "name": "gift", "value": "yes" }, { "key": "_Referral Code", "value": "A1" },
            { "name": "referral_code", "value": { "x": [1.5] } }, 7, null, { "name": 3 }]"#;
        assert_eq!(in_pairs(&loose(pairs)), ["A1"]);
        assert_eq!(in_map(&loose(r#"{ "referral_code": "B2", "n": 1 }"#)), ["B2"]);
        assert_eq!(of_discounts(&loose(r#"[{ "code": "C3", "amount": "1.0" }, {}]"#)), ["C3"]);
        for odd in ["{}", "[]", "7", "\"text\"", "null", "[[]]"] {
            let odd = loose(odd);
            assert!(in_pairs(&odd).is_empty() && of_discounts(&odd).is_empty());
            assert!(in_map(&odd).is_empty());
        }
        assert!(in_pairs(&None).is_empty());
    }

    #[test]
    fn what_nobody_can_have_is_not_looked_up() {
        let long = "x".repeat(CODE_BYTES_MAX + 1);
        let codes = ["  ", " A1 ", "A1", &long, "B2"].map(str::to_owned);
        assert_eq!(usable(codes), ["A1", "B2"]);
        assert_eq!(usable((0..99).map(|code| code.to_string())).len(), CODES_MAX);
    }
}
