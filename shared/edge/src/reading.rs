//! The one way in which every handler reads an account: settled in memory.

use std::sync::Arc;

use domain::{
    account::Account,
    ids::{MemberId, ProgramId},
    program::{Program, Rulebook},
    row::Chain,
    settle,
    time::Instant,
};
use schemars::JsonSchema;
use serde::Deserialize;
use store::{codec::StoredRow, tables::Consistency};

use crate::{App, Problem, api};

/// The member of a path.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct MemberRef {
    /// The member's id.
    pub member: String,
}

/// When to read.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadAt {
    /// At which instant, past or future; now unless said.
    #[schemars(with = "Option<String>")]
    pub at: Option<Instant>,
    /// At least as new as this row, which an earlier write answered with.
    pub min_sequence: Option<u64>,
}

/// A member's account at an instant.
pub struct Read {
    /// The program's versions.
    pub rulebook: Arc<Rulebook>,
    /// The newest row at that instant.
    pub row: StoredRow,
    /// The account, settled.
    pub account: Account,
    /// What time has moved since the row, and no row says yet.
    pub unbooked: api::Moved,
    /// The instant.
    pub at: Instant,
}

impl Read {
    /// The program in force at the instant.
    pub fn program(&self) -> &Program {
        self.rulebook.in_force(self.at)
    }

    /// The balance.
    pub fn balance(&self) -> api::Balance {
        let member = self.row.row.chain.member.as_str();
        api::Balance::of(self.program(), member, &self.account, self.at, self.row.row.sequence)
    }
}

impl App {
    /// The newest row of a member's chain.
    ///
    /// # Errors
    ///
    /// A 404 for a member who does not exist, and when `min_sequence` is ahead of the
    /// chain.
    pub async fn head(
        &self,
        chain: &Chain,
        min_sequence: Option<u64>,
    ) -> Result<StoredRow, Problem> {
        let wanted = min_sequence.unwrap_or(1);
        for consistency in [Consistency::Eventual, Consistency::Strong] {
            let head = self.ledger().head(chain, consistency).await?;
            if let Some(head) = head.filter(|head| head.row.sequence >= wanted) {
                return Ok(head);
            }
        }
        Err(match min_sequence {
            None => Problem::member_unknown(),
            Some(_) => {
                let detail = "there is no such member, or no such row yet";
                Problem::not_found("MEMBER_UNKNOWN", detail)
            }
        })
    }

    /// A member's account at an instant, settled in memory.
    ///
    /// # Errors
    ///
    /// A 404 for a member who does not exist, or did not then.
    pub async fn read(
        &self,
        program: &ProgramId,
        member: &str,
        when: &ReadAt,
    ) -> Result<Read, Problem> {
        let member: MemberId = api::id("member", member.to_owned())?;
        let chain = Chain { program: program.clone(), member };
        let rulebook = self.rulebook(program).await?;
        let head = self.head(&chain, when.min_sequence).await?;
        let at = when.at.unwrap_or_else(|| self.clock().now().max(head.row.recorded_at));
        let row = self.ledger().row_at(head, at).await?;
        let row = row.ok_or_else(|| {
            Problem::not_found("MEMBER_UNKNOWN", format!("there was no such member at {at}"))
        })?;
        let (account, since_row) = settle::settling(&rulebook, &row.row, at)
            .map_err(|impossible| Problem::from(domain::refusal::Refusal::from(impossible)))?;
        let unbooked = api::Moved::of(&since_row);
        Ok(Read { rulebook, row, account, unbooked, at })
    }
}
