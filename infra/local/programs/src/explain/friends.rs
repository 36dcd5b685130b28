//! What counts as bringing a friend.

use domain::program::Referrals;

use super::Teller;
use crate::words::Words;

pub(super) fn tell(teller: &mut Teller<'_>) {
    if let Some(referral) = &teller.program().referral {
        teller.tell("referral", referral_words(&teller.words, referral));
        teller.note(
            "referral",
            "who brings themselves, somebody who is known, or who brought them, is set aside for \
             the shop to look at",
        );
    }
}

/// `a friend counts who came by a member's code and orders within 90 days on the first order`.
pub(crate) fn referral_words(words: &Words<'_>, referral: &Referrals) -> String {
    let Referrals { rule, within, link } = referral;
    let rule = &words.program.earn[*rule];
    let mut text = "a friend counts who came by a member's code and orders".to_owned();
    if let Some(within) = within {
        text.push_str(&format!(" within {within}"));
    }
    let clauses = words.conditions(&rule.when).into_iter().chain(words.exclusions(&rule.unless));
    clauses.for_each(|clause| text.push_str(&format!(", {clause}")));
    if let Some(link) = link {
        text.push_str(&format!("; friends follow {}", link.replace("{code}", "CODE")));
    }
    text
}
