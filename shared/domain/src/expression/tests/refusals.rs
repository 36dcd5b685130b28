//! Texts and the sentences they are refused with.

use super::*;

fn refusal(text: &str, environment: &Environment) -> String {
    match Expression::compile(text, environment) {
        Ok(expression) => panic!("{text} is accepted: {expression:?}"),
        Err(wrong) => wrong.to_string(),
    }
}

#[rustfmt::skip]
const REFUSED: &[(&str, &str)] = &[
    ("",
        r#"character 1: "" is not CEL (it ends too early): expected a condition in CEL, such as order.total >= 5000"#),
    ("order.total",
        r#"character 1: "order.total" is an int: expected something true or false, such as order.total >= 5000"#),
    ("order.total >",
        r#"character 14: "order.total >" is not CEL (it ends too early): expected a condition in CEL, such as order.total >= 5000"#),
    ("order.total = 5",
        r#"character 13: "=" is not CEL (mismatched input '=' expecting the end): expected a condition in CEL, such as order.total >= 5000; did you mean "=="?"#),
    ("order.total > 5 and order.first",
        r#"character 17: "and" is not CEL (mismatched input 'and' expecting the end): expected a condition in CEL, such as order.total >= 5000; did you mean "&&"?"#),
    ("order.total > 5;",
        r#"character 16: ";" is not CEL (unexpected character): expected a condition in CEL, such as order.total >= 5000"#),
    (r#""a" "b""#,
        r#"character 5: "\"b\"" is not CEL (mismatched input '"b"' expecting the end): expected a condition in CEL, such as order.total >= 5000"#),
    ("@ == 1",
        r#"character 1: "@" is not CEL (unexpected character): expected a condition in CEL, such as order.total >= 5000"#),
    (r#"order.store == 'é" && ü"#,
        r#"character 16: "'é\"" is not CEL (unterminated string literal): expected a condition in CEL, such as order.total >= 5000"#),
    ("9223372036854775808 > order.total",
        r#"character 1: "9223372036854775808" is not CEL (invalid int literal): expected a condition in CEL, such as order.total >= 5000"#),
    ("`order`.total > 5",
        r#"character 1: "`order`.total" is not CEL (unexpected quoted identifier): expected a condition in CEL, such as order.total >= 5000"#),
    ("order.?total > 5",
        r#"character 6: ".?total" is not CEL (unsupported syntax '.?'): expected a condition in CEL, such as order.total >= 5000"#),
    ("order.lines.exists(l.x, true)",
        r#"character 21: ".x," is not CEL (argument must be a simple name): expected a condition in CEL, such as order.total >= 5000"#),
    ("order.store == 'é' && order.totl > 5",
        r#"character 23: "order.totl" is not known: expected "order.total", "order.eligible""#),
    ("order.total > 19.99",
        r#"character 15: "19.99" is not a whole number: expected one: amounts are in minor units, 19.99 is 1999"#),
    ("order.total > -5.0",
        r#"character 15: "-5.0" is not a whole number: expected one: amounts are in minor units, 19.99 is 1999"#),
    ("order.total > 5u",
        r#"character 15: "5u" is an unsigned number: expected a plain one, without u"#),
    ("order.store == b'x'",
        r#"character 16: "b'x'" is bytes: expected a string, without b"#),
    ("order.store == null",
        r#"character 16: "null" is never there: expected "" or 0, which stand for what is absent"#),
    ("ordr.total > 5",
        r#"character 1: "ordr" is not known: expected "order", "line""#),
    ("order > 5",
        r#"character 1: "order" is not a value by itself: expected "order.total", "order.eligible""#),
    ("line > 5",
        r#"character 1: "line" is not a value by itself: expected "line.product", "line.category""#),
    ("l.paid > 5",
        r#"character 1: "l" is not known: expected "order", "line""#),
    ("activity.kind == 'x'",
        r#"character 1: "activity" is not known: expected "order", "line""#),
    ("order.total.cents > 5",
        r#"character 1: "order.total.cents" asks an int for a field "cents": expected order.total"#),
    ("order.lines.total > 5",
        r#"character 1: "order.lines.total" asks a list of lines for a field "total": expected order.lines"#),
    ("'a'.b == 1",
        r#"character 1: "'a'.b" asks a value for its field "b": expected a field of a variable"#),
    ("{'a': 1}.a == 1",
        r#"character 1: "{'a': 1}.a" asks a value for its field "a": expected a field of a variable"#),
    ("Order{total: 1} == 1",
        r#"character 1: "Order" is an object: expected a variable or a constant"#),
    ("order.channel == 5",
        r#"character 1: "order.channel == 5" is between a string and an int: expected two ints, two strings or two bools"#),
    ("order.first == 1",
        r#"character 1: "order.first == 1" is between a bool and an int: expected two ints, two strings or two bools"#),
    ("order.first > true",
        r#"character 1: "order.first > true" is between a bool and a bool: expected two ints or two strings"#),
    ("order.tender_kinds == ['card']",
        r#"character 1: "order.tender_kinds == ['card']" is between a list of strings and a list of strings: expected in or size(): a list can be searched or measured"#),
    ("order.lines.map(l, l.paid) == [1]",
        r#"character 1: "order.lines.map(l, l.paid) == [1]" is between a list of ints and a list of ints: expected in or size(): a list can be searched or measured"#),
    ("order.channel + 'x' == 'y'",
        r#"character 1: "order.channel + 'x'" is between a string and a string: expected two ints"#),
    ("order.first && order.total",
        r#"character 1: "order.first && order.total" is between a bool and an int: expected two bools"#),
    ("order.first || order.channel",
        r#"character 1: "order.first || order.channel" is between a bool and a string: expected two bools"#),
    ("!order.total",
        r#"character 1: "!order.total" is of an int: expected a bool"#),
    ("-order.channel == 'x'",
        r#"character 1: "-order.channel" is of a string: expected an int"#),
    ("1 < 2 < 3",
        r#"character 1: "1 < 2 < 3" is between a bool and an int: expected two ints or two strings"#),
    ("order.total / order.tip > 5",
        r#"character 1: "order.total / order.tip" may divide by zero: expected a constant other than 0 behind / and %"#),
    ("order.total % 0 == 1",
        r#"character 1: "order.total % 0" may divide by zero: expected a constant other than 0 behind / and %"#),
    ("order.total / (2 - 2) == 1",
        r#"character 1: "order.total / (2 - 2)" may divide by zero: expected a constant other than 0 behind / and %"#),
    ("order.tender_kinds[0] == 'card'",
        r#"character 1: "order.tender_kinds[0]" asks for one place of a list: expected in, exists or all: a place may be empty"#),
    ("order.store in []",
        r#"character 16: "[]" has nothing in it: expected ints or strings"#),
    ("order.total in [1, 'a']",
        r#"character 16: "[1, 'a']" holds other things or a mixture: expected only ints or only strings"#),
    ("order.first in [true]",
        r#"character 16: "[true]" holds other things or a mixture: expected only ints or only strings"#),
    ("order.total in ['a']",
        r#"character 1: "order.total in ['a']" is between an int and a list of strings: expected a string in a list of strings or an int in a list of ints"#),
    ("5 in order.total",
        r#"character 1: "5 in order.total" is between an int and an int: expected a string in a list of strings or an int in a list of ints"#),
    ("order.lines in [1]",
        r#"character 1: "order.lines in [1]" is between a list of lines and a list of ints: expected a string in a list of strings or an int in a list of ints"#),
    ("order.total ? true : false",
        r#"character 1: "order.total" is an int: expected something true or false, such as order.total >= 5000"#),
    ("order.first ? order.total : 5",
        r#"character 1: "order.first ? order.total : 5" is an int: expected something true or false, such as order.total >= 5000"#),
    ("(order.first ? order.total : order.channel) == 5",
        r#"character 2: "order.first ? order.total : order.channel" is between an int and a string: expected two bools, two ints or two strings"#),
    ("order.lines",
        r#"character 1: "order.lines" is a list of lines: expected something true or false, such as order.total >= 5000"#),
    ("order.tender_kinds.exists(k, k == 'card')",
        r#"character 1: "order.tender_kinds.exists(k, k == 'card')" goes over a list of strings: expected order.lines"#),
    ("order.total.exists(k, true)",
        r#"character 1: "order.total.exists(k, true)" goes over an int: expected order.lines"#),
    ("[1, 2].exists(k, true)",
        r#"character 1: "[1, 2].exists(k, true)" goes over a list of ints: expected order.lines"#),
    ("order.lines.exists(l, l.quantity)",
        r#"character 23: "l.quantity" is an int: expected something true or false, such as order.total >= 5000"#),
    ("order.lines.exists(l, l.colour == 'red')",
        r#"character 23: "l.colour" is not known: expected "l.product", "l.category""#),
    ("order.lines.exists(l, l)",
        r#"character 23: "l" is not a value by itself: expected "l.product", "l.category""#),
    ("order.lines.map(l, l) == 1",
        r#"character 20: "l" is not a value by itself: expected "l.product", "l.category""#),
    ("order.lines.exists(l, order.lines.exists(m, m.product == l.product))",
        r#"character 23: "order.lines.exists(m, m.product == l.product)" is a loop inside a loop: expected comprehensions beside each other, joined by && or ||"#),
    ("order.lines.filter(l, l.quantity > 1).exists(l, l.paid > 1)",
        r#"character 1: "order.lines.filter(l, l.quantity > 1).exists(l, l.paid > 1)" goes over a list it made itself: expected one comprehension with both conditions"#),
    ("order.lines.exists(l, l.product == line.product && l.paid > 5)",
        r#"character 36: "line" inside a comprehension compares every line with every other: expected "l" or order"#),
    ("line.product in order.lines.map(l, l.product)",
        r#"character 1: "line.product in order.lines.map(l, l.product)" compares every line with every other: expected something other than line"#),
    ("5 in order.lines.map(l, l.product)",
        r#"character 1: "5 in order.lines.map(l, l.product)" is between an int and a string: expected two ints or two strings"#),
    ("size(order.lines.map(l, l.paid)) == 1",
        r#"character 1: "size(order.lines.map(l, l.paid))" measures what is known: expected the size of order.lines, of a filter of it or of a variable"#),
    ("size([1, 2]) == 2",
        r#"character 1: "size([1, 2])" measures what is known: expected the size of order.lines, of a filter of it or of a variable"#),
    ("size(order.total) == 2",
        r#"character 1: "size(order.total)" measures an int: expected a string or a list"#),
    ("size() == 2",
        r#"character 1: "size" calls "size" in another form: expected size(x)"#),
    ("order.lines.exists(l)",
        r#"character 1: "order.lines.exists(l)" calls "exists" in another form: expected order.lines.exists(l, condition)"#),
    ("startsWith(order.store, 'a')",
        r#"character 1: "startsWith(order.store, 'a')" calls "startsWith" in another form: expected a.startsWith(b)"#),
    ("order.store.startsWith(5)",
        r#"character 1: "order.store.startsWith(5)" is between a string and an int: expected two strings"#),
    ("order.store.matches('a.*')",
        r#"character 1: "order.store.matches('a.*')" calls "matches", which is not known: expected "size", "startsWith""#),
    ("string(order.total) == '5'",
        r#"character 1: "string(order.total)" calls "string", which is not known: expected "size", "startsWith""#),
    ("timestamp('2026-01-01T00:00:00Z') > timestamp('2025-01-01T00:00:00Z')",
        r#"character 1: "timestamp('2026-01-01T00:00:00Z')" calls "timestamp", which is not known: expected "size", "startsWith""#),
    ("has(order.store)",
        r#"character 1: "has(order" asks whether a field is there: expected a comparison with "" or 0: every field is there"#),
];

#[test]
fn what_is_wrong_is_said_in_a_sentence() {
    for (text, sentence) in REFUSED {
        let refusal = refusal(text, &Environment::ORDER);
        assert!(refusal.starts_with(sentence), "{text}\n{refusal}\n{sentence}");
    }
}

#[test]
fn the_nearest_known_word_is_offered() {
    let table = [
        ("order.totl > 5", "order.total"),
        ("ordr.total > 5", "order"),
        ("member.teir == 'gold'", "member.tier"),
        ("line.unitprice > 5", "line.unit_price"),
        ("order.lines.exists(l, l.prodct == 'x')", "l.product"),
        ("order.store.startswith('a')", "startsWith"),
        ("order.lines.exist(l, l.paid > 1)", "exists"),
        ("order.total = 5", "=="),
        ("order.first and order.total > 5", "&&"),
        ("order.first OR order.total > 5", "||"),
    ];
    for (text, nearest) in table {
        let wrong = Expression::compile(text, &Environment::ORDER).expect_err(text);
        assert_eq!(wrong.nearest.as_deref(), Some(nearest), "{text}");
    }
}

#[test]
fn an_activity_has_no_order() {
    let environment = Environment::ACTIVITY;
    let table = [
        (
            "order.total > 5",
            r#"character 1: "order" is not known: expected "activity" or "member""#,
        ),
        ("line.paid > 5", r#"character 1: "line" is not known: expected "activity" or "member""#),
    ];
    for (text, sentence) in table {
        assert_eq!(refusal(text, &environment), sentence, "{text}");
    }
    let text = "activity.kind == 'review' && activity.quantity >= 1 && member.tier == 'gold'";
    assert!(Expression::compile(text, &environment).expect("a condition").holds(&values()));
}

#[test]
fn nobody_can_be_told_from_what_conditions_see() {
    let personal = ["email", "phone", "address", "birth", "card_number", "first_name", "id"];
    for environment in [Environment::ORDER, Environment::ACTIVITY] {
        for variable in environment.variables() {
            assert!(!personal.contains(&variable.field()), "{}", variable.name);
        }
    }
    assert!(refusal("member.email == 'x'", &Environment::ORDER).contains("is not known"));
}

#[test]
fn size_is_bounded() {
    let all = |truths: usize| vec!["true"; truths].join(" && ");
    assert_eq!(held(&all(100), &values()), "true");
    let nodes = "is too long: expected at most 200 names, fields, constants, operators and calls";
    assert!(refusal(&all(101), &Environment::ORDER).ends_with(nodes));
    let sum = |ones: usize| format!("{} > 0", vec!["1"; ones].join(" + "));
    assert_eq!(held(&sum(63), &values()), "true");
    let deep = "is too deep: expected at most 64 operators and calls inside each other";
    assert!(refusal(&sum(64), &Environment::ORDER).ends_with(deep));
    let long = format!("order.store == '{}'", "a".repeat(TEXT_BYTES_MAX));
    let sentence = refusal(&long, &Environment::ORDER);
    assert!(sentence.ends_with("has 2017 bytes: expected at most 2000"), "{sentence}");
    let choices = format!("{}true", "true ? true : ".repeat(21));
    let sentence = refusal(&choices, &Environment::ORDER);
    assert!(sentence.ends_with("has 21 question marks: expected at most 20"), "{sentence}");
    let lists = format!("1 in {}1{}", "[".repeat(40), "]".repeat(40));
    let sentence = refusal(&lists, &Environment::ORDER);
    let deep = "has too many brackets, calls or lists inside each other: expected at most 32";
    assert!(sentence.ends_with(deep), "{sentence}");
}

/// A thread of a server has 2 MB of stack; a build without optimisation needs most.
#[test]
fn no_text_needs_much_stack() {
    let texts = [
        vec!["a"; 1_000].join("."),
        vec!["1"; 1_000].join("+"),
        vec!["a"; 1_000].join("<"),
        vec!["true"; 333].join("||"),
        vec!["true"; 60].join("&&"),
        "true?true:".repeat(20) + "true",
        "(".repeat(2_000),
        "(".repeat(999) + "a" + &")".repeat(999),
        "!-".repeat(999) + "a",
        "!".repeat(1_999) + "a",
        "-".repeat(1_999) + "a",
        format!("true{}", " == true".repeat(240)),
        "a".to_owned() + &".a()".repeat(499),
        "a(".repeat(499) + "a" + &")".repeat(499),
        "a.all(b,".repeat(99) + "true" + &")".repeat(99),
        "[".repeat(1_999),
        "[".repeat(999) + &"]".repeat(999),
        "a".to_owned() + &"[0]".repeat(660),
        "{1:".repeat(600),
        "a{b:".repeat(499),
    ];
    let compile = move || {
        for text in texts {
            for environment in [Environment::ORDER, Environment::ACTIVITY] {
                if let Ok(expression) = Expression::compile(&text, &environment) {
                    expression.holds(&values());
                }
            }
        }
    };
    let small = std::thread::Builder::new().stack_size(1 << 20);
    small.spawn(compile).expect("a thread").join().expect("no panic");
}
