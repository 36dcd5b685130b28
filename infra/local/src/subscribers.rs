//! `guerdon subscribers …`: who is told of events, and what became of telling them.

mod create;
mod shown;

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Subcommand};
use domain::{
    ids::ProgramId,
    time::{Day, Instant},
};
use edge::Clock;
use jiff::{civil::Date, tz::TimeZone};
use relay::{
    Attempt, BUS, Delivery, Disabled, Event, Outcome, Recipient, Secret, Sink, Subscriber, Verdict,
    address::Reach,
};
use serde_json::json;

pub use self::create::Create;
use crate::{
    stack::Stack,
    tools::{
        Of, data, output,
        place::{self, Opened, Store},
    },
};

/// The subscriber tools.
#[derive(Debug, Subcommand)]
pub enum Subscribers {
    /// Add a subscriber; a webhook's secret is made, and shown this once
    Create(Create),
    /// List the subscribers of a program
    List(Of),
    /// Replace a subscriber's secret; both are used for a while
    Rotate(Rotate),
    /// Tell a subscriber nothing more
    Disable(One),
    /// Tell a subscriber again, from now on
    Enable(One),
    /// Send a subscriber an event that means nothing, once and now
    Test(Test),
    /// Show what became of the last deliveries to a subscriber
    Log(Log),
}

/// A subscriber that there is.
#[derive(Debug, Args)]
pub struct One {
    #[command(flatten)]
    of: Of,
    /// The subscriber's id
    id: String,
}

/// How `guerdon subscribers rotate` was called.
#[derive(Debug, Args)]
pub struct Rotate {
    #[command(flatten)]
    one: One,
    /// For how many hours webhooks are signed with both secrets
    #[arg(long, value_name = "HOURS", default_value_t = 24,
        value_parser = clap::value_parser!(i64).range(0..=8_784))]
    overlap: i64,
    /// A file with the new secret, where the recipient makes it: an API key, a client's secret
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
}

/// How `guerdon subscribers test` was called.
#[derive(Debug, Args)]
pub struct Test {
    #[command(flatten)]
    one: One,
    /// Also send to this machine, without TLS
    #[arg(long)]
    allow_loopback: bool,
}

/// How `guerdon subscribers log` was called.
#[derive(Debug, Args)]
pub struct Log {
    #[command(flatten)]
    one: One,
    /// The day, by UTC; today unless given
    #[arg(long, value_name = "DAY")]
    on: Option<Date>,
    /// The most attempts to show
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=1_000))]
    limit: u16,
}

/// Runs a tool. The exit code of a test says whether the event arrived.
///
/// # Errors
///
/// A sentence.
pub async fn run(subscribers: Subscribers) -> Result<ExitCode, String> {
    let (of, allow_loopback) = match &subscribers {
        Subscribers::Create(create) => (&create.of, create.allow_loopback),
        Subscribers::List(of) => (of, false),
        Subscribers::Rotate(rotate) => (&rotate.one.of, false),
        Subscribers::Disable(one) | Subscribers::Enable(one) => (&one.of, false),
        Subscribers::Test(test) => (&test.one.of, test.allow_loopback),
        Subscribers::Log(log) => (&log.one.of, false),
    };
    let program: ProgramId =
        of.program.parse().map_err(|error| format!("{:?}: {error}", of.program))?;
    let reach = if allow_loopback { Reach::PublicAndLoopback } else { Reach::Public };
    if let Subscribers::Test(it) = &subscribers {
        let folder = of.place.folder("tests of subscribers")?;
        if !folder.is_dir() {
            return Err(format!("there is no data in {}", folder.display()));
        }
        let stack = data::open_reaching(folder, reach).await?;
        let done = test(&stack, &it.one, &program).await;
        stack.stop().await;
        return done;
    }
    let opened = place::open_of(&of.place, &program).await?;
    let done = in_tables(&opened, reach, &subscribers, &program).await;
    opened.close().await;
    done.map(|()| ExitCode::SUCCESS)
}

