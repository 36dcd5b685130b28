//! Prints how fast activities come through the queue of the local stack, and what they and
//! their roll-ups cost by our own meter: `cargo run --release -p guerdon --example activity_rate`.

#![allow(clippy::float_arithmetic, reason = "rates are for people to read")]

use std::{
    error::Error,
    time::{Duration, Instant},
};

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use domain::definition;
use local::{
    program::{self, Definition},
    stack::{Data, Options, Stack},
};
use reqwest::Client;
use serde_json::{Value, json};
use store::meter::Units;

const PROGRAM: &str = r#"
[program]
id        = "club"
name      = "The club"
time_zone = "Europe/London"
money     = "GBP"

[points]
cost    = "0.01 GBP"
pending = "at once"

[[earn]]
id     = "log-in"
on     = "log_in"
points = 1
"#;

const MEMBERS: u32 = 200;
const REQUESTS: u32 = 100;
/// The most that one request may bring.
const OF_REQUEST: u32 = 100;
/// Facts of one member in one batch.
const HOT: u32 = 100;

type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

#[tokio::main]
async fn main() -> Outcome {
    let now = domain::time::Instant::from_millis(1_780_000_000_000);
    let stack = Stack::start(Options { data: Data::Memory, port: 0, clock: now }).await?;
    let program = definition::parse(PROGRAM, "club.toml", 1, now.plus_days(-400));
    let program = program.map_err(|refused| refused.to_string())?;
    let definition = Definition { text: PROGRAM.to_owned(), program };
    program::publish(&stack.app, &definition, "bench").await?;
    let measured = measure(&stack).await;
    stack.stop().await;
    measured
}

async fn measure(stack: &Stack) -> Outcome {
    let http = Client::new();
    for member in 0..MEMBERS {
        post(&http, stack, "members", json!({ "id": format!("m{member}") })).await?;
    }
    stack.pollers.drain().await?;
    let mut still = stack.pollers.pause().await;
    let count = REQUESTS * OF_REQUEST;

    let began = Instant::now();
    for request in 0..REQUESTS {
        let one = |number: u32| {
            let id = request * OF_REQUEST + number;
            json!({ "id": format!("a{id}"), "member": format!("m{}", id % MEMBERS),
                    "kind": "log_in" })
        };
        post(&http, stack, "activities", (0..OF_REQUEST).map(one).collect()).await?;
    }
    println!("{count} activities of {MEMBERS} members, {OF_REQUEST} in a request");
    println!("  accepted   {}", rate(count, began.elapsed()));

    let (began, before) = (Instant::now(), units(stack));
    still.drain_queue().await?;
    println!("  recorded   {}", rate(count, began.elapsed()));
    println!("             {}", each(count, units(stack).since(before)));

    drop(still);
    let (began, before) = (Instant::now(), units(stack));
    stack.pollers.drain().await?;
    println!("  rolled up  {}", rate(count, began.elapsed()));
    println!("             {}", each(count, units(stack).since(before)));

    let still = stack.pollers.pause().await;
    println!("{HOT} facts of one member in one batch");
    for batch in ["first", "second", "third"] {
        let (began, before) = (Instant::now(), units(stack));
        let response = accrue::credit_batch(&stack.app, hot(stack, batch)).await;
        let failed = response.batch_item_failures.len();
        println!("  {batch:<9}  {}, {failed} came back", rate(HOT, began.elapsed()));
        println!("             {}", each(HOT, units(stack).since(before)));
    }
    drop(still);
    Ok(())
}

async fn post(http: &Client, stack: &Stack, path: &str, body: Value) -> Outcome {
    let url = format!("{}/v1/club/{path}", stack.url());
    let request = http.post(url).bearer_auth(program::key_of("bench")).json(&body);
    let response = request.send().await?;
    match response.status().is_success() {
        true => Ok(()),
        false => Err(response.text().await?.into()),
    }
}

fn hot(stack: &Stack, batch: &str) -> SqsEvent {
    let mut event = SqsEvent::default();
    for number in 0..HOT {
        let fact = json!({ "kind": "activity", "id": format!("{batch}-{number}"),
                           "activity": "log_in", "withdrawn": false });
        let body = json!({ "v": 1, "program": "club", "member": "m0", "source": "bench",
                           "has_key_times": false, "actor": "bench",
                           "accepted_at": stack.app.clock().now(), "fact": fact });
        let mut message = SqsMessage::default();
        message.message_id = Some(format!("{batch}-{number}"));
        message.body = Some(body.to_string());
        event.records.push(message);
    }
    event
}

fn units(stack: &Stack) -> Units {
    stack.app.tables().units()
}

fn rate(count: u32, taken: Duration) -> String {
    format!("{:.0} a second", f64::from(count) / taken.as_secs_f64())
}

fn each(count: u32, used: Units) -> String {
    let of = |units: u64| units as f64 / f64::from(count);
    format!(
        "{:.3} write units and {:.3} read units each",
        of(used.writes),
        of(used.read_halves) / 2.0
    )
}
