//! A person as the shop knows them.

use std::fmt;

/// A text that says who somebody is. It goes to the identity hasher or into a request for
/// the member, never into a log: printing it prints nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Personal(String);

impl Personal {
    /// A text, unless there is nothing in it.
    pub(crate) fn new(text: &str) -> Option<Personal> {
        let text = text.trim();
        (!text.is_empty()).then(|| Personal(text.to_owned()))
    }

    /// The first of several that says anything.
    pub(crate) fn first<'t>(texts: impl IntoIterator<Item = Option<&'t str>>) -> Option<Personal> {
        texts.into_iter().flatten().find_map(Personal::new)
    }

    /// The text itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Personal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(personal)")
    }
}

/// A person as the shop knows them. Nothing here is hashed yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// The shop's id of their account; a guest has none.
    pub id: Option<Personal>,
    /// Their email address, which nobody but the shop has verified.
    pub email: Option<Personal>,
    /// Their telephone number.
    pub phone: Option<Personal>,
    /// Codes they gave at the checkout; one may be that of the member who brought them.
    pub codes: Vec<String>,
}

impl Person {
    /// Whether the shop has no account of theirs. A guest's order earns nothing until they
    /// enrol with its email.
    pub fn is_guest(&self) -> bool {
        self.id.is_none()
    }
}
