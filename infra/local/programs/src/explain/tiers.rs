//! The levels.

use domain::program::{Level, Measure, OnRefund, Requirement, Tiers, Validity, Window};
use domain::{points::Points, ratio::Ratio};

use super::Teller;
use crate::words::{Words, all_of, any_of, spoken};

pub(super) fn tell(teller: &mut Teller<'_>) {
    let Some(tiers) = &teller.program().tiers else { return };
    let Tiers { measure, window, validity, on_refund, one_step_down, grace, levels } = tiers;
    let words = teller.words;
    let measure = match measure {
        Measure::Spend => "what was spent".to_owned(),
        Measure::Orders => "how many orders there were".to_owned(),
        Measure::Points(currency) => format!("the {} earned", words.name(*currency)),
    };
    let window = window_words(window);
    match teller.is_for_staff() {
        true => {
            teller.note("tiers.measure", format!("levels go by {measure}"));
            teller.note("tiers.window", format!("that is counted {window}"));
        }
        false => teller.tell("tiers.measure", format!("levels go by {measure} {window}")),
    }
    for (at, level) in levels.iter().enumerate() {
        told_level(teller, at, level);
    }
    teller.tell("tiers.valid", format!("a level lasts {}", validity_words(validity)));
    let on_refund = match on_refund {
        OnRefund::Keep => "takes no level away",
        OnRefund::Recompute => "takes away at once a level that it no longer supports",
        OnRefund::AtReview => "takes no level away before the next review",
    };
    teller.note("tiers.on_refund", format!("a refund {on_refund}"));
    let down = if *one_step_down { "one level at most" } else { "to the level earned" };
    teller.note("tiers.downgrade", format!("a review takes a member down {down}"));
    match grace {
        Some(grace) => teller.tell("tiers.grace", format!("it lives on for {grace} after that")),
        None => teller.note("tiers.grace", "it ends when it ends, without a grace"),
    }
}

fn told_level(teller: &mut Teller<'_>, at: usize, level: &Level) {
    let Level { id, name, from, earn_times, benefits } = level;
    let words = teller.words;
    let path = format!("tiers.levels[{at}]");
    let from = requirement_words(&words, from);
    teller.tell_of(path.clone(), id, format!("{name}: {from}"));
    let who = words.who();
    let orders = match *earn_times == Ratio::ONE {
        true => format!("on it {who} earn what the rules say"),
        false => format!("on it {who} earn {earn_times} times as much on orders"),
    };
    if *earn_times != Ratio::ONE || teller.is_for_staff() {
        let text = format!("{name}: {orders}");
        teller.tell_of(format!("{path}.earn_times"), id, text);
    }
    if !benefits.is_empty() {
        let benefits: Vec<String> = benefits.iter().map(|it| spoken(it)).collect();
        let text = format!("{name}: it comes with {}", all_of(&benefits));
        teller.tell_of(format!("{path}.benefits"), id, text);
    }
}

/// `in the calendar year`.
pub(crate) fn window_words(window: &Window) -> String {
    match window {
        Window::CalendarYear => "in the calendar year".to_owned(),
        Window::Rolling(period) => format!("in the last {period}"),
        Window::Lifetime => "at any time".to_owned(),
    }
}

/// `the rest of the year and all of the next`.
pub(crate) fn validity_words(validity: &Validity) -> String {
    match validity {
        Validity::NextYear { extra_months: 0 } => {
            "for the rest of the year and all of the next".to_owned()
        }
        Validity::NextYear { extra_months } => {
            let months = domain::time::Period::Months(*extra_months);
            format!("for the rest of the year, all of the next and {months} more")
        }
        Validity::For(period) => format!("for {period}"),
        Validity::Lifetime => "for ever".to_owned(),
    }
}

/// What must be reached.
pub(crate) fn requirement_words(words: &Words<'_>, requirement: &Requirement) -> String {
    let parts = |parts: &[Requirement]| {
        parts.iter().map(|part| requirement_words(words, part)).collect::<Vec<_>>()
    };
    match requirement {
        Requirement::Nothing => "for everybody".to_owned(),
        Requirement::AtLeast { measure: Measure::Spend, amount } => {
            format!("from {} spent", words.money(*amount))
        }
        Requirement::AtLeast { measure: Measure::Orders, amount } => match amount {
            1 => "from one order".to_owned(),
            amount => format!("from {amount} orders"),
        },
        Requirement::AtLeast { measure: Measure::Points(currency), amount } => {
            let points = Points::new(amount.unsigned_abs()).unwrap_or(Points::MAX);
            format!("from {} earned", words.points(*currency, points))
        }
        Requirement::Label(label) => format!("for members marked as {}", spoken(label)),
        Requirement::NoLabel(label) => format!("not for members marked as {}", spoken(label)),
        Requirement::Grant => "given by the shop".to_owned(),
        Requirement::All(all) => all_of(&parts(all)),
        Requirement::Any(any) if any.iter().any(|part| matches!(part, Requirement::All(_))) => {
            parts(any).join("; or ")
        }
        Requirement::Any(any) => any_of(&parts(any)),
    }
}
