//! Whether a syntax tree is a condition that we can keep: known names, fitting types, an
//! end, a price. What comes out is a tree that cannot go wrong.
//!
//! Each part of the language is one file; [`Checker::check`] is the one `match`.

mod calls;
mod loops;
mod names;
mod operators;

use cel::common::ast::{Expr, IdedExpr, ListExpr, LiteralValue};

use super::{
    Environment, NODES_MAX, Wrong,
    environment::ReadTexts,
    parse::Places,
    tree::{Field, Loop, Number, Text, Truth},
};

/// How deep operators and calls may stand in each other: it takes stack to go over them.
/// A chain of `&&` or `||` is balanced, one of `+` is not.
const DEPTH_MAX: usize = 64;

/// Goes over a syntax tree once.
pub struct Checker<'e> {
    environment: &'e Environment,
    places: Places<'e>,
    text: &'e str,
    nodes: usize,
    depth: usize,
    /// The name of a line, inside a comprehension.
    each: Option<String>,
    /// The comprehensions met so far.
    pub loops: Vec<Loop>,
    /// Whether `line` was met.
    pub of_lines: bool,
}

/// A checked node, by its type.
pub enum Typed {
    Truth(Truth),
    Number(Number),
    Text(Text),
    List(List),
}

/// A list, which can be measured or searched and nothing else, so it is never made.
pub enum List {
    Lines,
    Strings(Field<ReadTexts>),
    Numbers(Vec<Number>),
    Texts(Vec<Text>),
    /// The lines for which this holds.
    Filtered(Truth),
    /// A value of each line, where the condition holds.
    Mapped(Option<Truth>, Box<Typed>),
}

impl<'e> Checker<'e> {
    pub fn new(text: &'e str, environment: &'e Environment) -> Checker<'e> {
        Checker {
            environment,
            places: Places::new(text),
            text,
            nodes: 0,
            depth: 0,
            each: None,
            loops: Vec::new(),
            of_lines: false,
        }
    }

    /// The tree of what must be true or false.
    pub fn condition(&mut self, it: &IdedExpr) -> Result<Truth, Wrong> {
        match self.check(it)? {
            Typed::Truth(truth) => Ok(truth),
            other => Err(self.places.wrong(
                it,
                format!("is {}", other.kind()),
                "something true or false, such as order.total >= 5000",
            )),
        }
    }

    fn check(&mut self, it: &IdedExpr) -> Result<Typed, Wrong> {
        self.count()?;
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            let expected = format!("at most {DEPTH_MAX} operators and calls inside each other");
            return Err(Wrong::new((self.text, None), self.text, "is too deep", expected));
        }
        let typed = self.node(it)?;
        self.depth -= 1;
        Ok(typed)
    }

    fn node(&mut self, it: &IdedExpr) -> Result<Typed, Wrong> {
        match &it.expr {
            Expr::Ident(_) | Expr::Select(_) => self.name(it),
            Expr::Literal(literal) => self.literal(it, literal),
            Expr::List(list) => self.list(it, list),
            Expr::Call(call) => self.call(it, call),
            Expr::Comprehension(comprehension) => self.comprehension(it, comprehension),
            Expr::Map(_) | Expr::Struct(_) => {
                Err(self.places.wrong(it, "is an object", "a variable or a constant"))
            }
            Expr::Unspecified => Err(self.places.wrong(it, "is nothing", "a condition")),
        }
    }

    fn count(&mut self) -> Result<(), Wrong> {
        self.nodes += 1;
        if self.nodes <= NODES_MAX {
            return Ok(());
        }
        Err(Wrong::new(
            (self.text, None),
            self.text,
            "is too long",
            format!("at most {NODES_MAX} names, fields, constants, operators and calls"),
        ))
    }

    fn literal(&self, it: &IdedExpr, literal: &LiteralValue) -> Result<Typed, Wrong> {
        let (complaint, expected) = match literal {
            LiteralValue::Boolean(truth) => return Ok(Typed::Truth(Truth::Is(*truth.inner()))),
            LiteralValue::Int(number) => return Ok(Typed::Number(Number::Is(*number.inner()))),
            LiteralValue::String(text) => {
                return Ok(Typed::Text(Text::Is(text.inner().to_owned())));
            }
            LiteralValue::Double(_) => {
                ("is not a whole number", "one: amounts are in minor units, 19.99 is 1999")
            }
            LiteralValue::UInt(_) => ("is an unsigned number", "a plain one, without u"),
            LiteralValue::Bytes(_) => ("is bytes", "a string, without b"),
            LiteralValue::Null => ("is never there", "\"\" or 0, which stand for what is absent"),
        };
        Err(self.places.wrong(it, complaint, expected))
    }

    fn list(&mut self, it: &IdedExpr, list: &ListExpr) -> Result<Typed, Wrong> {
        let (mut numbers, mut texts, mut others) = (Vec::new(), Vec::new(), false);
        for element in &list.elements {
            match self.check(element)? {
                Typed::Number(number) => numbers.push(number),
                Typed::Text(text) => texts.push(text),
                Typed::Truth(_) | Typed::List(_) => others = true,
            }
        }
        match (numbers.as_slice(), texts.as_slice()) {
            ([_, ..], []) if !others => Ok(Typed::List(List::Numbers(numbers))),
            ([], [_, ..]) if !others => Ok(Typed::List(List::Texts(texts))),
            ([], []) if !others => {
                Err(self.places.wrong(it, "has nothing in it", "ints or strings"))
            }
            _ => Err(self.places.wrong(
                it,
                "holds other things or a mixture",
                "only ints or only strings",
            )),
        }
    }
}

impl Typed {
    /// What it is, with its article.
    fn kind(&self) -> &'static str {
        match self {
            Typed::Truth(_) => "a bool",
            Typed::Number(_) => "an int",
            Typed::Text(_) => "a string",
            Typed::List(List::Lines | List::Filtered(_)) => "a list of lines",
            Typed::List(List::Strings(_) | List::Texts(_)) => "a list of strings",
            Typed::List(List::Numbers(_)) => "a list of ints",
            Typed::List(List::Mapped(_, of)) => match **of {
                Typed::Truth(_) => "a list of bools",
                Typed::Number(_) => "a list of ints",
                Typed::Text(_) => "a list of strings",
                Typed::List(_) => "a list of lists",
            },
        }
    }
}
