//! The tables in DynamoDB.

use std::collections::HashMap;

use aws_sdk_dynamodb::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
    operation::{put_item::PutItemError, transact_write_items::TransactWriteItemsError},
    primitives::Blob,
    types::{
        AttributeValue, Put as SdkPut, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
    },
};

use crate::{
    item::{Item, Key, Table, Value},
    tables::{
        Condition, Consistency, Failure, Page, Put, PutOutcome, Query, Tables, TransactOutcome,
    },
};

/// The two tables by their names.
#[derive(Clone, Debug)]
pub struct DynamoDb {
    client: Client,
    ledger: String,
    registry: String,
}

impl DynamoDb {
    /// The tables with these names.
    pub fn new(client: Client, ledger: impl Into<String>, registry: impl Into<String>) -> DynamoDb {
        DynamoDb { client, ledger: ledger.into(), registry: registry.into() }
    }

    fn name(&self, table: Table) -> &str {
        match table {
            Table::Ledger => &self.ledger,
            Table::Registry => &self.registry,
        }
    }
}

impl Tables for DynamoDb {
    async fn get(
        &self,
        table: Table,
        key: &Key,
        consistency: Consistency,
    ) -> Result<Option<Item>, Failure> {
        let (partition, sort) = table.key_names();
        let request = self
            .client
            .get_item()
            .table_name(self.name(table))
            .key(partition, AttributeValue::S(key.partition.clone()))
            .key(sort, attribute(&key.sort))
            .consistent_read(consistency == Consistency::Strong)
            .send();
        // Boxed, as every request here: the SDK's futures are deep.
        let output = Box::pin(request).await.map_err(failure)?;
        output.item.map(item).transpose()
    }

    async fn query(&self, query: &Query) -> Result<Vec<Item>, Failure> {
        if query.is_empty() {
            return Ok(Vec::new());
        }
        let mut found = Vec::new();
        let mut after = None;
        loop {
            let page = self.query_page(query, query.limit - found.len(), after).await?;
            found.extend(page.0);
            after = page.1;
            if after.is_none() || found.len() >= query.limit {
                return Ok(found);
            }
        }
    }

    async fn put(&self, put: Put) -> Result<PutOutcome, Failure> {
        put.check_size()?;
        let (expression, names, values) = condition(&put);
        let request = self
            .client
            .put_item()
            .table_name(self.name(put.table))
            .set_item(Some(attributes(&put.item)))
            .set_condition_expression(expression)
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(values)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send();
        match Box::pin(request).await {
            Ok(_) => Ok(PutOutcome::Done),
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(refused)) => {
                    Ok(PutOutcome::Refused(refused.item.clone().map(item).transpose()?))
                }
                _ => Err(failure(error)),
            },
        }
    }

    async fn transact(&self, puts: Vec<Put>) -> Result<TransactOutcome, Failure> {
        let mut items = Vec::with_capacity(puts.len());
        for put in &puts {
            put.check_size()?;
            items.push(TransactWriteItem::builder().put(self.transact_put(put)?).build());
        }
        let request = self.client.transact_write_items().set_transact_items(Some(items)).send();
        let error = match Box::pin(request).await {
            Ok(_) => return Ok(TransactOutcome::Done),
            Err(error) => error,
        };
        let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) =
            error.as_service_error()
        else {
            return Err(failure(error));
        };
        let mut refused = Vec::with_capacity(puts.len());
        for reason in cancelled.cancellation_reasons() {
            match cancellation(reason.code().unwrap_or("None")) {
                Cancellation::None => refused.push(None),
                Cancellation::Condition => {
                    refused.push(Some(reason.item.clone().map(item).transpose()?));
                }
                Cancellation::Passing(failure) => return Err(failure),
                Cancellation::Refused => {
                    let why = reason.message().unwrap_or("cancelled").to_owned();
                    return Err(Failure::Refused(why));
                }
            }
        }
        Ok(TransactOutcome::Refused(refused))
    }

    async fn scan(&self, table: Table, after: Option<Key>) -> Result<Page, Failure> {
        let (partition, sort) = table.key_names();
        let start = after.map(|key| {
            HashMap::from([
                (partition.to_owned(), AttributeValue::S(key.partition)),
                (sort.to_owned(), attribute(&key.sort)),
            ])
        });
        let request =
            self.client.scan().table_name(self.name(table)).set_exclusive_start_key(start).send();
        let output = Box::pin(request).await.map_err(failure)?;
        let next = output.last_evaluated_key.map(item).transpose()?;
        let next = next.and_then(|item| item.key(table));
        let items = output.items.unwrap_or_default().into_iter().map(item);
        Ok(Page { items: items.collect::<Result<_, _>>()?, next })
    }
}

type Attributes = HashMap<String, AttributeValue>;

impl DynamoDb {
    async fn query_page(
        &self,
        query: &Query,
        limit: usize,
        after: Option<Attributes>,
    ) -> Result<(Vec<Item>, Option<Attributes>), Failure> {
        let (partition, sort) = query.table.key_names();
        let mut request = self
            .client
            .query()
            .table_name(self.name(query.table))
            .scan_index_forward(!query.descending)
            .consistent_read(query.consistency == Consistency::Strong)
            .expression_attribute_names("#p", partition)
            .expression_attribute_values(":p", AttributeValue::S(query.partition.clone()))
            .set_exclusive_start_key(after);
        if limit < 1_000_000 {
            request = request.limit(i32::try_from(limit).unwrap_or(i32::MAX));
        }
        let range = match (&query.from, &query.to) {
            (None, None) => "",
            (Some(_), None) => " AND #s >= :from",
            (None, Some(_)) => " AND #s <= :to",
            (Some(_), Some(_)) => " AND #s BETWEEN :from AND :to",
        };
        for (name, bound) in [(":from", &query.from), (":to", &query.to)] {
            if let Some(bound) = bound {
                request = request.expression_attribute_values(name, attribute(bound));
            }
        }
        if !range.is_empty() {
            request = request.expression_attribute_names("#s", sort);
        }
        let request = request.key_condition_expression(format!("#p = :p{range}")).send();
        let output = Box::pin(request).await.map_err(failure)?;
        let items = output.items.unwrap_or_default().into_iter().map(item);
        Ok((items.collect::<Result<_, _>>()?, output.last_evaluated_key))
    }

