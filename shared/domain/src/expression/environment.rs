//! What conditions may speak of: every variable with its type and meaning. Nothing in
//! here says who a member is.

use std::fmt;

use super::values::{LineValues, Values};

/// The variables that one sort of condition may speak of.
#[derive(Debug)]
pub struct Environment {
    parts: &'static [&'static [Variable]],
}

/// One variable.
#[derive(Clone, Copy, Debug)]
pub struct Variable {
    /// Its name, such as `order.total`.
    pub name: &'static str,
    /// What it means, in a few words.
    pub means: &'static str,
    pub(super) read: Read,
}

/// The type of a variable. There are no doubles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// True or false.
    Bool,
    /// A whole number of 64 bits.
    Int,
    /// A text.
    String,
    /// Texts.
    Strings,
    /// The lines of an order.
    Lines,
}

/// Something that conditions may call.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    /// How it is written.
    pub form: &'static str,
    /// What it gives.
    pub means: &'static str,
    /// A condition with it.
    pub example: &'static str,
}

/// What is looked at: everything, and the line that is asked about.
#[derive(Clone, Copy)]
pub(super) struct Sight<'a> {
    pub values: &'a Values<'a>,
    pub line: &'a LineValues<'a>,
}

pub(super) type ReadTruth = fn(Sight<'_>) -> bool;
pub(super) type ReadNumber = fn(Sight<'_>) -> i64;
pub(super) type ReadText = for<'a> fn(Sight<'a>) -> &'a str;
pub(super) type ReadTexts = for<'a> fn(Sight<'a>) -> &'a [&'a str];

/// How a variable is read, which is also its type.
#[derive(Clone, Copy, Debug)]
pub(super) enum Read {
    Truth(ReadTruth),
    Number(ReadNumber),
    Text(ReadText),
    Texts(ReadTexts),
    Lines,
}

use Read::{Lines, Number, Text, Texts, Truth};

#[rustfmt::skip]
const ORDER: &[Variable] = &[
    var("order.total", "what the whole order costs: lines after discounts, tax, shipping and tip, in minor units", Number(|it| it.values.order.total)),
    var("order.eligible", "what the program's default base counts of the order, in minor units", Number(|it| it.values.order.eligible)),
    var("order.shipping", "shipping, in minor units", Number(|it| it.values.order.shipping)),
    var("order.tax", "all tax, in minor units", Number(|it| it.values.order.tax)),
    var("order.tip", "the tip, in minor units", Number(|it| it.values.order.tip)),
    var("order.discount", "all discounts, of lines and of the order, in minor units", Number(|it| it.values.order.discount)),
    var("order.currency", "the code of its money, such as GBP", Text(|it| it.values.order.currency)),
    var("order.channel", "where it was placed, such as web; empty when unknown", Text(|it| it.values.order.channel)),
    var("order.store", "the store; empty when there is none", Text(|it| it.values.order.store)),
    var("order.status", "how far it is, such as paid; empty when unknown", Text(|it| it.values.order.status)),
    var("order.tender_kinds", "what it was paid with, such as card, each kind once; empty when unknown", Texts(|it| &it.values.order.tender_kinds)),
    var("order.first", "whether it is the member's first order", Truth(|it| it.values.order.first)),
    var("order.month", "the month it was placed in, 1 to 12, in the program's time zone", Number(|it| it.values.order.month)),
    var("order.day", "the day of the month, 1 to 31", Number(|it| it.values.order.day)),
    var("order.weekday", "the day of the week, 1 for Monday to 7 for Sunday", Number(|it| it.values.order.weekday)),
    var("order.hour", "the hour of the day, 0 to 23", Number(|it| it.values.order.hour)),
    var("order.lines", "its lines, to go over with exists, all, exists_one, filter and map", Lines),
];

#[rustfmt::skip]
const LINE: &[Variable] = &[
    var("line.product", "the product; empty when unknown", Text(|it| it.line.product)),
    var("line.category", "its category; empty when unknown", Text(|it| it.line.category)),
    var("line.brand", "its brand; empty when unknown", Text(|it| it.line.brand)),
    var("line.quantity", "how many", Number(|it| it.line.quantity)),
    var("line.unit_price", "the price of one before discounts, in minor units", Number(|it| it.line.unit_price)),
    var("line.paid", "what is paid for the line after all discounts, in minor units", Number(|it| it.line.paid)),
];

