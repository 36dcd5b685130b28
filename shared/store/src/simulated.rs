//! Tables in memory that hurt: whatever DynamoDB may do to its callers, decided by a seed.
//!
//! Time is virtual and nothing runs by itself: every operation waits once before it takes
//! effect and once after, and [`workers`] decides who goes on. Dropping a future at any of
//! those points is what a kill does to a function.

mod faults;
mod memory;
mod queue;
mod random;
mod schedule;
mod stream;
pub mod workers;

pub use faults::{Fault, Faults};
pub use queue::{Received, SimulatedQueue};
pub use random::Random;
pub use schedule::{Punctuality, Schedule};
pub use stream::SimulatedStream;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use domain::time::Instant;

use crate::{
    item::{Item, Key, Table},
    tables::{Consistency, Failure, Page, Put, PutOutcome, Query, Tables, TransactOutcome},
};
use memory::{Memory, Stale};
use workers::pause;

/// After how many further requests a late write has happened.
const LATE_BY_REQUESTS_MAX: u64 = 12;

/// Tables that one seed rules. Clones are the same tables.
#[derive(Clone)]
pub struct SimulatedTables {
    world: Arc<Mutex<World>>,
}

/// How many requests there were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Requests {
    /// Reads of any kind.
    pub reads: u64,
    /// Puts and transactions, refused and failed ones included.
    pub writes: u64,
    /// Writes whose condition did not hold.
    pub refused: u64,
    /// Requests that a fault met.
    pub faulty: u64,
}

struct World {
    memory: Memory,
    random: Random,
    faults: Faults,
    /// Faults that meet certain writes, by their number from 1.
    planned: BTreeMap<u64, Fault>,
    requests: Requests,
    in_the_air: Vec<InTheAir>,
    now: Instant,
}

/// A write that was given up and happens all the same.
struct InTheAir {
    lands_at: u64,
    puts: Vec<Put>,
}

impl SimulatedTables {
    /// Empty tables at a time.
    pub fn new(seed: u64, faults: Faults, now: Instant) -> SimulatedTables {
        let world = World {
            memory: Memory::default(),
            random: Random::new(seed),
            faults,
            planned: BTreeMap::new(),
            requests: Requests::default(),
            in_the_air: Vec::new(),
            now,
        };
        SimulatedTables { world: Arc::new(Mutex::new(world)) }
    }

    /// From now on faults happen so often.
    pub fn set_faults(&self, faults: Faults) {
        self.world().faults = faults;
    }

    /// Ends all faults: what is in the air lands.
    pub fn calm(&self) {
        let mut world = self.world();
        world.faults = Faults::NONE;
        world.planned.clear();
        world.land(u64::MAX);
    }

    /// Lets a fault meet the write with this number, counted from 1 and from now.
    pub fn plan(&self, write: u64, fault: Fault) {
        let mut world = self.world();
        let at = world.requests.writes + write;
        world.planned.insert(at, fault);
    }

    /// The time.
    pub fn now(&self) -> Instant {
        self.world().now
    }

    /// Moves time forward to `now`, never back.
    pub fn advance_to(&self, now: Instant) {
        let mut world = self.world();
        world.now = world.now.max(now);
    }

    /// Everything in a table, for checks: no request, so nothing fails.
    pub fn everything(&self, table: Table) -> Vec<Item> {
        self.world().memory.scan(table, None, usize::MAX).items
    }

    /// How many requests there were.
    pub fn requests(&self) -> Requests {
        self.world().requests
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn read<R>(
        &self,
        consistency: Consistency,
        read: impl FnOnce(&Memory, Stale) -> R + Send,
    ) -> Result<R, Failure> {
        pause().await;
        let found = self.world().read(consistency, read);
        pause().await;
        found
    }

    async fn write(&self, puts: Vec<Put>, transaction: bool) -> Result<TransactOutcome, Failure> {
        pause().await;
        let outcome = self.world().write(puts, transaction);
        pause().await;
        outcome
    }
}

impl Tables for SimulatedTables {
    async fn get(
        &self,
        table: Table,
        key: &Key,
        consistency: Consistency,
    ) -> Result<Option<Item>, Failure> {
        self.read(consistency, |memory, stale| memory.get(table, key, stale).cloned()).await
    }

