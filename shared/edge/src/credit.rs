//! Facts on their way through the queue of credits: the shape of its messages.

use std::io;

use domain::{
    fact::{Activity, Fact, KeyedFact, Malformed, Order, Refund, Source},
    ids::{MemberId, ProgramId, SourceId},
    row::Chain,
    time::Instant,
};
use serde::{Deserialize, Serialize};

use crate::arrival::{self, Arrival, ArrivedFact, KnownPerson, Takeover};

/// The version of the shape. Who meets a newer one than the newest leaves the message on the
/// queue.
const VERSION: u32 = 1;
const NEWEST: u32 = arrival::VERSION;

/// A fact of one member that is recorded from the queue. It holds ids and what the rules
/// ask for, nothing personal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credit {
    /// Whose chain.
    pub chain: Chain,
    /// Where it came from.
    pub source: Source,
    /// Who sent it.
    pub actor: String,
    /// When it was taken in.
    pub accepted_at: Instant,
    /// What happened.
    pub fact: CreditFact,
}

/// What comes through the queue, in the form in which its fingerprint is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CreditFact {
    /// Something that the member did besides buying.
    Activity(Activity),
}

/// Why a message cannot be read.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum Unread {
    /// A newer version of this code wrote it.
    #[error("the message has version {found}, this is {NEWEST}")]
    Newer {
        /// What it says.
        found: u32,
    },
    /// It is no message. What is in it is not repeated: it may be anything.
    #[error("the message is none, by its column {column}")]
    Shape {
        /// Where it stopped to be one.
        column: usize,
    },
}

#[derive(Deserialize)]
struct Versioned {
    v: u32,
    #[serde(default)]
    kind: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Message {
    v: u32,
    program: ProgramId,
    member: MemberId,
    source: SourceId,
    has_key_times: bool,
    actor: String,
    accepted_at: Instant,
    fact: CreditFact,
}

impl Credit {
    /// The message.
    pub fn message(&self) -> String {
        let message = Message {
            v: VERSION,
            program: self.chain.program.clone(),
            member: self.chain.member.clone(),
            source: self.source.id.clone(),
            has_key_times: self.source.has_key_times,
            actor: self.actor.clone(),
            accepted_at: self.accepted_at,
            fact: self.fact.clone(),
        };
        ascii(&message)
    }

    /// The credit of a message.
    fn read(message: &str) -> Result<Credit, serde_json::Error> {
        let message: Message = serde_json::from_str(message)?;
        Ok(Credit {
            chain: Chain { program: message.program, member: message.member },
            source: Source { id: message.source, has_key_times: message.has_key_times },
            actor: message.actor,
            accepted_at: message.accepted_at,
            fact: message.fact,
        })
    }

    /// The fact with its key.
    ///
    /// # Errors
    ///
    /// [`Malformed`] when the fact cannot be one.
    pub fn keyed(&self) -> Result<KeyedFact, Malformed> {
        let CreditFact::Activity(activity) = self.fact.clone();
        let id = activity.id.clone();
        let fact = Fact::Activity(activity);
        let keyed = KeyedFact::new(fact, &self.source, &id, self.actor.clone())?;
        Ok(KeyedFact { accepted_at: Some(self.accepted_at), ..keyed })
    }
}

/// What a message of the queue of credits says.
#[derive(Clone, Debug, PartialEq)]
pub enum Queued {
    /// A fact of a member.
    Credit(Box<Credit>),
    /// A fact of a shop.
    Arrival(Box<Arrival>),
    /// A guest's orders are to be taken over.
    Takeover(Takeover),
}

impl Queued {
    /// Reads a message.
    ///
    /// # Errors
    ///
    /// [`Unread`] when it is newer than this code, or none.
    pub fn read(message: &str) -> Result<Queued, Unread> {
        let shape = |error: serde_json::Error| Unread::Shape { column: error.column() };
        let Versioned { v: found, kind } = serde_json::from_str(message).map_err(shape)?;
        if found > NEWEST {
            return Err(Unread::Newer { found });
        }
        let read = match (found, kind.as_deref()) {
            (arrival::VERSION, Some("arrival")) => {
                content(message).map(|arrival| Queued::Arrival(Box::new(arrival)))
            }
            (arrival::VERSION, Some("takeover")) => content(message).map(Queued::Takeover),
            (arrival::VERSION, _) => Err(serde::de::Error::custom("no kind that is known")),
            _ => Credit::read(message).map(|credit| Queued::Credit(Box::new(credit))),
        };
        read.map_err(shape)
    }

    /// The program that it is about.
    pub fn program(&self) -> &ProgramId {
        match self {
            Queued::Credit(credit) => &credit.chain.program,
            Queued::Arrival(arrival) => &arrival.program,
            Queued::Takeover(takeover) => &takeover.program,
        }
    }

