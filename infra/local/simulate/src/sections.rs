//! The parts of a report as a person reads them: a title, heads, and rows of cells.

use domain::time::Instant;

use crate::{
    against::{Against, Difference},
    backtest::{Backtest, Month},
    numbers::{basis_points, grouped, percent},
    report::Report,
    targets::Target,
};

/// One table. The first column is names, the others are numbers; heads may be missing.
pub(crate) struct Section {
    pub title: String,
    pub heads: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

fn section(title: impl Into<String>, heads: &[&str], rows: Vec<Vec<String>>) -> Section {
    let heads = heads.iter().map(|head| (*head).to_owned()).collect();
    Section { title: title.into(), heads, rows }
}

/// What was run over what.
pub(crate) fn scope(report: &Report) -> String {
    let count = |number: u64| grouped(i64::try_from(number).unwrap_or(i64::MAX));
    format!(
        "{} orders and {} refunds of {} members, {} to {}",
        count(report.orders),
        count(report.refunds),
        count(report.members),
        day(report.from),
        day(report.to),
    )
}

/// The single numbers of a program.
pub(crate) fn totals(program: &Backtest) -> Section {
    let (style, totals) = (program.style, &program.totals);
    let money = |minor| format!("{} {}", style.money_read(minor), program.currency);
    let points = |units| format!("{} {}", style.points_read(units), program.points_name);
    let redeemed = points(totals.redeemed);
    let last = |figure: fn(&Month) -> i64| program.months.last().map_or(0, figure);
    let breakage = program.months.last().and_then(|month| month.breakage_seen_basis_points);
    let rows = [
        ("Revenue, less refunds", money(totals.revenue)),
        ("Issued", points(totals.issued)),
        ("Redeemed", format!("{redeemed} in {} rewards", grouped(totals.redemptions))),
        ("Expired", points(totals.expired)),
        ("Clawed back", points(totals.clawed_back)),
        ("Outstanding at the end", points(last(|month| month.outstanding))),
        ("Owed at the end", points(last(|month| month.debt))),
        ("Liability at the end", money(last(|month| month.liability))),
        ("Breakage seen", percent(breakage)),
        ("Liability less breakage", money(last(|month| month.liability_less_breakage))),
        ("Cost", money(totals.cost)),
        ("Cost of the revenue", percent(totals.cost_share_basis_points)),
    ];
    let rows = rows.map(|(name, value)| vec![name.to_owned(), value]);
    section("Totals", &[], rows.into())
}

/// What the shop wanted, and whether it is met; `None` where it wanted nothing.
pub(crate) fn targets(program: &Backtest) -> Option<Section> {
    let row = |target: &Target| {
        let met = if target.is_met { "met" } else { "missed" };
        vec![target.wanted.clone(), target.found.clone(), met.to_owned()]
    };
    let rows: Vec<Vec<String>> = program.targets.iter().map(row).collect();
    (!rows.is_empty()).then(|| section("Targets", &["Wanted", "Found", ""], rows))
}

/// Points, liability and cost by month.
pub(crate) fn months(program: &Backtest) -> Section {
    let style = program.style;
    let row = |month: &Month| {
        let it = &month.in_month;
        vec![
            month.month.clone(),
            grouped(it.orders),
            style.money_read(it.revenue),
            style.points_read(it.issued),
            style.points_read(it.redeemed),
            style.points_read(it.expired),
            style.points_read(it.clawed_back),
            style.points_read(month.outstanding),
            style.money_read(month.liability),
            percent(month.breakage_seen_basis_points),
            style.money_read(it.cost),
            percent(it.cost_share_basis_points),
            percent(in_reach(month)),
        ]
    };
    section(
        format!("By month ({}, {})", program.points_name, program.currency),
        &[
            "Month",
            "Orders",
            "Revenue",
            "Issued",
            "Redeemed",
            "Expired",
            "Clawed back",
            "Outstanding",
            "Liability",
            "Breakage",
            "Cost",
            "of revenue",
            "Can redeem",
        ],
        program.months.iter().map(row).collect(),
    )
}

/// The share of members with a reward in reach.
pub(crate) fn in_reach(month: &Month) -> Option<i64> {
    basis_points(month.members_with_a_reward_in_reach, month.members)
}

/// Members by level; `None` where the program has no levels.
pub(crate) fn levels(program: &Backtest) -> Option<Section> {
    let last = program.months.last().filter(|month| !month.levels.is_empty())?;
    let levels = last.levels.iter().map(|count| count.level.as_str());
    let heads: Vec<&str> = ["Month", "Members"].into_iter().chain(levels).collect();
    let row = |month: &Month| {
        let counts = month.levels.iter().map(|count| grouped(count.members));
        [month.month.clone(), grouped(month.members)].into_iter().chain(counts).collect()
    };
    let rows = program.months.iter().map(row).collect();
    Some(section("Members by level at the end of the month", &heads, rows))
}

/// Who could have a reward, in a sentence.
pub(crate) fn first_reward(program: &Backtest) -> String {
    let first = &program.first_reward;
    let days = |days: Option<i64>| days.map_or("–".to_owned(), grouped);
    format!(
        "{} of {} members ({}) could have a reward; of those a quarter within {} days of \
         joining, half within {}, three quarters within {}.",
        grouped(first.reached),
        grouped(first.members),
        percent(first.reached_basis_points),
        days(first.days_quarter),
        days(first.days_half),
        days(first.days_three_quarters),
    )
}

/// How long the first reward took, by thirty days.
pub(crate) fn days_to_first(program: &Backtest) -> Section {
    let row = |(at, members): (usize, &i64)| vec![days_of_step(at), grouped(*members)];
    let rows = program.first_reward.by_days.iter().enumerate().map(row).collect();
    section("Days from joining to the first reward in reach", &["Days", "Members"], rows)
}

/// The days of one step of thirty.
pub(crate) fn days_of_step(at: usize) -> String {
    format!("{}–{}", at * 30, at * 30 + 29)
}

/// What each rule gave.
pub(crate) fn rules(program: &Backtest) -> Section {
    let style = program.style;
    let rows = program.rules.iter().map(|rule| {
        vec![rule.rule.clone(), style.points_read(rule.points), style.money_read(rule.cost)]
    });
    let title = format!("By rule, less what was clawed back ({})", program.currency);
    section(title, &["Rule", "Points", "Cost"], rows.collect())
}

/// The members that cost most.
pub(crate) fn costliest_members(program: &Backtest) -> Section {
    let style = program.style;
    let rows = program.costliest_members.iter().map(|member| {
        vec![
            member.member.clone(),
            grouped(member.orders),
            style.money_read(member.revenue),
            style.points_read(member.points),
            style.money_read(member.cost),
            percent(member.cost_share_basis_points),
            member.level.clone().unwrap_or_default(),
        ]
    });
    let heads = ["Member", "Orders", "Revenue", "Points", "Cost", "of revenue", "Level"];
    let title = format!("The ten members that cost most ({})", program.currency);
    section(title, &heads, rows.collect())
}

/// The orders that cost most.
pub(crate) fn costliest_orders(program: &Backtest) -> Section {
    let style = program.style;
    let rows = program.costliest_orders.iter().map(|order| {
        vec![
            order.order.clone(),
            order.member.clone(),
            day(order.placed_at),
            style.money_read(order.revenue),
            style.points_read(order.points),
            style.money_read(order.cost),
            percent(order.cost_share_basis_points),
        ]
    });
    let heads = ["Order", "Member", "Placed", "Revenue", "Points", "Cost", "of revenue"];
    let title = format!("The ten orders that cost most ({})", program.currency);
    section(title, &heads, rows.collect())
}

/// Who gains and who loses, in a sentence.
pub(crate) fn compared(this: &Backtest, against: &Against) -> String {
    let together = if against.difference < 0 { "lose" } else { "gain" };
    format!(
        "With {} rather than {}, {} members gain, {} lose and {} have the same; together they \
         {together} {} {}.",
        this.name,
        against.other.name,
        grouped(against.gain),
        grouped(against.lose),
        grouped(against.same),
        this.style.money_read(against.difference.saturating_abs()),
        this.currency,
    )
}

/// The tenths of the members by what they gain.
pub(crate) const TENTHS: [&str; 11] =
    ["least", "10 %", "20 %", "30 %", "40 %", "half", "60 %", "70 %", "80 %", "90 %", "most"];

/// What members gain, by tenths of the members.
pub(crate) fn deciles(this: &Backtest, against: &Against) -> Section {
    let gains = TENTHS.iter().zip(&against.deciles);
    let row = |(name, gain): (&&str, &i64)| vec![(*name).to_owned(), this.style.money_read(*gain)];
    let title = format!("What a member gains, by tenths of the members ({})", this.currency);
    section(title, &["Members up to", "Gain"], gains.map(row).collect())
}

/// The members that gain most and those that lose most.
pub(crate) fn extremes(this: &Backtest, against: &Against) -> Vec<Section> {
    let of = |title: &str, members: &[Difference]| {
        let money = |minor: i64| this.style.money_read(minor);
        let row = |it: &Difference| {
            vec![it.member.clone(), money(it.value), money(it.other), money(it.gain)]
        };
        let heads = ["Member", this.name.as_str(), against.other.name.as_str(), "Gain"];
        section(format!("{title} ({})", this.currency), &heads, members.iter().map(row).collect())
    };
    let both = [
        of("The ten members that gain most", &against.greatest_gains),
        of("The ten members that lose most", &against.greatest_losses),
    ];
    both.into_iter().filter(|section| !section.rows.is_empty()).collect()
}

/// The calendar day in UTC.
fn day(at: Instant) -> String {
    at.to_string().chars().take(10).collect()
}
