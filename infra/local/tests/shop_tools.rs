//! `guerdon connections …` and `guerdon reconcile` from outside.

mod folder;

use serde_json::{Value, json};

use folder::Folder;

const SECRET: &str = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// A connection of a Shopify shop that a folder has.
fn connect(folder: &Folder, id: &str) -> Value {
    let shop = ["--shop", "shopify", "--topic", "orders/updated", "--enrols"];
    let create = ["connections", "create", "house", id, "--secret", SECRET];
    folder.json(&[&create[..], &shop[..]].concat())
}

/// An export with this in it.
fn export(folder: &Folder, text: &str) -> String {
    let file = folder.path.join("export.json");
    std::fs::write(&file, text).expect("a file");
    file.display().to_string()
}

fn order(id: u32, price: &str) -> Value {
    json!({
        "id": id, "test": false, "currency": "GBP", "cancelled_at": null,
        "created_at": "2026-05-20T12:00:00+01:00", "updated_at": "2026-05-20T12:00:05+01:00",
        "financial_status": "paid", "source_name": "web", "taxes_included": true,
        "total_price": price, "total_discounts": "0.00", "email": "ada@example.org",
        "customer": { "id": 115, "email": "ada@example.org", "phone": null },
        "line_items": [{ "id": 11, "product_id": 91, "sku": "MUG", "vendor": "Clay", "quantity": 1,
            "price": price, "total_discount": "0.00", "gift_card": false }],
        "shipping_lines": [], "refunds": []
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn failure_28_a_webhook_that_never_came_is_found_in_the_shops_export_and_recorded() {
    let folder = Folder::new(&[], "export").await;
    connect(&folder, "updated");
    let reconcile = |text: &str, more: &[&str]| {
        let file = export(&folder, text);
        let tool = ["reconcile", "house", &file, "--connection", "updated"];
        folder.json(&[&tool[..], more].concat())
    };
    let first = json!({ "orders": [order(1, "20.00")] }).to_string();
    let missed = reconcile(&first, &[]);
    let keys: Vec<&str> =
        missed["missed"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    assert_eq!(keys.len(), 1, "{missed}");
    assert!(keys[0].starts_with("order:shopify:1@"), "{missed}");
    // Of three, one had come.
    let three = json!({ "orders": [order(1, "20.00"), order(2, "5.00"), order(3, "7.00")] });
    let looked = reconcile(&three.to_string(), &["--dry-run"]);
    assert_eq!((&looked["known"], &looked["recorded"]), (&json!(1), &json!(false)), "{looked}");
    assert_eq!(looked["missed"].as_array().map(Vec::len), Some(2), "{looked}");
    let healed = reconcile(&three.to_string(), &[]);
    assert_eq!((&healed["known"], &healed["missed"]), (&json!(1), &looked["missed"]), "{healed}");
    let again = reconcile(&three.to_string(), &[]);
    assert_eq!((&again["known"], &again["missed"]), (&json!(3), &json!([])), "{again}");
    // What cannot be read is named by its place, and the rest counts.
    let broken = format!("{}\n{}\n", json!({ "id": "?" }), order(4, "9.00"));
    let told = reconcile(&broken, &[]);
    assert_eq!(told["missed"].as_array().map(Vec::len), Some(1), "{told}");
    assert_eq!(told["rejected"][0]["document"], 1, "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_of_an_export_are_looked_for_too_and_orders_are_no_accounts() {
    let folder = Folder::new(&[], "accounts").await;
    let shop = ["--shop", "shopify", "--topic", "customers/create", "--enrols"];
    let create = ["connections", "create", "house", "accounts", "--secret", SECRET];
    folder.json(&[&create[..], &shop[..]].concat());
    let reconcile = |more: &[&str]| {
        let people = json!([{ "id": 9, "email": "a@example.org" }, order(1, "20.00")]);
        let file = export(&folder, &people.to_string());
        let tool = ["reconcile", "house", &file, "--connection", "accounts"];
        folder.json(&[&tool[..], more].concat())
    };
    for told in [reconcile(&["--dry-run"]), reconcile(&[])] {
        assert_eq!(told["missed"], json!(["member:9"]), "{told}");
        assert_eq!(told["rejected"][0]["document"], 2, "{told}");
    }
    assert_eq!(reconcile(&["--dry-run"])["known"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_is_made_listed_rotated_and_ended_and_never_shows_a_secret() {
    let folder = Folder::new(&[], "life").await;
    let made = connect(&folder, "updated");
    assert_eq!((&made["path"], &made["open"]), (&json!("/webhooks/updated"), &json!(true)));
    let new = "bmV3IHNlY3JldCB0aGF0IG5vYm9keSBoYXMgeWV0";
    let rotate = ["connections", "rotate", "house", "updated", "--secret", new];
    assert!(folder.json(&rotate)["previous_until"].is_string());
    let listed = folder.json(&["connections", "list", "house"]);
    assert_eq!(listed["connections"][0]["topic"], "orders/updated", "{listed}");
    for shown in [&made, &listed] {
        assert!(!shown.to_string().contains(SECRET) && !shown.to_string().contains(new));
    }
    assert_eq!(folder.json(&["connections", "end", "house", "updated"])["open"], false);
    let create = |more: &[&str]| {
        let create = ["connections", "create", "house", "another", "--secret", SECRET];
        [&create[..], more].concat().into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    for (more, sentence) in [
        (&["--shop", "shopify"][..], "--topic: say which"),
        (&["--shop", "shopify", "--topic", "orders/eaten"], "this topic is not listened to"),
        (&["--shop", "stripe", "--topic", "orders/paid"], "--topic is for other shop software"),
        (&["--shop", "stripe", "--source", "A b"], "--source"),
        (&["--shop", "stripe", "--source", "guerdon"], "what the engine itself tells"),
        (
            &["--shop", "shopify", "--topic", "orders/paid", "--domain", "evil.example"],
            "expected one such as my-shop.myshopify.com",
        ),
    ] {
        let arguments = create(more);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        folder.check_refused(&arguments, sentence);
    }
    folder.check_refused(&rotate, "updated has ended");
    let empty = ["connections", "create", "house", "x", "--shop", "stripe", "--secret", " "];
    folder.check_refused(&empty, "the secret is empty");
    folder.check_refused(&["connections", "end", "house", "nobody"], "has no connection nobody");
    folder.check_refused(&["connections", "list", "nowhere"], "there is no program");
    let file = export(&folder, "id,total\n1,2\n");
    let tool = ["reconcile", "house", &file, "--connection", "updated"];
    folder.check_refused(&tool, "no JSON of an export");
}
