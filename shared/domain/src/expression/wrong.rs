//! What is wrong with a condition, in a sentence that a person can act on.

use std::fmt;

/// The most characters of a condition that a problem quotes.
const QUOTED_MAX: usize = 60;

/// Why a condition was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// Where `read` starts, in characters from 1, as far as it is known.
    pub at: Option<usize>,
    /// What was read there.
    pub read: String,
    /// What is wrong with it: `is not known`.
    pub complaint: String,
    /// What was expected.
    pub expected: String,
    /// The known word nearest to what was read.
    pub nearest: Option<String>,
}

impl Wrong {
    /// What was `read` at a byte of `text`, of which `complaint` is true.
    pub(super) fn new(
        (text, at): (&str, Option<usize>),
        read: &str,
        complaint: impl Into<String>,
        expected: impl Into<String>,
    ) -> Wrong {
        let before = |at| text.char_indices().take_while(|(start, _)| *start < at).count();
        Wrong {
            at: at.map(|at| before(at) + 1),
            read: read.chars().take(QUOTED_MAX).collect(),
            complaint: complaint.into(),
            expected: expected.into(),
            nearest: None,
        }
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(at) = self.at {
            write!(f, "character {at}: ")?;
        }
        write!(f, "{:?} {}: expected {}", self.read, self.complaint, self.expected)?;
        match &self.nearest {
            Some(word) => write!(f, "; did you mean {word:?}?"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Wrong {}
