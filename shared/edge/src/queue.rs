//! Sending to a queue.

use aws_sdk_sqs::{Client, types::SendMessageBatchRequestEntry};
use store::tables::Failure;

/// The most messages of one batch (Amazon SQS quotas).
const BATCH_MAX: usize = 10;

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
        for batch in messages.chunks(BATCH_MAX) {
            let entry = |(at, body): (usize, &String)| {
                let entry = SendMessageBatchRequestEntry::builder().id(at.to_string());
                entry.message_body(body).build().map_err(|e| Failure::Refused(e.to_string()))
            };
            let entries: Result<Vec<_>, _> = batch.iter().enumerate().map(entry).collect();
            let request = self.client.send_message_batch().queue_url(&self.url);
            let sent = Box::pin(request.set_entries(Some(entries?)).send()).await;
            let sent = sent.map_err(|_| Failure::Unavailable("the queue".to_owned()))?;
            if !sent.failed.is_empty() {
                return Err(Failure::Unavailable("part of a batch was not queued".to_owned()));
            }
        }
        Ok(())
    }
}
