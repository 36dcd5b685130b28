//! What the ledger adds up to, against what was rolled up as its rows came.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    ids::ProgramId,
    rollup::{DayRollup, Sums},
    time::Day,
};

use super::{Problem, Report};
use crate::{
    rollups::{Counted, read_buckets, read_days, read_parked},
    tables::{Failure, Tables},
};

/// Names every recorded day whose roll-up is another than the rows' sum.
pub(super) async fn days<T: Tables>(
    tables: &T,
    program: &ProgramId,
    counted: &Counted,
    report: &mut Report,
) -> Result<(), Failure> {
    let kept = read_days(tables, program, None, Day::NEVER).await?;
    let kept: BTreeMap<Day, DayRollup> = kept.into_iter().collect();
    let empty = DayRollup::default();
    let days: BTreeSet<Day> = kept.keys().chain(counted.days.keys()).copied().collect();
    for day in days {
        let rolled_up = kept.get(&day).unwrap_or(&empty);
        let found = counted.days.get(&day).unwrap_or(&empty);
        if let Some((figure, rolled_up, found)) = first_difference(rolled_up, found) {
            let program = program.clone();
            report.problem(Problem::Day { program, day, figure, rolled_up, found });
        }
    }
    Ok(())
}

fn first_difference(a: &DayRollup, b: &DayRollup) -> Option<(String, i64, i64)> {
    let pending = |(on, end): &(Day, Day)| format!("pending from {on} to {end}");
    differs(&a.figures, &b.figures, |figure| format!("{figure:?}"))
        .or_else(|| differs(&a.available, &b.available, |end| format!("available to {end}")))
        .or_else(|| differs(&a.pending, &b.pending, pending))
        .or_else(|| differs(&a.tiers, &b.tiers, |level| format!("members of level {level}")))
}

fn differs<K: Ord + Clone>(
    a: &Sums<K>,
    b: &Sums<K>,
    name: impl Fn(&K) -> String,
) -> Option<(String, i64, i64)> {
    let keys: BTreeSet<&K> = a.iter().chain(b.iter()).map(|(key, _)| key).collect();
    let sums = |key: &K| (name(key), a.get(key), b.get(key));
    keys.into_iter().map(sums).find(|(_, a, b)| a != b)
}

/// Names every member bucket that lost or gained something.
pub(super) async fn buckets<T: Tables>(
    tables: &T,
    program: &ProgramId,
    counted: &Counted,
    report: &mut Report,
) -> Result<(), Failure> {
    let kept = read_buckets(tables, program).await?;
    let pairs = kept.buckets().iter().zip(counted.buckets.buckets()).enumerate();
    for (bucket, (&rolled_up, &found)) in pairs {
        if rolled_up != found {
            let program = program.clone();
            report.problem(Problem::Bucket { program, bucket, rolled_up, found });
        }
    }
    Ok(())
}

/// Names every row that waits to be rolled up.
pub(super) async fn parked<T: Tables>(tables: &T, report: &mut Report) -> Result<(), Failure> {
    for (row, parked) in read_parked(tables).await? {
        report.problem(Problem::Parked { row, why: parked.why });
    }
    Ok(())
}
