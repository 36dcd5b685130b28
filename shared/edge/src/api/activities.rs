//! Activities as callers send them, one or several at a time.

use std::fmt;

use domain::{
    fact::{Activity, UNITS_MAX},
    ids::MemberId,
    time::Instant,
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{self, MapAccess, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use super::{Money, Recorded, id, member_id};
use crate::Problem;

/// The most activities of one request.
pub const ACTIVITIES_MAX: usize = 100;

/// Something that a member did besides buying.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewActivity {
    /// The source's id of it. The same id with the same content counts once, for ever.
    pub id: String,
    /// Who did it.
    pub member: String,
    /// What was done, in the program's words: `review`, `wish_list`, `run`.
    pub kind: String,
    /// Grows with each change of it, where the source counts changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
    /// What it is about: a product, a network, a code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The member who gives it, such as who thanks; never the one whose it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given_by: Option<String>,
    /// When it was done, if not now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub done_at: Option<Instant>,
    /// When whatever measured it handed it over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub synced_at: Option<Instant>,
    /// How much of it: 5.2 of 5.2 km.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Quantity>,
    /// The unit of the quantity, for those who read requests: `km`. Nothing is converted
    /// and nothing counts by it, so a kind of activity has one unit always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// What was paid, such as for a card that was loaded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
    /// Where: `web`, `app`, `store` …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// In which store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub store: Option<String>,
    /// How far it is: what its points may wait for, such as `verified`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Whether it does not count any more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub withdrawn: bool,
}

/// A decimal number as it was written. No float is ever made of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Quantity(String);

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        match raw.get().as_bytes() {
            [b'"', ..] => serde_json::from_str(raw.get()).map(Quantity).map_err(de::Error::custom),
            [b'-' | b'0'..=b'9', ..] => Ok(Quantity(raw.get().to_owned())),
            _ => Err(de::Error::custom("expected a number, or a text such as \"5.2\"")),
        }
    }
}

impl JsonSchema for Quantity {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Quantity".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A decimal number of at most three decimals: 5.2 or \"5.2\"",
            "anyOf": [
                { "type": "number", "exclusiveMinimum": 0, "maximum": 1_000_000 },
                { "type": "string", "pattern": "^[0-9]+(\\.[0-9]{1,3})?$" },
            ],
        })
    }
}

impl Quantity {
    /// Thousandths of units.
    fn thousandths(&self) -> Result<u32, Problem> {
        let (whole, fraction) = self.0.split_once('.').unwrap_or((&self.0, "0"));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let written = (digits(whole) && digits(fraction) && fraction.len() <= 3)
            .then(|| format!("{whole}{fraction:0<3}").parse::<u32>().ok());
        written.flatten().filter(|units| (1..=UNITS_MAX).contains(units)).ok_or_else(|| {
            let detail = "quantity must be a decimal number between 0.001 and 1000000 with at \
                          most 3 decimals";
            Problem::unprocessable("QUANTITY", detail).with("path", "quantity")
        })
    }
}

/// One activity, or a list of 1 to 100.
#[derive(Debug, Clone)]
pub enum NewActivities {
    /// One.
    One(Box<NewActivity>),
    /// A list.
    Several(Vec<NewActivity>),
}

struct OneOrSeveral;

impl<'de> Visitor<'de> for OneOrSeveral {
    type Value = NewActivities;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an activity or a list of activities")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<NewActivities, A::Error> {
        let one = NewActivity::deserialize(de::value::MapAccessDeserializer::new(map))?;
        Ok(NewActivities::One(Box::new(one)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<NewActivities, A::Error> {
        Vec::deserialize(de::value::SeqAccessDeserializer::new(seq)).map(NewActivities::Several)
    }
}

impl<'de> Deserialize<'de> for NewActivities {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneOrSeveral)
    }
}

impl JsonSchema for NewActivities {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "NewActivities".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let one = generator.subschema_for::<NewActivity>();
        json_schema!({
            "description": "One activity, or a list of 1 to 100",
            "anyOf": [
                one.clone(),
                { "type": "array", "items": one, "minItems": 1, "maxItems": ACTIVITIES_MAX },
            ],
        })
    }
}

impl NewActivity {
    /// The member and the activity as a fact.
    ///
    /// # Errors
    ///
    /// A problem that names the field.
    pub fn into_fact(self) -> Result<(MemberId, Activity), Problem> {
        let named = |field: &'static str| move |problem: Problem| problem.with("path", field);
        let amount = match &self.amount {
            Some(money) => {
                let currency = money.code("amount.currency").map_err(named("amount.currency"))?;
                Some((money.amount, currency))
            }
            None => None,
        };
        let unit = self.unit.map(|unit| id::<domain::ids::ExternalId>("unit", unit)).transpose();
        unit.map_err(named("unit"))?;
        let activity = Activity {
            id: id("id", self.id).map_err(named("id"))?,
            version: self.version,
            activity: self.kind,
            subject: self.subject,
            given_by: self
                .given_by
                .map(|by| id("given_by", by))
                .transpose()
                .map_err(named("given_by"))?,
            done_at: self.done_at,
            synced_at: self.synced_at,
            units: self.quantity.as_ref().map(Quantity::thousandths).transpose()?,
            amount,
            channel: self.channel,
            store: self.store,
            status: self.status,
            withdrawn: self.withdrawn,
        };
        if activity.withdrawn && activity.version.is_none() {
            let detail = "what is withdrawn is a later version of the activity: say version";
            return Err(Problem::unprocessable("VERSION", detail).with("path", "version"));
        }
        Ok((member_id(self.member).map_err(named("member"))?, activity))
    }
}

/// Activities that are on a queue and will be recorded. What the rules do not allow after
/// all, such as one of an unknown member, is kept as a rejection.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Accepted {
    /// In the order of the request.
    pub accepted: Vec<AcceptedActivity>,
}

/// An activity that is on a queue.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct AcceptedActivity {
    /// The source's id of it.
    pub id: String,
    /// Who did it.
    pub member: String,
    /// The key by which the member's history will have it.
    pub key: String,
}

/// What activities would do, each by itself.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum WouldBe {
    /// The one that was sent.
    One(Box<Recorded>),
    /// Those of the list, in its order.
    Several(Vec<Recorded>),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn thousandths(json: &str) -> Result<u32, String> {
        let quantity: Quantity = serde_json::from_str(json).map_err(|error| error.to_string())?;
        quantity.thousandths().map_err(|problem| problem.code().to_owned())
    }

    #[test]
    fn a_quantity_is_read_from_its_text_exactly() {
        let good = [
            ("5", 5_000),
            ("5.2", 5_200),
            ("\"5.2\"", 5_200),
            ("0.001", 1),
            ("\"20\"", 20_000),
            ("1000000", 1_000_000_000),
            ("999999.999", 999_999_999),
        ];
        for (json, expected) in good {
            assert_eq!(thousandths(json), Ok(expected), "{json}");
        }
        let bad = [
            "0",
            "0.0001",
            "5.2000",
            "1e3",
            "1E-1",
            "-1",
            "-0.5",
            "1000000.001",
            "\"\"",
            "\".5\"",
            "\"5.\"",
            "\"+5\"",
            "\" 5\"",
            "\"5,2\"",
            "\"5.2.1\"",
            "\"٥\"",
            "99999999999999999999",
        ];
        for json in bad {
            assert_eq!(thousandths(json), Err("QUANTITY".into()), "{json}");
        }
        for json in ["[5]", "{}", "true", "5."] {
            assert!(serde_json::from_str::<Quantity>(json).is_err(), "{json}");
        }
    }
}
