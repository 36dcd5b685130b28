//! The ledger's stream and its two readers: roll-ups and events.

use std::sync::{Arc, Mutex, PoisonError};

use aws_lambda_events::dynamodb::{Event, EventRecord, StreamRecord};
use aws_sdk_dynamodbstreams::types::{AttributeValue, Record, ShardIteratorType};
use edge::App;
use local_dynamodb::EmbeddedDynamoDb;
use relay::Relay;
use store::{
    registry::{self, Address},
    tables::Consistency,
};

use crate::{stack::Clients, tables::LEDGER};

/// Records of one batch, as the template sets it.
pub(super) const BATCH: u8 = 100;
/// Batches after which consumed stream records are removed from the file.
const TRIM_EVERY: u32 = 20;

/// The function that a stream is read for.
#[derive(Clone)]
pub(super) enum Reader {
    /// Adds rows to the roll-ups; it knows by itself what it has had before.
    RollUp(App),
    /// Tells the outside. How far it is, is kept for it, as AWS does.
    Relay(Relay),
}

/// How far each reader is: only what both have consumed may be removed. Sequence numbers
/// have one length.
#[derive(Default)]
struct Consumed([Option<String>; 2]);

/// Reads the ledger's stream for one function.
pub(super) struct StreamPoller {
    reader: Reader,
    app: App,
    streams: aws_sdk_dynamodbstreams::Client,
    dynamodb: EmbeddedDynamoDb,
    shard: String,
    iterator: Option<String>,
    /// What the reader has consumed already in an earlier run.
    reached: Option<String>,
    consumed: Arc<Mutex<Consumed>>,
    batches: u32,
}

fn kept_at() -> Address {
    Address::new("local#relayed", "-")
}

impl StreamPoller {
    /// The stream's readers, from the oldest record kept.
    pub async fn find(
        relay: &Relay,
        clients: &Clients,
        dynamodb: EmbeddedDynamoDb,
    ) -> Result<[StreamPoller; 2], String> {
        let app = relay.app();
        let streams = clients.streams.clone();
        let failed = |error: &dyn std::error::Error| format!("the ledger's stream: {error}");
        let list = streams.list_streams().table_name(LEDGER).send();
        let list = Box::pin(list).await.map_err(|error| failed(&error))?;
        let arn = list.streams().first().and_then(|stream| stream.stream_arn.clone());
        let describe = streams.describe_stream().set_stream_arn(arn.clone()).send();
        let describe = Box::pin(describe).await.map_err(|error| failed(&error))?;
        let description = describe.stream_description.ok_or("the ledger has no stream")?;
        let shard = description.shards().first().and_then(|shard| shard.shard_id.clone());
        let shard = shard.ok_or("the ledger's stream has no shard")?;
        let kept = registry::read(app.tables(), &kept_at(), Consistency::Strong).await;
        let kept: Option<String> = kept.map_err(|failure| failed(&failure))?;
        let consumed = Arc::default();
        let poller = async |reader, reached| {
            let request = streams
                .get_shard_iterator()
                .set_stream_arn(arn.clone())
                .shard_id(&shard)
                .shard_iterator_type(ShardIteratorType::TrimHorizon);
            let iterator = Box::pin(request.send()).await.map_err(|error| failed(&error))?;
            Ok::<_, String>(StreamPoller {
                reader,
                app: app.clone(),
                streams: streams.clone(),
                dynamodb: dynamodb.clone(),
                shard: shard.clone(),
                iterator: iterator.shard_iterator,
                reached,
                consumed: Arc::clone(&consumed),
                batches: 0,
            })
        };
        let rollups = poller(Reader::RollUp(app.clone()), None).await?;
        let events = poller(Reader::Relay(relay.clone()), kept).await?;
        Ok([rollups, events])
    }

