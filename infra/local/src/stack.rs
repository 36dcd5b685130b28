//! The stack: the embedded store and queue, the HTTP API, the pollers.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
};

use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use domain::time::Instant;
use edge::{App, Clock, MemberTokens, Settings, serve};
use local_dynamodb::EmbeddedDynamoDb;
use local_queue::Queues;
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

impl Stack {
    /// Starts everything on loopback.
    ///
    /// # Errors
    ///
    /// [`StartError`], one sentence each.
    pub async fn start(options: Options) -> Result<Stack, StartError> {
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
        let credits_queue = clients.queue("credits").await.map_err(|error| other(&error))?;
        let settle_queue = clients.queue("settle").await.map_err(|error| other(&error))?;
        let settings = Settings {
            ledger: tables::LEDGER.to_owned(),
            registry: tables::REGISTRY.to_owned(),
            credits_queue,
            settle_queue,
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
        let pollers = Pollers::start(app.clone(), &clients, &settings, dynamodb, stopped);
        let pollers = pollers.await.map_err(|error| other(&error))?;
        let _temporary = temporary;
        Ok(Stack {
            app,
            settings,
            clients,
            address,
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

    /// A queue with its dead letters, made where it is not there. Returns its URL.
    async fn queue(&self, name: &str) -> Result<String, String> {
        use aws_sdk_sqs::types::QueueAttributeName::{QueueArn, RedrivePolicy, VisibilityTimeout};
        let failed =
            |error: &dyn std::error::Error| format!("the queue {name} could not be made: {error}");
        let dead = self.sqs.create_queue().queue_name(format!("{name}-dead"));
        let dead = Box::pin(dead.send()).await.map_err(|error| failed(&error))?;
        let arn = self.sqs.get_queue_attributes().set_queue_url(dead.queue_url);
        let arn = Box::pin(arn.attribute_names(QueueArn).send()).await;
        let arn = arn.map_err(|error| failed(&error))?;
        let arn = arn.attributes.and_then(|mut attributes| attributes.remove(&QueueArn));
        let policy = serde_json::json!({
            "maxReceiveCount": 5,
            "deadLetterTargetArn": arn.unwrap_or_default(),
        });
        let queue = self.sqs.create_queue().queue_name(name);
        let queue = queue.attributes(VisibilityTimeout, "60");
        let queue = queue.attributes(RedrivePolicy, policy.to_string());
        let queue = Box::pin(queue.send()).await.map_err(|error| failed(&error))?;
        queue.queue_url.ok_or_else(|| format!("the queue {name} has no address"))
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
