//! The queue's part: recording what was accepted before.

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use domain::refusal::Refusal;
use edge::{
    App, Credit, Rejection, Unread,
    batch::{self, Message},
};
use store::{Mode, RecordError, tables::Failure};

/// Records the facts of a batch of messages, those of one member one after the other. What
/// cannot be recorded for now comes back by itself; what can never be is rejected.
pub async fn credit_batch(app: &App, event: SqsEvent) -> SqsBatchResponse {
    let messages = event.records.into_iter().map(|message| Message {
        id: message.message_id.unwrap_or_default(),
        content: Credit::read(message.body.as_deref().unwrap_or_default()),
    });
    let app = app.clone();
    let handle = move |message| {
        let app = app.clone();
        async move { credit(&app, message).await }
    };
    let lane_of =
        |content: &Result<Credit, Unread>| content.as_ref().ok().map(|it| it.chain.clone());
    batch::each(messages.collect(), lane_of, handle).await
}

/// Why a message goes back to its queue.
#[derive(Debug, thiserror::Error)]
enum Returned {
    #[error(transparent)]
    Unread(Unread),
    #[error(transparent)]
    Record(RecordError),
    #[error("its rejection was not kept: {0}")]
    Reject(#[from] Failure),
}

async fn credit(
    app: &App,
    Message { id, content }: Message<Result<Credit, Unread>>,
) -> Result<(), Returned> {
    let credit = match content {
        Ok(credit) => credit,
        Err(newer @ Unread::Newer { .. }) => return Err(Returned::Unread(newer)),
        Err(Unread::Shape { .. }) => return reject(app, id, "UNREADABLE", None).await,
    };
    let fact = match credit.keyed() {
        Ok(fact) => fact,
        Err(malformed) => return reject(app, id, malformed.code(), Some((&credit, None))).await,
    };
    let code = match app.record(&credit.chain, &fact, Mode::Record, &[]).await {
        Ok(recorded) => {
            let row = &recorded.stored.row;
            tracing::info!(
                message = %id,
                member = %credit.chain.member,
                key = fact.key.as_ref().map_or("", |key| key.as_str()),
                sequence = row.sequence,
                replayed = recorded.replayed,
                "credited"
            );
            return Ok(());
        }
        Err(RecordError::KeyReused { .. }) => "KEY_REUSED",
        Err(RecordError::Refused(refusal)) if is_final(&refusal) => refusal.code(),
        Err(error) => return Err(Returned::Record(error)),
    };
    let key = fact.key.as_ref().map(ToString::to_string);
    reject(app, id, code, Some((&credit, key))).await
}

/// Whether the rules will say the same again: the rest is for somebody to look at, and
/// ends with the dead letters.
fn is_final(refusal: &Refusal) -> bool {
    !matches!(refusal, Refusal::VersionNotLoaded { .. } | Refusal::Inconsistent(_))
}

/// Keeps why a message was not recorded, so that it is done with.
async fn reject(
    app: &App,
    message: String,
    code: &str,
    of: Option<(&Credit, Option<String>)>,
) -> Result<(), Returned> {
    let (credit, key) = of.map_or((None, None), |(credit, key)| (Some(credit), key));
    let rejection = Rejection {
        code: code.to_owned(),
        message,
        member: credit.map(|credit| credit.chain.member.clone()),
        key,
        rejected_at: app.clock().now(),
    };
    let program = credit.map(|credit| &credit.chain.program);
    rejection.keep(app.tables(), program).await?;
    tracing::warn!(message = %rejection.message, code, "a message was rejected");
    Ok(())
}
