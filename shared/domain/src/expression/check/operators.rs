//! Operators: operands of the types they are made for, and nothing that can divide by
//! zero.

use cel::common::ast::{CallExpr, IdedExpr, operators};

use super::{
    super::tree::{Arithmetic, Comparison, Gives},
    Checker, List, Loop, Number, Text, Truth, Typed,
};
use crate::expression::Wrong;

impl Checker<'_> {
    /// An operator, or `None` if the call is of something else.
    pub(super) fn operator(
        &mut self,
        it: &IdedExpr,
        call: &CallExpr,
    ) -> Result<Option<Typed>, Wrong> {
        let typed = match (call.func_name.as_str(), call.args.as_slice()) {
            (operators::LOGICAL_NOT, [side]) => match self.check(side)? {
                Typed::Truth(side) => Typed::Truth(Truth::Not(side.into())),
                other => return Err(self.not_of(it, &other, "a bool")),
            },
            (operators::NEGATE, [side]) => match self.check(side)? {
                Typed::Number(side) => Typed::Number(Number::Minus(side.into())),
                other => return Err(self.not_of(it, &other, "an int")),
            },
            (operators::LOGICAL_AND, [a, b]) => match (self.check(a)?, self.check(b)?) {
                (Typed::Truth(a), Typed::Truth(b)) => Typed::Truth(Truth::And([a, b].into())),
                sides => return Err(self.not_between(it, &sides, "two bools")),
            },
            (operators::LOGICAL_OR, [a, b]) => match (self.check(a)?, self.check(b)?) {
                (Typed::Truth(a), Typed::Truth(b)) => Typed::Truth(Truth::Or([a, b].into())),
                sides => return Err(self.not_between(it, &sides, "two bools")),
            },
            (operators::CONDITIONAL, [condition, yes, no]) => {
                self.choice(it, condition, yes, no)?
            }
            (operators::IN, [a, b]) => self.membership(it, a, b)?,
            (operators::INDEX, [..]) => {
                let expected = "in, exists or all: a place may be empty";
                return Err(self.places.wrong(it, "asks for one place of a list", expected));
            }
            (operator, [a, b]) => {
                if let Some(comparison) = comparison(operator) {
                    self.comparison(it, comparison, a, b)?
                } else if let Some(arithmetic) = arithmetic(operator) {
                    self.arithmetic(it, arithmetic, a, b)?
                } else {
                    return Ok(None);
                }
            }
            _ => return Ok(None),
        };
        Ok(Some(typed))
    }

    fn comparison(
        &mut self,
        it: &IdedExpr,
        comparison: Comparison,
        a: &IdedExpr,
        b: &IdedExpr,
    ) -> Result<Typed, Wrong> {
        Ok(Typed::Truth(match (comparison, self.check(a)?, self.check(b)?) {
            (_, Typed::Number(a), Typed::Number(b)) => Truth::Numbers(comparison, [a, b].into()),
            (_, Typed::Text(a), Typed::Text(b)) => Truth::Texts(comparison, [a, b].into()),
            (Comparison::Equal, Typed::Truth(a), Typed::Truth(b)) => Truth::Same([a, b].into()),
            (Comparison::NotEqual, Typed::Truth(a), Typed::Truth(b)) => {
                Truth::Not(Truth::Same([a, b].into()).into())
            }
            (_, a, b) => {
                let lists = matches!((&a, &b), (Typed::List(_), _) | (_, Typed::List(_)));
                let expected = match comparison {
                    _ if lists => "in or size(): a list can be searched or measured",
                    Comparison::Equal | Comparison::NotEqual => {
                        "two ints, two strings or two bools"
                    }
                    _ => "two ints or two strings",
                };
                return Err(self.not_between(it, &(a, b), expected));
            }
        }))
    }

    fn arithmetic(
        &mut self,
        it: &IdedExpr,
        arithmetic: Arithmetic,
        a: &IdedExpr,
        b: &IdedExpr,
    ) -> Result<Typed, Wrong> {
        let (a, b) = match (self.check(a)?, self.check(b)?) {
            (Typed::Number(a), Typed::Number(b)) => (a, b),
            sides => return Err(self.not_between(it, &sides, "two ints")),
        };
        let divides = matches!(arithmetic, Arithmetic::Divided | Arithmetic::Remainder);
        if divides && !matches!(b, Number::Is(1.. | ..=-1)) {
            let expected = "a constant other than 0 behind / and %";
            return Err(self.places.wrong(it, "may divide by zero", expected));
        }
        Ok(Typed::Number(Number::Calculated(arithmetic, [a, b].into())))
    }

    fn choice(
        &mut self,
        it: &IdedExpr,
        condition: &IdedExpr,
        yes: &IdedExpr,
        no: &IdedExpr,
    ) -> Result<Typed, Wrong> {
        let condition = self.condition(condition)?;
        Ok(match (self.check(yes)?, self.check(no)?) {
            (Typed::Truth(yes), Typed::Truth(no)) => {
                Typed::Truth(Truth::If([condition, yes, no].into()))
            }
            (Typed::Number(yes), Typed::Number(no)) => {
                Typed::Number(Number::If((condition, yes, no).into()))
            }
            (Typed::Text(yes), Typed::Text(no)) => {
                Typed::Text(Text::If((condition, yes, no).into()))
            }
            sides => {
                let expected = "two bools, two ints or two strings";
                return Err(self.not_between(it, &sides, expected));
            }
        })
    }

    fn membership(&mut self, it: &IdedExpr, a: &IdedExpr, b: &IdedExpr) -> Result<Typed, Wrong> {
        let of_lines = std::mem::replace(&mut self.of_lines, false);
        let searched = self.check(a)?;
        let searched_of_line = std::mem::replace(&mut self.of_lines, of_lines);
        self.of_lines |= searched_of_line;
        Ok(Typed::Truth(match (searched, self.check(b)?) {
            (Typed::Number(a), Typed::List(List::Numbers(list))) => Truth::NumberIn(a.into(), list),
            (Typed::Text(a), Typed::List(List::Texts(list))) => Truth::TextIn(a.into(), list),
            (Typed::Text(a), Typed::List(List::Strings(list))) => Truth::TextAmong(a.into(), list),
            (searched, Typed::List(List::Mapped(filter, of))) => {
                if searched_of_line {
                    let complaint = "compares every line with every other";
                    return Err(self.places.wrong(it, complaint, "something other than line"));
                }
                let same = match (searched, *of) {
                    (Typed::Number(a), Typed::Number(b)) => {
                        Truth::Numbers(Comparison::Equal, [a, b].into())
                    }
                    (Typed::Text(a), Typed::Text(b)) => {
                        Truth::Texts(Comparison::Equal, [a, b].into())
                    }
                    sides => return Err(self.not_between(it, &sides, "two ints or two strings")),
                };
                let each = match filter {
                    Some(filter) => Truth::If([filter, same, Truth::Is(false)].into()),
                    None => same,
                };
                Truth::Loop(self.looped(Loop { gives: Gives::Has, each }))
            }
            sides => {
                let expected = "a string in a list of strings or an int in a list of ints";
                return Err(self.not_between(it, &sides, expected));
            }
        }))
    }

    fn not_of(&self, it: &IdedExpr, side: &Typed, expected: &str) -> Wrong {
        self.places.wrong(it, format!("is of {}", side.kind()), expected)
    }

    fn not_between(&self, it: &IdedExpr, (a, b): &(Typed, Typed), expected: &str) -> Wrong {
        self.places.wrong(it, format!("is between {} and {}", a.kind(), b.kind()), expected)
    }
}

fn comparison(operator: &str) -> Option<Comparison> {
    Some(match operator {
        operators::EQUALS => Comparison::Equal,
        operators::NOT_EQUALS => Comparison::NotEqual,
        operators::LESS => Comparison::Less,
        operators::LESS_EQUALS => Comparison::AtMost,
        operators::GREATER => Comparison::Greater,
        operators::GREATER_EQUALS => Comparison::AtLeast,
        _ => return None,
    })
}

fn arithmetic(operator: &str) -> Option<Arithmetic> {
    Some(match operator {
        operators::ADD => Arithmetic::Plus,
        operators::SUBSTRACT => Arithmetic::Minus,
        operators::MULTIPLY => Arithmetic::Times,
        operators::DIVIDE => Arithmetic::Divided,
        operators::MODULO => Arithmetic::Remainder,
        _ => return None,
    })
}
