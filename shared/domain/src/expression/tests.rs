mod properties;
mod refusals;

use super::*;

/// An order of three lines by a gold member, placed on a Friday evening.
fn values() -> Values<'static> {
    let line = |product, category, brand, quantity, unit_price, paid| LineValues {
        product,
        category,
        brand,
        quantity,
        unit_price,
        paid,
    };
    Values {
        order: OrderValues {
            total: 8_000,
            eligible: 7_100,
            shipping: 395,
            tax: 1_200,
            tip: 100,
            discount: 500,
            currency: "GBP",
            channel: "app",
            store: "",
            status: "paid",
            tender_kinds: vec!["gift_card", "card"],
            first: false,
            month: 12,
            day: 31,
            weekday: 5,
            hour: 20,
            lines: vec![
                line("espresso", "coffee", "acme", 2, 1_200, 2_300),
                line("müsli", "breakfast", "", 1, 5_000, 4_800),
                line("latte", "coffee", "", 1, 405, 405),
            ],
        },
        member: MemberValues { tier: "gold", months: 14, labels: vec!["staff", "vip"] },
        activity: ActivityValues { kind: "review", subject: "latte", quantity: 1, amount: 50 },
    }
}

/// What a condition comes to: `true` or `false`, or a letter for each line.
fn held(text: &str, values: &Values<'_>) -> String {
    let expression = Expression::compile(text, &Environment::ORDER)
        .unwrap_or_else(|wrong| panic!("{text}: {wrong}"));
    match expression.held(values) {
        Held::Whole(holds) => holds.to_string(),
        Held::Lines(lines) => lines.iter().map(|holds| if *holds { 'y' } else { '-' }).collect(),
    }
}

#[test]
fn conditions_hold_for_the_order_or_for_each_line() {
    let table = [
        ("true", "true"),
        ("order.total >= 8000", "true"),
        ("order.total > 8000", "false"),
        ("order.total - order.shipping - order.tip == 7505", "true"),
        ("order.total * 2 / 3 == 5333 && -order.total / 3 == -2666", "true"),
        ("order.total % 7 == 6 && -order.total % 7 == -6", "true"),
        ("order.discount * 10 >= order.eligible", "false"),
        ("order.total == 0x1F40", "true"),
        ("!(order.tip == 0) && !order.first", "true"),
        ("order.channel == 'app' || order.channel == 'web'", "true"),
        ("order.channel in ['store', \"app\"]", "true"),
        ("order.store == '' && order.store != 'leeds'", "true"),
        ("order.status < 'shipped' && 'a' < 'b' && 'B' < 'a'", "true"),
        ("'card' in order.tender_kinds && size(order.tender_kinds) == 2", "true"),
        ("'points' in order.tender_kinds", "false"),
        ("order.weekday in [6, 7] || order.weekday == 5 && order.hour >= 17", "true"),
        ("order.month == 12 && order.day == 31", "true"),
        ("order.first == false", "true"),
        ("order.first != (order.total > 1)", "true"),
        ("order.first ? order.total > 1 : order.total > 9000", "false"),
        ("(order.first ? 100 : 200) + 1 == 201", "true"),
        ("(order.first ? order.channel : order.status) == 'paid'", "true"),
        ("member.tier == 'gold' && member.months >= 12", "true"),
        ("'vip' in member.labels", "true"),
        ("member.labels.size() == 2", "true"),
        ("size(order.lines) == 3", "true"),
        ("size(order.currency) == 3 && order.currency.size() == 3", "true"),
        ("order.lines.exists(l, l.category == 'coffee' && l.quantity >= 2)", "true"),
        ("order.lines.all(l, l.category == 'coffee')", "false"),
        ("order.lines.exists_one(l, l.category == 'breakfast')", "true"),
        ("order.lines.existsOne(l, l.category == 'coffee')", "false"),
        ("size(order.lines.filter(l, l.category == 'coffee')) == 2", "true"),
        ("order.lines.filter(l, l.paid > order.total).size() == 0", "true"),
        ("'latte' in order.lines.map(l, l.product)", "true"),
        ("'latte' in order.lines.map(l, l.quantity > 1, l.product)", "false"),
        ("8000 - 3200 in order.lines.map(l, l.paid)", "true"),
        ("order.lines.exists(line, line.brand == 'acme')", "true"),
        ("order.lines.exists(order, order.brand == 'acme')", "true"),
        ("order.total > 1 // and nothing else", "true"),
        ("order.channel ==\n  'app'", "true"),
        ("line.category == 'coffee'", "y-y"),
        ("line.product.startsWith('m')", "-y-"),
        ("line.product.endsWith('e') || line.product.contains('üs')", "-yy"),
        ("size(line.product) == 5", "-yy"),
        ("line.unit_price * line.quantity - line.paid >= 100", "yy-"),
        ("line.category == 'coffee' && order.channel == 'web'", "---"),
        ("line.brand == '' && order.lines.exists(l, l.brand == 'acme')", "-yy"),
        ("line.paid > 400 || size(order.lines.filter(l, l.paid < 0)) > 0", "yyy"),
        ("line.category in ['tea', 'coffee'] ? line.quantity > 1 : true", "yy-"),
    ];
    for (text, expected) in table {
        assert_eq!(held(text, &values()), expected, "{text}");
    }
}

