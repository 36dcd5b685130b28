//! The simulation deserves belief: it finds each bug that is planted.

use domain::planted::{Bug, plant};

use crate::{
    seeds::first_caught,
    simulation::{Plan, simulate},
};

/// Asserts that a bug is caught within so many seeds of the same simulation that the
/// code without it passes.
fn caught_within(bug: Bug, seeds: u64) {
    plant(Some(bug));
    let caught = first_caught(seeds, |seed| {
        simulate(Plan::of(seed));
    });
    plant(None);
    assert!(caught.is_some(), "{bug:?} was not caught within {seeds} seeds");
    println!("{bug:?} was caught by seed {caught:?}");
}

macro_rules! caught {
    ($($name:ident: $bug:ident within $seeds:literal,)*) => {
        $(#[test]
        fn $name() {
            caught_within(Bug::$bug, $seeds);
        })*
    };
}

caught!(
    an_append_without_its_condition: AppendWithoutCondition within 10,
    a_window_that_ignores_the_floor: FloorIgnored within 10,
    a_search_not_continued_after_a_lost_race: SearchNotContinued within 10,
    a_refusal_from_a_stale_head: StaleRefusal within 30,
    a_marker_after_its_row: MarkerAfterRow within 30,
    a_visit_that_leaves_no_marker: VisitWithoutMarker within 10,
    an_index_without_orders: IndexWithoutOrders within 10,
    a_refund_under_todays_version: RefundUnderToday within 10,
    a_decision_on_an_unsettled_account: NotSettled within 10,
);
