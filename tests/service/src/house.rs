//! The sentences of ARCHITECTURE.md about who may know whom, checked.

use std::{
    fs,
    path::{Path, PathBuf},
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn manifest(folder: &str) -> String {
    let file = root().join(folder).join("Cargo.toml");
    let text = fs::read_to_string(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    // What tests use is no dependency.
    text.split("[dev-dependencies]").next().unwrap_or_default().to_owned()
}

fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of sources") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).expect("a source");
                found.push((path, text));
            }
        }
    }
    assert!(!found.is_empty(), "{folder} has sources");
    found
}

fn check_absent(folder: &str, forbidden: &[&str], except: &[&str]) {
    for (path, text) in sources(folder) {
        if except.iter().any(|except| path.ends_with(except)) {
            continue;
        }
        for (number, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            for word in forbidden {
                assert!(!code.contains(word), "{}:{}: {word}", path.display(), number + 1);
            }
        }
    }
}

const FUNCTIONS: [&str; 6] = ["accrue", "redeem", "enroll", "expire", "relay", "report"];

#[test]
fn domain_and_connectors_know_no_clock_no_network_no_environment_and_no_floats() {
    for pure in ["shared/domain", "shared/connectors"] {
        let manifest = manifest(pure);
        for crate_name in ["tokio", "aws-", "store", "edge", "axum", "reqwest", "rand", "uuid"] {
            let depends = manifest.lines().any(|line| line.starts_with(crate_name));
            assert!(!depends, "{pure} depends on {crate_name}");
        }
        let forbidden =
            ["Timestamp::now", "SystemTime", "std::env", "async fn", "f32", "f64", "std::net"];
        // The tests in this file look for the official vectors.
        check_absent(&format!("{pure}/src"), &forbidden, &["mac.rs"]);
    }
}

#[test]
fn functions_never_import_each_other() {
    for function in FUNCTIONS {
        let manifest = manifest(&format!("functions/{function}"));
        for other in FUNCTIONS.iter().filter(|other| **other != function) {
            let depends = manifest.lines().any(|line| line.starts_with(&format!("{other}.")));
            assert!(!depends, "{function} depends on {other}");
        }
    }
}

#[test]
fn functions_describe_every_route() {
    // What the document does not say, the test of who may call does not see.
    // The relay serves nothing; its tests stand in for others.
    for function in FUNCTIONS.iter().filter(|function| **function != "relay") {
        let folder = format!("functions/{function}/src");
        check_absent(&folder, &[".route(", ".route_service(", ".nest_service("], &[]);
    }
}

#[test]
fn only_the_relay_calls_the_outside() {
    let folders = ["shared/domain", "shared/store", "shared/connectors", "shared/edge"];
    let functions = FUNCTIONS.iter().filter(|function| **function != "relay");
    let functions = functions.map(|function| format!("functions/{function}"));
    for folder in folders.map(str::to_owned).into_iter().chain(functions) {
        assert!(!manifest(&folder).contains("reqwest"), "{folder} calls the outside");
    }
    // Every request goes through the one client, which looks at where it leads.
    let client = ["Client::new", "Client::builder", "reqwest::get", "reqwest::Client"];
    check_absent("functions/relay/src", &client, &["network.rs", "bus.rs"]);
}

#[test]
fn only_the_store_the_edge_and_the_event_bus_touch_an_sdk() {
    for folder in [
        "shared/domain",
        "shared/connectors",
        "functions/accrue",
        "functions/redeem",
        "functions/enroll",
        "functions/expire",
        "functions/report",
    ] {
        assert!(!manifest(folder).contains("aws-sdk"), "{folder} depends on an SDK");
    }
    // The event bus is the relay's alone.
    let relay = manifest("functions/relay");
    let sdks: Vec<&str> = relay.lines().filter(|line| line.starts_with("aws-sdk")).collect();
    assert_eq!(sdks, ["aws-sdk-eventbridge.workspace = true"]);
    check_absent("functions/relay/src", &["aws_sdk"], &["bus.rs"]);
    let sdk = ["aws_sdk_dynamodb"];
    check_absent("shared/store/src", &sdk, &["dynamodb.rs", "dynamodb_contract.rs"]);
    check_absent("shared/edge/src", &sdk, &["app.rs", "settings.rs"]);
}

#[test]
fn nothing_updates_or_deletes_and_the_ledger_is_only_put_where_nothing_is() {
    let forbidden = ["update_item", "delete_item", "batch_write_item", "UpdateItem", "DeleteItem"];
    for folder in ["shared/store/src", "shared/edge/src", "functions"] {
        check_absent(folder, &forbidden, &[]);
    }
    for (path, text) in sources("shared/store/src") {
        if path.components().any(|part| part.as_os_str() == "simulated") {
            continue;
        }
        for (number, line) in text.lines().enumerate() {
            let puts = line.contains("Put {") && line.contains("Table::Ledger");
            let guarded = line.contains("Condition::Absent") || line.contains("condition");
            assert!(!puts || guarded, "{}:{}", path.display(), number + 1);
        }
    }
}
