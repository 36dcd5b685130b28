//! Whatever the text, and whatever the values.

use proptest::prelude::*;

use super::*;

/// Good conditions to start from.
const SEEDS: [&str; 8] = [
    "order.total >= 5000 && order.channel in ['app', 'web']",
    "line.category == 'coffee' && line.quantity >= 2 || line.paid > 10000",
    "order.lines.exists(l, l.category == 'coffee' && l.quantity * 2 > 3)",
    "size(order.lines.filter(l, l.paid > 100)) % 2 == 1",
    "'latte' in order.lines.map(l, l.quantity > 1, l.product)",
    "order.first ? -order.tip / 3 < 0x1F : !('vip' in member.labels)",
    "order.store.startsWith(\"le\\u00e9\") || order.status == r'\\d'",
    "order.lines.all(l, l.paid > -5) // every line\n || activity.amount > 1",
];

/// What is put in between.
const PIECES: [&str; 46] = [
    "order",
    "line",
    "member",
    "l",
    ".",
    ".total",
    ".lines",
    ".exists(l, ",
    ".filter(l, ",
    ".map(l, ",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    "?",
    ":",
    "!",
    "-",
    "+",
    "*",
    "/",
    "%",
    "==",
    "<",
    ">=",
    "&&",
    "||",
    " in ",
    "'",
    "\"",
    "'''",
    "`",
    "\\",
    "0",
    "9223372036854775807",
    "1.5e9",
    "5u",
    "b'x'",
    "null",
    "true",
    "has(",
    "é",
    "\n//",
];

/// A text that was good before some parts of it were replaced.
fn mutated() -> impl Strategy<Value = String> {
    let edit = (any::<prop::sample::Index>(), 0_usize..6, prop::sample::select(PIECES.to_vec()));
    (prop::sample::select(SEEDS.to_vec()), prop::collection::vec(edit, 0..6)).prop_map(
        |(seed, edits)| {
            let mut text: Vec<char> = seed.chars().collect();
            for (at, removed, put) in edits {
                let start = at.index(text.len() + 1);
                let end = (start + removed).min(text.len());
                text.splice(start..end, put.chars());
            }
            text.into_iter().collect()
        },
    )
}

fn soup() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(PIECES.to_vec()), 0..60)
        .prop_map(|pieces| pieces.concat())
}

fn number() -> impl Strategy<Value = i64> {
    prop_oneof![4 => -3_i64..10, 1 => any::<i64>(), 1 => prop::sample::select(vec![i64::MIN, i64::MAX])]
}

fn word() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["", "a", "ab", "b", "é", "aé", "\\", "'"])
}

fn any_values() -> impl Strategy<Value = Values<'static>> {
    let line = (word(), word(), word(), number(), number(), number()).prop_map(
        |(product, category, brand, quantity, unit_price, paid)| LineValues {
            product,
            category,
            brand,
            quantity,
            unit_price,
            paid,
        },
    );
    let words = || prop::collection::vec(word(), 0..3);
    let lines = prop::collection::vec(line, 1..4);
    let numbers = prop::array::uniform10(number());
    (lines, numbers, [word(), word(), word(), word(), word()], any::<bool>(), words(), words())
        .prop_map(|(lines, numbers, texts, first, tender_kinds, labels)| {
            let [total, eligible, shipping, tax, tip, discount, month, day, hour, months] = numbers;
            let [currency, channel, store, status, tier] = texts;
            let weekday = 5;
            let order = OrderValues {
                total,
                eligible,
                shipping,
                tax,
                tip,
                discount,
                currency,
                channel,
                store,
                status,
                tender_kinds,
                first,
                month,
                day,
                weekday,
                hour,
                lines,
            };
            let member = MemberValues { tier, months, labels };
            Values { order, member, activity: ActivityValues::default() }
        })
}

/// Conditions that are good by construction: a grammar of the language.
mod good {
    use super::*;

