//! The report as tables for a terminal.

use std::fmt::Write;

use crate::{
    against::{Against, Difference},
    backtest::{Backtest, FirstReward},
    numbers::{grouped, percent},
    report::Report,
};

/// The report for a person at a terminal.
pub fn table(report: &Report) -> String {
    let mut text = String::new();
    let _ = writeln!(
        text,
        "{} orders and {} refunds of {} members, {} to {}",
        grouped(count(report.orders)),
        grouped(count(report.refunds)),
        grouped(count(report.members)),
        day(report.from),
        day(report.to),
    );
    let _ = writeln!(text, "{}", report.redemption_sentence);
    program(&mut text, &report.backtest);
    if let Some(against) = &report.against {
        program(&mut text, &against.other);
        compared(&mut text, &report.backtest, against);
    }
    let sentences = report.backtest.assumptions.iter();
    let _ = writeln!(text, "\nAssumed");
    sentences.for_each(|sentence| {
        let _ = writeln!(text, "  {sentence}");
    });
    text
}

fn program(text: &mut String, program: &Backtest) {
    let _ = writeln!(text, "\n{} ({}), months in {}", program.name, program.program, program.time_zone);
    totals(text, program);
    months(text, program);
    levels(text, program);
    first_reward(text, &program.first_reward);
    rules(text, program);
    costliest(text, program);
}

fn totals(text: &mut String, program: &Backtest) {
    let (style, totals) = (program.style, &program.totals);
    let money = |minor| format!("{} {}", style.money_read(minor), program.currency);
    let last = program.months.last();
    let points = |units| format!("{} {}", style.points_read(units), program.points_name);
    let liability = last.map_or(0, |month| month.liability);
    let rows = [
        ("revenue, less refunds", money(totals.revenue)),
        ("issued", points(totals.issued)),
        ("redeemed", format!("{} in {} rewards", points(totals.redeemed), grouped(totals.redemptions))),
        ("expired", points(totals.expired)),
        ("clawed back", points(totals.clawed_back)),
        ("outstanding at the end", points(last.map_or(0, |month| month.outstanding))),
        ("owed at the end", points(last.map_or(0, |month| month.debt))),
        ("liability at the end", money(liability)),
        ("breakage seen", percent(last.and_then(|month| month.breakage_seen_basis_points))),
        ("liability less breakage", money(last.map_or(0, |month| month.liability_less_breakage))),
        ("cost", money(totals.cost)),
        ("cost of the revenue", percent(totals.cost_share_basis_points)),
    ];
    let mut table = Table::new(&["", ""]);
    rows.into_iter().for_each(|(name, value)| table.row([name.to_owned(), value]));
    table.write(text);
}

fn months(text: &mut String, program: &Backtest) {
    let style = program.style;
    let mut table = Table::new(&[
        "month", "orders", "revenue", "issued", "redeemed", "expired", "clawed back",
        "outstanding", "liability", "breakage", "cost", "of revenue", "can redeem",
    ]);
    for month in &program.months {
        let it = &month.in_month;
        table.row([
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
            percent(crate::numbers::basis_points(
                month.members_with_a_reward_in_reach,
                month.members,
            )),
        ]);
    }
    let _ = writeln!(text, "\nBy month ({}, {})", program.points_name, program.currency);
    table.write(text);
}

fn levels(text: &mut String, program: &Backtest) {
    let Some(last) = program.months.last().filter(|month| !month.levels.is_empty()) else {
        return;
    };
    let heads: Vec<&str> = ["month", "members"]
        .into_iter()
        .chain(last.levels.iter().map(|count| count.level.as_str()))
        .collect();
    let mut table = Table::new(&heads);
    for month in &program.months {
        let counts = month.levels.iter().map(|count| grouped(count.members));
        table.row([month.month.clone(), grouped(month.members)].into_iter().chain(counts));
    }
    let _ = writeln!(text, "\nMembers by level at the end of the month");
    table.write(text);
}

