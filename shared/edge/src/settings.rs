//! Settings: read from the environment once, at start.

use std::fmt;

use aws_sdk_dynamodb::config::Credentials;
use thiserror::Error;

use crate::MemberTokens;

/// What a function is told by its environment.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The ledger table's name (`GUERDON_LEDGER`).
    pub ledger: String,
    /// The registry table's name (`GUERDON_REGISTRY`).
    pub registry: String,
    /// The queue of facts to record (`GUERDON_CREDITS_QUEUE`, its URL).
    pub credits_queue: String,
    /// The queue of members to settle (`GUERDON_SETTLE_QUEUE`, its URL).
    pub settle_queue: String,
    /// The queue of events to deliver (`GUERDON_DELIVERIES_QUEUE`, its URL).
    pub deliveries_queue: String,
    /// The queue of events that were given up (`GUERDON_DELIVERIES_DEAD_QUEUE`, its URL).
    pub dead_deliveries_queue: String,
    /// The event bus that every event is put on (`GUERDON_EVENT_BUS`, its name), if any.
    pub event_bus: Option<String>,
    /// The secret that identities are hashed with (`GUERDON_IDENTITY_KEY`), at least 32
    /// characters.
    pub identity_key: String,
    /// How members' tokens name them.
    pub member_tokens: MemberTokens,
}

/// A setting that is missing or unusable.
#[derive(Error, PartialEq, Eq)]
pub enum SettingsError {
    /// It is not there.
    #[error("the environment variable {0} is not set")]
    Missing(&'static str),
    /// The secret is too short to be one.
    #[error("GUERDON_IDENTITY_KEY must have at least 32 characters")]
    ShortSecret,
}

impl fmt::Debug for SettingsError {
    /// The sentence: a function that ends with an error prints it so.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What Lambda itself puts into a function's environment. Credentials are read from
/// there only: no start-up call to any metadata service.
pub struct AwsSettings {
    /// The region.
    pub region: String,
    /// Where to ask instead of AWS.
    pub endpoint: Option<String>,
    key_id: String,
    secret: String,
    token: Option<String>,
}

impl AwsSettings {
    /// Reads them from the environment.
    ///
    /// # Errors
    ///
    /// [`SettingsError`] names the first variable that is missing.
    pub fn from_env() -> Result<AwsSettings, SettingsError> {
        Ok(AwsSettings {
            region: required("AWS_REGION")?,
            endpoint: optional("AWS_ENDPOINT_URL"),
            key_id: required("AWS_ACCESS_KEY_ID")?,
            secret: required("AWS_SECRET_ACCESS_KEY")?,
            token: optional("AWS_SESSION_TOKEN"),
        })
    }

    /// The credentials, as every SDK takes them.
    pub fn credentials(&self) -> Credentials {
        Credentials::new(&self.key_id, &self.secret, self.token.clone(), None, "environment")
    }
}

fn optional(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn required(name: &'static str) -> Result<String, SettingsError> {
    optional(name).ok_or(SettingsError::Missing(name))
}

fn member_tokens() -> MemberTokens {
    let unless_set = MemberTokens::default();
    MemberTokens {
        member_claim: optional("GUERDON_MEMBER_CLAIM").unwrap_or(unless_set.member_claim),
        program_claim: optional("GUERDON_PROGRAM_CLAIM").unwrap_or(unless_set.program_claim),
        program: optional("GUERDON_MEMBER_PROGRAM"),
    }
}

impl Settings {
    /// Reads the settings from the environment.
    ///
    /// # Errors
    ///
    /// [`SettingsError`] names the first variable that is missing or unusable.
    pub fn from_env() -> Result<Settings, SettingsError> {
        let settings = Settings {
            ledger: required("GUERDON_LEDGER")?,
            registry: required("GUERDON_REGISTRY")?,
            credits_queue: required("GUERDON_CREDITS_QUEUE")?,
            settle_queue: required("GUERDON_SETTLE_QUEUE")?,
            deliveries_queue: required("GUERDON_DELIVERIES_QUEUE")?,
            dead_deliveries_queue: required("GUERDON_DELIVERIES_DEAD_QUEUE")?,
            event_bus: optional("GUERDON_EVENT_BUS"),
            identity_key: required("GUERDON_IDENTITY_KEY")?,
            member_tokens: member_tokens(),
        };
        if settings.identity_key.len() < 32 {
            return Err(SettingsError::ShortSecret);
        }
        Ok(settings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_that_lacks_a_setting_ends_with_a_sentence() {
        let printed = format!("{:?}", SettingsError::Missing("GUERDON_LEDGER"));
        assert_eq!(printed, "the environment variable GUERDON_LEDGER is not set");
    }
}
