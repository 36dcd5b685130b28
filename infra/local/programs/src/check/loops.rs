//! Points out of points: by paying with them, and by way of gift cards.

use domain::program::{Base, EarnRule, Effect, Trigger};

use super::{Checking, Code};

const POINTS: &str = "points";
const GIFT_CARD: &str = "gift_card";

pub(super) fn check(checking: &mut Checking<'_>) {
    for (at, rule) in checking.program.earn.iter().enumerate() {
        let gives = matches!(rule.effect, Effect::Points { currency: 0, .. });
        if !gives || rule.on != Trigger::Order {
            continue;
        }
        let base = &checking.program.bases[rule.base];
        let path = format!("earn[{at}].base");
        if counts_tender(rule, base, POINTS) {
            let sentence = "counts what is paid with points, so spent points earn points: \
                            without_tenders should have \"points\""
                .to_owned();
            checking.find_of(Code::PointsEarnPoints, path.clone(), &rule.id, sentence);
        }
        if counts_category(rule, base, GIFT_CARD) && counts_tender(rule, base, GIFT_CARD) {
            let sentence =
                "counts gift cards that are bought and what is paid with them, so money \
                            that goes in a circle earns: without_categories or without_tenders \
                            should have \"gift_card\""
                    .to_owned();
            checking.find_of(Code::GiftCardsEarnTwice, path, &rule.id, sentence);
        }
    }
}

fn counts_tender(rule: &EarnRule, base: &Base, tender: &str) -> bool {
    let is = |known: &String| known == tender;
    base.only_tenders.as_ref().is_none_or(|only| only.iter().any(is))
        && !base.without_tenders.iter().any(is)
        && (rule.when.sole_tenders.is_empty() || rule.when.sole_tenders.iter().any(is))
}

fn counts_category(rule: &EarnRule, base: &Base, category: &str) -> bool {
    let is = |known: &String| known == category;
    !base.without_categories.iter().any(is)
        && (rule.when.categories.is_empty() || rule.when.categories.iter().any(is))
        && rule.when.products.is_empty()
        && !rule.unless.categories.iter().any(is)
}
