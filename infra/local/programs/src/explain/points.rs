//! What points are.

use domain::{
    program::{PointsCurrency, Rounding, RoundingScope},
    ratio::RoundingMode,
};

use super::{Teller, waiting};

pub(super) fn tell(teller: &mut Teller<'_>) {
    spendable(teller);
    for at in 1..teller.program().currencies.len() {
        qualifying(teller, at);
    }
}

fn spendable(teller: &mut Teller<'_>) {
    // When they end, and what refunds do, is told in sections of their own.
    let PointsCurrency {
        id: _,
        one,
        other,
        decimals,
        cost,
        pending,
        expiry: _,
        rounding,
        debt: _,
        returned_live_at_least: _,
        kept_alive_by: _,
        extended_by: _,
        reinstated_within: _,
        by_tier: _,
    } = teller.program().points();
    match teller.is_for_staff() {
        true => teller.tell("points.name", format!("one is called {one}, several {other}")),
        false => teller.tell("points.name", format!("you collect {other}")),
    }
    if teller.is_for_staff() || *decimals > 0 {
        teller.tell("points.decimals", kept_decimals(other, *decimals));
    }
    teller.note("points.cost", format!("one {one} is valued at {}", teller.words.cost(*cost)));
    let waits = waiting::waits(&teller.words, pending);
    teller.tell("points.pending", format!("{} can spend them {waits}", teller.words.who()));
    told_rounding(teller, "points", *rounding);
    let factor = teller.program().redenomination;
    if factor != 1 {
        let before = format!("each of them from before is worth {factor} now");
        teller.tell("points.redenominated", before);
    }
}

fn qualifying(teller: &mut Teller<'_>, at: usize) {
    let PointsCurrency { id, other, decimals, rounding, .. } = &teller.program().currencies[at];
    let path = format!("currency[{}]", at - 1);
    let text = format!("{other} count towards a level and cannot be spent");
    teller.tell_of(&path, id, text);
    teller.note(format!("{path}.decimals"), kept_decimals(other, *decimals));
    told_rounding(teller, &path, *rounding);
}

fn kept_decimals(name: &str, decimals: u8) -> String {
    match decimals {
        0 => format!("{name} are whole numbers"),
        1 => format!("{name} are kept to one decimal"),
        decimals => format!("{name} are kept to {decimals} decimals"),
    }
}

fn told_rounding(teller: &mut Teller<'_>, path: &str, rounding: Rounding) {
    let Rounding { mode, scope } = rounding;
    let mode = match mode {
        RoundingMode::Floor => "rounded down",
        RoundingMode::Ceil => "rounded up",
        RoundingMode::HalfUp => "rounded to the nearest, halves up",
        RoundingMode::HalfEven => "rounded to the nearest, halves to the even one",
    };
    let scope = match scope {
        RoundingScope::Order => "once for the whole order",
        RoundingScope::Line => "for each line of an order",
    };
    if teller.is_for_staff() {
        teller.note(format!("{path}.rounding.mode"), format!("what is finer is {mode}"));
        teller.note(format!("{path}.rounding.scope"), format!("it is rounded {scope}"));
    } else if path == "points" {
        teller.tell("points.rounding", format!("what is finer is {mode}, {scope}"));
    }
}
