//! A shop that looks at every answer: status, headers and body.

use domain::{definition, time::Instant};
use edge::{ApiKey, KeyRecord, Limit};
use local::{
    program::{self, Definition},
    stack::{Data, Options, Stack},
    token,
};
use relay::address::Reach;
use reqwest::{Client, Method, RequestBuilder, header::HeaderMap};
use serde_json::{Value, json};

/// The instant at which every test begins.
pub const START: &str = "2026-06-01T09:00:00Z";

/// A stack of its own, with the house program in force and a key that may do all.
pub struct TestShop {
    pub stack: Stack,
    http: Client,
    key: String,
    program: String,
}

fn club() -> Definition {
    let text = include_str!("club.toml").to_owned();
    let program = definition::parse(&text, "club.toml", 1, at(START).plus_days(-400));
    Definition { text, program: program.unwrap_or_else(|refused| panic!("{refused}")) }
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
}

impl TestShop {
    pub async fn open() -> TestShop {
        TestShop::open_in(Data::Memory).await
    }

    /// The same, with its data where a test can look at them.
    pub async fn open_in(data: Data) -> TestShop {
        let start = at(START);
        let options = Options { data, port: 0, clock: start };
        let stack = Stack::start(options).await.expect("a stack on free ports");
        let long_ago = start.plus_days(-400);
        let definition = program::read(None, long_ago).expect("the house program");
        TestShop::with(stack, &definition).await
    }

    /// A shop whose members also do other things than buying.
    pub async fn open_club() -> TestShop {
        TestShop::open_club_in(Data::Memory).await
    }

    /// The same, with its data where a test can look at them.
    pub async fn open_club_in(data: Data) -> TestShop {
        let start = at(START);
        let options = Options { data, port: 0, clock: start };
        let stack = Stack::start(options).await.expect("a stack on free ports");
        TestShop::with(stack, &club()).await
    }

    /// The same, which also tells subscribers on this machine.
    pub async fn open_telling() -> TestShop {
        let start = at(START);
        let options = Options { data: Data::Memory, port: 0, clock: start };
        let stack = Stack::start_reaching(options, Reach::PublicAndLoopback).await;
        TestShop::with(stack.expect("a stack on free ports"), &club()).await
    }

    /// A shop whose members bring friends.
    pub async fn open_friends() -> TestShop {
        let start = at(START);
        let options = Options { data: Data::Memory, port: 0, clock: start };
        let stack = Stack::start(options).await.expect("a stack on free ports");
        let text = include_str!("friends.toml").to_owned();
        let program = definition::parse(&text, "friends.toml", 1, start.plus_days(-400));
        let program = program.unwrap_or_else(|refused| panic!("{refused}"));
        TestShop::with(stack, &Definition { text, program }).await
    }

    async fn with(stack: Stack, definition: &Definition) -> TestShop {
        let id = program::publish(&stack.app, definition, "shop").await;
        let program = id.expect("an empty registry").to_string();
        TestShop { stack, http: Client::new(), key: program::key_of("shop"), program }
    }

    /// A further key with these scopes.
    pub async fn key(&self, secret: &str, scopes: &[&str]) {
        self.limited_key(secret, scopes, None).await;
    }

    /// A further key with these scopes, and how often it may call.
    pub async fn limited_key(&self, secret: &str, scopes: &[&str], limit: Option<Limit>) {
        let record = KeyRecord {
            name: secret.to_owned(),
            program: self.program.parse().expect("a slug"),
            source: "shop".parse().expect("a slug"),
            scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
            has_key_times: true,
            made_at: at(START),
            ends_at: None,
            limit,
        };
        ApiKey::new(secret).allow(self.stack.app.tables(), &record).await.expect("a written key");
    }

    /// A token of a member, for an hour.
    pub fn token(&self, member: &str) -> String {
        token::issue(&self.claims(member)).expect("a token")
    }

    /// What a member's token says.
    pub fn claims(&self, member: &str) -> Value {
        let ends_at = self.stack.app.clock().now().plus_millis(3_600_000);
        let (member, program) = (member.parse(), self.program.parse());
        token::claims(&member.expect("an id"), &program.expect("a slug"), ends_at)
    }

    /// Waits until what was accepted is recorded, and rolled up.
    pub async fn drain(&self) {
        self.stack.pollers.drain().await.expect("drained queues and a drained stream");
    }

    pub fn move_clock(&self, to: &str) {
        self.stack.app.clock().move_to(at(to));
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.stack.url());
        self.http.request(method, url).bearer_auth(&self.key)
    }

    pub fn as_caller(&self, key: &str, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.stack.url());
        self.http.request(method, url).bearer_auth(key)
    }

    pub fn as_nobody(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.stack.url()))
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        send(self.request(Method::POST, &self.path(path)).json(&body)).await
    }

    pub async fn post_as(&self, path: &str, request: &str, body: Value) -> Answer {
        let post = self.request(Method::POST, &self.path(path)).json(&body);
        send(post.header("idempotency-key", request)).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        send(self.request(Method::GET, &self.path(path))).await
    }

    /// A path of the shop's program.
    pub fn path(&self, path: &str) -> String {
        format!("/v1/{}/{path}", self.program)
    }

    pub async fn enroll(&self, member: &str) {
        let answer = self.post("members", json!({ "id": member })).await;
        assert_eq!(answer.status, 201, "{answer:?}");
    }

    /// Ends the stack; what a test leaves running would be in the way of the next.
    pub async fn close(self) {
        self.stack.stop().await;
    }
}

pub async fn send(request: RequestBuilder) -> Answer {
    let response = request.send().await.expect("the stack answers");
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    let text = response.text().await.expect("a readable body");
    let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
    Answer { status, headers, body }
}

/// An order of one line.
pub fn order(id: &str, member: &str, pence: i64) -> Value {
    json!({ "id": id, "member": member, "lines": [{ "unit_price": gbp(pence) }] })
}

pub fn gbp(pence: i64) -> Value {
    json!({ "amount": pence, "currency": "GBP" })
}

impl Answer {
    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or("")
    }

    /// A header's text; empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("")
    }

    pub fn number(&self, pointer: &str) -> i64 {
        let found = self.body.pointer(pointer).and_then(Value::as_i64);
        found.unwrap_or_else(|| panic!("no number {pointer} in {}", self.body))
    }
}

/// An instant from its text.
pub fn at(text: &str) -> Instant {
    serde_json::from_value(json!(text)).expect("an RFC 3339 time")
}
