//! Serves an SQS-compatible endpoint for the laptop stack: standard queues in one SQLite file.
//!
//! It speaks the AWS JSON 1.0 protocol, so an unmodified AWS SDK is its client, and it does what
//! queue handlers rely on: batches with partial failures, long polls, visibility, receive counts,
//! dead letters, delays. It has no FIFO queues, tags or permissions, and it does not check
//! signatures: it belongs on loopback.
//!
//! A message is one row. What it waits for follows from two of its columns and the clock:
//!
//! | `visible_at` | `receives` | the message is            |
//! |--------------|------------|---------------------------|
//! | past         | any        | waiting to be received    |
//! | future       | 0          | delayed                   |
//! | future       | 1 or more  | in flight                 |
//!
//! So nothing has to happen when a timeout ends, and a restart has nothing to repair. Retention
//! and dead letters are applied at the start of each request, before anybody can see the
//! difference.

use std::{
    collections::BTreeMap,
    future::Future,
    io,
    ops::RangeInclusive,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, SystemTime},
};

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::{
        HeaderMap, StatusCode,
        header::{CONTENT_TYPE, HOST},
    },
    response::{IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use md5::{Digest, Md5};
use rusqlite::{
    Connection, OptionalExtension, Params, Row, Transaction, TransactionBehavior, params,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use thiserror::Error;
use tokio::{net::TcpListener, sync::watch, time::Instant};

const ARN_PREFIX: &str = "arn:aws:sqs:us-east-1:000000000000:";
const ACCOUNT: &str = "000000000000";
/// The one system attribute that a sender may give.
const TRACE: &str = "AWSTraceHeader";

// The limits of SQS, from its developer guide ("Amazon SQS message quotas").
const BATCH_ENTRIES_MAX: usize = 10;
const BATCH_BYTES_MAX: usize = 1_048_576;
const ATTRIBUTES_MAX: usize = 10;
const NAME_LETTERS_MAX: usize = 80;
const DELAY_SECONDS: RangeInclusive<i64> = 0..=900;
const VISIBILITY_SECONDS: RangeInclusive<i64> = 0..=43_200;
const WAIT_SECONDS: RangeInclusive<i64> = 0..=20;
const RETENTION_SECONDS: RangeInclusive<i64> = 60..=1_209_600;
const MESSAGE_BYTES: RangeInclusive<i64> = 1_024..=1_048_576;
const RECEIVES: RangeInclusive<i64> = 1..=1_000;

/// JSON escapes can make a full batch several times longer on the wire.
const REQUEST_BYTES_MAX: usize = 8 * BATCH_BYTES_MAX;
/// What SQS lists on one page.
const LISTED_MAX: i64 = 1_000;

/// Write-ahead logging with NORMAL keeps every committed message through a crash of the process;
/// only a power cut can lose the last moments, which a laptop can bear.
///
/// `AUTOINCREMENT` because a reused sequence would let an old receipt handle point at a new
/// message.
const SCHEMA: &str = "
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    CREATE TABLE IF NOT EXISTS queues (
        name TEXT PRIMARY KEY,
        delay_seconds INTEGER NOT NULL,
        message_bytes_max INTEGER NOT NULL,
        retention_seconds INTEGER NOT NULL,
        wait_seconds INTEGER NOT NULL,
        visibility_seconds INTEGER NOT NULL,
        dead_letter_queue TEXT,
        receives_max INTEGER,
        created_at INTEGER NOT NULL,
        modified_at INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE IF NOT EXISTS messages (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        queue TEXT NOT NULL,
        message_id TEXT NOT NULL,
        body TEXT NOT NULL,
        attributes TEXT NOT NULL,
        system_attributes TEXT NOT NULL,
        sent_at INTEGER NOT NULL,
        visible_at INTEGER NOT NULL,
        receives INTEGER NOT NULL DEFAULT 0,
        receives_elsewhere INTEGER NOT NULL DEFAULT 0,
        first_received_at INTEGER,
        receipt TEXT,
        dead_letter_source TEXT
    ) STRICT;
    CREATE INDEX IF NOT EXISTS messages_by_turn ON messages (queue, visible_at);
    CREATE INDEX IF NOT EXISTS messages_by_receives ON messages (queue, receives, visible_at);
    CREATE INDEX IF NOT EXISTS messages_by_age ON messages (queue, sent_at);
";

/// `CROSS JOIN` starts from the few queues instead of the many messages.
const FORGET_OLD: &str = "
    DELETE FROM messages WHERE sequence IN (
        SELECT sequence FROM queues CROSS JOIN messages
        ON messages.queue = queues.name AND sent_at <= ?1 - 1000 * retention_seconds
    )";

/// The receives of one queue do not count in the next, but a message remembers them all.
const MOVE_DEAD_LETTERS: &str = "
    UPDATE messages
    SET dead_letter_source = queue,
        queue = (SELECT dead_letter_queue FROM queues WHERE name = messages.queue),
        receives = 0, receives_elsewhere = receives_elsewhere + receives, receipt = NULL
    WHERE sequence IN (
        SELECT sequence FROM queues AS source
        JOIN queues AS target ON target.name = source.dead_letter_queue
        CROSS JOIN messages ON messages.queue = source.name
            AND receives >= source.receives_max AND visible_at <= ?1
    )";

const SAVE_QUEUE: &str =
    "INSERT OR REPLACE INTO queues VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";

const LIST_QUEUES: &str = "
    SELECT name FROM queues WHERE name > ?1 AND substr(name, 1, length(?2)) = ?2
    ORDER BY name LIMIT ?3";

const COUNT_MESSAGES: &str = "
    SELECT count(*) FILTER (WHERE visible_at <= ?2),
        count(*) FILTER (WHERE visible_at > ?2 AND receives > 0),
        count(*) FILTER (WHERE visible_at > ?2 AND receives = 0)
    FROM messages WHERE queue = ?1";

/// Random bytes come from SQLite, which seeds its generator from the system.
const SEND: &str = "
    INSERT INTO messages
        (queue, message_id, body, attributes, system_attributes, sent_at, visible_at)
    VALUES (?1,
        lower(hex(randomblob(4)) || '-' || hex(randomblob(2))
            || '-4' || substr(hex(randomblob(2)), 2) || '-8' || substr(hex(randomblob(2)), 2)
            || '-' || hex(randomblob(6))),
        ?2, ?3, ?4, ?5, ?6)
    RETURNING message_id";

const RECEIVE: &str = "
    UPDATE messages
    SET receives = receives + 1, visible_at = ?3, receipt = lower(hex(randomblob(16))),
        first_received_at = coalesce(first_received_at, ?2)
    WHERE sequence IN (
        SELECT sequence FROM messages WHERE queue = ?1 AND visible_at <= ?2
        ORDER BY visible_at, sequence LIMIT ?4
    )
    RETURNING *";

const DELETE: &str = "DELETE FROM messages WHERE sequence = ?1 AND queue = ?2 AND receipt = ?3";

const FIND_RECEIVED: &str =
    "SELECT visible_at FROM messages WHERE sequence = ?1 AND queue = ?2 AND receipt = ?3";

const CHANGE_VISIBILITY: &str = "UPDATE messages SET visible_at = ?2 WHERE sequence = ?1";

/// The next message a poll of this queue could get: its own, or one about to become its dead
/// letter.
const NEXT_VISIBLE: &str = "
    SELECT min((SELECT min(visible_at) FROM messages WHERE queue = queues.name AND visible_at > ?2))
    FROM queues WHERE name = ?1 OR dead_letter_queue = ?1";

/// The store of all queues.
pub struct Queues {
    store: Connection,
    ahead: Ahead,
}

/// How far the queues' time is ahead of the machine's. Whoever does not want to wait for a
/// timeout of hours moves it.
#[derive(Clone, Debug, Default)]
pub struct Ahead(Arc<AtomicI64>);

impl Ahead {
    /// Lets that much time pass in the queues.
    pub fn pass(&self, time: Duration) {
        let millis = i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}

/// The store of the queues cannot be opened.
#[derive(Debug, Error)]
#[error("the queues in {} cannot be opened", file.display())]
pub struct OpenError {
    file: PathBuf,
    source: rusqlite::Error,
}

impl Queues {
    /// Opens the queues kept in `file`, which is made when it is missing.
    ///
    /// # Errors
    ///
    /// When the file cannot be written or is not an SQLite file.
    pub fn open(file: &Path) -> Result<Queues, OpenError> {
        Connection::open(file)
            .and_then(|store| {
                store.execute_batch(SCHEMA)?;
                Ok(Queues { store, ahead: Ahead::default() })
            })
            .map_err(|source| OpenError { file: file.to_owned(), source })
    }

    /// The hand of the queues' clock.
    pub fn ahead(&self) -> Ahead {
        self.ahead.clone()
    }

    /// Opens queues that last as long as they are served.
    ///
    /// # Errors
    ///
    /// When SQLite cannot be given its memory.
    pub fn in_memory() -> Result<Queues, OpenError> {
        Queues::open(Path::new(":memory:"))
    }
}

/// Serves `queues` until `shutdown` is ready. Long polls end at once then, and other requests are
/// still answered.
///
/// # Errors
///
/// When the listener has no address.
pub async fn serve(
    listener: TcpListener,
    queues: Queues,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let endpoint = Endpoint {
        store: Arc::new(Mutex::new(queues.store)),
        ahead: queues.ahead,
        changes: watch::Sender::new(Phase::Open),
        address: listener.local_addr()?.to_string().into(),
    };
    let changes = endpoint.changes.clone();
    let app = Router::new()
        .fallback(answer)
        .layer(DefaultBodyLimit::max(REQUEST_BYTES_MAX))
        .with_state(endpoint);
    axum::serve(listener, app)
        .with_graceful_shutdown(async move {
            shutdown.await;
            changes.send_replace(Phase::Closing);
        })
        .await
}

/// What one request needs: the store, and word of its changes for those who wait.
#[derive(Clone)]
struct Endpoint {
    store: Arc<Mutex<Connection>>,
    ahead: Ahead,
    changes: watch::Sender<Phase>,
    address: Arc<str>,
}

/// Whether a poll may wait.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Open,
    Closing,
}

/// Answers any path: the SDKs post to the root or to the queue's URL, and the body names the queue
/// in both cases.
async fn answer(State(endpoint): State<Endpoint>, headers: HeaderMap, body: Bytes) -> Response {
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let action = header("x-amz-target")
        .and_then(|target| target.strip_prefix("AmazonSQS."))
        .unwrap_or_default();
    let host = header(HOST.as_str()).unwrap_or(&endpoint.address);
    match endpoint.perform(action, host, body).await {
        Ok(answer) => {
            (StatusCode::OK, [(CONTENT_TYPE, "application/x-amz-json-1.0")], answer.to_string())
                .into_response()
        }
        Err(fault) => fault.into_response(),
    }
}

impl Endpoint {
    async fn perform(&self, action: &str, host: &str, body: Bytes) -> Result<Value, Fault> {
        if action == "ReceiveMessage" {
            return self.receive(body).await;
        }
        let (action, host) = (action.to_owned(), host.to_owned());
        self.transact(move |turn| turn.perform(&action, &host, &body)).await
    }

    /// Polls until there is a message or the wait is over.
    async fn receive(&self, body: Bytes) -> Result<Value, Fault> {
        let started = Instant::now();
        // Subscribed before the first look, so that no message can arrive unseen between a look and
        // a wait.
        let mut changes = self.changes.subscribe();
        loop {
            let phase = *changes.borrow_and_update();
            let ask = body.clone();
            let poll = self.transact(move |turn| turn.receive(&ask)).await?;
            let deadline = started + poll.wait;
            let next =
                poll.next_in.map_or(deadline, |next_in| deadline.min(Instant::now() + next_in));
            if !poll.messages.is_empty() {
                return encode(json!({ "Messages": poll.messages }));
            }
            if Instant::now() >= deadline || phase == Phase::Closing {
                return encode(json!({}));
            }
            tokio::select! {
                _ = changes.changed() => {}
                () = tokio::time::sleep_until(next) => {}
            }
        }
    }

    /// Does `work` in one transaction, on a thread that may block, and wakes the waiting polls if
    /// it changed anything.
    async fn transact<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Turn) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let endpoint = self.clone();
        tokio::task::spawn_blocking(move || {
            // A panic has rolled its transaction back, so the connection is as good as before.
            let mut store = endpoint.store.lock().unwrap_or_else(PoisonError::into_inner);
            let changes_before = store.total_changes();
            let done = Turn::take(&mut store, endpoint.ahead.now(), work)?;
            if store.total_changes() != changes_before {
                endpoint.changes.send_modify(|_| {});
            }
            Ok(done)
        })
        .await
        .map_err(Fault::failed)?
    }
}

impl Ahead {
    /// Milliseconds since 1970, the unit of every `_at` here and in the file.
    fn now(&self) -> i64 {
        let since_1970 = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
        let machine = i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX);
        machine.saturating_add(self.0.load(Ordering::SeqCst))
    }
}