#[test]
fn what_does_not_fit_64_bits_does_not_hold_unless_it_does_not_matter() {
    let mut values = values();
    values.order.total = i64::MAX;
    values.order.tip = i64::MIN;
    values.order.lines[1].paid = i64::MAX;
    let table = [
        ("order.total + 1 > 0", "false"),
        ("!(order.total + 1 > 0)", "false"),
        ("order.total * order.total != 5", "false"),
        ("-order.tip > 0", "false"),
        ("order.tip - 1 < 0", "false"),
        ("order.tip / -1 > 0", "false"),
        ("order.tip % -1 == 0", "false"),
        ("order.total + 1 > 0 || order.channel == 'app'", "true"),
        ("order.channel == 'app' || order.total + 1 > 0", "true"),
        ("!(order.total + 1 > 0 && order.channel == 'web')", "true"),
        ("order.total + 1 > 0 && order.channel == 'app'", "false"),
        ("(order.total + 1 > 0 ? 1 : 1) == 1", "false"),
        ("order.lines.exists(l, l.paid + 1 == 406)", "true"),
        ("order.lines.exists(l, l.paid + 1 == 1)", "false"),
        ("!order.lines.all(l, l.paid + 1 == 406)", "true"),
        ("order.lines.all(l, l.paid + 1 > 0)", "false"),
        ("order.lines.exists_one(l, l.paid + 1 == 406)", "false"),
        ("406 in order.lines.map(l, l.paid + 1)", "false"),
        ("5 in [5, order.total + 1]", "false"),
        ("line.paid + 1 > 0", "y-y"),
    ];
    for (text, expected) in table {
        assert_eq!(held(text, &values), expected, "{text}");
    }
}

#[test]
fn a_condition_on_lines_holds_for_nothing_that_is_no_line() {
    let compile = |text| Expression::compile(text, &Environment::ORDER).expect("a condition");
    let (of_lines, of_order) = (compile("line.paid > 1000"), compile("order.total > 1000"));
    assert!(of_lines.is_of_lines() && !of_order.is_of_lines());
    let (lines, order) = (of_lines.held(&values()), of_order.held(&values()));
    let places = [(0, true), (1, true), (2, false), (3, false)];
    for (position, holds) in places {
        assert_eq!(lines.at(position), holds, "{position}");
        assert!(order.at(position));
    }
    assert!(lines.anywhere() && of_lines.holds(&values()));
    assert_eq!(of_lines.text(), "line.paid > 1000");
}

#[test]
fn every_variable_reads_what_its_name_says() {
    let values = values();
    let all = serde_json::to_value(&values).expect("JSON");
    let line = serde_json::to_value(&values.order.lines[0]).expect("JSON");
    for environment in [Environment::ORDER, Environment::ACTIVITY] {
        for variable in environment.variables() {
            let name = variable.name;
            let of = if variable.owner() == "line" { &line } else { &all[variable.owner()] };
            let text = match (variable.kind(), &of[variable.field()]) {
                (Kind::Bool | Kind::Int | Kind::String, value) => format!("{name} == {value}"),
                (Kind::Strings, list) => {
                    let first = &list[0];
                    format!("{first} in {name} && size({name}) == 2")
                }
                (Kind::Lines, _) => format!("size({name}) == 3"),
            };
            let expression = Expression::compile(&text, &environment)
                .unwrap_or_else(|wrong| panic!("{text}: {wrong}"));
            assert!(expression.held(&values).at(0), "{text}");
        }
    }
}

#[test]
fn documented_examples_are_accepted() {
    for Function { form, example, .. } in FUNCTIONS {
        if let Err(wrong) = Expression::compile(example, &Environment::ORDER) {
            panic!("{form}, {example}: {wrong}");
        }
    }
}

#[test]
fn what_was_compiled_shows_what_it_asks() {
    let expression = Expression::compile("!order.first", &Environment::ORDER).expect("a condition");
    assert!(format!("{:?}", expression.clone()).contains("Not(Field(order.first))"));
}
