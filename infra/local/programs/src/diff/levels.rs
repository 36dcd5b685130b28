//! The levels.

use domain::program::{Level, Measure, Requirement, Tiers};

use super::{Comparing, Kind, Place};
use crate::{
    explain::{requirement_words, validity_words, window_words},
    words::{Words, choices},
};

pub(super) fn compare(comparing: &mut Comparing<'_>) {
    let place = Place { section: "tiers", id: None };
    match (&comparing.a.program.tiers, &comparing.b.program.tiers) {
        (None, None) => {}
        (None, Some(_)) => {
            let after = Some("members have levels".to_owned());
            comparing.add(Kind::Added, place, "", (None, after), None);
        }
        (Some(_), None) => {
            let before = Some("members have no levels any more".to_owned());
            comparing.add(Kind::Removed, place, "", (before, None), None);
        }
        (Some(a), Some(b)) => both(comparing, a, b),
    }
}

fn both(comparing: &mut Comparing<'_>, a: &Tiers, b: &Tiers) {
    let Tiers { measure, window, validity, on_refund, one_step_down, grace, levels } = a;
    let place = Place { section: "tiers", id: None };
    let (wa, wb) = (comparing.a, comparing.b);
    let measured = |words: &Words<'_>, measure: &Measure| match measure {
        Measure::Spend => "spend".to_owned(),
        Measure::Orders => "orders".to_owned(),
        Measure::Points(currency) => words.name(*currency).to_owned(),
    };
    let measures = (measured(&wa, measure), measured(&wb, &b.measure));
    comparing.text(place, "measure", measures, "members reach levels by something else");
    let windows = (window_words(window), window_words(&b.window));
    comparing.text(place, "window", windows, "what members did counts for another time");
    let valid = (validity_words(validity), validity_words(&b.validity));
    comparing.text(place, "valid", valid, "levels that are reached from then on last otherwise");
    let refund = choices::on_refund;
    let refund = (refund(*on_refund).to_owned(), refund(b.on_refund).to_owned());
    comparing.text(place, "on_refund", refund, "refunds act on levels otherwise");
    let down = |one: bool| if one { "one level at most" } else { "to the level earned" }.to_owned();
    let downs = (down(*one_step_down), down(b.one_step_down));
    comparing.text(place, "downgrade", downs, "reviews take members down otherwise");
    let period = |grace: &Option<domain::time::Period>| {
        grace.map_or_else(|| "none".to_owned(), |grace| grace.to_string())
    };
    comparing.text(place, "grace", (period(grace), period(&b.grace)), "");
    comparing.things(
        "level",
        (levels, &b.levels),
        |level| &level.id,
        &|words, level| format!("{}, {}", level.name, requirement_words(words, &level.from)),
        &mut level,
    );
}

fn level(comparing: &mut Comparing<'_>, a: &Level, b: &Level) {
    let Level { id, name, from, earn_times, benefits } = a;
    let place = Place { section: "level", id: Some(id) };
    let (wa, wb) = (comparing.a, comparing.b);
    comparing.text(place, "name", (name.clone(), b.name.clone()), "");
    let effect = match (from, &b.from) {
        (
            Requirement::AtLeast { measure, amount },
            Requirement::AtLeast { measure: now, amount: new },
        ) if measure == now => match new > amount {
            true => "it is harder to reach, and to keep at a review",
            false => "it is easier to reach, and to keep at a review",
        },
        _ => "it is reached otherwise",
    };
    let froms = (requirement_words(&wa, from), requirement_words(&wb, &b.from));
    comparing.text(place, "from", froms, effect);
    let effect = match b.earn_times > *earn_times {
        true => format!("members on {id} earn more on every order"),
        false => format!("members on {id} earn less on every order"),
    };
    let times = (format!("{earn_times} times"), format!("{} times", b.earn_times));
    comparing.text(place, "earn_times", times, &effect);
    let list = |benefits: &[String]| {
        if benefits.is_empty() { "none".to_owned() } else { benefits.join(", ") }
    };
    let effect = format!("members on {id} have other benefits");
    comparing.text(place, "benefits", (list(benefits), list(&b.benefits)), &effect);
}
