//! Variables: every one is known, or refused with the nearest that is.

use cel::common::ast::{Expr, IdedExpr};

use super::{super::environment::Read, Checker, List, Number, Text, Truth, Typed};
use crate::{
    definition::{nearest, one_of},
    expression::{Wrong, tree::Field},
};

/// What the fields of a line are fields of.
const LINE: &str = "line";

impl Checker<'_> {
    /// A name and the fields asked of it.
    pub(super) fn name(&mut self, it: &IdedExpr) -> Result<Typed, Wrong> {
        let mut fields = Vec::new();
        let mut inner = it;
        let root = loop {
            match &inner.expr {
                Expr::Ident(name) => break name.as_str(),
                Expr::Select(select) if select.test => {
                    let expected = "a comparison with \"\" or 0: every field is there";
                    return Err(self.places.wrong(it, "asks whether a field is there", expected));
                }
                Expr::Select(select) => {
                    fields.push(select.field.as_str());
                    inner = &select.operand;
                    self.count()?;
                }
                _ => {
                    let complaint = format!("asks a value for its field {:?}", fields[0]);
                    return Err(self.places.wrong(it, complaint, "a field of a variable"));
                }
            }
        };
        fields.reverse();
        let owner = self.owner(inner, root)?;
        let known = self.environment.variables().filter(|known| known.owner() == owner);
        let names: Vec<String> =
            known.clone().map(|known| format!("{root}.{}", known.field())).collect();
        let expected = one_of(names.iter().map(String::as_str));
        let [field, beyond @ ..] = fields.as_slice() else {
            return Err(self.places.wrong(it, "is not a value by itself", expected));
        };
        let Some(variable) = known.clone().find(|known| known.field() == *field) else {
            let mut wrong = self.places.wrong(it, "is not known", expected);
            wrong.nearest = nearest(field, known.map(|known| known.field()))
                .map(|field| format!("{root}.{field}"));
            return Err(wrong);
        };
        let name = variable.name;
        let typed = match variable.read {
            Read::Truth(read) => Typed::Truth(Truth::Field(Field { name, read })),
            Read::Number(read) => Typed::Number(Number::Field(Field { name, read })),
            Read::Text(read) => Typed::Text(Text::Field(Field { name, read })),
            Read::Texts(read) => Typed::List(List::Strings(Field { name, read })),
            Read::Lines => Typed::List(List::Lines),
        };
        match beyond.first() {
            None => Ok(typed),
            Some(field) => {
                let complaint = format!("asks {} for a field {field:?}", typed.kind());
                Err(self.places.wrong(it, complaint, format!("{root}.{}", variable.field())))
            }
        }
    }

    /// Whose fields a name without fields has.
    fn owner<'n>(&mut self, it: &IdedExpr, root: &'n str) -> Result<&'n str, Wrong> {
        if self.each.as_deref() == Some(root) {
            return Ok(LINE);
        }
        let mut known: Vec<&str> = self.environment.variables().map(|it| it.owner()).collect();
        known.dedup();
        known.extend(self.each.as_deref());
        if !known.contains(&root) {
            let mut wrong = self.places.wrong(it, "is not known", one_of(known.clone()));
            wrong.nearest = nearest(root, known);
            return Err(wrong);
        }
        if root == LINE {
            if let Some(each) = &self.each {
                let complaint = "inside a comprehension compares every line with every other";
                return Err(self.places.wrong(it, complaint, format!("{each:?} or order")));
            }
            self.of_lines = true;
        }
        Ok(root)
    }
}
