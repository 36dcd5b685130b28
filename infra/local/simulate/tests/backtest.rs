//! Backtests of a small shop, and of a real one when its data is at hand.

use std::path::{Path, PathBuf};

use domain::{definition, program::Program, time::Instant};
use orders::OrderFile;
use simulate::{
    Backtest, BadHistory, History, RedemptionModel, Report, Run, Timing, couples_members, csv,
    html, run, run_in_time_order, table,
};

const HOUSE: &str = include_str!("../../../../shared/programs/house.toml");
const TIMING: Timing =
    Timing { threads: 0, loops: 0, orders_per_second_per_core: 0, milliseconds: 0 };

fn read(path: &Path) -> OrderFile {
    orders::read(path).expect("a readable file")
}

fn small() -> OrderFile {
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/orders.csv"))
}

/// The real invoices, or nothing and a word about it.
fn real() -> Option<OrderFile> {
    let Some(folder) = std::env::var_os("GUERDON_DATA") else {
        eprintln!("skipped: GUERDON_DATA does not name the folder of real data");
        return None;
    };
    Some(read(&PathBuf::from(folder).join("online_retail_ii/online_retail_ii.csv.zst")))
}

fn program(text: &str, file: &OrderFile) -> Program {
    let first = Instant::from_timestamp(file.facts[0].at());
    definition::parse(text, "test.toml", 1, first).expect("a sound definition")
}

fn model(text: &str) -> RedemptionModel {
    text.parse().expect("a redemption model")
}

/// The house program over a file.
fn backtest(file: &OrderFile, model: &RedemptionModel, threads: usize) -> (History, Backtest) {
    let house = program(HOUSE, file);
    let history = History::new(file, &house).expect("a history");
    let run = run(&house, &history, model, threads, &|_| ()).expect("a run");
    let backtest = Backtest::new(&house, &history, run);
    (history, backtest)
}

fn everything(report: &Report) -> [String; 4] {
    [report.json(&TIMING), csv(report), table(report), html(report)]
}

#[track_caller]
fn check_adds_up(backtest: &Backtest) {
    let mut left = 0;
    let mut members = 0;
    let (mut liability, mut cost) = (0, 0);
    for month in &backtest.months {
        let it = &month.in_month;
        left += it.issued - it.redeemed - it.expired - it.clawed_back;
        assert_eq!(left, month.outstanding - month.debt, "{}", month.month);
        members += it.joined;
        assert_eq!(members, month.members, "{}", month.month);
        let of_levels: i64 = month.levels.iter().map(|level| level.members).sum();
        assert_eq!(of_levels, month.members, "{}", month.month);
        assert!(month.pending <= month.outstanding && month.pending >= 0, "{}", month.month);
        assert!(month.members_with_a_reward_in_reach <= month.members, "{}", month.month);
        liability = month.liability;
        cost += it.cost;
    }
    let totals = &backtest.totals;
    // A point of the house costs a penny, so nothing is lost in rounding.
    let debt = backtest.months.last().map_or(0, |month| month.debt);
    assert_eq!(totals.cost, totals.redeemed_cost + liability - debt);
    assert_eq!(totals.cost, cost);
    // What a refund finds expired counts as taken back of its order, but moves nothing.
    let of_rules: i64 = backtest.rules.iter().map(|rule| rule.points).sum();
    assert!(of_rules <= totals.issued - totals.clawed_back);
    assert_eq!(backtest.first_reward.by_days.iter().sum::<i64>(), backtest.first_reward.reached);
}

#[test]
fn the_small_shop_by_hand() {
    let (_, backtest) = backtest(&small(), &RedemptionModel::none(), 1);
    check_adds_up(&backtest);
    let month = |name: &str| {
        let found = backtest.months.iter().find(|month| month.month == name);
        found.unwrap_or_else(|| panic!("a month {name}"))
    };
    // anna: 200 and 20 for coffee, which can be spent from the 24th; bert: 49, all of it
    // given back.
    let january = month("2026-01");
    assert_eq!((january.in_month.issued, january.in_month.clawed_back), (269, 49));
    assert_eq!((january.outstanding, january.pending, january.liability), (220, 0, 220));
    assert_eq!((january.in_month.revenue, january.members), (20_000, 2));
    assert_eq!(january.members_with_a_reward_in_reach, 1);
    // cleo's order late on 31 March is one of April: London has put its clocks forward.
    assert_eq!((month("2026-03").in_month.orders, month("2026-04").in_month.orders), (1, 2));
    // dora gives back four of ten grinders.
    assert_eq!(month("2026-05").in_month.revenue, -72_000);
    assert_eq!(month("2026-05").in_month.clawed_back, 720);
    // On gold, and everything twice.
    assert_eq!(month("2026-11").in_month.issued, 147);
    // What anna earned in January ends after the last of January a year later.
    assert_eq!(month("2027-01").in_month.expired, 0);
    assert_eq!(month("2027-02").in_month.expired, 220);
    let levels = month("2027-02").levels.iter().map(|level| (level.level.as_str(), level.members));
    assert_eq!(levels.collect::<Vec<_>>(), [("member", 2), ("silver", 1), ("gold", 1)]);
    let first = &backtest.first_reward;
    assert_eq!((first.members, first.reached, first.days_half), (4, 2, Some(14)));
    assert_eq!(backtest.totals.issued, 2_521);
    assert_eq!(backtest.costliest_members[0].member, "dora");
    assert_eq!(backtest.costliest_orders[0].order, "1005");
    assert_eq!(backtest.costliest_orders[0].points, 1_120);
}

