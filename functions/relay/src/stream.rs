//! The stream's part: from the ledger's rows to messages.
//!
//! Nothing is kept here of what was relayed. A batch that fails comes again from its first
//! row that failed, and its events have the ids that they had before.

use std::{collections::HashMap, sync::Arc};

use aws_lambda_events::{
    dynamodb::Event as StreamEvent,
    streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse},
};
#[cfg(feature = "planted")]
use domain::planted::{Bug, is_planted};
use domain::{
    fact::Source,
    ids::{ProgramId, SourceId},
    program::Rulebook,
    referral,
    row::{Chain, Row},
};
use edge::{Credit, CreditFact, Profile, item_of_image};
use store::{
    codec::{StoredRow, decode},
    item::{Item, Table, Value},
    registry::{self, Address},
    tables::{Failure, Tables},
};

use crate::{
    events::{VersionNotLoaded, events_of},
    message::{Delivery, Recipient},
    relay::Relay,
    relaying::Relaying,
    subscriber::Subscriber,
};

/// Where rows are kept that could not be relayed, each by its chain, `#` and its sequence.
pub const PARKED: &str = "parked#events";

/// A row of the ledger's stream, and its number there.
#[derive(Clone, Debug)]
pub struct StreamRow {
    /// The number, by which the stream sends it and all after it again.
    pub sequence_number: String,
    /// The row as it is stored.
    pub item: Item,
}

/// Relays a batch of the ledger's stream. Where a row fails for now, it and all after it
/// come again.
pub async fn relay_events(relay: &Relay, event: StreamEvent) -> DynamoDbEventResponse {
    // That a row is changed or removed is for the roll-ups to raise an alarm about.
    let new = event.records.into_iter().filter(|record| record.event_name == "INSERT");
    let rows = new.map(|record| StreamRow {
        sequence_number: record.change.sequence_number.unwrap_or_default(),
        item: item_of_image(record.change.new_image),
    });
    let mut response = DynamoDbEventResponse::default();
    if let Some(sequence_number) = relay_rows(relay, rows.collect()).await {
        let mut failure = DynamoDbBatchItemFailure::default();
        failure.item_identifier = Some(sequence_number);
        response.batch_item_failures.push(failure);
    }
    response
}

/// Relays rows. Returns the number of the first that failed for now: it and all after it are
/// to come again.
pub async fn relay_rows(world: &impl Relaying, rows: Vec<StreamRow>) -> Option<String> {
    let mut batch = Batch::default();
    let mut failed = None;
    for StreamRow { sequence_number, item } in rows {
        match batch.gather(world, &item, &sequence_number).await {
            Ok(outgoing) => batch.outgoing.push((sequence_number, outgoing)),
            Err(failure) => {
                tracing::error!(%failure, "a row of the ledger's stream was not relayed");
                failed = Some(sequence_number);
                break;
            }
        }
    }
    // What was gathered before it goes out all the same.
    batch.send(world).await.or(failed)
}

/// What a row sends.
#[derive(Default)]
struct Outgoing {
    credits: Vec<String>,
    deliveries: Vec<String>,
}

/// What is known of the rows of a batch.
#[derive(Default)]
struct Batch {
    rulebooks: HashMap<ProgramId, Arc<Rulebook>>,
    profiles: HashMap<Chain, Profile>,
    outgoing: Vec<(String, Outgoing)>,
}

impl Batch {
    /// What a row sends: nothing for one that can never be read, which is kept aside.
    async fn gather(
        &mut self,
        world: &impl Relaying,
        item: &Item,
        sequence_number: &str,
    ) -> Result<Outgoing, Failure> {
        let stored = match decode(item) {
            Ok(stored) => stored,
            Err(failure) => {
                park(world.tables(), item, sequence_number, &failure.to_string()).await?;
                return Ok(Outgoing::default());
            }
        };
        let credits = credits_of(&stored.row).iter().map(Credit::message).collect();
        let deliveries = match self.deliveries(world, &stored).await {
            // As unreadable the next time.
            Err(failure @ (Failure::Unreadable { .. } | Failure::Newer { .. })) => {
                park(world.tables(), item, sequence_number, &failure.to_string()).await?;
                Vec::new()
            }
            deliveries => deliveries?,
        };
        Ok(Outgoing { credits, deliveries })
    }

    async fn deliveries(
        &mut self,
        world: &impl Relaying,
        stored: &StoredRow,
    ) -> Result<Vec<String>, Failure> {
        let row = &stored.row;
        let all = world.subscribers().of(world.tables(), &row.chain.program).await?;
        if !world.has_bus() && all.iter().all(|it| it.disabled.is_some()) {
            return Ok(Vec::new());
        }
        let rulebook = self.rulebook(world, row).await?;
        let events = events_of(stored, &rulebook).map_err(|error| unreadable(row, error))?;
        let mut messages = Vec::new();
        for event in events {
            if world.has_bus() {
                messages.push(Delivery::new(Recipient::Bus, event.clone()).message());
            }
            for subscriber in all.iter().filter(|it| it.listens_to(event.kind)) {
                if self.agrees(world, subscriber, &row.chain).await? {
                    let to = Recipient::Subscriber(subscriber.id.clone());
                    messages.push(Delivery::new(to, event.clone()).message());
                }
            }
        }
        Ok(messages)
    }

