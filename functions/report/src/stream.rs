//! The stream's part: from the ledger's rows to roll-ups, each row once.

use std::{collections::HashMap, sync::Arc};

use aws_lambda_events::{
    dynamodb::{EventRecord, TimeWindowEvent, TimeWindowEventResponse},
    streams::DynamoDbBatchItemFailure,
};
use domain::{ids::ProgramId, program::Rulebook, row::Chain};
use edge::{App, item_of_image};
use store::{
    rollups::{self, ONLY_SHARD, StreamEvent, StreamedRow},
    tables::Failure,
};

/// Adds a batch of the ledger's stream to the roll-ups. A batch that fails comes back
/// whole; what was added before stays added once.
///
/// The event's window names the shard and is used for nothing else.
pub async fn roll_up(app: &App, event: TimeWindowEvent) -> TimeWindowEventResponse {
    let mut response = TimeWindowEventResponse::default();
    // The end of a window is told without a record.
    if event.dynamo_db_event.records.is_empty() {
        return response;
    }
    let first = event.dynamo_db_event.records.first();
    let first = first.and_then(|record| record.change.sequence_number.clone());
    if let Err(failure) = add(app, event).await {
        tracing::error!(%failure, "a batch of the ledger's stream was not rolled up");
        let mut failed = DynamoDbBatchItemFailure::default();
        failed.item_identifier = first;
        response.batch_item_failures.push(failed);
    }
    response
}

async fn add(app: &App, event: TimeWindowEvent) -> Result<(), Failure> {
    let shard = event.time_window_properties.shard_id.clone();
    let shard = shard.as_deref().unwrap_or(ONLY_SHARD);
    let rows: Result<Vec<StreamedRow>, Failure> =
        event.dynamo_db_event.records.into_iter().map(streamed).collect();
    let rows = rows?;
    let rulebooks = rulebooks(app, &rows).await?;
    let rulebook_of = |program: &ProgramId| rulebooks.get(program).map(Arc::as_ref);
    let done = rollups::roll_up(app.tables(), rulebook_of, shard, &rows).await?;
    if done.tampered > 0 || done.parked > 0 {
        tracing::error!(done.tampered, done.parked, "the ledger's stream has bad records");
    }
    Ok(())
}

/// The rulebooks of the programs of a batch, with every version that its rows name.
async fn rulebooks(
    app: &App,
    rows: &[StreamedRow],
) -> Result<HashMap<ProgramId, Arc<Rulebook>>, Failure> {
    let mut rulebooks: HashMap<ProgramId, Arc<Rulebook>> = HashMap::new();
    for row in rows {
        let chain = row.item.get_text("chain").and_then(|chain| chain.parse::<Chain>().ok());
        let Some(Chain { program, .. }) = chain else { continue };
        let version = row.item.get_number("version").and_then(|number| u32::try_from(number).ok());
        let knows = |rulebook: &Arc<Rulebook>| {
            version.is_none_or(|version| rulebook.version(version).is_some())
        };
        if rulebooks.get(&program).is_some_and(knows) {
            continue;
        }
        let mut rulebook = app.find_rulebook(&program).await?;
        if !rulebook.as_ref().is_some_and(knows) {
            // Another version was published than is remembered here.
            app.forget_program(&program);
            rulebook = app.find_rulebook(&program).await?;
        }
        if let Some(rulebook) = rulebook {
            rulebooks.insert(program, rulebook);
        }
    }
    Ok(rulebooks)
}

fn streamed(record: EventRecord) -> Result<StreamedRow, Failure> {
    let event = match record.event_name.as_str() {
        "INSERT" => StreamEvent::Inserted,
        "MODIFY" => StreamEvent::Modified,
        _ => StreamEvent::Removed,
    };
    let image = match event {
        StreamEvent::Removed => record.change.old_image,
        StreamEvent::Inserted | StreamEvent::Modified => record.change.new_image,
    };
    let sequence_number = record.change.sequence_number.unwrap_or_default();
    StreamedRow::new(&sequence_number, event, item_of_image(image))
}
