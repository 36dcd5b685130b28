//! `guerdon connections …`: the shops that call.

use std::process::ExitCode;

use accrue::{ConnectionRecord, Previous, Secret};
use clap::{Args, Subcommand, ValueEnum};
use connectors::{BigCommerce, Connector, Shopify, StandardWebhooks, Stripe, WooCommerce};
use domain::{
    ids::{ProgramId, SourceId},
    time::Instant,
};
use serde_json::{Value, json};
use store::tables::Consistency;

use crate::tools::{
    Of, output,
    place::{self, Store},
};

/// The connection tools.
#[derive(Debug, Subcommand)]
pub enum Connections {
    /// Make an address for one kind of webhook of one shop
    Create(Create),
    /// List the connections of a program
    List(Of),
    /// Give a connection a new secret; the old one counts for a while longer
    Rotate(Rotate),
    /// Let a connection take nothing any more
    End(One),
}

/// Shop software.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Software {
    /// One topic of a Shopify shop
    Shopify,
    /// One topic of a WooCommerce shop
    Woocommerce,
    /// A Stripe account
    Stripe,
    /// A BigCommerce store
    Bigcommerce,
    /// Whoever signs by Standard Webhooks
    StandardWebhooks,
}

/// How `guerdon connections create` was called.
#[derive(Debug, Args)]
pub struct Create {
    #[command(flatten)]
    of: Of,
    /// The connection's id: the end of its address
    id: String,
    /// The shop software
    #[arg(long)]
    shop: Software,
    /// The topic, for shops that have an address for each: orders/paid, order.updated …
    #[arg(long)]
    topic: Option<String>,
    /// The Shopify shop's … .myshopify.com: others are refused
    #[arg(long)]
    domain: Option<String>,
    /// The source that its facts come from; connections of one shop share it. By default
    /// the shop software's name
    #[arg(long)]
    source: Option<String>,
    /// The secret that the shop signs with; without it it is read from standard input
    #[arg(long)]
    secret: Option<String>,
    /// Who has an account at the shop is a member by that
    #[arg(long)]
    enrols: bool,
    /// The shop sees to it that an account's email address is its owner's
    #[arg(long)]
    emails_verified: bool,
}

/// A connection that there is.
#[derive(Debug, Args)]
pub struct One {
    #[command(flatten)]
    of: Of,
    /// The connection's id
    id: String,
}

/// How `guerdon connections rotate` was called.
#[derive(Debug, Args)]
pub struct Rotate {
    #[command(flatten)]
    one: One,
    /// The new secret; without it it is read from standard input
    #[arg(long)]
    secret: Option<String>,
    /// For how many hours the old secret counts too
    #[arg(long, value_name = "HOURS", default_value_t = 24,
        value_parser = clap::value_parser!(i64).range(0..=8_784))]
    overlap: i64,
}

/// Runs a tool.
///
/// # Errors
///
/// A sentence.
pub async fn run(tool: Connections) -> Result<ExitCode, String> {
    let of = match &tool {
        Connections::Create(create) => &create.of,
        Connections::List(of) => of,
        Connections::Rotate(rotate) => &rotate.one.of,
        Connections::End(one) => &one.of,
    };
    let program: ProgramId =
        of.program.parse().map_err(|error| format!("{:?}: {error}", of.program))?;
    let opened = place::open_of(&of.place, &program).await?;
    let done = in_tables(&opened.tables, &tool, &program, opened.now).await;
    opened.close().await;
    done?;
    Ok(ExitCode::SUCCESS)
}

async fn in_tables(
    tables: &Store,
    tool: &Connections,
    program: &ProgramId,
    now: Instant,
) -> Result<(), String> {
    match tool {
        Connections::Create(it) => create(tables, it, program, now).await,
        Connections::List(it) => list(tables, it, program, now).await,
        Connections::Rotate(it) => rotate(tables, it, program, now).await,
        Connections::End(it) => end(tables, it, program, now).await,
    }
}