    async fn agrees(
        &mut self,
        world: &impl Relaying,
        subscriber: &Subscriber,
        chain: &Chain,
    ) -> Result<bool, Failure> {
        let Some(purpose) = &subscriber.consent else { return Ok(true) };
        if !self.profiles.contains_key(chain) {
            let profile = Profile::of(world.tables(), chain).await?;
            self.profiles.insert(chain.clone(), profile);
        }
        Ok(self.profiles.get(chain).is_some_and(|profile| profile.agrees_to(purpose)))
    }

    /// The rulebook of a row's program with the version that it names.
    async fn rulebook(
        &mut self,
        world: &impl Relaying,
        row: &Row,
    ) -> Result<Arc<Rulebook>, Failure> {
        let program = &row.chain.program;
        let knows = |rulebook: &&Arc<Rulebook>| rulebook.version(row.program_version).is_some();
        if let Some(known) = self.rulebooks.get(program).filter(knows) {
            return Ok(known.clone());
        }
        let mut found = world.find_rulebook(program).await?;
        if !found.as_ref().is_some_and(|found| knows(&found)) {
            // Another version was published than is remembered here.
            world.forget_program(program);
            found = world.find_rulebook(program).await?;
        }
        let version = row.program_version;
        let found = found.ok_or_else(|| unreadable(row, VersionNotLoaded { version }))?;
        self.rulebooks.insert(program.clone(), found.clone());
        Ok(found)
    }

    /// Sends what the rows gave. Returns the first whose messages were not all taken.
    async fn send(&self, world: &impl Relaying) -> Option<String> {
        let (rows, credits) = self.messages(|outgoing| &outgoing.credits);
        let credits = first_lost(&rows, &world.queue_credits(&credits).await);
        let (rows, deliveries) = self.messages(|outgoing| &outgoing.deliveries);
        let deliveries = first_lost(&rows, &world.queue_deliveries(&deliveries).await);
        #[cfg(feature = "planted")]
        let deliveries = deliveries.filter(|_| !is_planted(Bug::LossNotTold));
        let first = [credits, deliveries].into_iter().flatten().min()?;
        self.outgoing.get(first).map(|(sequence_number, _)| sequence_number.clone())
    }

    /// The messages of the rows for a queue, and by its position which row each is of.
    fn messages(&self, of: impl Fn(&Outgoing) -> &Vec<String>) -> (Vec<usize>, Vec<String>) {
        let rows = self.outgoing.iter().enumerate();
        let messages = rows.flat_map(|(at, (_, outgoing))| {
            of(outgoing).iter().map(move |message| (at, message.clone()))
        });
        messages.unzip()
    }
}

/// The first row with a message that was not taken.
fn first_lost(rows: &[usize], taken: &[bool]) -> Option<usize> {
    let lost = rows.iter().zip(taken).find(|(_, taken)| !**taken);
    lost.map(|(row, _)| *row)
}

/// The facts that a row causes on other members' chains: what a friend's order, or its return,
/// is for who brought them. Each derives its key from the row, so a batch that is relayed twice
/// counts once.
pub fn credits_of(row: &Row) -> Vec<Credit> {
    let referral = referral::effect(row).map(|(member, activity)| Credit {
        chain: Chain { program: row.chain.program.clone(), member },
        source: Source { id: SourceId::guerdon(), has_key_times: false },
        actor: referral::REFERRAL.to_owned(),
        accepted_at: row.recorded_at,
        fact: CreditFact::Activity(activity),
    });
    referral.into_iter().collect()
}

fn unreadable(row: &Row, why: VersionNotLoaded) -> Failure {
    Failure::Unreadable {
        what: format!("row {} of {}", row.sequence, row.chain),
        why: why.to_string(),
    }
}

/// Keeps a row aside that cannot be relayed, with an alarm: it must not stop the others.
async fn park(
    tables: &impl Tables,
    item: &Item,
    sequence_number: &str,
    why: &str,
) -> Result<(), Failure> {
    let key = match item.key(Table::Ledger).map(|key| (key.partition, key.sort)) {
        Some((chain, Value::N(sequence))) => format!("{chain}#{sequence}"),
        Some((chain, _)) => format!("{chain}#?"),
        None => format!("?#{sequence_number}"),
    };
    tracing::error!(alarm = "parked", row = key, why, "a row cannot be relayed");
    let parked = serde_json::json!({ "why": why });
    registry::write(tables, &Address::new(PARKED, key), &parked).await
}