#[rustfmt::skip]
const MEMBER: &[Variable] = &[
    var("member.tier", "the member's level before this; empty without one", Text(|it| it.values.member.tier)),
    var("member.months", "whole months since the member joined", Number(|it| it.values.member.months)),
    var("member.labels", "the labels the shop put on the member", Texts(|it| &it.values.member.labels)),
];

#[rustfmt::skip]
const ACTIVITY: &[Variable] = &[
    var("activity.kind", "what was done, such as review", Text(|it| it.values.activity.kind)),
    var("activity.subject", "what it was done to, such as a product; empty when unknown", Text(|it| it.values.activity.subject)),
    var("activity.quantity", "how many", Number(|it| it.values.activity.quantity)),
    var("activity.amount", "its worth, in minor units; 0 when unknown", Number(|it| it.values.activity.amount)),
];

/// What conditions may call besides operators.
#[rustfmt::skip]
pub const FUNCTIONS: &[Function] = &[
    Function { form: "size(x)", means: "how many characters, lines or strings", example: "size(member.labels) > 1" },
    Function { form: "s.startsWith(t)", means: "whether a string starts with another", example: "line.product.startsWith('GIFT-')" },
    Function { form: "s.endsWith(t)", means: "whether a string ends with another", example: "line.product.endsWith('-XL')" },
    Function { form: "s.contains(t)", means: "whether a string contains another", example: "line.category.contains('coffee')" },
    Function { form: "order.lines.exists(l, c)", means: "whether c holds for some line l", example: "order.lines.exists(l, l.brand == 'acme')" },
    Function { form: "order.lines.all(l, c)", means: "whether c holds for every line l", example: "order.lines.all(l, l.category != 'sale')" },
    Function { form: "order.lines.exists_one(l, c)", means: "whether c holds for exactly one line l", example: "order.lines.exists_one(l, l.paid > 10000)" },
    Function { form: "size(order.lines.filter(l, c))", means: "for how many lines l c holds", example: "size(order.lines.filter(l, l.quantity > 1)) >= 3" },
    Function { form: "x in order.lines.map(l, l.f)", means: "whether some line's f is x", example: "'mug' in order.lines.map(l, l.product)" },
];

const fn var(name: &'static str, means: &'static str, read: Read) -> Variable {
    Variable { name, means, read }
}

impl Environment {
    /// What the condition of an earn rule on orders may speak of. One that mentions
    /// `line` holds for each line by itself, one that does not holds for the order.
    pub const ORDER: Environment = Environment { parts: &[ORDER, LINE, MEMBER] };

    /// What the condition of a rule on activities may speak of.
    pub const ACTIVITY: Environment = Environment { parts: &[ACTIVITY, MEMBER] };

    /// Its variables, for documentation in this order.
    pub fn variables(&self) -> impl Iterator<Item = &'static Variable> + Clone + use<> {
        self.parts.iter().copied().flatten()
    }
}

impl Variable {
    /// Its type.
    pub fn kind(&self) -> Kind {
        match self.read {
            Truth(_) => Kind::Bool,
            Number(_) => Kind::Int,
            Text(_) => Kind::String,
            Texts(_) => Kind::Strings,
            Lines => Kind::Lines,
        }
    }

    /// What it is a field of: `order` of `order.total`.
    pub(super) fn owner(&self) -> &'static str {
        self.name.split_once('.').map_or(self.name, |(owner, _)| owner)
    }

    /// Its name there: `total` of `order.total`.
    pub(super) fn field(&self) -> &'static str {
        self.name.split_once('.').map_or(self.name, |(_, field)| field)
    }
}

impl fmt::Display for Kind {
    /// As CEL writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Bool => "bool",
            Kind::Int => "int",
            Kind::String => "string",
            Kind::Strings => "list(string)",
            Kind::Lines => "list(line)",
        })
    }
}
