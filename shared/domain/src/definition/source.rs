//! The file as text and as a tree: where a thing stands, what it is called, and its shape.

use std::{collections::BTreeSet, ops::Range};

use serde::de::DeserializeOwned;
use toml::{
    Spanned,
    de::{DeArray, DeTable, DeValue},
};

use super::{
    DEFINITION_BYTES_MAX,
    problem::{Mistake, Mistakes, PROBLEMS_MAX, Problem, Refused, Wrong},
};

type Tree<'t> = Spanned<DeTable<'t>>;

/// A file of TOML whose numbers and dates are kept as the text that was written, so that
/// none of them ever becomes a float.
pub(super) struct Source<'t> {
    file: &'t str,
    text: &'t str,
    tree: Tree<'t>,
}

/// One step from a table or list to what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Key(String),
    Index(usize),
}

impl<'t> Source<'t> {
    /// Reads TOML; refuses what is none, or too much of it.
    pub fn read(text: &'t str, file: &'t str) -> Result<Source<'t>, Refused> {
        if text.len() > DEFINITION_BYTES_MAX {
            return Err(too_large(text, file));
        }
        let (tree, errors) = DeTable::parse_recoverable(text);
        let mut source = Source { file, text, tree };
        let mut mistakes = Mistakes::default();
        for error in errors {
            let at = error.span().unwrap_or(0..0);
            let read = text.get(at.clone()).unwrap_or_default();
            let message = error.message();
            let (what, expected) = message.split_once(", expected ").unwrap_or((message, "TOML"));
            mistakes.add(at, read, Wrong::new(format!("is not TOML ({what})"), expected));
        }
        if !mistakes.0.is_empty() {
            return Err(source.refuse(mistakes));
        }
        keep_as_written(source.tree.get_mut(), text);
        Ok(source)
    }

    /// The tree as a `T`. Whatever has another shape is noted and left out, so that the
    /// rest is looked at as well.
    pub fn shape<T: DeserializeOwned>(&self) -> Result<T, Refused> {
        let mut tree = self.tree.clone();
        let mut mistakes = Mistakes::default();
        let mut left_out = Vec::new();
        loop {
            let error = match T::deserialize(toml::de::Deserializer::from(tree.clone())) {
                Ok(shape) if mistakes.0.is_empty() => return Ok(shape),
                Ok(_) => return Err(self.refuse(mistakes)),
                Err(error) => error,
            };
            let at = error.span().unwrap_or_else(|| tree.span());
            let path = self.path_of(&at);
            let (read, wrong) = self.misshapen(&at, error.message());
            let missing = [path.as_slice(), &[Step::Key(read.clone())]].concat();
            if !left_out.contains(&missing) {
                mistakes.add(at.clone(), &read, wrong);
            }
            left_out.push(path);
            if mistakes.0.len() == PROBLEMS_MAX || !leave_out(tree.get_mut(), &at) {
                return Err(self.refuse(mistakes));
            }
        }
    }

    /// Every key, written as problems name it.
    pub fn keys(&self) -> BTreeSet<String> {
        let mut keys = BTreeSet::new();
        add_keys(self.tree.get_ref(), &mut Vec::new(), &mut keys);
        keys
    }

    /// What was read, and what is wrong with it, by the message of a derived
    /// `Deserialize`: those put the words they speak of between backticks.
    fn misshapen(&self, at: &Range<usize>, message: &str) -> (String, Wrong) {
        let words: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
        let first = words.first().copied().unwrap_or_default();
        if message.starts_with("unknown field") {
            let known = words.iter().skip(1).copied();
            return (first.to_owned(), Wrong::unknown(first, known));
        }
        if message.starts_with("missing field") {
            return (first.to_owned(), Wrong::new("is missing", "it in this table"));
        }
        let read = self.text.get(at.clone()).unwrap_or_default().trim_matches('"');
        let wrong = match message.split_once(", expected ") {
            Some((_, expected)) => {
                let expected =
                    expected.replace("a sequence", "a list").replace("a tuple", "a list");
                Wrong::new("does not belong here", expected)
            }
            None => Wrong::new("is not understood", message),
        };
        (read.to_owned(), wrong)
    }

    /// The mistakes with their places, in the order of the file.
    pub fn refuse(&self, mut mistakes: Mistakes) -> Refused {
        mistakes.0.sort_by_key(|mistake| mistake.at.start);
        Refused { problems: mistakes.0.into_iter().map(|mistake| self.place(mistake)).collect() }
    }

    fn place(&self, mistake: Mistake) -> Problem {
        let before = self.text.get(..mistake.at.start).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Problem {
            file: self.file.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            path: written_path(&self.path_of(&mistake.at)),
            read: mistake.read,
            complaint: mistake.wrong.complaint,
            expected: mistake.wrong.expected,
            nearest: mistake.wrong.nearest,
        }
    }

    /// The way to the key or value that stands exactly at `at`.
    fn path_of(&self, at: &Range<usize>) -> Vec<Step> {
        let mut path = Vec::new();
        find_in_table(self.tree.get_ref(), at, &mut path);
        path
    }
}

