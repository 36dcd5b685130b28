//! Tells a story to a stack of its own, line by line, and compares.

use std::{collections::HashMap, fmt, fs};

use domain::{
    program::Program,
    time::{Day, Instant},
};
use edge::Rejection;
use jiff::tz::TimeZone;
use local::{
    program::Definition,
    stack::{Data, Options, Stack},
};
use serde_json::json;

use crate::{
    client::{Answer, Client},
    definitions,
    expected::{Found, because},
    facts::{Ask, Words},
    file::{Line, Story, Variant},
    proof,
};

/// Everything that was otherwise than a story says. A test that ends with it prints it as
/// it is.
pub struct Otherwise(Vec<String>);

impl fmt::Debug for Otherwise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "lines that went otherwise than told: {}\n\n{}\n",
            self.0.len(),
            self.0.join("\n\n")
        )
    }
}

/// Tells a story in each of its variants.
pub async fn check(file: &str) -> Result<(), Otherwise> {
    let text = fs::read_to_string(definitions::stories().join(file)).expect("a readable story");
    let told = tell(&text).await;
    let wrong: Vec<String> =
        told.iter().map(|wrong| format!("tests/programs/stories/{file}:{wrong}")).collect();
    if wrong.is_empty() { Ok(()) } else { Err(Otherwise(wrong)) }
}

/// Tells the text of a story. Returns what was otherwise than it says, each with its line.
pub async fn tell(text: &str) -> Vec<String> {
    let story = match Story::read(text) {
        Ok(story) => story,
        Err(wrong) => return wrong,
    };
    let mut wrong = Vec::new();
    for variant in story.variants() {
        match told(&story, variant.as_ref()).await {
            Ok(found) => wrong.extend(found),
            Err(why) => wrong.push(format!("1: {why}")),
        }
    }
    wrong
}

async fn told(story: &Story, variant: Option<&Variant>) -> Result<Vec<String>, String> {
    let definitions = definitions::of(story, variant)?;
    let first = &definitions[0].program;
    let begins = story.lines.first().ok_or("nothing happens in the story")?;
    let clock = Instant::from_timestamp(begins.when.timestamp(&first.time_zone));
    let options = Options { data: Data::Memory, port: 0, clock };
    let stack = Stack::start(options).await.map_err(|error| error.to_string())?;
    let mut teller = Teller {
        client: Client::new(&stack, first.id.as_str()),
        stack: &stack,
        definitions: &definitions,
        variant,
        sequences: HashMap::new(),
        members: Vec::new(),
        wrong: Vec::new(),
    };
    let outcome = teller.tell(story).await;
    let wrong = std::mem::take(&mut teller.wrong);
    drop(teller);
    stack.stop().await;
    outcome.map(|()| wrong)
}

struct Teller<'a> {
    stack: &'a Stack,
    client: Client,
    definitions: &'a [Definition],
    variant: Option<&'a Variant>,
    /// The sequences of rows by member and the name that the story gave the fact.
    sequences: HashMap<String, HashMap<String, u64>>,
    members: Vec<String>,
    wrong: Vec<String>,
}

