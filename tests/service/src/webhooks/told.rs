//! What shops tell, in any order and as often as they like.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::{
    bodies::{customer, order, refund},
    sender::{outcomes, shopify, standard, woocommerce},
};
use crate::shop::TestShop;

async fn points(shop: &TestShop, member: &str) -> (i64, i64) {
    let balance = shop.get(&format!("members/{member}/balance")).await.body;
    let number = |name: &str| balance[name].as_i64().unwrap_or_else(|| panic!("{balance}"));
    (number("available"), number("pending"))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_enrols_its_account_and_a_refund_that_names_only_the_order_finds_it() {
    let shop = TestShop::open().await;
    let (orders, refunds) = (shopify("orders/paid"), shopify("refunds/create"));
    shop.connect("orders", orders.clone()).await;
    shop.connect("refunds", refunds.clone()).await;
    let answer = shop.webhook("orders", &orders, &order(1, json!({}))).await;
    assert_eq!(answer.status, 200);
    let told = &answer.body["results"][0];
    assert_eq!((&told["member"], &told["points"]), (&json!("115"), &json!(40)), "{told}");
    assert_eq!(shop.told("refunds", &refunds, &refund(7, 1)).await, ["recorded"]);
    assert_eq!(points(&shop, "115").await, (0, 20));
    assert_eq!(shop.told("refunds", &refunds, &refund(7, 1)).await, ["replayed"]);
    // The account is told too, later: it is a member already.
    let created = shopify("customers/create");
    shop.connect("people", created.clone()).await;
    let told = shop.told("people", &created, &customer(115, "ada@example.org")).await;
    assert_eq!(told, ["nothing MEMBER"]);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn failure_03_a_refund_that_names_only_an_order_waits_for_it() {
    let shop = TestShop::open().await;
    let (orders, refunds) = (shopify("orders/paid"), shopify("refunds/create"));
    shop.connect("orders", orders.clone()).await;
    shop.connect("refunds", refunds.clone()).await;
    assert_eq!(shop.told("refunds", &refunds, &refund(7, 1)).await, ["waits"]);
    assert_eq!(shop.told("refunds", &refunds, &refund(7, 1)).await, ["waits"], "twice");
    assert_eq!(shop.told("orders", &orders, &order(1, json!({}))).await, ["recorded"]);
    assert_eq!(points(&shop, "115").await, (0, 20));
    assert_eq!(shop.told("refunds", &refunds, &refund(7, 1)).await, ["replayed"]);
    assert_eq!(points(&shop, "115").await, (0, 20));
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn failure_01_the_same_webhook_counts_once_however_late_it_comes_again() {
    let shop = TestShop::open().await;
    let orders = shopify("orders/paid");
    shop.connect("orders", orders.clone()).await;
    assert_eq!(shop.told("orders", &orders, &order(1, json!({}))).await, ["recorded"]);
    for later in ["2026-06-01T09:00:01Z", "2026-07-01T09:00:00Z", "2027-07-06T09:00:00Z"] {
        shop.move_clock(later);
        assert_eq!(shop.told("orders", &orders, &order(1, json!({}))).await, ["replayed"]);
    }
    let history = shop.get("members/115/history").await.body;
    let kinds = history["history"].as_array().expect("rows");
    let of_orders = kinds.iter().filter(|row| row["kind"] == "order").count();
    assert_eq!(of_orders, 1, "{history}");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn failure_02_two_orders_with_one_delivery_id_both_count() {
    let shop = TestShop::open().await;
    let woo = woocommerce("order.created");
    shop.connect("woo", woo.clone()).await;
    for id in [727, 728] {
        let body = json!({
            "id": id, "status": "processing", "currency": "GBP",
            "date_created_gmt": "2026-05-20T12:00:00", "date_modified_gmt": "2026-05-20T12:00:05",
            "date_paid_gmt": "2026-05-20T12:00:05", "created_via": "checkout", "customer_id": 26,
            "billing": { "email": "bob@example.org", "phone": "" },
            "total": "10.00", "shipping_total": "0.00",
            "line_items": [{ "id": 315, "product_id": 93, "sku": "", "quantity": 1,
                "subtotal": "10.00", "total": "10.00", "total_tax": "0.00" }],
            "refunds": []
        });
        let body = body.to_string();
        let mut headers = super::sender::sign(&woo, body.as_bytes(), "2026-06-01T09:00:00Z");
        headers.push(("x-wc-webhook-delivery-id", "same".to_owned()));
        let answer = shop.webhook_with("woo", &headers, &body).await;
        assert_eq!(outcomes(&answer.body), ["recorded"], "{answer:?}");
    }
    assert_eq!(points(&shop, "26").await, (0, 20));
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn failure_04_an_older_version_after_a_newer_one_changes_nothing() {
    let shop = TestShop::open().await;
    let updated = shopify("orders/updated");
    shop.connect("updated", updated.clone()).await;
    let at = |seconds: u32| json!({ "updated_at": format!("2026-05-20T12:00:{seconds:02}+01:00") });
    let mut smaller = at(30);
    smaller["line_items"] = json!([{ "id": 11, "product_id": 91, "sku": "MUG", "vendor": "Clay",
        "quantity": 1, "price": "20.00", "total_discount": "0.00", "gift_card": false }]);
    smaller["total_price"] = json!("20.00");
    assert_eq!(shop.told("updated", &updated, &order(1, at(10))).await, ["recorded"]);
    assert_eq!(shop.told("updated", &updated, &order(1, smaller)).await, ["recorded"]);
    assert_eq!(points(&shop, "115").await, (0, 20));
    assert_eq!(shop.told("updated", &updated, &order(1, at(20))).await, ["recorded STALE"]);
    assert_eq!(points(&shop, "115").await, (0, 20));
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_sent_to_the_address_of_accounts_makes_nobody_a_member() {
    let shop = TestShop::open().await;
    let both = [("shopify", shopify("customers/create")), ("woo", woocommerce("customer.created"))];
    for (id, people) in both {
        shop.connect(id, people.clone()).await;
        assert_eq!(shop.told(id, &people, &order(77, json!({}))).await, ["rejected TOPIC"]);
        assert_eq!(shop.get("members/77").await.status, 404);
    }
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_never_be_recorded_is_kept_as_a_rejection() {
    let shop = TestShop::open().await;
    let orders = shopify("orders/paid");
    shop.connect("orders", orders.clone()).await;
    let dollars = order(1, json!({ "currency": "USD" }));
    assert_eq!(shop.told("orders", &orders, &dollars).await, ["rejected CURRENCY"]);
    assert_eq!(shop.told("orders", &orders, "[]").await, ["rejected SHAPE"]);
    let erase = shopify("customers/redact");
    shop.connect("erase", erase.clone()).await;
    let asked = json!({ "shop_domain": "ada.myshopify.com", "orders_to_redact": [7, 8],
        "customer": { "id": 115, "email": "ada@example.org", "phone": null } });
    let told = shop.told("erase", &erase, &asked.to_string()).await;
    assert_eq!(told, ["rejected PRIVACY"]);
    let day = domain::time::Day::of(shop.stack.app.clock().now(), &jiff::tz::TimeZone::UTC);
    let program = "house".parse().expect("a slug");
    let kept = edge::Rejection::all(shop.stack.app.tables(), Some(&program), day).await;
    let kept = kept.expect("rejections");
    assert_eq!(kept.len(), 3, "{kept:?}");
    let privacy = kept.iter().find(|it| it.code == "PRIVACY").expect("one of them");
    assert_eq!(privacy.member.as_ref().map(|it| it.as_str()), Some("115"), "whom it is about");
    let detail = privacy.detail.as_deref().unwrap_or("");
    assert_eq!(detail, "somebody asks to be forgotten, with the orders 7, 8");
    let text = serde_json::to_string(&kept).expect("JSON");
    assert!(!text.contains("example.org"), "nothing personal: {text}");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn our_own_shapes_come_by_standard_webhooks() {
    let shop = TestShop::open().await;
    shop.connect("ours", standard()).await;
    let body = json!({ "type": "order.paid", "data": {
        "id": "A-1", "placed_at": "2026-05-20T12:00:00Z",
        "customer": { "id": "ada", "email": "ada@example.org" },
        "lines": [{ "product": "mug", "quantity": 2,
            "unit_price": { "amount": 2000, "currency": "GBP" } }]
    } });
    let told = shop.webhook("ours", &standard(), &body.to_string()).await;
    assert_eq!(outcomes(&told.body), ["recorded"], "{told:?}");
    assert_eq!(points(&shop, "ada").await, (0, 40));
    shop.close().await;
}

/// The folder of real webhooks, where it is at hand.
fn samples() -> Option<PathBuf> {
    let folder = std::env::var_os("GUERDON_DATA").map(PathBuf::from);
    if folder.is_none() {
        eprintln!("skipped: GUERDON_DATA does not name the folder of real data");
    }
    folder.map(|folder| folder.join("webhooks"))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_real_sample_is_answered_and_none_of_the_test_orders_earns() {
    let Some(folder) = samples() else { return };
    let shop = TestShop::open().await;
    let kinds = [
        ("shopify", shopify("orders/updated")),
        ("woocommerce", woocommerce("order.updated")),
        ("stripe", super::sender::stripe()),
    ];
    let mut seen = 0;
    for (name, connector) in kinds {
        shop.connect_with(name, connector.clone(), |record| {
            record.source = name.parse().expect("a slug");
            if let connectors::Connector::Shopify(shopify) = &mut record.connector {
                shopify.shop = None;
            }
        })
        .await;
        let files = std::fs::read_dir(folder.join(name)).expect("samples");
        for file in files.map(|file| file.expect("a file").path()).filter(|path| path.is_file()) {
            let body = std::fs::read_to_string(&file).expect("text");
            let answer = shop.webhook(name, &connector, &body).await;
            assert_eq!(answer.status, 200, "{}: {answer:?}", file.display());
            let results = answer.body["results"].as_array().expect("results").clone();
            assert!(!results.is_empty(), "{}", file.display());
            let is_test =
                serde_json::from_str::<Value>(&body).is_ok_and(|body| body["test"] == true);
            let earned = results.iter().filter_map(|told| told["points"].as_u64()).sum::<u64>();
            assert!(!is_test || earned == 0, "{}: {results:?}", file.display());
            seen += 1;
        }
    }
    assert!(seen > 40, "only {seen} samples");
    shop.close().await;
}
