//! What is wrong with a definition, in sentences that a person can act on.

use std::{fmt, ops::Range};

/// The most problems that are reported at once.
pub(super) const PROBLEMS_MAX: usize = 50;

/// The most characters of a file that a problem quotes.
const QUOTED_MAX: usize = 60;

/// A definition that was not accepted, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// At least one, in the order of the file, at most 50.
    pub problems: Vec<Problem>,
}

/// One thing that is wrong with a definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file, as the caller named it.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The key, such as `earn[2].points`; list positions count from 0. Empty for the file
    /// as a whole.
    pub path: String,
    /// What was read there.
    pub read: String,
    /// What is wrong with it: `is not an award`.
    pub complaint: String,
    /// What was expected.
    pub expected: String,
    /// The known word nearest to what was read.
    pub nearest: Option<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.file, self.line)?;
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        write!(f, "{:?} {}: expected {}", self.read, self.complaint, self.expected)?;
        match &self.nearest {
            Some(word) => write!(f, "; did you mean {word:?}?"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Refused {
    /// One problem a line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, problem) in self.problems.iter().enumerate() {
            let end_of_previous = if i == 0 { "" } else { "\n" };
            write!(f, "{end_of_previous}{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Refused {}

/// What is wrong with a text, wherever it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    pub complaint: String,
    pub expected: String,
    pub nearest: Option<String>,
}

impl Wrong {
    /// A text that `complaint` is true of.
    pub fn new(complaint: impl Into<String>, expected: impl Into<String>) -> Wrong {
        Wrong { complaint: complaint.into(), expected: expected.into(), nearest: None }
    }

    /// `read` is not one of the words that are known here.
    pub fn unknown<'a>(read: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> Wrong {
        Wrong {
            complaint: "is not known".into(),
            expected: one_of(known.clone()),
            nearest: nearest(read, known),
        }
    }
}

/// Something wrong at a place of the file.
#[derive(Clone, Debug)]
pub(super) struct Mistake {
    pub at: Range<usize>,
    pub read: String,
    pub wrong: Wrong,
}

/// What was found wrong so far.
#[derive(Debug, Default)]
pub(super) struct Mistakes(pub Vec<Mistake>);

impl Mistakes {
    /// Notes that what was `read` at a place is wrong.
    pub fn add(&mut self, at: Range<usize>, read: &str, wrong: Wrong) {
        if self.0.len() < PROBLEMS_MAX {
            let read = read.chars().take(QUOTED_MAX).collect();
            self.0.push(Mistake { at, read, wrong });
        }
    }
}

/// The words as a choice: `"keep", "recompute" or "at review"`.
pub(crate) fn one_of<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let quoted: Vec<String> = words.into_iter().map(|word| format!("{word:?}")).collect();
    match quoted.as_slice() {
        [] => "nothing here".into(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

/// The word that `read` was probably meant to be.
pub(crate) fn nearest<'a>(read: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let read = read.to_lowercase();
    let near = |word: &&str| distance(&read, &word.to_lowercase());
    let word = known.into_iter().min_by_key(near)?;
    (near(&word) <= word.chars().count().div_ceil(3)).then(|| word.to_owned())
}

/// Levenshtein's distance: the insertions, deletions and replacements between two words.
pub(super) fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_offered_only_when_it_is_near() {
        let known = ["points", "times", "limit"];
        let table = [
            ("pionts", Some("points")),
            ("Points", Some("points")),
            ("limits", Some("limit")),
            ("stock", None),
            ("", None),
        ];
        for (read, expected) in table {
            assert_eq!(nearest(read, known).as_deref(), expected, "{read}");
        }
    }

    #[test]
    fn choices_read_aloud() {
        assert_eq!(one_of(["a"]), r#""a""#);
        assert_eq!(one_of(["a", "b", "c"]), r#""a", "b" or "c""#);
    }
}