    /// Whose line fields may be used: the condition's, or a comprehension's, in which
    /// there are no others.
    #[derive(Clone, Copy, PartialEq)]
    pub enum Of {
        Line,
        Each,
    }

    fn literal(word: &str) -> String {
        format!("'{}'", word.replace('\\', "\\\\").replace('\'', "\\'"))
    }

    fn field(of: Of, name: &'static str) -> String {
        let owner = if of == Of::Line { "line" } else { "l" };
        format!("{owner}.{name}")
    }

    fn text(of: Of, depth: u32) -> BoxedStrategy<String> {
        let orders = prop::sample::select(vec!["order.channel", "order.store", "member.tier"]);
        let lines = prop::sample::select(vec!["product", "category", "brand"]);
        let leaf = prop_oneof![
            orders.prop_map(str::to_owned),
            lines.prop_map(move |name| field(of, name)),
            word().prop_map(literal),
        ];
        if depth == 0 {
            return leaf.boxed();
        }
        let choice = (truth(of, depth - 1), text(of, depth - 1), text(of, depth - 1))
            .prop_map(|(condition, yes, no)| format!("({condition} ? {yes} : {no})"));
        prop_oneof![4 => leaf, 1 => choice].boxed()
    }

    fn numeric(of: Of, depth: u32) -> BoxedStrategy<String> {
        let orders =
            prop::sample::select(vec!["order.total", "order.tip", "order.hour", "member.months"]);
        let lines = prop::sample::select(vec!["quantity", "unit_price", "paid"]);
        let sizes = prop::sample::select(vec!["order.lines", "member.labels", "order.store"]);
        let leaf = prop_oneof![
            orders.prop_map(str::to_owned),
            lines.prop_map(move |name| field(of, name)),
            sizes.prop_map(|of| format!("size({of})")),
            number().prop_map(|number| format!("{number}")),
        ];
        if depth == 0 {
            return leaf.boxed();
        }
        let inner = || numeric(of, depth - 1);
        let operator = prop::sample::select(vec!["+", "-", "*"]);
        let divisor = (prop::sample::select(vec!["/", "%"]), number())
            .prop_filter("no division by zero", |(_, number)| *number != 0);
        let calculated = prop_oneof![
            (inner(), operator, inner())
                .prop_map(|(a, operator, b)| format!("({a} {operator} {b})")),
            (inner(), divisor).prop_map(|(a, (operator, b))| format!("({a} {operator} {b})")),
            inner().prop_map(|a| format!("-({a})")),
            text(of, depth - 1).prop_map(|text| format!("({text}).size()")),
            (truth(of, depth - 1), inner(), inner())
                .prop_map(|(condition, yes, no)| format!("({condition} ? {yes} : {no})")),
        ];
        if of == Of::Each {
            return prop_oneof![leaf, calculated].boxed();
        }
        let filtered = truth(Of::Each, depth - 1)
            .prop_map(|condition| format!("size(order.lines.filter(l, {condition}))"));
        prop_oneof![3 => leaf, 3 => calculated, 1 => filtered].boxed()
    }

