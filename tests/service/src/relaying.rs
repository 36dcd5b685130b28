//! Events to the outside: each arrives, signed, under one id, however long it takes; and
//! nobody who earns points notices.

mod failing;
mod whom;

use std::{collections::BTreeSet, time::Duration};

use domain::{
    ids::ProgramId,
    time::{Day, Instant},
};
use relay::{Attempt, Filter, Outcome, Secret, Secrets, Sink, Subscriber, Webhook};
use serde_json::{Value, json};

use crate::{
    listener::Listener,
    shop::{START, TestShop, at, order},
};

const SECRET: &str = "whsec_YSBzZWNyZXQgb2Ygbm9ib2R5J3M=";

fn club() -> ProgramId {
    "club".parse().expect("a slug")
}

/// A subscriber of the club that hears of everything.
fn subscriber(id: &str, url: &str) -> Subscriber {
    Subscriber {
        id: id.to_owned(),
        program: club(),
        sink: Sink::Webhook(Webhook { url: url.to_owned() }),
        events: Filter::default(),
        consent: None,
        secrets: Secrets::first(Secret::new(SECRET)),
        disabled: None,
        made_at: at(START),
    }
}

async fn subscribe(shop: &TestShop, subscriber: Subscriber) {
    let added = subscriber.add(shop.stack.app.tables()).await.expect("a registry");
    assert!(added, "its id was free");
    shop.stack.relay.subscribers().forget();
}

/// A club, and a listener that hears of everything.
async fn listening() -> (TestShop, Listener) {
    let shop = TestShop::open_telling().await;
    let listener = Listener::open(shop.stack.app.clock()).await;
    listener.know(&[SECRET]);
    subscribe(&shop, subscriber("crm", &listener.url)).await;
    (shop, listener)
}

async fn log(shop: &TestShop, id: &str, on: Instant) -> Vec<Attempt> {
    let day = Day::of(on, &domain_utc());
    let log = Attempt::last(shop.stack.app.tables(), &club(), id, day, 1_000).await;
    let mut log = log.expect("a log");
    log.reverse();
    log
}

fn domain_utc() -> jiff::tz::TimeZone {
    jiff::tz::TimeZone::UTC
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_to_a_member_is_told_once_signed_and_in_full() {
    let (shop, listener) = listening().await;
    shop.enroll("ada").await;
    let mut tea = order("o-1", "ada", 8_000);
    tea["lines"][0]["category"] = json!("tea");
    assert_eq!(shop.post("orders", tea.clone()).await.status, 201);
    let again = shop.post("orders", tea).await;
    assert_eq!(again.status, 200, "a replay, which tells nothing");
    shop.drain().await;

    let heard = listener.heard();
    let types: BTreeSet<&str> = heard.iter().filter_map(|it| it.event["type"].as_str()).collect();
    let expected =
        ["badge.won", "challenge.completed", "member.enrolled", "points.earned", "tier.changed"];
    assert_eq!(types, expected.into());
    let ids: BTreeSet<&str> = heard.iter().map(|heard| heard.id.as_str()).collect();
    assert_eq!((ids.len(), heard.len()), (5, 5), "each once: {heard:#?}");
    for heard in &heard {
        assert_eq!((&heard.signed_by, heard.status), (&vec![true], 200));
        assert_eq!(heard.event["id"], heard.id);
        assert_eq!(heard.event["specversion"], "1.0");
        assert_eq!(heard.event["source"], "/guerdon/club");
        assert_eq!(heard.event["subject"], "ada");
    }
    let of = |kind: &str| {
        let found = heard.iter().find(|heard| heard.event["type"] == kind);
        found.unwrap_or_else(|| panic!("no {kind}")).event["data"].clone()
    };
    let earned = of("points.earned");
    assert_eq!((&earned["points"], &earned["balance"]), (&json!(80), &json!(80)), "{earned}");
    assert_eq!((&earned["key"], &earned["sequence"]), (&json!("order:shop:o-1"), &json!(2)));
    assert_eq!(of("badge.won")["about"]["challenge"]["challenge"], "one-order");
    assert_eq!(of("challenge.completed")["about"]["challenge"]["times"], 1);

    let log = log(&shop, "crm", at(START)).await;
    let logged: BTreeSet<&str> = log.iter().map(|attempt| attempt.event.as_str()).collect();
    assert_eq!(logged, ids);
    let is_fine = |it: &Attempt| {
        (it.outcome, it.status, it.attempt, &it.reason) == (Outcome::Delivered, Some(200), 1, &None)
    };
    assert!(log.iter().all(is_fine), "{log:#?}");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_told_adds_up_to_what_the_member_has() {
    let (shop, listener) = listening().await;
    shop.enroll("ada").await;
    for (number, pence) in [12_345, 10_000, 250, 95_000].into_iter().enumerate() {
        shop.post("orders", order(&format!("o-{number}"), "ada", pence)).await;
    }
    shop.post("members/ada/challenges", json!({ "challenge": "run-june" })).await;
    shop.move_clock("2026-06-02T09:00:00Z");
    shop.post("activities", json!({ "id": "r", "member": "ada", "kind": "run", "quantity": 21 }))
        .await;
    shop.post("refunds", json!({ "id": "f", "order": "o-1", "member": "ada" })).await;
    shop.move_clock("2026-07-03T09:00:00Z");
    shop.post("orders", order("later", "ada", 1_00)).await;
    shop.drain().await;
    let balance = shop.get("members/ada/balance").await.number("/balance");
    let own = ["available", "pending", "held"];
    let mut told = 0_i64;
    for heard in listener.heard() {
        for moved in heard.event["data"]["moved"].as_array().into_iter().flatten() {
            let points = moved["points"].as_i64().expect("whole points");
            let is_own = |end: &str| own.contains(&moved[end].as_str().unwrap_or(""));
            told += points * (i64::from(is_own("to")) - i64::from(is_own("from")));
        }
    }
    assert!(balance > 1_000, "{balance}");
    assert_eq!(told, balance);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn failure_13_a_stream_that_is_sent_again_tells_the_same_ids() {
    let (shop, listener) = listening().await;
    shop.enroll("ada").await;
    shop.post("orders", order("o-1", "ada", 8_000)).await;
    shop.drain().await;
    let ids = |heard: Vec<crate::listener::Heard>| -> BTreeSet<String> {
        heard.into_iter().map(|heard| heard.id).collect()
    };
    let first = ids(listener.heard());
    // As another function instance that knows nothing of the first would.
    let event = failing::ledger_stream(&shop).await;
    for _ in 0..2 {
        let response = relay::relay_events(&shop.stack.relay, event.clone()).await;
        assert!(response.batch_item_failures.is_empty());
    }
    shop.drain().await;
    let heard = listener.heard();
    assert_eq!(heard.len(), 3 * first.len());
    assert_eq!(ids(heard), first);
    shop.close().await;
}

/// The events of a listener's requests without those that were refused.
fn taken(listener: &Listener) -> Vec<(String, Value)> {
    let taken = listener.heard().into_iter().filter(|heard| heard.status < 300);
    taken.map(|heard| (heard.id, heard.event["type"].clone())).collect()
}

/// Lets time pass in the queues, and drains what has waited for it.
async fn wait(shop: &TestShop, hours: u64) {
    shop.stack.queue_time.pass(Duration::from_secs(hours * 3_600));
    shop.drain().await;
}
