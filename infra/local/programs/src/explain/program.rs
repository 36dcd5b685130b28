//! What the program is.

use domain::program::{Origin, Program};

use super::Teller;

pub(super) fn tell(teller: &mut Teller<'_>) {
    // Currencies, bases, rules, groups, goals, levels, rewards and targets have their own
    // sections.
    let Program {
        id,
        version: _,
        in_force_from: _,
        name: _,
        time_zone,
        money,
        other_money,
        origin,
        late_by_at_most,
        guest_orders,
        notices,
        referral: _,
        currencies: _,
        bases: _,
        earn: _,
        groups: _,
        goals: _,
        stacking: _,
        tiers: _,
        rewards: _,
        redenomination: _,
        targets: _,
    } = teller.program();
    teller.note("program.id", format!("its id is {id}"));
    let zone = time_zone.iana_name().unwrap_or("UTC");
    teller.tell("program.time_zone", format!("days begin and end as they do in {zone}"));
    let also: String = other_money.iter().map(|money| format!(" or {money}")).collect();
    teller.note("program.money", format!("orders are paid in {money}{also}; {money} is counted"));
    let late = format!(
        "an order that is told up to {late_by_at_most} late is dated by its own time, a later one \
         {late_by_at_most} back"
    );
    teller.note("program.late_by_at_most", late);
    let before = match guest_orders {
        Some(length) => format!(
            "who joins is given the points of orders that they placed as a guest with the same \
             email address in the {length} before"
        ),
        None => "orders from before somebody joined earn nothing".to_owned(),
    };
    match guest_orders {
        Some(_) => teller.tell("program.guest_orders", before),
        None => teller.note("program.guest_orders", before),
    }
    if !notices.points.is_empty() {
        let lengths: Vec<String> = notices.points.iter().map(ToString::to_string).collect();
        let lengths = crate::words::all_of(&lengths);
        let who = teller.words.who();
        teller.tell("notices.points", format!("{who} are told {lengths} before points end"));
    }
    if let Some(length) = notices.tier {
        let who = teller.words.who();
        let text = format!("{who} are told {length} before a level ends that was not earned again");
        teller.tell("notices.tier", text);
    }
    let Origin { as_of, source } = origin;
    if let Some(as_of) = as_of {
        let as_of = teller.words.day(*as_of);
        teller.note("program.as_of", format!("its numbers are right as of {as_of}"));
    }
    if let Some(source) = source {
        teller.note("program.source", format!("they come from {source}"));
    }
}
