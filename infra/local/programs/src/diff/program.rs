//! What the program is, which part of an order counts, and what the shop wants of it.

use domain::program::{Base, Origin, Program, Referrals};

use super::{Comparing, Place};
use crate::{
    explain::{base_words, referral_words, target_words},
    words::Words,
};

pub(super) fn compare(comparing: &mut Comparing<'_>) {
    // What is left out here has a file of its own, or says nothing about members.
    let Program {
        id: _,
        version: _,
        in_force_from: _,
        name,
        time_zone,
        money,
        other_money,
        origin: Origin { as_of: _, source: _ },
        late_by_at_most,
        guest_orders,
        notices,
        referral,
        currencies: _,
        bases,
        earn: _,
        groups: _,
        goals: _,
        stacking: _,
        tiers: _,
        rewards: _,
        redenomination,
        targets: _,
    } = comparing.a.program;
    let b = comparing.b.program;
    let place = Place { section: "program", id: None };
    let names = (name.clone(), b.name.clone());
    comparing.text(place, "name", names, "");
    let zone = |zone: &jiff::tz::TimeZone| zone.iana_name().unwrap_or("UTC").to_owned();
    let zones = (zone(time_zone), zone(&b.time_zone));
    comparing.text(place, "time_zone", zones, "days begin and end at other times for everybody");
    let all = |money: &domain::money::Currency, others: &[domain::money::Currency]| {
        let codes: Vec<String> =
            std::iter::once(money).chain(others).map(ToString::to_string).collect();
        codes.join(", ")
    };
    let moneys = (all(money, other_money), all(&b.money, &b.other_money));
    let effect = "orders in other money are refused";
    comparing.text(place, "money", moneys, effect);
    let late = (late_by_at_most.to_string(), b.late_by_at_most.to_string());
    comparing.text(place, "late_by_at_most", late, "orders that are told late are dated otherwise");
    let guests = |length: &Option<domain::time::Period>| {
        length.map_or_else(|| "none".to_owned(), |length| length.to_string())
    };
    let told = |notices: &domain::program::Notices| {
        let lengths = notices.points.iter().chain(&notices.tier).map(ToString::to_string);
        let lengths: Vec<String> = lengths.collect();
        if lengths.is_empty() { "none".to_owned() } else { lengths.join(", ") }
    };
    let place_of_notices = Place { section: "notices", id: None };
    let effect = "members are told of what will happen at other times";
    comparing.text(place_of_notices, "", (told(notices), told(&b.notices)), effect);
    let friends = |words: &Words<'_>, referral: &Option<Referrals>| {
        referral.as_ref().map_or_else(|| "nothing".to_owned(), |it| referral_words(words, it))
    };
    let terms = (friends(&comparing.a, referral), friends(&comparing.b, &b.referral));
    let place_of_friends = Place { section: "referral", id: None };
    comparing.text(place_of_friends, "", terms, "members bring friends on other terms");
    let effect = "other orders from before somebody joined count for them";
    comparing.text(place, "guest_orders", (guests(guest_orders), guests(&b.guest_orders)), effect);
    let factor = |factor: u32| factor.to_string();
    let place = Place { section: "points", id: None };
    let was = if *redenomination == b.redenomination { factor(*redenomination) } else { factor(1) };
    let effect = format!("each point that members have becomes {}", b.redenomination);
    if b.redenomination != 1 {
        comparing.text(place, "redenominated", (was, factor(b.redenomination)), &effect);
    }
    let base = |bases: &[Base]| bases.first().map_or_else(String::new, base_words);
    let texts = (base(bases), base(&b.bases));
    let place = Place { section: "base", id: None };
    comparing.text(place, "", texts, "every order may earn, and count as spend, otherwise");
    let wanted = target_words(comparing.a.program).into_iter().zip(target_words(b));
    for ((key, before), (_, after)) in wanted {
        let place = Place { section: "targets", id: None };
        let nothing = || "nothing is wanted".to_owned();
        let texts = (before.unwrap_or_else(nothing), after.unwrap_or_else(nothing));
        comparing.text(place, key, texts, "members see no difference");
    }
}
