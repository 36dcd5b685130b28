//! The text of a story, read line by line; README.md describes it for those who write one.

use jiff::{
    Timestamp,
    civil::{Date, DateTime},
    tz::TimeZone,
};

/// Whoever a line does not name.
const SOMEBODY: &str = "member";

/// A story.
#[derive(Debug)]
pub struct Story {
    /// The programs it is about: the first, and those that follow it.
    pub versions: Vec<Version>,
    /// What is tried in several ways.
    pub varies: Option<Varies>,
    /// What happens.
    pub lines: Vec<Line>,
}

/// A program file, and since when it is in force.
#[derive(Debug)]
pub struct Version {
    pub file: String,
    pub from: Option<Date>,
}

/// A key of the definition and the values that the story is told with.
#[derive(Debug)]
pub struct Varies {
    /// The way to the key: `tiers.on_refund`.
    pub key: String,
    pub values: Vec<Variant>,
}

/// A value that a story is told with.
#[derive(Debug, Clone)]
pub struct Variant {
    /// As TOML.
    pub value: String,
    /// As expectations speak of it.
    pub name: String,
}

/// One line: when, who, what, and what is expected of it.
#[derive(Debug)]
pub struct Line {
    /// Its number in the file, from 1.
    pub number: usize,
    pub text: String,
    pub when: When,
    pub member: String,
    /// The name of the fact and what belongs to it.
    pub fact: Vec<String>,
    /// What stands after the bar; nothing where only the fact itself matters.
    pub expected: String,
}

/// A time of a line.
#[derive(Debug, Clone, Copy)]
pub enum When {
    Local(DateTime),
    Instant(Timestamp),
}

impl When {
    /// A day is its noon.
    pub fn read(text: &str) -> Result<When, String> {
        if let Ok(timestamp) = text.parse::<Timestamp>() {
            return Ok(When::Instant(timestamp));
        }
        let wrong = |_| format!("{text:?} is no day and no time");
        match text.contains('T') {
            true => text.parse().map(When::Local).map_err(wrong),
            false => text.parse().map(|day: Date| When::Local(day.at(12, 0, 0, 0))).map_err(wrong),
        }
    }

    pub fn timestamp(self, zone: &TimeZone) -> Timestamp {
        match self {
            When::Instant(timestamp) => timestamp,
            When::Local(local) => {
                let zoned = local.to_zoned(zone.clone());
                zoned.expect("a time within the calendar").timestamp()
            }
        }
    }
}

impl Story {
    /// Reads a story; otherwise all that is wrong with it.
    pub fn read(text: &str) -> Result<Story, Vec<String>> {
        let mut story = Story { versions: Vec::new(), varies: None, lines: Vec::new() };
        let mut wrong = Vec::new();
        for (at, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if let Err(why) = story.take(at + 1, line) {
                wrong.push(format!("{}: {why}", at + 1));
            }
        }
        if story.versions.is_empty() {
            wrong.push("1: a story begins with its program, such as: program gap_seed".into());
        }
        for variant in story.variants() {
            for line in &story.lines {
                if let Err(why) = line.expected_for(variant.as_ref()) {
                    wrong.push(format!("{}: {why}", line.number));
                }
            }
        }
        if wrong.is_empty() { Ok(story) } else { Err(wrong) }
    }

    /// The ways to tell it: one, unless it says otherwise.
    pub fn variants(&self) -> Vec<Option<Variant>> {
        match &self.varies {
            None => vec![None],
            Some(varies) => varies.values.iter().cloned().map(Some).collect(),
        }
    }

    fn take(&mut self, number: usize, text: &str) -> Result<(), String> {
        let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        match word {
            "program" | "then" => {
                let is_first = word == "program";
                if is_first != self.versions.is_empty() {
                    return Err("a story has one `program`, and `then` those that follow it".into());
                }
                self.versions.push(version(rest, is_first)?);
            }
            "with" if self.varies.is_none() => self.varies = Some(varies(rest)?),
            "with" => return Err("a story varies one key only".into()),
            _ => self.lines.push(line(number, text)?),
        }
        Ok(())
    }
}

fn version(text: &str, is_first: bool) -> Result<Version, String> {
    let day = |text: &str| text.parse::<Date>().map_err(|_| format!("{text:?} is no day"));
    match text.split_whitespace().collect::<Vec<_>>().as_slice() {
        [file] if is_first => Ok(Version { file: (*file).to_owned(), from: None }),
        [file, "from", from] => Ok(Version { file: (*file).to_owned(), from: Some(day(from)?) }),
        _ => Err("expected a program file and its day, such as: then house from 2026-03-10".into()),
    }
}

fn varies(text: &str) -> Result<Varies, String> {
    let (key, values) =
        text.split_once('=').ok_or("expected a key and its values: with a.b = 1 | 2")?;
    let variant = |value: &str| {
        let value = value.trim().to_owned();
        Variant { name: value.trim_matches('"').to_owned(), value }
    };
    Ok(Varies { key: key.trim().to_owned(), values: values.split('|').map(variant).collect() })
}

fn line(number: usize, text: &str) -> Result<Line, String> {
    let (told, expected) = text.split_once('|').unwrap_or((text, ""));
    let mut words = told.split_whitespace().map(str::to_owned).peekable();
    let when = words.next().map(|word| When::read(&word)).transpose()?;
    let when = when.ok_or("expected a day, a fact, a bar, and what is expected")?;
    let named = words.next_if(|word| word.starts_with('@'));
    let member = named.map_or(SOMEBODY.to_owned(), |word| word[1..].to_owned());
    let fact: Vec<String> = words.collect();
    if fact.is_empty() {
        return Err("nothing happens: expected a fact, or - when only time passes".into());
    }
    let (text, expected) = (text.to_owned(), expected.trim().to_owned());
    Ok(Line { number, text, when, member, fact, expected })
}

impl Line {
    /// What is expected when the story is told with this variant: of
    /// `{keep: gold | recompute: green}` one word is left.
    pub fn expected_for(&self, variant: Option<&Variant>) -> Result<String, String> {
        let mut left = self.expected.as_str();
        let mut words = String::new();
        while let Some((before, braced)) = left.split_once('{') {
            let (inside, after) = braced.split_once('}').ok_or("a { without its }")?;
            let variant = variant.ok_or("there are alternatives, but no `with` line")?;
            let mut choices = inside.split('|').filter_map(|choice| choice.split_once(':'));
            let (_, chosen) = choices
                .find(|(name, _)| name.trim() == variant.name)
                .ok_or_else(|| format!("{{{inside}}} does not say what {} gives", variant.name))?;
            words.push_str(before);
            words.push_str(chosen.trim());
            left = after;
        }
        words.push_str(left);
        Ok(words)
    }
}
