//! The stream's part: from the ledger's rows to roll-ups, each row once.

use std::{collections::HashMap, sync::Arc};

use aws_lambda_events::{
    dynamodb::{EventRecord, TimeWindowEventResponse},
    streams::DynamoDbBatchItemFailure,
};
use domain::{ids::ProgramId, program::Rulebook, row::Chain};
use edge::{App, item_of_image};
use serde::Deserialize;
use store::{
    rollups::{self, ONLY_SHARD, StreamEvent, StreamedRow},
    tables::Failure,
};

/// A batch of the ledger's stream. Of a mapping's window only the shard's name is used, and a
/// mapping without a window names none: `TimeWindowEvent` cannot be read then.
#[derive(Debug, Default, Deserialize)]
pub struct Batch {
    /// The records.
    #[serde(rename = "Records", default)]
    pub records: Vec<EventRecord>,
    /// The shard that they come from.
    #[serde(rename = "shardId", default)]
    pub shard: Option<String>,
}

/// Adds a batch of the ledger's stream to the roll-ups. A batch that fails comes back
/// whole; what was added before stays added once.
pub async fn roll_up(app: &App, batch: Batch) -> TimeWindowEventResponse {
    let mut response = TimeWindowEventResponse::default();
    // The end of a window is told without a record.
    let Some(first) = batch.records.first() else { return response };
    let first = first.change.sequence_number.clone();
    if let Err(failure) = add(app, batch).await {
        tracing::error!(%failure, "a batch of the ledger's stream was not rolled up");
        let mut failed = DynamoDbBatchItemFailure::default();
        failed.item_identifier = first;
        response.batch_item_failures.push(failed);
    }
    response
}

async fn add(app: &App, Batch { records, shard }: Batch) -> Result<(), Failure> {
    let shard = shard.as_deref().unwrap_or(ONLY_SHARD);
    let rows: Result<Vec<StreamedRow>, Failure> = records.into_iter().map(streamed).collect();
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_read_with_a_window_and_without() {
        let record = r#"{ "eventID": "1", "eventName": "INSERT", "eventVersion": "1.1",
            "eventSource": "aws:dynamodb", "awsRegion": "eu-west-1",
            "eventSourceARN": "arn:aws:dynamodb:eu-west-1:123456789012:table/ledger/stream/-",
            "dynamodb": { "ApproximateCreationDateTime": 1780000000, "SequenceNumber": "111",
                "Keys": { "chain": { "S": "house/ada" }, "sequence": { "N": "1" } },
                "NewImage": { "chain": { "S": "house/ada" } }, "SizeBytes": 26,
                "StreamViewType": "NEW_AND_OLD_IMAGES" } }"#;
        // As AWS documents it (AWS Lambda Developer Guide, tumbling windows).
        let window = r#""window": { "start": "2026-11-23T10:00:00Z", "end": "2026-11-23T10:01:00Z" },
            "state": {}, "shardId": "shard-1", "eventSourceARN": "arn", "isFinalInvokeForWindow": false,
            "isWindowTerminatedEarly": false"#;
        let read = |json: String| serde_json::from_str::<Batch>(&json).expect("a batch");
        let with = read(format!(r#"{{ "Records": [{record}], {window} }}"#));
        assert_eq!((with.records.len(), with.shard.as_deref()), (1, Some("shard-1")));
        let end = read(format!(r#"{{ "Records": [], {window} }}"#));
        assert_eq!((end.records.len(), end.shard.as_deref()), (0, Some("shard-1")));
        let without = read(format!(r#"{{ "Records": [{record}] }}"#));
        assert_eq!((without.records.len(), without.shard), (1, None));
    }
}