fn too_large(text: &str, file: &str) -> Refused {
    let empty = Source { file, text: "", tree: Spanned::new(0..0, DeTable::new()) };
    let mut mistakes = Mistakes::default();
    let most = format!("at most {DEFINITION_BYTES_MAX}");
    let size = format!("{} bytes", text.len());
    mistakes.add(0..0, &size, Wrong::new("is too large a definition", most));
    empty.refuse(mistakes)
}

fn add_keys(table: &DeTable<'_>, path: &mut Vec<Step>, keys: &mut BTreeSet<String>) {
    for (key, value) in table.iter() {
        path.push(Step::Key(key.get_ref().to_string()));
        keys.insert(written_path(path));
        add_keys_of(value, path, keys);
        path.pop();
    }
}

fn add_keys_of(value: &Spanned<DeValue<'_>>, path: &mut Vec<Step>, keys: &mut BTreeSet<String>) {
    match value.get_ref() {
        DeValue::Table(table) => add_keys(table, path, keys),
        DeValue::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                path.push(Step::Index(i));
                keys.insert(written_path(path));
                add_keys_of(item, path, keys);
                path.pop();
            }
        }
        _ => {}
    }
}

fn find_in_table(table: &DeTable<'_>, at: &Range<usize>, path: &mut Vec<Step>) -> bool {
    table.iter().any(|(key, value)| {
        path.push(Step::Key(key.get_ref().to_string()));
        let found = key.span() == *at || find_in_value(value, at, path);
        if !found {
            path.pop();
        }
        found
    })
}

fn find_in_value(value: &Spanned<DeValue<'_>>, at: &Range<usize>, path: &mut Vec<Step>) -> bool {
    let inside = match value.get_ref() {
        DeValue::Table(table) => find_in_table(table, at, path),
        DeValue::Array(items) => items.iter().enumerate().any(|(i, item)| {
            path.push(Step::Index(i));
            let found = find_in_value(item, at, path);
            if !found {
                path.pop();
            }
            found
        }),
        _ => false,
    };
    inside || value.span() == *at
}

/// `earn[2].points`
fn written_path(path: &[Step]) -> String {
    let mut written = String::new();
    for step in path {
        match step {
            Step::Index(i) => written.push_str(&format!("[{i}]")),
            Step::Key(key) if written.is_empty() => written.push_str(key),
            Step::Key(key) => written.push_str(&format!(".{key}")),
        }
    }
    written
}

/// Takes the thing that stands exactly at `at` out of the tree, the innermost of several;
/// false when there is none.
fn leave_out(table: &mut DeTable<'_>, at: &Range<usize>) -> bool {
    if table.iter_mut().any(|(_, value)| leave_out_inside(value.get_mut(), at)) {
        return true;
    }
    let before = table.len();
    let entries = std::mem::replace(table, DeTable::new()).into_iter();
    let kept = entries.filter(|(key, value)| key.span() != *at && value.span() != *at);
    *table = kept.collect();
    table.len() < before
}

fn leave_out_inside(value: &mut DeValue<'_>, at: &Range<usize>) -> bool {
    match value {
        DeValue::Table(table) => leave_out(table, at),
        DeValue::Array(items) => {
            if items.iter_mut().any(|item| leave_out_inside(item.get_mut(), at)) {
                return true;
            }
            let before = items.len();
            let kept = std::mem::replace(items, DeArray::new()).into_iter();
            *items = kept.filter(|item| item.span() != *at).collect();
            items.len() < before
        }
        _ => false,
    }
}

/// Turns every number and date into the text that stands in the file.
fn keep_as_written(table: &mut DeTable<'_>, text: &str) {
    for (_, value) in table.iter_mut() {
        keep_value_as_written(value, text);
    }
}

fn keep_value_as_written(value: &mut Spanned<DeValue<'_>>, text: &str) {
    let at = value.span();
    let written = match value.get_mut() {
        DeValue::Table(table) => return keep_as_written(table, text),
        DeValue::Array(items) => {
            return items.iter_mut().for_each(|item| keep_value_as_written(item, text));
        }
        // Underscores between digits are TOML's, so they end here.
        DeValue::Integer(number) if number.radix() == 10 => number.as_str().to_owned(),
        DeValue::Float(number) => number.as_str().to_owned(),
        DeValue::Integer(_) | DeValue::Datetime(_) => {
            text.get(at).unwrap_or_default().trim().to_owned()
        }
        DeValue::String(_) | DeValue::Boolean(_) => return,
    };
    *value.get_mut() = DeValue::String(written.into());
}
