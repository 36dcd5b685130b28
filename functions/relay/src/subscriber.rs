//! A subscriber: who is told of a program's events, of which, and how.

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use domain::{ids::ProgramId, time::Instant};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{
    Slot,
    registry::{self, Address},
    tables::{Failure, PutOutcome, Tables},
};

use crate::{event::EventType, sink::Sink};

/// How often a subscriber is changed that others change too.
const ATTEMPTS_MAX: usize = 8;
/// The most subscribers of a program.
pub const SUBSCRIBERS_MAX: usize = 32;

/// A subscriber of one program, as the registry keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscriber {
    /// Its id, which messages, logs and tools name it by.
    pub id: String,
    /// The program.
    pub program: ProgramId,
    /// Where events go, and in which shape.
    pub sink: Sink,
    /// Of which events it is told.
    pub events: Filter,
    /// The purpose that a member must have agreed to, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<String>,
    /// What requests are signed or authorised with.
    pub secrets: Secrets,
    /// Since when it is told of nothing, and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled: Option<Disabled>,
    /// When it was made.
    pub made_at: Instant,
}

/// Why a subscriber is told of nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disabled {
    /// Since when.
    pub at: Instant,
    /// The reason code: `GONE` where it said so itself, `BY_HAND`.
    pub why: String,
}

/// Words for types of events: a type, or `points.*` for all that begin so. None is all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Filter(Vec<String>);

/// A word that names no type of event.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no event {0:?}")]
pub struct NoSuchEvent(pub String);

impl Filter {
    /// A filter of such words.
    ///
    /// # Errors
    ///
    /// [`NoSuchEvent`] for one that would let nothing through.
    pub fn new(words: Vec<String>) -> Result<Filter, NoSuchEvent> {
        let matches = |word: &String| EventType::ALL.iter().any(|kind| is(word, *kind));
        match words.iter().find(|word| !matches(word)) {
            Some(word) => Err(NoSuchEvent(word.clone())),
            None => Ok(Filter(words)),
        }
    }

    /// Whether it lets such events through.
    pub fn lets_through(&self, kind: EventType) -> bool {
        self.0.is_empty() || kind == EventType::Test || self.0.iter().any(|word| is(word, kind))
    }

    /// Its words.
    pub fn words(&self) -> &[String] {
        &self.0
    }
}

fn is(word: &str, kind: EventType) -> bool {
    match word.strip_suffix('*') {
        Some(start) => start.ends_with('.') && kind.as_str().starts_with(start),
        None => word == kind.as_str(),
    }
}

/// A secret. It is shown to nobody by accident.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// A secret that somebody else made.
    pub fn new(secret: impl Into<String>) -> Secret {
        Secret(secret.into())
    }

    /// A new one for signing by Standard Webhooks: 256 random bits.
    ///
    /// # Errors
    ///
    /// [`edge::NoRandomness`].
    pub fn generate() -> Result<Secret, edge::NoRandomness> {
        let mut bits = [0_u8; 32];
        getrandom::fill(&mut bits).map_err(|_| edge::NoRandomness)?;
        Ok(Secret(format!("whsec_{}", STANDARD.encode(bits))))
    }

    /// The secret itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The secret in use, and for a while the one before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secrets {
    /// In use.
    pub current: Secret,
    /// The one before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<Previous>,
}

/// A secret that was replaced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Previous {
    /// The secret.
    pub secret: Secret,
    /// Until when it is used beside the current one.
    pub until: Instant,
}

impl Secrets {
    /// The first secret.
    pub fn first(current: Secret) -> Secrets {
        Secrets { current, previous: None }
    }

    /// These, replaced by a new one; the current one is used beside it until `until`.
    #[must_use]
    pub fn replaced(self, current: Secret, until: Instant) -> Secrets {
        Secrets { current, previous: Some(Previous { secret: self.current, until }) }
    }

    /// The secrets to sign with at `now`, the current one first.
    pub fn at(&self, now: Instant) -> impl Iterator<Item = &Secret> {
        let previous = self.previous.as_ref().filter(|previous| now < previous.until);
        std::iter::once(&self.current).chain(previous.map(|previous| &previous.secret))
    }
}

