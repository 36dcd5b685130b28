//! A member's life through the API.

use serde_json::json;

use crate::shop::{TestShop, gbp, order};

#[tokio::test(flavor = "multi_thread")]
async fn points_are_earned_wait_are_spent_and_explained() {
    let shop = TestShop::open().await;
    shop.enroll("ada").await;
    let placed = shop.post("orders", order("A", "ada", 8_000)).await;
    assert_eq!((placed.status, placed.number("/moved/earned")), (201, 80), "{placed:?}");
    assert_eq!(placed.number("/balance/pending"), 80);
    let again = shop.post("orders", order("A", "ada", 8_000)).await;
    assert_eq!((again.status, again.body["replayed"].as_bool()), (200, Some(true)));
    assert_eq!(again.body["sequence"], placed.body["sequence"]);

    // The return window passes: nobody booked it, and yet it is so.
    shop.move_clock("2026-06-15T00:00:00+01:00");
    let balance = shop.get("members/ada/balance").await;
    assert_eq!((balance.number("/available"), balance.number("/pending")), (80, 0), "{balance:?}");
    let before = shop.get("members/ada/balance?at=2026-06-14T23:59:59%2B01:00").await;
    assert_eq!((before.number("/available"), before.number("/pending")), (0, 80));

    shop.post("orders", order("B", "ada", 2_000)).await;
    shop.move_clock("2026-07-01T12:00:00Z");
    let spend = json!({ "reward": "money-off", "points": 100, "basket": gbp(2_000) });
    let spent = shop.post_as("members/ada/redemptions", "r-1", spend.clone()).await;
    assert_eq!((spent.status, spent.number("/moved/redeemed")), (201, 100), "{spent:?}");
    let twice = shop.post_as("members/ada/redemptions", "r-1", spend).await;
    assert_eq!((twice.status, twice.body["replayed"].as_bool()), (200, Some(true)));
    assert_eq!(shop.get("members/ada/balance").await.number("/balance"), 0);

    let history = shop.get("members/ada/history?limit=2").await;
    assert_eq!(history.body["history"].as_array().map(Vec::len), Some(2));
    let cursor = history.body["cursor"].as_str().expect("an older page").to_owned();
    let older = shop.get(&format!("members/ada/history?limit=2&cursor={cursor}")).await;
    assert_eq!(older.number("/history/0/sequence"), history.number("/history/1/sequence") - 1);

    let row = shop.get("members/ada/history/2").await;
    assert_eq!(row.body["explanation"], placed.body["explanation"], "recomputed alike");
    let statement = shop.get("members/ada/statement?from=2026-06-01&to=2026-07-31").await;
    assert_eq!((statement.number("/opening"), statement.number("/closing")), (0, 0));
    assert_eq!(statement.number("/moved/earned"), 100);
    let june = shop.get("members/ada/statement?from=2026-06-01&to=2026-06-15").await;
    assert_eq!((june.number("/closing"), june.number("/moved/matured")), (80, 80), "{june:?}");
    let rest = shop.get("members/ada/statement?from=2026-06-16&to=2026-06-30").await;
    assert_eq!((rest.number("/opening"), rest.number("/closing")), (80, 100), "{rest:?}");
    assert_eq!(rest.number("/moved/matured"), 20, "what is booked later counts once");
    let future = shop.get("members/ada/statement?from=2026-07-02&to=2030-01-01").await;
    assert_eq!((future.number("/opening"), future.number("/closing")), (0, 0), "{future:?}");
    assert_eq!(
        shop.get("members/ada/statement?from=2027-01-01&to=2026-01-01").await.code(),
        "SPAN"
    );
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_is_captured_in_part_released_and_ends_by_itself() {
    let shop = TestShop::open().await;
    shop.enroll("bo").await;
    let give = json!({ "member": "bo", "points": 1_000, "reason": "welcome" });
    assert_eq!(shop.post("adjustments", give).await.status, 201);
    let wish = json!({
        "reward": "money-off", "points": 400, "basket": gbp(2_000), "hold_minutes": 30,
    });
    let held = shop.post("members/bo/redemptions", wish.clone()).await;
    assert_eq!((held.number("/balance/held"), held.number("/balance/available")), (400, 600));
    let hold = held.number("/sequence");
    let path = format!("members/bo/redemptions/{hold}");
    let part = shop.post(&format!("{path}/capture"), json!({ "points": 300 })).await;
    assert_eq!(part.number("/moved/redeemed"), 300, "{part:?}");
    assert_eq!((part.number("/balance/held"), part.number("/balance/available")), (0, 700));
    assert_eq!(shop.post(&format!("{path}/capture"), json!({})).await.code(), "HOLD_UNKNOWN");

    let second = shop.post("members/bo/redemptions", wish.clone()).await.number("/sequence");
    let released = shop.post(&format!("members/bo/redemptions/{second}/release"), json!({})).await;
    assert_eq!(released.number("/balance/available"), 700);

    let third = shop.post("members/bo/redemptions", wish).await.number("/sequence");
    shop.move_clock("2026-06-01T09:30:00Z");
    assert_eq!(shop.get("members/bo/balance").await.number("/available"), 700);
    let late = shop.post(&format!("members/bo/redemptions/{third}/capture"), json!({})).await;
    assert_eq!((late.status, late.code()), (409, "HOLD_EXPIRED"), "{late:?}");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redemption_is_undone_once() {
    let shop = TestShop::open().await;
    shop.enroll("bo").await;
    shop.post("adjustments", json!({ "member": "bo", "points": 1_000, "reason": "x" })).await;
    let wish = json!({ "reward": "money-off", "points": 400, "basket": gbp(2_000) });
    let spent = shop.post("members/bo/redemptions", wish).await.number("/sequence");
    let path = format!("members/bo/redemptions/{spent}/undo");
    let dry = shop.post(&format!("{path}?dry_run=true"), json!({})).await;
    assert_eq!((dry.status, dry.number("/balance/available")), (200, 1_000), "{dry:?}");
    let undone = shop.post(&path, json!({})).await;
    assert_eq!((undone.status, undone.number("/balance/available")), (201, 1_000), "{undone:?}");
    assert_eq!(undone.number("/moved/returned"), 400, "{undone:?}");
    let again = shop.post(&path, json!({})).await;
    assert_eq!((again.status, again.body["replayed"].as_bool()), (200, Some(true)), "{again:?}");
    assert_eq!(again.number("/balance/available"), 1_000);
    // What a statement says moved makes the difference between its ends.
    let statement = shop.get("members/bo/statement").await;
    let moved = statement.body["moved"].as_object().expect("what moved").clone();
    let sum = |names: &[&str]| -> i64 {
        names.iter().filter_map(|name| moved.get(*name)?.as_i64()).sum()
    };
    let (came, went) = (sum(&["given", "returned"]), sum(&["redeemed"]));
    assert_eq!((came, went), (1_400, 400), "{statement:?}");
    assert_eq!(statement.number("/closing") - statement.number("/opening"), came - went);
    // Nor has a report seen it spent.
    shop.drain().await;
    let day = shop.get("reports/activity?from=2026-06-01&to=2026-06-01").await;
    let spent = (day.number("/periods/0/redemptions"), day.number("/periods/0/redeemed"));
    assert_eq!(spent, (0, 0), "{day:?}");
    for sequence in ["2", "99"] {
        let none = shop.post(&format!("members/bo/redemptions/{sequence}/undo"), json!({})).await;
        assert_eq!((none.status, none.code()), (404, "REDEMPTION_UNKNOWN"), "{none:?}");
    }
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refunds_wait_net_and_are_cut_to_what_is_left() {
    let shop = TestShop::open().await;
    shop.enroll("cy").await;
    let refund = |id: &str, order: &str, quantity: u32| {
        json!({ "id": id, "order": order, "member": "cy",
                "lines": [{ "line": "1", "quantity": quantity }] })
    };
    let early = shop.post("refunds", refund("R1", "A", 1)).await;
    assert_eq!((early.status, early.body["note"]["code"].as_str()), (201, Some("WAITS_FOR_ORDER")));
    let line = json!({ "quantity": 4, "unit_price": gbp(1_000) });
    let placed = json!({ "id": "A", "member": "cy", "lines": [line] });
    let placed = shop.post("orders", placed).await;
    assert_eq!(placed.number("/balance/pending"), 30, "{placed:?}");
    let more = shop.post("refunds", refund("R2", "A", 9)).await;
    assert_eq!(more.body["note"]["code"], "CLIPPED_TO_WHAT_IS_LEFT", "{more:?}");
    assert_eq!(more.number("/balance/pending"), 0);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_and_a_quote_say_what_an_order_would_earn_and_change_nothing() {
    let shop = TestShop::open().await;
    shop.enroll("di").await;
    let dry = shop.post("orders?dry_run=true", order("A", "di", 5_000)).await;
    assert_eq!((dry.status, dry.number("/moved/earned")), (200, 50), "{dry:?}");
    let basket = json!({ "member": "di", "lines": [{ "unit_price": gbp(5_000) }] });
    let quote = shop.post("quotes", basket).await;
    assert_eq!((quote.status, quote.number("/moved/earned")), (200, 50), "{quote:?}");
    let anybody = json!({ "lines": [{ "unit_price": gbp(5_000) }] });
    assert_eq!(shop.post("quotes", anybody).await.number("/moved/earned"), 50);
    assert_eq!(shop.get("members/di/balance").await.number("/sequence"), 1);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_identity_belongs_to_one_member() {
    let shop = TestShop::open().await;
    let person = |id: &str, email: &str| json!({ "id": id, "identities": { "email": email } });
    assert_eq!(shop.post("members", person("eve", "Eve@Example.org")).await.status, 201);
    let again = shop.post("members", person("eve", "eve@example.org ")).await;
    assert_eq!((again.status, again.body["replayed"].as_bool()), (200, Some(true)), "{again:?}");
    let taken = shop.post("members", person("eva", "eve@example.org")).await;
    assert_eq!((taken.status, taken.code()), (409, "TAKEN"), "{taken:?}");
    assert_eq!(shop.get("members/eva").await.code(), "MEMBER_UNKNOWN");
    assert_eq!(shop.get("members/eve").await.body["since"], "2026-06-01");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_schedule_books_what_is_due_and_the_ledger_is_proved() {
    let shop = TestShop::open().await;
    shop.enroll("flo").await;
    shop.post("orders", order("A", "flo", 3_000)).await;
    shop.move_clock("2027-07-01T01:00:00+01:00");
    let seen = shop.get("members/flo/balance").await;
    assert_eq!((seen.number("/available"), seen.number("/sequence")), (0, 2), "{seen:?}");
    let house = "house".parse().expect("a slug");
    expire::sweep(&shop.stack.app, &house).await.expect("a sweep");
    expire::sweep(&shop.stack.app, &house).await.expect("a second sweep");
    shop.stack.pollers.drain().await.expect("a drained queue");
    let history = shop.get("members/flo/history").await;
    assert_eq!(history.body["history"][0]["kind"], "settled", "{history:?}");
    assert_eq!(history.number("/history/0/moved/expired"), 30);
    assert_eq!(history.number("/history/0/sequence"), 3, "twice swept, once booked");
    let report = local::verify::prove(&shop.stack).await.expect("a readable ledger");
    assert_eq!(report.problems, [], "every chain folds and every roll-up agrees");
    assert_eq!(report.rows, 3);

    let liability = shop.get("reports/liability?at=2026-06-20").await;
    assert_eq!(liability.status, 200, "{liability:?}");
    let csv = shop.get("reports/liability?at=2026-06-20&format=csv").await;
    let csv = csv.body.as_str().expect("text").to_owned();
    assert!(csv.starts_with("ends,available,pending"), "{csv}");
    let activity = shop.get("reports/activity?from=2026-06-01&to=2027-07-31&per=month").await;
    assert_eq!(activity.status, 200, "{activity:?}");
    let csv = shop.get("reports/activity?from=2026-06-01&to=2026-06-02&format=csv").await;
    assert_eq!(csv.body.as_str().map(|csv| csv.lines().count()), Some(3), "{csv:?}");
    assert_eq!(shop.get("reports/activity?from=2027-01-01&to=2026-01-01").await.code(), "SPAN");
    assert_eq!(shop.get("reports/liability?at=June").await.code(), "DAY");
    shop.close().await;
}
