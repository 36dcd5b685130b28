//! What a reader of a stream sees, before and after records are trimmed.

use std::collections::HashMap;
use std::sync::Arc;

use aws_sdk_dynamodb::types::{StreamViewType, TimeToLiveSpecification};
use aws_sdk_dynamodbstreams::types::{AttributeValue, OperationType, Record, ShardIteratorType};

use crate::local::{Local, Outcome, n, s};

async fn stream_of(local: &Local, table: &str) -> Outcome<String> {
    let described = local.items.describe_table().table_name(table).send().await?;
    let stream = described.table.and_then(|table| table.latest_stream_arn);
    Ok(stream.ok_or("the table has no stream")?)
}

async fn shard_of(local: &Local, stream: &str) -> Outcome<String> {
    let described = local.streams.describe_stream().stream_arn(stream).send().await?;
    let shards = described.stream_description.and_then(|stream| stream.shards).unwrap_or_default();
    let [shard] = shards.as_slice() else {
        return Err(format!("{} shards", shards.len()).into());
    };
    Ok(shard.shard_id().ok_or("a shard without a name")?.to_owned())
}

/// Where a reader starts.
pub enum Start<'a> {
    Oldest,
    Latest,
    At(&'a str),
    After(&'a str),
}

async fn iterator(local: &Local, table: &str, start: Start<'_>) -> Outcome<String> {
    let stream = stream_of(local, table).await?;
    let shard = shard_of(local, &stream).await?;
    let (kind, sequence) = match start {
        Start::Oldest => (ShardIteratorType::TrimHorizon, None),
        Start::Latest => (ShardIteratorType::Latest, None),
        Start::At(sequence) => (ShardIteratorType::AtSequenceNumber, Some(sequence.to_owned())),
        Start::After(sequence) => {
            (ShardIteratorType::AfterSequenceNumber, Some(sequence.to_owned()))
        }
    };
    let iterator = local
        .streams
        .get_shard_iterator()
        .stream_arn(stream)
        .shard_id(shard)
        .shard_iterator_type(kind)
        .set_sequence_number(sequence)
        .send()
        .await?;
    Ok(iterator.shard_iterator.ok_or("no iterator")?)
}

/// Reads until nothing comes.
async fn read(local: &Local, mut iterator: String) -> Outcome<Vec<Record>> {
    let mut all = Vec::new();
    loop {
        let page = local.streams.get_records().shard_iterator(iterator).send().await?;
        let records = page.records.unwrap_or_default();
        if records.is_empty() {
            return Ok(all);
        }
        all.extend(records);
        iterator = page.next_shard_iterator.ok_or("the shard ended")?;
    }
}

pub async fn read_from(local: &Local, table: &str, start: Start<'_>) -> Outcome<Vec<Record>> {
    read(local, iterator(local, table, start).await?).await
}

pub fn sequences(records: &[Record]) -> Vec<&str> {
    let records = records.iter();
    records.filter_map(|record| record.dynamodb()?.sequence_number()).collect()
}

/// The `note` of each record's new image.
pub fn notes(records: &[Record]) -> Vec<&str> {
    let note = |record| note_in(Record::dynamodb(record)?.new_image()?);
    records.iter().filter_map(note).collect()
}

fn note_in(image: &HashMap<String, AttributeValue>) -> Option<&str> {
    image.get("note")?.as_s().ok().map(String::as_str)
}

#[tokio::test]
async fn changes_come_in_order_with_both_images() -> Outcome {
    let local = Local::with_ledger().await?;
    local.put("ada", 1, "first").await?;
    local.put("ada", 1, "second").await?;
    let delete = local.items.delete_item().table_name("ledger");
    delete.key("chain", s("ada")).key("seq", n(1)).send().await?;

    let records = read_from(&local, "ledger", Start::Oldest).await?;
    let seen: Vec<_> = records
        .iter()
        .filter_map(|record| {
            let change = record.dynamodb()?;
            let [old, new] = [change.old_image(), change.new_image()].map(|image| note_in(image?));
            Some((record.event_name()?.clone(), old, new))
        })
        .collect();
    assert_eq!(
        seen,
        [
            (OperationType::Insert, None, Some("first")),
            (OperationType::Modify, Some("first"), Some("second")),
            (OperationType::Remove, Some("second"), None),
        ]
    );
    assert!(sequences(&records).is_sorted());
    assert!(sequences(&records).iter().all(|sequence| sequence.len() == 21));
    Ok(())
}

#[tokio::test]
async fn a_stream_of_new_images_has_no_old_ones() -> Outcome {
    let local = Local::start().await?;
    local.table("ledger", StreamViewType::NewImage).await?;
    local.put("ada", 1, "first").await?;
    local.put("ada", 1, "second").await?;
    let records = read_from(&local, "ledger", Start::Oldest).await?;
    assert_eq!(notes(&records), ["first", "second"]);
    let mut changes = records.iter().filter_map(Record::dynamodb);
    assert!(changes.all(|change| change.old_image().is_none()));
    Ok(())
}

#[tokio::test]
async fn a_reader_goes_on_where_it_was() -> Outcome {
    let local = Local::with_ledger().await?;
    for seq in 1..=4 {
        local.put("ada", seq, &seq.to_string()).await?;
    }
    let all = read_from(&local, "ledger", Start::Oldest).await?;
    let second = sequences(&all)[1];
    for (start, expected) in [
        (Start::At(second), vec!["2", "3", "4"]),
        (Start::After(second), vec!["3", "4"]),
        (Start::Latest, vec![]),
    ] {
        assert_eq!(notes(&read_from(&local, "ledger", start).await?), expected);
    }

    let latest = iterator(&local, "ledger", Start::Latest).await?;
    local.put("ada", 5, "5").await?;
    assert_eq!(notes(&read(&local, latest).await?), ["5"]);
    Ok(())
}

#[tokio::test]
async fn a_page_of_records_is_at_most_a_thousand() -> Outcome {
    let local = Local::with_ledger().await?;
    for seq in 1..=1_010 {
        local.put("ada", seq, "row").await?;
    }
    let oldest = iterator(&local, "ledger", Start::Oldest).await?;
    for (limit, expected) in [(None, 1_000), (Some(1_000), 1_000), (Some(7), 7)] {
        let page = local.streams.get_records().shard_iterator(&oldest).set_limit(limit);
        assert_eq!(page.send().await?.records().len(), expected);
    }
    assert_eq!(read(&local, oldest).await?.len(), 1_010);
    Ok(())
}

#[tokio::test]
async fn trimming_removes_what_was_consumed_and_nothing_else() -> Outcome {
    let local = Local::with_ledger().await?;
    local.table("registry", StreamViewType::NewImage).await?;
    for seq in 1..=6 {
        local.put("ada", seq, &seq.to_string()).await?;
    }
    let other = local.items.put_item().table_name("registry");
    other.item("chain", s("x")).item("seq", n(1)).send().await?;

    let all = read_from(&local, "ledger", Start::Oldest).await?;
    let (second, fourth) = (sequences(&all)[1], sequences(&all)[3]);
    assert_eq!(local.database.trim_stream("ledger", fourth).await?, 4);
    assert_eq!(local.database.trim_stream("ledger", fourth).await?, 0);

    // At, before and after the trimmed point.
    for (start, expected) in [
        (Start::Oldest, vec!["5", "6"]),
        (Start::After(second), vec!["5", "6"]),
        (Start::After(fourth), vec!["5", "6"]),
        (Start::After(sequences(&all)[4]), vec!["6"]),
    ] {
        assert_eq!(notes(&read_from(&local, "ledger", start).await?), expected);
    }
    assert_eq!(read_from(&local, "registry", Start::Oldest).await?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn the_newest_record_stays_so_that_numbers_go_on() -> Outcome {
    let local = Local::with_ledger().await?;
    for seq in 1..=3 {
        local.put("ada", seq, &seq.to_string()).await?;
    }
    let all = read_from(&local, "ledger", Start::Oldest).await?;
    let newest = sequences(&all)[2];
    assert_eq!(local.database.trim_stream("ledger", newest).await?, 2);
    assert_eq!(notes(&read_from(&local, "ledger", Start::Oldest).await?), ["3"]);

    local.put("ada", 4, "4").await?;
    let later = read_from(&local, "ledger", Start::After(newest)).await?;
    assert_eq!(notes(&later), ["4"]);
    Ok(())
}

#[tokio::test]
async fn only_a_sequence_number_trims() -> Outcome {
    let local = Local::with_ledger().await?;
    local.put("ada", 1, "row").await?;
    let refused = local.database.trim_stream("ledger", "12").await;
    let message = refused.err().ok_or("it was trimmed")?.to_string();
    assert_eq!(
        message,
        r#"the local DynamoDB could not trim a stream: "12" is no sequence number"#
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trimming_disturbs_neither_writers_nor_readers() -> Outcome {
    const ROWS: u64 = 600;
    let local = Arc::new(Local::with_ledger().await?);
    let writer = tokio::spawn({
        let local = Arc::clone(&local);
        async move {
            for seq in 1..=ROWS {
                local.put("ada", seq, &seq.to_string()).await?;
            }
            Outcome::Ok(())
        }
    });

    let mut seen = Vec::new();
    let mut iterator = iterator(&local, "ledger", Start::Oldest).await?;
    loop {
        let written = writer.is_finished();
        let page = local.streams.get_records().shard_iterator(iterator).send().await?;
        seen.extend(notes(page.records()).into_iter().map(str::to_owned));
        match sequences(page.records()).last() {
            Some(last) => local.database.trim_stream("ledger", last).await?,
            None if written => break,
            None => 0,
        };
        iterator = page.next_shard_iterator.ok_or("the shard ended")?;
    }
    writer.await??;
    let expected: Vec<_> = (1..=ROWS).map(|seq| seq.to_string()).collect();
    assert_eq!(seen, expected);
    assert_eq!(read_from(&local, "ledger", Start::Oldest).await?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn a_table_made_anew_has_a_stream_of_its_own() -> Outcome {
    let local = Local::with_ledger().await?;
    local.put("ada", 1, "before").await?;
    local.items.delete_table().table_name("ledger").send().await?;
    local.table("ledger", StreamViewType::NewAndOldImages).await?;
    local.put("ada", 1, "after").await?;
    assert_eq!(notes(&read_from(&local, "ledger", Start::Oldest).await?), ["after"]);
    Ok(())
}

#[tokio::test]
async fn an_expired_item_leaves_in_the_services_name() -> Outcome {
    let local = Local::with_ledger().await?;
    let ttl = TimeToLiveSpecification::builder().attribute_name("expires_at").enabled(true);
    let update = local.items.update_time_to_live().table_name("ledger");
    update.time_to_live_specification(ttl.build()?).send().await?;
    // In 2020, and at a time that has not come.
    for (seq, expires_at) in [(1, 1_577_836_800_u64), (2, 32_503_680_000)] {
        let put = local.items.put_item().table_name("ledger");
        put.item("chain", s("ada"))
            .item("seq", n(seq))
            .item("expires_at", n(expires_at))
            .send()
            .await?;
    }
    assert_eq!(local.database.sweep_ttl().await?, 1);
    assert_eq!(local.database.sweep_ttl().await?, 0);
    let records = read_from(&local, "ledger", Start::Oldest).await?;
    let last = records.last().ok_or("no records")?;
    assert_eq!(last.event_name(), Some(&OperationType::Remove));
    assert!(last.user_identity().is_some());
    Ok(())
}

#[tokio::test]
async fn what_a_caller_sees_of_a_shard() -> Outcome {
    let local = Local::with_ledger().await?;
    local.put("ada", 1, "row").await?;
    let stream = stream_of(&local, "ledger").await?;
    assert!(
        stream.starts_with("arn:aws:dynamodb:dynoxide:000000000000:table/ledger/stream/"),
        "{stream}"
    );
    assert_eq!(shard_of(&local, &stream).await?, "shardId-00000001-ledger");
    Ok(())
}
