//! `guerdon keys …` from outside: a secret that is shown once, and what goes wrong.

use std::{
    path::PathBuf,
    process::{Command, Output},
};

use domain::time::Instant;
use local::stack::{Data, Options, Stack};
use serde_json::Value;

/// A data folder with the house program in it, which goes with the test.
struct Folder(PathBuf);

impl Folder {
    async fn new(name: &str) -> Folder {
        let folder = format!("guerdon-keys-{name}-{}", std::process::id());
        let folder = Folder(std::env::temp_dir().join(folder));
        let data = Data::Folder(folder.0.clone());
        let options = Options { data, port: 0, clock: Instant::default() };
        let stack = Stack::start(options).await.expect("a stack");
        let house = local::program::read(None, Instant::default()).expect("the house program");
        local::program::publish(&stack.app, &house, "shop").await.expect("a published program");
        stack.stop().await;
        folder
    }

    fn keys(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_guerdon"));
        let data = self.0.display().to_string();
        command.arg("keys").args(arguments).args(["--data", &data]);
        command.output().expect("the binary runs")
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let arguments: Vec<&str> = arguments.iter().copied().chain(["--json"]).collect();
        let output = self.keys(&arguments);
        let text = String::from_utf8_lossy(&output.stdout);
        let error = String::from_utf8_lossy(&output.stderr);
        serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}{error}"))
    }

    #[track_caller]
    fn check_refused(&self, arguments: &[&str], sentence: &str) {
        let output = self.keys(arguments);
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{arguments:?}");
        assert!(error.contains(sentence), "{error}");
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_made_listed_rotated_and_revoked() {
    let folder = Folder::new("life").await;
    let till = ["create", "house", "--name", "till 3", "--scope", "earn", "--scope", "read"];
    let made = folder.json(&till);
    let (id, secret) = (made["id"].as_str().expect("an id"), made["secret"].as_str());
    let secret = secret.expect("a secret");
    assert!(secret.starts_with("gk_") && secret.len() == 3 + 64, "{secret}");
    assert_eq!(made["scopes"], serde_json::json!(["earn", "read"]));

    let listed = folder.keys(&["list", "house"]);
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

    let revoked = folder.keys(&["revoke", "house", id]);
    assert!(revoked.status.success());
    assert_eq!(key(id)["open"], false);
    folder.check_refused(&["rotate", "house", id], "has ended");
    assert_eq!(key(new)["open"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_wrong_is_one_sentence() {
    let folder = Folder::new("wrong").await;
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
    create("a\u{7}b", "earn", "--name");
    let no_folder = Command::new(env!("CARGO_BIN_EXE_guerdon"))
        .args(["keys", "list", "house", "--data", "/nowhere/at/all"])
        .output()
        .expect("the binary runs");
    let error = String::from_utf8_lossy(&no_folder.stderr);
    assert_eq!((no_folder.status.code(), error.contains("there is no data in")), (Some(1), true));
}
