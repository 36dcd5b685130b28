//! The tables in the embedded DynamoDB, through the SDK on a loopback listener.

use std::{
    env, fs,
    path::PathBuf,
    process,
    sync::atomic::{AtomicU32, Ordering},
};

use aws_sdk_dynamodb::{
    Client, Config,
    config::{BehaviorVersion, Credentials, Region},
    types::{AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType},
};
use local_dynamodb::EmbeddedDynamoDb;
use store::dynamodb::DynamoDb;
use tokio::{net::TcpListener, sync::oneshot};

/// Empty tables in a folder that goes with this value.
pub struct Embedded {
    pub tables: DynamoDb,
    _stop: oneshot::Sender<()>,
    _folder: Folder,
}

struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

impl Embedded {
    pub async fn start() -> Embedded {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("guerdon-simulation-{}-{number}", process::id());
        let folder = Folder(env::temp_dir().join(name));
        let database = EmbeddedDynamoDb::open(&folder.0.join("dynamodb.sqlite")).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel::<()>();
        tokio::spawn(database.serve(listener, async {
            let _ = stopped.await;
        }));
        let client = client(&endpoint);
        make_table(&client, "ledger", "chain", "sequence", ScalarAttributeType::N).await;
        make_table(&client, "registry", "key", "sort", ScalarAttributeType::S).await;
        let tables = DynamoDb::new(client, "ledger", "registry");
        Embedded { tables, _stop: stop, _folder: folder }
    }
}

fn client(endpoint: &str) -> Client {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("local", "local", None, None, "static"))
        .endpoint_url(endpoint);
    Client::from_conf(config.build())
}

async fn make_table(
    client: &Client,
    name: &str,
    partition: &str,
    sort: &str,
    sort_kind: ScalarAttributeType,
) {
    let attribute = |name: &str, kind| {
        AttributeDefinition::builder().attribute_name(name).attribute_type(kind).build().unwrap()
    };
    let key = |name: &str, kind| {
        KeySchemaElement::builder().attribute_name(name).key_type(kind).build().unwrap()
    };
    client
        .create_table()
        .table_name(name)
        .billing_mode(BillingMode::PayPerRequest)
        .attribute_definitions(attribute(partition, ScalarAttributeType::S))
        .attribute_definitions(attribute(sort, sort_kind))
        .key_schema(key(partition, KeyType::Hash))
        .key_schema(key(sort, KeyType::Range))
        .send()
        .await
        .unwrap();
}
