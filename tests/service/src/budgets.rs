//! What requests cost: request units, counted from item sizes by DynamoDB's rules.

use serde_json::{Value, json};
use store::meter::Units;

use crate::shop::{TestShop, gbp, order};

/// What a request costs, after a first one has filled the caches of programs and keys.
/// The roll-ups of the rows before are waited for, so that only the request is counted.
async fn cost(shop: &TestShop, path: &str, request: &str, body: Value) -> (u64, u64) {
    shop.stack.pollers.drain().await.expect("a drained stream");
    let mut paused = shop.stack.pollers.pause().await;
    let before = shop.stack.app.tables().units();
    let answer = shop.post_as(path, request, body).await;
    assert!(answer.status < 300, "{answer:?}");
    // What it put on a queue belongs to it.
    paused.drain_queue().await.expect("drained queues");
    let Units { read_halves, writes } = shop.stack.app.tables().units().since(before);
    drop(paused);
    (read_halves, writes)
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_cost_what_the_budgets_say() {
    let shop = TestShop::open().await;
    shop.enroll("ada").await;
    let lines: Vec<Value> = (0..20)
        .map(|n| json!({ "product": format!("p-{n}"), "quantity": 2, "unit_price": gbp(995) }))
        .collect();
    let big = |id: &str| json!({ "id": id, "member": "ada", "lines": lines });
    // The first order makes the account due earlier than never: one marker.
    assert_eq!(cost(&shop, "orders", "-", big("A")).await, (1, 2), "an order and its marker");
    assert_eq!(cost(&shop, "orders", "-", big("B")).await, (1, 1), "an order of 20 lines");
    let refund = json!({ "id": "R", "order": "A", "member": "ada",
                         "lines": [{ "line": "3", "quantity": 1 }] });
    assert_eq!(cost(&shop, "refunds", "-", refund).await, (2, 1), "a refund of a recent order");
    let (reads, writes) = cost(&shop, "orders", "-", big("A")).await;
    assert!(reads <= 3 && writes == 0, "a duplicate: {reads} half reads, {writes} writes");
    let gift = json!({ "member": "ada", "points": 2_000, "reason": "gift" });
    shop.post("adjustments", gift).await;
    let spend = json!({ "reward": "money-off", "points": 500, "basket": gbp(5_000) });
    assert_eq!(cost(&shop, "members/ada/redemptions", "s", spend).await, (2, 1), "a redemption");
    let hold = json!({ "reward": "tote-bag", "hold_minutes": 30 });
    let (reads, writes) = cost(&shop, "members/ada/redemptions", "h", hold).await;
    assert_eq!((reads, writes), (2, 2), "a hold, whose deadline makes the account due earlier");
    let sequence = shop.get("members/ada/balance").await.number("/sequence");
    let capture = format!("members/ada/redemptions/{sequence}/capture");
    assert_eq!(cost(&shop, &capture, "c", json!({})).await, (2, 1), "its capture");
    let small = order("C", "ada", 1_000);
    assert_eq!(cost(&shop, "orders", "-", small).await, (1, 1), "a small order");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn activities_cost_what_the_budgets_say() {
    let shop = TestShop::open_club().await;
    shop.enroll("ada").await;
    let log_in = |id: &str| json!({ "id": id, "member": "ada", "kind": "log_in" });
    let review = |id: &str, product: &str| json!({ "id": id, "member": "ada", "kind": "review", "subject": product });
    let of = async |body: Value| cost(&shop, "activities", "-", body).await;
    // The first points make the account due earlier than never: one marker. The key is
    // read once.
    of(log_in("first")).await;
    assert_eq!(of(log_in("l-1")).await, (1, 1), "an activity: half a read and a write");
    let (reads, writes) = of(log_in("l-1")).await;
    assert!(reads <= 3 && writes == 0, "a duplicate: {reads} half reads, {writes} writes");
    let unknown = json!({ "id": "l", "member": "ghost", "kind": "log_in" });
    assert_eq!(of(unknown).await, (3, 1), "a rejection: one more look, and the rejection");
    let list: Value = (0..10).map(|n| log_in(&format!("m-{n}"))).collect();
    assert_eq!(of(list).await, (1, 10), "ten of one member in one batch: it is read once");

    // What is limited for each thing: while the chain is short, its last rows know all.
    assert_eq!(of(review("r-1", "kettle")).await, (1, 1), "a first review of a product");
    of(log_in("l-2")).await;
    assert_eq!(of(review("r-2", "kettle")).await, (2, 1), "a second: its row is read");
    // Later the whole chain is searched by its indexes. Its own time proves the activity
    // new without a search.
    let rest: Value = (0..80).map(|n| log_in(&format!("n-{n}"))).collect();
    shop.post("activities", rest).await;
    shop.drain().await;
    let head = shop.get("members/ada/balance").await.number("/sequence");
    assert!((64..128).contains(&head), "one index, {head} rows");
    shop.move_clock("2026-06-01T12:00:00Z");
    let done = |mut activity: Value| {
        activity["done_at"] = "2026-06-01T12:00:00Z".into();
        activity
    };
    assert_eq!(of(done(log_in("o"))).await, (1, 1), "what is not limited is not searched");
    // Half a unit for the rows that lead to the first index, and for each index.
    assert_eq!(of(done(review("r-3", "grinder"))).await, (3, 1), "a first, after 64 rows");
    // What an index names is read consistently: a unit.
    assert_eq!(of(done(review("r-4", "kettle"))).await, (5, 1), "a second, after 64 rows");
    assert_eq!(of(done(log_in("p"))).await, (1, 1));
    assert_eq!(of(done(review("r-5", "kettle"))).await, (2, 1), "a third, soon after");
    shop.close().await;
}
