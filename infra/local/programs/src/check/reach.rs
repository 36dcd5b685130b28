//! The most that can be earned in a window, where limits bound it.

use domain::{
    points::Points,
    program::{EarnRule, Effect, Formula, LimitPer, Most, Program, Window},
    ratio::{Ratio, RoundingMode},
    time::Period,
};

/// The most points of a currency that a member can earn in a window; none where there is
/// no bound.
pub fn most_in(program: &Program, currency: usize, window: &Window) -> Option<Points> {
    if currency == 0 && !program.goals.is_empty() {
        return None;
    }
    let rules = program.earn.iter().filter_map(|rule| match &rule.effect {
        Effect::Points { currency: of, formula } if *of == currency => Some((rule, formula)),
        _ => None,
    });
    let most = rules.map(|(rule, formula)| most_of(program, rule, formula, window));
    most.collect::<Option<Vec<u64>>>()?
        .into_iter()
        .try_fold(0, u64::checked_add)
        .and_then(Points::new)
}

/// The most that one rule gives in a window.
fn most_of(program: &Program, rule: &EarnRule, formula: &Formula, window: &Window) -> Option<u64> {
    let at_once = match formula {
        Formula::Flat { points, .. } => Ratio::whole(points.units())
            .checked_mul(greatest_factor(program)?)?
            .round(RoundingMode::Ceil),
        _ => None,
    };
    let limits = rule.limits.iter().filter_map(|limit| {
        let each = match limit.most {
            Most::Points(points) => points.units(),
            Most::Times(times) => at_once?.checked_mul(u64::from(times))?,
        };
        each.checked_mul(spans(limit.per, window)?)
    });
    let once = at_once.filter(|_| rule.when.first_order);
    limits.chain(once).min()
}

/// The most that multipliers together make of one point.
fn greatest_factor(program: &Program) -> Option<Ratio> {
    let tiers = program.tiers.iter().flat_map(|tiers| &tiers.levels);
    let level = tiers.map(|level| level.earn_times).max().unwrap_or(Ratio::ONE);
    let times = program.earn.iter().filter_map(|rule| match rule.effect {
        Effect::Times(times) => Some(times),
        _ => None,
    });
    let factors = times.chain([level]).filter(|times| *times > Ratio::ONE);
    factors.into_iter().try_fold(Ratio::ONE, Ratio::checked_mul)
}

/// How many spans of a limit a window touches at most.
fn spans(per: LimitPer, window: &Window) -> Option<u64> {
    let days = match window {
        Window::CalendarYear => 366,
        Window::Rolling(Period::Days(days)) => u64::from(*days),
        Window::Rolling(Period::Months(months)) => u64::from(*months) * 31,
        Window::Lifetime => u64::MAX,
    };
    let year = *window == Window::CalendarYear;
    let of = |whole: u64, length: u64| match (days, year) {
        (u64::MAX, _) => None,
        (_, true) => Some(whole),
        (days, false) => Some(days / length + 2),
    };
    match per {
        LimitPer::Lifetime | LimitPer::Everybody => Some(1),
        LimitPer::Order | LimitPer::Subject | LimitPer::GiverMonth => None,
        LimitPer::Day => (days < u64::MAX).then_some(days),
        LimitPer::Week => of(54, 7),
        LimitPer::Month => of(12, 28),
        LimitPer::Quarter => of(4, 90),
        LimitPer::Year => of(1, 365),
        LimitPer::Days(length) => of(366, 1).map(|days| days / u64::from(length.max(1)) + 1),
    }
}
