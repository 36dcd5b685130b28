//! `guerdon subscribers …` from outside: a secret that is shown once, addresses that are
//! refused, and what goes wrong.

mod folder;

use std::net::Ipv4Addr;

use axum::{Router, http::StatusCode, routing::post};
use serde_json::{Value, json};

use folder::Folder;

#[tokio::test(flavor = "multi_thread")]
async fn a_subscriber_is_made_tried_out_rotated_disabled_and_enabled() {
    let folder = Folder::new(&["subscribers"], "life").await;
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
    let listener = listener.expect("a free port");
    let url = format!("http://{}/", listener.local_addr().expect("an address"));
    let router = Router::new().route("/", post(async || StatusCode::NO_CONTENT));
    let serving = tokio::spawn(async move { axum::serve(listener, router).await });

    let create = ["create", "house", "--id", "crm", "--url", &url, "--event", "points.*"];
    folder.check_refused(&create, "only https:// is sent to");
    let create: Vec<&str> = create.into_iter().chain(["--allow-loopback"]).collect();
    let made = folder.json(&create);
    let secret = made["secret"].as_str().expect("a secret");
    assert!(secret.starts_with("whsec_") && secret.len() == 6 + 44, "{secret}");
    folder.check_refused(&create, "there is a subscriber \"crm\" already");
    let listed = folder.run(&["list", "house"]);
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    assert!(listed.starts_with(&format!("crm  webhook at {url}: points.*, made ")), "{listed}");
    assert!(!listed.contains(secret), "no list says a secret");

    let tried = folder.json(&["test", "house", "crm", "--allow-loopback"]);
    assert_eq!((&tried["outcome"], &tried["status"]), (&json!("delivered"), &json!(204)));
    let refused = folder.run(&["test", "house", "crm"]);
    let said = String::from_utf8_lossy(&refused.stdout);
    assert_eq!((refused.status.code(), said.contains("ADDRESS_NOT_HTTPS")), (Some(1), true));
    let log = folder.json(&["log", "house", "crm"]);
    let attempts = log["attempts"].as_array().expect("attempts");
    let reasons: Vec<&Value> = attempts.iter().map(|attempt| &attempt["reason"]).collect();
    assert_eq!(reasons, [&json!("ADDRESS_NOT_HTTPS"), &Value::Null], "newest first");

    let rotated = folder.json(&["rotate", "house", "crm", "--overlap", "2"]);
    assert_ne!(rotated["secret"].as_str(), Some(secret));
    assert!(rotated["previous_secret_until"].is_string(), "{rotated}");
    let disabled = folder.json(&["disable", "house", "crm"]);
    assert_eq!(disabled["disabled_why"], "BY_HAND");
    let enabled = folder.json(&["enable", "house", "crm"]);
    assert_eq!((&enabled["disabled_at"], &enabled["secret"]), (&Value::Null, &Value::Null));
    serving.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_made_the_secret_of_is_never_shown() {
    let folder = Folder::new(&["subscribers"], "apis").await;
    let file = folder.path.join("secret");
    std::fs::write(&file, "pk_0123456789\n").expect("a file");
    let file = file.display().to_string();
    let klaviyo = ["create", "house", "--id", "mail", "--kind", "klaviyo"];
    folder.check_refused(&klaviyo, "--secret-file");
    let with_secret = |arguments: &[&'static str]| -> Vec<String> {
        let arguments = arguments.iter().map(|it| (*it).to_owned());
        arguments.chain(["--secret-file".to_owned(), file.clone()]).collect()
    };
    async fn json(folder: &Folder, arguments: Vec<String>) -> Value {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        folder.json(&arguments)
    }
    let made = json(&folder, with_secret(&klaviyo)).await;
    assert_eq!(made["url"], "https://a.klaviyo.com");
    let salesforce = [
        "create",
        "house",
        "--id",
        "journeys",
        "--kind",
        "salesforce",
        "--subdomain",
        "mc1",
        "--client-id",
        "c",
        "--event-definition-key",
        "APIEvent-1",
        "--consent",
        "marketing",
    ];
    let made_too = json(&folder, with_secret(&salesforce)).await;
    assert_eq!(made_too["url"], "https://mc1.rest.marketingcloudapis.com");
    assert_eq!(made_too["consent"], "marketing");
    let rotated = json(&folder, with_secret(&["rotate", "house", "mail"])).await;
    let all = folder.json(&["list", "house"]);
    for shown in [made, made_too, rotated, all] {
        assert!(!shown.to_string().contains("pk_0123456789"), "{shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_wrong_is_one_sentence() {
    let folder = Folder::new(&["subscribers"], "wrong").await;
    folder.check_refused(&["list", "louvre"], "there is no program \"louvre\"");
    for tool in ["rotate", "disable", "enable", "test", "log"] {
        folder.check_refused(&[tool, "house", "nobody"], "has no subscriber \"nobody\"");
    }
    for (id, url, more, sentence) in [
        ("No Slug", "https://example.com/", "points.*", "--id \"No Slug\""),
        ("crm", "http://example.com/", "points.*", "only https:// is sent to"),
        ("crm", "https://169.254.169.254/", "points.*", "only public addresses are sent to"),
        ("crm", "https://ada:pw@example.com/", "points.*", "give a URL"),
        ("crm", "https://example.com/", "points.found", "there is no event \"points.found\""),
    ] {
        let create = ["create", "house", "--id", id, "--url", url, "--event", more];
        folder.check_refused(&create, sentence);
    }
    folder.check_refused(&["create", "house", "--id", "crm"], "--url");
    assert_eq!(folder.json(&["list", "house"])["subscribers"], json!([]));
}
