//! Settings: read from the environment once, at start.

use thiserror::Error;

/// What a function is told by its environment.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The ledger table's name (`GUERDON_LEDGER`).
    pub ledger: String,
    /// The registry table's name (`GUERDON_REGISTRY`).
    pub registry: String,
    /// The queue of members to settle (`GUERDON_SETTLE_QUEUE`, its URL).
    pub settle_queue: String,
    /// The secret that identities are hashed with (`GUERDON_IDENTITY_KEY`), at least 32
    /// characters.
    pub identity_key: String,
}

/// A setting that is missing or unusable.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum SettingsError {
    /// It is not there.
    #[error("the environment variable {0} is not set")]
    Missing(&'static str),
    /// The secret is too short to be one.
    #[error("GUERDON_IDENTITY_KEY must have at least 32 characters")]
    ShortSecret,
}

impl Settings {
    /// Reads the settings from the environment.
    ///
    /// # Errors
    ///
    /// [`SettingsError`] names the first variable that is missing or unusable.
    pub fn from_env() -> Result<Settings, SettingsError> {
        let read = |name: &'static str| {
            let value = std::env::var(name).ok().filter(|value| !value.is_empty());
            value.ok_or(SettingsError::Missing(name))
        };
        let settings = Settings {
            ledger: read("GUERDON_LEDGER")?,
            registry: read("GUERDON_REGISTRY")?,
            settle_queue: read("GUERDON_SETTLE_QUEUE")?,
            identity_key: read("GUERDON_IDENTITY_KEY")?,
        };
        if settings.identity_key.len() < 32 {
            return Err(SettingsError::ShortSecret);
        }
        Ok(settings)
    }
}