async fn in_tables(
    opened: &Opened,
    reach: Reach,
    subscribers: &Subscribers,
    program: &ProgramId,
) -> Result<(), String> {
    let (tables, now) = (&opened.tables, opened.now);
    match subscribers {
        Subscribers::Create(it) => create::create((tables, reach), it, program, now).await,
        Subscribers::List(it) => list(tables, it, program, now).await,
        Subscribers::Rotate(it) => rotate(tables, it, program, now).await,
        Subscribers::Disable(it) => disable(tables, it, program, now).await,
        Subscribers::Enable(it) => enable(tables, it, program, now).await,
        // It calls the outside, and was done by now.
        Subscribers::Test(_) => Ok(()),
        Subscribers::Log(it) => log(tables, it, program, now).await,
    }
}

async fn all(tables: &Store, program: &ProgramId) -> Result<Vec<Subscriber>, String> {
    let all = Subscriber::all(tables, program).await;
    all.map_err(|failure| failure.to_string())
}

async fn list(tables: &Store, of: &Of, program: &ProgramId, now: Instant) -> Result<(), String> {
    let all = all(tables, program).await?;
    if of.json {
        let all: Vec<_> = all.iter().map(|it| shown::described(it, now)).collect();
        output::json(&json!({ "program": program, "subscribers": all }));
        return Ok(());
    }
    output::text(&all.iter().map(shown::line).collect::<String>());
    Ok(())
}

async fn change(
    tables: &Store,
    (one, program): (&One, &ProgramId),
    change: impl Fn(Subscriber) -> Subscriber + Send + Sync,
) -> Result<Subscriber, String> {
    let changed = Subscriber::change(tables, program, &one.id, change).await;
    let changed = changed.map_err(|failure| format!("nothing was changed: {failure}"))?;
    changed.ok_or_else(|| unknown(program, &one.id))
}

async fn rotate(
    tables: &Store,
    rotate: &Rotate,
    program: &ProgramId,
    now: Instant,
) -> Result<(), String> {
    let Rotate { one, overlap, secret_file } = rotate;
    let known = all(tables, program).await?.into_iter().find(|it| it.id == one.id);
    let known = known.ok_or_else(|| unknown(program, &one.id))?;
    let secret = create::secret(&known.sink, secret_file.as_deref())?;
    let until = now.plus_millis(overlap * 3_600_000);
    let changed = change(tables, (one, program), |subscriber| {
        let secrets = subscriber.secrets.clone().replaced(secret.clone(), until);
        Subscriber { secrets, ..subscriber }
    });
    let changed = changed.await?;
    let note = match changed.sink {
        Sink::Webhook(_) => format!("Both secrets sign until {until}.\n"),
        // An API takes one key; the old one is used no more.
        Sink::Klaviyo(_) | Sink::Salesforce(_) => String::new(),
    };
    shown::with_secret(&changed, &secret, one.of.json, &note, now);
    Ok(())
}

async fn disable(
    tables: &Store,
    one: &One,
    program: &ProgramId,
    now: Instant,
) -> Result<(), String> {
    let by_hand = || Disabled { at: now, why: "BY_HAND".to_owned() };
    let changed = change(tables, (one, program), |subscriber| {
        let disabled = Some(subscriber.disabled.clone().unwrap_or_else(by_hand));
        Subscriber { disabled, ..subscriber }
    });
    let changed = changed.await?;
    match one.of.json {
        true => output::json(&shown::described(&changed, now)),
        false => {
            output::text(&format!("{} is told of nothing more within 30 seconds\n", one.id));
        }
    }
    Ok(())
}

async fn enable(
    tables: &Store,
    one: &One,
    program: &ProgramId,
    now: Instant,
) -> Result<(), String> {
    let changed =
        change(tables, (one, program), |subscriber| Subscriber { disabled: None, ..subscriber });
    let changed = changed.await?;
    match one.of.json {
        true => output::json(&shown::described(&changed, now)),
        false => output::text(&format!(
            "{} is told again within 30 seconds, but not of what happened meanwhile\n",
            one.id
        )),
    }
    Ok(())
}

