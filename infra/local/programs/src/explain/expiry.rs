//! When points end.

use domain::program::{Expiry, ExpiryByTier, OnDowngrade, PointsCurrency};

use super::Teller;
use crate::words::{Words, any_of, spoken};

pub(super) fn tell(teller: &mut Teller<'_>) {
    let PointsCurrency { expiry, kept_alive_by, extended_by, reinstated_within, by_tier, .. } =
        teller.program().points();
    let words = teller.words;
    match by_tier {
        None => {
            teller.tell("points.expiry", format!("{} {}", words.name(0), ends(&words, expiry)));
            if let (true, Expiry::After { to_end_of_month, .. }) = (teller.is_for_staff(), expiry) {
                let round = if *to_end_of_month { "end of month" } else { "none" };
                teller.note("points.expiry.round", format!("the date is rounded: {round}"));
            }
        }
        Some(ExpiryByTier { ends: by_level, on_downgrade }) => {
            for (level, expiry) in words.lowest_first(by_level) {
                let path = format!("points.expiry.by_tier.{level}");
                let level = words.level(level).to_owned();
                let text = format!("on the level {level} they {}", ends(&words, expiry));
                teller.tell(path, text);
            }
            let then = match on_downgrade {
                OnDowngrade::Rebase => "are dated as if they were earned on that day",
                OnDowngrade::Keep => "never end",
            };
            let text = format!("those of a member who comes to a level on which they end {then}");
            teller.note("points.expiry.on_downgrade", text);
        }
    }
    let inactive = matches!(expiry, Expiry::Inactive { .. });
    if inactive || extended_by.is_some() || reinstated_within.is_some() {
        let kinds: Vec<String> = kept_alive_by.iter().map(|kind| spoken(kind)).collect();
        let text = format!("being active means one of these: {}", any_of(&kinds));
        teller.tell("points.expiry.kept_alive_by", text);
    }
    if let Some(by) = extended_by {
        let text = format!("they live at least {by} from when {} were last active", words.who());
        teller.tell("points.expiry.by", text);
    }
    if let Some(within) = reinstated_within {
        let text =
            format!("those that ended come back if {} are active within {within}", words.who());
        teller.tell("points.expiry.reinstated_within", text);
    }
}

/// `end 12 months after their order, with the end of that month`.
pub(crate) fn ends(words: &Words<'_>, expiry: &Expiry) -> String {
    match expiry {
        Expiry::Never => "never end".to_owned(),
        Expiry::After { period, to_end_of_month: true } => {
            format!("end {period} after their order, with the end of that month")
        }
        Expiry::After { period, to_end_of_month: false } => {
            format!("end {period} after their order")
        }
        Expiry::Inactive { period } => {
            format!("all end when {} have not been active for {period}", words.who())
        }
        Expiry::Yearly { month, day } => {
            let date = jiff::civil::Date::new(2024, *month, *day).unwrap_or_default();
            format!("all end on every {}", date.strftime("%-d %B"))
        }
        Expiry::On(day) => format!("all end on {}", words.day(*day)),
    }
}