    async fn query(&self, query: &Query) -> Result<Vec<Item>, Failure> {
        self.read(query.consistency, |memory, stale| memory.query(query, stale)).await
    }

    async fn put(&self, put: Put) -> Result<PutOutcome, Failure> {
        Ok(match self.write(vec![put], false).await? {
            TransactOutcome::Done => PutOutcome::Done,
            TransactOutcome::Refused(mut there) => PutOutcome::Refused(there.remove(0).flatten()),
        })
    }

    async fn transact(&self, puts: Vec<Put>) -> Result<TransactOutcome, Failure> {
        self.write(puts, true).await
    }

    async fn scan(&self, table: Table, after: Option<Key>) -> Result<Page, Failure> {
        let limit = 1 + self.world().random.index(16);
        let strong = Consistency::Strong;
        self.read(strong, |memory, _| memory.scan(table, after.as_ref(), limit)).await
    }
}

impl World {
    fn read<R>(
        &mut self,
        consistency: Consistency,
        read: impl FnOnce(&Memory, Stale) -> R,
    ) -> Result<R, Failure> {
        self.requests.reads += 1;
        self.pass();
        if let Some(fault) = self.faults.of_read(&mut self.random) {
            self.requests.faulty += 1;
            return Err(failure(fault));
        }
        let stale = match consistency {
            Consistency::Strong => Stale::NOT,
            Consistency::Eventual => Stale {
                writes: self.random.below(self.faults.stale_writes + 1),
                since: self.now.plus_millis(-self.faults.stale_millis),
            },
        };
        Ok(read(&self.memory, stale))
    }

    fn write(&mut self, puts: Vec<Put>, transaction: bool) -> Result<TransactOutcome, Failure> {
        self.requests.writes += 1;
        self.pass();
        memory::check(&puts)?;
        let planned = self.planned.remove(&self.requests.writes);
        let drawn = self.faults.of_write(&mut self.random, transaction);
        let Some(fault) = planned.or(drawn) else {
            let outcome = self.memory.write(&puts, self.now);
            self.requests.refused += u64::from(outcome != TransactOutcome::Done);
            return Ok(outcome);
        };
        self.requests.faulty += 1;
        match fault {
            Fault::Applied => {
                self.memory.write(&puts, self.now);
            }
            Fault::Late => {
                let lands_at = self.clock() + self.random.between(1, LATE_BY_REQUESTS_MAX);
                self.in_the_air.push(InTheAir { lands_at, puts });
            }
            Fault::Throttled | Fault::Conflict | Fault::Lost => {}
        }
        Err(failure(fault))
    }

    /// A request takes its time, in which late writes land.
    fn pass(&mut self) {
        let millis = 1 + self.random.below(self.faults.latency_millis);
        self.now = self.now.plus_millis(i64::try_from(millis).unwrap_or(0));
        self.land(self.clock());
    }

    fn land(&mut self, clock: u64) {
        let in_the_air = std::mem::take(&mut self.in_the_air);
        let (landing, later) = in_the_air.into_iter().partition(|write| write.lands_at <= clock);
        self.in_the_air = later;
        let landing: Vec<InTheAir> = landing;
        for write in landing {
            self.memory.write(&write.puts, self.now);
        }
    }

    fn clock(&self) -> u64 {
        self.requests.reads + self.requests.writes
    }
}

fn failure(fault: Fault) -> Failure {
    match fault {
        Fault::Throttled => Failure::Throttled,
        Fault::Conflict => Failure::Conflict,
        Fault::Lost | Fault::Applied | Fault::Late => Failure::Unavailable(format!("{fault:?}")),
    }
}
