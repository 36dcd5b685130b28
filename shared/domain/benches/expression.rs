//! What a condition in CEL costs: once when a program loads, and for every order.

use criterion::{Criterion, criterion_group, criterion_main};
use domain::expression::{Environment, Expression, LineValues, Values};

const CONDITIONS: [(&str, &str); 3] = [
    ("the order", "order.channel == 'app' && order.total >= 5000 && 'card' in order.tender_kinds"),
    ("each line", "line.category == 'coffee' && line.quantity >= 2 || line.paid > 10000"),
    (
        "a loop beside each line",
        "line.category == 'coffee' && order.lines.exists(l, l.brand == 'acme' && l.paid > 9000)",
    ),
];

fn values(lines: usize) -> Values<'static> {
    let line = LineValues {
        product: "mug",
        category: "coffee",
        brand: "",
        quantity: 1,
        unit_price: 1250,
        paid: 1250,
    };
    let mut values = Values::default();
    values.order.channel = "app";
    values.order.total = 6_250;
    values.order.tender_kinds = vec!["points", "card"];
    values.order.lines = vec![line; lines];
    values
}

fn conditions(c: &mut Criterion) {
    for (name, text) in CONDITIONS {
        c.bench_function(&format!("compile: {name}"), |b| {
            b.iter(|| Expression::compile(text, &Environment::ORDER));
        });
        let expression = Expression::compile(text, &Environment::ORDER).expect("a condition");
        for lines in [5, 2_000] {
            let values = values(lines);
            c.bench_function(&format!("{name}, {lines} lines"), |b| {
                b.iter(|| expression.held(&values));
            });
        }
    }
    c.bench_function("refuse a condition", |b| {
        b.iter(|| Expression::compile("order.totl >= 5000", &Environment::ORDER));
    });
}

criterion_group!(benches, conditions);
criterion_main!(benches);
