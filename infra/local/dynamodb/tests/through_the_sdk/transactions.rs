//! All or nothing, with reasons.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    Put, ReturnConsumedCapacity, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};

use crate::local::{Local, Outcome, n, s};

fn append(chain: &str, seq: u64) -> Outcome<TransactWriteItem> {
    let put = Put::builder()
        .table_name("ledger")
        .item("chain", s(chain))
        .item("seq", n(seq))
        .item("note", s("new"))
        .condition_expression("attribute_not_exists(chain)")
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
    Ok(TransactWriteItem::builder().put(put.build()?).build())
}

fn count(chain: &str, by: &str) -> Outcome<TransactWriteItem> {
    let update = Update::builder()
        .table_name("ledger")
        .key("chain", s(chain))
        .key("seq", n(0))
        .update_expression("ADD points :by")
        .expression_attribute_values(":by", n(by));
    Ok(TransactWriteItem::builder().update(update.build()?).build())
}

async fn points(local: &Local, chain: &str) -> Outcome<Option<String>> {
    let row = local
        .items
        .get_item()
        .table_name("ledger")
        .key("chain", s(chain))
        .key("seq", n(0))
        .consistent_read(true)
        .send()
        .await?;
    Ok(row.item.and_then(|item| item.get("points")?.as_n().ok().cloned()))
}

#[tokio::test]
async fn a_transaction_that_fails_says_why_by_position_and_writes_nothing() -> Outcome {
    let local = Local::with_ledger().await?;
    local.put("bob", 1, "there").await?;
    let failed = local
        .items
        .transact_write_items()
        .transact_items(append("ada", 1)?)
        .transact_items(append("bob", 1)?)
        .transact_items(count("ada", "5")?)
        .send()
        .await
        .map_err(SdkError::into_service_error);
    let Err(TransactWriteItemsError::TransactionCanceledException(cancelled)) = failed else {
        return Err(format!("not cancelled: {failed:?}").into());
    };
    let reasons = cancelled.cancellation_reasons();
    let codes: Vec<_> = reasons.iter().map(|reason| reason.code().unwrap_or_default()).collect();
    assert_eq!(codes, ["None", "ConditionalCheckFailed", "None"]);
    assert_eq!(reasons[1].item().ok_or("no item")?["note"], s("there"));
    assert_eq!(reasons[0].item(), None);
    assert_eq!(points(&local, "ada").await?, None);
    Ok(())
}

#[tokio::test]
async fn a_transaction_appends_and_adds_at_twice_the_price() -> Outcome {
    let local = Local::with_ledger().await?;
    for seq in 1..=3 {
        let done = local
            .items
            .transact_write_items()
            .transact_items(append("ada", seq)?)
            .transact_items(count("ada", "-2")?)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await?;
        assert_eq!(done.consumed_capacity()[0].capacity_units(), Some(4.0));
    }
    assert_eq!(points(&local, "ada").await?.as_deref(), Some("-6"));
    Ok(())
}

#[tokio::test]
async fn a_sum_of_38_digits_is_exact() -> Outcome {
    let local = Local::with_ledger().await?;
    for (by, sum) in [
        ("12345678901234567890123456789012345678", "12345678901234567890123456789012345678"),
        ("1", "12345678901234567890123456789012345679"),
        ("-12345678901234567890123456789012345670", "9"),
        ("99999999999999999999999999999999999990", "99999999999999999999999999999999999999"),
    ] {
        local.items.transact_write_items().transact_items(count("ada", by)?).send().await?;
        assert_eq!(points(&local, "ada").await?.as_deref(), Some(sum));
    }
    // A sum that needs a 39th digit is refused, not rounded.
    let beyond = local.items.transact_write_items().transact_items(count("ada", "2")?).send();
    assert!(beyond.await.is_err());
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn transactions_on_one_item_wait_for_each_other() -> Outcome {
    let local = Local::with_ledger().await?;
    let mut running = Vec::new();
    for _ in 0..40 {
        let add = local.items.transact_write_items().transact_items(count("ada", "1")?);
        running.push(tokio::spawn(add.send()));
    }
    for add in running {
        add.await??;
    }
    assert_eq!(points(&local, "ada").await?.as_deref(), Some("40"));
    Ok(())
}

#[tokio::test]
async fn a_token_counts_once() -> Outcome {
    let local = Local::with_ledger().await?;
    for _ in 0..2 {
        local
            .items
            .transact_write_items()
            .client_request_token("the-same")
            .transact_items(count("ada", "7")?)
            .send()
            .await?;
    }
    assert_eq!(points(&local, "ada").await?.as_deref(), Some("7"));
    Ok(())
}
