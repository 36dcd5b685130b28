//! `guerdon verify`, `rebuild` and `export` from outside, over a ledger that somebody harmed.

mod folder;

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::time::Instant;
use folder::Folder;
use local::stack::{Data, Options, Stack};
use serde_json::{Value, json};
use store::registry::{self, Address};

/// Opens the folder's stack for as long as `work` needs it.
async fn with_stack<T>(folder: &Folder, work: impl AsyncFnOnce(&Stack) -> T) -> T {
    let data = Data::Folder(folder.path.clone());
    let options = Options { data, port: 0, clock: Instant::default() };
    let stack = Stack::start(options).await.expect("a stack");
    let done = work(&stack).await;
    stack.pollers.drain().await.expect("a drained stream");
    stack.stop().await;
    // Connections that were kept open let go of the folder a moment later.
    let lock = std::fs::File::open(folder.path.join("in-use.lock")).expect("a lock");
    for _ in 0..500 {
        if lock.try_lock().is_ok() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    done
}

/// Sends what a shop would, and returns the answer.
async fn post(stack: &Stack, path: &str, body: Value) -> Value {
    let url = format!("http://{}/v1/{path}", stack.address);
    let key = local::program::key_of("shop");
    let sent = reqwest::Client::new().post(url).bearer_auth(key).json(&body).send().await;
    sent.expect("an answer").json().await.expect("JSON")
}

/// A member with two orders.
async fn shop(name: &str) -> Folder {
    let folder = Folder::new(&[], name).await;
    with_stack(&folder, async |stack: &Stack| {
        post(stack, "house/members", json!({ "id": "ada" })).await;
        for id in ["1", "2"] {
            let line = json!({ "unit_price": { "amount": 2000, "currency": "GBP" } });
            let order = json!({ "id": id, "member": "ada", "lines": [line] });
            post(stack, "house/orders", order).await;
        }
    })
    .await;
    folder
}

/// Removes items as nothing of ours does: those of the registry under a key, or a row.
async fn remove(folder: &Folder, registry_key: Option<&str>, row: Option<(&str, u64)>) {
    with_stack(folder, async |stack: &Stack| {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let dynamodb = &stack.clients.dynamodb;
        if let Some((chain, sequence)) = row {
            let delete = dynamodb.delete_item().table_name(&stack.settings.ledger);
            let delete = delete.key("chain", text(chain));
            let delete = delete.key("sequence", AttributeValue::N(sequence.to_string()));
            delete.send().await.expect("a removed row");
        }
        let Some(key) = registry_key else { return };
        let scan = dynamodb.scan().table_name(&stack.settings.registry).send().await;
        for item in scan.expect("a registry").items() {
            if item["key"] != text(key) {
                continue;
            }
            let kept = ["key", "sort"].map(|name| (name.to_owned(), item[name].clone()));
            let delete = dynamodb.delete_item().table_name(&stack.settings.registry);
            let delete = delete.set_key(Some(HashMap::from(kept)));
            delete.send().await.expect("a removed item");
        }
    })
    .await;
}

fn problems(report: &Value) -> usize {
    report["problems"].as_array().map_or(0, Vec::len)
}

#[tokio::test(flavor = "multi_thread")]
async fn roll_ups_that_are_behind_are_counted_anew() {
    let folder = shop("behind").await;
    let report = folder.json(&["verify"]);
    assert_eq!((&report["rows"], problems(&report)), (&json!(3), 0), "{report}");
    remove(&folder, Some("rollup#house"), None).await;
    let report = folder.json(&["verify"]);
    assert_eq!((problems(&report), &report["of_the_ledger"]), (1, &json!(0)), "{report}");
    let rebuilt = folder.json(&["rebuild"]);
    assert_eq!((&rebuilt["rows"], &rebuilt["days"]), (&json!(3), &json!(1)), "{rebuilt}");
    assert_eq!(problems(&folder.json(&["verify"])), 0);
    assert_eq!(folder.json(&["rebuild"])["days"], 0, "nothing is left to do");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_witness_of_a_row_that_is_lost_is_kept() {
    let folder = shop("lost").await;
    remove(&folder, None, Some(("house/ada", 3))).await;
    let report = folder.json(&["verify"]);
    assert_eq!(report["of_the_ledger"], 1, "{report}");
    folder.check_refused(&["rebuild"], "the ledger is not what was written");
    let again = folder.json(&["verify"]);
    assert_eq!(again["problems"], report["problems"], "nothing was counted");
    assert_eq!(folder.json(&["rebuild", "--even-so"])["rows"], 2);
    assert_eq!(problems(&folder.json(&["verify"])), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_has_every_row_and_a_folder_of_its_own() {
    let folder = shop("export").await;
    let to = folder.path.with_extension("out");
    let export = ["export", to.to_str().expect("a path")];
    let (first, second) = (folder.json(&export), folder.json(&export));
    assert_eq!((&first["rows"], &second["rows"]), (&json!(3), &json!(3)));
    assert_ne!(first["folder"], second["folder"]);
    for exported in [first, second] {
        let folder = std::path::Path::new(exported["folder"].as_str().expect("a folder"));
        let summary = std::fs::read_to_string(folder.join("manifest-summary.json"));
        let summary: Value = serde_json::from_str(&summary.expect("a summary")).expect("JSON");
        assert_eq!(summary["itemCount"], 3);
    }
    std::fs::remove_dir_all(&to).expect("it is there");
    folder.check_refused(&["export", "/proc/nowhere"], "/proc/nowhere: ");
}

const FRIENDS: &str = r#"
[program]
id        = "friends"
name      = "Friends"
time_zone = "Europe/London"
money     = "GBP"
[points]
cost    = "0.01 GBP"
pending = "at once"
[referral]
when = { only = "the first order" }
[[earn]]
id     = "referral"
on     = "referral"
points = 100
"#;

#[tokio::test(flavor = "multi_thread")]
async fn what_the_stream_lost_is_relayed_from_the_ledger() {
    let folder = Folder::new(&[], "relay").await;
    with_stack(&folder, async |stack: &Stack| {
        let from = Instant::default();
        let program = domain::definition::parse(FRIENDS, "friends.toml", 1, from).expect("sound");
        let friends = local::program::Definition { text: FRIENDS.to_owned(), program };
        local::program::publish(&stack.app, &friends, "shop").await.expect("published");
        post(stack, "friends/members", json!({ "id": "ada" })).await;
        let code = post(stack, "friends/members/ada/referral-code", json!({})).await;
        let friend = json!({ "id": "bo", "referral_code": code["code"] });
        post(stack, "friends/members", friend).await;
        let line = json!({ "unit_price": { "amount": 2000, "currency": "GBP" } });
        let order = json!({ "id": "1", "member": "bo", "lines": [line] });
        post(stack, "friends/orders", order).await;
    })
    .await;
    let rows = |folder: &Folder| folder.json(&["verify"])["rows"].clone();
    assert_eq!(rows(&folder), 4, "ada joined, bo joined and ordered, ada has the points");
    // As if nobody had ever relayed bo's order.
    remove(&folder, None, Some(("friends/ada", 2))).await;
    assert_eq!(rows(&folder), 3);
    let tomorrow = ["relay", "--from", "2999-01-01"];
    assert_eq!(folder.json(&tomorrow), json!({ "rows": 0, "dry_run": false, "unread": 0 }));
    let all = ["relay", "--from", "1970-01-01"];
    let dry = folder.json(&[&all[..], &["--dry-run"]].concat());
    assert_eq!(
        (dry, rows(&folder)),
        (json!({ "rows": 3, "dry_run": true, "unread": 0 }), json!(3))
    );
    for _ in 0..2 {
        folder.json(&all);
        assert_eq!(rows(&folder), 4, "and once only");
    }
    folder.check_refused(&["relay"], "--from");
    folder.check_refused(&["relay", "--from", "soon"], "expected a time");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_kept_aside_is_relayed_once_it_can_be_read() {
    let folder = shop("parked").await;
    let list = async |stack: &Stack| {
        let found = registry::list(stack.app.tables(), relay::PARKED, None, None).await;
        found.expect("a registry") as Vec<(String, Value)>
    };
    with_stack(&folder, async |stack: &Stack| {
        let address = Address::new(relay::PARKED, "house/ada#2");
        let why = json!({ "why": "of a newer version" });
        registry::write(stack.app.tables(), &address, &why).await.expect("kept aside");
    })
    .await;
    assert_eq!(folder.json(&["relay", "--parked", "--dry-run"])["rows"], 1);
    assert_eq!(folder.json(&["relay", "--parked"])["rows"], 1);
    assert_eq!(folder.json(&["relay", "--parked"])["rows"], 0, "it has been");
    let kept = with_stack(&folder, list).await;
    assert_eq!(kept[0].1, json!({ "why": "of a newer version", "relayed": true }));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_even_now_stays_aside() {
    let folder = shop("unread").await;
    with_stack(&folder, async |stack: &Stack| {
        let put = stack.clients.dynamodb.put_item().table_name(&stack.settings.ledger);
        let put = put.item("chain", AttributeValue::S("house/zed".to_owned()));
        let put = put.item("sequence", AttributeValue::N("1".to_owned()));
        put.send().await.expect("a row of nobody's");
    })
    .await;
    for _ in 0..2 {
        let done = folder.json(&["relay", "--parked"]);
        assert_eq!((&done["rows"], &done["unread"]), (&json!(1), &json!(1)), "{done}");
    }
}
