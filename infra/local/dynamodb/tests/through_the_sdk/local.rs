//! A database in a folder of its own, served on loopback, and the SDK's clients for it.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::{env, fs, process};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType,
    ScalarAttributeType, StreamSpecification, StreamViewType,
};
use aws_sdk_dynamodbstreams as streams;
use local_dynamodb::{EmbeddedDynamoDb, Failure};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// What a test returns, so that `?` is all it needs.
pub type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// A folder that is removed with this value.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        Self(env::temp_dir().join(format!("local_dynamodb-{}-{number}", process::id())))
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn database(&self) -> PathBuf {
        self.0.join("dynamodb.sqlite")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A running database.
pub struct Local {
    pub database: EmbeddedDynamoDb,
    pub items: Client,
    pub streams: streams::Client,
    folder: Folder,
    stop: oneshot::Sender<()>,
    served: JoinHandle<Result<(), Failure>>,
}

impl Local {
    pub async fn start() -> Outcome<Self> {
        Self::start_in(Folder::new()).await
    }

    pub async fn start_in(folder: Folder) -> Outcome<Self> {
        let database = EmbeddedDynamoDb::open(&folder.database())?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let endpoint = format!("http://{}", listener.local_addr()?);
        let (stop, stopped) = oneshot::channel();
        let served = tokio::spawn(database.clone().serve(listener, async {
            let _ = stopped.await;
        }));
        Ok(Self {
            database,
            items: items_client(&endpoint),
            streams: streams_client(&endpoint),
            folder,
            stop,
            served,
        })
    }

    /// Stops serving, closes the file, and hands back its folder.
    pub async fn stop(self) -> Outcome<Folder> {
        let _ = self.stop.send(());
        self.served.await??;
        Ok(self.folder)
    }

    /// A table with a chain and a sequence for its key, and a stream.
    pub async fn table(&self, name: &str, view: StreamViewType) -> Outcome {
        self.items
            .create_table()
            .table_name(name)
            .billing_mode(BillingMode::PayPerRequest)
            .attribute_definitions(attribute("chain", ScalarAttributeType::S)?)
            .attribute_definitions(attribute("seq", ScalarAttributeType::N)?)
            .key_schema(key("chain", KeyType::Hash)?)
            .key_schema(key("seq", KeyType::Range)?)
            .stream_specification(
                StreamSpecification::builder()
                    .stream_enabled(true)
                    .stream_view_type(view)
                    .build()?,
            )
            .send()
            .await?;
        Ok(())
    }

    /// A running database with one table, `ledger`, whose stream has both images.
    pub async fn with_ledger() -> Outcome<Self> {
        let local = Self::start().await?;
        local.table("ledger", StreamViewType::NewAndOldImages).await?;
        Ok(local)
    }

    /// Puts one row into `ledger`.
    pub async fn put(&self, chain: &str, seq: u64, note: &str) -> Outcome {
        self.items
            .put_item()
            .table_name("ledger")
            .item("chain", s(chain))
            .item("seq", n(seq))
            .item("note", s(note))
            .send()
            .await?;
        Ok(())
    }
}

fn attribute(name: &str, kind: ScalarAttributeType) -> Outcome<AttributeDefinition> {
    let attribute = AttributeDefinition::builder().attribute_name(name).attribute_type(kind);
    Ok(attribute.build()?)
}

fn key(name: &str, kind: KeyType) -> Outcome<KeySchemaElement> {
    Ok(KeySchemaElement::builder().attribute_name(name).key_type(kind).build()?)
}

fn items_client(endpoint: &str) -> Client {
    Client::from_conf(
        aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .credentials_provider(credentials())
            .endpoint_url(endpoint)
            .build(),
    )
}

fn streams_client(endpoint: &str) -> streams::Client {
    streams::Client::from_conf(
        streams::Config::builder()
            .behavior_version(streams::config::BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .credentials_provider(credentials())
            .endpoint_url(endpoint)
            .build(),
    )
}

fn credentials() -> Credentials {
    Credentials::new("local", "local", None, None, "static")
}

pub fn s(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

pub fn n(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}
