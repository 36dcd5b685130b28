//! `guerdon relay`: what follows from rows, sent once more. The stream hands each row on for a
//! day and not longer; what could not be relayed until then, or was kept aside because it could
//! not be read, is relayed from the ledger.
//!
//! What had arrived is recognised: facts by their keys, events by their ids.

use std::{collections::HashMap, process::ExitCode, sync::Arc};

use domain::{ids::ProgramId, program::Rulebook, time::Instant};
use edge::{PublishedProgram, Queue, Store};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use relay::{PARKED, Relaying, StreamRow, Subscribers, relay_rows};
use serde::Serialize;
use serde_json::Value;
use store::{
    item::{Item, Table},
    registry::{self, Address},
    tables::{Consistency, Failure, Tables},
};

use crate::{
    tools::{
        Place, output,
        place::{self, Opened},
    },
    verify,
};

/// How many rows are relayed at once.
const BATCH: usize = 100;

/// How `guerdon relay` was called.
#[derive(Debug, clap::Args)]
pub struct RelayAgain {
    /// Rows that were recorded from then on, such as 2026-11-22 or 2026-11-22T10:00:00Z (UTC)
    #[arg(long, value_name = "TIME", value_parser = instant, required_unless_present = "parked")]
    pub from: Option<Instant>,
    /// And before then; now unless given
    #[arg(long, value_name = "TIME", value_parser = instant, requires = "from")]
    pub until: Option<Instant>,
    /// Rows that were kept aside because they could not be read
    #[arg(long, conflicts_with = "from")]
    pub parked: bool,
    /// Only count them
    #[arg(long)]
    pub dry_run: bool,
    /// Where the tables are.
    #[command(flatten)]
    pub place: Place,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// What was done.
#[derive(Debug, Serialize)]
struct Done {
    rows: usize,
    dry_run: bool,
    /// How many of them cannot be read even now, and stay aside.
    unread: usize,
}

/// Relays rows again.
///
/// # Errors
///
/// A sentence.
pub async fn run(options: RelayAgain) -> Result<ExitCode, String> {
    let opened = place::open_existing(&options.place).await?;
    let done = relay(&opened, &options).await;
    // What is on a queue is recorded and sent before the folder is let go of.
    let drained = opened.drain().await;
    opened.close().await;
    let done = done?;
    drained?;
    match options.json {
        true => output::json(&done),
        false if done.dry_run => output::text(&format!("{} rows; nothing was sent\n", done.rows)),
        false if done.unread > 0 => output::text(&format!(
            "{} rows were relayed, and {} cannot be read even now\n",
            done.rows - done.unread,
            done.unread
        )),
        false => output::text(&format!("{} rows were relayed\n", done.rows)),
    }
    Ok(ExitCode::SUCCESS)
}

async fn relay(opened: &Opened, options: &RelayAgain) -> Result<Done, String> {
    let said = |failure: Failure| failure.to_string();
    let tables = &opened.tables;
    let parked: Vec<(String, Value)> =
        registry::list(tables, PARKED, None, None).await.map_err(said)?;
    let parked: HashMap<&str, &Value> = parked
        .iter()
        .filter(|(_, parked)| parked.get(RELAYED).is_none())
        .map(|(row, parked)| (row.as_str(), parked))
        .collect();
    let from = options.from.unwrap_or_default().millis();
    let until = options.until.map_or(i64::MAX, Instant::millis);
    let is_wanted = |row: &StreamRow| match options.parked {
        true => parked.contains_key(row.sequence_number.as_str()),
        false => {
            let at = row.item.get_number("recorded_at");
            at.is_some_and(|at| at >= i128::from(from) && at < i128::from(until))
        }
    };
    let office = match options.dry_run {
        true => None,
        false => Some(Office::of(opened).await?),
    };
    let mut done = Done { rows: 0, dry_run: options.dry_run, unread: 0 };
    let mut after = None;
    loop {
        let page = tables.scan(Table::Ledger, after).await.map_err(said)?;
        let rows: Vec<StreamRow> =
            page.items.into_iter().filter_map(named).filter(is_wanted).collect();
        done.rows += rows.len();
        for batch in rows.chunks(BATCH) {
            let Some(office) = &office else { break };
            for row in batch {
                mark(tables, &parked, &row.sequence_number, RELAYING).await.map_err(said)?;
            }
            if let Some(row) = relay_rows(office, batch.to_vec()).await {
                return Err(format!("row {row} was not relayed: what was, need not be again"));
            }
            for row in batch {
                let kept = kept_aside_again(tables, &row.sequence_number).await.map_err(said)?;
                done.unread += usize::from(kept);
                if !kept {
                    mark(tables, &parked, &row.sequence_number, RELAYED).await.map_err(said)?;
                }
            }
        }
        after = page.next;
        if after.is_none() {
            return Ok(done);
        }
    }
}

/// The mark of a row that was kept aside and relayed since.
const RELAYED: &str = "relayed";
/// The mark of one that is being relayed: it is gone where the row is kept aside again.
const RELAYING: &str = "relaying";

async fn mark(
    tables: &Store,
    parked: &HashMap<&str, &Value>,
    row: &str,
    with: &str,
) -> Result<(), Failure> {
    let Some(Value::Object(entry)) = parked.get(row) else { return Ok(()) };
    let mut entry = entry.clone();
    entry.insert(with.to_owned(), Value::Bool(true));
    registry::write(tables, &Address::new(PARKED, row), &entry).await
}

/// Whether a row that was relayed could not be read, again or for the first time.
async fn kept_aside_again(tables: &Store, row: &str) -> Result<bool, Failure> {
    let address = Address::new(PARKED, row);
    let entry: Option<Value> = registry::read(tables, &address, Consistency::Strong).await?;
    Ok(entry.is_some_and(|entry| entry.get(RELAYING).is_none() && entry.get(RELAYED).is_none()))
}

/// A row by the name that what is kept aside has: its chain, `#` and its sequence.
fn named(item: Item) -> Option<StreamRow> {
    let (chain, sequence) = (item.get_text("chain")?, item.get_number("sequence")?);
    Some(StreamRow { sequence_number: format!("{chain}#{sequence}"), item })
}

/// What relays beside opened tables.
struct Office {
    tables: Store,
    rulebooks: HashMap<ProgramId, Arc<Rulebook>>,
    subscribers: Subscribers,
    /// An account's stack tells its bus of everything.
    has_bus: bool,
    credits: Queue,
    deliveries: Queue,
}

impl Office {
    async fn of(opened: &Opened) -> Result<Office, String> {
        let rulebooks = verify::rulebooks(&opened.tables).await?.into_iter();
        let queue = async |name: &str| {
            let url = opened.queues.url(name).await?;
            Ok::<Queue, String>(Queue::new(opened.queues.sqs.clone(), url))
        };
        Ok(Office {
            tables: opened.tables.clone(),
            rulebooks: rulebooks.map(|(program, it)| (program, Arc::new(it))).collect(),
            subscribers: Subscribers::default(),
            has_bus: opened.is_account(),
            credits: queue("credits").await?,
            deliveries: queue("deliveries").await?,
        })
    }
}

impl Relaying for Office {
    type Tables = Store;

