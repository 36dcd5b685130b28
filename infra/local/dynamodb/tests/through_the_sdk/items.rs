//! Conditions, queries, pages and batches.

use std::collections::HashMap;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{
    AttributeValue, KeysAndAttributes, ReturnConsumedCapacity, ReturnValuesOnConditionCheckFailure,
};

use crate::local::{Local, Outcome, n, s};

type Item = HashMap<String, AttributeValue>;

/// Puts a row only if its place is free; the answer is the row that has the place.
async fn append(local: &Local, seq: u64, note: &str) -> Outcome<Option<Item>> {
    let put = local
        .items
        .put_item()
        .table_name("ledger")
        .item("chain", s("ada"))
        .item("seq", n(seq))
        .item("note", s(note))
        .condition_expression("attribute_not_exists(chain)")
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .send()
        .await;
    match put.map_err(SdkError::into_service_error) {
        Ok(_) => Ok(None),
        Err(PutItemError::ConditionalCheckFailedException(taken)) => Ok(taken.item),
        Err(other) => Err(other.into()),
    }
}

#[tokio::test]
async fn a_taken_place_is_refused_with_the_row_that_has_it() -> Outcome {
    let local = Local::with_ledger().await?;
    assert_eq!(append(&local, 1, "first").await?, None);
    assert_eq!(append(&local, 2, "second").await?, None);
    let taken = append(&local, 1, "late").await?.ok_or("the place was free")?;
    let expected = [("chain", s("ada")), ("seq", n(1)), ("note", s("first"))];
    assert_eq!(taken, expected.map(|(name, value)| (name.to_owned(), value)).into());
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_want_one_place_one_gets_it() -> Outcome {
    let local = Local::with_ledger().await?;
    let rivals = (0..16).map(|rival| {
        let put = local
            .items
            .put_item()
            .table_name("ledger")
            .item("chain", s("ada"))
            .item("seq", n(1))
            .item("note", s(rival.to_string()))
            .condition_expression("attribute_not_exists(chain)");
        tokio::spawn(put.send())
    });
    let mut won = 0;
    for rival in rivals.collect::<Vec<_>>() {
        won += usize::from(rival.await?.is_ok());
    }
    assert_eq!(won, 1);
    Ok(())
}

#[tokio::test]
async fn the_head_of_a_chain_is_its_highest_sequence() -> Outcome {
    let local = Local::with_ledger().await?;
    for seq in [1, 2, 9, 10, 11] {
        local.put("ada", seq, "row").await?;
    }
    local.put("bob", 99, "row").await?;
    let head = local
        .items
        .query()
        .table_name("ledger")
        .key_condition_expression("chain = :chain")
        .expression_attribute_values(":chain", s("ada"))
        .scan_index_forward(false)
        .limit(1)
        .consistent_read(true)
        .send()
        .await?;
    assert_eq!(head.items().len(), 1);
    assert_eq!(head.items()[0]["seq"], n(11));
    Ok(())
}

/// Reads chain `ada` page by page; the answer is the sequences on each page.
async fn pages(local: &Local, limit: Option<i32>) -> Outcome<Vec<Vec<String>>> {
    let mut pages = Vec::new();
    let mut start = None;
    loop {
        let page = local
            .items
            .query()
            .table_name("ledger")
            .key_condition_expression("chain = :chain")
            .expression_attribute_values(":chain", s("ada"))
            .set_limit(limit)
            .set_exclusive_start_key(start)
            .send()
            .await?;
        let sequences = page.items().iter().filter_map(|item| item["seq"].as_n().ok().cloned());
        pages.push(sequences.collect());
        start = page.last_evaluated_key;
        if start.is_none() {
            return Ok(pages);
        }
    }
}

#[tokio::test]
async fn pages_go_on_from_the_last_evaluated_key() -> Outcome {
    let local = Local::with_ledger().await?;
    for seq in [8, 9, 10, 11, 12] {
        local.put("ada", seq, "row").await?;
    }
    assert_eq!(pages(&local, Some(2)).await?, [vec!["8", "9"], vec!["10", "11"], vec!["12"]]);
    assert_eq!(pages(&local, None).await?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn a_page_stays_below_a_megabyte() -> Outcome {
    let local = Local::with_ledger().await?;
    for seq in 1..=4 {
        local.put("ada", seq, &"x".repeat(390_000)).await?;
    }
    assert_eq!(pages(&local, None).await?, [["1", "2"], ["3", "4"]]);
    Ok(())
}

#[tokio::test]
async fn a_batch_gets_what_is_there() -> Outcome {
    let local = Local::with_ledger().await?;
    local.put("ada", 1, "a").await?;
    local.put("bob", 1, "b").await?;
    let keys = ["ada", "bob", "eve"]
        .map(|chain| Item::from([("chain".into(), s(chain)), ("seq".into(), n(1))]));
    let wanted = KeysAndAttributes::builder().set_keys(Some(keys.into())).consistent_read(true);
    let got = local.items.batch_get_item().request_items("ledger", wanted.build()?).send().await?;
    let rows = got.responses.ok_or("no responses")?.remove("ledger").ok_or("no table")?;
    let mut notes: Vec<_> = rows.iter().filter_map(|row| row["note"].as_s().ok()).collect();
    notes.sort();
    assert_eq!(notes, ["a", "b"]);
    assert!(got.unprocessed_keys.unwrap_or_default().is_empty());
    Ok(())
}

#[tokio::test]
async fn capacity_is_counted_as_aws_counts_it() -> Outcome {
    let local = Local::with_ledger().await?;
    for (size, units) in [(900, 1.0), (1_100, 2.0), (5_000, 5.0)] {
        let put = local
            .items
            .put_item()
            .table_name("ledger")
            .item("chain", s("ada"))
            .item("seq", n(size))
            .item("note", s("x".repeat(size)))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await?;
        assert_eq!(put.consumed_capacity.and_then(|c| c.capacity_units), Some(units), "{size}");
    }
    // 7 KB in all: two units of 4 KB, half price unless consistent.
    for (consistent, units) in [(true, 2.0), (false, 1.0)] {
        let read = local
            .items
            .query()
            .table_name("ledger")
            .key_condition_expression("chain = :chain")
            .expression_attribute_values(":chain", s("ada"))
            .consistent_read(consistent)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await?;
        assert_eq!(
            read.consumed_capacity.and_then(|c| c.capacity_units),
            Some(units),
            "{consistent}"
        );
    }
    Ok(())
}
