//! The port of what relays rows: what it needs of the world around it, so that the same code
//! runs in a function and in a simulation.

use std::{future::Future, sync::Arc};

use domain::{ids::ProgramId, program::Rulebook};
use edge::Store;
use store::tables::{Failure, Tables};

use crate::{relay::Relay, subscribers::Subscribers};

/// Tables, programs, subscribers, and the two queues.
pub trait Relaying: Send + Sync {
    /// The tables.
    type Tables: Tables;

    /// The tables.
    fn tables(&self) -> &Self::Tables;

    /// The subscribers of programs.
    fn subscribers(&self) -> &Subscribers;

    /// Whether an event bus is told of everything.
    fn has_bus(&self) -> bool;

    /// The rulebook of a program; `None` when there is no such program.
    fn find_rulebook(
        &self,
        program: &ProgramId,
    ) -> impl Future<Output = Result<Option<Arc<Rulebook>>, Failure>> + Send;

    /// Forgets a rulebook that is too old.
    fn forget_program(&self, program: &ProgramId);

    /// Puts messages on the queue of credits, and says of each whether it is there.
    fn queue_credits(&self, messages: &[String]) -> impl Future<Output = Vec<bool>> + Send;

    /// Puts messages on the queue of deliveries, and says of each whether it is there.
    fn queue_deliveries(&self, messages: &[String]) -> impl Future<Output = Vec<bool>> + Send;
}

impl Relaying for Relay {
    type Tables = Store;

    fn tables(&self) -> &Store {
        self.app().tables()
    }

    fn subscribers(&self) -> &Subscribers {
        Relay::subscribers(self)
    }

    fn has_bus(&self) -> bool {
        self.bus().is_some()
    }

    async fn find_rulebook(&self, program: &ProgramId) -> Result<Option<Arc<Rulebook>>, Failure> {
        self.app().find_rulebook(program).await
    }

    fn forget_program(&self, program: &ProgramId) {
        self.app().forget_program(program);
    }

    async fn queue_credits(&self, messages: &[String]) -> Vec<bool> {
        self.app().credits_queue().send_each(messages).await
    }

    async fn queue_deliveries(&self, messages: &[String]) -> Vec<bool> {
        self.app().deliveries_queue().send_each(messages).await
    }
}
