//! Values as they are written in a file: text with a place, read exactly later.

use std::{borrow::Cow, fmt, marker::PhantomData, ops::Range};

use jiff::tz::TimeZone;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, SeqAccess, Visitor},
};
use serde_json::json;
use toml::Spanned;

use super::problem::{Mistakes, Wrong, one_of};
use crate::money::Currency;

/// What a written text may mean.
///
/// To add a kind of value, make a type for it and say here how it is read; error messages
/// and the schema for editors follow.
pub trait Kind {
    /// The exact value.
    type Value;
    /// What the value is, with its article: `an amount of money`.
    const WHAT: &'static str;
    /// Texts that can be read.
    const EXAMPLES: &'static [&'static str];
    /// Whether the text may stand in the file as a bare number.
    const NUMBER: bool = false;

    /// Reads the value.
    fn read(text: &str, units: &Units) -> Result<Self::Value, Wrong>;

    /// The only texts that can be read, where there are only these.
    fn words() -> Vec<&'static str> {
        Vec::new()
    }

    /// That a text is nothing of this kind.
    fn misread() -> Wrong {
        Wrong::new(format!("is not {}", Self::WHAT), Self::expected())
    }

    /// What is expected, as a clause.
    fn expected() -> String {
        match Self::EXAMPLES {
            [] => Self::WHAT.to_owned(),
            examples => format!("{} such as {}", Self::WHAT, one_of(examples.iter().copied())),
        }
    }
}

/// What amounts are measured in. What could not be read itself is `None` and then fits
/// everything.
#[derive(Clone, Debug)]
pub struct Units {
    /// The program's money.
    pub money: Option<Currency>,
    /// The program's time zone.
    pub zone: TimeZone,
    /// Decimals that these points keep.
    pub decimals: u8,
    /// What one or several of these points are called.
    pub names: [String; 2],
}

/// A text of some kind, and where it stands.
pub struct Written<K> {
    /// The text; that of a number as it stands in the file.
    pub text: String,
    /// Where it stands, in bytes.
    pub at: Range<usize>,
    kind: PhantomData<K>,
}

/// A text of some kind, or a table or list that says more.
pub enum Either<K, T> {
    /// The short form.
    Short(Written<K>),
    /// The long form, and where it stands.
    Long(T, Range<usize>),
}

/// One text or a list of texts.
pub type OneOrMany<K> = Either<K, Vec<Written<K>>>;

impl<K> Either<K, Vec<Written<K>>> {
    /// The texts.
    pub fn all(&self) -> &[Written<K>] {
        match self {
            Either::Short(one) => std::slice::from_ref(one),
            Either::Long(many, _) => many,
        }
    }
}

impl Mistakes {
    /// The exact value of a text, or a note about what is wrong with it.
    pub fn read<K: Kind>(&mut self, written: &Written<K>, units: &Units) -> Option<K::Value> {
        self.read_as::<K, K>(written, units)
    }

    /// The exact value of a text whose kind follows from something else in the file.
    pub fn read_as<K: Kind, W>(&mut self, written: &Written<W>, units: &Units) -> Option<K::Value> {
        match K::read(&written.text, units) {
            Ok(value) => Some(value),
            Err(wrong) => {
                self.blame(written, wrong);
                None
            }
        }
    }

    /// The exact value of a text, or the default of a key that is not there.
    pub fn read_or<K: Kind>(
        &mut self,
        written: Option<&Written<K>>,
        units: &Units,
        default: K::Value,
    ) -> Option<K::Value> {
        written.map_or(Some(default), |written| self.read(written, units))
    }

    /// Notes that a text is wrong.
    pub fn blame<K>(&mut self, written: &Written<K>, wrong: Wrong) {
        self.add(written.at.clone(), &written.text, wrong);
    }
}

/// The text alone, so that an error names what is expected.
struct Text<K>(String, PhantomData<K>);

impl<'de, K: Kind> Deserialize<'de> for Text<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor(PhantomData))
    }
}

struct TextVisitor<K>(PhantomData<K>);

impl<K: Kind> Visitor<'_> for TextVisitor<K> {
    type Value = Text<K>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&K::expected())
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Text<K>, E> {
        Ok(Text(text.to_owned(), PhantomData))
    }
}

impl<'de, K: Kind> Deserialize<'de> for Written<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<Text<K>>::deserialize(deserializer)?;
        let at = spanned.span();
        Ok(Written { text: spanned.into_inner().0, at, kind: PhantomData })
    }
}

/// The short or the long form, before its place is known.
enum Form<T> {
    Short(String),
    Long(T),
}

struct FormVisitor<K, T>(PhantomData<(K, T)>);

impl<'de, K: Kind, T: Deserialize<'de>> Visitor<'de> for FormVisitor<K, T> {
    type Value = Form<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&K::expected())
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Form<T>, E> {
        Ok(Form::Short(text.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Form<T>, A::Error> {
        T::deserialize(de::value::MapAccessDeserializer::new(map)).map(Form::Long)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Form<T>, A::Error> {
        T::deserialize(de::value::SeqAccessDeserializer::new(seq)).map(Form::Long)
    }
}

/// A [`Form`] with the kind of its short form.
struct FormOf<K, T>(Form<T>, PhantomData<K>);

impl<'de, K: Kind, T: Deserialize<'de>> Deserialize<'de> for FormOf<K, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let form = deserializer.deserialize_any(FormVisitor::<K, T>(PhantomData))?;
        Ok(FormOf(form, PhantomData))
    }
}

impl<'de, K: Kind, T: Deserialize<'de>> Deserialize<'de> for Either<K, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<FormOf<K, T>>::deserialize(deserializer)?;
        let at = spanned.span();
        Ok(match spanned.into_inner().0 {
            Form::Short(text) => Either::Short(Written { text, at, kind: PhantomData }),
            Form::Long(long) => Either::Long(long, at),
        })
    }
}

impl<K: Kind> JsonSchema for Written<K> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        K::WHAT.into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let mut schema = Schema::default();
        let types = if K::NUMBER { json!(["string", "number"]) } else { json!("string") };
        schema.insert("type".into(), types);
        if !K::words().is_empty() {
            schema.insert("enum".into(), json!(K::words()));
        } else if !K::EXAMPLES.is_empty() {
            schema.insert("examples".into(), json!(K::EXAMPLES));
        }
        schema
    }
}

impl<K: Kind, T: JsonSchema> JsonSchema for Either<K, T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("{} or {}", K::WHAT, T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let short = Written::<K>::json_schema(generator);
        let long = generator.subschema_for::<T>();
        let mut schema = Schema::default();
        schema.insert("anyOf".into(), json!([short, long]));
        schema
    }
}

#[cfg(test)]
impl Units {
    /// Pounds in London, and points of so many decimals.
    pub fn for_tests(decimals: u8) -> Units {
        Units {
            money: "GBP".parse().ok(),
            zone: TimeZone::get("Europe/London").expect("a zone of the bundled database"),
            decimals,
            names: ["Star".into(), "Stars".into()],
        }
    }
}

/// Checks that each text reads as the value or is refused with the sentence beside it.
#[cfg(test)]
pub fn check<K: Kind<Value: fmt::Debug>>(decimals: u8, table: &[(&str, &str)]) {
    for (text, expected) in table {
        let read = match K::read(text, &Units::for_tests(decimals)) {
            Ok(value) => format!("{value:?}"),
            Err(wrong) => format!("{}: {}", wrong.complaint, wrong.expected),
        };
        assert_eq!(read, *expected, "{text:?}");
    }
}