impl Teller<'_> {
    async fn tell(&mut self, story: &Story) -> Result<(), String> {
        definitions::publish(&self.stack.app, self.definitions).await?;
        for line in &story.lines {
            if let Err(why) = self.tell_line(line).await {
                self.note(line, &[why], &[]);
            }
        }
        let broken = proof::broken(self.stack, &self.client, self.definitions, &self.members);
        for broken in broken.await? {
            self.wrong.push(format!("after the story{}: {broken}", self.told_with()));
        }
        Ok(())
    }

    async fn tell_line(&mut self, line: &Line) -> Result<(), String> {
        let zone = &self.definitions[0].program.time_zone;
        let now = Instant::from_timestamp(line.when.timestamp(zone));
        if self.stack.app.clock().move_to(now) != Some(now) {
            return Err("time only moves forward: this is before the line above".into());
        }
        if !self.members.contains(&line.member) {
            self.members.push(line.member.clone());
        }
        let answer = self.happen(line, now).await?;
        let path = format!("members/{}", line.member);
        let balance = self.client.get(&format!("{path}/balance")).await;
        let history = self.client.get(&format!("{path}/history?limit=1")).await;
        let program = self.program(now);
        let member = self.client.get(&path).await;
        let found = Found {
            currency: program.money,
            answer: answer.as_ref(),
            balance: &balance,
            history: &history,
            member: &member,
        };
        let mut wrong = found.otherwise(&line.expected_for(self.variant)?);
        wrong.extend(inconsistent(answer.as_ref(), &balance, &history));
        if !wrong.is_empty() {
            let newest = history.number_at("/history/0/sequence").unwrap_or(0);
            let newest = self.client.get(&format!("{path}/history/{newest}")).await;
            let said = because(answer.as_ref().unwrap_or(&newest));
            self.note(line, &wrong, &said);
        }
        Ok(())
    }

    async fn happen(&mut self, line: &Line, now: Instant) -> Result<Option<Answer>, String> {
        let known = self.sequences.entry(line.member.clone()).or_default();
        let program = in_force(self.definitions, now);
        let words = Words { program, sequences: known, member: &line.member };
        match words.ask(line)? {
            Ask::Nothing => Ok(None),
            Ask::Visit => self.visit(&line.member).await.map(|()| None),
            Ask::Send { path, name, body } => {
                let before = self.client.newest(&line.member).await;
                let answer = self.client.post(&path, &name, &body).await;
                if answer.status != 202 {
                    return Ok(Some(answer));
                }
                self.stack.pollers.drain().await?;
                let key = answer.text_at("/accepted/0/key");
                let answer = self.recorded(&line.member, key, before, now).await?;
                if let (true, Some(sequence)) = (answer.is_success(), answer.number_at("/sequence"))
                {
                    self.sequences
                        .entry(line.member.clone())
                        .or_default()
                        .insert(name, sequence.unsigned_abs());
                }
                Ok(Some(answer))
            }
            Ask::Join { by, mut body } => {
                let code = format!("members/{by}/referral-code");
                let code = self.client.post(&code, "code", &json!({})).await;
                body["referral_code"] = code.text_at("/code").into();
                let answer = self.client.post("members", &line.member, &body).await;
                self.stack.pollers.drain().await?;
                Ok(Some(answer))
            }
            Ask::Post { path, name, body } => {
                let answer = self.client.post(&path, &name, &body).await;
                // What a row means for other members reaches them by stream and queue.
                self.stack.pollers.drain().await?;
                if let (true, Some(sequence)) = (answer.is_success(), answer.number_at("/sequence"))
                {
                    known.insert(name, sequence.unsigned_abs());
                }
                Ok(Some(answer))
            }
        }
    }

    /// What became of a fact that was answered before it was recorded: its row, or why
    /// there is none. `before` is the member's newest row before it was sent.
    async fn recorded(
        &self,
        member: &str,
        key: &str,
        before: i64,
        now: Instant,
    ) -> Result<Answer, String> {
        let history = self.client.get(&format!("members/{member}/history?limit=200")).await;
        let rows = history.body["history"].as_array().map_or(&[][..], Vec::as_slice);
        let row = rows.iter().find(|row| row["key"] == key);
        if let Some(sequence) = row.and_then(|row| row["sequence"].as_i64()) {
            let path = format!("members/{member}/history/{sequence}");
            let mut answer = self.client.get(&path).await;
            answer.body["replayed"] = (sequence <= before).into();
            return Ok(answer);
        }
        let program = Some(&self.definitions[0].program.id);
        let day = Day::of(now, &TimeZone::UTC);
        let kept = Rejection::all(self.stack.app.tables(), program, day).await;
        let kept = kept.map_err(|failure| failure.to_string())?;
        let rejected = kept.iter().rev().find(|rejection| rejection.key.as_deref() == Some(key));
        let rejected = rejected.ok_or(format!("{key} was neither recorded nor rejected"))?;
        let body = json!({ "code": rejected.code, "detail": "rejected from the queue" });
        Ok(Answer { status: 422, text: body.to_string(), body })
    }

    /// The schedule finds the member due: a message to settle, taken from the queue.
    async fn visit(&self, member: &str) -> Result<(), String> {
        let program = &self.definitions[0].program.id;
        let message = json!({ "program": program, "members": [member] }).to_string();
        let sent = self.stack.app.settle_queue().send(&[message]).await;
        sent.map_err(|failure| failure.to_string())?;
        self.stack.pollers.drain_queue().await
    }

    fn program(&self, now: Instant) -> &Program {
        in_force(self.definitions, now)
    }

    fn note(&mut self, line: &Line, wrong: &[String], because: &[String]) {
        let mut note = format!("{}{}: {}", line.number, self.told_with(), line.text);
        for wrong in wrong {
            note.push_str(&format!("\n    {wrong}"));
        }
        for sentence in because {
            note.push_str(&format!("\n      {sentence}"));
        }
        self.wrong.push(note);
    }

    /// Which variant is being told.
    fn told_with(&self) -> String {
        self.variant.map_or(String::new(), |variant| format!(" (with {})", variant.name))
    }
}

fn in_force(definitions: &[Definition], now: Instant) -> &Program {
    let started = definitions.iter().rev().map(|definition| &definition.program);
    let mut started = started.filter(|program| program.in_force_from <= now);
    started.next().unwrap_or(&definitions[0].program)
}

/// Where the answer to a write and the reads after it say different things.
fn inconsistent(answer: Option<&Answer>, balance: &Answer, history: &Answer) -> Vec<String> {
    let recorded = |answer: &&Answer| {
        answer.is_success() && answer.body["replayed"] != serde_json::Value::Bool(true)
    };
    let Some(answer) = answer.filter(recorded) else { return Vec::new() };
    let pairs = [
        ("the sequence", answer.number_at("/sequence"), balance.number_at("/sequence")),
        ("the newest row", answer.number_at("/sequence"), history.number_at("/history/0/sequence")),
        ("the balance", answer.number_at("/balance/balance"), balance.number_at("/balance")),
        (
            "the row's balance",
            balance.number_at("/balance"),
            history.number_at("/history/0/balance"),
        ),
    ];
    let differ = pairs.into_iter().filter(|(_, one, other)| one != other);
    differ.map(|(what, one, other)| format!("{what} is {one:?} and also {other:?}")).collect()
}
