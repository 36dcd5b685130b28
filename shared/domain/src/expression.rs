//! Conditions beyond the typed fields, written in CEL (the Common Expression Language,
//! github.com/google/cel-spec).
//!
//! ```
//! use domain::expression::{Environment, Expression, Values};
//!
//! let text = "order.channel == 'app' && order.total >= 5000";
//! let expression = Expression::compile(text, &Environment::ORDER).expect("a condition");
//! let mut values = Values::default();
//! values.order.channel = "app";
//! values.order.total = 60_00;
//! assert!(expression.holds(&values));
//!
//! let wrong = Expression::compile("order.totl > 1", &Environment::ORDER).unwrap_err();
//! assert_eq!(wrong.nearest.as_deref(), Some("order.total"));
//! ```
//!
//! The crate `cel` reads the text. What it read is checked node by node against an
//! [`Environment`] and becomes a typed tree of our own, which is what is evaluated, and
//! not by `cel`'s interpreter: that one works on maps of dynamic values (built anew for
//! every order, with doubles among them) and finds out about types while it runs. In
//! our tree a type error, a division by zero, a missing field or a loop without end
//! cannot be written down, evaluation allocates next to nothing, and its cost is bounded
//! by nodes times lines.
//!
//! Every accepted text means what it means in CEL. One thing can go wrong while
//! evaluating: a result that does not fit 64 bits. As in CEL it is an error that `&&`
//! and `||` ignore when their other side settles the matter; a condition that ends in
//! it does not hold.
//!
//! To add a variable, add a line to the table of its environment and a field to
//! [`Values`].

mod check;
mod environment;
mod evaluate;
mod parse;
mod tree;
mod values;
mod wrong;

pub use self::{
    environment::{Environment, FUNCTIONS, Function, Kind, Variable},
    values::{ActivityValues, LineValues, MemberValues, OrderValues, Values},
    wrong::Wrong,
};

use self::{
    check::Checker,
    evaluate::Evaluation,
    tree::{Loop, Truth},
    values::NO_LINE,
};

/// The longest condition, in bytes.
pub const TEXT_BYTES_MAX: usize = 2_000;

/// The most nodes of a condition: names, fields, constants, operators and calls, as
/// written.
pub const NODES_MAX: usize = 200;

/// A condition that was found good.
#[derive(Clone, Debug)]
pub struct Expression {
    text: String,
    truth: Truth,
    /// The comprehensions inside, which `truth` names by position.
    loops: Vec<Loop>,
    /// Whether it mentions `line`.
    of_lines: bool,
}

/// What a condition holds for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Held {
    /// It does not mention `line`: it holds for all of it or for nothing.
    Whole(bool),
    /// For each line, in the order of [`OrderValues::lines`].
    Lines(Vec<bool>),
}

impl Held {
    /// Whether it holds for what stands at this position. Parts of an order that are no
    /// lines, such as shipping, stand behind them: of these a condition on lines does
    /// not hold.
    pub fn at(&self, position: usize) -> bool {
        match self {
            Held::Whole(holds) => *holds,
            Held::Lines(lines) => lines.get(position).copied().unwrap_or(false),
        }
    }

    /// Whether it holds for anything.
    pub fn anywhere(&self) -> bool {
        match self {
            Held::Whole(holds) => *holds,
            Held::Lines(lines) => lines.contains(&true),
        }
    }
}

impl Expression {
    /// Reads a condition and checks that it knows only what the environment offers, that
    /// its types fit, that it ends, and what it costs.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong.
    pub fn compile(text: &str, environment: &Environment) -> Result<Expression, Wrong> {
        let tree = parse::parse(text)?;
        let mut checker = Checker::new(text, environment);
        let truth = checker.condition(&tree)?;
        let Checker { loops, of_lines, .. } = checker;
        Ok(Expression { text: text.to_owned(), truth, loops, of_lines })
    }

    /// The condition as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it mentions `line`, so that it holds for each line by itself.
    pub fn is_of_lines(&self) -> bool {
        self.of_lines
    }

    /// What it holds for. A comprehension inside runs at most once, however many lines
    /// there are.
    pub fn held(&self, values: &Values<'_>) -> Held {
        let evaluation = Evaluation::new(values, &self.loops);
        let holds = |line| evaluation.truth(&self.truth, line) == Ok(true);
        match self.of_lines {
            false => Held::Whole(holds(&NO_LINE)),
            true => Held::Lines(values.order.lines.iter().map(holds).collect()),
        }
    }

    /// Whether it holds, for a condition on lines for at least one of them.
    pub fn holds(&self, values: &Values<'_>) -> bool {
        self.held(values).anywhere()
    }
}

#[cfg(test)]
mod tests;
