//! A data folder, opened to look at its programs or to add to them.

use std::path::Path;

use domain::{ids::ProgramId, time::Instant};
use edge::{Clock, PublishedProgram};
use relay::address::Reach;

use crate::{
    dev,
    stack::{Data, Options, Stack},
};

/// Opens the stack of a folder. While another process runs it, that is refused with a
/// sentence.
///
/// # Errors
///
/// One sentence.
pub async fn open(folder: &Path) -> Result<Stack, String> {
    open_reaching(folder, Reach::Public).await
}

/// As [`open`], for subscribers within reach.
///
/// # Errors
///
/// As [`open`].
pub async fn open_reaching(folder: &Path, reach: Reach) -> Result<Stack, String> {
    let data = Data::Folder(folder.to_owned());
    let options = Options { data, port: 0, clock: Instant::default() };
    Stack::start_reaching(options, reach).await.map_err(|error| error.to_string())
}

/// Opens the stack of a folder that has a program.
///
/// # Errors
///
/// One sentence.
pub async fn open_of(folder: &Path, program: &ProgramId) -> Result<Stack, String> {
    if !folder.is_dir() {
        return Err(format!("there is no data in {}", folder.display()));
    }
    let stack = open(folder).await?;
    let versions = PublishedProgram::all(stack.app.tables(), program).await;
    let none = match versions {
        Ok(versions) if !versions.is_empty() => return Ok(stack),
        Ok(_) => format!("there is no program {:?} in this data", program.as_str()),
        Err(failure) => failure.to_string(),
    };
    stack.stop().await;
    Err(none)
}

/// What time it is in a folder: the machine's, or, where a file of past orders was
/// replayed into it, that of the last of them.
///
/// # Errors
///
/// One sentence.
pub async fn now(stack: &Stack) -> Result<Instant, String> {
    let machine = Clock::System.now();
    let kept = stack.app.clock().now();
    let past = kept > Instant::default() && !dev::follows_the_machine(stack).await?;
    Ok(if past { kept } else { machine.max(kept) })
}
