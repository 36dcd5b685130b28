//! What AWS does between the services: stream records and messages find their functions.

mod stream;

use std::{sync::Arc, time::Duration};

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use aws_sdk_sqs::types::MessageSystemAttributeName;
use edge::{App, Settings};
use local_dynamodb::EmbeddedDynamoDb;
use relay::Relay;
use tokio::{
    sync::{Mutex, OwnedMutexGuard, watch},
    task::JoinHandle,
};

use self::stream::StreamPoller;
use crate::stack::Clients;

/// How long an idle poller of queues sleeps.
const IDLE: Duration = Duration::from_millis(100);
/// How long the stream gathers records before a batch is handed over, as the template sets
/// it. Each batch writes its day's roll-up once: the fuller, the fewer writes.
const BATCHING_WINDOW: Duration = Duration::from_secs(1);

/// The running pollers.
pub struct Pollers {
    streams: [Arc<Mutex<StreamPoller>>; 2],
    queues: Arc<Mutex<QueuePollers>>,
    /// By itself: a subscriber that is slow to answer keeps nobody else waiting.
    deliveries: Arc<Mutex<QueuePoller>>,
    tasks: Vec<JoinHandle<()>>,
    stopped: watch::Receiver<bool>,
}

impl Pollers {
    /// Starts polling the ledger's stream and the queues.
    ///
    /// # Errors
    ///
    /// A sentence when the stream cannot be found.
    pub async fn start(
        relay: Relay,
        clients: &Clients,
        settings: &Settings,
        dynamodb: EmbeddedDynamoDb,
        stopped: watch::Receiver<bool>,
    ) -> Result<Pollers, String> {
        let app = relay.app().clone();
        let streams = StreamPoller::find(&relay, clients, dynamodb).await?;
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
        let streams = streams.map(|stream| Arc::new(Mutex::new(stream)));
        let queues = Arc::new(Mutex::new(queues));
        let deliveries = queue(&settings.deliveries_queue, Function::Deliver(relay));
        let deliveries = Arc::new(Mutex::new(deliveries));
        let mut tasks = Vec::new();
        for stream in &streams {
            let (polled, ends) = (stream.clone(), stopped.clone());
            tasks.push(tokio::spawn(repeat((ends, BATCHING_WINDOW), move || {
                let polled = polled.clone();
                async move { Ok(polled.lock().await.poll().await? == usize::from(stream::BATCH)) }
            })));
        }
        let (polled, ends) = (queues.clone(), stopped.clone());
        tasks.push(tokio::spawn(repeat((ends, IDLE), move || {
            let polled = polled.clone();
            async move { polled.lock().await.poll().await }
        })));
        Ok(Pollers { streams, queues, deliveries, tasks, stopped })
    }

    /// From now on also delivers events to the outside. Without it they are delivered when
    /// the queues are drained: a tool that looks at some data should call nobody.
    pub fn deliver(&mut self) {
        let (polled, ends) = (self.deliveries.clone(), self.stopped.clone());
        self.tasks.push(tokio::spawn(repeat((ends, IDLE), move || {
            let polled = polled.clone();
            async move { polled.lock().await.poll().await }
        })));
    }

    /// Polls until the queues and the stream have nothing left, but for what waits.
    ///
    /// # Errors
    ///
    /// A sentence when one of them keeps failing.
    pub async fn drain(&self) -> Result<(), String> {
        self.drain_inside().await?;
        while self.deliveries.lock().await.poll().await? {
            self.drain_inside().await?;
        }
        Ok(())
    }

    /// The same, and calls nobody: events wait on their queue for whoever runs the stack.
    ///
    /// # Errors
    ///
    /// A sentence when one of them keeps failing.
    pub async fn drain_inside(&self) -> Result<(), String> {
        loop {
            // Rows make messages and messages make rows.
            self.drain_queue().await?;
            let mut busy = false;
            for stream in &self.streams {
                busy |= stream.lock().await.poll().await? > 0;
            }
            if !busy {
                return Ok(());
            }
        }
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
        let [rollups, events] = &self.streams;
        Paused {
            _streams: [rollups.clone().lock_owned().await, events.clone().lock_owned().await],
            _deliveries: self.deliveries.clone().lock_owned().await,
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
    _streams: [OwnedMutexGuard<StreamPoller>; 2],
    _deliveries: OwnedMutexGuard<QueuePoller>,
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
enum Function {
    Credit,
    Settle,
    Deliver(Relay),
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
        let count = MessageSystemAttributeName::ApproximateReceiveCount;
        let request = request.message_system_attribute_names(count.clone());
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
            let counted = message.attributes.as_ref().and_then(|it| it.get(&count)).cloned();
            let counted = counted.map(|counted| (count.as_str().to_owned(), counted));
            record.attributes.extend(counted);
            event.records.push(record);
        }
        let response = match &self.function {
            Function::Credit => accrue::credit_batch(&self.app, event).await,
            Function::Settle => expire::settle_batch(&self.app, event).await,
            Function::Deliver(relay) => relay::deliver_batch(relay, event).await,
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