/// One request's turn at the store: everything it reads and writes is of one moment.
struct Turn<'a> {
    store: Transaction<'a>,
    now: i64,
}

impl Turn<'_> {
    fn take<T>(
        store: &mut Connection,
        now: i64,
        work: impl FnOnce(&Turn) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let store = store.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let turn = Turn { store, now };
        turn.settle()?;
        let done = work(&turn)?;
        turn.store.commit()?;
        Ok(done)
    }

    /// Brings the queues up to this moment: what is too old is forgotten, what was received too
    /// often is moved.
    fn settle(&self) -> Result<Nothing, Fault> {
        self.write(FORGET_OLD, [self.now])?;
        self.write(MOVE_DEAD_LETTERS, [self.now])
    }

    fn perform(&self, action: &str, host: &str, body: &[u8]) -> Result<Value, Fault> {
        match action {
            "CreateQueue" => self.create_queue(host, decode(body)?),
            "GetQueueUrl" => self.queue_url(host, &decode(body)?),
            "ListQueues" => self.list_queues(host, &decode(body)?),
            "DeleteQueue" => self.on_queue(body, Self::delete_queue),
            "PurgeQueue" => self.on_queue(body, Self::purge),
            "GetQueueAttributes" => self.on_queue(body, Self::attributes),
            "SetQueueAttributes" => self.on_queue(body, Self::set_attributes),
            "SendMessage" => self.on_queue(body, Self::send),
            "SendMessageBatch" => self.on_queue(body, Self::send_batch),
            "DeleteMessage" => self.on_queue(body, Self::delete),
            "DeleteMessageBatch" => self.on_entries(body, Self::delete),
            "ChangeMessageVisibility" => self.on_queue(body, Self::change_visibility),
            "ChangeMessageVisibilityBatch" => self.on_entries(body, Self::change_visibility),
            _ => Err(Refusal::UnsupportedOperation(action.to_owned()).into()),
        }
    }

    /// Answers a request to the queue it names.
    fn on_queue<Ask: DeserializeOwned, T: Serialize>(
        &self,
        body: &[u8],
        work: impl Fn(&Self, &Queue, &Ask) -> Result<T, Fault>,
    ) -> Result<Value, Fault> {
        let (queue, ask) = self.request(body)?;
        encode(work(self, &queue, &ask)?)
    }

    /// Answers a batch of requests to the queue it names.
    fn on_entries<Ask: DeserializeOwned, T: Serialize>(
        &self,
        body: &[u8],
        work: impl Fn(&Self, &Queue, &Ask) -> Result<T, Fault>,
    ) -> Result<Value, Fault> {
        self.on_queue(body, |turn, queue, batch: &Batch<Ask>| {
            batch.each(|ask| work(turn, queue, ask))
        })
    }

    /// Reads a request and finds the queue it names.
    fn request<Ask: DeserializeOwned>(&self, body: &[u8]) -> Result<(Queue, Ask), Fault> {
        let OnQueue { queue_url, ask } = decode(body)?;
        let name = queue_url.rsplit('/').next().unwrap_or_default();
        Ok((self.named(name)?, ask))
    }

    fn write(&self, sql: &str, values: impl Params) -> Result<Nothing, Fault> {
        self.store.prepare_cached(sql)?.execute(values)?;
        Ok(Nothing {})
    }

    fn named(&self, name: &str) -> Result<Queue, Fault> {
        self.find(name)?.ok_or_else(|| Refusal::QueueDoesNotExist.into())
    }

    fn find(&self, name: &str) -> Result<Option<Queue>, Fault> {
        let mut find = self.store.prepare_cached("SELECT * FROM queues WHERE name = ?1")?;
        Ok(find.query_row([name], Queue::from_row).optional()?)
    }

    fn save(&self, queue: &Queue) -> Result<Nothing, Fault> {
        let Settings {
            delay_seconds,
            message_bytes_max,
            retention_seconds,
            wait_seconds,
            visibility_seconds,
            redrive,
        } = &queue.settings;
        let values = params![
            queue.name,
            delay_seconds,
            message_bytes_max,
            retention_seconds,
            wait_seconds,
            visibility_seconds,
            redrive.as_ref().map(|redrive| &redrive.dead_letter_queue),
            redrive.as_ref().map(|redrive| redrive.receives_max),
            queue.created_at,
            queue.modified_at,
        ];
        self.write(SAVE_QUEUE, values)
    }
}

