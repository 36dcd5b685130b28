//! Leaderboards: from what members do, over the stream, to the ranks of those who agreed.

use aws_lambda_events::dynamodb::{EventRecord, StreamRecord};
use reqwest::Method;
use serde_json::{Value, json};
use store::{
    item::{Table, Value as Cell},
    tables::Tables,
};

use crate::shop::{Answer, TestShop, order, send};

impl TestShop {
    async fn board(&self, query: &str) -> Answer {
        self.get(&format!("reports/leaderboard?challenge={query}")).await
    }

    async fn join(&self, member: &str, consents: Value) {
        let answer = self.post("members", json!({ "id": member, "consents": consents })).await;
        assert_eq!(answer.status, 201, "{answer:?}");
    }

    async fn agree(&self, member: &str, body: Value) -> Answer {
        let path = self.path(&format!("members/{member}/consents"));
        send(self.request(Method::PUT, &path).json(&body)).await
    }

    async fn run(&self, id: &str, member: &str, km: u32) {
        let done = json!({ "id": id, "member": member, "kind": "run", "quantity": km });
        assert_eq!(self.post("activities", done).await.status, 202);
        self.drain().await;
    }

    /// Hands every row of the ledger to the stream's function again, as a shard that has
    /// not seen any.
    async fn deliver_again(&self, shard: &str) {
        let page = self.stack.app.tables().scan(Table::Ledger, None).await.expect("a page");
        assert!(page.next.is_none(), "one page is all");
        let mut records = Vec::new();
        for (position, item) in (1..).zip(page.items) {
            let image = item.0.into_iter().map(|(name, cell)| {
                let cell = match cell {
                    Cell::S(text) => serde_dynamo::AttributeValue::S(text),
                    Cell::N(number) => serde_dynamo::AttributeValue::N(number.to_string()),
                    Cell::B(bytes) => serde_dynamo::AttributeValue::B(bytes),
                };
                (name, cell)
            });
            let mut change = StreamRecord::default();
            change.sequence_number = Some(format!("{position}"));
            change.new_image = image.collect::<std::collections::HashMap<_, _>>().into();
            let mut record = EventRecord::default();
            record.event_name = "INSERT".to_owned();
            record.change = change;
            records.push(record);
        }
        let batch = report::Batch { records, shard: Some(shard.to_owned()) };
        let response = report::roll_up(&self.stack.app, batch).await;
        assert!(response.batch_item_failures.is_empty(), "{response:?}");
    }
}

/// Of each rank its number, its member and what was gathered.
fn ranks(answer: &Answer) -> Vec<(i64, &str, i64)> {
    let ranks = answer.body["ranks"].as_array().unwrap_or_else(|| panic!("{answer:?}"));
    let rank = |rank: &'static str, of: &Value| of[rank].as_i64().expect("a number");
    let all = ranks.iter();
    let all = all
        .map(|of| (rank("rank", of), of["member"].as_str().expect("an id"), rank("gathered", of)));
    all.collect()
}

fn agreed(granted: bool) -> Value {
    json!([{ "purpose": "leaderboard", "granted": granted }])
}

