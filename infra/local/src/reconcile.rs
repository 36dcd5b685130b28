//! `guerdon reconcile`: a shop's export through the path of its webhooks, and what of it had
//! been missed.

use std::{collections::BTreeMap, path::PathBuf, process::ExitCode};

use accrue::{Shop, Told, is_known};
use clap::Args;
use connectors::{Delivered, Headers, What, handed_over, read};
use domain::{fact::Fact, ids::ProgramId};
use edge::ArrivedFact;
use serde_json::{json, value::RawValue};

use crate::{
    connections,
    stack::Stack,
    tools::{data, output},
};

/// How `guerdon reconcile` was called.
#[derive(Debug, Args)]
pub struct Reconcile {
    /// The program's id
    program: String,
    /// What the shop exported: what it would have sent to the connection, one JSON document a
    /// line, or in one list, alone or as the only list of an object
    file: PathBuf,
    /// The connection that would have taken it
    #[arg(long)]
    connection: String,
    /// Only say what had been missed
    #[arg(long)]
    dry_run: bool,
    /// The folder that keeps the data
    #[arg(long, value_name = "DIR", default_value = ".guerdon")]
    data: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What became of an export.
#[derive(Default)]
struct Found {
    documents: usize,
    known: usize,
    nothing: usize,
    missed: Vec<String>,
    /// The document's position from 1 and why.
    rejected: Vec<(usize, String)>,
}

/// Runs the tool.
///
/// # Errors
///
/// A sentence.
pub async fn run(tool: Reconcile) -> Result<ExitCode, String> {
    let program: ProgramId =
        tool.program.parse().map_err(|error| format!("{:?}: {error}", tool.program))?;
    let file = tool.file.display();
    let text = std::fs::read_to_string(&tool.file)
        .map_err(|error| format!("{file} cannot be read: {error}"))?;
    let documents = documents(&text).map_err(|error| format!("{file}: {error}"))?;
    let stack = data::open_of(&tool.data, &program).await?;
    let mut found = reconcile(&stack, &tool, &program, &documents).await;
    if found.is_ok() {
        // Who joined may have orders to take over.
        found = stack.pollers.drain_inside().await.and(found);
    }
    stack.stop().await;
    let found = found?;
    show(&tool, &found);
    Ok(if found.rejected.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(2) })
}

async fn reconcile(
    stack: &Stack,
    tool: &Reconcile,
    program: &ProgramId,
    documents: &[&str],
) -> Result<Found, String> {
    let (id, record) = connections::find(stack.app.tables(), &tool.connection, program).await?;
    let now = data::now(stack).await?;
    stack.app.clock().move_to(now);
    let connection = record.at(now).map_err(|error| error.to_string())?;
    let shop = Shop { app: &stack.app, id: &id, record: &record, now };
    let mut found = Found { documents: documents.len(), ..Found::default() };
    for (at, document) in documents.iter().enumerate() {
        let headers = Headers::default();
        let delivered = match read(&handed_over(&connection, &headers, document.as_bytes())) {
            Ok(delivered) => delivered,
            Err(refused) => {
                found.rejected.push((at + 1, format!("{}: {refused}", refused.code())));
                continue;
            }
        };
        for (part, delivered) in delivered.into_iter().enumerate() {
            if tool.dry_run {
                look(&shop, delivered, at, &mut found).await?;
            } else {
                let told = shop.one(delivered, document.as_bytes(), part).await;
                let failed = |problem: edge::Problem| format!("{}: {}", at + 1, problem.code());
                found.take(told.map_err(failed)?, at);
            }
        }
    }
    Ok(found)
}

/// Only looks whether something is known.
async fn look(
    shop: &Shop<'_>,
    delivered: Delivered,
    at: usize,
    found: &mut Found,
) -> Result<(), String> {
    let fact = match delivered.what {
        What::Fact(fact) => match *fact {
            Fact::Order(order) => Some(ArrivedFact::Order(order)),
            Fact::Refund(refund) => Some(ArrivedFact::Refund(refund)),
            _ => None,
        },
        What::Unread(refused) => {
            found.rejected.push((at + 1, format!("{}: {refused}", refused.code())));
            return Ok(());
        }
        What::PersonCreated { created_at } => Some(ArrivedFact::Person { created_at }),
        What::Privacy(_) | What::Named(_) | What::Nothing(_) => None,
    };
    let Some(fact) = fact else {
        found.nothing += 1;
        return Ok(());
    };
    let arrival = shop.arrival(fact, delivered.person);
    let known = is_known(shop.app, &arrival).await;
    match known.map_err(|error| format!("document {}: {error}", at + 1))? {
        true => found.known += 1,
        false => {
            let key = arrival.keyed().ok().flatten().and_then(|fact| fact.key);
            let account = arrival.person.and_then(|person| person.account);
            let joins = account.map(|member| format!("member:{member}"));
            found.missed.extend(key.map(|key| key.to_string()).or(joins));
        }
    }
    Ok(())
}