// --- the queues

/// A queue as it is kept.
struct Queue {
    name: String,
    settings: Settings,
    created_at: i64,
    modified_at: i64,
}

impl Queue {
    fn from_row(row: &Row) -> rusqlite::Result<Queue> {
        let dead_letter_queue: Option<String> = row.get("dead_letter_queue")?;
        let receives_max: Option<i64> = row.get("receives_max")?;
        Ok(Queue {
            name: row.get("name")?,
            settings: Settings {
                delay_seconds: row.get("delay_seconds")?,
                message_bytes_max: row.get("message_bytes_max")?,
                retention_seconds: row.get("retention_seconds")?,
                wait_seconds: row.get("wait_seconds")?,
                visibility_seconds: row.get("visibility_seconds")?,
                redrive: dead_letter_queue.zip(receives_max).map(
                    |(dead_letter_queue, receives_max)| Redrive { dead_letter_queue, receives_max },
                ),
            },
            created_at: row.get("created_at")?,
            modified_at: row.get("modified_at")?,
        })
    }
}

/// What can be set about a queue.
#[derive(Clone, PartialEq)]
struct Settings {
    delay_seconds: i64,
    message_bytes_max: i64,
    retention_seconds: i64,
    wait_seconds: i64,
    visibility_seconds: i64,
    redrive: Option<Redrive>,
}

