//! The stack's clock: kept with the data, so that it never runs backwards across starts.

use std::time::Duration;

use domain::time::Instant;
use edge::Clock;
use store::{
    registry::{self, Address},
    tables::{Consistency, Failure, Tables},
};
use tokio::task::JoinHandle;

fn address() -> Address {
    Address::new("local#clock", "-")
}

/// Moves the clock to where it was when it was last kept.
///
/// # Errors
///
/// The tables' [`Failure`].
pub async fn restore(clock: &Clock, tables: &impl Tables) -> Result<(), Failure> {
    let kept: Option<Instant> = registry::read(tables, &address(), Consistency::Strong).await?;
    if let Some(kept) = kept {
        clock.move_to(kept);
    }
    Ok(())
}

/// Keeps where the clock is.
///
/// # Errors
///
/// The tables' [`Failure`].
pub async fn keep(clock: &Clock, tables: &impl Tables) -> Result<(), Failure> {
    registry::write(tables, &address(), &clock.now()).await
}

/// Lets the clock follow the machine's from now on. Where it is ahead, it stands until
/// the machine's has caught up.
pub fn follow_the_machine(clock: Clock) -> JoinHandle<()> {
    let machine = Clock::System;
    clock.move_to(machine.now());
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(Duration::from_millis(20)).await;
            clock.move_to(machine.now());
        }
    })
}
