//! A decision in the making: an account, and the changes made to it so far.

use crate::{
    account::{Account, Lot, Purse},
    change::{Change, Impossible, Movement, Place, apply},
    points::Points,
    time::Day,
};

/// An account under decision.
#[derive(Clone, Debug, Default)]
pub(crate) struct Draft {
    /// The account with all changes so far.
    pub account: Account,
    /// The changes, in order.
    pub changes: Vec<Change>,
}

impl Draft {
    pub fn of(account: Account) -> Draft {
        Draft { account, changes: Vec::with_capacity(8) }
    }

    pub fn make(&mut self, change: Change) -> Result<(), Impossible> {
        apply(&mut self.account, &change)?;
        self.changes.push(change);
        Ok(())
    }

    /// Moves points; moving none changes nothing.
    pub fn take(
        &mut self,
        currency: usize,
        from: Place,
        to: Place,
        points: Points,
    ) -> Result<(), Impossible> {
        if points.is_zero() {
            return Ok(());
        }
        let currency = u8::try_from(currency).map_err(|_| Impossible::Overflow)?;
        self.make(Change::Moved(Movement { currency, from, to, points }))
    }

    /// Moves points into the member's spendable points; debt is repaid first. Returns
    /// what was repaid.
    pub fn give(
        &mut self,
        currency: usize,
        from: Place,
        expires_on: Day,
        points: Points,
    ) -> Result<Points, Impossible> {
        let repaid = self.repay(currency, from, points)?;
        let rest = points.saturating_sub(repaid);
        self.take(currency, from, Place::Available { expires_on }, rest)?;
        Ok(repaid)
    }

    /// Repays debt with points, as far as they go and are needed. Returns what was
    /// repaid.
    pub fn repay(
        &mut self,
        currency: usize,
        from: Place,
        points: Points,
    ) -> Result<Points, Impossible> {
        let repaid = points.min(self.purse(currency).debt);
        self.take(currency, from, Place::Debt, repaid)?;
        Ok(repaid)
    }

    /// Moves spendable points out, soonest-ending lots first. Returns what could not be
    /// taken because it is not there.
    pub fn spend(
        &mut self,
        currency: usize,
        to: impl Fn(Day) -> Place,
        points: Points,
    ) -> Result<Points, Impossible> {
        let lots = self.purse(currency).lots.clone();
        let mut left = points;
        for Lot { expires_on, points } in lots {
            let part = points.min(left);
            self.take(currency, Place::Available { expires_on }, to(expires_on), part)?;
            left = left.saturating_sub(part);
        }
        Ok(left)
    }

    /// A currency's purse.
    pub fn purse(&self, currency: usize) -> &Purse {
        static EMPTY: Purse = Purse {
            pending: Vec::new(),
            lots: Vec::new(),
            kept_until: Day::FIRST,
            debt: Points::ZERO,
            lapsed: Vec::new(),
        };
        self.account.purses.get(currency).unwrap_or(&EMPTY)
    }

    /// Adds to a measure of the tiers; adding nothing changes nothing.
    pub fn qualify(&mut self, on: Day, measure: u8, amount: i64) -> Result<(), Impossible> {
        if amount == 0 {
            return Ok(());
        }
        self.make(Change::Qualified { on, measure, amount })
    }

    /// The points of a lot.
    pub fn lot(&self, currency: usize, expires_on: Day) -> Points {
        let lots = &self.purse(currency).lots;
        let found = lots.iter().find(|lot| lot.expires_on == expires_on);
        found.map_or(Points::ZERO, |lot| lot.points)
    }

    /// The points that wait with this maturity and this end.
    pub fn pending(&self, currency: usize, matures_on: Day, expires_on: Day) -> Points {
        let pending = &self.purse(currency).pending;
        let same = |l: &&crate::account::PendingLot| {
            (l.matures_on, l.expires_on) == (matures_on, expires_on)
        };
        pending.iter().find(same).map_or(Points::ZERO, |lot| lot.points)
    }
}
