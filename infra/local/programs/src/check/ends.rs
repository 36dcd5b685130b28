//! Points that end before they can be spent, or before members come again.

use domain::{
    program::{Conditions, Effect, Expiry, Pending},
    time::{Day, Period},
};

use super::{Checking, Code};

pub(super) fn check(checking: &mut Checking<'_>) {
    let points = checking.program.points();
    let always = Conditions::default();
    check_terms(checking, None, (&points.pending, points.expiry), &always);
    for at in 0..checking.program.earn.len() {
        let rule = &checking.program.earn[at];
        let own = rule.pending.is_some() || rule.expiry.is_some();
        if own && matches!(rule.effect, Effect::Points { currency: 0, .. }) {
            let pending = rule.pending.as_ref().unwrap_or(&points.pending);
            let expiry = rule.expiry.unwrap_or(points.expiry);
            check_terms(checking, Some((at, &rule.id)), (pending, expiry), &rule.when);
        }
    }
    too_soon(checking);
}

fn check_terms(
    checking: &mut Checking<'_>,
    rule: Option<(usize, &str)>,
    (pending, expiry): (&Pending, Expiry),
    when: &Conditions,
) {
    let zone = &checking.program.time_zone;
    let today = Day::of(checking.at, zone);
    let first = when.from.map_or(today, |from| Day::of(from, zone));
    let mut find = |code, key: &str, sentence: String| match rule {
        Some((at, id)) => checking.find_of(code, format!("earn[{at}].{key}"), id, sentence),
        None => checking.find(code, format!("points.{key}"), sentence),
    };
    if let Expiry::On(end) = expiry
        && end <= today
    {
        let sentence = format!("gives points that have ended already, on {end}");
        find(Code::ExpiryOver, "expiry.on", sentence);
        return;
    }
    let lives = match expiry {
        Expiry::Inactive { period } => Some(period.after(first)),
        Expiry::After { .. } => Some(expiry.of_lot(first)),
        Expiry::Never | Expiry::Yearly { .. } | Expiry::On(_) => None,
    };
    let why = match (pending, lives, expiry) {
        (Pending::For(wait), Some(end), _) if wait.after(first) >= end => {
            Some(format!("makes points wait for {wait}, by when they have ended"))
        }
        (Pending::Until(until), Some(end), _) if *until >= end => {
            Some(format!("makes points of {first} wait until {until}, by when they have ended"))
        }
        (Pending::UntilStatus { status, cancelled_after: Some(after) }, Some(end), _)
            if after.after(first) >= end =>
        {
            Some(format!("lets points wait {after} for {status}, by when they have ended"))
        }
        (Pending::For(wait), _, Expiry::On(end)) => when.to.and_then(|to| {
            let last = Day::of(to.plus_millis(-1), zone);
            (wait.after(last) >= end)
                .then(|| format!("makes points of {last} wait for {wait}, and they end on {end}"))
        }),
        _ => None,
    };
    if let Some(sentence) = why {
        find(Code::WaitsTooLong, "pending", sentence);
    }
}

/// Points that end before the typical member orders again.
fn too_soon(checking: &mut Checking<'_>) {
    let Some(gap) = checking.habits.and_then(|habits| habits.typical_gap_days()) else { return };
    let points = checking.program.points();
    let by_tier = points.by_tier.iter().flat_map(|by_tier| &by_tier.ends);
    let by_tier =
        by_tier.map(|(level, expiry)| (format!("points.expiry.by_tier.{level}"), *expiry));
    let all = match points.by_tier {
        None => vec![("points.expiry".to_owned(), points.expiry)],
        Some(_) => by_tier.collect(),
    };
    for (path, expiry) in all {
        let Some(lives) = lives_days(expiry) else { continue };
        let kept = points.extended_by.map_or(0, days_of);
        if lives.max(kept) < gap {
            let sentence = format!(
                "points live for {} days, and half of all orders come {gap} days or more after \
                 the one before",
                lives.max(kept)
            );
            checking.find(Code::EndsTooSoon, path, sentence);
        }
    }
}

/// How long points live at least that are earned today and left alone.
pub(super) fn lives_days(expiry: Expiry) -> Option<u32> {
    match expiry {
        Expiry::After { period, .. } | Expiry::Inactive { period } => Some(days_of(period)),
        Expiry::Never | Expiry::Yearly { .. } | Expiry::On(_) => None,
    }
}

/// The days of a length of time, from the first of a month of 31.
pub(super) fn days_of(period: Period) -> u32 {
    let day = Day::from_date(jiff::civil::date(2026, 1, 1));
    u32::from(period.after(day).number() - day.number())
}
