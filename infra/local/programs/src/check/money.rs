//! Money for which orders earn nothing.

use domain::{
    money::Currency,
    program::{Effect, Formula, Trigger},
};

use super::{Checking, Code};

pub(super) fn check(checking: &mut Checking<'_>) {
    let program = checking.program;
    let formulas: Vec<&Formula> = program
        .earn
        .iter()
        .filter(|rule| rule.on == Trigger::Order)
        .filter_map(|rule| match &rule.effect {
            Effect::Points { currency: 0, formula } => Some(formula),
            _ => None,
        })
        .collect();
    if formulas.is_empty() {
        return;
    }
    for money in std::iter::once(&program.money).chain(&program.other_money) {
        if !formulas.iter().any(|formula| gives_for(formula, *money, program.money)) {
            let sentence = format!("orders in {money} are taken and earn nothing");
            checking.find(Code::MoneyEarnsNothing, "program.money", sentence);
        }
    }
}

fn gives_for(formula: &Formula, paid: Currency, counted: Currency) -> bool {
    match formula {
        Formula::Rate { .. } | Formula::Steps { .. } | Formula::Bands { .. } => paid == counted,
        Formula::ByMoney(by_money) => by_money.iter().any(|(money, _)| *money == paid),
        Formula::ByTier(by_tier) => by_tier.iter().any(|(_, each)| gives_for(each, paid, counted)),
        // A share is of rules that are looked at themselves.
        Formula::ShareOf { .. } => false,
        Formula::Flat { .. } | Formula::PerItem { .. } | Formula::Chance(_) => true,
    }
}
