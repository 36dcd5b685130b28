//! The same facts in the simulated tables and in DynamoDB end in the same bytes.

use domain::row::Chain;
use store::{
    Mode,
    ledger::Ledger,
    record,
    simulated::{Faults, Random, SimulatedTables},
    tables::Tables,
};

use crate::{
    embedded::Embedded,
    invariants::{check_chain, first_problem, items},
    program,
    shop::{START, Sent, Shop, chain},
};

const MEMBERS: u64 = 3;

fn trace(seed: u64) -> Vec<Sent> {
    let mut shop = Shop::new(Random::new(seed), START, 365, 60);
    let mut sent: Vec<Sent> =
        (0..MEMBERS).flat_map(|member| shop.life(&chain(member), 130)).collect();
    sent.sort_by_key(|sent| sent.at);
    sent
}

/// Records a trace and says what each fact was answered.
async fn follow(tables: impl Tables, seed: u64) -> Vec<String> {
    let rulebook = program::rulebook(seed, START.plus_days(180), 4);
    let ledger = Ledger::new(tables);
    let mut answers = Vec::new();
    for sent in trace(seed) {
        let Sent { chain, fact, at } = &sent;
        let answer = record(&ledger, &rulebook, chain, fact, *at, Mode::Record).await;
        answers.push(match answer {
            Ok(recorded) => format!("{} {}", recorded.stored.hash.hex(), recorded.replayed),
            Err(error) => error.to_string(),
        });
    }
    answers
}

#[tokio::test]
async fn a_trace_ends_in_the_same_bytes_in_both() {
    let mut rows = 0;
    for seed in 0..3 {
        let simulated = SimulatedTables::new(seed, Faults::NONE, START);
        let embedded = Embedded::start().await;
        let answers = follow(simulated.clone(), seed).await;
        assert_eq!(follow(embedded.tables.clone(), seed).await, answers);
        let rulebook = program::rulebook(seed, START.plus_days(180), 4);
        for chain in (0..MEMBERS).map(chain) {
            rows += check_chain(&simulated, &rulebook, &chain).len();
            let kept = items_of(&embedded, &chain).await;
            assert_eq!(kept, items(&simulated, &chain).await, "{chain}");
            assert_eq!(first_problem(&kept, &rulebook), None);
        }
    }
    println!("{rows} rows are the same in both");
}

async fn items_of(embedded: &Embedded, chain: &Chain) -> Vec<store::item::Item> {
    items(&embedded.tables, chain).await
}
