//! Workers: futures polled by hand, one step at a time, in an order that chance decides.

use std::{
    pin::Pin,
    task::{Context, Poll, Waker},
};

use super::random::Random;

/// What a worker does.
pub type Work<'a, O> = Pin<Box<dyn Future<Output = O> + Send + 'a>>;

/// Lets others go on once.
pub async fn pause() {
    let mut paused = false;
    std::future::poll_fn(|context| match std::mem::replace(&mut paused, true) {
        true => Poll::Ready(()),
        false => {
            // For executors that wait to be woken.
            context.waker().wake_by_ref();
            Poll::Pending
        }
    })
    .await;
}

/// Runs workers until each is done or killed, and returns what each came to by its
/// position; `None` for the killed. At every step so many in a thousand are killed.
pub fn run<'a, O>(
    random: &mut Random,
    killed_per_mille: u32,
    workers: impl IntoIterator<Item = Work<'a, O>>,
) -> Vec<Option<O>> {
    run_by(workers, |running| Turn {
        worker: random.index(running),
        killed: random.hits(killed_per_mille),
    })
}

/// Whose turn it is.
#[derive(Clone, Copy, Debug)]
pub struct Turn {
    /// The position among those that still run.
    pub worker: usize,
    /// Whether it is killed instead of going on.
    pub killed: bool,
}

/// As [`run`], in an order of the caller's choice: `choose` is told how many still run.
pub fn run_by<'a, O>(
    workers: impl IntoIterator<Item = Work<'a, O>>,
    mut choose: impl FnMut(usize) -> Turn,
) -> Vec<Option<O>> {
    let mut running: Vec<(usize, Work<'a, O>)> = workers.into_iter().enumerate().collect();
    let mut outcomes: Vec<Option<O>> = running.iter().map(|_| None).collect();
    while !running.is_empty() {
        let turn = choose(running.len());
        let at = turn.worker % running.len();
        if turn.killed {
            drop(running.remove(at));
            continue;
        }
        let (number, work) = &mut running[at];
        if let Poll::Ready(outcome) = step(work) {
            outcomes[*number] = Some(outcome);
            drop(running.remove(at));
        }
    }
    outcomes
}

/// Runs one worker to its end, or kills it after so many steps.
pub fn run_steps<O>(mut work: Work<'_, O>, steps: usize) -> Option<O> {
    (0..steps).find_map(|_| match step(&mut work) {
        Poll::Ready(outcome) => Some(outcome),
        Poll::Pending => None,
    })
}

/// Runs one worker alone to its end.
pub fn run_alone<'a, O>(work: impl Future<Output = O> + Send + 'a) -> O {
    let mut work: Work<'a, O> = Box::pin(work);
    loop {
        if let Poll::Ready(outcome) = step(&mut work) {
            return outcome;
        }
    }
}

fn step<O>(work: &mut Work<'_, O>) -> Poll<O> {
    work.as_mut().poll(&mut Context::from_waker(Waker::noop()))
}