#[test]
fn targets_are_met_to_the_penny_and_to_the_day() {
    // Two of four members could have a reward, half of those after 14 days; the cost is
    // what was neither taken back nor ended, and the most that is outstanding is known.
    let file = small();
    let (_, of_house) = backtest(&file, &RedemptionModel::none(), 1);
    let most = of_house.months.iter().map(|month| month.liability).max().expect("a month");
    let met_with = |targets: &str| -> Vec<bool> {
        let text = HOUSE.split("[targets]").next().expect("the house without targets");
        let program = program(&format!("{text}[targets]\n{targets}"), &file);
        let history = History::new(&file, &program).expect("a history");
        let run = run(&program, &history, &RedemptionModel::none(), 1, &|_| ()).expect("a run");
        let backtest = Backtest::new(&program, &history, run);
        backtest.targets.iter().map(|target| target.is_met).collect()
    };
    let money = |minor: i64| format!("{}.{:02} GBP", minor / 100, minor % 100);
    let just = format!(
        "in_reach = \"at least 50%\"\nfirst_reward = \"within 14 days\"\n\
         liability = \"at most {}\"",
        money(most)
    );
    assert_eq!(met_with(&just), [true, true, true]);
    let barely_not = format!(
        "in_reach = \"at least 50.01%\"\nfirst_reward = \"within 13 days\"\n\
         liability = \"at most {}\"",
        money(most - 1)
    );
    assert_eq!(met_with(&barely_not), [false, false, false]);
    let share = of_house.totals.cost_share_basis_points.expect("revenue");
    assert!(share > 1, "{share}");
    let cost = |points: i64| format!("cost = \"at most {}.{:02}%\"", points / 100, points % 100);
    assert_eq!(met_with(&cost(share + 1)), [true]);
    assert_eq!(met_with(&cost(share - 1)), [false]);
    assert_eq!(met_with(""), [] as [bool; 0]);
}

#[test]
fn what_comes_right_after_the_last_month_is_not_seen() {
    // anna's 220 points can be spent from 1 February.
    let mut file = small();
    file.facts.truncate(1);
    if let orders::FileFact::Order(order) = &mut file.facts[0] {
        order.placed_at = "2026-01-18T09:30:00Z".parse().expect("an instant");
    }
    let (_, backtest) = backtest(&file, &RedemptionModel::none(), 1);
    check_adds_up(&backtest);
    assert_eq!((backtest.months.len(), backtest.months[0].pending), (1, 220));
    assert_eq!(backtest.first_reward.reached, 0);
}

#[test]
fn redemptions_by_hand() {
    let (_, backtest) = backtest(&small(), &model("members=100,orders=100"), 1);
    check_adds_up(&backtest);
    // anna pays 2 pounds of her order in March with points and 1 in June, dora 11 in
    // November. What is paid with points earns nothing: anna 2 x 48 and 2 x 49 points,
    // dora three times 38.
    let totals = &backtest.totals;
    assert_eq!((totals.redemptions, totals.redeemed, totals.paid_with_points), (3, 1_400, 1_400));
    assert_eq!(totals.issued, 220 + 49 + 96 + 16 + 1_840 + 98 + 114 + 49);
}

#[track_caller]
fn check_same_bytes(file: &OrderFile, threads: &[usize]) {
    let house = program(HOUSE, file);
    let model = RedemptionModel::default();
    let history = History::new(file, &house).expect("a history");
    let report = |run: Run| {
        let backtest = Backtest::new(&house, &history, run);
        check_adds_up(&backtest);
        everything(&Report::new(&history, &model, backtest.clone(), Some(backtest)))
    };
    let in_order = run_in_time_order(&house, &history, &model, &|_| ()).expect("a run");
    let in_order = report(in_order);
    for &threads in threads {
        let run = run(&house, &history, &model, threads, &|_| ()).expect("a run");
        assert!(report(run) == in_order, "on {threads} threads");
    }
}

#[test]
fn the_same_bytes_on_any_number_of_threads_and_in_time_order() {
    check_same_bytes(&small(), &[1, 1, 2, 5]);
}

#[test]
fn a_real_shop_adds_up_on_any_number_of_threads() {
    let Some(file) = real() else { return };
    check_same_bytes(&file, &[1, 2]);
}

