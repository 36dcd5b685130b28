//! A member's chain in memory, to see what becomes of what a connector delivers.

use connectors::{Connection, Connector};
use domain::{
    decide, definition,
    fact::{Enrolment, Fact, KeyedFact},
    program::Rulebook,
    row::Row,
    time::Instant,
};

use crate::sender::{connection, facts, keyed, receive};

const PROGRAM: &str = r#"
[program]
id        = "shop"
name      = "Shop"
time_zone = "UTC"
money     = "USD"
late_by_at_most = "10 years"

[points]
name   = { one = "point", other = "points" }
cost   = "0.01 USD"
expiry = "never"
refund = { clawback = "allow debt" }

[[earn]]
id     = "spend"
on     = "order"
points = "1 per 1.00 USD"
"#;

/// A member's rows.
pub struct Ledger {
    rulebook: Rulebook,
    rows: Vec<Row>,
    now: Instant,
}

impl Ledger {
    pub fn new() -> Ledger {
        let now = Instant::from_millis(1_800_000_000_000);
        let program = definition::parse(PROGRAM, "shop.toml", 1, Instant::from_millis(0));
        let program = program.unwrap_or_else(|problems| panic!("{problems:?}"));
        let rulebook = Rulebook::new([program]).expect("one version");
        let mut ledger = Ledger { rulebook, rows: Vec::new(), now };
        let joined = Enrolment::default();
        let any = connection(crate::sender::stripe());
        ledger.record(keyed(&any, Fact::Enrolled(joined)));
        ledger
    }

    /// Records all facts of a signed body and says what became of each.
    pub fn take(&mut self, connector: Connector, body: &str) -> Vec<String> {
        let delivered = receive(connector.clone(), body.as_bytes()).expect("a readable body");
        let connection: Connection = connection(connector);
        let facts = facts(&delivered).into_iter();
        facts.map(|fact| self.record(keyed(&connection, fact))).collect()
    }

    fn record(&mut self, fact: KeyedFact) -> String {
        let known = fact.key.as_ref().and_then(|key| self.rows.iter().find(|row| row.records(key)));
        if let Some(row) = known {
            let same = row.fingerprint == fact.fingerprint;
            return if same { "replayed" } else { "conflict" }.to_owned();
        }
        let about = |row: &&Row| fact.about_order().is_some_and(|order| row.is_about(order));
        let prior = self.rows.iter().rev().find(about).and_then(|row| row.order.clone());
        let chain = "shop/ada".parse().expect("a chain");
        let head = self.rows.last();
        match decide(&self.rulebook, &chain, head, prior.as_ref(), &fact, self.now) {
            Ok(row) => {
                let note = row.note.map_or("recorded", |note| note.code()).to_owned();
                self.rows.push(row);
                note
            }
            Err(refusal) => format!("refused {refusal}"),
        }
    }

    /// Points less debt.
    pub fn balance(&self) -> i64 {
        self.rows.last().expect("a row").account.purse(0).balance()
    }
}
