//! The programs in force, read from the registry and kept for a minute.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use domain::{definition, ids::ProgramId, program::Rulebook};
use serde::{Deserialize, Serialize};
use store::{
    registry::{self, Address},
    tables::{Failure, Tables},
};

/// How long versions are believed to be all.
const BELIEVED: Duration = Duration::from_secs(60);

/// A version of a program as it is kept: the definition itself, word for word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedProgram {
    /// The text of the definition file.
    pub definition: String,
    /// 1, 2, 3 …
    pub version: u32,
    /// When it comes into force.
    pub in_force_from: domain::time::Instant,
    /// When it was published.
    pub published_at: domain::time::Instant,
    /// By whom.
    pub author: String,
}

impl PublishedProgram {
    fn key(program: &ProgramId) -> String {
        format!("program#{program}")
    }

    /// Where a version is.
    pub fn address(program: &ProgramId, version: u32) -> Address {
        Address::new(Self::key(program), format!("v{version:08}"))
    }

    /// Publishes a version; one that is there is never changed: it is returned instead.
    ///
    /// # Errors
    ///
    /// The tables' [`Failure`].
    pub async fn publish(
        &self,
        tables: &impl Tables,
        program: &ProgramId,
    ) -> Result<Option<PublishedProgram>, Failure> {
        registry::write_new(tables, &Self::address(program, self.version), self).await
    }

    /// All versions of a program, oldest first.
    ///
    /// # Errors
    ///
    /// The tables' [`Failure`].
    pub async fn all(
        tables: &impl Tables,
        program: &ProgramId,
    ) -> Result<Vec<PublishedProgram>, Failure> {
        let found = registry::list(tables, &Self::key(program), None, None).await?;
        Ok(found.into_iter().map(|(_, published)| published).collect())
    }

    /// The rulebook of these versions; `None` when there are none.
    ///
    /// # Errors
    ///
    /// [`Failure::Unreadable`] for a definition that this code does not understand.
    pub fn rulebook(versions: &[PublishedProgram]) -> Result<Option<Rulebook>, Failure> {
        let parse = |published: &PublishedProgram| {
            let file = format!("version {}", published.version);
            let (version, from) = (published.version, published.in_force_from);
            definition::parse(&published.definition, &file, version, from)
                .map_err(|refused| Failure::Unreadable { what: file, why: refused.to_string() })
        };
        let programs: Result<Vec<_>, _> = versions.iter().map(parse).collect();
        Ok(Rulebook::new(programs?))
    }
}

/// The rulebooks that were asked for lately.
#[derive(Default)]
pub struct Programs {
    known: Mutex<HashMap<ProgramId, (Instant, Arc<Rulebook>)>>,
}

impl Programs {
    /// The rulebook of a program; `None` when there is no such program.
    ///
    /// # Errors
    ///
    /// The tables' [`Failure`].
    pub async fn find(
        &self,
        tables: &impl Tables,
        program: &ProgramId,
    ) -> Result<Option<Arc<Rulebook>>, Failure> {
        if let Some(rulebook) = self.remembered(program) {
            return Ok(Some(rulebook));
        }
        let versions = PublishedProgram::all(tables, program).await?;
        let Some(rulebook) = PublishedProgram::rulebook(&versions)? else { return Ok(None) };
        let rulebook = Arc::new(rulebook);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(program.clone(), (Instant::now(), rulebook.clone()));
        Ok(Some(rulebook))
    }

    /// Forgets a program, so that the next question reads it again.
    pub fn forget(&self, program: &ProgramId) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).remove(program);
    }

    fn remembered(&self, program: &ProgramId) -> Option<Arc<Rulebook>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, rulebook) = known.get(program)?;
        (since.elapsed() < BELIEVED).then(|| rulebook.clone())
    }
}
