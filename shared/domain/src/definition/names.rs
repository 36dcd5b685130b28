//! Names: ids, words of the shop's own, time zones and currency codes.

use jiff::tz::{self, TimeZone};

use super::{
    problem::{Wrong, nearest},
    written::{Kind, Units},
};
use crate::{
    ids::{ID_BYTES_MAX, ProgramId},
    money::Currency,
};

/// The longest text that is shown to members, in characters.
const TITLE_MAX: usize = 100;

/// An id that the definition gives to something of its own.
pub struct Id;

impl Kind for Id {
    type Value = ProgramId;
    const WHAT: &'static str = "an id";
    const EXAMPLES: &'static [&'static str] = &["black-friday"];

    fn read(text: &str, _: &Units) -> Result<ProgramId, Wrong> {
        text.parse().map_err(|bad: crate::ids::BadId| {
            Wrong::new("is not an id", format!("{}: {bad}", Self::expected()))
        })
    }
}

/// A reference to something that the definition names elsewhere.
pub struct Reference;

impl Kind for Reference {
    type Value = String;
    const WHAT: &'static str = "the id of something in this file";
    const EXAMPLES: &'static [&'static str] = &[];

    fn read(text: &str, _: &Units) -> Result<String, Wrong> {
        Ok(text.to_owned())
    }
}

/// A text that is shown to members.
pub struct Title;

impl Kind for Title {
    type Value = String;
    const WHAT: &'static str = "a name";
    const EXAMPLES: &'static [&'static str] = &["House Rewards"];

    fn read(text: &str, _: &Units) -> Result<String, Wrong> {
        let shown = !text.trim().is_empty() && !text.chars().any(char::is_control);
        match shown && text.chars().count() <= TITLE_MAX {
            true => Ok(text.to_owned()),
            false => Err(Wrong::new(
                "is not a name",
                format!("1 to {TITLE_MAX} characters on one line, such as \"House Rewards\""),
            )),
        }
    }
}

/// A condition in CEL, which is checked where it is known what it is about.
pub struct Cel;

impl Kind for Cel {
    type Value = String;
    const WHAT: &'static str = "a condition in CEL";
    const EXAMPLES: &'static [&'static str] = &["order.hour < 12", "line.quantity >= 3"];

    fn read(text: &str, _: &Units) -> Result<String, Wrong> {
        Ok(text.to_owned())
    }
}

/// A remark that nobody decides by.
pub struct Note;

impl Kind for Note {
    type Value = String;
    const WHAT: &'static str = "a remark";
    const EXAMPLES: &'static [&'static str] = &["the shop's own leaflet"];

    fn read(text: &str, _: &Units) -> Result<String, Wrong> {
        let proper = !text.trim().is_empty() && text.len() <= 1_000;
        if proper { Ok(text.to_owned()) } else { Err(Self::misread()) }
    }
}

/// A word that the shop uses in its orders: a product, a category, a channel.
pub struct Word;

impl Kind for Word {
    type Value = String;
    const WHAT: &'static str = "a word that the shop uses in its orders";
    const EXAMPLES: &'static [&'static str] = &["gift_card"];
    const NUMBER: bool = true;

    fn read(text: &str, _: &Units) -> Result<String, Wrong> {
        let proper = !text.is_empty() && text.len() <= ID_BYTES_MAX;
        match proper && !text.chars().any(char::is_control) {
            true => Ok(text.to_owned()),
            false => Err(Self::misread()),
        }
    }
}

/// A time zone by its IANA name.
pub struct Zone;

impl Kind for Zone {
    type Value = TimeZone;
    const WHAT: &'static str = "a time zone";
    const EXAMPLES: &'static [&'static str] = &["Europe/London", "America/New_York"];

    fn read(text: &str, _: &Units) -> Result<TimeZone, Wrong> {
        TimeZone::get(text).map_err(|_| {
            let known: Vec<String> = tz::db().available().map(|name| name.to_string()).collect();
            let nearest = nearest(text, known.iter().map(String::as_str));
            Wrong { nearest, ..Self::misread() }
        })
    }
}

/// Money by its ISO 4217 code.
pub struct MoneyCode;

impl Kind for MoneyCode {
    type Value = Currency;
    const WHAT: &'static str = "a currency code";
    const EXAMPLES: &'static [&'static str] = &["GBP", "EUR"];

    fn read(text: &str, _: &Units) -> Result<Currency, Wrong> {
        let code: Currency = text.parse().map_err(|_| Self::misread())?;
        match code.is_in_use() {
            true => Ok(code),
            false => Err(Wrong::new("is no money in use", "a code of ISO 4217 such as \"GBP\"")),
        }
    }
}
