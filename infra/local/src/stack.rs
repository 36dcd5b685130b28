//! The stack: the embedded store and queue, the HTTP API, the pollers.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
};

use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use domain::time::Instant;
use edge::{App, Clock, MemberTokens, Settings, serve};
use local_dynamodb::EmbeddedDynamoDb;
use local_queue::{Ahead, Queues};
use relay::{Relay, address::Reach};
use thiserror::Error;
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

use crate::{clock, pollers::Pollers, tables, token};

/// Where the stack keeps its data.
#[derive(Clone, Debug)]
pub enum Data {
    /// In this folder, across starts.
    Folder(PathBuf),
    /// In a folder of its own that goes with the process.
    Memory,
}

/// How to start.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where to keep data.
    pub data: Data,
    /// The port of the HTTP API; 0 takes any that is free.
    pub port: u16,
    /// Where the clock starts, unless the data says later.
    pub clock: Instant,
}

/// Why the stack did not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The port is taken.
    #[error("port {port} is in use: stop what listens there, or choose another with --port")]
    PortInUse {
        /// The port.
        port: u16,
    },
    /// Anything else, in one sentence.
    #[error("{0}")]
    Other(String),
}

/// A running stack.
pub struct Stack {
    /// What the handlers share.
    pub app: App,
    /// What the handlers are told by their environment.
    pub settings: Settings,
    /// The SDK's clients for the local endpoints.
    pub clients: Clients,
    /// Where the HTTP API is.
    pub address: SocketAddr,
    /// What tells subscribers.
    pub relay: Relay,
    /// The hand of the queues' clock.
    pub queue_time: Ahead,
    /// What moves messages and stream records to their functions.
    pub pollers: Pollers,
    stop: watch::Sender<bool>,
    stop_pollers: watch::Sender<bool>,
    servers: Vec<JoinHandle<()>>,
    /// Removes the folder of `Data::Memory`.
    _temporary: Option<TemporaryFolder>,
}

/// A key that identities are hashed with on a laptop; a real installation has its own.
const IDENTITY_KEY: &str = "the identities of a local stack are nobody's secret";

/// How long and how often a queue tries, as the template sets it.
#[derive(Clone, Copy)]
struct Trying {
    /// Messages handed out more often than that are dead letters.
    receives_max: u32,
    /// Messages older than that are forgotten.
    days: u32,
}

/// What SQS itself does, but for the receives.
const FOR_A_WHILE: Trying = Trying { receives_max: 5, days: 4 };
/// As long as there is. The relay counts its attempts itself: the receives are for messages
/// that it never sees the end of.
const FOR_LONG: Trying = Trying { receives_max: 2 * relay::ATTEMPTS_MAX, days: 14 };

impl Stack {
    /// Starts everything on loopback.
    ///
    /// # Errors
    ///
    /// [`StartError`], one sentence each.
    pub async fn start(options: Options) -> Result<Stack, StartError> {
        Stack::start_reaching(options, Reach::Public).await
    }

    /// As [`Stack::start`], for subscribers within reach.
    ///
    /// # Errors
    ///
    /// As [`Stack::start`].
    pub async fn start_reaching(options: Options, reach: Reach) -> Result<Stack, StartError> {
        let other = |error: &dyn std::fmt::Display| StartError::Other(error.to_string());
        let api = listen(options.port).await?;
        let (folder, temporary) = match &options.data {
            Data::Folder(folder) => (folder.clone(), None),
            Data::Memory => {
                let folder = TemporaryFolder::new().map_err(|error| other(&error))?;
                (folder.0.clone(), Some(folder))
            }
        };
        let dynamodb =
            EmbeddedDynamoDb::open(&folder.join("tables.sqlite")).map_err(|e| other(&e))?;
        let queues = Queues::open(&folder.join("queues.sqlite")).map_err(|e| other(&e))?;
        let queue_time = queues.ahead();
        let (stop, stopped) = watch::channel(false);
        let mut servers = Vec::new();
        let dynamodb_at = listen(0).await?;
        let sqs_at = listen(0).await?;
        let dynamodb_url = url(&dynamodb_at)?;
        let sqs_url = url(&sqs_at)?;
        let (db, ends) = (dynamodb.clone(), until(stopped.clone()));
        servers.push(tokio::spawn(async move {
            if let Err(error) = db.serve(dynamodb_at, ends).await {
                tracing::error!(%error, "the local tables stopped");
            }
        }));
        let ends = until(stopped.clone());
        servers.push(tokio::spawn(async move {
            if let Err(error) = local_queue::serve(sqs_at, queues, ends).await {
                tracing::error!(%error, "the local queue stopped");
            }
        }));
        let clients = Clients::new(&dynamodb_url, &sqs_url);
        tables::ensure(&clients.dynamodb).await.map_err(|error| other(&error))?;
        let queue =
            async |name, trying| clients.queue(name, trying).await.map_err(|error| other(&error));
        let (credits_queue, _) = queue("credits", FOR_A_WHILE).await?;
        let (settle_queue, _) = queue("settle", FOR_A_WHILE).await?;
        let (deliveries_queue, dead_deliveries_queue) = queue("deliveries", FOR_LONG).await?;
        let settings = Settings {
            ledger: tables::LEDGER.to_owned(),
            registry: tables::REGISTRY.to_owned(),
            credits_queue,
            settle_queue,
            deliveries_queue,
            dead_deliveries_queue,
            event_bus: None,
            identity_key: IDENTITY_KEY.to_owned(),
            member_tokens: MemberTokens::default(),
        };
        let time = Clock::settable(options.clock);
        let app = App::new(&settings, clients.dynamodb.clone(), clients.sqs.clone(), time);
        clock::restore(app.clock(), app.tables()).await.map_err(|error| other(&error))?;
        let address = api.local_addr().map_err(|error| other(&error))?;
        let routes = accrue::routes(app.clone())
            .merge(redeem::routes(app.clone()))
            .merge(enroll::routes(app.clone()))
            .merge(report::routes(app.clone()));
        let service = token::authorizing(serve(routes), app.clock().clone());
        let ends = until(stopped.clone());
        servers.push(tokio::spawn(async move {
            if let Err(error) = axum::serve(api, service).with_graceful_shutdown(ends).await {
                tracing::error!(%error, "the HTTP API stopped");
            }
        }));
        let (stop_pollers, stopped) = watch::channel(false);
        let relay = Relay::new(app.clone(), None, reach);
        let pollers = Pollers::start(relay.clone(), &clients, &settings, dynamodb, stopped);
        let pollers = pollers.await.map_err(|error| other(&error))?;
        let _temporary = temporary;
        Ok(Stack {
            app,
            settings,
            clients,
            address,
            relay,
            queue_time,
            pollers,
            stop,
            stop_pollers,
            servers,
            _temporary,
        })
    }

