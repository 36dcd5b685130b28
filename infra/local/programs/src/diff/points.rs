//! What points are, how long they wait, when they end, and what refunds do to them.

use std::cmp::Ordering;

use domain::program::{ExpiryByTier, PointsCurrency};

use super::{Comparing, Place, better};
use crate::{
    explain::{debt_words, ends, waits},
    words::{Words, choices},
};

pub(super) fn compare(comparing: &mut Comparing<'_>) {
    spendable(comparing);
    let (a, b) = (&comparing.a.program.currencies, &comparing.b.program.currencies);
    comparing.things(
        "currency",
        (&a[1..], &b[1..]),
        |currency| &currency.id,
        &|_, currency| format!("{} that only count", currency.other),
        &mut |comparing, a, b| {
            let place = Place { section: "currency", id: Some(&a.id) };
            common(comparing, place, a, b);
        },
    );
}

fn spendable(comparing: &mut Comparing<'_>) {
    let place = Place { section: "points", id: None };
    let (a, b) = (comparing.a.program.points(), comparing.b.program.points());
    common(comparing, place, a, b);
    let PointsCurrency {
        id: _,
        one: _,
        other: _,
        decimals: _,
        cost,
        pending,
        expiry,
        rounding: _,
        debt,
        returned_live_at_least,
        kept_alive_by,
        extended_by,
        reinstated_within,
        by_tier,
    } = a;
    let (wa, wb) = (comparing.a, comparing.b);
    let costs = (wa.cost(*cost), wb.cost(b.cost));
    comparing.text(place, "cost", costs, "what is outstanding is valued otherwise in reports");
    let wait = match better::waits(pending, &b.pending) {
        Some(Ordering::Greater) => "everybody waits longer for points of new orders",
        Some(Ordering::Less) => "everybody can spend points of new orders sooner",
        _ => "points of new orders wait otherwise",
    };
    let waiting = (waits(&wa, pending), waits(&wb, &b.pending));
    comparing.text(place, "pending", waiting, wait);
    let end = match better::expiries(*expiry, b.expiry) {
        Some(Ordering::Greater) => "points of new orders live longer",
        Some(Ordering::Less) => "points of new orders end sooner",
        _ => "points end otherwise",
    };
    let ending = (ends(&wa, expiry), ends(&wb, &b.expiry));
    if by_tier.is_none() || b.by_tier.is_none() {
        comparing.text(place, "expiry", ending, end);
    }
    let levels = |words: &Words<'_>, by_tier: &Option<ExpiryByTier>| match by_tier {
        None => "the same on every level".to_owned(),
        Some(ExpiryByTier { ends: by_level, on_downgrade }) => {
            let level = |(level, expiry): &(String, _)| format!("{level} {}", ends(words, expiry));
            let levels: Vec<String> = by_level.iter().map(level).collect();
            let then = choices::on_downgrade(*on_downgrade);
            format!("{}; on a downgrade {then}", levels.join(", "))
        }
    };
    let by_level = (levels(&wa, by_tier), levels(&wb, &b.by_tier));
    comparing.text(place, "expiry.by_tier", by_level, "points end otherwise on some levels");
    let debts = (debt_words(&wa, debt), debt_words(&wb, &b.debt));
    comparing.text(place, "refund.clawback", debts, "refunds take points back otherwise");
    let key = "refund.returned_points_live_at_least";
    let lives = (returned_live_at_least.to_string(), b.returned_live_at_least.to_string());
    comparing.text(place, key, lives, "");
    let alive = (kept_alive_by.join(", "), b.kept_alive_by.join(", "));
    comparing.text(place, "expiry.kept_alive_by", alive, "other things count as being active");
    let period = |period: Option<domain::time::Period>| {
        period.map_or_else(|| "not at all".to_owned(), |period| period.to_string())
    };
    let by = (period(*extended_by), period(b.extended_by));
    comparing.text(place, "expiry.by", by, "activity keeps points alive otherwise");
    let within = (period(*reinstated_within), period(b.reinstated_within));
    comparing.text(place, "expiry.reinstated_within", within, "");
}

/// What all currencies have.
fn common(comparing: &mut Comparing<'_>, place: Place<'_>, a: &PointsCurrency, b: &PointsCurrency) {
    let names = |of: &PointsCurrency| format!("{}, {}", of.one, of.other);
    comparing.text(place, "name", (names(a), names(b)), "");
    let decimals = (a.decimals.to_string(), b.decimals.to_string());
    comparing.text(place, "decimals", decimals, "");
    let effect = "fractions of points of new orders are rounded otherwise";
    comparing.text(
        place,
        "rounding",
        (choices::rounding(a.rounding), choices::rounding(b.rounding)),
        effect,
    );
}
