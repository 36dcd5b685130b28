//! The subscribers of programs, read from the registry and believed for half a minute.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use domain::ids::ProgramId;
use store::tables::{Failure, Tables};

use crate::subscriber::Subscriber;

/// How long subscribers are believed to be as they were read: whoever is disabled is told of
/// nothing more within it.
const BELIEVED: Duration = Duration::from_secs(30);
/// The most programs that are remembered.
const REMEMBERED_MAX: usize = 1_000;

/// Of each program when it was asked for, and its subscribers.
type Known = HashMap<ProgramId, (Instant, Arc<[Subscriber]>)>;

/// The subscribers of the programs that were asked for lately.
#[derive(Debug, Default)]
pub struct Subscribers {
    known: Mutex<Known>,
}

impl Subscribers {
    /// All of a program.
    ///
    /// # Errors
    ///
    /// The tables' [`Failure`].
    pub async fn of(
        &self,
        tables: &impl Tables,
        program: &ProgramId,
    ) -> Result<Arc<[Subscriber]>, Failure> {
        // By the machine's clock: a local stack's may stand still, or jump.
        let asked_at = Instant::now();
        if let Some(known) = self.remembered(program, asked_at) {
            return Ok(known);
        }
        let all: Arc<[Subscriber]> = Subscriber::all(tables, program).await?.into();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED_MAX {
            known.clear();
        }
        known.insert(program.clone(), (asked_at, all.clone()));
        Ok(all)
    }

    /// Forgets what is remembered, after a change.
    pub fn forget(&self) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn remembered(&self, program: &ProgramId, at: Instant) -> Option<Arc<[Subscriber]>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, all) = known.get(program)?;
        (at.duration_since(*since) < BELIEVED).then(|| all.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subscribers_are_believed_for_half_a_minute() {
        let (subscribers, since) = (Subscribers::default(), Instant::now());
        let house: ProgramId = "house".parse().expect("a slug");
        let none: Arc<[Subscriber]> = Arc::new([]);
        subscribers.known.lock().expect("nobody panicked").insert(house.clone(), (since, none));
        let after = |seconds| {
            subscribers.remembered(&house, since + Duration::from_secs(seconds)).is_some()
        };
        assert_eq!((after(0), after(29), after(30)), (true, true, false));
        subscribers.forget();
        assert!(!after(0));
    }
}