    /// Stops everything, data kept.
    pub async fn stop(self) {
        if let Err(error) = clock::keep(self.app.clock(), self.app.tables()).await {
            tracing::error!(%error, "the clock was not kept");
        }
        // What is being polled ends while there still are tables to write to.
        let _ = self.stop_pollers.send(true);
        self.pollers.stopped().await;
        let _ = self.stop.send(true);
        for server in self.servers {
            // A half-sent request must not hold the end up.
            let _ = tokio::time::timeout(std::time::Duration::from_secs(3), server).await;
        }
    }

    /// The address of the HTTP API.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

/// The SDK's clients for the local endpoints.
pub struct Clients {
    /// For items.
    pub dynamodb: aws_sdk_dynamodb::Client,
    /// For the stream.
    pub streams: aws_sdk_dynamodbstreams::Client,
    /// For queues.
    pub sqs: aws_sdk_sqs::Client,
}

impl Clients {
    fn new(dynamodb: &str, sqs: &str) -> Clients {
        let region = || Region::new("us-east-1");
        let credentials = || Credentials::new("local", "local", None, None, "local");
        let version = BehaviorVersion::latest;
        let dynamodb_config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(version())
            .region(region())
            .credentials_provider(credentials())
            .endpoint_url(dynamodb);
        let streams_config = aws_sdk_dynamodbstreams::Config::builder()
            .behavior_version(version())
            .region(region())
            .credentials_provider(credentials())
            .endpoint_url(dynamodb);
        let sqs_config = aws_sdk_sqs::Config::builder()
            .behavior_version(version())
            .region(region())
            .credentials_provider(credentials())
            .endpoint_url(sqs);
        Clients {
            dynamodb: aws_sdk_dynamodb::Client::from_conf(dynamodb_config.build()),
            streams: aws_sdk_dynamodbstreams::Client::from_conf(streams_config.build()),
            sqs: aws_sdk_sqs::Client::from_conf(sqs_config.build()),
        }
    }

    /// A queue with its dead letters, made where it is not there. Returns the URLs of both.
    async fn queue(&self, name: &str, trying: Trying) -> Result<(String, String), String> {
        use aws_sdk_sqs::types::QueueAttributeName::{
            MessageRetentionPeriod, QueueArn, RedrivePolicy, VisibilityTimeout,
        };
        let failed =
            |error: &dyn std::error::Error| format!("the queue {name} could not be made: {error}");
        let retention = (trying.days * 86_400).to_string();
        let dead = self.sqs.create_queue().queue_name(format!("{name}-dead"));
        let dead = dead.attributes(MessageRetentionPeriod, &retention);
        let dead = Box::pin(dead.send()).await.map_err(|error| failed(&error))?;
        let dead = dead.queue_url.ok_or_else(|| format!("the queue {name} has no dead letters"))?;
        let arn = self.sqs.get_queue_attributes().queue_url(&dead);
        let arn = Box::pin(arn.attribute_names(QueueArn).send()).await;
        let arn = arn.map_err(|error| failed(&error))?;
        let arn = arn.attributes.and_then(|mut attributes| attributes.remove(&QueueArn));
        let policy = serde_json::json!({
            "maxReceiveCount": trying.receives_max,
            "deadLetterTargetArn": arn.unwrap_or_default(),
        });
        let queue = self.sqs.create_queue().queue_name(name);
        let queue = queue.attributes(VisibilityTimeout, "60");
        let queue = queue.attributes(MessageRetentionPeriod, retention);
        let queue = queue.attributes(RedrivePolicy, policy.to_string());
        let queue = Box::pin(queue.send()).await.map_err(|error| failed(&error))?;
        let url = queue.queue_url.ok_or_else(|| format!("the queue {name} has no address"))?;
        Ok((url, dead))
    }
}

async fn listen(port: u16) -> Result<TcpListener, StartError> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => StartError::PortInUse { port },
        _ => StartError::Other(format!("port {port} cannot be used: {error}")),
    })
}

fn url(listener: &TcpListener) -> Result<String, StartError> {
    let address = listener.local_addr().map_err(|error| StartError::Other(error.to_string()))?;
    Ok(format!("http://{address}"))
}

/// Ends when the stack is to stop.
async fn until(mut stopped: watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

/// A folder that is removed with this value.
struct TemporaryFolder(PathBuf);

impl TemporaryFolder {
    fn new() -> std::io::Result<TemporaryFolder> {
        static COUNT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let count = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let name = format!("guerdon-{}-{count}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder)?;
        Ok(TemporaryFolder(folder))
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        let folder: &Path = &self.0;
        let _ = std::fs::remove_dir_all(folder);
    }
}
