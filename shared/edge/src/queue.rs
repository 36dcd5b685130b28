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
    use super::*;

    #[test]
    fn batches_keep_to_the_number_and_the_bytes_of_a_request() {
        let of = |lengths: &[usize]| {
            let messages: Vec<String> = lengths.iter().map(|length| "x".repeat(*length)).collect();
            batches(&messages)
        };
        assert!(of(&[]).is_empty());
        assert_eq!(of(&[1; 10]), [0..10]);
        assert_eq!(of(&[1; 21]), [0..10, 10..20, 20..21]);
        assert_eq!(of(&[100 * 1024; 5]), [0..2, 2..4, 4..5]);
        assert_eq!(of(&[BATCH_BYTES_MAX, 1, BATCH_BYTES_MAX]), [0..1, 1..2, 2..3]);
    }
}
