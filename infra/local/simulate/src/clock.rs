//! How much processor time a thread has used.

use std::time::{Duration, Instant};

/// Started when made; other work on the machine does not count where the system tells.
pub(crate) struct Stopwatch {
    wall: Instant,
    used: Option<Duration>,
}

impl Stopwatch {
    pub fn start() -> Stopwatch {
        Stopwatch { wall: Instant::now(), used: thread_time() }
    }

    /// Processor time of this thread since the start; time on the wall where that is
    /// unknown.
    pub fn elapsed(&self) -> Duration {
        match (self.used, thread_time()) {
            (Some(before), Some(now)) => now.saturating_sub(before),
            _ => self.wall.elapsed(),
        }
    }
}

#[cfg(unix)]
fn thread_time() -> Option<Duration> {
    use rustix::time::{ClockId, clock_gettime};
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).ok()
}

#[cfg(not(unix))]
fn thread_time() -> Option<Duration> {
    None
}
