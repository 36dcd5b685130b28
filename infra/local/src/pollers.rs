//! What AWS does between the services: stream records and messages find their functions.

use std::{sync::Arc, time::Duration};

use aws_lambda_events::{
    dynamodb::{EventRecord, StreamRecord, TimeWindowEvent},
    sqs::{SqsEvent, SqsMessage},
};
use aws_sdk_dynamodbstreams::types::{AttributeValue, Record, ShardIteratorType};
use edge::{App, Settings};
use local_dynamodb::EmbeddedDynamoDb;
use tokio::{
    sync::{Mutex, OwnedMutexGuard, watch},
    task::JoinHandle,
};

use crate::{stack::Clients, tables::LEDGER};

/// How long an idle poller of queues sleeps.
const IDLE: Duration = Duration::from_millis(100);
/// How long the stream gathers records before a batch is handed over, as the template sets
/// it. Each batch writes its day's roll-up once: the fuller, the fewer writes.
const BATCHING_WINDOW: Duration = Duration::from_secs(1);
/// Records of one batch, as the template sets it.
const BATCH: u8 = 100;
/// Batches after which consumed stream records are removed from the file.
const TRIM_EVERY: u32 = 20;

/// The running pollers.
pub struct Pollers {
    stream: Arc<Mutex<StreamPoller>>,
    queues: Arc<Mutex<QueuePollers>>,
    tasks: Vec<JoinHandle<()>>,
}

impl Pollers {
    /// Starts polling the ledger's stream and the queues.
    ///
    /// # Errors
    ///
    /// A sentence when the stream cannot be found.
    pub async fn start(
        app: App,
        clients: &Clients,
        settings: &Settings,
        dynamodb: EmbeddedDynamoDb,
        stopped: watch::Receiver<bool>,
    ) -> Result<Pollers, String> {
        let stream = StreamPoller::find(app.clone(), clients, dynamodb).await?;
        let queue = |url: &str, function| QueuePoller {
            app: app.clone(),
            sqs: clients.sqs.clone(),
            url: url.to_owned(),
            function,
        };
        let queues = QueuePollers([
            queue(&settings.credits_queue, Function::Credit),
            queue(&settings.settle_queue, Function::Settle),
        ]);
        let stream = Arc::new(Mutex::new(stream));
        let queues = Arc::new(Mutex::new(queues));
        let (polled, ends) = (stream.clone(), stopped.clone());
        let stream_task = tokio::spawn(repeat((ends, BATCHING_WINDOW), move || {
            let polled = polled.clone();
            async move { Ok(polled.lock().await.poll().await? == usize::from(BATCH)) }
        }));
        let polled = queues.clone();
        let queues_task = tokio::spawn(repeat((stopped, IDLE), move || {
            let polled = polled.clone();
            async move { polled.lock().await.poll().await }
        }));
        Ok(Pollers { stream, queues, tasks: vec![stream_task, queues_task] })
    }

    /// Polls until the queues and the stream have nothing left.
    ///
    /// # Errors
    ///
    /// A sentence when one of them keeps failing.
    pub async fn drain(&self) -> Result<(), String> {
        self.drain_queue().await?;
        while self.stream.lock().await.poll().await? > 0 {}
        Ok(())
    }

    /// Polls until the queues have nothing left.
    ///
    /// # Errors
    ///
    /// A sentence when one of them keeps failing.
    pub async fn drain_queue(&self) -> Result<(), String> {
        self.queues.lock().await.drain().await
    }

    /// Keeps the pollers still until the guard is dropped.
    pub async fn pause(&self) -> Paused {
        Paused {
            _stream: self.stream.clone().lock_owned().await,
            queues: self.queues.clone().lock_owned().await,
        }
    }

    /// Waits for the pollers to end, after the stack was told to stop.
    pub async fn stopped(self) {
        for task in self.tasks {
            let _ = tokio::time::timeout(Duration::from_secs(3), task).await;
        }
    }
}

/// All pollers, kept still while this lives.
pub struct Paused {
    _stream: OwnedMutexGuard<StreamPoller>,
    queues: OwnedMutexGuard<QueuePollers>,
}

impl Paused {
    /// Polls until the queues have nothing left, while the stream stands still.
    ///
    /// # Errors
    ///
    /// A sentence when one of them keeps failing.
    pub async fn drain_queue(&mut self) -> Result<(), String> {
        self.queues.drain().await
    }
}

