//! What came of a program: the figures of one run, as `--json` prints them.
//!
//! Points are smallest units of the program's first currency, money is minor units of
//! its money, shares are basis points: hundredths of a percent.

use domain::{
    program::{Pending, Program},
    time::Instant,
};
use serde::Serialize;

use crate::{
    history::History,
    numbers::{Style, basis_points, cost, percentile},
    run::Run,
    tally::{MonthSums, Moved},
    targets::{Target, targets},
    top::Top,
};

/// The width of a step of [`FirstReward::by_days`].
const STEP_DAYS: i64 = 30;

/// What one program did over a history.
#[derive(Clone, Debug, Serialize)]
pub struct Backtest {
    /// The program's id.
    pub program: String,
    /// What members call it.
    pub name: String,
    /// The zone of its months.
    pub time_zone: String,
    /// The ISO 4217 code of its money.
    pub currency: String,
    /// The decimals of points: 10^decimals smallest units are one point.
    pub decimals: u8,
    /// The name of several points.
    pub points_name: String,
    /// What one smallest unit costs when it is spent, in minor units, exactly.
    pub cost_per_unit: String,
    /// What was assumed, in sentences.
    pub assumptions: Vec<String>,
    /// The whole time.
    pub totals: Totals,
    /// What the shop wanted of the program, and what came of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<Target>,
    /// Month by month.
    pub months: Vec<Month>,
    /// What each rule that gives points gave.
    pub rules: Vec<ByRule>,
    /// Who could have a reward, and when first.
    pub first_reward: FirstReward,
    /// The ten members that cost most.
    pub costliest_members: Vec<CostlyMember>,
    /// The ten orders that cost most.
    pub costliest_orders: Vec<CostlyOrder>,
    #[serde(skip)]
    pub(crate) style: Style,
    /// By member, what they had of the program in money: spent, and at hand at the end.
    #[serde(skip)]
    pub(crate) values: Vec<i64>,
}

/// Points that came and went, and what that cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Orders.
    pub orders: i64,
    /// Refunds.
    pub refunds: i64,
    /// Rewards had.
    pub redemptions: i64,
    /// Members who joined: at their first order.
    pub joined: i64,
    /// Paid for orders less paid back.
    pub revenue: i64,
    /// Given by the rules.
    pub issued: i64,
    /// Spent.
    pub redeemed: i64,
    /// Ended unspent.
    pub expired: i64,
    /// Taken back after refunds.
    pub clawed_back: i64,
    /// What the points cost that were spent.
    pub redeemed_cost: i64,
    /// What the points cost that were given and neither ended nor were taken back: those
    /// spent, and by how much the liability grew.
    pub cost: i64,
    /// That of the revenue; null without revenue.
    pub cost_share_basis_points: Option<i64>,
    /// What redeemed order credits took off orders.
    pub paid_with_points: i64,
}

/// One calendar month in the program's zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Month {
    /// As `2011-02`.
    pub month: String,
    /// What happened in it.
    #[serde(flatten)]
    pub in_month: Totals,
    /// At its end: points that are spendable or wait.
    pub outstanding: i64,
    /// The part of those that waits.
    pub pending: i64,
    /// Points that members owe. They are not taken off what is outstanding.
    pub debt: i64,
    /// What the outstanding points would cost.
    pub liability: i64,
    /// Of all points given so far, those that ended unspent; null before any was given.
    pub breakage_seen_basis_points: Option<i64>,
    /// The liability less that share of it.
    pub liability_less_breakage: i64,
    /// Members.
    pub members: i64,
    /// Members who can have some reward.
    pub members_with_a_reward_in_reach: i64,
    /// Members by level, lowest first.
    pub levels: Vec<LevelCount>,
}

/// The members of one level.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LevelCount {
    /// The level.
    pub level: String,
    /// How many.
    pub members: i64,
}

/// What one rule gave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ByRule {
    /// The rule.
    pub rule: String,
    /// The points of orders that it gave, multipliers included, less those taken back.
    pub points: i64,
    /// Their cost.
    pub cost: i64,
}

/// Who could have a reward, and when first: the least that some reward costs was
/// spendable, on a level that may have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FirstReward {
    /// Members.
    pub members: i64,
    /// Those of them who could ever have one.
    pub reached: i64,
    /// That share.
    pub reached_basis_points: Option<i64>,
    /// Days from joining to the first: a quarter of those who reached it took no longer.
    pub days_quarter: Option<i64>,
    /// Half of them took no longer.
    pub days_half: Option<i64>,
    /// Three quarters of them took no longer.
    pub days_three_quarters: Option<i64>,
    /// How many took 0 to 29 days, 30 to 59 and so on.
    pub by_days: Vec<i64>,
}