/// Where a message goes that was received too often.
#[derive(Clone, PartialEq)]
struct Redrive {
    dead_letter_queue: String,
    receives_max: i64,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            delay_seconds: 0,
            message_bytes_max: *MESSAGE_BYTES.end(),
            retention_seconds: 345_600,
            wait_seconds: 0,
            visibility_seconds: 30,
            redrive: None,
        }
    }
}

impl Settings {
    /// The number called `name` in the protocol, and its bounds.
    fn number(&mut self, name: &str) -> Option<(&mut i64, RangeInclusive<i64>)> {
        match name {
            "DelaySeconds" => Some((&mut self.delay_seconds, DELAY_SECONDS)),
            "MaximumMessageSize" => Some((&mut self.message_bytes_max, MESSAGE_BYTES)),
            "MessageRetentionPeriod" => Some((&mut self.retention_seconds, RETENTION_SECONDS)),
            "ReceiveMessageWaitTimeSeconds" => Some((&mut self.wait_seconds, WAIT_SECONDS)),
            "VisibilityTimeout" => Some((&mut self.visibility_seconds, VISIBILITY_SECONDS)),
            _ => None,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CreateQueue {
    queue_name: String,
    #[serde(default)]
    attributes: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SetAttributes {
    attributes: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GetAttributes {
    #[serde(default)]
    attribute_names: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GetUrl {
    queue_name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListQueues {
    #[serde(default)]
    queue_name_prefix: String,
    max_results: Option<i64>,
    #[serde(default)]
    next_token: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RedrivePolicy {
    dead_letter_target_arn: String,
    /// A number, or a number in quotes: both are in use.
    max_receive_count: Value,
}

impl RedrivePolicy {
    fn redrive(self) -> Option<Redrive> {
        let count = &self.max_receive_count;
        let receives_max = count.as_i64().or_else(|| count.as_str()?.parse().ok())?;
        let dead_letter_queue = self.dead_letter_target_arn.strip_prefix(ARN_PREFIX)?.to_owned();
        let redrive = Redrive { dead_letter_queue, receives_max };
        RECEIVES.contains(&receives_max).then_some(redrive)
    }
}

impl Turn<'_> {
    fn create_queue(&self, host: &str, ask: CreateQueue) -> Result<Value, Fault> {
        if !is_name(&ask.queue_name) {
            return Err(Refusal::QueueName.into());
        }
        let existing = self.find(&ask.queue_name)?;
        let url = url(host, &ask.queue_name);
        let mut queue = Queue {
            name: ask.queue_name,
            settings: existing.as_ref().map(|queue| queue.settings.clone()).unwrap_or_default(),
            created_at: self.now,
            modified_at: self.now,
        };
        self.apply(&mut queue, &ask.attributes)?;
        match existing {
            Some(existing) if existing.settings == queue.settings => {}
            Some(_) => return Err(Refusal::QueueNameExists.into()),
            None => {
                self.save(&queue)?;
            }
        }
        Ok(json!({ "QueueUrl": url }))
    }

    fn set_attributes(&self, queue: &Queue, ask: &SetAttributes) -> Result<Nothing, Fault> {
        let mut changed = Queue {
            name: queue.name.clone(),
            settings: queue.settings.clone(),
            modified_at: self.now,
            ..*queue
        };
        self.apply(&mut changed, &ask.attributes)?;
        self.save(&changed)
    }

    fn apply(&self, queue: &mut Queue, attributes: &BTreeMap<String, String>) -> Result<(), Fault> {
        for (name, value) in attributes {
            if name == "RedrivePolicy" {
                queue.settings.redrive = self.redrive(queue, value)?;
                continue;
            }
            let Some((number, bounds)) = queue.settings.number(name) else {
                return Err(Refusal::InvalidAttributeName(name.clone()).into());
            };
            *number = (value.parse().ok())
                .filter(|number| bounds.contains(number))
                .ok_or_else(|| Refusal::InvalidAttributeValue(name.clone()))?;
        }
        Ok(())
    }

    /// Reads a redrive policy. An empty one takes the policy away.
    fn redrive(&self, queue: &Queue, policy: &str) -> Result<Option<Redrive>, Fault> {
        if policy.is_empty() {
            return Ok(None);
        }
        let redrive = (serde_json::from_str(policy).ok())
            .and_then(RedrivePolicy::redrive)
            .ok_or_else(|| Refusal::InvalidAttributeValue("RedrivePolicy".to_owned()))?;
        let target = &redrive.dead_letter_queue;
        if *target == queue.name || self.find(target)?.is_none() {
            return Err(Refusal::DeadLetterTarget.into());
        }
        Ok(Some(redrive))
    }

    fn attributes(&self, queue: &Queue, ask: &GetAttributes) -> Result<Value, Fault> {
        let all = self.all_attributes(queue)?;
        if ask.attribute_names.iter().any(|name| name == "All") {
            return Ok(json!({ "Attributes": all }));
        }
        let mut wanted = BTreeMap::new();
        for name in &ask.attribute_names {
            match all.get(name.as_str()) {
                Some(value) => drop(wanted.insert(name, value)),
                None if name == "RedrivePolicy" => {}
                None => return Err(Refusal::InvalidAttributeName(name.clone()).into()),
            }
        }
        Ok(json!({ "Attributes": wanted }))
    }

    fn all_attributes(&self, queue: &Queue) -> Result<BTreeMap<&'static str, String>, Fault> {
        let Queue { name, settings, .. } = queue;
        let (visible, in_flight, delayed): (i64, i64, i64) = (self.store)
            .prepare_cached(COUNT_MESSAGES)?
            .query_row(params![name, self.now], |row| row.try_into())?;
        let numbers = [
            ("ApproximateNumberOfMessages", visible),
            ("ApproximateNumberOfMessagesNotVisible", in_flight),
            ("ApproximateNumberOfMessagesDelayed", delayed),
            ("CreatedTimestamp", queue.created_at / 1000),
            ("LastModifiedTimestamp", queue.modified_at / 1000),
            ("DelaySeconds", settings.delay_seconds),
            ("MaximumMessageSize", settings.message_bytes_max),
            ("MessageRetentionPeriod", settings.retention_seconds),
            ("ReceiveMessageWaitTimeSeconds", settings.wait_seconds),
            ("VisibilityTimeout", settings.visibility_seconds),
        ];
        let mut all = BTreeMap::from(numbers.map(|(name, number)| (name, number.to_string())));
        all.insert("QueueArn", arn(name));
        if let Some(Redrive { dead_letter_queue, receives_max }) = &settings.redrive {
            let policy = json!({
                "deadLetterTargetArn": arn(dead_letter_queue),
                "maxReceiveCount": receives_max,
            });
            all.insert("RedrivePolicy", policy.to_string());
        }
        Ok(all)
    }

    fn queue_url(&self, host: &str, ask: &GetUrl) -> Result<Value, Fault> {
        let queue = self.named(&ask.queue_name)?;
        Ok(json!({ "QueueUrl": url(host, &queue.name) }))
    }

    /// Lists a page of queues by name. The token of the next page is the last name of this one.
    fn list_queues(&self, host: &str, ask: &ListQueues) -> Result<Value, Fault> {
        let limit = within("MaxResults", ask.max_results, 1..=LISTED_MAX)?.unwrap_or(LISTED_MAX);
        let mut list = self.store.prepare_cached(LIST_QUEUES)?;
        let names: Vec<String> = list
            .query_map(params![ask.next_token, ask.queue_name_prefix, limit], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        let urls: Vec<String> = names.iter().map(|name| url(host, name)).collect();
        match names.last() {
            Some(last) if ask.max_results.is_some() && names.len() as i64 == limit => {
                Ok(json!({ "QueueUrls": urls, "NextToken": last }))
            }
            _ => Ok(json!({ "QueueUrls": urls })),
        }
    }

    fn delete_queue(&self, queue: &Queue, nothing: &Nothing) -> Result<Nothing, Fault> {
        self.purge(queue, nothing)?;
        self.write("DELETE FROM queues WHERE name = ?1", [&queue.name])
    }

    fn purge(&self, queue: &Queue, _: &Nothing) -> Result<Nothing, Fault> {
        self.write("DELETE FROM messages WHERE queue = ?1", [&queue.name])
    }
}

fn arn(queue: &str) -> String {
    format!("{ARN_PREFIX}{queue}")
}

fn url(host: &str, queue: &str) -> String {
    format!("http://{host}/{ACCOUNT}/{queue}")
}

/// Whether `text` can name a queue or an entry of a batch.
fn is_name(text: &str) -> bool {
    (1..=NAME_LETTERS_MAX).contains(&text.len())
        && text
            .bytes()
            .all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, b'-' | b'_'))
}

// --- sending

/// A message to be sent.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct NewMessage {
    #[serde(default)]
    message_body: String,
    delay_seconds: Option<i64>,
    #[serde(default)]
    message_attributes: Attributes,
    #[serde(default)]
    message_system_attributes: Attributes,
}

/// A message that was sent.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Sent {
    message_id: String,
    #[serde(rename = "MD5OfMessageBody")]
    md5_of_body: String,
    #[serde(rename = "MD5OfMessageAttributes", skip_serializing_if = "Option::is_none")]
    md5_of_attributes: Option<String>,
    #[serde(rename = "MD5OfMessageSystemAttributes", skip_serializing_if = "Option::is_none")]
    md5_of_system_attributes: Option<String>,
}

impl NewMessage {
    /// What counts towards the limits: the body and the names, types and values of its attributes.
    fn bytes(&self) -> usize {
        let of_attribute = |(name, attribute): (&String, &Attribute)| {
            name.len()
                + attribute.data_type.len()
                + attribute.payload().map_or(0, |(_, value)| value.len())
        };
        self.message_body.len() + self.message_attributes.iter().map(of_attribute).sum::<usize>()
    }

    fn check(&self, bytes_max: i64) -> Result<(), Refusal> {
        if self.message_body.is_empty() {
            return Err(Refusal::MissingParameter("MessageBody"));
        }
        if !self.message_body.chars().all(is_allowed) {
            return Err(Refusal::InvalidMessageContents);
        }
        if self.message_attributes.len() > ATTRIBUTES_MAX {
            return Err(Refusal::TooManyAttributes(self.message_attributes.len()));
        }
        for (name, attribute) in
            self.message_attributes.iter().chain(&self.message_system_attributes)
        {
            if name.is_empty() || attribute.payload().is_none() {
                return Err(Refusal::MessageAttribute(name.clone()));
            }
        }
        // Any other would pass for one that only the queue may give.
        if let Some(name) = (self.message_system_attributes.keys()).find(|name| *name != TRACE) {
            return Err(Refusal::SystemAttribute(name.clone()));
        }
        if i64::try_from(self.bytes()).is_ok_and(|bytes| bytes <= bytes_max) {
            Ok(())
        } else {
            Err(Refusal::MessageTooLong(bytes_max))
        }
    }
}

/// Whether SQS carries a character: those of XML 1.0. (A `char` is never a surrogate.)
fn is_allowed(letter: char) -> bool {
    matches!(letter, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'..)
}

impl Turn<'_> {
    fn send(&self, queue: &Queue, message: &NewMessage) -> Result<Sent, Fault> {
        message.check(queue.settings.message_bytes_max)?;
        let delay_seconds = within("DelaySeconds", message.delay_seconds, DELAY_SECONDS)?
            .unwrap_or(queue.settings.delay_seconds);
        let message_id = self.store.prepare_cached(SEND)?.query_row(
            params![
                queue.name,
                message.message_body,
                serde_json::to_string(&message.message_attributes).map_err(Fault::failed)?,
                serde_json::to_string(&message.message_system_attributes).map_err(Fault::failed)?,
                self.now,
                self.now + 1000 * delay_seconds,
            ],
            |row| row.get(0),
        )?;
        Ok(Sent {
            message_id,
            md5_of_body: md5_of_text(&message.message_body),
            md5_of_attributes: md5_of_attributes(&message.message_attributes),
            md5_of_system_attributes: md5_of_attributes(&message.message_system_attributes),
        })
    }

    fn send_batch(
        &self,
        queue: &Queue,
        batch: &Batch<NewMessage>,
    ) -> Result<BatchAnswer<Sent>, Fault> {
        batch.check()?;
        let bytes = batch.entries.iter().map(|entry| entry.ask.bytes()).sum();
        if bytes > BATCH_BYTES_MAX {
            return Err(Refusal::BatchRequestTooLong(bytes).into());
        }
        batch.each(|message| self.send(queue, message))
    }
}

// --- receiving

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Receive {
    max_number_of_messages: Option<i64>,
    visibility_timeout: Option<i64>,
    wait_time_seconds: Option<i64>,
    #[serde(default)]
    message_attribute_names: Vec<String>,
    #[serde(default)]
    message_system_attribute_names: Vec<String>,
    /// The older name of `message_system_attribute_names`.
    #[serde(default)]
    attribute_names: Vec<String>,
}

/// One look for messages, and what to do if there were none.
struct Poll {
    messages: Vec<Message>,
    wait: Duration,
    next_in: Option<Duration>,
}

/// A message as it is received.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Message {
    message_id: String,
    receipt_handle: String,
    #[serde(rename = "MD5OfBody")]
    md5_of_body: String,
    body: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    attributes: BTreeMap<String, String>,
    #[serde(rename = "MD5OfMessageAttributes", skip_serializing_if = "Option::is_none")]
    md5_of_attributes: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    message_attributes: Attributes,
}

impl Receive {
    fn wants(&self, attribute: &str) -> bool {
        self.message_attribute_names.iter().any(|wanted| match wanted.strip_suffix(".*") {
            Some(prefix) => attribute.starts_with(prefix),
            None => wanted == "All" || wanted == attribute,
        })
    }

    fn wants_system(&self, attribute: &str) -> bool {
        let mut wanted = self.message_system_attribute_names.iter().chain(&self.attribute_names);
        wanted.any(|wanted| wanted == "All" || wanted == attribute)
    }
}

impl Turn<'_> {
    fn receive(&self, body: &[u8]) -> Result<Poll, Fault> {
        let (queue, ask): (Queue, Receive) = self.request(body)?;
        let limit = within("MaxNumberOfMessages", ask.max_number_of_messages, 1..=10)?.unwrap_or(1);
        let visibility_seconds =
            within("VisibilityTimeout", ask.visibility_timeout, VISIBILITY_SECONDS)?
                .unwrap_or(queue.settings.visibility_seconds);
        let wait_seconds = within("WaitTimeSeconds", ask.wait_time_seconds, WAIT_SECONDS)?
            .unwrap_or(queue.settings.wait_seconds);
        let visible_at = self.now + 1000 * visibility_seconds;
        let mut receive = self.store.prepare_cached(RECEIVE)?;
        let mut rows = receive.query(params![queue.name, self.now, visible_at, limit])?;
        let mut messages = BTreeMap::new();
        while let Some(row) = rows.next()? {
            messages.insert(row.get::<_, i64>("sequence")?, message(&queue, &ask, row)?);
        }
        Ok(Poll {
            messages: messages.into_values().collect(),
            wait: Duration::from_secs(wait_seconds.unsigned_abs()),
            next_in: self.next_visible_in(&queue)?,
        })
    }

    fn next_visible_in(&self, queue: &Queue) -> Result<Option<Duration>, Fault> {
        let next_at: Option<i64> = self
            .store
            .prepare_cached(NEXT_VISIBLE)?
            .query_row(params![queue.name, self.now], |row| row.get(0))?;
        Ok(next_at.map(|next_at| Duration::from_millis(next_at.abs_diff(self.now))))
    }
}

/// Reads a row of messages as the message that `ask` wants to see.
fn message(queue: &Queue, ask: &Receive, row: &Row) -> Result<Message, Fault> {
    let body: String = row.get("body")?;
    let mut message_attributes = attributes_from(row, "attributes")?;
    message_attributes.retain(|name, _| ask.wants(name));
    let mut attributes = system_attributes(row)?;
    attributes.retain(|name, _| ask.wants_system(name));
    Ok(Message {
        message_id: row.get("message_id")?,
        receipt_handle: format!(
            "{}/{}/{}",
            queue.name,
            row.get::<_, i64>("sequence")?,
            row.get::<_, String>("receipt")?
        ),
        md5_of_body: md5_of_text(&body),
        body,
        attributes,
        md5_of_attributes: md5_of_attributes(&message_attributes),
        message_attributes,
    })
}

fn system_attributes(row: &Row) -> Result<BTreeMap<String, String>, Fault> {
    let receives = row.get::<_, i64>("receives")? + row.get::<_, i64>("receives_elsewhere")?;
    let mut attributes = BTreeMap::from([
        ("SenderId".to_owned(), ACCOUNT.to_owned()),
        ("SentTimestamp".to_owned(), row.get::<_, i64>("sent_at")?.to_string()),
        ("ApproximateReceiveCount".to_owned(), receives.to_string()),
        (
            "ApproximateFirstReceiveTimestamp".to_owned(),
            row.get::<_, i64>("first_received_at")?.to_string(),
        ),
    ]);
    if let Some(source) = row.get::<_, Option<String>>("dead_letter_source")? {
        attributes.insert("DeadLetterQueueSourceArn".to_owned(), arn(&source));
    }
    let sent_along = attributes_from(row, "system_attributes")?;
    attributes.extend(
        sent_along
            .into_iter()
            .filter_map(|(name, attribute)| Some((name, attribute.string_value?))),
    );
    Ok(attributes)
}

fn attributes_from(row: &Row, column: &str) -> Result<Attributes, Fault> {
    serde_json::from_str(&row.get::<_, String>(column)?).map_err(Fault::failed)
}

// --- a received message

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Delete {
    receipt_handle: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ChangeVisibility {
    receipt_handle: String,
    visibility_timeout: i64,
}

/// The one delivery of a message that a receipt handle stands for.
struct Receipt<'a> {
    sequence: i64,
    receipt: &'a str,
}

impl<'a> Receipt<'a> {
    fn parse(queue: &Queue, handle: &'a str) -> Result<Receipt<'a>, Refusal> {
        let of_queue = handle.strip_prefix(&queue.name).and_then(|rest| rest.strip_prefix('/'));
        of_queue
            .and_then(|rest| rest.split_once('/'))
            .and_then(|(sequence, receipt)| {
                Some(Receipt { sequence: sequence.parse().ok()?, receipt })
            })
            .ok_or(Refusal::ReceiptHandleIsInvalid)
    }
}

impl Turn<'_> {
    /// Deletes a message by its latest receipt. Succeeds also when there is nothing left to delete,
    /// as SQS does: a message received again since belongs to its new receiver.
    fn delete(&self, queue: &Queue, ask: &Delete) -> Result<Nothing, Fault> {
        let Receipt { sequence, receipt } = Receipt::parse(queue, &ask.receipt_handle)?;
        self.write(DELETE, params![sequence, queue.name, receipt])
    }

