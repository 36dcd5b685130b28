//! A connection: one address that one shop sends one kind of webhook to.

use std::fmt;

use domain::{fact::Source, ids::SourceId};
use thiserror::Error;

use crate::{Connector, mac::Key};

/// Where webhooks come from and what they are signed with. Holding one proves that its
/// secrets can be used.
#[derive(Clone)]
pub struct Connection {
    source: SourceId,
    connector: Connector,
    keys: Vec<Key>,
}

/// Why a connection cannot be one. It is said to whoever sets it up.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum Misconfigured {
    /// Anybody can sign with nothing.
    #[error("the secret is empty")]
    SecretEmpty,
    /// A Standard Webhooks secret is written in base64.
    #[error("the secret is not base64 after its prefix whsec_")]
    SecretNotBase64,
    /// A topic that is not listened to.
    #[error("this topic is not listened to; one of {0} is")]
    Topic(&'static str),
}

impl Misconfigured {
    /// The stable reason code.
    pub fn code(&self) -> &'static str {
        match self {
            Misconfigured::SecretEmpty => "SECRET_EMPTY",
            Misconfigured::SecretNotBase64 => "SECRET_NOT_BASE64",
            Misconfigured::Topic(_) => "TOPIC_UNKNOWN",
        }
    }
}

impl Connection {
    /// A connection whose facts come from `source`: connections of one shop share it, so
    /// that a refund finds its order. `previous` is the secret before the last change, which
    /// shops go on signing with for a while.
    ///
    /// # Errors
    ///
    /// [`Misconfigured`] when a secret cannot be one of this connector.
    pub fn new(
        source: SourceId,
        connector: Connector,
        current: &str,
        previous: Option<&str>,
    ) -> Result<Connection, Misconfigured> {
        let secrets = [Some(current), previous];
        // What was pasted may have a line's end at its own; no shop makes such a secret.
        let secrets = secrets.into_iter().flatten().map(str::trim);
        let keys = secrets.map(|secret| connector.shop().key(secret));
        let keys: Result<Vec<Key>, Misconfigured> = keys.collect();
        Ok(Connection { source, keys: keys?, connector })
    }

    /// Where its facts come from, as their keys say it.
    pub fn source(&self) -> Source {
        let has_key_times = self.connector.shop().has_key_times();
        Source { id: self.source.clone(), has_key_times }
    }

    /// Which shop software sends, and what.
    pub fn connector(&self) -> &Connector {
        &self.connector
    }

    pub(crate) fn keys(&self) -> &[Key] {
        &self.keys
    }
}

impl fmt::Debug for Connection {
    /// Without the secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Connection");
        debug.field("source", &self.source).field("connector", &self.connector);
        debug.finish_non_exhaustive()
    }
}