    /// Hands the next records to the function. Returns how many there were.
    pub async fn poll(&mut self) -> Result<usize, String> {
        let request = self.streams.get_records().set_shard_iterator(self.iterator.clone());
        let output = Box::pin(request.limit(i32::from(BATCH)).send()).await;
        let output = output.map_err(|error| format!("the ledger's stream: {error}"))?;
        let mut records = output.records.unwrap_or_default();
        let count = records.len();
        let last = records.last().and_then(sequence_number).map(str::to_owned);
        records.retain(|record| sequence_number(record) > self.reached.as_deref());
        if let Some(last) = last {
            if !records.is_empty() {
                // Where it fails the iterator stays: the same records come again.
                self.hand_over(records).await?;
                self.keep(&last).await?;
            }
            self.trim(last).await?;
        }
        self.iterator = output.next_shard_iterator;
        Ok(count)
    }

    async fn hand_over(&self, records: Vec<Record>) -> Result<(), String> {
        let records = records.into_iter().map(event_record).collect();
        let failures = match &self.reader {
            Reader::RollUp(app) => {
                let batch = report::Batch { records, shard: Some(self.shard.clone()) };
                report::roll_up(app, batch).await.batch_item_failures
            }
            Reader::Relay(relay) => {
                let mut event = Event::default();
                event.records = records;
                relay::relay_events(relay, event).await.batch_item_failures
            }
        };
        match failures.is_empty() {
            true => Ok(()),
            false => Err("a batch of the ledger's stream failed".to_owned()),
        }
    }

    /// Keeps how far the relay is.
    async fn keep(&self, last: &String) -> Result<(), String> {
        match self.reader {
            Reader::RollUp(_) => Ok(()),
            Reader::Relay(_) => {
                let kept = registry::write(self.app.tables(), &kept_at(), last).await;
                kept.map_err(|failure| failure.to_string())
            }
        }
    }

    /// Removes what both readers have consumed, now and then.
    async fn trim(&mut self, last: String) -> Result<(), String> {
        let both = {
            let mut consumed = self.consumed.lock().unwrap_or_else(PoisonError::into_inner);
            let [rollups, events] = &mut consumed.0;
            match self.reader {
                Reader::RollUp(_) => *rollups = Some(last),
                Reader::Relay(_) => *events = Some(last),
            }
            // Nothing, as long as one has consumed nothing.
            (*rollups).clone().min((*events).clone())
        };
        self.batches += 1;
        match both.filter(|_| self.batches.is_multiple_of(TRIM_EVERY)) {
            Some(both) => {
                let trimmed = self.dynamodb.trim_stream(LEDGER, &both).await;
                trimmed.map(|_| ()).map_err(|error| error.to_string())
            }
            None => Ok(()),
        }
    }
}

fn sequence_number(record: &Record) -> Option<&str> {
    record.dynamodb.as_ref()?.sequence_number.as_deref()
}

/// A stream record as Lambda hands it over.
fn event_record(record: Record) -> EventRecord {
    let mut event = EventRecord::default();
    event.event_name = record.event_name.map(|name| name.as_str().to_owned()).unwrap_or_default();
    let Some(of_stream) = record.dynamodb else { return event };
    let mut change = StreamRecord::default();
    change.sequence_number = of_stream.sequence_number;
    change.new_image = item(of_stream.new_image);
    change.old_image = item(of_stream.old_image);
    change.keys = item(of_stream.keys);
    event.change = change;
    event
}

fn item(image: Option<std::collections::HashMap<String, AttributeValue>>) -> serde_dynamo::Item {
    let attributes = image.unwrap_or_default().into_iter().map(|(name, value)| {
        let value = match value {
            AttributeValue::S(text) => serde_dynamo::AttributeValue::S(text),
            AttributeValue::N(number) => serde_dynamo::AttributeValue::N(number),
            AttributeValue::B(bytes) => serde_dynamo::AttributeValue::B(bytes.into_inner()),
            _ => serde_dynamo::AttributeValue::Null(true),
        };
        (name, value)
    });
    attributes.collect::<std::collections::HashMap<_, _>>().into()
}
