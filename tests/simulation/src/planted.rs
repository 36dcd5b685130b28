//! The simulation deserves belief: it finds each bug that is planted.

use std::panic::RefUnwindSafe;

use domain::planted::{Bug, plant};

use crate::{
    arrivals::{self, arrive},
    budgets,
    referrals::{self, befriend},
    rollups,
    seeds::first_caught,
    simulation::{Plan, simulate},
};

/// Asserts that a bug is caught within so many seeds of the same simulation that the
/// code without it passes.
fn caught_within(bug: Bug, seeds: u64, check: impl Fn(u64) + RefUnwindSafe) {
    plant(Some(bug));
    let caught = first_caught(seeds, check);
    plant(None);
    assert!(caught.is_some(), "{bug:?} was not caught within {seeds} seeds");
    println!("{bug:?} was caught by seed {caught:?}");
}

/// Facts that come to one member at once.
fn of_members(seed: u64) {
    simulate(Plan::of(seed));
}

/// Rows that follow from others', and what is told of them.
fn of_friends(seed: u64) {
    befriend(referrals::Plan::of(seed));
}

/// Facts that come by the queue and have to find whose they are.
fn of_the_queue(seed: u64) {
    arrive(arrivals::Plan::of(seed));
}

macro_rules! caught {
    ($($name:ident: $bug:ident by $check:path, within $seeds:literal,)*) => {
        $(#[test]
        fn $name() {
            caught_within(Bug::$bug, $seeds, $check);
        })*

        #[test]
        fn every_bug_that_can_be_planted_is() {
            for bug in Bug::ALL {
                let planted = [$(Bug::$bug,)*].contains(&bug);
                assert!(planted, "nobody looks for {bug:?}");
            }
        }
    };
}

caught!(
    an_append_without_its_condition: AppendWithoutCondition by of_members, within 10,
    a_window_that_ignores_the_floor: FloorIgnored by of_members, within 10,
    a_search_not_continued_after_a_lost_race: SearchNotContinued by of_members, within 10,
    a_refusal_from_a_stale_head: StaleRefusal by of_members, within 30,
    a_marker_after_its_row: MarkerAfterRow by of_members, within 30,
    a_visit_that_leaves_no_marker: VisitWithoutMarker by of_members, within 10,
    an_index_without_orders: IndexWithoutOrders by of_members, within 10,
    a_refund_under_todays_version: RefundUnderToday by of_members, within 10,
    a_decision_on_an_unsettled_account: NotSettled by of_members, within 10,
    a_queued_fact_that_is_not_looked_for: QueuedNotSearched by of_the_queue, within 10,
    a_route_that_is_overwritten: RouteOverwritten by of_the_queue, within 90,
    a_refund_that_does_not_wait_for_its_order: RefundNotKept by of_the_queue, within 10,
    a_takeover_before_the_guests_chain_ends: TakeoverBeforeTheEnd by of_the_queue, within 120,
    a_claim_under_another_key: ClaimRenamed by of_the_queue, within 10,
    a_guest_whom_nobody_asks_for: GuestNotAskedFor by of_the_queue, within 60,
    an_enrolment_that_is_half_done: EnrolmentHalfDone by of_the_queue, within 120,
    a_loss_that_nobody_is_told_of: LossNotTold by of_friends, within 10,
    a_budget_without_its_condition: BudgetWithoutCondition by budgets::never_exceeded, within 10,
    a_checkpoint_apart_from_the_sums: CheckpointApart by rollups::drained, within 10,
);
