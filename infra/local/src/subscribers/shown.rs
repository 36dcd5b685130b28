//! Subscribers and attempts as they are shown: a secret only once, and only if it is new.

use domain::time::Instant;
use relay::{Attempt, Secret, Subscriber};
use serde_json::{Value, json};

use super::is_made_here;
use crate::tools::output;

pub(super) fn described(subscriber: &Subscriber, now: Instant) -> Value {
    let Subscriber { id, program, sink, events, consent, secrets, disabled, made_at } = subscriber;
    let previous = secrets.previous.as_ref().filter(|previous| now < previous.until);
    json!({
        "id": id,
        "program": program,
        "kind": sink.kind(),
        "url": sink.url(),
        "events": events,
        "consent": consent,
        "previous_secret_until": previous.map(|previous| previous.until),
        "disabled_at": disabled.as_ref().map(|disabled| disabled.at),
        "disabled_why": disabled.as_ref().map(|disabled| disabled.why.clone()),
        "made_at": made_at,
    })
}

pub(super) fn line(subscriber: &Subscriber) -> String {
    let Subscriber { id, sink, events, consent, disabled, made_at, .. } = subscriber;
    let events = match events.words() {
        [] => "all events".to_owned(),
        words => words.join(" "),
    };
    let consent = consent.as_ref().map_or(String::new(), |it| format!(", who agreed to {it}"));
    let disabled = disabled
        .as_ref()
        .map_or(String::new(), |disabled| format!(", disabled {} ({})", disabled.at, disabled.why));
    let (kind, url) = (sink.kind(), sink.url());
    format!("{id}  {kind} at {url}: {events}{consent}, made {made_at}{disabled}\n")
}

/// Shows a subscriber with its new secret.
pub(super) fn with_secret(
    subscriber: &Subscriber,
    secret: &Secret,
    as_json: bool,
    note: &str,
    now: Instant,
) {
    let is_made_here = is_made_here(&subscriber.sink);
    if as_json {
        let mut shown = described(subscriber, now);
        if is_made_here {
            shown["secret"] = Value::from(secret.reveal());
        }
        output::json(&shown);
        return;
    }
    let line = line(subscriber);
    match is_made_here {
        true => output::text(&format!(
            "{}\n\n{line}What it is sent is signed with this secret, which is shown this once.\n\
             {note}",
            secret.reveal()
        )),
        false => output::text(&format!("{line}{note}")),
    }
}

pub(super) fn attempt(attempt: &Attempt) -> String {
    let Attempt { event, kind, attempt, outcome, status, reason, at } = attempt;
    let status = status.map_or(String::new(), |status| format!(" HTTP {status}"));
    let reason = reason.as_ref().map_or(String::new(), |reason| format!(" {reason}"));
    let outcome = outcome.as_str();
    format!("{at}  {kind}  {event}  attempt {attempt}: {outcome}{status}{reason}\n")
}