impl Create {
    fn connector(&self) -> Result<Connector, String> {
        let topic = || {
            let missing = "--topic: say which of the shop's topics the address is for";
            self.topic.as_deref().ok_or_else(|| missing.to_owned())
        };
        let unused = |given: Option<&String>, name: &str| match given {
            Some(_) => Err(format!("--{name} is for other shop software")),
            None => Ok(()),
        };
        let wrong = |error: connectors::Misconfigured| format!("--topic: {error}");
        if !matches!(self.shop, Software::Shopify) {
            unused(self.domain.as_ref(), "domain")?;
        }
        if !matches!(self.shop, Software::Shopify | Software::Woocommerce) {
            unused(self.topic.as_ref(), "topic")?;
        }
        Ok(match self.shop {
            Software::Shopify => {
                let topic = topic()?.parse().map_err(wrong)?;
                let is_one = |domain: &String| domain.ends_with(".myshopify.com");
                if let Some(other) = self.domain.as_ref().filter(|domain| !is_one(domain)) {
                    return Err(format!(
                        "--domain {other:?}: expected one such as my-shop.myshopify.com"
                    ));
                }
                Connector::Shopify(Shopify { topic, shop: self.domain.clone() })
            }
            Software::Woocommerce => {
                Connector::WooCommerce(WooCommerce { topic: topic()?.parse().map_err(wrong)? })
            }
            Software::Stripe => Connector::Stripe(Stripe {}),
            Software::Bigcommerce => Connector::BigCommerce(BigCommerce {}),
            Software::StandardWebhooks => Connector::StandardWebhooks(StandardWebhooks {}),
        })
    }
}

/// The secret that was given, or the first line of standard input.
fn secret(given: Option<&String>) -> Result<Secret, String> {
    let text = match given {
        Some(given) => given.clone(),
        None => {
            let mut line = String::new();
            let read = std::io::stdin().read_line(&mut line);
            read.map_err(|error| format!("the secret cannot be read: {error}"))?;
            line
        }
    };
    Ok(Secret(text.trim().to_owned()))
}

async fn create(
    tables: &Store,
    create: &Create,
    program: &ProgramId,
    now: Instant,
) -> Result<(), String> {
    let id = id_of(&create.id)?;
    let known = ConnectionRecord::read(tables, &id, Consistency::Strong).await;
    if known.map_err(|failure| failure.to_string())?.is_some() {
        return Err(format!("there is a connection {id} already: rotate or end it"));
    }
    let name = create.shop.to_possible_value().map(|value| value.get_name().to_owned());
    let source = create.source.clone().or(name).unwrap_or_default();
    let source: SourceId =
        source.parse().map_err(|error| format!("--source {source:?}: {error}"))?;
    if source == SourceId::guerdon() {
        return Err(format!("--source {source}: what the engine itself tells comes from there"));
    }
    let record = ConnectionRecord {
        program: program.clone(),
        source,
        connector: create.connector()?,
        secret: secret(create.secret.as_ref())?,
        previous: None,
        enrols: create.enrols,
        emails_verified: create.emails_verified,
        made_at: now,
        ended_at: None,
    };
    keep(tables, &id, &record, now).await?;
    match create.of.json {
        true => output::json(&described(&id, &record, now)),
        false => output::text(&format!("POST /webhooks/{id} takes {}\n", sentence(&record))),
    }
    Ok(())
}

/// Writes a connection whose secrets can be used.
async fn keep(
    tables: &Store,
    id: &SourceId,
    record: &ConnectionRecord,
    now: Instant,
) -> Result<(), String> {
    record.at(now).map_err(|error| error.to_string())?;
    let written = record.write(tables, id).await;
    written.map_err(|failure| format!("the connection cannot be written: {failure}"))
}

