//! Budgets: what rules have given to all members together, one counter a rule.
//!
//! A counter is written in the same transaction as the row that uses it, on the condition
//! that nobody else has written it in between: so a budget is never exceeded, and a row
//! that was not written has used nothing.

#[cfg(feature = "planted")]
use domain::planted::{Bug, is_planted};
use domain::{
    Spent,
    change::Change,
    ids::{MemberId, ProgramId},
    program::{EarnRule, Program},
    row::Row,
    time::Day,
};

use crate::{
    item::{Item, Key, Table, Value},
    tables::{Condition, Consistency, Failure, Put, Tables},
};

const EDITION: &str = "edition";

/// The counters of a program's budgets, as they were read.
#[derive(Clone, Debug, Default)]
pub struct Budgets {
    /// What each has spent.
    pub spent: Vec<Spent>,
    editions: Vec<i128>,
}

/// The counters of everything in any version that all members share and that listens to
/// `activity`, or to orders; and the allowance of who gives something, in the month of a day.
///
/// # Errors
///
/// The tables' [`Failure`].
pub async fn read<'p, T: Tables>(
    tables: &T,
    programs: impl Iterator<Item = &'p Program>,
    activity: Option<&str>,
    given: Option<(&MemberId, Day)>,
) -> Result<Budgets, Failure> {
    let mut budgets = Budgets::default();
    for program in programs {
        let heard = program.earn.iter().filter(|rule| rule.on.hears(activity));
        let allowance = |rule: &EarnRule| given.and_then(|(by, day)| rule.allowance(by, day));
        let allowances = heard.filter_map(allowance);
        for rule in program.budgets(activity).into_iter().chain(allowances) {
            if budgets.spent.iter().any(|known| known.rule == rule) {
                continue;
            }
            let key = Key { partition: partition(&program.id), sort: Value::S(rule.clone()) };
            let item = tables.get(Table::Registry, &key, Consistency::Strong).await?;
            let number = |name: &str| item.as_ref().and_then(|item| item.get_number(name));
            let count = |name: &str| number(name).and_then(|it| u64::try_from(it).ok());
            budgets.spent.push(Spent {
                rule,
                points: count("points").unwrap_or(0),
                times: count("times").unwrap_or(0),
            });
            budgets.editions.push(number(EDITION).unwrap_or(0));
        }
    }
    Ok(budgets)
}

impl Budgets {
    /// The puts that a row needs beside it: a counter for each budget that it used.
    pub fn puts(&self, row: &Row) -> Vec<Put> {
        let used = |wanted: &str| {
            let of_rule = row.changes.iter().filter_map(move |change| match change {
                Change::BudgetUsed { rule, points, times } if rule == wanted => {
                    Some((*points, *times))
                }
                _ => None,
            });
            of_rule.fold((0_i64, 0_i64), |sum, used| (sum.0 + used.0, sum.1 + used.1))
        };
        let counters = self.spent.iter().zip(&self.editions);
        let changed = counters.filter_map(|(spent, edition)| {
            let (points, times) = used(&spent.rule);
            let touched = (points, times) != (0, 0);
            touched.then(|| {
                let item = Item::default()
                    .text("key", partition(&row.chain.program))
                    .text("sort", &spent.rule)
                    .number("points", spent.points.saturating_add_signed(points))
                    .number("times", spent.times.saturating_add_signed(times))
                    .with(EDITION, Value::N(edition + 1));
                let condition = Condition::Grows(EDITION);
                #[cfg(feature = "planted")]
                let condition = match is_planted(Bug::BudgetWithoutCondition) {
                    true => Condition::Any,
                    false => condition,
                };
                Put { table: Table::Registry, item, condition }
            })
        });
        changed.collect()
    }
}

fn partition(program: &ProgramId) -> String {
    format!("budget#{program}")
}
