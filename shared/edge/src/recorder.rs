//! The port of whatever records facts that were sent before: what such code needs of the world
//! around it, so that the same code runs in a function and in a simulation.

use std::{future::Future, sync::Arc};

use domain::{fact::KeyedFact, ids::ProgramId, program::Rulebook, row::Chain, time::Instant};
use store::{
    Mode, RecordError, Recorded,
    ledger::Ledger,
    tables::{Failure, Put, Tables},
};

use crate::{App, Store};

/// Chains, programs, the clock, and the queue of credits.
pub trait Recorder: Send + Sync {
    /// The tables.
    type Tables: Tables;

    /// The ledger.
    fn ledger(&self) -> &Ledger<Self::Tables>;

    /// The tables.
    fn tables(&self) -> &Self::Tables {
        self.ledger().tables()
    }

    /// The time.
    fn now(&self) -> Instant;

    /// The rulebook of a program; `None` when there is no such program.
    fn find_rulebook(
        &self,
        program: &ProgramId,
    ) -> impl Future<Output = Result<Option<Arc<Rulebook>>, Failure>> + Send;

    /// Records a fact on a member's chain, with further puts beside its row.
    fn record(
        &self,
        chain: &Chain,
        fact: &KeyedFact,
        beside: &[Put],
    ) -> impl Future<Output = Result<Recorded, RecordError>> + Send;

    /// Puts messages on the queue of credits, all of them or an error; after an error some
    /// may be there.
    fn queue_credits(
        &self,
        messages: &[String],
    ) -> impl Future<Output = Result<(), Failure>> + Send;
}

impl Recorder for App {
    type Tables = Store;

    fn ledger(&self) -> &Ledger<Store> {
        App::ledger(self)
    }

    fn now(&self) -> Instant {
        self.clock().now()
    }

    async fn find_rulebook(&self, program: &ProgramId) -> Result<Option<Arc<Rulebook>>, Failure> {
        App::find_rulebook(self, program).await
    }

    async fn record(
        &self,
        chain: &Chain,
        fact: &KeyedFact,
        beside: &[Put],
    ) -> Result<Recorded, RecordError> {
        App::record(self, chain, fact, Mode::Record, beside).await
    }

    async fn queue_credits(&self, messages: &[String]) -> Result<(), Failure> {
        self.credits_queue().send(messages).await
    }
}
