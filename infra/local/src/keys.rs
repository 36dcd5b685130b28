//! `guerdon keys …`: who may call.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use domain::{
    ids::{ProgramId, SourceId},
    time::Instant,
};
use edge::{ApiKey, KeyRecord, Limit, all_keys, auth::MEMBER_SOURCE, end_key};
use serde_json::{Value, json};

use crate::tools::{
    Of, output,
    place::{self, Store},
};

/// The scopes that a key may have.
const SCOPES: [&str; 4] = ["earn", "redeem", "read", "admin"];

/// The key tools.
#[derive(Debug, Subcommand)]
pub enum Keys {
    /// Make a key, and show its secret this once
    Create(Create),
    /// List the keys of a program
    List(Of),
    /// Make a key that may do what another may, which ends after an overlap
    Rotate(Rotate),
    /// Let a key end now
    Revoke(One),
}

/// How `guerdon keys create` was called.
#[derive(Debug, Args)]
pub struct Create {
    #[command(flatten)]
    of: Of,
    /// Its name, which rows and logs speak of
    #[arg(long)]
    name: String,
    /// What the holder may do; several times for several
    #[arg(long = "scope", required = true, value_parser = SCOPES)]
    scopes: Vec<String>,
    /// The source that its facts come from: the ids of orders are unique in a source
    #[arg(long, default_value = "api")]
    source: String,
    /// The source sends an order or a refund always with the same time, however often it
    /// sends it
    #[arg(long)]
    key_times: bool,
    /// How often it may call: so many requests in so many seconds, at once or spread. 200/2
    /// unless given, which is a hundred a second
    #[arg(long, value_name = "REQUESTS/SECONDS")]
    limit: Option<Limit>,
}

/// A key that there is.
#[derive(Debug, Args)]
pub struct One {
    #[command(flatten)]
    of: Of,
    /// The key's id, as `guerdon keys list` says it
    key: String,
}

/// How `guerdon keys rotate` was called.
#[derive(Debug, Args)]
pub struct Rotate {
    #[command(flatten)]
    one: One,
    /// For how many hours both keys work
    #[arg(long, value_name = "HOURS", default_value_t = 24,
        value_parser = clap::value_parser!(i64).range(0..=8_784))]
    overlap: i64,
}

/// Runs a tool.
///
/// # Errors
///
/// A sentence.
pub async fn run(keys: Keys) -> Result<ExitCode, String> {
    let of = match &keys {
        Keys::Create(create) => &create.of,
        Keys::List(of) => of,
        Keys::Rotate(rotate) => &rotate.one.of,
        Keys::Revoke(one) => &one.of,
    };
    let id: ProgramId = of.program.parse().map_err(|error| format!("{:?}: {error}", of.program))?;
    let opened = place::open_of(&of.place, &id).await?;
    let done = in_tables(&opened.tables, &keys, &id, opened.now).await;
    opened.close().await;
    done?;
    Ok(ExitCode::SUCCESS)
}

async fn in_tables(
    tables: &Store,
    keys: &Keys,
    program: &ProgramId,
    now: Instant,
) -> Result<(), String> {
    match keys {
        Keys::Create(it) => create(tables, it, program, now).await,
        Keys::List(it) => list(tables, it, program, now).await,
        Keys::Rotate(it) => rotate(tables, it, program, now).await,
        Keys::Revoke(it) => revoke(tables, it, program, now).await,
    }
}

async fn create(
    tables: &Store,
    create: &Create,
    program: &ProgramId,
    now: Instant,
) -> Result<(), String> {
    let source: SourceId =
        create.source.parse().map_err(|error| format!("--source {:?}: {error}", create.source))?;
    if create.source == MEMBER_SOURCE {
        return Err(format!(
            "--source {MEMBER_SOURCE}: what members do themselves comes from there"
        ));
    }
    let name = create.name.trim();
    if name == MEMBER_SOURCE {
        return Err(format!("--name {MEMBER_SOURCE}: rows call members so who call themselves"));
    }
    if name.is_empty() || name.chars().count() > 64 || name.chars().any(char::is_control) {
        return Err("--name: give 1 to 64 characters that can be read".to_owned());
    }
    let mut scopes = create.scopes.clone();
    scopes.sort_unstable();
    scopes.dedup();
    let record = KeyRecord {
        name: name.to_owned(),
        program: program.clone(),
        source,
        scopes,
        has_key_times: create.key_times,
        made_at: now,
        ends_at: None,
        limit: create.limit,
    };
    let key = allow(tables, &record).await?;
    show(&key, &record, create.of.json, "");
    Ok(())
}

