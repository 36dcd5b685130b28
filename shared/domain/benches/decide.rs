//! How long a decision takes: an order of five lines under the house program.

use criterion::{Criterion, criterion_group, criterion_main};
use domain::{
    decide, definition,
    fact::{Enrolment, Fact, KeyedFact, Line, Order, Source},
    program::Rulebook,
    row::Chain,
    time::Instant,
};

const HOUSE: &str = include_str!("../../programs/house.toml");

fn order(at: Instant) -> Order {
    let line = |price| Line {
        id: None,
        product: Some("mug".to_owned()),
        category: Some("homeware".to_owned()),
        brand: None,
        quantity: 2,
        unit_price: price,
        discount: 0,
        tax: 0,
    };
    Order {
        id: "A".parse().expect("an id"),
        version: None,
        placed_at: Some(at),
        currency: "GBP".parse().expect("a currency"),
        channel: Some("web".to_owned()),
        store: None,
        status: None,
        test: false,
        prices_include_tax: true,
        lines: [1250, 3400, 999, 450, 8900].map(line).to_vec(),
        discount: 0,
        tax: 0,
        shipping: 395,
        tip: 0,
        tenders: Vec::new(),
    }
}

fn decisions(c: &mut Criterion) {
    let start = Instant::from_millis(1_780_000_000_000);
    let program = definition::parse(HOUSE, "house.toml", 1, start).expect("the house program");
    let rulebook = Rulebook::new([program]).expect("one version");
    let chain: Chain = "house/ada".parse().expect("a chain");
    let source = Source { id: "shop".parse().expect("a slug"), has_key_times: true };
    let keyed = |fact| {
        let request = "r".parse().expect("an id");
        KeyedFact::new(fact, &source, &request, "bench".to_owned()).expect("a proper fact")
    };
    let joined = Enrolment::default();
    let joined = keyed(Fact::Enrolled(joined));
    let head = decide(&rulebook, &chain, None, None, &joined, start).expect("a first row");
    let later = start.plus_days(1);
    let fact = keyed(Fact::Order(order(later)));
    c.bench_function("decide an order of 5 lines under house.toml", |b| {
        b.iter(|| decide(&rulebook, &chain, Some(&head), None, &fact, later));
    });
    c.bench_function("check and key the same order", |b| {
        b.iter(|| keyed(Fact::Order(order(later))));
    });
}

criterion_group!(benches, decisions);
criterion_main!(benches);
