//! The two tables, made as the template makes them.

use aws_sdk_dynamodb::{
    Client,
    error::{DisplayErrorContext, SdkError},
    operation::create_table::CreateTableError,
    types::{
        AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
        StreamSpecification, StreamViewType,
    },
};
use store::item::Table;

/// The ledger table's name.
pub const LEDGER: &str = "ledger";
/// The registry table's name.
pub const REGISTRY: &str = "registry";

/// Makes the tables that are not there.
///
/// # Errors
///
/// A sentence that says which table could not be made.
pub async fn ensure(client: &Client) -> Result<(), String> {
    make(client, LEDGER, Table::Ledger, ScalarAttributeType::N, true).await?;
    make(client, REGISTRY, Table::Registry, ScalarAttributeType::S, false).await
}

async fn make(
    client: &Client,
    name: &str,
    table: Table,
    sort_type: ScalarAttributeType,
    stream: bool,
) -> Result<(), String> {
    let (partition, sort) = table.key_names();
    let refused = |error: aws_sdk_dynamodb::error::BuildError| error.to_string();
    let define = |name: &str, kind: ScalarAttributeType| {
        AttributeDefinition::builder().attribute_name(name).attribute_type(kind).build()
    };
    let element = |name: &str, kind: KeyType| {
        KeySchemaElement::builder().attribute_name(name).key_type(kind).build()
    };
    let mut request = client
        .create_table()
        .table_name(name)
        .billing_mode(BillingMode::PayPerRequest)
        .attribute_definitions(define(partition, ScalarAttributeType::S).map_err(refused)?)
        .attribute_definitions(define(sort, sort_type).map_err(refused)?)
        .key_schema(element(partition, KeyType::Hash).map_err(refused)?)
        .key_schema(element(sort, KeyType::Range).map_err(refused)?);
    if stream {
        let view = StreamSpecification::builder()
            .stream_enabled(true)
            .stream_view_type(StreamViewType::NewAndOldImages)
            .build()
            .map_err(refused)?;
        request = request.stream_specification(view);
    }
    match Box::pin(request.send()).await {
        Ok(_) => Ok(()),
        Err(SdkError::ServiceError(error))
            if matches!(error.err(), CreateTableError::ResourceInUseException(_)) =>
        {
            Ok(())
        }
        Err(error) => {
            Err(format!("the table {name} could not be made: {}", DisplayErrorContext(&error)))
        }
    }
}