impl Subscriber {
    fn partition(program: &ProgramId) -> String {
        format!("subscribers#{program}")
    }

    fn address(program: &ProgramId, id: &str) -> Address {
        Address::new(Self::partition(program), id)
    }

    /// Whether it is to be told of such events.
    pub fn listens_to(&self, kind: EventType) -> bool {
        self.disabled.is_none() && self.events.lets_through(kind)
    }

    /// Adds it. Returns whether its id was free.
    ///
    /// # Errors
    ///
    /// The tables' [`Failure`].
    pub async fn add(self, tables: &impl Tables) -> Result<bool, Failure> {
        let mut slot = Slot::empty(Self::address(&self.program, &self.id));
        slot.document = Some(self);
        Ok(matches!(tables.put(slot.put()?).await?, PutOutcome::Done))
    }

    /// All of a program, by their ids; disabled ones too. One that this code cannot read is
    /// left out with an alarm: it must not keep the others from hearing.
    ///
    /// # Errors
    ///
    /// The tables' [`Failure`].
    pub async fn all(
        tables: &impl Tables,
        program: &ProgramId,
    ) -> Result<Vec<Subscriber>, Failure> {
        let partition = Self::partition(program);
        let found = registry::list::<_, Value>(tables, &partition, None, None).await?;
        let readable = found.into_iter().filter_map(|(id, document)| {
            let read = serde_json::from_value(document);
            read.inspect_err(|_| {
                tracing::error!(alarm = "subscriber", %program, id, "a subscriber cannot be read");
            })
            .ok()
        });
        Ok(readable.collect())
    }

    /// Changes one as it is at this moment: of two changes at once none is lost. Returns it
    /// as it is then; `None` where there is none with that id.
    ///
    /// # Errors
    ///
    /// The tables' [`Failure`].
    pub async fn change(
        tables: &impl Tables,
        program: &ProgramId,
        id: &str,
        change: impl Fn(Subscriber) -> Subscriber + Send + Sync,
    ) -> Result<Option<Subscriber>, Failure> {
        for _ in 0..ATTEMPTS_MAX {
            let address = Self::address(program, id);
            let mut slot = Slot::<Option<Subscriber>>::read(tables, address).await?;
            let Some(before) = slot.document.clone() else { return Ok(None) };
            let after = change(before.clone());
            if after == before {
                return Ok(Some(after));
            }
            slot.document = Some(after.clone());
            match tables.put(slot.put()?).await {
                Ok(PutOutcome::Done) => return Ok(Some(after)),
                Ok(PutOutcome::Refused(_)) | Err(Failure::Conflict) => {}
                Err(failure) => return Err(failure),
            }
        }
        Err(Failure::Conflict)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_lets_through_what_its_words_say() {
        let filter = |words: &[&str]| Filter::new(words.iter().map(|w| (*w).to_owned()).collect());
        let points = filter(&["points.*", "tier.changed"]).expect("a filter");
        for (kind, through) in [
            (EventType::PointsEarned, true),
            (EventType::TierChanged, true),
            (EventType::RewardIssued, false),
            (EventType::Test, true),
        ] {
            assert_eq!(points.lets_through(kind), through, "{kind:?}");
        }
        assert!(Filter::default().lets_through(EventType::BadgeWon));
        for bad in ["points", "*", "point*", "points.found", "", ".*"] {
            assert_eq!(filter(&[bad]), Err(NoSuchEvent(bad.to_owned())), "{bad}");
        }
    }

    #[test]
    fn a_replaced_secret_is_used_until_its_end_and_never_shown() {
        let at = Instant::from_millis;
        let secrets = Secrets::first(Secret::new("whsec_b25l")).replaced(Secret::new("two"), at(9));
        let used = |now| secrets.at(now).map(Secret::reveal).collect::<Vec<_>>();
        assert_eq!(used(at(8)), ["two", "whsec_b25l"]);
        assert_eq!(used(at(9)), ["two"]);
        assert!(!format!("{secrets:?}").contains("b25l"));
        let (one, other) = (Secret::generate(), Secret::generate());
        assert_ne!(one.expect("randomness"), other.expect("randomness"));
    }
}
