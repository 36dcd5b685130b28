//! How long points wait before they can be spent.

use domain::program::Pending;

use crate::words::{Words, spoken};

/// `14 days after the day of the order`.
pub(crate) fn waits(words: &Words<'_>, pending: &Pending) -> String {
    match pending {
        Pending::Never => "at once".to_owned(),
        Pending::For(period) => format!("{period} after the day of the order"),
        Pending::Until(day) => format!("from {} on", words.day(*day)),
        Pending::UntilStatus { status, cancelled_after } => {
            let in_vain = cancelled_after.map_or_else(String::new, |after| {
                format!("; those that wait for {after} in vain are cancelled")
            });
            format!("once it is {}{in_vain}", spoken(status))
        }
    }
}