/// A member that cost much.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CostlyMember {
    /// The member.
    pub member: String,
    /// Orders.
    pub orders: i64,
    /// Paid less paid back.
    pub revenue: i64,
    /// Points given and neither ended nor taken back.
    pub points: i64,
    /// Their cost.
    pub cost: i64,
    /// Of the revenue.
    pub cost_share_basis_points: Option<i64>,
    /// The level at the end.
    pub level: Option<String>,
}

/// An order that cost much.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CostlyOrder {
    /// The order.
    pub order: String,
    /// Whose.
    pub member: String,
    /// When it was placed.
    pub placed_at: Instant,
    /// Paid less paid back.
    pub revenue: i64,
    /// Points that it gave and that were not taken back.
    pub points: i64,
    /// Their cost.
    pub cost: i64,
    /// Of the revenue.
    pub cost_share_basis_points: Option<i64>,
}

impl Backtest {
    /// The figures of a run.
    pub fn new(program: &Program, history: &History, run: Run) -> Backtest {
        let points = program.points();
        let worth = |units| cost(units, points.cost);
        let months = months(program, &run);
        let mut whole = MonthSums::default();
        run.tally.months.iter().for_each(|month| add(&mut whole, month));
        let (all, first_reward) = (totals(program, &whole), first_reward(&run));
        let gives = |at: &usize| {
            use domain::program::Effect;
            matches!(program.earn[*at].effect, Effect::Points { currency: 0, .. })
        };
        let by_rule = |at: usize| ByRule {
            rule: program.earn[at].id.clone(),
            points: run.tally.by_rule[at],
            cost: worth(run.tally.by_rule[at]),
        };
        Backtest {
            program: program.id.to_string(),
            name: program.name.clone(),
            time_zone: program.time_zone.iana_name().unwrap_or("UTC").to_owned(),
            currency: program.money.code().to_owned(),
            decimals: points.decimals,
            points_name: points.other.clone(),
            cost_per_unit: points.cost.to_string(),
            assumptions: assumptions(program, history),
            targets: targets(program, &all, &months, &first_reward),
            totals: all,
            rules: (0..program.earn.len()).filter(gives).map(by_rule).collect(),
            first_reward,
            costliest_members: costliest_members(program, history, &run),
            values: run.outcomes.iter().map(|outcome| worth(value(&outcome.moved))).collect(),
            costliest_orders: costliest_orders(program, run.tally.orders),
            months,
            style: Style { decimals: points.decimals, currency: program.money },
        }
    }
}

/// What a member had of the points: those spent, and those at hand.
fn value(moved: &Moved) -> i64 {
    moved.redeemed + moved.left()
}

fn add(whole: &mut MonthSums, month: &MonthSums) {
    whole.moved.add(&month.moved);
    whole.orders += month.orders;
    whole.refunds += month.refunds;
    whole.redemptions += month.redemptions;
    whole.joined += month.joined;
    whole.revenue += month.revenue;
    whole.paid_with_points += month.paid_with_points;
}

fn totals(program: &Program, sums: &MonthSums) -> Totals {
    let per_unit = program.points().cost;
    let moved = sums.moved;
    let given = cost(value(&moved), per_unit);
    Totals {
        orders: sums.orders,
        refunds: sums.refunds,
        redemptions: sums.redemptions,
        joined: sums.joined,
        revenue: sums.revenue,
        issued: moved.issued,
        redeemed: moved.redeemed,
        expired: moved.expired,
        clawed_back: moved.clawed_back,
        redeemed_cost: cost(moved.redeemed, per_unit),
        cost: given,
        cost_share_basis_points: basis_points(given, sums.revenue),
        paid_with_points: sums.paid_with_points,
    }
}

