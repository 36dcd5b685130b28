//! A checked condition. One enum for each type: what does not fit cannot be built.

use std::fmt;

use super::environment::{ReadNumber, ReadText, ReadTexts, ReadTruth};

/// True or false.
#[derive(Clone, Debug)]
pub enum Truth {
    Is(bool),
    Field(Field<ReadTruth>),
    Not(Box<Truth>),
    And(Box<[Truth; 2]>),
    Or(Box<[Truth; 2]>),
    If(Box<[Truth; 3]>),
    Same(Box<[Truth; 2]>),
    Numbers(Comparison, Box<[Number; 2]>),
    Texts(Comparison, Box<[Text; 2]>),
    NumberIn(Box<Number>, Vec<Number>),
    TextIn(Box<Text>, Vec<Text>),
    TextAmong(Box<Text>, Field<ReadTexts>),
    /// Whether the first stands in the second so.
    Part(Part, Box<[Text; 2]>),
    /// Whether a loop comes to anything but 0.
    Loop(usize),
}

/// A whole number.
#[derive(Clone, Debug)]
pub enum Number {
    Is(i64),
    Field(Field<ReadNumber>),
    Minus(Box<Number>),
    Calculated(Arithmetic, Box<[Number; 2]>),
    If(Box<(Truth, Number, Number)>),
    Length(Box<Text>),
    Count(Field<ReadTexts>),
    Lines,
    /// What a loop comes to.
    Loop(usize),
}

/// A text.
#[derive(Clone, Debug)]
pub enum Text {
    Is(String),
    Field(Field<ReadText>),
    If(Box<(Truth, Text, Text)>),
}

/// Something asked of each line of the order, whatever line the condition is about.
#[derive(Clone, Debug)]
pub struct Loop {
    pub gives: Gives,
    pub each: Truth,
}

/// What a loop comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gives {
    /// 1 when it holds for every line; an error counts only if it decides.
    All,
    /// 1 when it holds for some line; an error counts only if it decides.
    Exists,
    /// 1 when it holds for exactly one line.
    ExistsOne,
    /// 1 when it holds for some line, but any error is one of the whole: the list that
    /// is searched is made before.
    Has,
    /// For how many lines it holds.
    Count,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arithmetic {
    Plus,
    Minus,
    Times,
    Divided,
    Remainder,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Start,
    End,
    Anywhere,
}

/// A variable by its name and the function that reads it.
#[derive(Clone, Copy)]
pub struct Field<R> {
    pub name: &'static str,
    pub read: R,
}

impl<R> fmt::Debug for Field<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