    fn tables(&self) -> &Store {
        &self.tables
    }

    fn subscribers(&self) -> &Subscribers {
        &self.subscribers
    }

    fn has_bus(&self) -> bool {
        self.has_bus
    }

    async fn find_rulebook(&self, program: &ProgramId) -> Result<Option<Arc<Rulebook>>, Failure> {
        if let Some(known) = self.rulebooks.get(program) {
            return Ok(Some(known.clone()));
        }
        let versions = PublishedProgram::all(&self.tables, program).await?;
        Ok(PublishedProgram::rulebook(&versions)?.map(Arc::new))
    }

    fn forget_program(&self, _: &ProgramId) {}

    async fn queue_credits(&self, messages: &[String]) -> Vec<bool> {
        self.credits.send_each(messages).await
    }

    async fn queue_deliveries(&self, messages: &[String]) -> Vec<bool> {
        self.deliveries.send_each(messages).await
    }
}

/// An instant, or the first of a day, in UTC.
fn instant(text: &str) -> Result<Instant, String> {
    if let Ok(timestamp) = text.parse::<Timestamp>() {
        return Ok(Instant::from_timestamp(timestamp));
    }
    let date = text.parse::<Date>().ok();
    let midnight = date.and_then(|date| date.to_zoned(TimeZone::UTC).ok());
    let midnight = midnight.map(|midnight| Instant::from_timestamp(midnight.timestamp()));
    midnight.ok_or_else(|| "expected a time such as 2026-11-22 or 2026-11-22T10:00:00Z".to_owned())
}