impl Found {
    fn take(&mut self, told: Told, at: usize) {
        let Told { outcome, code, key, member, .. } = told;
        match outcome {
            // Who joined has no key of the shop's.
            "recorded" | "queued" | "waits" => {
                self.missed.extend(key.or_else(|| member.map(|member| format!("member:{member}"))));
            }
            "replayed" => self.known += 1,
            "rejected" => self.rejected.push((at + 1, code.unwrap_or_default())),
            _ => self.nothing += 1,
        }
    }
}

/// The documents of an export, as they stand in it.
fn documents(text: &str) -> Result<Vec<&str>, String> {
    let wrong = |error: serde_json::Error| format!("no JSON of an export: {error}");
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.starts_with('[') {
        return list(text).map_err(wrong);
    }
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let each_is_one = lines.iter().all(|line| serde_json::from_str::<&RawValue>(line).is_ok());
    if each_is_one && lines.len() > 1 {
        return Ok(lines);
    }
    let only = only_list(text).map_err(wrong)?;
    Ok(only.unwrap_or_else(|| vec![text]))
}

fn list(text: &str) -> Result<Vec<&str>, serde_json::Error> {
    let list: Vec<&RawValue> = serde_json::from_str(text)?;
    Ok(list.into_iter().map(RawValue::get).collect())
}

/// The list of an object that has one value only, which is a list: `{"orders": […]}`.
fn only_list(text: &str) -> Result<Option<Vec<&str>>, serde_json::Error> {
    let object: BTreeMap<String, &RawValue> = serde_json::from_str(text)?;
    let mut values = object.values();
    match (values.next(), values.next()) {
        (Some(only), None) if only.get().starts_with('[') => list(only.get()).map(Some),
        _ => Ok(None),
    }
}

fn show(tool: &Reconcile, found: &Found) {
    let Found { documents, known, nothing, missed, rejected } = found;
    if tool.json {
        let rejected = rejected.iter();
        let rejected = rejected.map(|(at, why)| json!({ "document": at, "why": why }));
        output::json(&json!({
            "documents": documents,
            "known": known,
            "nothing": nothing,
            "missed": missed,
            "recorded": !tool.dry_run,
            "rejected": rejected.collect::<Vec<_>>(),
        }));
        return;
    }
    let done = if tool.dry_run { "would be recorded" } else { "recorded now" };
    let mut text = format!(
        "{documents} documents: {known} known, {} missed and {done}, {nothing} of nothing, {} \
         rejected\n",
        missed.len(),
        rejected.len()
    );
    missed.iter().for_each(|key| text.push_str(&format!("missed    {key}\n")));
    for (at, why) in rejected {
        text.push_str(&format!("rejected  document {at}: {why}\n"));
    }
    output::text(&text);
}

#[cfg(test)]
mod tests {
    use super::documents;

    #[test]
    fn an_export_is_a_list_lines_or_the_only_list_of_an_object() {
        let two = vec![r#"{"id":1}"#, r#"{"id":2}"#];
        assert_eq!(documents(r#" [{"id":1}, {"id":2}] "#), Ok(two.clone()));
        assert_eq!(documents("{\"id\":1}\n\n{\"id\":2}\n"), Ok(two.clone()));
        assert_eq!(documents(r#"{"orders": [{"id":1},{"id":2}]}"#), Ok(two.clone()));
        assert_eq!(documents("{\n \"orders\": [{\"id\":1},{\"id\":2}]\n}"), Ok(two));
        let one = "{\n \"id\": 1,\n \"lines\": [2]\n}";
        assert_eq!(documents(one), Ok(vec![one]));
        assert_eq!(documents(r#"{"id":1,"lines":[]}"#), Ok(vec![r#"{"id":1,"lines":[]}"#]));
        assert!(documents("id,total\n1,2").is_err());
    }
}
