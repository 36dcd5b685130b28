//! The queue's part: settling each member of each message.

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use domain::{fact::KeyedFact, refusal::Refusal, row::Chain};
use edge::{
    App,
    batch::{self, Message},
};
use store::{Mode, RecordError};

use crate::schedule::ToSettle;

/// Settles the members of a batch of messages. A message fails by itself, and comes back
/// by itself.
pub async fn settle_batch(app: &App, event: SqsEvent) -> SqsBatchResponse {
    let messages = event.records.into_iter().map(|message| Message {
        id: message.message_id.unwrap_or_default(),
        content: message.body.unwrap_or_default(),
    });
    let app = app.clone();
    let handle = move |message: Message<String>| {
        let app = app.clone();
        async move { settle_message(&app, &message.content).await }
    };
    // One after the other: nobody waits for them.
    batch::each(messages.collect(), |_| (), handle).await
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