async fn list(tables: &Store, of: &Of, program: &ProgramId, now: Instant) -> Result<(), String> {
    let all = ConnectionRecord::all(tables, program).await;
    let all = all.map_err(|failure| failure.to_string())?;
    if of.json {
        let all: Vec<Value> = all.iter().map(|(id, record)| described(id, record, now)).collect();
        output::json(&json!({ "program": program, "connections": all }));
        return Ok(());
    }
    let line = |(id, record): &(SourceId, ConnectionRecord)| {
        let end = record.ended_at.map_or_else(String::new, |end| format!(", ended {end}"));
        format!("{id}  {}, made {}{end}\n", sentence(record), record.made_at)
    };
    output::text(&all.iter().map(line).collect::<String>());
    Ok(())
}

async fn rotate(
    tables: &Store,
    rotate: &Rotate,
    program: &ProgramId,
    now: Instant,
) -> Result<(), String> {
    let (id, known) = find(tables, &rotate.one.id, program).await?;
    if known.ended_at.is_some_and(|end| end <= now) {
        return Err(format!("{id} has ended: make another connection"));
    }
    let until = now.plus_millis(rotate.overlap * 3_600_000);
    let previous = Some(Previous { secret: known.secret.clone(), until });
    let record = ConnectionRecord { secret: secret(rotate.secret.as_ref())?, previous, ..known };
    keep(tables, &id, &record, now).await?;
    match rotate.one.of.json {
        true => output::json(&described(&id, &record, now)),
        false => {
            output::text(&format!("{id} has a new secret; the old one counts until {until}\n"));
        }
    }
    Ok(())
}

async fn end(tables: &Store, one: &One, program: &ProgramId, now: Instant) -> Result<(), String> {
    let (id, known) = find(tables, &one.id, program).await?;
    let ended_at = Some(known.ended_at.map_or(now, |end| end.min(now)));
    let record = ConnectionRecord { ended_at, ..known };
    keep(tables, &id, &record, now).await?;
    match one.of.json {
        true => output::json(&described(&id, &record, now)),
        false => output::text(&format!("{id} takes nothing within 30 seconds\n")),
    }
    Ok(())
}

/// A connection of the program.
///
/// # Errors
///
/// A sentence when there is none.
pub(crate) async fn find(
    tables: &Store,
    id: &str,
    program: &ProgramId,
) -> Result<(SourceId, ConnectionRecord), String> {
    let id = id_of(id)?;
    let found = ConnectionRecord::read(tables, &id, Consistency::Strong).await;
    let found = found.map_err(|failure| failure.to_string())?;
    let record = found.filter(|record| record.program == *program).ok_or_else(|| {
        format!("the program {program} has no connection {id}: guerdon connections list {program}")
    })?;
    Ok((id, record))
}

fn id_of(id: &str) -> Result<SourceId, String> {
    id.parse().map_err(|error| format!("{id:?}: {error}"))
}

fn sentence(record: &ConnectionRecord) -> String {
    let (shop, topic) = what(&record.connector);
    let topic = topic.map_or_else(String::new, |topic| format!(" {topic}"));
    let enrols = if record.enrols { ", accounts become members" } else { "" };
    format!("{shop}{topic} as facts of {}{enrols}", record.source)
}

fn what(connector: &Connector) -> (&'static str, Option<&'static str>) {
    match connector {
        Connector::Shopify(shopify) => ("Shopify", Some(shopify.topic.as_str())),
        Connector::WooCommerce(woo) => ("WooCommerce", Some(woo.topic.as_str())),
        Connector::Stripe(_) => ("Stripe", None),
        Connector::BigCommerce(_) => ("BigCommerce", None),
        Connector::StandardWebhooks(_) => ("Standard Webhooks", None),
    }
}

/// A connection without its secrets.
fn described(id: &SourceId, record: &ConnectionRecord, now: Instant) -> Value {
    let (shop, topic) = what(&record.connector);
    json!({
        "id": id,
        "path": format!("/webhooks/{id}"),
        "program": record.program,
        "source": record.source,
        "shop": shop,
        "topic": topic,
        "enrols": record.enrols,
        "emails_verified": record.emails_verified,
        "previous_until": record.previous.as_ref().map(|previous| previous.until),
        "made_at": record.made_at,
        "ended_at": record.ended_at,
        "open": record.is_open(now),
    })
}