/// Polls again and again; pauses when there is no more for now, or after an error.
async fn repeat<F>((mut stopped, pause): (watch::Receiver<bool>, Duration), poll: impl Fn() -> F)
where
    F: Future<Output = Result<bool, String>>,
{
    while !*stopped.borrow() {
        let more = poll().await.unwrap_or_else(|error| {
            tracing::error!(%error, "polling failed");
            false
        });
        if !more {
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                _ = stopped.changed() => {}
            }
        }
    }
}

/// Reads the ledger's stream.
struct StreamPoller {
    app: App,
    streams: aws_sdk_dynamodbstreams::Client,
    dynamodb: EmbeddedDynamoDb,
    shard: String,
    iterator: Option<String>,
    batches: u32,
}

impl StreamPoller {
    async fn find(
        app: App,
        clients: &Clients,
        dynamodb: EmbeddedDynamoDb,
    ) -> Result<StreamPoller, String> {
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
        // From the oldest record kept: what was rolled up before is known by its position.
        let request = streams
            .get_shard_iterator()
            .set_stream_arn(arn)
            .shard_id(&shard)
            .shard_iterator_type(ShardIteratorType::TrimHorizon);
        let iterator = Box::pin(request.send()).await.map_err(|error| failed(&error))?;
        let iterator = iterator.shard_iterator;
        Ok(StreamPoller { app, streams, dynamodb, shard, iterator, batches: 0 })
    }

    /// Hands the next records to the report function. Returns how many there were.
    async fn poll(&mut self) -> Result<usize, String> {
        let request = self.streams.get_records().set_shard_iterator(self.iterator.clone());
        let output = Box::pin(request.limit(i32::from(BATCH)).send()).await;
        let output = output.map_err(|error| format!("the ledger's stream: {error}"))?;
        let records = output.records.unwrap_or_default();
        let count = records.len();
        let last = records.last().and_then(sequence_number).map(str::to_owned);
        if let Some(last) = last {
            let mut event = TimeWindowEvent::default();
            event.time_window_properties.shard_id = self.shard.clone().into();
            event.dynamo_db_event.records = records.into_iter().map(event_record).collect();
            let response = report::roll_up(&self.app, event).await;
            if !response.batch_item_failures.is_empty() {
                // The iterator stays: the same records come again.
                return Err("a batch of the ledger's stream was not rolled up".to_owned());
            }
            self.batches += 1;
            if self.batches.is_multiple_of(TRIM_EVERY) {
                let trimmed = self.dynamodb.trim_stream(LEDGER, &last).await;
                trimmed.map_err(|error| error.to_string())?;
            }
        }
        self.iterator = output.next_shard_iterator;
        Ok(count)
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

/// Reads the queues, one after the other.
struct QueuePollers([QueuePoller; 2]);

impl QueuePollers {
    /// Hands over the next messages of each queue. Returns whether there were any.
    async fn poll(&mut self) -> Result<bool, String> {
        let mut busy = false;
        for queue in &mut self.0 {
            busy |= queue.poll().await?;
        }
        Ok(busy)
    }

    async fn drain(&mut self) -> Result<(), String> {
        while self.poll().await? {}
        Ok(())
    }
}

/// What is behind a queue.
#[derive(Clone, Copy)]
enum Function {
    Credit,
    Settle,
}

/// Reads one queue.
struct QueuePoller {
    app: App,
    sqs: aws_sdk_sqs::Client,
    url: String,
    function: Function,
}

impl QueuePoller {
    /// Hands the next messages to the queue's function. Returns whether there were any.
    async fn poll(&mut self) -> Result<bool, String> {
        let failed = |error: &dyn std::error::Error| format!("the queue {}: {error}", self.url);
        let request = self.sqs.receive_message().queue_url(&self.url).max_number_of_messages(10);
        let output = Box::pin(request.send()).await.map_err(|error| failed(&error))?;
        let messages = output.messages.unwrap_or_default();
        if messages.is_empty() {
            return Ok(false);
        }
        let mut event = SqsEvent::default();
        for message in &messages {
            let mut record = SqsMessage::default();
            record.message_id = message.message_id.clone();
            record.receipt_handle = message.receipt_handle.clone();
            record.body = message.body.clone();
            event.records.push(record);
        }
        let response = match self.function {
            Function::Credit => accrue::credit_batch(&self.app, event).await,
            Function::Settle => expire::settle_batch(&self.app, event).await,
        };
        let failures = response.batch_item_failures;
        for message in messages {
            let id = message.message_id.unwrap_or_default();
            if failures.iter().any(|failure| failure.item_identifier == id) {
                continue;
            }
            let delete = self.sqs.delete_message().queue_url(&self.url);
            let delete = delete.set_receipt_handle(message.receipt_handle);
            Box::pin(delete.send()).await.map_err(|error| failed(&error))?;
        }
        Ok(true)
    }
}