    fn change_visibility(&self, queue: &Queue, ask: &ChangeVisibility) -> Result<Nothing, Fault> {
        let Receipt { sequence, receipt } = Receipt::parse(queue, &ask.receipt_handle)?;
        let seconds = ask.visibility_timeout;
        in_bounds("VisibilityTimeout", seconds, VISIBILITY_SECONDS)?;
        let visible_at: Option<i64> = (self.store.prepare_cached(FIND_RECEIVED)?)
            .query_row(params![sequence, queue.name, receipt], |row| row.get(0))
            .optional()?;
        match visible_at {
            None => Err(Refusal::MessageGone.into()),
            Some(visible_at) if visible_at <= self.now => Err(Refusal::MessageNotInflight.into()),
            Some(_) => self.write(CHANGE_VISIBILITY, [sequence, self.now + 1000 * seconds]),
        }
    }
}

// --- attributes

/// What is sent along with a message, by name. Sorted, which is the order their digest is made in.
type Attributes = BTreeMap<String, Attribute>;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attribute {
    data_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    string_value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    binary_value: Option<Blob>,
}

/// Bytes, which JSON carries in base64.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
struct Blob(Vec<u8>);

impl TryFrom<String> for Blob {
    type Error = base64::DecodeError;

    fn try_from(text: String) -> Result<Blob, base64::DecodeError> {
        BASE64_STANDARD.decode(text).map(Blob)
    }
}

impl From<Blob> for String {
    fn from(blob: Blob) -> String {
        BASE64_STANDARD.encode(blob.0)
    }
}

impl Attribute {
    /// The value's bytes after the mark that stands for their kind in a digest; none when value and
    /// type disagree.
    fn payload(&self) -> Option<(u8, &[u8])> {
        let kind = self.data_type.split('.').next()?;
        let payload = match (kind, &self.string_value, &self.binary_value) {
            ("String" | "Number", Some(text), None) => (1, text.as_bytes()),
            ("Binary", None, Some(blob)) => (2, blob.0.as_slice()),
            _ => return None,
        };
        Some(payload).filter(|(_, value)| !value.is_empty())
    }
}

fn md5_of_text(text: &str) -> String {
    format!("{:x}", Md5::digest(text))
}

/// The digest a client checks the attributes by, as the SQS developer guide defines it
/// ("Calculating the MD5 message digest for message attributes"); none when there are no
/// attributes.
fn md5_of_attributes(attributes: &Attributes) -> Option<String> {
    if attributes.is_empty() {
        return None;
    }
    let mut digest = Md5::new();
    for (name, attribute) in attributes {
        let (mark, value) = attribute.payload()?;
        digest_sized(&mut digest, name.as_bytes())?;
        digest_sized(&mut digest, attribute.data_type.as_bytes())?;
        digest.update([mark]);
        digest_sized(&mut digest, value)?;
    }
    Some(format!("{:x}", digest.finalize()))
}

fn digest_sized(digest: &mut Md5, bytes: &[u8]) -> Option<()> {
    digest.update(u32::try_from(bytes.len()).ok()?.to_be_bytes());
    digest.update(bytes);
    Some(())
}

// --- batches

/// A request to a queue.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OnQueue<Ask> {
    queue_url: String,
    #[serde(flatten)]
    ask: Ask,
}

