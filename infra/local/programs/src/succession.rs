//! Whether a definition may be published as the next version of its program.
//!
//! A version is for ever: rows name it, refunds and explanations are computed under it. So
//! what histories, caps and reports speak of keeps its meaning from version to version.

mod meanings;

use domain::{
    program::{PointsCurrency, Program},
    time::Instant,
};
use serde::Serialize;

use self::meanings::meanings;

/// How far in the past a version may start: what a clock may be wrong by.
pub const PAST_MILLIS_MAX: i64 = 60_000;

/// A version that was published.
pub struct Version<'a> {
    /// What it means.
    pub program: &'a Program,
    /// Its text.
    pub text: &'a str,
}

/// Why a definition may not be the next version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Objection {
    /// What it is, for machines.
    pub code: Code,
    /// In words.
    pub sentence: String,
}

/// The kinds of objection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Code {
    /// The last version has the same text.
    Identical,
    /// It would start in the past.
    InThePast,
    /// It would start before the last version does.
    BeforeTheLast,
    /// An id stands for something else than it did.
    IdReused,
    /// The order of levels is another.
    LevelsReordered,
    /// What balances are kept in changed.
    Decimals,
    /// The further currencies changed their places.
    Currencies,
    /// The money that is counted changed.
    Money,
    /// Points would be multiplied a second time.
    RedenominatedAgain,
}

/// Everything that speaks against publishing `next`, whose text is `text`, at `now`.
pub fn objections(
    published: &[Version<'_>],
    next: &Program,
    text: &str,
    now: Instant,
) -> Vec<Objection> {
    let mut found = Objections(Vec::new());
    if next.in_force_from.plus_millis(PAST_MILLIS_MAX) < now {
        let sentence = format!(
            "it would be in force from {}, which is past (it is {now}): facts of that time are \
             decided",
            next.in_force_from
        );
        found.add(Code::InThePast, sentence);
    }
    let start = |version: &&Version<'_>| (version.program.in_force_from, version.program.version);
    let Some(last) = published.iter().max_by_key(start) else { return found.0 };
    if last.text == text {
        found.add(Code::Identical, format!("version {} has the same text", last.program.version));
    }
    if next.in_force_from < last.program.in_force_from {
        let sentence = format!(
            "it would be in force from {}, before version {}, which is from {}",
            next.in_force_from, last.program.version, last.program.in_force_from
        );
        found.add(Code::BeforeTheLast, sentence);
    }
    let mut versions: Vec<&Version<'_>> = published.iter().collect();
    versions.sort_by_key(start);
    reused_ids(&mut found, &versions, next);
    reordered_levels(&mut found, last.program, next);
    kept_otherwise(&mut found, last.program, next);
    found.0
}

struct Objections(Vec<Objection>);

impl Objections {
    fn add(&mut self, code: Code, sentence: String) {
        self.0.push(Objection { code, sentence });
    }
}

/// Ids that some version gave another meaning, in the last that did.
fn reused_ids(found: &mut Objections, versions: &[&Version<'_>], next: &Program) {
    for (id, meaning) in meanings(next) {
        let other = versions.iter().rev().find_map(|version| {
            let before = meanings(version.program).remove(&id)?;
            (before != meaning).then_some((version.program.version, before))
        });
        if let Some((version, before)) = other {
            let sentence = format!(
                "{id} {meaning}, and in version {version} it {before}: histories and reports speak \
                 of it, so what means something else needs an id of its own"
            );
            found.add(Code::IdReused, sentence);
        }
    }
}

/// Levels that were one above the other and are no more.
fn reordered_levels(found: &mut Objections, last: &Program, next: &Program) {
    let ids = |program: &Program| -> Vec<String> {
        let levels = program.tiers.iter().flat_map(|tiers| &tiers.levels);
        levels.map(|level| level.id.clone()).collect()
    };
    let (before, after) = (ids(last), ids(next));
    let kept: Vec<&String> = before.iter().filter(|id| after.contains(id)).collect();
    let now: Vec<&String> = after.iter().filter(|id| before.contains(id)).collect();
    let swapped = kept.iter().zip(&now).find(|(before, now)| before != now);
    if let Some((before, now)) = swapped {
        let sentence = format!(
            "the level {now} would be below {before}, which it was above: members are on levels by \
             their ids"
        );
        found.add(Code::LevelsReordered, sentence);
    }
}

/// What accounts keep in a way that the next version would read otherwise.
fn kept_otherwise(found: &mut Objections, last: &Program, next: &Program) {
    if last.money != next.money {
        let sentence = format!(
            "it counts {} and the version before {}: what members spent, and what points cost, is \
             kept in that money; a program of its own can count another",
            next.money, last.money
        );
        found.add(Code::Money, sentence);
    }
    let (before, after) = (last.points(), next.points());
    if after.decimals < before.decimals {
        found.add(Code::Decimals, decimals(before, after, "is kept in the finer ones"));
    }
    for (at, before) in last.currencies.iter().enumerate().skip(1) {
        match next.currencies.get(at) {
            Some(after) if after.id != before.id => {
                let sentence = format!(
                    "{} stands where {} stood: what is counted of a currency is kept under its \
                     place, so new ones come last and old ones stay",
                    after.id, before.id
                );
                found.add(Code::Currencies, sentence);
            }
            Some(after) if after.decimals != before.decimals => {
                found.add(Code::Decimals, decimals(before, after, "is kept in the old ones"));
            }
            Some(_) => {}
            None => {
                let sentence = format!(
                    "{} is gone: what is counted of a currency is kept under its place, so old ones \
                     stay, even if no level asks for them",
                    before.id
                );
                found.add(Code::Currencies, sentence);
            }
        }
    }
    if next.redenomination > 1 && next.redenomination == last.redenomination {
        let sentence = format!(
            "points.redenominated = {} stands in the version before as well, and would multiply all \
             points a second time: take it out",
            next.redenomination
        );
        found.add(Code::RedenominatedAgain, sentence);
    }
}

fn decimals(before: &PointsCurrency, after: &PointsCurrency, why: &str) -> String {
    format!(
        "{} keep {} decimals and kept {} before: what members have {why}",
        after.other, after.decimals, before.decimals
    )
}
