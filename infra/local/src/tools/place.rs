//! Where a tool finds its tables: in a data folder, or in an AWS account.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use clap::Args;
use domain::{ids::ProgramId, time::Instant};
use edge::{Clock, PublishedProgram};

use super::{account, data};
use crate::stack::Stack;

pub(crate) use edge::Store;

/// Which tables.
#[derive(Clone, Debug, Args)]
pub struct Place {
    /// The folder that keeps the data
    #[arg(long, value_name = "DIR", default_value = ".guerdon", conflicts_with = "stack")]
    pub data: PathBuf,
    /// The stack in an AWS account whose tables to use, with the credentials and the region
    /// that AWS's own tools would use
    #[arg(long, value_name = "NAME")]
    pub stack: Option<String>,
}

impl Place {
    /// The folder, for what is not for accounts.
    ///
    /// # Errors
    ///
    /// A sentence when it is an account.
    pub(crate) fn folder(&self, what: &str) -> Result<&Path, String> {
        match &self.stack {
            None => Ok(&self.data),
            Some(_) => Err(format!("--stack: {what} are for data folders only, for now")),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.stack {
            None => write!(f, "{}", self.data.display()),
            Some(stack) => write!(f, "the stack {stack}"),
        }
    }
}

/// Tables that were found, and what time it is there.
pub(crate) struct Opened {
    /// The tables.
    pub tables: Store,
    /// The time.
    pub now: Instant,
    /// The queues beside them.
    pub queues: Queues,
    folder: Option<Stack>,
}

/// The queues of a stack, by the names that the template gives them.
pub(crate) struct Queues {
    /// To work with.
    pub sqs: aws_sdk_sqs::Client,
    prefix: String,
}

impl Queues {
    /// The queues of a folder's stack.
    pub fn of(stack: &Stack) -> Queues {
        Queues { sqs: stack.clients.sqs.clone(), prefix: String::new() }
    }

    /// Where a queue is.
    ///
    /// # Errors
    ///
    /// One sentence.
    pub async fn url(&self, name: &str) -> Result<String, String> {
        let name = format!("{}{name}", self.prefix);
        let found = self.sqs.get_queue_url().queue_name(&name).send();
        let found = Box::pin(found).await.map_err(|error| {
            let why = error.into_service_error();
            format!("the queue {name} cannot be found: {why}")
        })?;
        found.queue_url.ok_or_else(|| format!("there is no queue {name}"))
    }
}

impl Opened {
    /// Waits until a folder's stream and queues are empty. In an account others are at work,
    /// and their queues are theirs.
    ///
    /// # Errors
    ///
    /// One sentence.
    pub async fn drain(&self) -> Result<(), String> {
        match &self.folder {
            Some(stack) => stack.pollers.drain().await,
            None => Ok(()),
        }
    }

    /// Whether they are in an AWS account.
    pub fn is_account(&self) -> bool {
        self.folder.is_none()
    }

    /// Lets go of them.
    pub async fn close(self) {
        if let Some(stack) = self.folder {
            stack.stop().await;
        }
    }
}

/// Opens the tables of an account, or those of a folder, which is made where there is none.
///
/// # Errors
///
/// One sentence.
pub(crate) async fn open(place: &Place) -> Result<Opened, String> {
    if let Some(stack) = &place.stack {
        let account = account::connect(stack).await?;
        let queues = Queues { sqs: account.sqs, prefix: format!("{stack}-") };
        let now = Clock::System.now();
        return Ok(Opened { tables: account.tables, now, queues, folder: None });
    }
    let stack = data::open(&place.data).await?;
    match data::now(&stack).await {
        Ok(now) => {
            let (tables, queues) = (stack.app.tables().clone(), Queues::of(&stack));
            Ok(Opened { tables, now, queues, folder: Some(stack) })
        }
        Err(why) => {
            stack.stop().await;
            Err(why)
        }
    }
}

/// Opens tables that there are.
///
/// # Errors
///
/// One sentence.
pub(crate) async fn open_existing(place: &Place) -> Result<Opened, String> {
    if place.stack.is_none() && !place.data.is_dir() {
        return Err(format!("there is no data in {place}"));
    }
    open(place).await
}

/// Opens tables that have a program.
///
/// # Errors
///
/// One sentence.
pub(crate) async fn open_of(place: &Place, program: &ProgramId) -> Result<Opened, String> {
    let opened = open_existing(place).await?;
    let none = match PublishedProgram::all(&opened.tables, program).await {
        Ok(versions) if !versions.is_empty() => return Ok(opened),
        Ok(_) if place.stack.is_some() => {
            format!("there is no program {:?} in {place}", program.as_str())
        }
        Ok(_) => format!("there is no program {:?} in this data", program.as_str()),
        Err(failure) => failure.to_string(),
    };
    opened.close().await;
    Err(none)
}
