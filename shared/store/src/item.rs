//! Items: what DynamoDB keeps, measured as DynamoDB measures it.

use std::collections::BTreeMap;

/// The two tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Table {
    /// One item a row; partition key `chain`, sort key `sequence`.
    Ledger,
    /// What is mutable or looked up; partition key `key`, sort key `sort`.
    Registry,
}

impl Table {
    /// The names of the partition and the sort key.
    pub const fn key_names(self) -> (&'static str, &'static str) {
        match self {
            Table::Ledger => ("chain", "sequence"),
            Table::Registry => ("key", "sort"),
        }
    }
}

/// A value of an item. Numbers are integers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// Text.
    S(String),
    /// A number of at most 38 digits.
    N(i128),
    /// Bytes.
    B(Vec<u8>),
}

/// An item: named values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Item(pub BTreeMap<String, Value>);

impl Item {
    /// Adds a value.
    #[must_use]
    pub fn with(mut self, name: &str, value: Value) -> Item {
        self.0.insert(name.to_owned(), value);
        self
    }

    /// Adds a text.
    #[must_use]
    pub fn text(self, name: &str, text: impl Into<String>) -> Item {
        self.with(name, Value::S(text.into()))
    }

    /// Adds a number.
    #[must_use]
    pub fn number(self, name: &str, number: impl Into<i128>) -> Item {
        self.with(name, Value::N(number.into()))
    }

    /// A text in it.
    pub fn get_text(&self, name: &str) -> Option<&str> {
        match self.0.get(name) {
            Some(Value::S(text)) => Some(text),
            _ => None,
        }
    }

    /// A number in it.
    pub fn get_number(&self, name: &str) -> Option<i128> {
        match self.0.get(name) {
            Some(Value::N(number)) => Some(*number),
            _ => None,
        }
    }

    /// Bytes in it.
    pub fn get_bytes(&self, name: &str) -> Option<&[u8]> {
        match self.0.get(name) {
            Some(Value::B(bytes)) => Some(bytes),
            _ => None,
        }
    }

    /// The item's key in `table`.
    pub fn key(&self, table: Table) -> Option<Key> {
        let (partition, sort) = table.key_names();
        let sort = self.0.get(sort)?.clone();
        Some(Key { partition: self.get_text(partition)?.to_owned(), sort })
    }

    /// Its size in bytes, by the rules that DynamoDB bills by: attribute names and texts
    /// in UTF-8, bytes as they are, and for a number one byte for every two significant
    /// digits and one more, with one more again below zero.
    /// (Amazon DynamoDB Developer Guide, "DynamoDB item sizes and formats".)
    pub fn bytes(&self) -> usize {
        self.0.iter().map(|(name, value)| name.len() + value.bytes()).sum()
    }
}

impl Value {
    fn bytes(&self) -> usize {
        match self {
            Value::S(text) => text.len(),
            Value::B(bytes) => bytes.len(),
            Value::N(number) => {
                let digits = number.unsigned_abs().to_string();
                let significant = digits.trim_end_matches('0').len();
                significant.div_ceil(2) + 1 + usize::from(*number < 0)
            }
        }
    }
}

/// The key of an item.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// The partition key's value.
    pub partition: String,
    /// The sort key's value.
    pub sort: Value,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_follow_the_published_rules() {
        let table = [
            (Value::N(0), 1),
            (Value::N(7), 2),
            (Value::N(27), 2),
            (Value::N(-27), 3),
            (Value::N(100), 2),
            (Value::N(1_763_800_000_123), 8),
            (Value::S("Gold".into()), 4),
            (Value::S("é".into()), 2),
            (Value::B(vec![0; 32]), 32),
        ];
        for (value, bytes) in table {
            assert_eq!(value.bytes(), bytes, "{value:?}");
        }
        assert_eq!(Item::default().text("chain", "house/ada").bytes(), 14);
    }
}
