//! The queue's part: recording what was accepted before.

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use domain::{
    ids::{MemberId, ProgramId},
    refusal::Refusal,
    row::Chain,
};
use edge::{
    App, Arrival, Credit, Queued, Recorder, Rejection, Takeover, Unread,
    batch::{self, Message},
};
use store::{RecordError, Recorded, tables::Failure};

use crate::arrivals::{NotTaken, Taken, take_in, take_over};

/// Records the facts of a batch of messages, those of one member one after the other. What
/// cannot be recorded for now comes back by itself; what can never be is rejected.
pub async fn credit_batch(app: &App, event: SqsEvent) -> SqsBatchResponse {
    let messages = event.records.into_iter().map(|message| Message {
        id: message.message_id.unwrap_or_default(),
        content: Queued::read(message.body.as_deref().unwrap_or_default()),
    });
    let app = app.for_batch();
    let handle = move |message| {
        let app = app.clone();
        async move { credit(&app, message).await }
    };
    let lane_of = |content: &Result<Queued, Unread>| content.as_ref().ok().map(Queued::lane);
    batch::each(messages.collect(), lane_of, handle).await
}

/// Why a message goes back to its queue.
#[derive(Debug, thiserror::Error)]
pub enum Returned {
    /// Newer code wrote it.
    #[error(transparent)]
    Unread(Unread),
    /// It is not in a chain, as far as anybody can tell.
    #[error(transparent)]
    Record(RecordError),
    /// A shop's fact is not, or a guest's orders are not taken over.
    #[error(transparent)]
    NotTaken(NotTaken),
    /// It will never be recorded, and that could not be kept.
    #[error("its rejection was not kept: {0}")]
    Reject(#[from] Failure),
}

/// Whose fact a rejection is about, as far as that could be read.
#[derive(Default)]
struct Of<'a> {
    program: Option<&'a ProgramId>,
    member: Option<&'a MemberId>,
    key: Option<String>,
    connection: Option<&'a str>,
}

/// Records what one message says, or keeps why that can never be.
///
/// # Errors
///
/// [`Returned`]: the message is to come again.
pub async fn credit(
    recorder: &impl Recorder,
    Message { id, content }: Message<Result<Queued, Unread>>,
) -> Result<(), Returned> {
    match content {
        Ok(Queued::Credit(credit)) => of_member(recorder, id, &credit).await,
        Ok(Queued::Arrival(arrival)) => of_shop(recorder, id, &arrival).await,
        Ok(Queued::Takeover(takeover)) => of_guest(recorder, id, &takeover).await,
        Err(newer @ Unread::Newer { .. }) => Err(Returned::Unread(newer)),
        Err(Unread::Shape { .. }) => reject(recorder, id, "UNREADABLE", Of::default()).await,
    }
}

async fn of_member(recorder: &impl Recorder, id: String, credit: &Credit) -> Result<(), Returned> {
    let Chain { program, member } = &credit.chain;
    let of = Of { program: Some(program), member: Some(member), ..Of::default() };
    let fact = match credit.keyed() {
        Ok(fact) => fact,
        Err(malformed) => return reject(recorder, id, malformed.code(), of).await,
    };
    let code = match recorder.record(&credit.chain, &fact, &[]).await {
        Ok(recorded) => {
            credited(&id, &recorded);
            return Ok(());
        }
        Err(error) => final_code(&error).ok_or(Returned::Record(error))?,
    };
    let key = fact.key.as_ref().map(ToString::to_string);
    reject(recorder, id, code, Of { key, ..of }).await
}

/// A shop's fact that could not be recorded while the shop waited.
async fn of_shop(recorder: &impl Recorder, id: String, arrival: &Arrival) -> Result<(), Returned> {
    let of =
        Of { program: Some(&arrival.program), connection: Some(&arrival.actor), ..Of::default() };
    let error = match take_in(recorder, arrival).await {
        Ok(Taken::Recorded(recorded)) => {
            credited(&id, &recorded);
            return Ok(());
        }
        Ok(Taken::Waits | Taken::Nothing(_)) => return Ok(()),
        Err(error) => error,
    };
    let code = match &error {
        NotTaken::Malformed(malformed) => Some(malformed.code()),
        NotTaken::Record(error) => final_code(error),
    };
    let code = code.ok_or(Returned::NotTaken(error))?;
    let key = arrival.keyed().ok().flatten().and_then(|fact| fact.key);
    reject(recorder, id, code, Of { key: key.map(|key| key.to_string()), ..of }).await
}

async fn of_guest(
    recorder: &impl Recorder,
    id: String,
    takeover: &Takeover,
) -> Result<(), Returned> {
    let of =
        Of { program: Some(&takeover.program), member: Some(&takeover.member), ..Of::default() };
    let error = match take_over(recorder, takeover).await {
        Ok(()) => return Ok(()),
        Err(error) => error,
    };
    let code = match &error {
        NotTaken::Malformed(malformed) => Some(malformed.code()),
        NotTaken::Record(error) => final_code(error),
    };
    reject(recorder, id, code.ok_or(Returned::NotTaken(error))?, of).await
}

fn credited(message: &str, recorded: &Recorded) {
    let row = &recorded.stored.row;
    tracing::info!(
        message,
        member = %row.chain.member,
        key = row.key.as_ref().map_or("", |key| key.as_str()),
        sequence = row.sequence,
        replayed = recorded.replayed,
        "credited"
    );
}

/// The code of what the rules will say again; none where trying again may help.
fn final_code(error: &RecordError) -> Option<&'static str> {
    match error {
        RecordError::KeyReused { .. } => Some("KEY_REUSED"),
        RecordError::Refused(refusal) if is_final(refusal) => Some(refusal.code()),
        _ => None,
    }
}

/// Whether the rules will say the same again: the rest is for somebody to look at, and
/// ends with the dead letters.
fn is_final(refusal: &Refusal) -> bool {
    !matches!(refusal, Refusal::VersionNotLoaded { .. } | Refusal::Inconsistent(_))
}

/// Keeps why a message was not recorded, so that it is done with.
async fn reject(
    recorder: &impl Recorder,
    message: String,
    code: &str,
    of: Of<'_>,
) -> Result<(), Returned> {
    let rejection = Rejection {
        code: code.to_owned(),
        message,
        member: of.member.cloned(),
        key: of.key,
        connection: of.connection.map(str::to_owned),
        detail: None,
        rejected_at: recorder.now(),
    };
    rejection.keep(recorder.tables(), of.program).await?;
    tracing::warn!(message_id = %rejection.message, code, "a message was rejected");
    Ok(())
}