    pub fn truth(of: Of, depth: u32) -> BoxedStrategy<String> {
        let leaf = prop::sample::select(vec!["true", "false", "order.first", "!order.first"])
            .prop_map(str::to_owned);
        if depth == 0 {
            return leaf.boxed();
        }
        let inner = || truth(of, depth - 1);
        let compared = prop::sample::select(vec!["==", "!=", "<", "<=", ">", ">="]);
        let parts = prop::sample::select(vec!["startsWith", "endsWith", "contains"]);
        let lists = prop::sample::select(vec!["order.tender_kinds", "member.labels"]);
        let few = |of: BoxedStrategy<String>| prop::collection::vec(of, 1..3);
        let made = prop_oneof![
            (numeric(of, depth - 1), compared.clone(), numeric(of, depth - 1))
                .prop_map(|(a, operator, b)| format!("{a} {operator} {b}")),
            (text(of, depth - 1), compared, text(of, depth - 1))
                .prop_map(|(a, operator, b)| format!("{a} {operator} {b}")),
            (inner(), prop::sample::select(vec!["&&", "||", "==", "!="]), inner())
                .prop_map(|(a, operator, b)| format!("({a}) {operator} ({b})")),
            (inner(), inner(), inner()).prop_map(|(a, b, c)| format!("{a} && {b} || {c}")),
            inner().prop_map(|a| format!("!({a})")),
            (text(of, depth - 1), parts, text(of, depth - 1))
                .prop_map(|(a, part, b)| format!("{a}.{part}({b})")),
            (text(of, depth - 1), lists).prop_map(|(a, list)| format!("{a} in {list}")),
            (text(of, depth - 1), few(text(of, depth - 1)))
                .prop_map(|(a, list)| format!("{a} in [{}]", list.join(", "))),
            (numeric(of, depth - 1), few(numeric(of, depth - 1)))
                .prop_map(|(a, list)| format!("{a} in [{}]", list.join(", "))),
        ];
        if of == Of::Each {
            return prop_oneof![1 => leaf, 4 => made].boxed();
        }
        let tests = prop::sample::select(vec!["exists", "all", "exists_one"]);
        let each = || truth(Of::Each, depth - 1);
        let looped = prop_oneof![
            (tests, each())
                .prop_map(|(test, condition)| format!("order.lines.{test}(l, {condition})")),
            (number(), numeric(Of::Each, depth - 1))
                .prop_map(|(a, value)| format!("{a} in order.lines.map(l, {value})")),
            (word(), each(), text(Of::Each, depth - 1)).prop_map(|(a, condition, value)| {
                format!("{} in order.lines.map(l, {condition}, {value})", literal(a))
            }),
        ];
        prop_oneof![1 => leaf, 4 => made, 2 => looped].boxed()
    }
}

/// What the interpreter of `cel` makes of a condition, with its other parser; an error
/// does not hold.
fn interpreted(text: &str, values: &Values<'_>, line: Option<&LineValues<'_>>) -> bool {
    let program = cel::Program::compile(text).unwrap_or_else(|e| panic!("{text}: {e}"));
    let mut context = cel::Context::default();
    context.add_variable("order", &values.order).expect("an order");
    context.add_variable("member", &values.member).expect("a member");
    if let Some(line) = line {
        context.add_variable("line", line).expect("a line");
    }
    matches!(program.execute(&context), Ok(cel::Value::Bool(true)))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn no_text_panics(
        text in prop_oneof![3 => mutated(), 1 => soup(), 1 => ".{0,60}"],
        values in any_values(),
    ) {
        for environment in [Environment::ORDER, Environment::ACTIVITY] {
            match Expression::compile(&text, &environment) {
                Ok(expression) => drop(expression.held(&values)),
                Err(wrong) => prop_assert!(wrong.at.is_none_or(|at| at <= text.chars().count() + 1)),
            }
        }
    }

    #[test]
    fn what_is_accepted_means_what_it_means_in_cel(
        text in good::truth(good::Of::Line, 3),
        values in any_values(),
    ) {
        let expression = match Expression::compile(&text, &Environment::ORDER) {
            Ok(expression) => expression,
            Err(wrong) => {
                let long = wrong.complaint.starts_with("is too") || text.len() > TEXT_BYTES_MAX;
                prop_assert!(long, "{}: {}", text, wrong);
                return Ok(());
            }
        };
         let expected = match expression.is_of_lines() {
            false => Held::Whole(interpreted(&text, &values, None)),
            true => {
                let holds = |line| interpreted(&text, &values, Some(line));
                Held::Lines(values.order.lines.iter().map(holds).collect())
            }
        };
        prop_assert_eq!(expression.held(&values), expected, "{}", text);
    }
}
