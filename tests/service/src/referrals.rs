//! A member brings a friend, over HTTP, the stream and the queue.

use serde_json::{Value, json};

use crate::{
    shop::TestShop,
    webhooks::{bodies::order as body_of_order, sender::shopify},
};

async fn join(shop: &TestShop, member: &str, more: Value) -> Value {
    let mut body = json!({ "id": member });
    if let (Value::Object(body), Value::Object(more)) = (&mut body, more) {
        body.extend(more);
    }
    let answer = shop.post("members", body).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.body
}

async fn code_of(shop: &TestShop, member: &str) -> String {
    let answer = shop.post(&format!("members/{member}/referral-code"), json!({})).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let code = answer.body["code"].as_str().expect("a code").to_owned();
    if let Some(link) = answer.body["link"].as_str() {
        assert_eq!(link, format!("https://shop.example/?by={code}"));
    }
    code
}

fn order(id: &str, member: &str) -> Value {
    let line = json!({ "product": "mug", "unit_price": { "amount": 3000, "currency": "GBP" } });
    json!({ "id": id, "member": member, "lines": [line] })
}

async fn pending(shop: &TestShop, member: &str) -> i64 {
    let balance = shop.get(&format!("members/{member}/balance")).await.body;
    balance["pending"].as_i64().unwrap_or_else(|| panic!("{balance}"))
}

