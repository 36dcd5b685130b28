//! Calls: a short list of functions.

use cel::common::ast::{CallExpr, IdedExpr};

use super::{
    super::tree::{Gives, Part},
    Checker, List, Loop, Number, Truth, Typed,
};
use crate::{
    definition::{nearest, one_of},
    expression::Wrong,
};

/// What can be called, by name.
const CALLED: [&str; 9] =
    ["size", "startsWith", "endsWith", "contains", "exists", "all", "exists_one", "filter", "map"];

impl Checker<'_> {
    /// An operator or a function.
    pub(super) fn call(&mut self, it: &IdedExpr, call: &CallExpr) -> Result<Typed, Wrong> {
        if let Some(operator) = self.operator(it, call)? {
            return Ok(operator);
        }
        let name = call.func_name.as_str();
        let part = match name {
            "startsWith" => Some(Part::Start),
            "endsWith" => Some(Part::End),
            "contains" => Some(Part::Anywhere),
            _ => None,
        };
        match (name, part, call.target.as_deref(), call.args.as_slice()) {
            ("size", _, Some(of), []) | ("size", _, None, [of]) => self.size(it, of),
            (_, Some(part), Some(whole), [part_of]) => {
                match (self.check(whole)?, self.check(part_of)?) {
                    (Typed::Text(whole), Typed::Text(part_of)) => {
                        Ok(Typed::Truth(Truth::Part(part, [part_of, whole].into())))
                    }
                    (whole, part_of) => {
                        let complaint =
                            format!("is between {} and {}", whole.kind(), part_of.kind());
                        Err(self.places.wrong(it, complaint, "two strings"))
                    }
                }
            }
            _ => Err(self.uncallable(it, name)),
        }
    }

    fn size(&mut self, it: &IdedExpr, of: &IdedExpr) -> Result<Typed, Wrong> {
        Ok(Typed::Number(match self.check(of)? {
            Typed::Text(text) => Number::Length(text.into()),
            Typed::List(List::Strings(field)) => Number::Count(field),
            Typed::List(List::Lines) => Number::Lines,
            Typed::List(List::Filtered(each)) => {
                Number::Loop(self.looped(Loop { gives: Gives::Count, each }))
            }
            Typed::List(List::Numbers(_) | List::Texts(_) | List::Mapped(..)) => {
                let expected = "the size of order.lines, of a filter of it or of a variable";
                return Err(self.places.wrong(it, "measures what is known", expected));
            }
            other => {
                let complaint = format!("measures {}", other.kind());
                return Err(self.places.wrong(it, complaint, "a string or a list"));
            }
        }))
    }

    fn uncallable(&self, it: &IdedExpr, name: &str) -> Wrong {
        let form = match name {
            "size" => "size(x)",
            "startsWith" => "a.startsWith(b)",
            "endsWith" => "a.endsWith(b)",
            "contains" => "a.contains(b)",
            "exists" => "order.lines.exists(l, condition)",
            "all" => "order.lines.all(l, condition)",
            "exists_one" | "existsOne" => "order.lines.exists_one(l, condition)",
            "filter" => "order.lines.filter(l, condition)",
            "map" => "order.lines.map(l, value)",
            _ => {
                let complaint = format!("calls {name:?}, which is not known");
                let mut wrong = self.places.wrong(it, complaint, one_of(CALLED));
                wrong.nearest = nearest(name, CALLED);
                return wrong;
            }
        };
        self.places.wrong(it, format!("calls {name:?} in another form"), form)
    }
}
