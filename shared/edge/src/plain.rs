//! What is wrong with JSON, in words that need no knowledge of Rust.

use serde_json::error::Category;

/// What is wrong. Texts that were sent are not repeated: they may be anything.
pub(crate) fn plainly(error: &serde_json::Error) -> String {
    let whole = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    let words = whole.strip_suffix(&place).unwrap_or(&whole);
    match error.classify() {
        Category::Eof => "the JSON ends before it is complete".to_owned(),
        Category::Syntax | Category::Io => {
            let (line, column) = (error.line(), error.column());
            format!("this is no JSON from line {line}, column {column} on: {words}")
        }
        Category::Data => of_data(words),
    }
}

fn of_data(words: &str) -> String {
    // Serde also reads the fields of an object from a list, in their order.
    if words.starts_with("invalid length") && words.contains(", expected struct ") {
        return "expected an object, not a list".to_owned();
    }
    let kinds = ["invalid type: ", "invalid value: "];
    let of_kind = kinds.iter().find_map(|kind| words.strip_prefix(kind));
    // From the right: what was sent may say "expected" as well.
    match of_kind.and_then(|rest| rest.rsplit_once(", expected ")) {
        Some((given, expected)) => format!("expected {}, not {}", thing(expected), sent(given)),
        None => words.to_owned(),
    }
}

/// What a field takes.
pub(crate) fn thing(expected: &str) -> &str {
    match expected {
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number, 0 or more",
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number",
        "a string" | "a borrowed string" | "string" => "a text",
        "a boolean" | "bool" => "true or false",
        "a sequence" => "a list",
        "a map" => "an object",
        named if named.starts_with("struct ") => "an object",
        other => other,
    }
}

/// What came instead.
fn sent(given: &str) -> &str {
    let (kind, value) = given.split_once(' ').unwrap_or((given, ""));
    match kind {
        "string" => "a text",
        "integer" => "this number",
        "floating" => "a number with decimals",
        "boolean" => value.trim_matches('`'),
        "map" => "an object",
        "sequence" => "a list",
        _ => given,
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Thing {
        name: Option<String>,
        count: Option<u32>,
        change: Option<i64>,
        sold: Option<bool>,
        parts: Option<Vec<Thing>>,
    }

    #[track_caller]
    fn check(json: &str, words: &str) {
        let error = serde_json::from_str::<Thing>(json).expect_err("no thing");
        assert_eq!(plainly(&error), words, "{json}");
    }

    #[test]
    fn what_was_expected_is_said_in_plain_words() {
        check(r#"{"name": 5}"#, "expected a text, not this number");
        check(r#"{"name": ["a"]}"#, "expected a text, not a list");
        check(
            r#"{"count": "ada, expected u32"}"#,
            "expected a whole number, 0 or more, not a text",
        );
        check(r#"{"count": -1}"#, "expected a whole number, 0 or more, not this number");
        check(r#"{"count": 4294967296}"#, "expected a whole number, 0 or more, not this number");
        check(r#"{"change": 1.5}"#, "expected a whole number, not a number with decimals");
        check(r#"{"change": {}}"#, "expected a whole number, not an object");
        check(r#"{"sold": "yes"}"#, "expected true or false, not a text");
        check(r#"{"parts": true}"#, "expected a list, not true");
        check(r#"{"parts": [5]}"#, "expected an object, not this number");
        check(r#"{"parts": [null]}"#, "expected an object, not null");
        check("5", "expected an object, not this number");
        check("[]", "expected an object, not a list");
        check(r#"{"name": "a", "name": "b"}"#, "duplicate field `name`");
        let fields = "`name`, `count`, `change`, `sold`, `parts`";
        check(r#"{"colour": 1}"#, &format!("unknown field `colour`, expected one of {fields}"));
    }

    #[test]
    fn what_is_no_json_says_where() {
        check("", "the JSON ends before it is complete");
        check(r#"{"name":"#, "the JSON ends before it is complete");
        check("{name: 1}", "this is no JSON from line 1, column 2 on: key must be a string");
        check("\n\n  oh", "this is no JSON from line 3, column 3 on: expected value");
    }
}
