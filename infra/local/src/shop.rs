//! A shop that calls the HTTP API, as any shop would.

use reqwest::{Client, StatusCode, header};
use serde::Serialize;
use serde_json::Value;
use thiserror::Error;

/// A shop with its API key.
#[derive(Clone)]
pub struct Shop {
    http: Client,
    base: String,
    key: String,
}

/// An answer that was not the expected one.
#[derive(Debug, Error)]
pub enum ShopError {
    /// The stack did not answer.
    #[error("the stack did not answer: {0}")]
    NoAnswer(#[from] reqwest::Error),
    /// It answered with a problem.
    #[error("{path} answered {status} {code}: {detail}")]
    Problem {
        /// The path asked.
        path: String,
        /// The HTTP status.
        status: u16,
        /// The reason code.
        code: String,
        /// What is wrong.
        detail: String,
    },
}

impl ShopError {
    /// The reason code, where there is one.
    pub fn code(&self) -> Option<&str> {
        match self {
            ShopError::NoAnswer(_) => None,
            ShopError::Problem { code, .. } => Some(code),
        }
    }
}

impl Shop {
    /// A shop of a program at a base address such as `http://127.0.0.1:8787`.
    pub fn new(base: &str, program: &str, key: &str) -> Shop {
        Shop { http: Client::new(), base: format!("{base}/v1/{program}"), key: key.to_owned() }
    }

    /// Posts a body; `request` is the idempotency key, where one is needed.
    ///
    /// # Errors
    ///
    /// [`ShopError`].
    pub async fn post(
        &self,
        path: &str,
        body: &impl Serialize,
        request: Option<&str>,
    ) -> Result<Value, ShopError> {
        let mut post = self.http.post(format!("{}/{path}", self.base)).json(body);
        if let Some(request) = request {
            post = post.header("idempotency-key", request);
        }
        self.answer(path, post).await
    }

    /// Gets a path.
    ///
    /// # Errors
    ///
    /// [`ShopError`].
    pub async fn get(&self, path: &str) -> Result<Value, ShopError> {
        self.answer(path, self.http.get(format!("{}/{path}", self.base))).await
    }

    async fn answer(
        &self,
        path: &str,
        request: reqwest::RequestBuilder,
    ) -> Result<Value, ShopError> {
        let bearer = format!("Bearer {}", self.key);
        let response = request.header(header::AUTHORIZATION, bearer).send().await?;
        let status: StatusCode = response.status();
        let body: Value = response.json().await?;
        if status.is_success() {
            return Ok(body);
        }
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        Err(ShopError::Problem {
            path: path.to_owned(),
            status: status.as_u16(),
            code: text("code"),
            detail: text("detail"),
        })
    }
}

/// The member part of a path, with everything but letters, digits and hyphens escaped.
pub fn escaped(id: &str) -> String {
    let escape = |byte: u8| match byte {
        b if b.is_ascii_alphanumeric() || b == b'-' || b == b'_' => char::from(b).to_string(),
        b => format!("%{b:02X}"),
    };
    id.bytes().map(escape).collect()
}
