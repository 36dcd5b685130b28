//! `guerdon keys …` from outside: a secret that is shown once, and what goes wrong.

mod folder;

use std::process::{Command, Output};

use domain::time::Instant;
use local::stack::{Data, Options, Stack};
use serde_json::Value;

use folder::Folder;

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_made_listed_rotated_and_revoked() {
    let folder = Folder::new(&["keys"], "life").await;
    let till = ["create", "house", "--name", "till 3", "--scope", "earn", "--scope", "read"];
    let made = folder.json(&till);
    let (id, secret) = (made["id"].as_str().expect("an id"), made["secret"].as_str());
    let secret = secret.expect("a secret");
    assert!(secret.starts_with("gk_") && secret.len() == 3 + 64, "{secret}");
    assert_eq!(made["scopes"], serde_json::json!(["earn", "read"]));

    let listed = folder.run(&["list", "house"]);
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    assert!(listed.contains(id) && listed.contains("till 3, from api: earn read"), "{listed}");
    assert!(!listed.contains(secret), "no list says a secret");

    let rotated = folder.json(&["rotate", "house", id, "--overlap", "2"]);
    let new = rotated["id"].as_str().expect("an id");
    assert_ne!((new, rotated["secret"].as_str()), (id, Some(secret)));
    assert_eq!((&rotated["name"], &rotated["scopes"]), (&made["name"], &made["scopes"]));
    let key = |id: &str| {
        let keys = folder.json(&["list", "house"]);
        let keys = keys["keys"].as_array().expect("keys").clone();
        keys.into_iter().find(|key| key["id"] == id).expect("a key of the list")
    };
    assert_eq!((&key(id)["open"], key(id)["ends_at"].is_string()), (&Value::from(true), true));
    assert_eq!((&key(new)["open"], &key(new)["ends_at"]), (&Value::from(true), &Value::Null));

    assert_eq!(key(new)["limit"], "200/2", "what every key may");
    let slow = ["create", "house", "--name", "kiosk", "--scope", "read", "--limit", "60/60"];
    let slow = folder.json(&slow)["id"].as_str().expect("an id").to_owned();
    assert_eq!(key(&slow)["limit"], "60/60");
    let again = folder.json(&["rotate", "house", &slow]);
    assert_eq!(again["limit"], "60/60", "it goes over to the new key");
    let listed = folder.run(&["list", "house"]);
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    assert!(listed.contains("kiosk, from api: read, 60 requests in 60 s, made"), "{listed}");

    let revoked = folder.run(&["revoke", "house", id]);
    assert!(revoked.status.success());
    assert_eq!(key(id)["open"], false);
    folder.check_refused(&["rotate", "house", id], "has ended");
    assert_eq!(key(new)["open"], true);
}

#[test]
fn a_token_is_printed_and_nothing_else() {
    let token = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_guerdon"));
        command.arg("token").args(arguments).output().expect("the binary runs")
    };
    let printed = token(&["m-001", "--program", "house"]);
    let text = String::from_utf8(printed.stdout).expect("text");
    assert!(printed.status.success() && text.ends_with('\n'), "{text}");
    assert_eq!((text.lines().count(), text.matches('.').count()), (1, 2), "{text}");
    assert!(!token(&["m-001", "--program", "No Slug"]).status.success());
    assert!(!token(&[""]).status.success());
    assert!(!token(&["m-001", "--hours", "0"]).status.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn rejections_are_listed_by_day() {
    let folder = Folder::new(&["keys"], "rejections").await;
    let at: Instant = serde_json::from_str("\"2026-06-01T09:00:00Z\"").expect("a time");
    let options = Options { data: Data::Folder(folder.path.clone()), port: 0, clock: at };
    let stack = Stack::start(options).await.expect("a stack");
    let rejection = |message: &str, code: &str| edge::Rejection {
        code: code.to_owned(),
        message: message.to_owned(),
        member: Some("ada".parse().expect("an id")),
        key: Some("activity:shop:a".to_owned()),
        connection: None,
        detail: None,
        rejected_at: at,
    };
    let house = "house".parse().expect("a slug");
    let tables = stack.app.tables();
    rejection("m-1", "KEY_REUSED").keep(tables, Some(&house)).await.expect("tables");
    rejection("m-2", "UNREADABLE").keep(tables, None).await.expect("tables");
    stack.stop().await;
    let list = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_guerdon"));
        let data = folder.path.display().to_string();
        command.arg("rejections").args(arguments).args(["--data", &data]);
        command.output().expect("the binary runs")
    };
    let text = |output: Output| String::from_utf8_lossy(&output.stdout).into_owned();
    let line = "2026-06-01T09:00:00Z  KEY_REUSED  ada  activity:shop:a  message m-1\n";
    assert_eq!(text(list(&["house", "--day", "2026-06-01"])), line);
    assert_eq!(text(list(&["house", "--day", "2026-06-02"])), "");
    let nameless = text(list(&["--day", "2026-06-01", "--json"]));
    let nameless: Value = serde_json::from_str(&nameless).expect("JSON");
    assert_eq!(
        (&nameless["program"], &nameless["rejections"][0]["message"]),
        (&Value::Null, &"m-2".into())
    );
    assert!(!list(&["louvre"]).status.success() && !list(&["--day", "June"]).status.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_wrong_is_one_sentence() {
    let folder = Folder::new(&["keys"], "wrong").await;
    folder.check_refused(&["list", "louvre"], "there is no program \"louvre\"");
    folder.check_refused(&["list", "No Slug"], "\"No Slug\"");
    folder.check_refused(&["revoke", "house", "0123"], "has no key \"0123\"");
    folder.check_refused(&["rotate", "house", "0123"], "has no key \"0123\"");
    let create = |name: &str, scope: &str, sentence: &str| {
        let arguments = ["create", "house", "--name", name, "--scope", scope];
        folder.check_refused(&arguments, sentence);
    };
    create("till", "everything", "'everything'");
    create(" ", "earn", "--name");
    create("member", "earn", "--name member");
    create("a\u{7}b", "earn", "--name");
    let reserved = ["create", "house", "--name", "a", "--scope", "earn", "--source", "member"];
    folder.check_refused(&reserved, "--source member");
    for limit in ["5", "0/1", "1/0", "many"] {
        let limited = ["create", "house", "--name", "a", "--scope", "earn", "--limit", limit];
        folder.check_refused(&limited, "REQUESTS/SECONDS");
    }
    let no_folder = Command::new(env!("CARGO_BIN_EXE_guerdon"))
        .args(["keys", "list", "house", "--data", "/nowhere/at/all"])
        .output()
        .expect("the binary runs");
    let error = String::from_utf8_lossy(&no_folder.stderr);
    assert_eq!((no_folder.status.code(), error.contains("there is no data in")), (Some(1), true));
}
