//! A program in plain sentences: one file a section, each of which takes its part of the
//! program apart, so that a new part cannot be forgotten.

mod base;
mod earn;
mod expiry;
mod friends;
mod goals;
mod points;
mod program;
mod refunds;
mod rewards;
mod targets;
mod tiers;
mod waiting;

pub(crate) use base::base_words;
pub(crate) use earn::rule_words;
pub(crate) use expiry::ends;
pub(crate) use friends::referral_words;
pub(crate) use goals::{board_words, gives_words, goal_words, span_words, step_words};
pub(crate) use refunds::debt_words;
pub(crate) use rewards::{price_words, reward_words};
pub(crate) use targets::target_words;
pub(crate) use tiers::{requirement_words, validity_words, window_words};
pub(crate) use waiting::waits;

use std::{collections::BTreeSet, fmt};

use domain::program::Program;
use serde::Serialize;

use crate::words::{Audience, Words};

/// What a program says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// The program's id.
    pub program: String,
    /// What members call it.
    pub name: String,
    /// Its sections, in the order in which a person asks.
    pub sections: Vec<Section>,
}

/// The answer to one question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Section {
    /// The question.
    pub title: String,
    /// The answer.
    pub sentences: Vec<Sentence>,
}

/// One thing that is so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sentence {
    /// The key that says so, such as `earn[2]`.
    pub path: String,
    /// The id of the rule, level, goal or reward.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// In words.
    pub text: String,
    /// Whether the definition does not say so itself.
    pub by_default: bool,
}

/// What a program says to an audience; `stated` are the keys of its definition.
pub fn explain(program: &Program, stated: &BTreeSet<String>, audience: Audience) -> Explanation {
    let words = Words { program, audience };
    let section = |title: String, tell: fn(&mut Teller<'_>)| {
        let mut teller = Teller { words, stated, sentences: Vec::new() };
        tell(&mut teller);
        Section { title, sentences: teller.sentences }
    };
    let mut sections = vec![
        section("What is it?".into(), program::tell),
        section(format!("What are {}?", words.name(0)), points::tell),
        section(format!("How do {} earn?", words.who()), earn::tell),
        section("What counts?".into(), base::tell),
        section(format!("What else can {} earn?", words.who()), goals::tell),
        section("What is it to bring a friend?".into(), friends::tell),
        section("What are the levels?".into(), tiers::tell),
        section(format!("What do {} buy?", words.name(0)), rewards::tell),
        section("When do they end?".into(), expiry::tell),
        section("What if something is given back?".into(), refunds::tell),
        section("What does the shop want of it?".into(), targets::tell),
    ];
    sections.retain(|section| !section.sentences.is_empty());
    Explanation { program: program.id.to_string(), name: program.name.clone(), sections }
}

/// What a section tells with.
struct Teller<'p> {
    words: Words<'p>,
    stated: &'p BTreeSet<String>,
    sentences: Vec<Sentence>,
}

impl<'p> Teller<'p> {
    fn program(&self) -> &'p Program {
        self.words.program
    }

    fn is_for_staff(&self) -> bool {
        self.words.audience == Audience::Staff
    }

    /// Tells everybody.
    fn tell(&mut self, path: impl Into<String>, text: impl Into<String>) {
        self.add(path.into(), None, text.into());
    }

    /// Tells everybody something about a thing with an id.
    fn tell_of(&mut self, path: impl Into<String>, id: &str, text: impl Into<String>) {
        self.add(path.into(), Some(id.to_owned()), text.into());
    }

    /// Tells staff alone.
    fn note(&mut self, path: impl Into<String>, text: impl Into<String>) {
        if self.is_for_staff() {
            self.add(path.into(), None, text.into());
        }
    }

    /// Tells staff alone something about a thing with an id.
    fn note_of(&mut self, path: impl Into<String>, id: &str, text: impl Into<String>) {
        if self.is_for_staff() {
            self.add(path.into(), Some(id.to_owned()), text.into());
        }
    }

    fn add(&mut self, path: String, id: Option<String>, text: String) {
        let by_default = !self.stated.contains(&path);
        let text = match (self.is_for_staff(), &id) {
            (true, Some(id)) => format!("{id}: {text}"),
            _ => crate::words::capital(&text),
        };
        self.sentences.push(Sentence { path, id, text: format!("{text}."), by_default });
    }
}

impl Words<'_> {
    /// Whom sentences speak of.
    pub(crate) fn who(&self) -> &'static str {
        match self.audience {
            Audience::Customers => "you",
            Audience::Staff => "members",
        }
    }
}

impl Explanation {
    /// As text; staff read which of it is so by default.
    pub fn text(&self, audience: Audience) -> String {
        let mut text = format!("# {}\n", self.name);
        for section in &self.sections {
            text.push_str(&format!("\n## {}\n\n", section.title));
            for Sentence { text: sentence, by_default, .. } in &section.sentences {
                let note = match audience {
                    Audience::Staff if *by_default => " (By default.)",
                    _ => "",
                };
                text.push_str(&format!("- {sentence}{note}\n"));
            }
        }
        text
    }
}

impl fmt::Display for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
