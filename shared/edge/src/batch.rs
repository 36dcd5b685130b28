//! From handling one message to handling a batch of them, each by itself.

use std::{collections::BTreeMap, fmt::Display};

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse};

/// A message of a batch.
#[derive(Clone, Debug)]
pub struct Message<T> {
    /// The queue's id of it.
    pub id: String,
    /// What it says.
    pub content: T,
}

/// Handles the messages of a batch. One that fails or panics comes back from the queue,
/// alone. Messages of one lane are handled one after the other in the order of the batch;
/// lanes side by side.
pub async fn each<T, L, H, F, E>(
    messages: Vec<Message<T>>,
    lane_of: impl Fn(&T) -> L,
    handle: H,
) -> SqsBatchResponse
where
    T: Send + 'static,
    L: Ord,
    H: Fn(Message<T>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Result<(), E>> + Send + 'static,
    E: Display + Send + 'static,
{
    let mut lanes: BTreeMap<L, Vec<Message<T>>> = BTreeMap::new();
    for message in messages {
        lanes.entry(lane_of(&message.content)).or_default().push(message);
    }
    let running: Vec<_> = lanes
        .into_values()
        .map(|lane| {
            let ids: Vec<String> = lane.iter().map(|message| message.id.clone()).collect();
            (ids, tokio::spawn(one_by_one(lane, handle.clone())))
        })
        .collect();
    let mut response = SqsBatchResponse::default();
    for (ids, lane) in running {
        for id in lane.await.unwrap_or(ids) {
            let mut failure = BatchItemFailure::default();
            failure.item_identifier = id;
            response.batch_item_failures.push(failure);
        }
    }
    response
}

/// Handles the messages of a lane. Returns those that failed.
async fn one_by_one<T, H, F, E>(lane: Vec<Message<T>>, handle: H) -> Vec<String>
where
    T: Send + 'static,
    H: Fn(Message<T>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Result<(), E>> + Send + 'static,
    E: Display + Send + 'static,
{
    let mut failed = Vec::new();
    for message in lane {
        let id = message.id.clone();
        // A task of its own: a panic ends it and nothing else.
        let handle = handle.clone();
        let handled = tokio::spawn(async move { handle(message).await.map_err(|e| e.to_string()) });
        let error = match handled.await {
            Ok(Ok(())) => continue,
            Ok(Err(error)) => error,
            Err(_) => "handling it panicked".to_owned(),
        };
        tracing::error!(message_id = %id, %error, "a message goes back to its queue");
        failed.push(id);
    }
    failed
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[tokio::test]
    async fn failure_06_a_message_that_fails_or_panics_comes_back_alone_and_lanes_keep_order() {
        let contents = ["a1", "b1", "a2", "a-fails", "b-panics", "a3", "b2"];
        let messages = contents.iter().map(|content| Message {
            id: format!("id of {content}"),
            content: (*content).to_owned(),
        });
        let seen: Arc<Mutex<Vec<String>>> = Arc::default();
        let kept = seen.clone();
        let handle = move |message: Message<String>| {
            let seen = seen.clone();
            async move {
                assert!(!message.content.ends_with("panics"), "as it was asked to");
                if message.content.ends_with("fails") {
                    return Err("the world's fault");
                }
                tokio::task::yield_now().await;
                seen.lock().expect("no panic while it is held").push(message.content);
                Ok(())
            }
        };
        let response = each(messages.collect(), |content| content.as_bytes()[0], handle).await;
        let mut failed: Vec<String> =
            response.batch_item_failures.into_iter().map(|it| it.item_identifier).collect();
        failed.sort();
        assert_eq!(failed, ["id of a-fails", "id of b-panics"]);
        let seen = kept.lock().expect("no panic while it is held").clone();
        let lane = |first: char| -> Vec<String> {
            seen.iter().filter(|content| content.starts_with(first)).cloned().collect()
        };
        assert_eq!(
            (lane('a'), lane('b')),
            (vec!["a1".into(), "a2".into(), "a3".into()], vec!["b1".into(), "b2".into()],)
        );
    }
}