/// A request or answer with nothing in it.
#[derive(Serialize, Deserialize)]
struct Nothing {}

/// Several requests of one kind.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Batch<Ask> {
    #[serde(default = "Vec::new")]
    entries: Vec<Entry<Ask>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry<Ask> {
    id: String,
    #[serde(flatten)]
    ask: Ask,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct BatchAnswer<T> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    successful: Vec<Done<T>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    failed: Vec<Refused>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Done<T> {
    id: String,
    #[serde(flatten)]
    done: T,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Refused {
    id: String,
    sender_fault: bool,
    code: &'static str,
    message: String,
}

impl<Ask> Batch<Ask> {
    fn check(&self) -> Result<(), Refusal> {
        if self.entries.is_empty() {
            return Err(Refusal::EmptyBatchRequest);
        }
        if self.entries.len() > BATCH_ENTRIES_MAX {
            return Err(Refusal::TooManyEntriesInBatchRequest(self.entries.len()));
        }
        for (index, Entry { id, .. }) in self.entries.iter().enumerate() {
            if !is_name(id) {
                return Err(Refusal::InvalidBatchEntryId);
            }
            if self.entries[..index].iter().any(|earlier| earlier.id == *id) {
                return Err(Refusal::BatchEntryIdsNotDistinct(id.clone()));
            }
        }
        Ok(())
    }

    /// Does each entry's work. An entry that is refused fails alone; a failure of the store fails
    /// them all.
    fn each<T>(&self, work: impl Fn(&Ask) -> Result<T, Fault>) -> Result<BatchAnswer<T>, Fault> {
        self.check()?;
        let mut answer = BatchAnswer { successful: Vec::new(), failed: Vec::new() };
        for Entry { id, ask } in &self.entries {
            let id = id.clone();
            match work(ask) {
                Ok(done) => answer.successful.push(Done { id, done }),
                Err(Fault::Refused(refusal)) => answer.failed.push(Refused {
                    id,
                    sender_fault: true,
                    code: refusal.names().1,
                    message: refusal.to_string(),
                }),
                Err(failed) => return Err(failed),
            }
        }
        Ok(answer)
    }
}

// --- the answer

fn decode<Ask: DeserializeOwned>(body: &[u8]) -> Result<Ask, Fault> {
    // The SDKs leave the body out when there is nothing to ask.
    let body = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body).map_err(|error| Refusal::Malformed(error).into())
}

fn encode(answer: impl Serialize) -> Result<Value, Fault> {
    serde_json::to_value(answer).map_err(Fault::failed)
}

fn within(
    name: &'static str,
    value: Option<i64>,
    bounds: RangeInclusive<i64>,
) -> Result<Option<i64>, Refusal> {
    value.map(|value| in_bounds(name, value, bounds)).transpose()
}

fn in_bounds(name: &'static str, value: i64, bounds: RangeInclusive<i64>) -> Result<i64, Refusal> {
    if bounds.contains(&value) {
        Ok(value)
    } else {
        Err(Refusal::OutOfBounds { name, value, bounds })
    }
}

/// Why a request was not done: the caller's doing, or the store's.
#[derive(Debug, Error)]
enum Fault {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error(transparent)]
    Failed(Box<dyn std::error::Error + Send + Sync>),
}

