//! A caller of the HTTP API that sees status and bytes.

use local::{program::key_of, stack::Stack};
use reqwest::{Client as Http, RequestBuilder};
use serde_json::Value;

/// The source that a story's facts come from.
pub const SOURCE: &str = "story";

/// Calls one program's API with a key that may do all.
pub struct Client {
    http: Http,
    base: String,
    key: String,
}

/// An answer, as bytes and as what they say.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub text: String,
    pub body: Value,
}

impl Answer {
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// A text in the body, by its pointer.
    pub fn text_at(&self, pointer: &str) -> &str {
        self.body.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }

    /// A number in the body, by its pointer.
    pub fn number_at(&self, pointer: &str) -> Option<i64> {
        self.body.pointer(pointer).and_then(Value::as_i64)
    }
}

impl Client {
    pub fn new(stack: &Stack, program: &str) -> Client {
        let base = format!("{}/v1/{program}", stack.url());
        Client { http: Http::new(), base, key: key_of(SOURCE) }
    }

    pub async fn post(&self, path: &str, request: &str, body: &Value) -> Answer {
        let post = self.http.post(format!("{}/{path}", self.base)).json(body);
        self.send(post.header("idempotency-key", request)).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.http.get(format!("{}/{path}", self.base))).await
    }

    /// The sequence of a member's newest row; 0 where there is none.
    pub async fn newest(&self, member: &str) -> i64 {
        let history = self.get(&format!("members/{member}/history?limit=1")).await;
        history.number_at("/history/0/sequence").unwrap_or(0)
    }

    async fn send(&self, request: RequestBuilder) -> Answer {
        let response = request.bearer_auth(&self.key).send().await.expect("the stack answers");
        let status = response.status().as_u16();
        let text = response.text().await.expect("a readable body");
        let body = serde_json::from_str(&text).unwrap_or_default();
        Answer { status, text, body }
    }
}
