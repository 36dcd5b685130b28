//! The queue's part: settling each member of each message.

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent};
use domain::{fact::KeyedFact, refusal::Refusal, row::Chain};
use edge::App;
use store::{Mode, RecordError};

use crate::schedule::ToSettle;

/// Settles the members of a batch of messages. A message fails by itself, and comes back
/// by itself.
pub async fn settle_batch(app: &App, event: SqsEvent) -> SqsBatchResponse {
    let mut response = SqsBatchResponse::default();
    for message in event.records {
        let body = message.body.as_deref().unwrap_or_default();
        if let Err(error) = settle_message(app, body).await {
            tracing::error!(%error, "a message to settle failed");
            let mut failure = BatchItemFailure::default();
            failure.item_identifier = message.message_id.unwrap_or_default();
            response.batch_item_failures.push(failure);
        }
    }
    response
}

async fn settle_message(app: &App, body: &str) -> Result<(), SettleError> {
    let ToSettle { program, members } = serde_json::from_str(body)?;
    for member in members {
        let chain = Chain { program: program.clone(), member };
        let passing = KeyedFact::passing("schedule");
        match app.record(&chain, &passing, Mode::Record, &[]).await {
            Ok(_) => {}
            // A marker may be older than what it asked for, and may outlive its member.
            Err(RecordError::Refused(Refusal::NothingDue { .. } | Refusal::MemberUnknown)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

#[derive(Debug, thiserror::Error)]
enum SettleError {
    #[error("the message cannot be read: {0}")]
    Unreadable(#[from] serde_json::Error),
    #[error(transparent)]
    Record(#[from] RecordError),
}
