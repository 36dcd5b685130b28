//! The tables of a stack in an AWS account, asked with the credentials and the region that
//! AWS's own tools use.
//!
//! What can be wrong with an account is found here, before anything is written to it.

use std::{error::Error as _, sync::Arc, time::Duration};

use aws_config::{BehaviorVersion, SdkConfig, timeout::TimeoutConfig};
use aws_credential_types::provider::{ProvideCredentials, error::CredentialsError};
use aws_sdk_dynamodb::{
    Client,
    error::{DisplayErrorContext, ProvideErrorMetadata, SdkError},
    types::TableDescription,
};
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use edge::Store;
use serde_json::Value;
use store::{codec, dynamodb, item::Table, meter::Metered};

/// A stack's tables.
pub(crate) struct Account {
    /// To work with.
    pub tables: Store,
    /// For what is not about items.
    pub client: Client,
    /// For its queues.
    pub sqs: aws_sdk_sqs::Client,
    /// The region.
    pub region: String,
    /// What DynamoDB says of the ledger.
    pub ledger: TableDescription,
    /// What DynamoDB says of the registry.
    pub registry: TableDescription,
}

/// The names that the template gives to the tables of a stack.
fn name(stack: &str, table: Table) -> String {
    match table {
        Table::Ledger => format!("{stack}-ledger"),
        Table::Registry => format!("{stack}-registry"),
    }
}

/// Finds the tables of a stack, and looks whether this version may work with them.
///
/// # Errors
///
/// One sentence.
pub(crate) async fn connect(stack: &str) -> Result<Account, String> {
    let config = configuration().await?;
    let region = config.region().map(ToString::to_string).unwrap_or_default();
    let (client, sqs) = (Client::new(&config), aws_sdk_sqs::Client::new(&config));
    let ledger = describe(&client, &region, stack, Table::Ledger).await?;
    let registry = describe(&client, &region, stack, Table::Registry).await?;
    check_rows(&client, stack).await?;
    let tables = dynamodb::DynamoDb::new(
        client.clone(),
        name(stack, Table::Ledger),
        name(stack, Table::Registry),
    );
    Ok(Account { tables: Arc::new(Metered::new(tables)), client, sqs, region, ledger, registry })
}

async fn configuration() -> Result<SdkConfig, String> {
    let timeouts = TimeoutConfig::builder()
        .operation_attempt_timeout(Duration::from_secs(5))
        .operation_timeout(Duration::from_secs(20))
        .build();
    let config = aws_config::defaults(BehaviorVersion::latest()).timeout_config(timeouts);
    let config = config.load().await;
    if config.region().is_none() {
        return Err("no AWS region is set: set AWS_REGION, or one in the profile".to_owned());
    }
    let provider = config.credentials_provider().ok_or("no AWS credentials are set")?;
    match provider.provide_credentials().await {
        Ok(_) => Ok(config),
        Err(CredentialsError::CredentialsNotLoaded(_)) => {
            Err("there are no AWS credentials: set AWS_PROFILE, or log in".to_owned())
        }
        Err(error) => {
            let mut why = Vec::new();
            let mut cause = error.source();
            while let Some(error) = cause {
                why.push(error.to_string().replace('\n', " "));
                cause = error.source();
            }
            Err(format!("the AWS credentials cannot be had: {}", why.join(": ")))
        }
    }
}

/// Puts an event of the tools on a stack's bus, which is called as the stack is.
///
/// # Errors
///
/// One sentence.
pub(crate) async fn tell(stack: &str, kind: &str, detail: &Value) -> Result<(), String> {
    let client = aws_sdk_eventbridge::Client::new(&configuration().await?);
    let entry = PutEventsRequestEntry::builder()
        .event_bus_name(stack)
        .source("guerdon.verify")
        .detail_type(kind)
        .detail(detail.to_string())
        .build();
    let put = Box::pin(client.put_events().entries(entry).send()).await;
    let put = put.map_err(|error| format!("the event bus {stack} was not told: {}", brief(&error)));
    match put?.failed_entry_count {
        0 => Ok(()),
        _ => Err(format!("the event bus {stack} did not take what it was told")),
    }
}

/// What DynamoDB says of a table that is keyed as this version keys it.
async fn describe(
    client: &Client,
    region: &str,
    stack: &str,
    table: Table,
) -> Result<TableDescription, String> {
    let name = name(stack, table);
    let described = Box::pin(client.describe_table().table_name(&name).send()).await;
    let described = described.map_err(|error| refused(&error, region, &name))?;
    let described = described.table.ok_or_else(|| format!("nothing is known of {name}"))?;
    let mut keys: Vec<&str> =
        described.key_schema().iter().map(|key| key.attribute_name()).collect();
    keys.sort_unstable();
    let (partition, sort) = table.key_names();
    if keys != [partition, sort] {
        return Err(format!(
            "the table {name} is of another version: its keys are {}, this version's are \
             {partition} and {sort}",
            keys.join(" and ")
        ));
    }
    Ok(described)
}

/// Rows of a newer version are for newer tools: these would not know what they see.
async fn check_rows(client: &Client, stack: &str) -> Result<(), String> {
    let name = name(stack, Table::Ledger);
    let page = Box::pin(client.scan().table_name(&name).limit(1).send()).await;
    let page = page.map_err(|error| format!("{name} cannot be read: {}", brief(&error)))?;
    for row in page.items.unwrap_or_default() {
        let row = dynamodb::item(row).and_then(|item| codec::decode(&item));
        row.map_err(|failure| format!("the table {name} is of another version: {failure}"))?;
    }
    Ok(())
}

/// Why a table was not described, in words for whoever typed the command.
pub(crate) fn refused<E, R>(error: &SdkError<E, R>, region: &str, name: &str) -> String
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: std::fmt::Debug,
{
    let code = error.as_service_error().and_then(ProvideErrorMetadata::code);
    match code {
        Some("ResourceNotFoundException") => format!(
            "there is no table {name} in {region}: is that the stack's name, and its region?"
        ),
        Some("ExpiredTokenException" | "ExpiredToken" | "RequestExpired") => {
            "the AWS credentials have expired: log in again".to_owned()
        }
        Some(
            "UnrecognizedClientException"
            | "InvalidClientTokenId"
            | "InvalidSignatureException"
            | "SignatureDoesNotMatch"
            | "IncompleteSignature"
            | "InvalidAccessKeyId",
        ) => "AWS does not know these credentials: log in again, or choose another AWS_PROFILE"
            .to_owned(),
        Some("AccessDeniedException" | "AccessDenied") => {
            format!("these AWS credentials may not describe the table {name} in {region}")
        }
        Some(_) => format!("the table {name} cannot be described: {}", brief(error)),
        None if matches!(error, SdkError::ResponseError(_)) => {
            format!("what DynamoDB answers about {name} cannot be read: {}", brief(error))
        }
        None => {
            format!("DynamoDB does not answer in {region}: is that a region, and the network up?")
        }
    }
}

fn brief<E, R>(error: &SdkError<E, R>) -> String
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: std::fmt::Debug,
{
    match error.as_service_error() {
        Some(service) => format!(
            "{}: {}",
            service.code().unwrap_or("unknown"),
            service.message().unwrap_or("no reason was given")
        ),
        None => DisplayErrorContext(error).to_string(),
    }
}