#[tokio::test(flavor = "multi_thread")]
async fn who_agreed_is_ranked_and_nobody_else() {
    let shop = TestShop::open_club().await;
    for (member, consents) in
        [("ada", agreed(true)), ("bea", agreed(true)), ("cem", json!([])), ("dan", agreed(false))]
    {
        shop.join(member, consents).await;
        let path = format!("members/{member}/challenges");
        let taken = shop.post(&path, json!({ "challenge": "run-june" })).await;
        assert_eq!(taken.status, 201, "{taken:?}");
    }
    let empty = shop.board("run-june").await;
    assert_eq!((empty.status, ranks(&empty)), (200, vec![]), "{empty:?}");
    shop.move_clock("2026-06-02T08:00:00Z");
    shop.run("a-1", "ada", 12).await;
    shop.move_clock("2026-06-02T09:00:00Z");
    shop.run("b-1", "bea", 21).await;
    shop.run("c-1", "cem", 30).await;
    shop.run("d-1", "dan", 40).await;
    let first = shop.board("run-june").await;
    assert_eq!(ranks(&first), [(1, "bea", 21_000), (2, "ada", 12_000)]);
    let bea = json!({ "rank": 1, "member": "bea", "gathered": 21_000, "completed": 1,
        "gathered_at": "2026-06-02T09:00:00Z", "completed_at": "2026-06-02T09:00:00Z" });
    assert_eq!(first.body["ranks"][0], bea);
    let head = json!(["run-june", "Twenty kilometres in June", "quantity", null, 2, false]);
    let said = ["challenge", "name", "counts", "span", "members", "truncated"];
    assert_eq!(json!(said.map(|key| first.body[key].clone())), head);

    shop.move_clock("2026-06-03T08:00:00Z");
    shop.run("a-2", "ada", 9).await;
    let tied = shop.board("run-june").await;
    assert_eq!(ranks(&tied), [(1, "bea", 21_000), (1, "ada", 21_000)], "bea was there first");
    shop.run("a-3", "ada", 1).await;
    assert_eq!(ranks(&shop.board("run-june").await), [(1, "ada", 22_000), (2, "bea", 21_000)]);

    // Later consents count for what was done before, and are taken back at once.
    assert_eq!(shop.agree("cem", json!({ "consents": agreed(true) })).await.status, 204);
    assert_eq!(shop.agree("ada", json!({ "consents": agreed(false) })).await.status, 204);
    let later = shop.board("run-june&limit=1").await;
    assert_eq!((ranks(&later), later.number("/members")), (vec![(1, "cem", 30_000)], 2));
    assert_eq!(shop.get("members/cem").await.body["consents"], agreed(true));
    assert_eq!(shop.agree("ada", json!({ "consents": agreed(true) })).await.status, 204);
    let csv = shop.get("reports/leaderboard?challenge=run-june&span=2026-06-30&format=csv").await;
    let lines = "rank,member,gathered,gathered_at,completed,completed_at\n\
        1,cem,30000,2026-06-02T09:00:00Z,1,2026-06-02T09:00:00Z\n\
        2,ada,22000,2026-06-03T08:00:00Z,1,2026-06-03T08:00:00Z\n\
        3,bea,21000,2026-06-02T09:00:00Z,1,2026-06-02T09:00:00Z\n";
    assert_eq!(csv.body, Value::from(lines));
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_withdrawn_or_paid_back_leaves_the_board() {
    let shop = TestShop::open_club().await;
    for member in ["ada", "bea"] {
        shop.join(member, agreed(true)).await;
        shop.post(&format!("members/{member}/challenges"), json!({ "challenge": "run-june" }))
            .await;
        for at in 0..3 {
            shop.post("orders", order(&format!("{member}-{at}"), member, 1_000)).await;
        }
    }
    shop.move_clock("2026-06-02T08:00:00Z");
    shop.run("a-1", "ada", 21).await;
    shop.run("b-1", "bea", 20).await;
    assert_eq!(ranks(&shop.board("run-june").await), [(1, "ada", 21_000), (2, "bea", 20_000)]);
    shop.move_clock("2026-06-04T08:00:00Z");
    let run = json!({ "id": "a-1", "member": "ada", "kind": "run", "quantity": 21,
        "version": 2, "withdrawn": true });
    shop.post("activities", run).await;
    shop.drain().await;
    assert_eq!(ranks(&shop.board("run-june").await), [(1, "bea", 20_000)]);
    shop.run("a-2", "ada", 5).await;
    let after = shop.board("run-june").await;
    assert_eq!(ranks(&after), [(1, "bea", 20_000), (2, "ada", 5_000)]);
    let ada = (&after.body["ranks"][1]["completed"], &after.body["ranks"][1]["completed_at"]);
    assert_eq!(ada, (&json!(0), &Value::Null));

    let all = json!({ "id": "R", "order": "bea-1", "everything": true, "member": "bea" });
    let refunded = shop.post("refunds", all).await;
    assert_eq!(refunded.status, 201, "{refunded:?}");
    shop.drain().await;
    let june = shop.board("regular").await;
    assert_eq!(
        (ranks(&june), &june.body["span"]),
        (vec![(1, "ada", 3), (2, "bea", 2)], &json!("2026-06-01"))
    );

    // Each month is a span of its own, and the old ones stay.
    shop.move_clock("2026-07-02T08:00:00Z");
    shop.post("orders", order("bea-july", "bea", 1_000)).await;
    shop.drain().await;
    assert_eq!(ranks(&shop.board("regular").await), [(1, "bea", 1)]);
    let named = shop.board("regular&span=2026-06-15").await;
    assert_eq!(ranks(&named), [(1, "ada", 3), (2, "bea", 2)]);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_the_stream_hands_over_again_change_nothing() {
    let shop = TestShop::open_club().await;
    for member in ["ada", "bea"] {
        shop.join(member, agreed(true)).await;
        for at in 0..3 {
            shop.post("orders", order(&format!("{member}-{at}"), member, 1_000)).await;
            shop.drain().await;
            let next = shop.stack.app.clock().now().plus_millis(60_000);
            shop.stack.app.clock().move_to(next);
        }
    }
    let all = json!({ "id": "R", "order": "ada-1", "everything": true, "member": "ada" });
    assert_eq!(shop.post("refunds", all).await.status, 201);
    shop.drain().await;
    let before = shop.board("regular").await;
    assert_eq!(ranks(&before), [(1, "bea", 3), (2, "ada", 2)]);
    shop.deliver_again("another-shard").await;
    shop.deliver_again("another-shard").await;
    shop.deliver_again("and-another").await;
    assert_eq!(shop.board("regular").await.body, before.body);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_leaderboard_and_no_consent_has_its_reason() {
    let shop = TestShop::open_club().await;
    shop.enroll("ada").await;
    for (query, status, code) in [
        ("swim", 404, "CHALLENGE_UNKNOWN"),
        ("big-month", 404, "CHALLENGE_UNKNOWN"),
        ("one-order", 422, "NO_LEADERBOARD"),
        ("regular&limit=0", 422, "LIMIT"),
        ("regular&limit=101", 422, "LIMIT"),
        ("regular&span=June", 400, "DAY"),
        ("run-june&span=2026-07-01", 422, "SPAN"),
        ("regular&sort=member", 400, "QUERY"),
    ] {
        let answer = shop.board(query).await;
        assert_eq!((answer.status, answer.code()), (status, code), "{query}: {answer:?}");
    }
    let unnamed = shop.get("reports/leaderboard").await;
    assert_eq!((unnamed.status, unnamed.code()), (400, "QUERY"));
    let purposes = |many: usize| {
        let of = |n| json!({ "purpose": format!("p-{n}"), "granted": true });
        json!({ "consents": (0..many).map(of).collect::<Vec<_>>() })
    };
    for (member, body, status, code) in [
        ("ghost", json!({ "consents": [] }), 404, "MEMBER_UNKNOWN"),
        ("ada", json!({}), 400, "FIELD"),
        ("ada", json!({ "consents": [{ "purpose": "", "granted": true }] }), 400, "ID"),
        ("ada", purposes(21), 422, "CONSENTS"),
        ("ada", purposes(20), 204, ""),
        ("ada", json!({ "consents": agreed(true) }), 422, "CONSENTS"),
        ("ada", json!({ "consents": [{ "purpose": "p-3", "granted": false }] }), 204, ""),
    ] {
        let answer = shop.agree(member, body.clone()).await;
        assert_eq!((answer.status, answer.code()), (status, code), "{member} {body}: {answer:?}");
    }
    let kept = shop.get("members/ada").await.body["consents"].clone();
    let kept = kept.as_array().expect("consents");
    assert_eq!(kept.len(), 20);
    assert_eq!(kept[3], json!({ "purpose": "p-3", "granted": false }));
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn leaderboards_and_consents_are_described() {
    let shop = TestShop::open_club().await;
    shop.key("till", &["earn"]).await;
    let board = shop.path("reports/leaderboard?challenge=regular");
    let by_till = send(shop.as_caller("till", Method::GET, &board)).await;
    assert_eq!((by_till.status, by_till.code()), (403, "SCOPE"));
    let document = send(shop.as_nobody(Method::GET, "/openapi.json")).await.body;
    let report = &document["paths"]["/v1/{program}/reports/leaderboard"]["get"];
    assert_eq!(report["operationId"], "reportLeaderboard");
    let names = report["parameters"].as_array().expect("parameters").iter();
    let mut names: Vec<&str> = names.filter_map(|it| it["name"].as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["challenge", "format", "limit", "program", "span"]);
    assert!(report["responses"]["200"]["content"]["text/csv"].is_object(), "{report}");
    let told = &document["paths"]["/v1/{program}/members/{member}/consents"]["put"];
    assert_eq!(told["operationId"], "tellConsents");
    let body = told.pointer("/requestBody/content/application~1json/schema/$ref");
    assert_eq!(body, Some(&json!("#/components/schemas/ConsentsTold")), "{told}");
    shop.close().await;
}
