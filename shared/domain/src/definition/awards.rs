//! Awards: what a rule gives and how much of it.

use std::{borrow::Cow, fmt};

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, SeqAccess, Visitor},
};

use super::{
    amounts::{is_name, some_money, some_points},
    file::AwardTable,
    problem::{Wrong, one_of},
    written::{Kind, Units, Written},
};
use crate::{
    program::{Formula, Limit, LimitPer, Most, PartialRefund},
    ratio::Ratio,
};

/// What a rule gives, at length: a table, or an award for each money.
pub enum LongAward {
    /// A table.
    Table(Box<AwardTable>),
    /// One short award for each money.
    List(Vec<Written<Award>>),
}

struct LongAwardVisitor;

impl<'de> Visitor<'de> for LongAwardVisitor {
    type Value = LongAward;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&Award::expected())
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<LongAward, A::Error> {
        AwardTable::deserialize(de::value::MapAccessDeserializer::new(map))
            .map(|table| LongAward::Table(Box::new(table)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<LongAward, A::Error> {
        Vec::deserialize(de::value::SeqAccessDeserializer::new(seq)).map(LongAward::List)
    }
}

impl<'de> Deserialize<'de> for LongAward {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LongAwardVisitor)
    }
}

impl JsonSchema for LongAward {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "LongAward".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let table = generator.subschema_for::<AwardTable>();
        let list = generator.subschema_for::<Vec<Written<Award>>>();
        let mut schema = Schema::default();
        schema.insert("anyOf".into(), serde_json::json!([table, list]));
        schema
    }
}

/// What a rule gives, in short.
pub struct Award;

impl Kind for Award {
    type Value = Formula;
    const WHAT: &'static str = "an award";
    const EXAMPLES: &'static [&'static str] =
        &["1 per 1.00 GBP", "1 per full 5.00 GBP", "2 per item", "25 points"];
    const NUMBER: bool = true;

    fn read(text: &str, units: &Units) -> Result<Formula, Wrong> {
        let Some((number, per)) = text.split_once(" per ") else {
            let points = some_points::<Self>(text, units)?;
            return Ok(Formula::Flat { points, on_partial_refund: PartialRefund::Keep });
        };
        if per == "item" {
            return Ok(Formula::PerItem { points: some_points::<Self>(number, units)? });
        }
        if let Some(step) = per.strip_prefix("full ") {
            let points = some_points::<Self>(number, units)?;
            return Ok(Formula::Steps { points, step: some_money::<Self>(step, units)? });
        }
        let per_minor = rate(number, some_money::<Self>(per, units)?, units);
        Ok(Formula::Rate { per_minor: per_minor.ok_or_else(Self::misread)? })
    }
}

/// Smallest units of points for each minor unit of money. A rate may be finer than the
/// points are: only what it gives is rounded.
fn rate(number: &str, per_minor_units: i64, units: &Units) -> Option<Ratio> {
    let (number, name) = number.split_once(' ').unwrap_or((number, ""));
    let number: Ratio = number.parse().ok()?;
    if number.is_zero() || !(name.is_empty() || is_name(name, units)) {
        return None;
    }
    let scale = 10_u128.pow(u32::from(units.decimals));
    number.checked_mul(Ratio::new(scale, u128::try_from(per_minor_units).ok()?)?)
}

/// Odds: how many of how many win.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Odds(pub u32, pub u32);

impl Kind for Odds {
    type Value = Odds;
    const WHAT: &'static str = "odds";
    const EXAMPLES: &'static [&'static str] = &["1 in 10"];

    fn read(text: &str, _: &Units) -> Result<Odds, Wrong> {
        let (wins, of) = text.split_once(" in ").ok_or_else(Self::misread)?;
        match (wins.parse(), of.parse()) {
            (Ok(wins), Ok(of)) if 0 < wins && wins <= of => Ok(Odds(wins, of)),
            _ => Err(Self::misread()),
        }
    }
}

/// A cap on a rule.
pub struct Cap;

/// Days in a row, such as `30 days`.
///
/// # Errors
///
/// None of them, or too many.
pub fn days(span: &str) -> Option<Result<LimitPer, Wrong>> {
    let days: u16 = span.strip_suffix(" days")?.parse().ok()?;
    let longest = LimitPer::DAYS_MAX;
    let fits = (2..=longest).contains(&days);
    let expected = || format!("2 to {longest} days, or \"day\"");
    Some(
        fits.then_some(LimitPer::Days(days))
            .ok_or_else(|| Wrong::new("is no number of days that a limit may have", expected())),
    )
}

const SPANS: [(&str, LimitPer); 14] = [
    ("order", LimitPer::Order),
    ("day", LimitPer::Day),
    ("week", LimitPer::Week),
    ("month", LimitPer::Month),
    ("quarter", LimitPer::Quarter),
    ("year", LimitPer::Year),
    ("lifetime", LimitPer::Lifetime),
    ("subject", LimitPer::Subject),
    ("product", LimitPer::Subject),
    ("network", LimitPer::Subject),
    ("code", LimitPer::Subject),
    ("event", LimitPer::Subject),
    ("program", LimitPer::Everybody),
    ("giver and month", LimitPer::GiverMonth),
];

