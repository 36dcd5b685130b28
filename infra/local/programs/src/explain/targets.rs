//! What the shop wants of its program, which staff alone read.

use domain::{
    money::display_minor,
    program::{Program, Targets},
};

use super::Teller;
use crate::words::formulas::percent;

pub(super) fn tell(teller: &mut Teller<'_>) {
    for (key, text) in target_words(teller.program()) {
        if let Some(text) = text {
            teller.note(format!("targets.{key}"), text);
        }
    }
}

/// Every target by its key; none where the shop wants nothing.
pub(crate) fn target_words(program: &Program) -> [(&'static str, Option<String>); 4] {
    let Targets { cost, in_reach, first_reward_days, liability } = &program.targets;
    let cost = cost.map(|most| format!("it costs {} of the revenue at most", percent(most)));
    let in_reach = in_reach.map(|least| {
        format!("{} of the members at least can have a reward some day", percent(least))
    });
    let first_reward = first_reward_days.map(|days| {
        format!("half of those who can have a reward can within {days} days of joining")
    });
    let liability = liability.map(|most| {
        let most = display_minor(most, program.money);
        format!("outstanding points cost {most} at most at the end of any month")
    });
    [
        ("cost", cost),
        ("in_reach", in_reach),
        ("first_reward", first_reward),
        ("liability", liability),
    ]
}
