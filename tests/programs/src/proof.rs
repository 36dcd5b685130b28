//! What must hold after every story, whatever it tells.

use domain::{explain::explain, program::Rulebook, row::Chain};
use edge::PublishedProgram;
use local::{program::Definition, stack::Stack, verify};

use crate::{client::Client, definitions::published};

/// What does not hold, each in a sentence.
pub async fn broken(
    stack: &Stack,
    client: &Client,
    definitions: &[Definition],
    members: &[String],
) -> Result<Vec<String>, String> {
    let versions: Vec<PublishedProgram> = definitions.iter().map(published).collect();
    let rulebook = PublishedProgram::rulebook(&versions).map_err(|failure| failure.to_string())?;
    let rulebook = rulebook.ok_or("a story has a program")?;
    let mut broken = Vec::new();
    for member in members {
        let program = definitions[0].program.id.clone();
        let member = member.parse().map_err(|error| format!("{member}: {error}"))?;
        let chain = Chain { program, member };
        broken.extend(unexplained(stack, client, &rulebook, &chain).await?);
    }
    let report = verify::prove(stack).await?;
    broken.extend(report.problems.iter().map(ToString::to_string));
    Ok(broken)
}

/// Rows whose explanation is not the same bytes whenever it is asked for, or not those
/// that the stored row and the published text give.
async fn unexplained(
    stack: &Stack,
    client: &Client,
    rulebook: &Rulebook,
    chain: &Chain,
) -> Result<Vec<String>, String> {
    let mut broken = Vec::new();
    let rows = stack.app.ledger().rows(chain, 1, false, usize::MAX >> 1).await;
    for stored in rows.map_err(|failure| failure.to_string())? {
        let row = &stored.row;
        let path = format!("members/{}/history/{}", chain.member, row.sequence);
        let (once, again) = (client.get(&path).await, client.get(&path).await);
        let of = format!("row {} of {}", row.sequence, chain.member);
        if !once.is_success() {
            broken.push(format!("{of} cannot be read: {}", once.text));
        }
        if once.text != again.text {
            broken.push(format!("{of} is explained in two ways"));
        }
        let computed = explain(rulebook, row).map_err(|error| format!("{of}: {error}"))?;
        let computed = serde_json::to_string(&computed).map_err(|error| error.to_string())?;
        if !once.text.contains(&format!("\"explanation\":{computed}")) {
            broken.push(format!("{of} is not explained as the stored row says: {computed}"));
        }
    }
    Ok(broken)
}
