//! `guerdon verify`, `rebuild` and `export` from outside, over a ledger that somebody harmed.

mod folder;

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::time::Instant;
use folder::Folder;
use local::stack::{Data, Options, Stack};
use serde_json::{Value, json};

/// Opens the folder's stack for as long as `work` needs it.
async fn with_stack<T>(folder: &Folder, work: impl AsyncFnOnce(&Stack) -> T) -> T {
    let data = Data::Folder(folder.path.clone());
    let options = Options { data, port: 0, clock: Instant::default() };
    let stack = Stack::start(options).await.expect("a stack");
    let done = work(&stack).await;
    stack.pollers.drain().await.expect("a drained stream");
    stack.stop().await;
    done
}

/// A member with two orders.
async fn shop(name: &str) -> Folder {
    let folder = Folder::new(&[], name).await;
    with_stack(&folder, async |stack: &Stack| {
        let post = async |path: &str, body: Value| {
            let url = format!("http://{}/v1/house/{path}", stack.address);
            let key = local::program::key_of("shop");
            let sent = reqwest::Client::new().post(url).bearer_auth(key).json(&body).send().await;
            assert_eq!(sent.expect("an answer").status(), 201);
        };
        post("members", json!({ "id": "ada" })).await;
        for id in ["1", "2"] {
            let line = json!({ "unit_price": { "amount": 2000, "currency": "GBP" } });
            post("orders", json!({ "id": id, "member": "ada", "lines": [line] })).await;
        }
    })
    .await;
    folder
}

/// Removes items as nothing of ours does: those of the registry under a key, or a row.
async fn remove(folder: &Folder, registry_key: Option<&str>, row: Option<u64>) {
    with_stack(folder, async |stack: &Stack| {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let dynamodb = &stack.clients.dynamodb;
        if let Some(sequence) = row {
            let delete = dynamodb.delete_item().table_name(&stack.settings.ledger);
            let delete = delete.key("chain", text("house/ada"));
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
    remove(&folder, None, Some(3)).await;
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
