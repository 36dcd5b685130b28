//! The months as comma-separated values: one row a program and month.

use std::fmt::Write;

use crate::{
    backtest::{Backtest, Month},
    report::Report,
};

/// The months of a report. Points and money are decimal numbers without signs of
/// currency or thousands, shares are percent.
pub fn csv(report: &Report) -> String {
    let programs: Vec<&Backtest> = std::iter::once(&report.backtest)
        .chain(report.against.iter().map(|against| &against.other))
        .collect();
    let mut text = String::from(
        "program,month,orders,refunds,redemptions,joined,members,\
         points_issued,points_redeemed,points_expired,points_clawed_back,\
         points_outstanding,points_pending,points_debt,currency,liability,\
         breakage_seen_percent,liability_less_breakage,revenue,paid_with_points,\
         redeemed_cost,cost,cost_share_percent,members_with_a_reward_in_reach",
    );
    let levels = levels(&programs);
    levels.iter().for_each(|level| text.push_str(&format!(",members_{level}")));
    text.push('\n');
    for program in programs {
        for month in &program.months {
            row(&mut text, program, month, &levels);
        }
    }
    text
}

/// The levels of all programs, each once.
fn levels(programs: &[&Backtest]) -> Vec<String> {
    let mut levels: Vec<String> = Vec::new();
    for program in programs {
        for count in program.months.iter().flat_map(|month| &month.levels) {
            if !levels.contains(&count.level) {
                levels.push(count.level.clone());
            }
        }
    }
    levels
}

fn row(text: &mut String, program: &Backtest, month: &Month, levels: &[String]) {
    let style = program.style;
    let percent = |share: Option<i64>| share.map(hundredths).unwrap_or_default();
    let it = &month.in_month;
    let fields = [
        program.program.clone(),
        month.month.clone(),
        it.orders.to_string(),
        it.refunds.to_string(),
        it.redemptions.to_string(),
        it.joined.to_string(),
        month.members.to_string(),
        style.points(it.issued),
        style.points(it.redeemed),
        style.points(it.expired),
        style.points(it.clawed_back),
        style.points(month.outstanding),
        style.points(month.pending),
        style.points(month.debt),
        program.currency.clone(),
        style.money(month.liability),
        percent(month.breakage_seen_basis_points),
        style.money(month.liability_less_breakage),
        style.money(it.revenue),
        style.money(it.paid_with_points),
        style.money(it.redeemed_cost),
        style.money(it.cost),
        percent(it.cost_share_basis_points),
        month.members_with_a_reward_in_reach.to_string(),
    ];
    text.push_str(&fields.join(","));
    for level in levels {
        text.push(',');
        if let Some(count) = month.levels.iter().find(|count| count.level == *level) {
            let _ = write!(text, "{}", count.members);
        }
    }
    text.push('\n');
}

fn hundredths(number: i64) -> String {
    let sign = if number < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", number.unsigned_abs() / 100, number.unsigned_abs() % 100)
}
