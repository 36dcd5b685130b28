//! What a checked condition comes to.

use std::cell::OnceCell;

use super::{
    environment::Sight,
    tree::{Arithmetic, Comparison, Gives, Loop, Number, Part, Text, Truth},
    values::{LineValues, Values},
};

/// A number did not fit 64 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overflow;

/// One evaluation of a condition; it remembers what its loops came to.
pub struct Evaluation<'a> {
    values: &'a Values<'a>,
    loops: &'a [Loop],
    came_to: Vec<OnceCell<Result<i64, Overflow>>>,
}

impl<'a> Evaluation<'a> {
    pub fn new(values: &'a Values<'a>, loops: &'a [Loop]) -> Evaluation<'a> {
        Evaluation { values, loops, came_to: vec![OnceCell::new(); loops.len()] }
    }

    /// Whether it is true for `line`.
    pub fn truth(&self, it: &'a Truth, line: &'a LineValues<'a>) -> Result<bool, Overflow> {
        Ok(match it {
            Truth::Is(truth) => *truth,
            Truth::Field(field) => (field.read)(self.sight(line)),
            Truth::Not(it) => !self.truth(it, line)?,
            Truth::And(sides) => return self.either(false, sides, line),
            Truth::Or(sides) => return self.either(true, sides, line),
            Truth::If(it) => {
                let [condition, yes, no] = &**it;
                let branch = if self.truth(condition, line)? { yes } else { no };
                return self.truth(branch, line);
            }
            Truth::Same(sides) => self.truth(&sides[0], line)? == self.truth(&sides[1], line)?,
            Truth::Numbers(comparison, sides) => {
                comparison.holds(&self.number(&sides[0], line)?, &self.number(&sides[1], line)?)
            }
            Truth::Texts(comparison, sides) => {
                comparison.holds(self.text(&sides[0], line)?, self.text(&sides[1], line)?)
            }
            // A list is made before it is searched, as in CEL: an overflow in any of its
            // elements is one of the whole.
            Truth::NumberIn(it, list) => {
                let it = self.number(it, line)?;
                list.iter().try_fold(false, |found, element| {
                    Ok(self.number(element, line)? == it || found)
                })?
            }
            Truth::TextIn(it, list) => {
                let it = self.text(it, line)?;
                list.iter().try_fold(false, |found, element| {
                    Ok(self.text(element, line)? == it || found)
                })?
            }
            Truth::TextAmong(it, list) => {
                (list.read)(self.sight(line)).contains(&self.text(it, line)?)
            }
            Truth::Part(part, sides) => {
                let (part_of, whole) = (self.text(&sides[0], line)?, self.text(&sides[1], line)?);
                match part {
                    Part::Start => whole.starts_with(part_of),
                    Part::End => whole.ends_with(part_of),
                    Part::Anywhere => whole.contains(part_of),
                }
            }
            Truth::Loop(at) => self.came_to(*at)? != 0,
        })
    }

    fn number(&self, it: &'a Number, line: &'a LineValues<'a>) -> Result<i64, Overflow> {
        match it {
            Number::Is(number) => Ok(*number),
            Number::Field(field) => Ok((field.read)(self.sight(line))),
            Number::Minus(it) => self.number(it, line)?.checked_neg().ok_or(Overflow),
            Number::Calculated(arithmetic, sides) => {
                let (a, b) = (self.number(&sides[0], line)?, self.number(&sides[1], line)?);
                arithmetic.of(a, b)
            }
            Number::If(it) => {
                let (condition, yes, no) = &**it;
                self.number(if self.truth(condition, line)? { yes } else { no }, line)
            }
            Number::Length(it) => Ok(count(self.text(it, line)?.chars().count())),
            Number::Count(field) => Ok(count((field.read)(self.sight(line)).len())),
            Number::Lines => Ok(count(self.values.order.lines.len())),
            Number::Loop(at) => self.came_to(*at),
        }
    }

    fn text(&self, it: &'a Text, line: &'a LineValues<'a>) -> Result<&'a str, Overflow> {
        match it {
            Text::Is(text) => Ok(text),
            Text::Field(field) => Ok((field.read)(self.sight(line))),
            Text::If(it) => {
                let (condition, yes, no) = &**it;
                self.text(if self.truth(condition, line)? { yes } else { no }, line)
            }
        }
    }

    /// `&&` and `||`: either side that is `decisive` decides, even beside an error.
    fn either(
        &self,
        decisive: bool,
        sides: &'a [Truth; 2],
        line: &'a LineValues<'a>,
    ) -> Result<bool, Overflow> {
        let first = self.truth(&sides[0], line);
        if first == Ok(decisive) {
            return first;
        }
        let second = self.truth(&sides[1], line);
        if second == Ok(decisive) { second } else { first.and(second) }
    }

    fn came_to(&self, at: usize) -> Result<i64, Overflow> {
        *self.came_to[at].get_or_init(|| self.run(&self.loops[at]))
    }

    fn run(&self, it: &'a Loop) -> Result<i64, Overflow> {
        let mut each = self.values.order.lines.iter().map(|line| self.truth(&it.each, line));
        let decisive = match it.gives {
            Gives::All => false,
            Gives::Exists => true,
            Gives::ExistsOne | Gives::Has | Gives::Count => {
                let held = each.try_fold(0, |held, holds| Ok(held + i64::from(holds?)))?;
                return Ok(match it.gives {
                    Gives::Count => held,
                    Gives::ExistsOne => i64::from(held == 1),
                    _ => i64::from(held > 0),
                });
            }
        };
        let mut outcome = Ok(!decisive);
        for holds in each {
            if holds == Ok(decisive) {
                outcome = holds;
                break;
            }
            outcome = outcome.and(holds);
        }
        outcome.map(i64::from)
    }

    fn sight(&self, line: &'a LineValues<'a>) -> Sight<'a> {
        Sight { values: self.values, line }
    }
}

impl Comparison {
    fn holds<T: Ord + ?Sized>(self, a: &T, b: &T) -> bool {
        match self {
            Comparison::Equal => a == b,
            Comparison::NotEqual => a != b,
            Comparison::Less => a < b,
            Comparison::AtMost => a <= b,
            Comparison::Greater => a > b,
            Comparison::AtLeast => a >= b,
        }
    }
}

impl Arithmetic {
    /// Exact; division cuts towards zero and the remainder has the sign of `a`, as in
    /// CEL.
    fn of(self, a: i64, b: i64) -> Result<i64, Overflow> {
        match self {
            Arithmetic::Plus => a.checked_add(b),
            Arithmetic::Minus => a.checked_sub(b),
            Arithmetic::Times => a.checked_mul(b),
            // The checker lets only constants other than 0 divide.
            Arithmetic::Divided => a.checked_div(b),
            Arithmetic::Remainder => a.checked_rem(b),
        }
        .ok_or(Overflow)
    }
}

fn count(things: usize) -> i64 {
    i64::try_from(things).unwrap_or(i64::MAX)
}