fn first_reward(text: &mut String, first: &FirstReward) {
    let days = |days: Option<i64>| days.map_or("–".to_owned(), grouped);
    let _ = writeln!(
        text,
        "\n{} of {} members ({}) could have a reward; a quarter of them within {} days of \
         joining, half within {}, three quarters within {}",
        grouped(first.reached),
        grouped(first.members),
        percent(first.reached_basis_points),
        days(first.days_quarter),
        days(first.days_half),
        days(first.days_three_quarters),
    );
}

fn rules(text: &mut String, program: &Backtest) {
    let style = program.style;
    let mut table = Table::new(&["rule", "points less taken back", "cost"]);
    for rule in &program.rules {
        table.row([
            rule.rule.clone(),
            style.points_read(rule.points),
            style.money_read(rule.cost),
        ]);
    }
    let _ = writeln!(text, "\nBy rule");
    table.write(text);
}

fn costliest(text: &mut String, program: &Backtest) {
    let style = program.style;
    let mut table =
        Table::new(&["member", "orders", "revenue", "points", "cost", "of revenue", "level"]);
    for member in &program.costliest_members {
        table.row([
            member.member.clone(),
            grouped(member.orders),
            style.money_read(member.revenue),
            style.points_read(member.points),
            style.money_read(member.cost),
            percent(member.cost_share_basis_points),
            member.level.clone().unwrap_or_default(),
        ]);
    }
    let _ = writeln!(text, "\nThe members that cost most");
    table.write(text);
    let mut table =
        Table::new(&["order", "member", "placed", "revenue", "points", "cost", "of revenue"]);
    for order in &program.costliest_orders {
        table.row([
            order.order.clone(),
            order.member.clone(),
            day(order.placed_at),
            style.money_read(order.revenue),
            style.points_read(order.points),
            style.money_read(order.cost),
            percent(order.cost_share_basis_points),
        ]);
    }
    let _ = writeln!(text, "\nThe orders that cost most");
    table.write(text);
}

fn compared(text: &mut String, this: &Backtest, against: &Against) {
    let style = this.style;
    let _ = writeln!(
        text,
        "\n{} against {}: {} members gain, {} lose, {} have the same; together {} {}",
        this.name,
        against.other.name,
        grouped(against.gain),
        grouped(against.lose),
        grouped(against.same),
        style.money_read(against.difference),
        this.currency,
    );
    let heads = ["least", "10 %", "20 %", "30 %", "40 %", "half", "60 %", "70 %", "80 %", "90 %", "most"];
    let mut table = Table::new(&heads);
    table.row(against.deciles.iter().map(|gain| style.money_read(*gain)));
    let _ = writeln!(text, "\nWhat members gain, by tenths of the members ({})", this.currency);
    table.write(text);
    for (title, members) in [
        ("Who gains most", &against.greatest_gains),
        ("Who loses most", &against.greatest_losses),
    ] {
        let mut table =
            Table::new(&["member", this.program.as_str(), against.other.program.as_str(), "gain"]);
        for Difference { member, value, other, gain } in members {
            let money = |minor: &i64| style.money_read(*minor);
            table.row([member.clone(), money(value), money(other), money(gain)]);
        }
        let _ = writeln!(text, "\n{title} ({})", this.currency);
        table.write(text);
    }
}

fn count(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The calendar day in UTC.
pub(crate) fn day(at: domain::time::Instant) -> String {
    at.to_string().chars().take(10).collect()
}

/// Columns as wide as they need to be: the first to the left, the others to the right.
struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// Heads that are empty are left out.
    fn new(heads: &[&str]) -> Table {
        let named = heads.iter().any(|head| !head.is_empty());
        let heads = heads.iter().map(|head| (*head).to_owned()).collect();
        Table { rows: if named { vec![heads] } else { Vec::new() } }
    }

    fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    fn write(&self, text: &mut String) {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        for row in &self.rows {
            let mut line = String::from(" ");
            for (at, (cell, width)) in row.iter().zip(&widths).enumerate() {
                let _ = match at {
                    0 => write!(line, " {cell:<width$}"),
                    _ => write!(line, "  {cell:>width$}"),
                };
            }
            let _ = writeln!(text, "{}", line.trim_end());
        }
    }
}
