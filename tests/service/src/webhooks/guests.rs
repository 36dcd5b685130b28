//! Who buys first and joins later.

use serde_json::{Value, json};

use super::{
    bodies::{customer, guest_order, refund},
    sender::{outcomes, shopify},
};
use crate::shop::TestShop;

async fn join(shop: &TestShop, member: &str, email: &str, verified: bool) {
    let body = json!({
        "id": member, "identities": { "email": email }, "email_verified": verified
    });
    let answer = shop.post("members", body).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    shop.drain().await;
}

async fn pending(shop: &TestShop, member: &str) -> i64 {
    let balance = shop.get(&format!("members/{member}/balance")).await.body;
    balance["pending"].as_i64().unwrap_or_else(|| panic!("{balance}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_is_told_what_the_order_would_earn_and_joining_brings_it() {
    let shop = TestShop::open().await;
    let (orders, refunds) = (shopify("orders/paid"), shopify("refunds/create"));
    shop.connect("orders", orders.clone()).await;
    shop.connect("refunds", refunds.clone()).await;
    let answer = shop.webhook("orders", &orders, &guest_order(1, "Bob@Example.org")).await;
    let told = &answer.body["results"][0];
    assert_eq!(outcomes(&answer.body), ["recorded GUEST"]);
    assert_eq!((&told["would_earn"], &told["points"]), (&json!(40), &json!(0)), "{told}");
    let guest = told["member"].as_str().expect("a chain").to_owned();
    assert!(guest.starts_with("guest:") && !guest.contains("bob"), "{guest}");
    // Whoever supports the shop may look at it, and finds nothing to spend.
    let balance = shop.get(&format!("members/{guest}/balance")).await;
    assert_eq!((balance.status, &balance.body["available"]), (200, &json!(0)), "{balance:?}");
    let redeemed = json!({ "reward": "money-off", "points": 100 });
    let redeemed = shop.post(&format!("members/{guest}/redemptions"), redeemed).await;
    assert_eq!((redeemed.status, &redeemed.body["code"]), (404, &json!("MEMBER_UNKNOWN")));

    // An old order is too old to be taken over.
    let old = guest_order(2, "bob@example.org").replace("2026-05-20", "2026-03-20");
    assert_eq!(shop.told("orders", &orders, &old).await, ["recorded GUEST"]);
    // One mug goes back before the guest joins.
    assert_eq!(shop.told("refunds", &refunds, &refund(7, 1)).await, ["recorded"]);
    // A refund waits for an order that is still to come.
    assert_eq!(shop.told("refunds", &refunds, &refund(9, 3)).await, ["waits"]);

    join(&shop, "bob", "bob@example.org", true).await;
    assert_eq!(pending(&shop, "bob").await, 20);
    // What was told before is told again; what comes now comes to the member.
    assert_eq!(
        shop.told("orders", &orders, &guest_order(1, "bob@example.org")).await,
        ["replayed GUEST"]
    );
    assert_eq!(shop.told("refunds", &refunds, &refund(7, 1)).await, ["replayed"]);
    assert_eq!(shop.told("refunds", &refunds, &refund(8, 1)).await, ["recorded"]);
    assert_eq!(pending(&shop, "bob").await, 0);
    assert_eq!(shop.told("refunds", &refunds, &refund(10, 2)).await, ["nothing NOT_TAKEN_OVER"]);
    let later = guest_order(3, "bob@example.org");
    assert_eq!(shop.told("orders", &orders, &later).await, ["recorded"]);
    assert_eq!(pending(&shop, "bob").await, 20, "by the address, less the refund that waited");
    let history = shop.get("members/bob/history").await.body;
    let kinds: Vec<&str> = history["history"]
        .as_array()
        .expect("rows")
        .iter()
        .filter_map(|row| row["kind"].as_str())
        .collect();
    assert!(kinds.contains(&"claimed"), "{kinds:?}");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_nobody_verified_brings_nothing() {
    let shop = TestShop::open().await;
    let orders = shopify("orders/paid");
    shop.connect("orders", orders.clone()).await;
    assert_eq!(
        shop.told("orders", &orders, &guest_order(1, "bob@example.org")).await,
        ["recorded GUEST"]
    );
    join(&shop, "eve", "bob@example.org", false).await;
    assert_eq!(pending(&shop, "eve").await, 0);
    assert_eq!(
        shop.told("orders", &orders, &guest_order(2, "bob@example.org")).await,
        ["recorded GUEST"],
        "later orders do not go to who only says that the address is theirs"
    );
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_the_shop_says_is_not_verified_brings_nothing() {
    let shop = TestShop::open().await;
    let (orders, people) = (shopify("orders/paid"), shopify("customers/create"));
    shop.connect("orders", orders.clone()).await;
    shop.connect("people", people.clone()).await;
    shop.told("orders", &orders, &guest_order(1, "bob@example.org")).await;
    let eve = json!({ "id": 9, "email": "bob@example.org", "verified_email": false });
    assert_eq!(shop.told("people", &people, &eve.to_string()).await, ["recorded"]);
    shop.drain().await;
    assert_eq!(pending(&shop, "9").await, 0);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_thirtieth_day_before_is_the_first_that_counts() {
    let shop = TestShop::open().await;
    let orders = shopify("orders/paid");
    shop.connect("orders", orders.clone()).await;
    // The test's day is the first of June.
    for (id, day) in [(1, "2026-05-01"), (2, "2026-05-02")] {
        let old = guest_order(id, "bob@example.org").replace("2026-05-20", day);
        shop.told("orders", &orders, &old).await;
    }
    join(&shop, "bob", "bob@example.org", true).await;
    let balance = shop.get("members/bob/balance").await;
    let held = balance.number("/available") + balance.number("/pending");
    assert_eq!(held, 40, "of the second of May, not of the first: {balance:?}");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_at_the_shop_takes_over_what_its_guest_bought() {
    let shop = TestShop::open().await;
    let (orders, people) = (shopify("orders/paid"), shopify("customers/create"));
    shop.connect("orders", orders.clone()).await;
    shop.connect("people", people.clone()).await;
    shop.told("orders", &orders, &guest_order(1, "bob@example.org")).await;
    let told = shop.told("people", &people, &customer(26, "bob@example.org")).await;
    assert_eq!(told, ["recorded"]);
    shop.drain().await;
    assert_eq!(pending(&shop, "26").await, 40);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_of_nobody_changes_nothing() {
    let shop = TestShop::open().await;
    let orders = shopify("orders/paid");
    shop.connect("orders", orders.clone()).await;
    let nobody: Value = serde_json::from_str(&guest_order(1, "")).expect("JSON");
    assert_eq!(shop.told("orders", &orders, &nobody.to_string()).await, ["nothing NOBODY"]);
    shop.close().await;
}
