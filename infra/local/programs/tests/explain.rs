//! Programs in plain sentences.

mod common;

use std::collections::BTreeSet;

use common::{gallery, golden, names, program, small};
use domain::definition;
use programs::{Audience, explain::explain};

fn told(text: &str, audience: Audience) -> String {
    explain(&program(text), &definition::stated_keys(text), audience).text(audience)
}

#[test]
fn the_house_program_reads_as_a_leaflet_and_as_a_protocol() {
    for name in ["house", "starbucks_2026", "gap_good_rewards_2021"] {
        let text = gallery(name);
        golden(&format!("{name}.customers.md"), &told(&text, Audience::Customers));
        golden(&format!("{name}.staff.md"), &told(&text, Audience::Staff));
    }
}

#[test]
fn every_program_of_the_gallery_can_be_told() {
    for name in names() {
        let text = gallery(&name);
        for audience in [Audience::Customers, Audience::Staff] {
            let told = told(&text, audience);
            for odd in ["{", "None", "Some(", "  ", " ,", ",,", "..", " ."] {
                assert!(!told.contains(odd), "{name}: {odd:?} in\n{told}");
            }
        }
    }
}

#[test]
fn staff_read_every_default_that_is_in_force() {
    let text = small(
        r#"[[currency]]
id = "stamps"
name = { one = "stamp", other = "stamps" }
[[earn]]
id = "visit"
on = "order"
points = { flat = 5 }
[[earn]]
id = "stamp"
on = "order"
points = 1
currency = "stamps"
[tiers]
measure = "stamps"
levels = [{ id = "guest", from = 0 }]
[[challenge]]
id = "three"
each = "month"
points = 5
step = [{ of = "order", count = 3 }]
[[bonus]]
id = "many"
each = "month"
of = "order"
total = [[5, 50]]
[[reward]]
id = "tote"
kind = "free product"
price = 100
"#,
    );
    let explained = explain(&program(&text), &definition::stated_keys(&text), Audience::Staff);
    let sentences = explained.sections.iter().flat_map(|section| &section.sentences);
    let by_default: BTreeSet<&str> =
        sentences.filter(|it| it.by_default).map(|it| it.path.as_str()).collect();
    let expected = "
        base.discounts base.with base.without_categories base.without_tenders bonus[0].credited
        challenge[0].credited challenge[0].joining challenge[0].repeat currency[0].decimals
        currency[0].rounding.mode currency[0].rounding.scope earn[0].points.on_partial_refund
        earn[1].points.on_partial_refund points.decimals points.expiry points.expiry.round
        points.name points.pending points.refund.clawback
        points.refund.returned_points_live_at_least points.rounding.mode points.rounding.scope
        program.guest_orders program.late_by_at_most reward[0].undone stacking.multipliers tiers.downgrade tiers.grace
        tiers.levels[0].earn_times tiers.on_refund tiers.valid tiers.window";
    assert_eq!(by_default, expected.split_whitespace().collect());
}
