//! A backtest gives the points that a replay through the whole stack gives.

use std::path::Path;

use domain::program::Program;
use local::{
    program, replay,
    stack::{Data, Options, Stack},
};
use simulate::{Backtest, History, RedemptionModel};

#[tokio::test(flavor = "multi_thread")]
async fn a_backtest_agrees_with_a_replay() {
    let file = "../../infra/local/simulate/tests/orders.csv";
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let file = replay::read(&file).expect("a readable file");
    let first = domain::time::Instant::from_timestamp(file.facts[0].at());
    let options = Options { data: Data::Memory, port: 0, clock: first };
    let stack = Stack::start(options).await.expect("a stack on free ports");
    let definition = program::read(None, first).expect("the house program");
    let id = program::publish(&stack.app, &definition, replay::SOURCE).await.expect("a program");
    let replayed = replay::replay(&stack, &id, &file, true).await.expect("a replay");
    check_simulated(&file, &definition.program, &replayed);
    stack.stop().await;
}

/// A backtest of the same facts gives the same points.
#[track_caller]
pub fn check_simulated(file: &orders::OrderFile, program: &Program, replayed: &replay::Summary) {
    let history = History::new(file, program).expect("a history");
    let model = RedemptionModel::none();
    let run = simulate::run(program, &history, &model, 2, &|_| ()).expect("a run");
    let backtest = Backtest::new(program, &history, run);
    let totals = backtest.totals;
    assert_eq!(totals.issued, replayed.points_issued);
    assert_eq!(totals.clawed_back, replayed.points_clawed_back);
    assert_eq!((totals.expired, totals.redeemed), (replayed.points_expired, 0));
    let last = backtest.months.last().expect("a month");
    assert_eq!(last.outstanding, replayed.points_available + replayed.points_pending);
    assert_eq!(last.debt, replayed.points_debt);
    assert_eq!(backtest.first_reward.members, i64::try_from(replayed.members).expect("few"));
}
