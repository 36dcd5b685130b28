//! What counts as bringing a friend.

use super::{
    super::{
        file::{Definition, EarnSection},
        problem::{Mistakes, Wrong},
        words::Only,
        written::OneOrMany,
    },
    Known,
    conditions::conditions,
    goals::counts,
};
use crate::{
    program::{EarnRule, Referrals, Trigger},
    referral::REFERRAL,
};

/// Where the code goes in a link.
const CODE: &str = "{code}";

/// The terms, whose rule goes to the end of `rules`; nothing without the table, which rules
/// that speak of referrals need.
pub fn referral(
    file: &Definition,
    known: &Known,
    rules: &mut Vec<EarnRule>,
    mistakes: &mut Mistakes,
) -> Option<Referrals> {
    let Some(table) = &file.referral else {
        file.earn.iter().for_each(|rule| needs_none(rule, mistakes));
        return None;
    };
    let on = Trigger::Order;
    let within = table.within.as_ref().and_then(|it| mistakes.read(it, known.points()));
    let when = conditions(table.when.as_ref(), &on, known, mistakes)?;
    let unless = conditions(table.unless.as_ref(), &on, known, mistakes)?;
    let link = table.link.as_ref().and_then(|it| mistakes.read(it, known.points()));
    if let (Some(written), Some(text)) = (&table.link, &link)
        && !(text.starts_with("https://") && text.matches(CODE).count() == 1)
    {
        let wrong = Wrong::new("does not lead a friend anywhere", "https:// and {code} once");
        mistakes.blame(written, wrong);
    }
    let rule = rules.len();
    rules.push(counts("referral/order".to_owned(), on, when, unless));
    Some(Referrals { rule, within, link })
}

/// Notes what only works with the table.
fn needs_none(rule: &EarnSection, mistakes: &mut Mistakes) {
    let wrong = Wrong::new(
        "is about bringing friends, and nothing says what counts as that",
        "a table [referral]",
    );
    if rule.on.text == REFERRAL {
        mistakes.blame(&rule.on, wrong.clone());
    }
    let only = rule.when.as_ref().and_then(|when| when.only.as_ref());
    for word in only.map(OneOrMany::all).unwrap_or_default() {
        if word.text == Only::FRIENDS_ORDER {
            mistakes.blame(word, wrong.clone());
        }
    }
}
