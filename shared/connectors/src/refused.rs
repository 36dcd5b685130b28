//! Why a verified body means nothing that could be recorded.

use thiserror::Error;

/// Why a verified body cannot be what the connection is for. Nothing of what the body says
/// is in it but names of fields: a body is full of personal data, and this goes to logs.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Refused {
    /// Not JSON, or a field of another type than the shop's own documentation says.
    #[error("the body is no JSON of the expected shape, at line {line}, column {column}")]
    Shape {
        /// Where, from 1.
        line: usize,
        /// Where, from 1.
        column: usize,
    },
    /// A field without which nothing can be said.
    #[error("{field} is missing")]
    Missing {
        /// Its path.
        field: String,
    },
    /// A field that does not say what it should.
    #[error("{field} is no {expected}")]
    Wrong {
        /// The stable reason code.
        code: &'static str,
        /// Its path.
        field: String,
        /// What it should be.
        expected: &'static str,
    },
    /// A body of another topic than the connection's.
    #[error("this address takes {expected}, and the shop says that it sends another topic")]
    Topic {
        /// The connection's.
        expected: &'static str,
    },
    /// A body of another shop than the connection's.
    #[error("this address is another shop's")]
    OtherShop,
}

impl Refused {
    /// The stable reason code.
    pub fn code(&self) -> &'static str {
        match self {
            Refused::Shape { .. } => "SHAPE",
            Refused::Missing { .. } => "MISSING",
            Refused::Wrong { code, .. } => code,
            Refused::Topic { .. } => "TOPIC",
            Refused::OtherShop => "OTHER_SHOP",
        }
    }

    pub(crate) fn missing(field: impl Into<String>) -> Refused {
        Refused::Missing { field: field.into() }
    }

    pub(crate) fn amount(field: impl Into<String>) -> Refused {
        let expected = "amount of money within the limits";
        Refused::Wrong { code: "AMOUNT", field: field.into(), expected }
    }

    pub(crate) fn currency(field: impl Into<String>) -> Refused {
        Refused::Wrong { code: "CURRENCY", field: field.into(), expected: "currency of this order" }
    }

    pub(crate) fn id(field: impl Into<String>) -> Refused {
        Refused::Wrong { code: "ID", field: field.into(), expected: "id" }
    }

    pub(crate) fn quantity(field: impl Into<String>) -> Refused {
        Refused::Wrong { code: "QUANTITY", field: field.into(), expected: "quantity" }
    }

    pub(crate) fn time(field: impl Into<String>) -> Refused {
        Refused::Wrong { code: "TIME", field: field.into(), expected: "time" }
    }
}

impl From<serde_json::Error> for Refused {
    /// Where, and not what: its own text quotes the body.
    fn from(error: serde_json::Error) -> Refused {
        Refused::Shape { line: error.line(), column: error.column() }
    }
}
