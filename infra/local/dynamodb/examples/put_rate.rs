//! Prints what puts and reads cost while a stream grows: `cargo run --release -p local_dynamodb
//! --example put_rate`.

use std::error::Error;
use std::path::Path;
use std::time::Instant;
use std::{env, fs, process};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType,
    ScalarAttributeType, StreamSpecification, StreamViewType,
};
use aws_sdk_dynamodbstreams as streams;
use aws_sdk_dynamodbstreams::types::ShardIteratorType;
use local_dynamodb::EmbeddedDynamoDb;
use tokio::net::TcpListener;

const PUTS: u32 = 24_000;
const PUTS_PER_LINE: u32 = 4_000;
const EMPTY_READS: u32 = 200;

type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

#[tokio::main]
async fn main() -> Outcome {
    let folder = env::temp_dir().join(format!("put_rate-{}", process::id()));
    let measured = measure(&folder).await;
    fs::remove_dir_all(&folder)?;
    measured
}

async fn measure(folder: &Path) -> Outcome {
    let database = EmbeddedDynamoDb::open(&folder.join("dynamodb.sqlite"))?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let endpoint = format!("http://{}", listener.local_addr()?);
    tokio::spawn(database.clone().serve(listener, std::future::pending()));
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("local", "local", None, None, "static"))
        .endpoint_url(&endpoint);
    let items = Client::from_conf(config.build());
    let config = streams::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("local", "local", None, None, "static"))
        .endpoint_url(&endpoint);
    let streams = streams::Client::from_conf(config.build());

    let stream = create_table(&items).await?;
    fill(&items).await?;
    let newest = read_all(&streams, &stream).await?;
    trim(&database, &newest).await?;
    fill(&items).await
}

/// Makes a table and answers with its stream.
async fn create_table(items: &Client) -> Outcome<String> {
    let attribute = |name, kind| {
        AttributeDefinition::builder().attribute_name(name).attribute_type(kind).build()
    };
    let key = |name, kind| KeySchemaElement::builder().attribute_name(name).key_type(kind).build();
    let stream = StreamSpecification::builder()
        .stream_enabled(true)
        .stream_view_type(StreamViewType::NewAndOldImages);
    let created = items
        .create_table()
        .table_name("ledger")
        .billing_mode(BillingMode::PayPerRequest)
        .attribute_definitions(attribute("chain", ScalarAttributeType::S)?)
        .attribute_definitions(attribute("seq", ScalarAttributeType::N)?)
        .key_schema(key("chain", KeyType::Hash)?)
        .key_schema(key("seq", KeyType::Range)?)
        .stream_specification(stream.build()?)
        .send()
        .await?;
    let table = created.table_description.ok_or("no table")?;
    Ok(table.latest_stream_arn.ok_or("no stream")?)
}

async fn fill(items: &Client) -> Outcome {
    for line in 0..PUTS / PUTS_PER_LINE {
        let started = Instant::now();
        for seq in 0..PUTS_PER_LINE {
            put(items, line * PUTS_PER_LINE + seq).await?;
        }
        let each = started.elapsed() / PUTS_PER_LINE;
        println!("{each:.0?} a put, up to {} puts", (line + 1) * PUTS_PER_LINE);
    }
    Ok(())
}

async fn put(items: &Client, seq: u32) -> Outcome {
    items
        .put_item()
        .table_name("ledger")
        .item("chain", AttributeValue::S(format!("member-{}", seq % 500)))
        .item("seq", AttributeValue::N(seq.to_string()))
        .item("row", AttributeValue::S("x".repeat(600)))
        .send()
        .await?;
    Ok(())
}

/// Reads the stream from its beginning and answers with the newest sequence number.
async fn read_all(streams: &streams::Client, stream: &str) -> Outcome<String> {
    let started = Instant::now();
    let described = streams.describe_stream().stream_arn(stream).send().await?;
    println!("{:.1?} to describe the stream", started.elapsed());
    let description = described.stream_description.ok_or("no description")?;
    let shard = description.shards()[0].shard_id().ok_or("no shard")?;
    let iterator = streams.get_shard_iterator().stream_arn(stream).shard_id(shard);
    let iterator = iterator.shard_iterator_type(ShardIteratorType::TrimHorizon).send().await?;
    let mut iterator = iterator.shard_iterator.ok_or("no iterator")?;

    let (mut newest, mut count, started) = (None, 0, Instant::now());
    loop {
        let page = streams.get_records().shard_iterator(&iterator).send().await?;
        let last = page.records().last().and_then(|record| record.dynamodb()?.sequence_number());
        let Some(last) = last else { break };
        newest = Some(last.to_owned());
        count += page.records().len();
        iterator = page.next_shard_iterator.ok_or("the shard ended")?;
    }
    println!("{:.1?} to read {count} records", started.elapsed());

    let started = Instant::now();
    for _ in 0..EMPTY_READS {
        streams.get_records().shard_iterator(&iterator).send().await?;
    }
    println!("{:.0?} a read that finds nothing", started.elapsed() / EMPTY_READS);
    Ok(newest.ok_or("no records")?)
}

async fn trim(database: &EmbeddedDynamoDb, newest: &str) -> Outcome {
    let started = Instant::now();
    let removed = database.trim_stream("ledger", newest).await?;
    println!("{:.1?} to trim {removed} records", started.elapsed());
    Ok(())
}
