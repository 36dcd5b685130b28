//! One member with many facts in one batch: what that costs, by our own meter.

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use serde_json::json;

use crate::shop::TestShop;

const FACTS: u64 = 100;

/// A batch of log-ins of one member, the first with this number.
fn batch(shop: &TestShop, first: u64) -> SqsEvent {
    let now = shop.stack.app.clock().now();
    let mut event = SqsEvent::default();
    for number in first..first + FACTS {
        let fact = json!({ "kind": "activity", "id": format!("l-{number}"), "activity": "log_in",
                           "withdrawn": false });
        let body = json!({ "v": 1, "program": "club", "member": "ada", "source": "shop",
                           "has_key_times": false, "actor": "local:shop", "accepted_at": now,
                           "fact": fact });
        let mut message = SqsMessage::default();
        message.message_id = Some(format!("message-{number}"));
        message.body = Some(body.to_string());
        event.records.push(message);
    }
    event
}

#[tokio::test(flavor = "multi_thread")]
async fn failure_11_a_hot_member_is_read_once_in_a_batch_and_each_fact_costs_one_write() {
    let shop = TestShop::open_club().await;
    shop.enroll("ada").await;
    // The first points make the account due: that marker, and the program, are before.
    let first = json!({ "id": "first", "member": "ada", "kind": "log_in" });
    assert_eq!(shop.post("activities", first).await.status, 202);
    shop.drain().await;
    let still = shop.stack.pollers.pause().await;
    let app = &shop.stack.app;
    let before = app.tables().units();
    assert_eq!(accrue::credit_batch(app, batch(&shop, 0)).await.batch_item_failures, []);
    let first = app.tables().units().since(before);
    println!(
        "{FACTS} facts of one member in a batch: {} halves of read units, {} write units",
        first.read_halves, first.writes,
    );
    assert_eq!(first.writes, FACTS, "one unit for each row");
    assert_eq!(first.read_halves, 2, "the head, and the one row below it, once each");

    let before = app.tables().units();
    assert_eq!(accrue::credit_batch(app, batch(&shop, FACTS)).await.batch_item_failures, []);
    let second = app.tables().units().since(before);
    println!(
        "and {FACTS} more: {} halves of read units, {} write units",
        second.read_halves, second.writes,
    );
    assert_eq!(second.writes, FACTS);
    // Besides the head: keys without a time of their own are looked for down to the last
    // index, from the rows that leave the window, which are read until they are this batch's.
    assert!(second.read_halves <= 1 + 32 + 7, "{second:?}");

    // Somebody else records in between: what is remembered is of no use, and does no harm.
    let other = app.for_batch();
    let again = accrue::credit_batch(&other, batch(&shop, 0)).await;
    assert_eq!(again.batch_item_failures, []);
    drop(still);
    shop.drain().await;
    let seen = shop.get("members/ada/balance").await;
    assert_eq!(seen.number("/sequence"), 2 + 2 * i64::try_from(FACTS).expect("few"));
    let report = local::verify::prove(&shop.stack).await.expect("a readable ledger");
    assert_eq!(report.problems, []);
    shop.close().await;
}