impl Fault {
    fn failed(error: impl std::error::Error + Send + Sync + 'static) -> Fault {
        Fault::Failed(Box::new(error))
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Fault {
        Fault::failed(error)
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let (status, shape, code, who) = match &self {
            Fault::Refused(refusal) => {
                (StatusCode::BAD_REQUEST, refusal.names().0, refusal.names().1, "Sender")
            }
            Fault::Failed(error) => {
                tracing::error!(%error, "the queues' store failed");
                (
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "InternalFailure",
                    "InternalFailure",
                    "Receiver",
                )
            }
        };
        let body =
            json!({ "__type": format!("com.amazonaws.sqs#{shape}"), "message": self.to_string() });
        let headers = [
            ("content-type", "application/x-amz-json-1.0".to_owned()),
            ("x-amzn-query-error", format!("{code};{who}")),
        ];
        (status, headers, body.to_string()).into_response()
    }
}

/// What a caller can get wrong.
#[derive(Debug, Error)]
enum Refusal {
    #[error("The specified queue does not exist.")]
    QueueDoesNotExist,
    #[error("A queue already exists with the same name and different attributes.")]
    QueueNameExists,
    #[error("A queue name has 1 to {NAME_LETTERS_MAX} letters, digits, hyphens and underscores.")]
    QueueName,
    #[error("Unknown attribute {0}.")]
    InvalidAttributeName(String),
    #[error("Invalid value for the attribute {0}.")]
    InvalidAttributeValue(String),
    #[error("The dead-letter target of RedrivePolicy does not exist or is the queue itself.")]
    DeadLetterTarget,
    #[error("The value {value} for the parameter {name} is not within {bounds:?}.")]
    OutOfBounds { name: &'static str, value: i64, bounds: RangeInclusive<i64> },
    #[error("The request must contain the parameter {0}.")]
    MissingParameter(&'static str),
    #[error("The message has characters that are not allowed.")]
    InvalidMessageContents,
    #[error("The message must not be longer than {0} bytes, attributes included.")]
    MessageTooLong(i64),
    #[error("A message has at most {ATTRIBUTES_MAX} attributes, not {0}.")]
    TooManyAttributes(usize),
    #[error("The message attribute {0:?} needs a name, and a value of its type.")]
    MessageAttribute(String),
    #[error("A sender may not give the system attribute {0:?}.")]
    SystemAttribute(String),
    #[error("The receipt handle is not one of this queue.")]
    ReceiptHandleIsInvalid,
    #[error("The message does not exist or was received again since.")]
    MessageGone,
    #[error("The message is not in flight.")]
    MessageNotInflight,
    #[error("There should be at least one entry in the batch.")]
    EmptyBatchRequest,
    #[error("A batch has at most {BATCH_ENTRIES_MAX} entries, not {0}.")]
    TooManyEntriesInBatchRequest(usize),
    #[error("The id {0} is repeated.")]
    BatchEntryIdsNotDistinct(String),
    #[error(
        "A batch entry's id has 1 to {NAME_LETTERS_MAX} letters, digits, hyphens and underscores."
    )]
    InvalidBatchEntryId,
    #[error("A batch has at most {BATCH_BYTES_MAX} bytes, not {0}.")]
    BatchRequestTooLong(usize),
    #[error("The action {0:?} is not supported.")]
    UnsupportedOperation(String),
    #[error("The request cannot be read: {0}.")]
    Malformed(serde_json::Error),
}

impl Refusal {
    /// The protocol's two names of an error: of its shape in the body, and of its code in the
    /// header and in batches, which SQS keeps from its older query protocol.
    fn names(&self) -> (&'static str, &'static str) {
        use Refusal::*;
        match self {
            QueueDoesNotExist => ("QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"),
            QueueNameExists => ("QueueNameExists", "QueueAlreadyExists"),
            InvalidAttributeName(_) => ("InvalidAttributeName", "InvalidAttributeName"),
            InvalidAttributeValue(_) => ("InvalidAttributeValue", "InvalidAttributeValue"),
            QueueName
            | DeadLetterTarget
            | OutOfBounds { .. }
            | MessageTooLong(_)
            | TooManyAttributes(_)
            | MessageAttribute(_)
            | SystemAttribute(_)
            | MessageGone => ("InvalidParameterValueException", "InvalidParameterValue"),
            MissingParameter(_) => ("MissingRequiredParameterException", "MissingParameter"),
            InvalidMessageContents => ("InvalidMessageContents", "InvalidMessageContents"),
            ReceiptHandleIsInvalid => ("ReceiptHandleIsInvalid", "ReceiptHandleIsInvalid"),
            MessageNotInflight => {
                ("MessageNotInflight", "AWS.SimpleQueueService.MessageNotInflight")
            }
            EmptyBatchRequest => ("EmptyBatchRequest", "AWS.SimpleQueueService.EmptyBatchRequest"),
            TooManyEntriesInBatchRequest(_) => (
                "TooManyEntriesInBatchRequest",
                "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
            ),
            BatchEntryIdsNotDistinct(_) => {
                ("BatchEntryIdsNotDistinct", "AWS.SimpleQueueService.BatchEntryIdsNotDistinct")
            }
            InvalidBatchEntryId => {
                ("InvalidBatchEntryId", "AWS.SimpleQueueService.InvalidBatchEntryId")
            }
            BatchRequestTooLong(_) => {
                ("BatchRequestTooLong", "AWS.SimpleQueueService.BatchRequestTooLong")
            }
            UnsupportedOperation(_) => {
                ("UnsupportedOperation", "AWS.SimpleQueueService.UnsupportedOperation")
            }
            Malformed(_) => ("SerializationException", "MalformedInput"),
        }
    }
}
