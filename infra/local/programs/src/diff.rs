//! What one version changes against another, and for whom: one file a part of a program,
//! each of which takes its part apart, so that a new part cannot be forgotten.

mod better;
mod goals;
mod levels;
mod points;
mod program;
mod rewards;
mod rules;

use std::fmt;

use domain::program::Program;
use serde::Serialize;

use crate::words::{Audience, Words};

/// One thing that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// What happened to it.
    pub kind: Kind,
    /// What sort of thing it is: `earn`, `tiers`, `reward` …
    pub section: &'static str,
    /// Its id, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The key, without the section, such as `points`; empty for the thing as a whole.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub key: String,
    /// How it was, in words; nothing where it was not there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// How it is, in words; nothing where it is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// Who notices, and how; where that can be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effect: Option<String>,
}

/// What happened to something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It is otherwise.
    Changed,
}

/// Everything in which `b` differs from `a`, in the order in which a person asks.
pub fn diff(a: &Program, b: &Program) -> Vec<Difference> {
    let words = |program| Words { program, audience: Audience::Staff };
    let mut comparing = Comparing { a: words(a), b: words(b), differences: Vec::new() };
    program::compare(&mut comparing);
    points::compare(&mut comparing);
    rules::compare(&mut comparing);
    goals::compare(&mut comparing);
    levels::compare(&mut comparing);
    rewards::compare(&mut comparing);
    comparing.differences
}

/// Two versions, and what was found so far.
struct Comparing<'p> {
    a: Words<'p>,
    b: Words<'p>,
    differences: Vec<Difference>,
}

/// Where something stands: its section, and its id.
#[derive(Clone, Copy)]
struct Place<'p> {
    section: &'static str,
    id: Option<&'p str>,
}

impl Comparing<'_> {
    /// Notes a text that differs, and what that does.
    fn text(&mut self, place: Place<'_>, key: &str, texts: (String, String), effect: &str) {
        let (before, after) = texts;
        if before != after {
            let effect = (!effect.is_empty()).then(|| effect.to_owned());
            self.add(Kind::Changed, place, key, (Some(before), Some(after)), effect);
        }
    }

    /// Notes things that are new, gone or in both, by their ids; what is in both is
    /// compared.
    fn things<'t, T>(
        &mut self,
        section: &'static str,
        (a, b): (&'t [T], &'t [T]),
        id: fn(&T) -> &str,
        words: &dyn Fn(&Words<'_>, &T) -> String,
        compare: &mut dyn FnMut(&mut Self, &T, &T),
    ) {
        for old in a {
            let place = Place { section, id: Some(id(old)) };
            match b.iter().find(|new| id(new) == id(old)) {
                Some(new) => compare(self, old, new),
                None => {
                    let before = Some(words(&self.a, old));
                    self.add(Kind::Removed, place, "", (before, None), None);
                }
            }
        }
        for new in b.iter().filter(|new| !a.iter().any(|old| id(old) == id(new))) {
            let place = Place { section, id: Some(id(new)) };
            let after = Some(words(&self.b, new));
            self.add(Kind::Added, place, "", (None, after), None);
        }
    }

    fn add(
        &mut self,
        kind: Kind,
        place: Place<'_>,
        key: &str,
        (before, after): (Option<String>, Option<String>),
        effect: Option<String>,
    ) {
        let id = place.id.map(str::to_owned);
        let (section, key) = (place.section, key.to_owned());
        self.differences.push(Difference { kind, section, id, key, before, after, effect });
    }
}

impl fmt::Display for Difference {
    /// `spend: points: 1 point for each 1.00 GBP → 2 points for each 1.00 GBP: every order
    /// earns more`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = self.id.as_deref().unwrap_or(self.section);
        let part = |text: &Option<String>| text.clone().unwrap_or_else(|| "nothing".into());
        match self.kind {
            Kind::Added => write!(f, "{what} is new: {}", part(&self.after))?,
            Kind::Removed => write!(f, "{what} is gone: {}", part(&self.before))?,
            Kind::Changed => {
                let key =
                    if self.key.is_empty() { String::new() } else { format!(" {}", self.key) };
                write!(f, "{what}{key}: {} → {}", part(&self.before), part(&self.after))?;
            }
        }
        match &self.effect {
            Some(effect) => write!(f, ": {effect}"),
            None => Ok(()),
        }
    }
}