/// Lines that are alike are taken together: nothing but the time may tell.
#[track_caller]
fn check_line_by_line(file: &OrderFile, text: &str, model: &RedemptionModel) {
    let program = program(text, file);
    let report = |history: History| {
        let run = run(&program, &history, model, 2, &|_| ()).expect("a run");
        let backtest = Backtest::new(&program, &history, run);
        everything(&Report::new(&history, model, backtest, None))
    };
    let together = History::new(file, &program).expect("a history");
    let by_line = History::line_by_line(file, &program).expect("a history");
    assert!(report(together) == report(by_line));
}

#[test]
fn lines_taken_together_change_nothing() {
    let file = small();
    for text in [HOUSE, &house_with("coffee-corner", "unless = { product = \"mug\" }")] {
        for model in ["none", "members=100,orders=100"] {
            check_line_by_line(&file, text, &self::model(model));
        }
    }
    let Some(file) = real() else { return };
    check_line_by_line(&file, HOUSE, &RedemptionModel::default());
}

/// The house program with another line in a rule.
fn house_with(rule: &str, line: &str) -> String {
    let from = format!("id     = \"{rule}\"\n");
    let with = HOUSE.replace(&from, &format!("{from}{line}\n"));
    assert_ne!(with, HOUSE);
    with
}

#[test]
fn a_budget_is_spent_in_time_order() {
    let file = small();
    let house = program(&house_with("spend", "limit = [\"300 points per program\"]"), &file);
    assert!(couples_members(&house));
    let history = History::new(&file, &house).expect("a history");
    let run = run(&house, &history, &RedemptionModel::none(), 2, &|_| ()).expect("a run");
    let backtest = Backtest::new(&house, &history, run);
    check_adds_up(&backtest);
    // anna's 200 leave 100, of which bert takes 49 and gives them back; anna's 50 in March
    // and cleo's 16 leave 34 to dora, and nobody gets any more.
    let spend = backtest.rules.iter().find(|rule| rule.rule == "spend").expect("the rule");
    assert!(spend.points <= 300, "{}", spend.points);
    assert_eq!(backtest.months[0].in_month.issued, 269);
    assert_eq!(backtest.months[3].in_month.issued, 50);
}

#[test]
fn who_gains_and_who_loses() {
    let file = small();
    let (history, house) = backtest(&file, &RedemptionModel::none(), 1);
    let dearer = HOUSE.replace("\"1 per 1.00 GBP\"       # \"1", "\"2 per 1.00 GBP\"       # \"1");
    assert_ne!(dearer, HOUSE);
    let dearer = program(&dearer, &file);
    let run = run(&dearer, &history, &RedemptionModel::none(), 1, &|_| ()).expect("a run");
    let dearer = Backtest::new(&dearer, &history, run);
    let report = Report::new(&history, &RedemptionModel::none(), house.clone(), Some(dearer));
    let against = report.against.expect("a comparison");
    // Under the house alone everybody has less.
    assert_eq!((against.gain, against.lose, against.same), (0, 4, 0));
    assert_eq!(against.greatest_losses[0].member, "dora");
    // 1,120 and 147 points against twice as many.
    assert_eq!(against.greatest_losses[0].gain, -1_267);
    assert_eq!((against.deciles[0], against.deciles[10]), (-1_267, -16));
    let same = Report::new(&history, &RedemptionModel::none(), house.clone(), Some(house));
    let same = same.against.expect("a comparison");
    assert_eq!((same.gain, same.lose, same.same, same.difference), (0, 0, 4, 0));
}

#[test]
fn bad_input_is_named() {
    let file = small();
    let dollars = program(&HOUSE.replace("GBP", "USD"), &file);
    let bad = History::new(&file, &dollars).map(|_| ()).expect_err("pounds are no dollars");
    assert!(matches!(&bad, BadHistory::Currency { order, .. } if order == "1001"), "{bad}");
    let empty = OrderFile { facts: Vec::new(), ..small() };
    let house = program(HOUSE, &file);
    assert_eq!(History::new(&empty, &house).map(|_| ()), Err(BadHistory::Empty));
    let history = History::new(&file, &house).expect("a history");
    assert_eq!((history.orders, history.refunds, history.refunds_without_order), (8, 2, 1));
}

#[test]
fn the_page_is_whole_and_says_nothing_dangerous() {
    let mut file = small();
    for fact in &mut file.facts {
        if let orders::FileFact::Order(order) = fact {
            order.member = format!("{}</script><b>&\"", order.member);
        }
    }
    let (history, backtest) = backtest(&file, &RedemptionModel::none(), 1);
    let page = html(&Report::new(&history, &RedemptionModel::none(), backtest, None));
    assert!(!page.contains("<b>") && page.contains("anna&lt;/script&gt;&lt;b&gt;&amp;&quot;"));
    assert_eq!(page.matches("</script>").count(), 3);
    for fetched in ["src=", "href=", "@import", "url("] {
        assert!(!page.contains(fetched), "{fetched}");
    }
}
