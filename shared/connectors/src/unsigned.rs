//! Why a body is not taken for the shop's.

use thiserror::Error;

/// Why a body is not taken for the shop's. Whoever sent it learns no more than this.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum Unsigned {
    /// Larger than [`crate::BODY_BYTES_MAX`].
    #[error("a body has at most {max} bytes, this one has {bytes}")]
    TooLarge {
        /// Its length.
        bytes: usize,
        /// The most it may have.
        max: usize,
    },
    /// A header of the scheme is not there.
    #[error("the header {header} is missing")]
    Missing {
        /// Which.
        header: &'static str,
    },
    /// A header of the scheme is not written as the scheme says.
    #[error("the header {header} is malformed")]
    Malformed {
        /// Which.
        header: &'static str,
    },
    /// No secret of the connection made it.
    #[error("the signature was not made over this body with a secret of this connection")]
    Wrong,
    /// Signed too long ago, or in the future: it may be an old one sent again.
    #[error("the signature's time is more than {tolerance_seconds} s away")]
    NotNow {
        /// How far it may be.
        tolerance_seconds: u32,
    },
}

impl Unsigned {
    /// The stable reason code.
    pub fn code(&self) -> &'static str {
        match self {
            Unsigned::TooLarge { .. } => "BODY_TOO_LARGE",
            Unsigned::Missing { .. } => "SIGNATURE_MISSING",
            Unsigned::Malformed { .. } => "SIGNATURE_MALFORMED",
            Unsigned::Wrong => "SIGNATURE_WRONG",
            Unsigned::NotNow { .. } => "SIGNATURE_NOT_NOW",
        }
    }
}
