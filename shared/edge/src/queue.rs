//! Sending to a queue.

use aws_sdk_sqs::{Client, types::SendMessageBatchRequestEntry};
use store::tables::Failure;

/// The most messages of one batch (Amazon SQS quotas).
const BATCH_MAX: usize = 10;
/// The most bytes of one batch. Amazon SQS allows more by now; older queues and other
/// implementations keep to this.
const BATCH_BYTES_MAX: usize = 256 * 1024;
/// How often the messages of a batch are sent that were not taken while others were.
const ATTEMPTS: usize = 2;

/// A queue that messages are sent to.
#[derive(Clone, Debug)]
pub struct Queue {
    client: Client,
    url: String,
}

impl Queue {
    /// The queue with this URL.
    pub fn new(client: Client, url: impl Into<String>) -> Queue {
        Queue { client, url: url.into() }
    }

    /// Sends messages, all of them or an error; after an error some may be there.
    ///
    /// # Errors
    ///
    /// [`Failure::Unavailable`] when the queue did not take every message.
    pub async fn send(&self, messages: &[String]) -> Result<(), Failure> {
        match self.send_each(messages).await.contains(&false) {
            false => Ok(()),
            true => Err(Failure::Unavailable("the queue did not take every message".to_owned())),
        }
    }

    /// Sends messages, and says of each whether the queue has it. After a request without
    /// an answer the rest is not tried: whoever waits should be told.
    pub async fn send_each(&self, messages: &[String]) -> Vec<bool> {
        let mut taken = vec![false; messages.len()];
        for batch in batches(messages) {
            for _ in 0..ATTEMPTS {
                let left: Vec<usize> = batch.clone().filter(|at| !taken[*at]).collect();
                if left.is_empty() {
                    break;
                }
                match self.send_some(messages, &left).await {
                    Ok(sent) => sent.into_iter().for_each(|at| taken[at] = true),
                    Err(why) => {
                        tracing::error!(why, "the queue took no part of a batch");
                        return taken;
                    }
                }
            }
        }
        taken
    }

    /// Hides a message that was received for so many seconds from now, at most 12 hours after
    /// it was received.
    ///
    /// # Errors
    ///
    /// [`Failure::Unavailable`] when the queue did not do it: the message comes back after the
    /// queue's own time.
    pub async fn hide(&self, receipt_handle: &str, seconds: i32) -> Result<(), Failure> {
        let request = self.client.change_message_visibility().queue_url(&self.url);
        let request = request.receipt_handle(receipt_handle).visibility_timeout(seconds);
        let hidden = Box::pin(request.send()).await;
        hidden.map(|_| ()).map_err(|_| Failure::Unavailable("a message was not hidden".to_owned()))
    }

    /// Sends the messages at some positions. Returns the positions that were taken.
    async fn send_some(
        &self,
        messages: &[String],
        positions: &[usize],
    ) -> Result<Vec<usize>, &'static str> {
        let entry = |at: &usize| {
            let entry = SendMessageBatchRequestEntry::builder().id(at.to_string());
            entry.message_body(&messages[*at]).build().map_err(|_| "an entry is incomplete")
        };
        let entries: Result<Vec<_>, _> = positions.iter().map(entry).collect();
        let request = self.client.send_message_batch().queue_url(&self.url);
        let sent = Box::pin(request.set_entries(Some(entries?)).send()).await;
        let sent = sent.map_err(|_| "the request failed")?;
        for failed in &sent.failed {
            let (code, by_sender) = (failed.code(), failed.sender_fault());
            tracing::warn!(code, by_sender, "a message was not queued");
        }
        // What is not named as taken is not.
        let taken = sent.successful.iter().filter_map(|entry| entry.id.parse().ok());
        Ok(taken.filter(|at| positions.contains(at)).collect())
    }
}

