//! A schedule that fires twice, late or never.

use domain::time::Instant;

use super::random::Random;

/// How a schedule keeps its times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Punctuality {
    /// It fires once for each.
    OnTime,
    /// Twice for each.
    Twice,
    /// Only for every fifth, which makes up for those before.
    Late,
    /// Never.
    Never,
    /// Any of these each time.
    Any,
}

/// A time that comes again and again.
pub struct Schedule {
    next: Instant,
    every_millis: i64,
    punctuality: Punctuality,
    ticks: u64,
    random: Random,
}

impl Schedule {
    /// A schedule that is to fire every `every_millis` milliseconds from `first` on.
    pub fn new(first: Instant, every_millis: i64, punctuality: Punctuality, seed: u64) -> Schedule {
        let every_millis = every_millis.max(1);
        Schedule { next: first, every_millis, punctuality, ticks: 0, random: Random::new(seed) }
    }

    /// When it is to fire next.
    pub fn next(&self) -> Instant {
        self.next
    }

    /// How often it fires for its next time, which is then over.
    pub fn fire(&mut self) -> u32 {
        self.next = self.next.plus_millis(self.every_millis);
        self.ticks += 1;
        match self.punctuality {
            Punctuality::OnTime => 1,
            Punctuality::Twice => 2,
            Punctuality::Late => u32::from(self.ticks.is_multiple_of(5)),
            Punctuality::Never => 0,
            Punctuality::Any => *self.random.pick(&[0, 1, 1, 2]),
        }
    }
}
