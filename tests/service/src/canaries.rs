//! Personal data, sent wherever something can be sent, and looked for wherever something
//! is kept or written.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use edge::{Rejection, telemetry};
use local::{
    queue::{self, Name},
    stack::Data,
    token,
};
use reqwest::Method;
use serde_json::{Value, json};
use store::{
    item::{Item, Table, Value as Kept},
    tables::Tables,
};

use crate::shop::{Answer, TestShop, gbp, order, send};

const EMAIL: &str = "Canary.Ada@personal.example";
const PHONE: &str = "+44 7700 900462";
const CARD: &str = "4929 1234 5678 9012";
const NAME: &str = "Adalbert Canarypants";

/// What of them is nowhere, in small letters, however they are spelled.
const TRACES: [&str; 8] = [
    "canary.ada",
    "personal.example",
    "7700 900462",
    "7700900462",
    "4929 1234",
    "492912345678",
    "adalbert",
    "canarypants",
];

#[track_caller]
fn check_none(place: &str, bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes).to_lowercase();
    for trace in TRACES {
        let Some(at) = text.find(trace) else { continue };
        let around: String = text[..at].chars().rev().take(200).collect();
        let around: String = around.chars().rev().collect();
        panic!("{place} has {trace:?} after: {around}");
    }
}

/// Everything that is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no panic while it is held").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn text(&self) -> Vec<u8> {
        self.0.lock().expect("no panic while it is held").clone()
    }
}

/// A folder that goes with the test.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry"));
    let paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.into_iter().map(|path| (path.clone(), fs::read(path).expect("a file"))).collect()
}

/// Every item of a table.
async fn items(shop: &TestShop, table: Table) -> Vec<Item> {
    let (mut items, mut after) = (Vec::new(), None);
    loop {
        let page = shop.stack.app.tables().scan(table, after).await.expect("tables");
        items.extend(page.items);
        after = page.next;
        if after.is_none() {
            return items;
        }
    }
}

fn check_items(items: &[Item]) {
    for item in items {
        for (name, value) in &item.0 {
            let place = format!("{name} of {:?}", item.0.get("key").or(item.0.get("chain")));
            match value {
                Kept::S(text) => check_none(&place, text.as_bytes()),
                Kept::B(bytes) => check_none(&place, bytes),
                Kept::N(_) => {}
            }
        }
    }
}

/// The bodies of all messages on a queue, which stay there.
async fn messages(shop: &TestShop, url: &str) -> Vec<String> {
    let request = shop.stack.clients.sqs.receive_message().queue_url(url);
    let request = request.max_number_of_messages(10).visibility_timeout(0);
    let received = Box::pin(request.send()).await.expect("a queue");
    received.messages.unwrap_or_default().into_iter().filter_map(|message| message.body).collect()
}

/// What a request that cannot be done holds: its path, its body, its answer's code.
type Refused = (&'static str, Value, &'static str);

/// Requests of which nothing is recorded, with canaries where somebody might put them.
fn refused() -> Vec<Refused> {
    let person = json!({ "name": NAME, "email": EMAIL, "phone": PHONE, "card": CARD });
    let with = |mut body: Value, name: &str| {
        body[name] = person.clone();
        body
    };
    let activity = json!({ "id": "x", "member": "ada", "kind": "log_in" });
    let adjusted = json!({ "member": "ada", "points": 1, "reason": NAME.repeat(20) });
    vec![
        ("members", json!({ "id": "eve", "identities": { "email": EMAIL } }), "TAKEN"),
        ("members", with(json!({ "id": "eve" }), "name"), "FIELD"),
        ("members", json!({ "id": [EMAIL, PHONE] }), "FIELD"),
        ("members", json!({ "id": format!("{EMAIL}\n{PHONE}") }), "ID"),
        ("members", json!({ "id": "eve", "birthday": NAME }), "BIRTHDAY"),
        ("orders", with(order("x", "ada", 1), "customer"), "FIELD"),
        ("orders", order(EMAIL, NAME, 1), "MEMBER_UNKNOWN"),
        ("orders", order(&CARD.repeat(20), NAME, 1), "ID"),
        ("orders", json!({ "id": "x", "member": "ada", "lines": EMAIL }), "FIELD"),
        ("orders", json!({ "id": "x", "member": "ada", "placed_at": PHONE, "lines": [] }), "FIELD"),
        (
            "orders",
            json!({ "id": "x", "member": "ada",
                    "lines": [{ "unit_price": { "amount": 1, "currency": NAME } }] }),
            "CURRENCY",
        ),
        ("refunds", with(json!({ "id": "x", "order": "A", "member": "ada" }), "to"), "FIELD"),
        (
            "refunds",
            json!({ "id": NAME, "order": EMAIL, "member": PHONE, "everything": true }),
            "MEMBER_UNKNOWN",
        ),
        ("activities", with(activity.clone(), "profile"), "FIELD"),
        (
            "activities",
            json!([activity, { "id": EMAIL, "member": "ada", "kind": NAME }]),
            "ACTIVITY_KIND",
        ),
        (
            "activities",
            json!({ "id": "x", "member": "ada", "kind": "run", "quantity": EMAIL }),
            "QUANTITY",
        ),
        (
            "quotes",
            json!({ "member": EMAIL, "lines": [{ "unit_price": gbp(1) }] }),
            "MEMBER_UNKNOWN",
        ),
        ("adjustments", adjusted, "TEXT"),
        ("adjustments", json!({ "member": EMAIL, "points": 1, "reason": NAME }), "MEMBER_UNKNOWN"),
        ("members/ada/tier", json!({ "tier": NAME, "reason": EMAIL }), "TIER_UNKNOWN"),
        ("members/ada/challenges", json!({ "challenge": EMAIL }), "CHALLENGE_UNKNOWN"),
        ("members/ada/redemptions", json!({ "reward": NAME }), "REWARD_UNKNOWN"),
        ("members/ada/redemptions", json!({ "reward": "x", "delivery": person }), "FIELD"),
        ("members/ada/redemptions/9/capture", json!({ "points": EMAIL }), "FIELD"),
        ("members/Adalbert%20Canarypants/redemptions", json!({ "reward": "x" }), "MEMBER_UNKNOWN"),
        (
            "members/canary.ada@personal.example/tier",
            json!({ "tier": "gold", "reason": NAME }),
            "MEMBER_UNKNOWN",
        ),
        ("orders?email=canary.ada@personal.example", order("x", "ada", 1), "QUERY"),
        ("Adalbert%20Canarypants", json!({ "card": CARD }), "PATH_UNKNOWN"),
    ]
}