async fn referral(shop: &TestShop, member: &str) -> Value {
    shop.get(&format!("members/{member}")).await.body["referral"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_friends_order_brings_the_member_points_and_its_return_takes_them_back() {
    let shop = TestShop::open_friends().await;
    join(&shop, "ada", json!({})).await;
    let code = code_of(&shop, "ada").await;
    assert_eq!(code_of(&shop, "ada").await, code, "the same each time");
    // However it is typed.
    let typed = format!(" {}-{} ", code[..4].to_lowercase(), &code[4..]);
    let joined = join(&shop, "bo", json!({ "referral_code": typed })).await;
    assert_eq!(joined["explanation"]["referral"]["state"], "claimed", "{joined}");
    let bought = shop.post("orders", order("1", "bo")).await.body;
    assert_eq!(bought["explanation"]["referral"]["state"], "qualified", "{bought}");
    shop.drain().await;
    assert_eq!(pending(&shop, "ada").await, 100);
    assert_eq!(referral(&shop, "bo").await["state"], "qualified");
    let later = shop.get("members/bo?at=2026-07-02T08:00:00Z").await.body;
    assert_eq!(later["referral"]["state"], "rewarded", "{later}");
    let refund = json!({ "id": "R1", "order": "1", "member": "bo", "everything": true });
    assert_eq!(shop.post("refunds", refund).await.status, 201);
    shop.drain().await;
    assert_eq!(pending(&shop, "ada").await, 0);
    assert_eq!(referral(&shop, "bo").await["state"], "reversed");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_may_come_with_the_first_order() {
    let shop = TestShop::open_friends().await;
    join(&shop, "ada", json!({})).await;
    join(&shop, "bo", json!({})).await;
    let code = code_of(&shop, "ada").await;
    let mut with_code = order("1", "bo");
    with_code["referral_code"] = json!(code);
    for status in [201, 200] {
        assert_eq!(shop.post("orders", with_code.clone()).await.status, status);
    }
    shop.drain().await;
    assert_eq!(pending(&shop, "ada").await, 100);
    let mut wrong = order("2", "bo");
    wrong["referral_code"] = json!("NOBODYS");
    let answer = shop.post("orders", wrong).await;
    assert_eq!((answer.status, answer.code()), (422, "REFERRAL_CODE"));
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_brings_themselves_or_somebody_known_is_set_aside_for_the_shop() {
    let shop = TestShop::open_friends().await;
    let ada = json!({ "identities": { "email": "ada@gmail.com", "phone": "+44 20 7946 0018" },
        "address": "1 High Street, York" });
    join(&shop, "ada", ada).await;
    join(&shop, "cy", json!({ "identities": { "card": "4420" } })).await;
    let code = code_of(&shop, "ada").await;
    let cases = [
        ("f1", json!({ "identities": { "email": "a.da+2@googlemail.com" } }), "SELF_REFERRAL"),
        ("f2", json!({ "address": "1 high street york" }), "SELF_REFERRAL"),
        ("f3", json!({ "identities": { "phone": "02079460018" } }), "SELF_REFERRAL"),
    ];
    for (friend, mut told, reason) in cases {
        told["referral_code"] = json!(code);
        let joined = join(&shop, friend, told).await;
        let referral = &joined["explanation"]["referral"];
        assert_eq!(referral["state"], "rejected", "{friend}: {joined}");
        assert_eq!(referral["reason"]["code"], reason, "{friend}");
        shop.post("orders", order(friend, friend)).await;
    }
    // Known already: as another member, and as one who has bought.
    let known = json!({ "referral_code": code, "address": "1 High Street" });
    join(&shop, "dee", json!({ "address": "1 High Street" })).await;
    let joined = join(&shop, "f4", known).await;
    assert_eq!(joined["explanation"]["referral"]["reason"]["code"], "NOT_NEW", "{joined}");
    shop.post("orders", order("before", "cy")).await;
    let claimed = shop.post("members/cy/referral", json!({ "code": code })).await;
    assert_eq!(claimed.body["explanation"]["referral"]["reason"]["code"], "NOT_NEW");
    // Who was brought by a member does not bring that member.
    join(&shop, "eve", json!({ "referral_code": code })).await;
    let of_eve = code_of(&shop, "eve").await;
    let circle = shop.post("members/ada/referral", json!({ "code": of_eve })).await;
    assert_eq!(circle.body["explanation"]["referral"]["reason"]["code"], "REFERRAL_CYCLE");
    shop.drain().await;
    assert_eq!(pending(&shop, "ada").await, 0, "nothing follows from what is set aside");

    let list = shop.get("referrals").await.body;
    let listed: Vec<(&str, &str)> = list["referrals"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|it| (it["member"].as_str().unwrap_or(""), it["code"].as_str().unwrap_or("")))
        .collect();
    let expected = [
        ("ada", "REFERRAL_CYCLE"),
        ("cy", "NOT_NEW"),
        ("f1", "SELF_REFERRAL"),
        ("f2", "SELF_REFERRAL"),
        ("f3", "SELF_REFERRAL"),
        ("f4", "NOT_NEW"),
    ];
    assert_eq!(listed, expected);
    assert!(!list.to_string().contains('@'), "nothing personal: {list}");
    // The shop looks at one and lets it count.
    assert_eq!(shop.post("members/f4/referral/approval", json!({})).await.status, 201);
    shop.post("orders", order("late", "f4")).await;
    shop.drain().await;
    assert_eq!(pending(&shop, "ada").await, 100);
    let none = shop.post("members/dee/referral/approval", json!({})).await;
    assert_eq!((none.status, none.code()), (404, "REFERRAL_UNKNOWN"));
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_friend_beyond_the_limit_matures_and_gives_nothing() {
    let shop = TestShop::open_friends().await;
    join(&shop, "ada", json!({})).await;
    let code = code_of(&shop, "ada").await;
    for friend in 0..11 {
        let friend = format!("f{friend}");
        join(&shop, &friend, json!({ "referral_code": code })).await;
        shop.post("orders", order(&friend, &friend)).await;
        shop.drain().await;
    }
    assert_eq!(pending(&shop, "ada").await, 1_000);
    assert_eq!(referral(&shop, "f9").await["state"], "qualified");
    let beyond = referral(&shop, "f10").await;
    assert_eq!(
        (beyond["state"].as_str(), beyond["code"].as_str()),
        (Some("matured"), Some("YEARLY_CAP"))
    );
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_may_come_with_a_shops_order() {
    let shop = TestShop::open_friends().await;
    let orders = shopify("orders/paid");
    shop.connect_with("orders", orders.clone(), |it| it.program = "friends".parse().expect("id"))
        .await;
    join(&shop, "ada", json!({ "identities": { "email": "ada@gmail.com" } })).await;
    let code = code_of(&shop, "ada").await;
    let order = |id: u64, who: u64, email: &str, patch: Value| {
        let mut all = json!({ "customer": { "id": who, "email": email }, "email": email });
        if let (Value::Object(all), Value::Object(patch)) = (&mut all, patch) {
            all.extend(patch);
        }
        body_of_order(id, all)
    };
    let discount = json!({ "discount_codes": [{ "code": "SUMMER10" }, { "code": code }] });
    let note = json!({ "note_attributes": [{ "name": "referral_code", "value": code }] });
    let cases = [
        (1, 201, "bo@example.org", discount.clone(), "qualified", Value::Null),
        (2, 202, "cy@example.org", note, "qualified", Value::Null),
        (3, 203, "a.da+2@gmail.com", discount.clone(), "rejected", json!("SELF_REFERRAL")),
        (4, 204, "b.o@example.org", json!({}), "", Value::Null),
        (5, 204, "b.o@example.org", discount, "rejected", json!("NOT_NEW")),
    ];
    for (id, who, email, patch, state, code) in cases {
        let body = order(id, who, email, patch);
        assert_eq!(shop.told("orders", &orders, &body).await, ["recorded"]);
        // Sent again it says nothing new.
        assert_eq!(shop.told("orders", &orders, &body).await, ["replayed"]);
        let found = referral(&shop, &who.to_string()).await;
        assert_eq!(found["state"].as_str().unwrap_or(""), state, "{email}: {found}");
        assert_eq!(found["code"], code, "{email}: {found}");
    }
    shop.drain().await;
    assert_eq!(pending(&shop, "ada").await, 200);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_without_referrals_has_no_codes() {
    let shop = TestShop::open().await;
    join(&shop, "ada", json!({})).await;
    let code = code_of(&shop, "ada").await;
    let joined = shop.post("members", json!({ "id": "bo", "referral_code": code })).await;
    assert_eq!((joined.status, joined.code()), (422, "NO_REFERRALS"));
    let told = json!({ "member": "ada", "id": "x", "kind": "referral" });
    let told = shop.post("activities", told).await;
    assert_eq!((told.status, told.code()), (422, "ACTIVITY_KIND"), "nobody tells it by hand");
    shop.close().await;
}