async fn test(stack: &Stack, one: &One, program: &ProgramId) -> Result<ExitCode, String> {
    // What is signed says when, and the recipient looks at its own clock.
    let attempt = try_out(stack, program, &one.id, Clock::System.now()).await?;
    let Attempt { event, status, reason, .. } = &attempt;
    let arrived = attempt.outcome == Outcome::Delivered;
    if one.of.json {
        output::json(&attempt);
    } else if arrived {
        output::text(&format!("the event {event} arrived: HTTP {}\n", status.unwrap_or_default()));
    } else {
        let reason = reason.as_deref().unwrap_or("no reason");
        output::text(&format!("the event {event} did not arrive: {reason}\n"));
    }
    Ok(if arrived { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Sends a subscriber an event that means nothing, once, signed as of `now`, and logs what
/// became of it.
///
/// # Errors
///
/// A sentence.
pub async fn try_out(
    stack: &Stack,
    program: &ProgramId,
    id: &str,
    now: Instant,
) -> Result<Attempt, String> {
    let subscriber = all(stack.app.tables(), program).await?.into_iter().find(|it| it.id == id);
    let subscriber = subscriber.ok_or_else(|| unknown(program, id))?;
    let event = Event::test(program, now).map_err(|error| error.to_string())?;
    let delivery = Delivery::new(Recipient::Subscriber(id.to_owned()), event);
    let sent = stack.relay.send(&subscriber, &delivery, now).await;
    let attempt = Attempt {
        event: delivery.event.id.clone(),
        kind: delivery.event.kind.as_str().to_owned(),
        attempt: 1,
        outcome: match sent.verdict {
            Verdict::Delivered => Outcome::Delivered,
            Verdict::Later(_) | Verdict::Never | Verdict::Gone => Outcome::Dropped,
        },
        status: sent.status,
        reason: sent.reason,
        at: now,
    };
    let kept = attempt.keep(stack.app.tables(), program, id).await;
    kept.map_err(|failure| format!("the attempt was not logged: {failure}"))?;
    Ok(attempt)
}

async fn log(tables: &Store, log: &Log, program: &ProgramId, now: Instant) -> Result<(), String> {
    let Log { one, on, limit } = log;
    if one.id != BUS && !all(tables, program).await?.iter().any(|it| it.id == one.id) {
        return Err(unknown(program, &one.id));
    }
    let day = on.map_or_else(|| Day::of(now, &TimeZone::UTC), Day::from_date);
    let attempts = Attempt::last(tables, program, &one.id, day, usize::from(*limit)).await;
    let attempts = attempts.map_err(|failure| failure.to_string())?;
    match one.of.json {
        true => output::json(&json!({
            "program": program, "subscriber": one.id, "day": day, "attempts": attempts,
        })),
        false => output::text(&attempts.iter().map(shown::attempt).collect::<String>()),
    }
    Ok(())
}

fn unknown(program: &ProgramId, id: &str) -> String {
    format!(
        "the program {:?} has no subscriber {id:?}: guerdon subscribers list {program}",
        program.as_str()
    )
}

/// A subscriber's new secret is shown where it was made here.
fn is_made_here(sink: &Sink) -> bool {
    matches!(sink, Sink::Webhook(_))
}

/// The secret of a file.
fn read_secret(file: &std::path::Path) -> Result<Secret, String> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| format!("{} cannot be read: {error}", file.display()))?;
    let secret = text.trim();
    let proper = !secret.is_empty() && secret.bytes().all(|byte| byte.is_ascii_graphic());
    match proper {
        true => Ok(Secret::new(secret)),
        false => Err(format!("{} holds no secret: one line of letters", file.display())),
    }
}
