//! A real shop's first months through the stack, when its data is at hand.

use std::path::PathBuf;

use local::{
    program, replay,
    stack::{Data, Options, Stack},
    verify,
};

/// How many facts the test takes: the whole file is replayed by `guerdon replay`.
const FACTS: usize = 1_500;

#[tokio::test(flavor = "multi_thread")]
async fn a_real_shop_is_replayed_twice_and_proved() {
    let Some(folder) = std::env::var_os("GUERDON_DATA") else {
        eprintln!("skipped: GUERDON_DATA does not name the folder of real data");
        return;
    };
    let file = PathBuf::from(folder).join("online_retail_ii/online_retail_ii.csv.zst");
    let mut file = replay::read(&file).expect("a readable file");
    file.facts.truncate(FACTS);
    let first = domain::time::Instant::from_timestamp(file.facts[0].at());
    let options = Options { data: Data::Memory, port: 0, clock: first };
    let stack = Stack::start(options).await.expect("a stack on free ports");
    let definition = program::read(None, first).expect("the house program");
    let id = program::publish(&stack.app, &definition, replay::SOURCE).await.expect("a program");
    let once = replay::replay(&stack, &id, &file, true).await.expect("a replay");
    assert_eq!(once.orders + once.refunds, FACTS as u64);
    assert_eq!(once.replayed, 0);
    let twice = replay::replay(&stack, &id, &file, true).await.expect("a second replay");
    assert_eq!(twice.replayed, FACTS as u64 + once.members, "everything was known");
    assert_eq!(twice.points_issued, once.points_issued);
    assert_eq!(twice.points_available, once.points_available);
    crate::backtest::check_simulated(&file, &definition.program, &once);
    let report = verify::prove(&stack).await.expect("a readable ledger");
    assert_eq!(report.problems, []);
    stack.stop().await;
}