async fn allow(tables: &Store, record: &KeyRecord) -> Result<ApiKey, String> {
    let key = ApiKey::generate().map_err(|error| error.to_string())?;
    let allowed = key.allow(tables, record).await;
    allowed.map_err(|failure| format!("the key cannot be written: {failure}"))?;
    Ok(key)
}

/// Shows a new key; its secret is kept nowhere.
fn show(key: &ApiKey, record: &KeyRecord, as_json: bool, note: &str) {
    if as_json {
        let mut shown = described(&key.id(), record, record.made_at);
        shown["secret"] = Value::from(key.secret());
        output::json(&shown);
        return;
    }
    let KeyRecord { name, program, scopes, .. } = record;
    output::text(&format!(
        "{}\n\nkey {} of {program}: {name}, {}. Its secret is shown this once.\n{note}",
        key.secret(),
        key.id(),
        scopes.join(" "),
    ));
}

async fn list(tables: &Store, of: &Of, program: &ProgramId, now: Instant) -> Result<(), String> {
    let keys = all_keys(tables, program).await;
    let keys = keys.map_err(|failure| failure.to_string())?;
    if of.json {
        let keys: Vec<Value> = keys.iter().map(|(id, record)| described(id, record, now)).collect();
        output::json(&json!({ "program": program, "keys": keys }));
        return Ok(());
    }
    let line = |(id, record): &(String, KeyRecord)| {
        let KeyRecord { name, source, scopes, made_at, ends_at, .. } = record;
        let limit = record.limit.map_or(String::new(), |limit| format!(", {limit:#}"));
        let end = match ends_at {
            Some(end) if record.is_open(now) => format!(", ends {end}"),
            Some(end) => format!(", ended {end}"),
            None => String::new(),
        };
        format!("{id}  {name}, from {source}: {}{limit}, made {made_at}{end}\n", scopes.join(" "))
    };
    output::text(&keys.iter().map(line).collect::<String>());
    Ok(())
}

async fn rotate(
    tables: &Store,
    rotate: &Rotate,
    program: &ProgramId,
    now: Instant,
) -> Result<(), String> {
    let id = &rotate.one.key;
    let keys = all_keys(tables, program).await;
    let keys = keys.map_err(|failure| failure.to_string())?;
    let old = keys.into_iter().find(|(known, _)| known == id).map(|(_, record)| record);
    let old = old.ok_or_else(|| unknown(program, id))?;
    if !old.is_open(now) {
        return Err(format!("the key {id} has ended: make a new one with guerdon keys create"));
    }
    let end = now.plus_millis(rotate.overlap * 3_600_000);
    let record = KeyRecord { made_at: now, ends_at: None, ..old };
    // The new one first: whatever fails, one of them works.
    let key = allow(tables, &record).await?;
    let ended = end_key(tables, program, id, end).await;
    let ended = ended.map_err(|failure| format!("the key {id} still works: {failure}"))?;
    let end = ended.and_then(|record| record.ends_at).unwrap_or(end);
    show(&key, &record, rotate.one.of.json, &format!("The key {id} works until {end}.\n"));
    Ok(())
}

async fn revoke(
    tables: &Store,
    one: &One,
    program: &ProgramId,
    now: Instant,
) -> Result<(), String> {
    let ended = end_key(tables, program, &one.key, now).await;
    let ended = ended.map_err(|failure| format!("the key still works: {failure}"))?;
    let record = ended.ok_or_else(|| unknown(program, &one.key))?;
    match one.of.json {
        true => output::json(&described(&one.key, &record, now)),
        false => {
            output::text(&format!("the key {} opens nothing within 30 seconds\n", one.key));
        }
    }
    Ok(())
}

fn unknown(program: &ProgramId, id: &str) -> String {
    format!("the program {:?} has no key {id:?}: guerdon keys list {program}", program.as_str())
}

fn described(id: &str, record: &KeyRecord, now: Instant) -> Value {
    let KeyRecord { name, program, source, scopes, has_key_times, made_at, ends_at, limit } =
        record;
    json!({
        "id": id,
        "program": program,
        "name": name,
        "source": source,
        "scopes": scopes,
        "key_times": has_key_times,
        "made_at": made_at,
        "ends_at": ends_at,
        "limit": limit.unwrap_or(Limit::OF_KEYS),
        "open": record.is_open(now),
    })
}
