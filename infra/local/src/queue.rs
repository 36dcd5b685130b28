//! `guerdon queue …`: what a queue gave up on, and giving it another try.

use std::process::ExitCode;

use aws_sdk_sqs::types::{Message, MessageSystemAttributeName};
use clap::{Args, Subcommand, ValueEnum};
use edge::{Queued, Unread};
use relay::Delivery;
use serde::Serialize;

use crate::{
    stack::Stack,
    tools::{
        Place, output,
        place::{self, Queues},
    },
};

/// For how long a message that is looked at is hidden from others.
const LOOK_SECONDS: i32 = 300;
/// The most messages of one request (Amazon SQS quotas).
const BATCH: i32 = 10;

/// The queue tools.
#[derive(Debug, Subcommand)]
pub enum QueueTool {
    /// Put dead letters back on their queue; what is recorded already is recognised
    Redrive(Redrive),
}

/// How `guerdon queue redrive` was called.
#[derive(Debug, Args)]
pub struct Redrive {
    /// Which queue
    #[arg(value_enum)]
    queue: Name,
    /// Only show what is there
    #[arg(long)]
    dry_run: bool,
    /// Where the queues are.
    #[command(flatten)]
    place: Place,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// The queues.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Name {
    /// Facts that were accepted, to be recorded
    Credits,
    /// Members to be settled
    Settle,
    /// Events to be delivered
    Deliveries,
}

/// What was found, and what became of it.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Redriven {
    /// The queue.
    pub queue: &'static str,
    /// Whether nothing was moved.
    pub dry_run: bool,
    /// The dead letters.
    pub letters: Vec<Letter>,
}

/// A dead letter. It holds ids only.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Letter {
    /// The queue's name for it.
    pub message: String,
    /// Whose chain it is for, where that can be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chain: Option<String>,
    /// The key of its fact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Why it cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unread: Option<String>,
    /// Whether it is on its queue again.
    pub redriven: bool,
}

/// Runs a tool.
///
/// # Errors
///
/// A sentence.
pub async fn run(tool: QueueTool) -> Result<ExitCode, String> {
    let QueueTool::Redrive(options) = tool;
    let opened = place::open_existing(&options.place).await?;
    let redriven = redrive_on(&opened.queues, options.queue, options.dry_run).await;
    // What is on its queue again is recorded before the folder is let go of.
    let drained = opened.drain().await;
    opened.close().await;
    let redriven = redriven?;
    drained?;
    match options.json {
        true => output::json(&redriven),
        false => output::text(&redriven.text()),
    }
    Ok(ExitCode::SUCCESS)
}

/// Puts the dead letters of a queue back on it, each first sent and then taken away: one
/// that is there twice for a moment counts once, and none is lost.
///
/// # Errors
///
/// A sentence; what was not moved by then is still among the dead letters.
pub async fn redrive(stack: &Stack, queue: Name, dry_run: bool) -> Result<Redriven, String> {
    redrive_on(&Queues::of(stack), queue, dry_run).await
}

async fn redrive_on(queues: &Queues, queue: Name, dry_run: bool) -> Result<Redriven, String> {
    let name = match queue {
        Name::Credits => "credits",
        Name::Settle => "settle",
        Name::Deliveries => "deliveries",
    };
    let sqs = &queues.sqs;
    let failed = |error: &dyn std::error::Error| format!("the queue {name}: {error}");
    let (url, dead) = (queues.url(name).await?, queues.url(&format!("{name}-dead")).await?);
    let mut found: Vec<Message> = Vec::new();
    loop {
        let received = sqs
            .receive_message()
            .queue_url(&dead)
            .max_number_of_messages(BATCH)
            .visibility_timeout(LOOK_SECONDS)
            .message_system_attribute_names(MessageSystemAttributeName::All);
        let received = Box::pin(received.send()).await.map_err(|error| failed(&error))?;
        let messages = received.messages.unwrap_or_default();
        if messages.is_empty() {
            break;
        }
        found.extend(messages);
    }
    let mut letters = Vec::with_capacity(found.len());
    for message in found {
        let letter = Letter { redriven: !dry_run, ..letter(queue, &message) };
        if dry_run {
            let shown = sqs.change_message_visibility().queue_url(&dead).visibility_timeout(0);
            let shown = shown.set_receipt_handle(message.receipt_handle).send();
            Box::pin(shown).await.map_err(|error| failed(&error))?;
        } else {
            let sent = sqs.send_message().queue_url(&url).set_message_body(message.body).send();
            Box::pin(sent).await.map_err(|error| failed(&error))?;
            let gone = sqs.delete_message().queue_url(&dead);
            let gone = gone.set_receipt_handle(message.receipt_handle).send();
            Box::pin(gone).await.map_err(|error| failed(&error))?;
        }
        letters.push(letter);
    }
    Ok(Redriven { queue: name, dry_run, letters })
}

fn letter(queue: Name, message: &Message) -> Letter {
    let mut letter = Letter {
        message: message.message_id.clone().unwrap_or_default(),
        chain: None,
        key: None,
        unread: None,
        redriven: false,
    };
    let body = message.body.as_deref().unwrap_or_default();
    match queue {
        Name::Credits => {}
        Name::Settle => return letter,
        Name::Deliveries => {
            match Delivery::read(body) {
                Ok(delivery) => letter.tell(&delivery),
                Err(unread) => letter.unread = Some(unread.to_string()),
            }
            return letter;
        }
    }
    match Queued::read(body) {
        Ok(queued) => {
            letter.chain = Some(queued.lane());
            let key = match &queued {
                Queued::Credit(credit) => credit.keyed().ok().and_then(|fact| fact.key),
                Queued::Arrival(arrival) => arrival.keyed().ok().flatten().and_then(|it| it.key),
                Queued::Takeover(_) => None,
            };
            letter.key = key.map(|key| key.to_string());
        }
        Err(why @ (Unread::Newer { .. } | Unread::Shape { .. })) => {
            letter.unread = Some(why.to_string());
        }
    }
    letter
}

impl Letter {
    /// An event's id is what its recipient would know it by.
    fn tell(&mut self, delivery: &Delivery) {
        let Delivery { program, event, .. } = delivery;
        self.chain = Some(format!("{program}/{}", event.subject));
        self.key = Some(event.id.clone());
    }
}

impl Redriven {
    fn text(&self) -> String {
        let Redriven { queue, dry_run, letters } = self;
        let mut text = String::new();
        for Letter { message, chain, key, unread, .. } in letters {
            let chain = chain.as_deref().unwrap_or("-");
            let what = key.as_deref().or(unread.as_deref()).unwrap_or("-");
            text.push_str(&format!("{message}  {chain}  {what}\n"));
        }
        let count = letters.len();
        text.push_str(&match (count, dry_run) {
            (0, _) => format!("the queue {queue} has no dead letters\n"),
            (_, true) => format!("{count} dead letters of the queue {queue}; nothing was moved\n"),
            (_, false) => format!("{count} dead letters are on the queue {queue} again\n"),
        });
        text
    }
}
