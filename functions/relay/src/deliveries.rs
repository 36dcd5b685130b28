//! The queue's part: sending each event to its recipient, again and again over days.

use std::time::Duration;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use edge::batch::{self, Message};
use store::tables::Failure;

use crate::{
    log::{Attempt, Outcome},
    message::{Delivery, Recipient, Unread},
    patience::{self, ATTEMPTS_MAX},
    relay::Relay,
    sink::{Sent, Verdict},
    subscriber::{Disabled, Subscriber},
};

/// The name under which attempts to reach the event bus are logged. No subscriber's id has
/// such a character.
pub const BUS: &str = "@bus";

/// Sends the events of a batch of messages, each by itself and all side by side. What fails
/// for now waits on its queue; what cannot succeed, or failed too often, goes to the dead
/// letters.
pub async fn deliver_batch(relay: &Relay, event: SqsEvent) -> SqsBatchResponse {
    let messages = event.records.into_iter().map(|message| Message {
        id: message.message_id.clone().unwrap_or_default(),
        content: Received::of(message),
    });
    let relay = relay.clone();
    let handle = move |message: Message<Received>| {
        let relay = relay.clone();
        async move { deliver(&relay, message).await }
    };
    let lane_of = |received: &Received| received.receipt_handle.clone();
    batch::each(messages.collect(), lane_of, handle).await
}

/// A message as the queue handed it out.
struct Received {
    body: String,
    receipt_handle: String,
    /// How often it was handed out, this time included.
    attempt: u32,
}

impl Received {
    fn of(message: SqsMessage) -> Received {
        let receives = message.attributes.get("ApproximateReceiveCount");
        let attempt = receives.and_then(|count| count.parse().ok()).unwrap_or(1);
        Received {
            body: message.body.unwrap_or_default(),
            receipt_handle: message.receipt_handle.unwrap_or_default(),
            attempt,
        }
    }
}

/// Why a message goes back to its queue.
#[derive(Debug, thiserror::Error)]
enum Returned {
    #[error(transparent)]
    Unread(Unread),
    #[error("attempt {attempt} failed: {reason}; the next is in {seconds} s")]
    Waiting { attempt: u32, reason: String, seconds: u64 },
    #[error(transparent)]
    Failed(#[from] Failure),
}

async fn deliver(relay: &Relay, message: Message<Received>) -> Result<(), Returned> {
    let Message { id, content: received } = message;
    let delivery = match Delivery::read(&received.body) {
        Ok(delivery) => delivery,
        Err(newer @ Unread::Newer { .. }) => return Err(Returned::Unread(newer)),
        Err(unread @ Unread::Shape { .. }) => {
            tracing::error!(alarm = "dead", message_id = %id, %unread, "a delivery is a dead letter");
            return Ok(bury(relay, &received).await?);
        }
    };
    match &delivery.to {
        Recipient::Bus => {
            let sent = match relay.bus() {
                Some(bus) => bus.put(&delivery).await,
                None => Sent::never("NO_EVENT_BUS"),
            };
            conclude(relay, &delivery, BUS, &received, sent).await
        }
        Recipient::Subscriber(to) => {
            let subscriber = find(relay, &delivery, to).await?;
            let sent = match &subscriber {
                None => Sent::never("SUBSCRIBER_UNKNOWN"),
                Some(subscriber) => match dropped(relay, subscriber, &delivery).await? {
                    Some(reason) => {
                        let attempt = attempt(relay, &delivery, &received, Outcome::Dropped);
                        let attempt = Attempt { reason: Some(reason.to_owned()), ..attempt };
                        keep(relay, &delivery, to, attempt).await;
                        return Ok(());
                    }
                    None => {
                        let now = relay.app().clock().now();
                        relay.send(subscriber, &delivery, now).await
                    }
                },
            };
            conclude(relay, &delivery, to, &received, sent).await
        }
    }
}

async fn find(relay: &Relay, delivery: &Delivery, id: &str) -> Result<Option<Subscriber>, Failure> {
    for fresh in [false, true] {
        if fresh {
            // It may have been made since.
            relay.subscribers().forget();
        }
        let all = relay.subscribers().of(relay.app().tables(), &delivery.program).await?;
        if let Some(found) = all.iter().find(|subscriber| subscriber.id == id) {
            return Ok(Some(found.clone()));
        }
    }
    Ok(None)
}

/// Why an event is not for a subscriber any more, days after it was queued perhaps.
async fn dropped(
    relay: &Relay,
    subscriber: &Subscriber,
    delivery: &Delivery,
) -> Result<Option<&'static str>, Failure> {
    if subscriber.disabled.is_some() {
        return Ok(Some("DISABLED"));
    }
    match relay.agrees(subscriber, &delivery.event.data.member).await? {
        true => Ok(None),
        false => Ok(Some("NOT_AGREED")),
    }
}