/// Sends everything that can be sent, and returns how many requests that were.
async fn send_canaries(shop: &TestShop) -> usize {
    let person = json!({
        "id": "ada",
        "identities": { "email": EMAIL, "phone": PHONE, "card": CARD },
        "consents": [{ "purpose": "marketing", "granted": true }],
        "birthday": "02-29",
    });
    let mut sent = 0;
    let mut expect = |answer: Answer, status: u16| {
        assert_eq!(answer.status, status, "{answer:?}");
        sent += 1;
    };
    expect(shop.post("members", person).await, 201);
    // What a line is called, how it was paid and where it went are for rules to ask.
    let mut told = order("A", "ada", 90_000);
    told["channel"] = NAME.into();
    told["store"] = EMAIL.into();
    told["lines"][0]["product"] = format!("a mug for {NAME}").into();
    told["lines"][0]["category"] = EMAIL.into();
    told["lines"][0]["brand"] = PHONE.into();
    told["tenders"] = json!([{ "kind": CARD, "amount": gbp(1) }]);
    expect(shop.post("orders", told.clone()).await, 201);
    told["id"] = "B".into();
    expect(shop.post("orders?dry_run=true", told).await, 200);
    let back = json!({ "id": "R", "order": "A", "member": "ada", "amount": gbp(100) });
    expect(shop.post("refunds", back).await, 201);
    let review = json!({ "id": "r", "member": "ada", "kind": "review", "subject": "kettle" });
    expect(shop.post("activities", review).await, 202);

    // An issuer's token says more than it is asked for.
    let mut claims = shop.claims("ada");
    claims["email"] = EMAIL.into();
    claims["name"] = NAME.into();
    claims["phone_number"] = PHONE.into();
    let tokens =
        [token::issue(&claims).expect("a token"), EMAIL.to_owned(), CARD.replace(' ', ".")];
    for (bearer, status) in tokens.iter().zip([201, 401, 401]) {
        let path = shop.path("members/ada/redemptions");
        let spend = shop.as_caller(bearer, Method::POST, &path);
        let spend = spend.header("x-request-id", EMAIL).json(&json!({ "reward": "mug" }));
        expect(send(spend).await, status);
    }
    for (path, body, code) in refused() {
        let request = shop.request(Method::POST, &shop.path(path)).json(&body);
        let request = request.header("x-request-id", EMAIL).header("user-agent", NAME);
        let answer = send(request.header("idempotency-key", EMAIL)).await;
        assert_eq!(answer.code(), code, "{path} {body}: {answer:?}");
        let status = answer.status;
        expect(answer, status);
    }
    for path in [
        "members/canary.ada@personal.example",
        "members/Adalbert%20Canarypants/balance",
        "members/ada/balance?at=canary.ada@personal.example",
        "members/ada/history?cursor=Canarypants",
        "members/ada/history/Canarypants",
        "members/ada/statement?from=4929123456789012",
        "reports/liability?at=Canarypants",
        "reports/leaderboard?challenge=Canarypants",
    ] {
        let answer = shop.get(path).await;
        assert!([400, 404].contains(&answer.status), "{path}: {answer:?}");
        let status = answer.status;
        expect(answer, status);
    }
    for body in [format!("{{\"email\":\"{EMAIL}\""), format!("{NAME},{CARD}"), EMAIL.repeat(12_000)]
    {
        let request = shop.request(Method::POST, &shop.path("orders")).body(body);
        let answer = send(request).await;
        assert!([400, 413].contains(&answer.status), "{answer:?}");
        let status = answer.status;
        expect(answer, status);
    }
    sent
}