impl Kind for Cap {
    type Value = Limit;
    const WHAT: &'static str = "a limit";
    const EXAMPLES: &'static [&'static str] =
        &["500 points per week", "4 per week", "1 per 30 days", "1 per product"];

    fn read(text: &str, units: &Units) -> Result<Limit, Wrong> {
        let (number, span) = text.split_once(" per ").ok_or_else(Self::misread)?;
        let per = SPANS.iter().find(|(word, _)| *word == span).map(|(_, per)| Ok(*per));
        let words = SPANS.map(|(word, _)| word);
        let per = per.or_else(|| days(span)).unwrap_or_else(|| {
            let expected = format!("points per {}", one_of(words));
            Err(Wrong { expected, ..Wrong::unknown(span, words) })
        })?;
        // A number alone counts how often the rule gives anything.
        let most = match number.contains(' ') {
            true => Most::Points(some_points::<Self>(number, units)?),
            false => {
                let times: u32 = number.parse().map_err(|_| Self::misread())?;
                Most::Times(times)
            }
        };
        match most {
            Most::Times(0) => Err(Wrong::new("allows nothing", "at least 1")),
            Most::Times(_) if per == LimitPer::Order => {
                Err(Wrong::new("is so for every rule", format!("{number} points per order")))
            }
            Most::Points(_) if per == LimitPer::Subject => {
                Err(Wrong::new("counts points", format!("how often, such as \"1 per {span}\"")))
            }
            most => Ok(Limit { most, per }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::written::check, *};

    const NO_AWARD: &str = "is not an award: an award such as \"1 per 1.00 GBP\", \
                            \"1 per full 5.00 GBP\", \"2 per item\" or \"25 points\"";

    #[test]
    fn an_award_is_a_rate_full_steps_or_a_number() {
        check::<Award>(
            0,
            &[
                ("1 per full 5.00 GBP", "Steps { points: Points(1), step: 500 }"),
                ("25 points", "Flat { points: Points(25), on_partial_refund: Keep }"),
                ("25", "Flat { points: Points(25), on_partial_refund: Keep }"),
                ("1 per 5", NO_AWARD),
                ("1 per full 5", NO_AWARD),
                ("one per 1.00 GBP", NO_AWARD),
                ("0 per 1.00 GBP", NO_AWARD),
                ("1 mile per 1.00 GBP", NO_AWARD),
                ("1 per 0.00 GBP", "is no money: more than zero"),
                ("1 per full 0.00 GBP", "is no money: more than zero"),
                ("0", "is nothing: more than 0 points"),
                (
                    "1.5 per full 5.00 GBP",
                    "has more decimals than these points keep: at most 0 decimals",
                ),
                ("1 per 1.00 EUR", "is other money than the program's: an amount in GBP"),
            ],
        );
    }

    #[test]
    fn a_rate_is_exact_and_may_be_finer_than_the_points() {
        let per_minor = |text, decimals| match Award::read(text, &Units::for_tests(decimals)) {
            Ok(Formula::Rate { per_minor }) => Some(per_minor),
            _ => None,
        };
        assert_eq!(per_minor("1 per 1.00 GBP", 0), Ratio::new(1, 100));
        assert_eq!(per_minor("6.5 points per 1.00 GBP", 0), Ratio::new(65, 1000));
        assert_eq!(per_minor("1.2 Stars per 1.00 GBP", 3), Ratio::new(12, 1));
        assert_eq!(per_minor("1 per 3.00 GBP", 0), Ratio::new(1, 300));
    }

    #[test]
    fn a_limit_says_what_it_counts_and_over_which_span() {
        check::<Cap>(
            0,
            &[
                ("500 points per week", "Limit { most: Points(Points(500)), per: Week }"),
                ("50 Stars per order", "Limit { most: Points(Points(50)), per: Order }"),
                ("1 point per day", "Limit { most: Points(Points(1)), per: Day }"),
                ("5 points per month", "Limit { most: Points(Points(5)), per: Month }"),
                ("5 points per quarter", "Limit { most: Points(Points(5)), per: Quarter }"),
                ("5 points per year", "Limit { most: Points(Points(5)), per: Year }"),
                ("5 points per lifetime", "Limit { most: Points(Points(5)), per: Lifetime }"),
                ("5 per week", "Limit { most: Times(5), per: Week }"),
                ("1 per product", "Limit { most: Times(1), per: Subject }"),
                ("1 per 30 days", "Limit { most: Times(1), per: Days(30) }"),
                (
                    "1 per 400 days",
                    "is no number of days that a limit may have: 2 to 366 days, or \"day\"",
                ),
                ("9 points per program", "Limit { most: Points(Points(9)), per: Everybody }"),
                ("0 per week", "allows nothing: at least 1"),
                ("1 per order", "is so for every rule: 1 points per order"),
                ("5 points per code", "counts points: how often, such as \"1 per code\""),
                (
                    "5 points per fortnight",
                    "is not known: points per \"order\", \"day\", \"week\", \"month\", \"quarter\", \
                     \"year\", \"lifetime\", \"subject\", \"product\", \"network\", \"code\", \"event\", \
                     \"program\" or \"giver and month\"",
                ),
                ("0 points per week", "is nothing: more than 0 points"),
                (
                    "5 times per week",
                    "is not a limit: a limit such as \"500 points per week\", \"4 per week\", \
                     \"1 per 30 days\" or \"1 per product\"",
                ),
            ],
        );
    }
}
