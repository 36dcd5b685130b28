//! One member's chain without its past: the account, and decisions on it.

use domain::{
    account::Account,
    change::Change,
    decide,
    fact::KeyedFact,
    order_state::OrderState,
    program::Rulebook,
    refusal::Refusal,
    row::{Chain, Row},
    time::Instant,
};

/// The newest row of a chain that nobody keeps.
pub(crate) struct Ledger<'a> {
    rulebook: &'a Rulebook,
    chain: Chain,
    head: Option<Row>,
    empty: Account,
}

/// What a decision did.
pub(crate) struct Decided {
    pub changes: Vec<Change>,
    pub order: Option<OrderState>,
}

impl<'a> Ledger<'a> {
    pub fn new(rulebook: &'a Rulebook, chain: Chain) -> Ledger<'a> {
        Ledger { rulebook, chain, head: None, empty: Account::default() }
    }

    pub fn account(&self) -> &Account {
        self.head.as_ref().map_or(&self.empty, |head| &head.account)
    }

    pub fn decide(
        &mut self,
        fact: &KeyedFact,
        prior: Option<&OrderState>,
        at: Instant,
    ) -> Result<Decided, Refusal> {
        let head = self.head.as_ref();
        let mut row = decide(self.rulebook, &self.chain, head, prior, fact, at)?;
        let changes = std::mem::take(&mut row.changes);
        let order = row.order.take();
        self.head = Some(row);
        Ok(Decided { changes, order })
    }

    /// Brings the account up to `at`.
    pub fn settle(&mut self, at: Instant) -> Result<Vec<Change>, Refusal> {
        match self.decide(&KeyedFact::passing(""), None, at) {
            Ok(decided) => Ok(decided.changes),
            Err(Refusal::NothingDue { .. }) => Ok(Vec::new()),
            Err(refusal) => Err(refusal),
        }
    }
}
