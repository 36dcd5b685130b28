//! Activities: what members do besides buying earns on the same path as orders.

use super::{Deciding, Outcome, order::Deed};
use crate::{
    draft::Draft,
    fact::{Activity, KeyedFact},
    refusal::Refusal,
};

impl Deciding<'_> {
    pub(super) fn activity(
        &self,
        draft: &mut Draft,
        activity: &Activity,
        keyed: &KeyedFact,
    ) -> Result<Outcome, Refusal> {
        let order = activity.as_order(self.program.money);
        if !self.program.takes(order.currency) {
            let expected = self.program.money;
            return Err(Refusal::Currency { given: order.currency, expected });
        }
        self.earn(draft, &Deed { order: &order, activity: Some(activity) }, keyed)
    }
}
