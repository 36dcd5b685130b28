//! What may go wrong, and how often.

use super::random::Random;

/// What becomes of a request that fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Throttled: it did not happen.
    Throttled,
    /// Another transaction was faster: it did not happen.
    Conflict,
    /// It did not happen, but nobody can tell.
    Lost,
    /// It happened, but nobody can tell.
    Applied,
    /// It happens later, after its sender gave it up.
    Late,
}

/// How often each fault happens, in thousandths of requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// An eventual read misses up to this many of its partition's last writes.
    pub stale_writes: u64,
    /// And none that is older than this, in milliseconds.
    pub stale_millis: i64,
    /// Any request is throttled.
    pub throttled: u32,
    /// A transaction meets another.
    pub conflict: u32,
    /// Any request gets no answer and did not happen.
    pub lost: u32,
    /// A write gets no answer but happened.
    pub applied: u32,
    /// A write gets no answer and happens later.
    pub late: u32,
    /// A request takes up to this long, in milliseconds.
    pub latency_millis: u64,
}

impl Faults {
    /// None at all.
    pub const NONE: Faults = Faults {
        stale_writes: 0,
        stale_millis: 0,
        throttled: 0,
        conflict: 0,
        lost: 0,
        applied: 0,
        late: 0,
        latency_millis: 1,
    };

    /// Some of them, chosen by chance.
    pub fn some(random: &mut Random) -> Faults {
        let mut often = |most: u64| match random.hits(500) {
            true => u32::try_from(random.between(1, most)).unwrap_or(0),
            false => 0,
        };
        Faults {
            throttled: often(200),
            conflict: often(200),
            lost: often(150),
            applied: often(150),
            late: often(100),
            stale_writes: u64::from(often(6)),
            stale_millis: i64::from(often(5000)),
            latency_millis: 1 + u64::from(often(400)),
        }
    }

    /// What happens to a read.
    pub(super) fn of_read(&self, random: &mut Random) -> Option<Fault> {
        draw(random, &[(self.throttled, Fault::Throttled), (self.lost, Fault::Lost)])
    }

    /// What happens to a write.
    pub(super) fn of_write(&self, random: &mut Random, transaction: bool) -> Option<Fault> {
        let conflict = if transaction { self.conflict } else { 0 };
        draw(
            random,
            &[
                (self.throttled, Fault::Throttled),
                (conflict, Fault::Conflict),
                (self.lost, Fault::Lost),
                (self.applied, Fault::Applied),
                (self.late, Fault::Late),
            ],
        )
    }
}

fn draw(random: &mut Random, faults: &[(u32, Fault)]) -> Option<Fault> {
    faults.iter().find(|(often, _)| random.hits(*often)).map(|(_, fault)| *fault)
}