    /// What messages that share it are recorded one after the other by.
    pub fn lane(&self) -> String {
        match self {
            Queued::Credit(credit) => credit.chain.to_string(),
            Queued::Takeover(takeover) => takeover.chains().1.to_string(),
            Queued::Arrival(arrival) => match (&arrival.fact, &arrival.person) {
                (_, Some(KnownPerson { account: Some(account), .. })) => {
                    format!("{}/{account}", arrival.program)
                }
                (ArrivedFact::Order(Order { id, .. }), _)
                | (ArrivedFact::Refund(Refund { order: id, .. }), _) => {
                    format!("{}/{}/{id}", arrival.program, arrival.source)
                }
                (ArrivedFact::Person { .. }, _) => arrival.program.to_string(),
            },
        }
    }
}

/// The content of a message beside its version and its kind.
fn content<T: serde::de::DeserializeOwned>(message: &str) -> Result<T, serde_json::Error> {
    let mut document: serde_json::Map<String, serde_json::Value> = serde_json::from_str(message)?;
    document.remove("v");
    document.remove("kind");
    serde_json::from_value(document.into())
}

/// A document as a message: JSON of ASCII characters only. An id may hold characters that SQS refuses, such as
/// U+FFFF; escaped they are only a text.
pub fn ascii(document: &impl Serialize) -> String {
    let mut bytes = Vec::new();
    let mut json = serde_json::Serializer::with_formatter(&mut bytes, Ascii);
    document.serialize(&mut json).expect("our own types are JSON, and memory takes every byte");
    String::from_utf8(bytes).expect("JSON is text")
}

struct Ascii;

impl serde_json::ser::Formatter for Ascii {
    fn write_string_fragment<W>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()>
    where
        W: ?Sized + io::Write,
    {
        for c in fragment.chars() {
            if c.is_ascii() {
                write!(writer, "{c}")?;
                continue;
            }
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credit(member: &str) -> Credit {
        let activity = serde_json::json!({
            "kind": "activity", "id": "a: \"1\"", "activity": "run", "units": 5_200,
            "subject": "\u{ffff}", "amount": [100, "GBP"], "done_at": "2026-06-01T09:00:00Z",
            "withdrawn": false,
        });
        Credit {
            chain: Chain {
                program: "house".parse().expect("a slug"),
                member: member.parse().expect("an id"),
            },
            source: Source { id: "shop".parse().expect("a slug"), has_key_times: true },
            actor: "key é".to_owned(),
            accepted_at: Instant::from_millis(1_780_000_000_000),
            fact: serde_json::from_value(activity).expect("an activity"),
        }
    }

    #[test]
    fn a_message_gives_back_what_was_sent_with_the_same_key_and_fingerprint() {
        for member in ["ada", "مريم", "🦀", "e\u{301}", "\u{fffe}"] {
            let credit = credit(member);
            let message = credit.message();
            assert!(message.is_ascii(), "{message}");
            let Queued::Credit(read) = Queued::read(&message).expect("a message") else {
                panic!("a credit");
            };
            assert_eq!(*read, credit);
            let (sent, read) = (credit.keyed().expect("a fact"), read.keyed().expect("a fact"));
            assert_eq!((sent.key, sent.fingerprint), (read.key, read.fingerprint));
        }
    }

    #[test]
    fn the_fact_of_a_message_is_in_its_normal_form() {
        let message: serde_json::Value =
            serde_json::from_str(&credit("ada").message()).expect("JSON");
        let fact = credit("ada").keyed().expect("a fact").fact;
        assert_eq!(message["fact"], serde_json::to_value(fact).expect("JSON"));
    }

    #[test]
    fn what_is_no_message_says_so_without_repeating_it() {
        let good = credit("ada").message();
        let newer = good.replacen("\"v\":1", "\"v\":3,\"more\":true", 1);
        assert_eq!(Queued::read(&newer), Err(Unread::Newer { found: 3 }));
        let cases = [
            String::new(),
            "{}".into(),
            "{\"v\":1}".into(),
            "{\"v\":2}".into(),
            "{\"v\":2,\"kind\":\"takeover\"}".into(),
            good.replacen("\"v\":1", "\"v\":2,\"kind\":\"arrival\"", 1),
            good.replacen("\"kind\":\"activity\"", "\"kind\":\"dance\"", 1),
            good.replacen("\"ada\"", "\"\"", 1),
            good.replacen("\"v\":1", "\"v\":1,\"more\":true", 1),
            good.replacen("\"units\":5200", "\"units\":\"ada@example.org\"", 1),
            good.replacen("\"units\":5200", "\"unitz\":5200", 1),
        ];
        for case in cases {
            let unread = Queued::read(&case).expect_err("no message");
            assert!(matches!(unread, Unread::Shape { .. }), "{case}");
            assert!(!unread.to_string().contains("ada"), "{unread}");
        }
    }
}