/// Does what follows from an attempt, and logs it.
async fn conclude(
    relay: &Relay,
    delivery: &Delivery,
    to: &str,
    received: &Received,
    sent: Sent,
) -> Result<(), Returned> {
    let Sent { verdict, status, reason } = sent;
    let of = |outcome| Attempt {
        status,
        reason: reason.clone(),
        ..attempt(relay, delivery, received, outcome)
    };
    match verdict {
        Verdict::Delivered => {
            keep(relay, delivery, to, of(Outcome::Delivered)).await;
            Ok(())
        }
        Verdict::Gone => {
            disable(relay, delivery, to).await?;
            keep(relay, delivery, to, of(Outcome::Dropped)).await;
            Ok(())
        }
        Verdict::Later(asked) if received.attempt < ATTEMPTS_MAX => {
            keep(relay, delivery, to, of(Outcome::Waiting)).await;
            let wait = hide(relay, received, asked).await;
            let reason = reason.unwrap_or_default();
            Err(Returned::Waiting { attempt: received.attempt, reason, seconds: wait.as_secs() })
        }
        Verdict::Later(_) | Verdict::Never => {
            // The reason first: nobody should find a dead letter and not know why.
            of(Outcome::Dead).keep(relay.app().tables(), &delivery.program, to).await?;
            bury(relay, received).await?;
            tracing::error!(
                alarm = "dead",
                program = %delivery.program,
                to,
                event = %delivery.event.id,
                reason = reason.as_deref().unwrap_or(""),
                "a delivery is a dead letter"
            );
            Ok(())
        }
    }
}

fn attempt(relay: &Relay, delivery: &Delivery, received: &Received, outcome: Outcome) -> Attempt {
    Attempt {
        event: delivery.event.id.clone(),
        kind: delivery.event.kind.as_str().to_owned(),
        attempt: received.attempt,
        outcome,
        status: None,
        reason: None,
        at: relay.app().clock().now(),
    }
}

/// Logs an attempt. What was sent is not sent again because the log could not be written.
async fn keep(relay: &Relay, delivery: &Delivery, to: &str, attempt: Attempt) {
    let kept = attempt.keep(relay.app().tables(), &delivery.program, to).await;
    if let Err(failure) = kept {
        tracing::warn!(%failure, to, event = %attempt.event, "an attempt was not logged");
    }
}

/// Lets a message wait. Where the queue does not let it, it comes back sooner.
async fn hide(relay: &Relay, received: &Received, asked: Option<Duration>) -> Duration {
    let mut random = [0; 4];
    // Without randomness everybody waits for as long as can be.
    let random = match getrandom::fill(&mut random) {
        Ok(()) => u32::from_ne_bytes(random),
        Err(_) => u32::MAX,
    };
    let wait = patience::wait(received.attempt, random, asked);
    let seconds = i32::try_from(wait.as_secs()).unwrap_or(i32::MAX);
    let hidden = relay.app().deliveries_queue().hide(&received.receipt_handle, seconds).await;
    if let Err(failure) = hidden {
        tracing::warn!(%failure, "a delivery comes back sooner than it should");
    }
    wait
}

async fn bury(relay: &Relay, received: &Received) -> Result<(), Failure> {
    relay.app().dead_deliveries_queue().send(std::slice::from_ref(&received.body)).await
}

async fn disable(relay: &Relay, delivery: &Delivery, id: &str) -> Result<(), Failure> {
    let now = relay.app().clock().now();
    let gone = || Disabled { at: now, why: "GONE".to_owned() };
    let change = |subscriber: Subscriber| {
        let disabled = Some(subscriber.disabled.clone().unwrap_or_else(gone));
        Subscriber { disabled, ..subscriber }
    };
    Subscriber::change(relay.app().tables(), &delivery.program, id, change).await?;
    relay.subscribers().forget();
    tracing::warn!(program = %delivery.program, to = id, "a subscriber is gone and was disabled");
    Ok(())
}

impl Sent {
    fn never(code: &str) -> Sent {
        Sent { verdict: Verdict::Never, status: None, reason: Some(code.to_owned()) }
    }
}