    fn transact_put(&self, put: &Put) -> Result<SdkPut, Failure> {
        let (expression, names, values) = condition(put);
        SdkPut::builder()
            .table_name(self.name(put.table))
            .set_item(Some(attributes(&put.item)))
            .set_condition_expression(expression)
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(values)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
            .map_err(|error| Failure::Refused(error.to_string()))
    }
}

/// The condition of a put as an expression with its names and values.
fn condition(put: &Put) -> (Option<String>, Option<HashMap<String, String>>, Option<Attributes>) {
    let (partition, _) = put.table.key_names();
    let names = |name: &str| HashMap::from([("#n".to_owned(), name.to_owned())]);
    match put.condition {
        Condition::Any => (None, None, None),
        Condition::Absent => {
            (Some("attribute_not_exists(#n)".into()), Some(names(partition)), None)
        }
        Condition::Grows(field) => {
            let new = put.item.0.get(field).map(attribute);
            let values = new.map(|new| HashMap::from([(":new".to_owned(), new)]));
            let expression = "attribute_not_exists(#n) OR #n < :new".to_owned();
            (Some(expression), Some(names(field)), values)
        }
    }
}

/// What one position of a cancelled transaction says.
#[derive(Debug, PartialEq)]
enum Cancellation {
    /// Nothing is wrong with it.
    None,
    /// Its condition did not hold.
    Condition,
    /// Try again later.
    Passing(Failure),
    /// It can never happen.
    Refused,
}

/// The codes of `CancellationReason` (Amazon DynamoDB API Reference,
/// TransactWriteItems).
fn cancellation(code: &str) -> Cancellation {
    match code {
        "None" => Cancellation::None,
        "ConditionalCheckFailed" => Cancellation::Condition,
        "TransactionConflict" => Cancellation::Passing(Failure::Conflict),
        "ProvisionedThroughputExceeded" | "ThrottlingError" => {
            Cancellation::Passing(Failure::Throttled)
        }
        _ => Cancellation::Refused,
    }
}

fn failure<E, R>(error: SdkError<E, R>) -> Failure
where
    E: ProvideErrorMetadata,
{
    let Some(service) = error.as_service_error() else {
        return Failure::Unavailable(match &error {
            SdkError::TimeoutError(_) => "it timed out".to_owned(),
            SdkError::DispatchFailure(_) => "no connection".to_owned(),
            _ => "no answer that can be read".to_owned(),
        });
    };
    let code = service.code().unwrap_or("unknown");
    match code {
        "ProvisionedThroughputExceededException"
        | "RequestLimitExceeded"
        | "ThrottlingException" => Failure::Throttled,
        "TransactionConflictException" | "TransactionInProgressException" => Failure::Conflict,
        "InternalServerError" | "InternalFailure" | "ServiceUnavailable" => {
            Failure::Unavailable(code.to_owned())
        }
        _ => Failure::Refused(format!("{code}: {}", service.message().unwrap_or(""))),
    }
}

fn attribute(value: &Value) -> AttributeValue {
    match value {
        Value::S(text) => AttributeValue::S(text.clone()),
        Value::N(number) => AttributeValue::N(number.to_string()),
        Value::B(bytes) => AttributeValue::B(Blob::new(bytes.clone())),
    }
}

fn attributes(item: &Item) -> Attributes {
    item.0.iter().map(|(name, value)| (name.clone(), attribute(value))).collect()
}

/// Reads an item as the SDK gives it.
///
/// # Errors
///
/// [`Failure::Unreadable`] for a kind of value that nothing here writes.
pub fn item(attributes: Attributes) -> Result<Item, Failure> {
    let mut item = Item::default();
    for (name, attribute) in attributes {
        let value = match attribute {
            AttributeValue::S(text) => Value::S(text),
            AttributeValue::N(number) => {
                let number = number.parse().map_err(|_| Failure::Unreadable {
                    what: name.clone(),
                    why: format!("{number} is no whole number"),
                })?;
                Value::N(number)
            }
            AttributeValue::B(bytes) => Value::B(bytes.into_inner()),
            _ => {
                let why = "a kind of value that is never written".to_owned();
                return Err(Failure::Unreadable { what: name, why });
            }
        };
        item.0.insert(name, value);
    }
    Ok(item)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failure_10_every_reason_of_a_cancelled_transaction_has_its_own_meaning() {
        let table = [
            ("None", Cancellation::None),
            ("ConditionalCheckFailed", Cancellation::Condition),
            ("TransactionConflict", Cancellation::Passing(Failure::Conflict)),
            ("ProvisionedThroughputExceeded", Cancellation::Passing(Failure::Throttled)),
            ("ThrottlingError", Cancellation::Passing(Failure::Throttled)),
            ("ItemCollectionSizeLimitExceeded", Cancellation::Refused),
            ("ValidationError", Cancellation::Refused),
        ];
        for (code, expected) in table {
            assert_eq!(cancellation(code), expected, "{code}");
        }
    }
}