/// Runs of messages that fit into one batch.
fn batches(messages: &[String]) -> Vec<std::ops::Range<usize>> {
    let mut batches = Vec::new();
    let (mut start, mut bytes) = (0, 0);
    for (at, message) in messages.iter().enumerate() {
        if at > start && (at - start == BATCH_MAX || bytes + message.len() > BATCH_BYTES_MAX) {
            batches.push(start..at);
            (start, bytes) = (at, 0);
        }
        bytes += message.len();
    }
    if start < messages.len() {
        batches.push(start..messages.len());
    }
    batches
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use aws_sdk_sqs::config::{BehaviorVersion, Credentials, Region, retry::RetryConfig};
    use axum::{Json, Router, extract::State, http::StatusCode, routing::post};
    use serde_json::{Value, json};

    use super::*;

    /// Speaks as Amazon SQS does, to a queue that takes a message as often as its body
    /// says: `takes` at once, `later` from the second time on, `never`, or not even an
    /// answer for `breaks`.
    async fn moody(
        State(seen): State<Arc<Mutex<Vec<String>>>>,
        Json(request): Json<Value>,
    ) -> (StatusCode, Json<Value>) {
        let mut seen = seen.lock().expect("no panic while it is held");
        let (mut successful, mut failed) = (Vec::new(), Vec::new());
        for entry in request["Entries"].as_array().expect("entries") {
            let (id, body) = (&entry["Id"], entry["MessageBody"].as_str().expect("a body"));
            if body == "breaks" {
                return (StatusCode::BAD_REQUEST, Json(json!({})));
            }
            let again = seen.iter().any(|before| before == body);
            seen.push(body.to_owned());
            match body {
                "never" => failed.push(json!({ "Id": id, "Code": "Busy", "SenderFault": false })),
                "later" if !again => {
                    failed.push(json!({ "Id": id, "Code": "Busy", "SenderFault": false }));
                }
                _ => {
                    successful.push(json!({ "Id": id, "MessageId": "m", "MD5OfMessageBody": "-" }))
                }
            }
        }
        (StatusCode::OK, Json(json!({ "Successful": successful, "Failed": failed })))
    }

    #[tokio::test]
    async fn of_each_message_is_said_whether_the_queue_has_it() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let router = Router::new().route("/", post(moody)).with_state(Arc::default());
        // The SDK sends another type than JSON's own.
        let router = router.layer(axum::middleware::map_request(
            async |mut request: axum::extract::Request| {
                let json = axum::http::HeaderValue::from_static("application/json");
                request.headers_mut().insert(axum::http::header::CONTENT_TYPE, json);
                request
            },
        ));
        let serving = tokio::spawn(async move { axum::serve(listener, router).await });
        let config = aws_sdk_sqs::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new("a", "b", None, None, "-"))
            .retry_config(RetryConfig::disabled())
            .endpoint_url(&url);
        let queue = Queue::new(Client::from_conf(config.build()), format!("{url}/queue"));
        let cases: [(&[&str], &[bool]); 3] = [
            (&["takes", "later"], &[true, true]),
            (&["takes", "never", "takes"], &[true, false, true]),
            (&["breaks", "takes"], &[false, false]),
        ];
        for (bodies, expected) in cases {
            let messages: Vec<String> = bodies.iter().map(|body| (*body).to_owned()).collect();
            assert_eq!(queue.send_each(&messages).await, expected, "{bodies:?}");
            assert_eq!(queue.send(&messages).await.is_ok(), !expected.contains(&false));
        }
        let many: Vec<String> =
            (0..25).map(|n| if n == 13 { "breaks" } else { "takes" }.to_owned()).collect();
        let taken = queue.send_each(&many).await;
        let expected: Vec<bool> = (0..25).map(|n| n < 10).collect();
        assert_eq!(taken, expected, "after a request that failed nothing more is tried");
        serving.abort();
    }

    #[test]
    fn batches_keep_to_the_number_and_the_bytes_of_a_request() {
        let of = |lengths: &[usize]| {
            let messages: Vec<String> = lengths.iter().map(|length| "x".repeat(*length)).collect();
            batches(&messages)
        };
        assert!(of(&[]).is_empty());
        assert_eq!(of(&[1; 20]), [0..10, 10..20]);
        assert_eq!(of(&[1; 21]), [0..10, 10..20, 20..21]);
        assert_eq!(of(&[100 * 1024; 5]), [0..2, 2..4, 4..5]);
        assert_eq!(of(&[BATCH_BYTES_MAX, 1, BATCH_BYTES_MAX]), [0..1, 1..2, 2..3]);
    }
}