/// Messages that nobody here wrote.
fn poison(shop: &TestShop) -> SqsEvent {
    let now = shop.stack.app.clock().now();
    let message = |version: u32, fact: Value| {
        json!({ "v": version, "program": "club", "member": "ada", "source": "shop",
                "has_key_times": false, "actor": NAME, "accepted_at": now, "fact": fact })
    };
    let named = json!({ "kind": "activity", "id": "p", "activity": NAME, "withdrawn": false });
    let more = json!({ "kind": "activity", "id": "p", "activity": "log_in", "email": EMAIL });
    let bodies = [
        EMAIL.to_owned(),
        json!({ "v": 1, "email": EMAIL, "phone": PHONE }).to_string(),
        message(1, named).to_string(),
        message(1, more.clone()).to_string(),
        message(9, more).to_string(),
    ];
    let mut event = SqsEvent::default();
    for (number, body) in bodies.into_iter().enumerate() {
        let mut message = SqsMessage::default();
        message.message_id = Some(format!("message-{number}"));
        message.body = Some(body);
        event.records.push(message);
    }
    event
}

// On one thread, so that what all tasks log comes here, and nothing of other tests does.
#[tokio::test]
async fn failure_27_personal_data_is_in_no_log_no_row_no_message_and_no_file() {
    let log = Log::default();
    let writer = log.clone();
    let lines = telemetry::lines(tracing::Level::DEBUG, move || writer.clone());
    let _logging = tracing::subscriber::set_default(lines);
    // Where there is only one, what another thread logs first is forgotten for all.
    let _another = tracing::Dispatch::new(tracing_subscriber::registry());
    let folder = format!("guerdon-canaries-{}", std::process::id());
    let folder = Folder(std::env::temp_dir().join(folder));
    fs::create_dir_all(&folder.0).expect("a folder");
    let shop = TestShop::open_club_in(Data::Folder(folder.0.clone())).await;
    let settings = shop.stack.settings.clone();

    let still = shop.stack.pollers.pause().await;
    let sent = send_canaries(&shop).await;
    let queued = messages(&shop, &settings.credits_queue).await;
    assert_eq!(queued.len(), 1, "the one activity that was accepted");
    queued.iter().for_each(|body| check_none("a message", body.as_bytes()));
    drop(still);
    shop.drain().await;
    for name in ["credits-dead", "settle-dead"] {
        let url = Box::pin(shop.stack.clients.sqs.get_queue_url().queue_name(name).send()).await;
        let url = url.expect("a queue").queue_url.expect("its address");
        let dead = messages(&shop, &url).await;
        dead.iter().for_each(|body| check_none(name, body.as_bytes()));
    }
    let (ledger, registry) = (Table::Ledger, Table::Registry);
    let (rows, kept) = (items(&shop, ledger).await, items(&shop, registry).await);
    // Enrolled, two orders' worth of facts, the activity, and what was spent.
    assert_eq!(rows.len(), 5, "{rows:?}");
    assert!(kept.len() > 5, "{kept:?}");
    check_items(&rows);
    check_items(&kept);
    for (path, bytes) in files(&folder.0) {
        check_none(&path.display().to_string(), &bytes);
    }

    let failed = accrue::credit_batch(&shop.stack.app, poison(&shop)).await.batch_item_failures;
    let failed: Vec<&str> = failed.iter().map(|it| it.item_identifier.as_str()).collect();
    assert_eq!(failed, ["message-4"], "only a newer message comes back");
    let day = domain::time::Day::from_date("2026-06-01".parse().expect("a date"));
    let club = "club".parse().expect("a slug");
    for (program, expected) in [(Some(&club), 1), (None, 3)] {
        let all = Rejection::all(shop.stack.app.tables(), program, day).await.expect("rejections");
        assert_eq!(all.len(), expected, "{all:?}");
    }
    check_items(&items(&shop, registry).await);
    // A dead letter that somebody else wrote is shown without what is in it.
    let dead = Box::pin(shop.stack.clients.sqs.get_queue_url().queue_name("credits-dead").send());
    let dead = dead.await.expect("a queue").queue_url.expect("its address");
    let letter = shop.stack.clients.sqs.send_message().queue_url(dead).message_body(EMAIL);
    Box::pin(letter.send()).await.expect("a queue");
    let shown = queue::redrive(&shop.stack, Name::Credits, true).await.expect("dead letters");
    assert_eq!(shown.letters.len(), 1);
    check_none("the dead letters shown", serde_json::to_string(&shown).expect("JSON").as_bytes());
    shop.close().await;

    let logged = log.text();
    check_none("the log", &logged);
    let logged = String::from_utf8(logged).expect("text");
    let of_ours = |line: &&str| line.contains("\"target\":\"edge::telemetry\"");
    let requests = logged.lines().filter(of_ours).count();
    // What is no token is turned away by the authorizer, before there is anything to log.
    assert_eq!(requests, sent - 1, "every other request was logged");
    assert!(logged.contains("a message was rejected") && logged.contains("goes back to its queue"));
}
