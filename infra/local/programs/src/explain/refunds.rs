//! What a refund does.

use domain::program::{DebtPolicy, PointsCurrency};

use super::Teller;
use crate::words::Words;

pub(super) fn tell(teller: &mut Teller<'_>) {
    let PointsCurrency { debt, returned_live_at_least, .. } = teller.program().points();
    let words = teller.words;
    let order = format!("an order that is given back takes its {} with it", words.name(0));
    teller.tell("points.refund.clawback", format!("{order}: {}", debt_words(&words, debt)));
    let returned = format!(
        "{} that come back because a reward was undone can be spent for {returned_live_at_least} \
         at least",
        words.name(0)
    );
    teller.tell("points.refund.returned_points_live_at_least", returned);
}

/// What becomes of points that are taken back when they are spent already.
pub(crate) fn debt_words(words: &Words<'_>, debt: &DebtPolicy) -> String {
    let them = "those that are spent already";
    match debt {
        DebtPolicy::Allow => format!("{them} become debt, which new ones repay first"),
        DebtPolicy::UpTo(most) => {
            let most = words.points(0, *most);
            format!("{them} become debt, which new ones repay first, up to {most}")
        }
        DebtPolicy::WriteOff => format!("{them} are forgiven"),
        DebtPolicy::PendingOnly => "only those that are still waiting are taken back".to_owned(),
    }
}