fn months(program: &Program, run: &Run) -> Vec<Month> {
    let per_unit = program.points().cost;
    let levels = program.tiers.iter().flat_map(|tiers| &tiers.levels);
    let levels: Vec<&str> = levels.map(|level| level.id.as_str()).collect();
    let mut so_far = Moved::default();
    let of_month = |(at, sums): (usize, &MonthSums)| {
        so_far.add(&sums.moved);
        let liability = cost(sums.outstanding, per_unit);
        let breakage = basis_points(so_far.expired, so_far.issued);
        let broken = i128::from(liability) * i128::from(breakage.unwrap_or(0)) / 10_000;
        Month {
            month: run.months.name(at),
            in_month: totals(program, sums),
            outstanding: sums.outstanding,
            pending: sums.pending,
            debt: sums.debt,
            liability,
            breakage_seen_basis_points: breakage,
            liability_less_breakage: liability - i64::try_from(broken).unwrap_or(0),
            members: sums.members,
            members_with_a_reward_in_reach: sums.can_afford,
            levels: (levels.iter().zip(&sums.levels))
                .map(|(level, &members)| LevelCount { level: (*level).to_owned(), members })
                .collect(),
        }
    };
    run.tally.months.iter().enumerate().map(of_month).collect()
}

fn first_reward(run: &Run) -> FirstReward {
    let joined = run.outcomes.iter().filter(|outcome| outcome.joined_on.is_some());
    let members = joined.count() as i64;
    let mut days: Vec<i64> =
        run.outcomes.iter().filter_map(|outcome| outcome.days_to_first).collect();
    days.sort_unstable();
    let steps = days.last().map_or(0, |most| most / STEP_DAYS + 1);
    let mut by_days = vec![0; usize::try_from(steps).unwrap_or(0)];
    for days in &days {
        by_days[usize::try_from(days / STEP_DAYS).unwrap_or(0)] += 1;
    }
    let reached = days.len() as i64;
    FirstReward {
        members,
        reached,
        reached_basis_points: basis_points(reached, members),
        days_quarter: percentile(&days, 25),
        days_half: percentile(&days, 50),
        days_three_quarters: percentile(&days, 75),
        by_days,
    }
}

fn costliest_members(program: &Program, history: &History, run: &Run) -> Vec<CostlyMember> {
    let mut top = Top::default();
    for (at, outcome) in run.outcomes.iter().enumerate() {
        let points = value(&outcome.moved);
        if outcome.joined_on.is_some() {
            top.offer(points, at);
        }
    }
    let level = |at: usize| {
        let position = run.outcomes[at].level?;
        Some(program.tiers.as_ref()?.levels.get(position)?.id.clone())
    };
    let costly = |(points, at): (i64, usize)| {
        let (outcome, cost) = (&run.outcomes[at], cost(points, program.points().cost));
        CostlyMember {
            member: history.members[at].id.to_string(),
            orders: outcome.orders,
            revenue: outcome.revenue,
            points,
            cost,
            cost_share_basis_points: basis_points(cost, outcome.revenue),
            level: level(at),
        }
    };
    top.into_items().map(costly).collect()
}

fn costliest_orders(program: &Program, orders: Top<crate::tally::OrderSeen>) -> Vec<CostlyOrder> {
    let costly = |(points, seen): (i64, crate::tally::OrderSeen)| {
        let cost = cost(points, program.points().cost);
        CostlyOrder {
            order: seen.id.to_string(),
            member: seen.member.to_string(),
            placed_at: seen.at,
            revenue: seen.left,
            points,
            cost,
            cost_share_basis_points: basis_points(cost, seen.left),
        }
    };
    orders.into_items().map(costly).collect()
}

/// What the history does not say, and was taken to be so.
fn assumptions(program: &Program, history: &History) -> Vec<String> {
    let mut sentences = vec![
        "Members join at their first order, and buy what they bought whatever the program."
            .to_owned(),
        "The part of an order that a redeemed credit pays counts as paid with points; revenue \
         is what goods cost, that part included."
            .to_owned(),
        "Points that were spent stay spent when their order is given back.".to_owned(),
        "Breakage seen is what has ended unspent of all points given so far: it grows while \
         the youngest points are not old enough to end."
            .to_owned(),
    ];
    if history.refunds > 0 {
        sentences.push(
            "What a refund takes back of points that have ended already counts against the rule \
             that gave them, and moves no points: what rules gave may come to a little less than \
             what was issued less what was clawed back."
                .to_owned(),
        );
    }
    if let Pending::UntilStatus { status, .. } = &program.points().pending {
        sentences.push(format!("Every order reaches the status {status:?} when it is placed."));
    }
    if program.asks_for_birthdays() {
        sentences.push("No birthday is known: rules about birthdays hold for nobody.".to_owned());
    }
    if program.draws() {
        sentences.push("Draws follow from the orders' ids: every run draws the same.".to_owned());
    }
    if history.refunds_without_order > 0 {
        sentences.push(format!(
            "{} refunds of orders that are not in the file are left out.",
            history.refunds_without_order
        ));
    }
    sentences
}
