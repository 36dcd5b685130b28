//! Comprehensions: only over the order's lines and not inside each other, so the cost of
//! a condition is bounded by its nodes times the lines.

use cel::common::ast::{CallExpr, ComprehensionExpr, Expr, IdedExpr, LiteralValue, operators};

use super::{super::tree::Gives, Checker, List, Loop, Truth, Typed};
use crate::expression::Wrong;

/// A macro as it was written, found again in what the parser made of it.
enum Macro<'m> {
    /// `all`, `exists` or `exists_one` and its condition.
    Test(Gives, &'m IdedExpr),
    /// `filter` and its condition.
    Filter(&'m IdedExpr),
    /// `map`, with or without a condition, and its value.
    Map(Option<&'m IdedExpr>, &'m IdedExpr),
}

impl Checker<'_> {
    pub(super) fn comprehension(
        &mut self,
        it: &IdedExpr,
        comprehension: &ComprehensionExpr,
    ) -> Result<Typed, Wrong> {
        if self.each.is_some() {
            let expected = "comprehensions beside each other, joined by && or ||";
            return Err(self.places.wrong(it, "is a loop inside a loop", expected));
        }
        let Some(written) = written(comprehension) else {
            return Err(self.places.wrong(it, "is not known", "exists, all, filter or map"));
        };
        match self.check(&comprehension.iter_range)? {
            Typed::List(List::Lines) => {}
            Typed::List(List::Filtered(_) | List::Mapped(..)) => {
                let expected = "one comprehension with both conditions";
                return Err(self.places.wrong(it, "goes over a list it made itself", expected));
            }
            other => {
                let complaint = format!("goes over {}", other.kind());
                return Err(self.places.wrong(it, complaint, "order.lines"));
            }
        }
        self.each = Some(comprehension.iter_var.clone());
        let typed = match written {
            Macro::Test(gives, condition) => {
                let each = self.condition(condition)?;
                Typed::Truth(Truth::Loop(self.looped(Loop { gives, each })))
            }
            Macro::Filter(condition) => Typed::List(List::Filtered(self.condition(condition)?)),
            Macro::Map(condition, value) => {
                let condition = condition.map(|it| self.condition(it)).transpose()?;
                Typed::List(List::Mapped(condition, self.check(value)?.into()))
            }
        };
        self.each = None;
        Ok(typed)
    }

    /// Keeps a loop and says which it is.
    pub(super) fn looped(&mut self, it: Loop) -> usize {
        self.loops.push(it);
        self.loops.len() - 1
    }
}

/// CEL's macros, undone (cel-spec, langdef.md, "Macros").
fn written(it: &ComprehensionExpr) -> Option<Macro<'_>> {
    let (operator, args) = call(&it.loop_step)?;
    match (operator, args, &it.accu_init.expr) {
        (operators::LOGICAL_AND, [_, condition], _) => Some(Macro::Test(Gives::All, condition)),
        (operators::LOGICAL_OR, [_, condition], _) => Some(Macro::Test(Gives::Exists, condition)),
        (operators::CONDITIONAL, [condition, ..], Expr::Literal(LiteralValue::Int(_))) => {
            Some(Macro::Test(Gives::ExistsOne, condition))
        }
        (operators::CONDITIONAL, [condition, step, _], Expr::List(_)) => {
            let value = appended(call(step)?)?;
            match &value.expr {
                Expr::Ident(name) if *name == it.iter_var => Some(Macro::Filter(condition)),
                _ => Some(Macro::Map(Some(condition), value)),
            }
        }
        (operators::ADD, ..) => Some(Macro::Map(None, appended((operator, args))?)),
        _ => None,
    }
}

fn call(it: &IdedExpr) -> Option<(&str, &[IdedExpr])> {
    match &it.expr {
        Expr::Call(CallExpr { func_name, target: None, args }) => Some((func_name, args)),
        _ => None,
    }
}

/// What `list + [value]` appends.
fn appended<'m>((operator, args): (&str, &'m [IdedExpr])) -> Option<&'m IdedExpr> {
    match (operator, args) {
        (operators::ADD, [_, IdedExpr { expr: Expr::List(list), .. }]) => list.elements.first(),
        _ => None,
    }
}
