//! Events on their way through the queue of deliveries: the shape of its messages.

use domain::ids::ProgramId;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::event::Event;

/// The version of the shape. Who meets a newer one leaves the message on the queue.
const VERSION: u32 = 1;

/// An event for one recipient. It holds ids and amounts, nothing personal and no secret.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The program.
    pub program: ProgramId,
    /// To whom.
    pub to: Recipient,
    /// The event.
    pub event: Event,
    /// The same as JSON: what is signed and sent.
    pub json: String,
}

/// Who gets an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recipient {
    /// The event bus.
    Bus,
    /// A subscriber, by its id.
    Subscriber(String),
}

/// Why a message cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    /// A newer version of this code wrote it.
    #[error("the delivery has version {found}, this is {VERSION}")]
    Newer {
        /// What it says.
        found: u32,
    },
    /// It is no message. What is in it is not repeated: it may be anything.
    #[error("the delivery is none, by its column {column}")]
    Shape {
        /// Where it stopped to be one.
        column: usize,
    },
}

#[derive(Deserialize)]
struct Versioned {
    v: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Message {
    v: u32,
    program: ProgramId,
    to: Recipient,
    event: Box<RawValue>,
}

impl Delivery {
    /// A delivery of an event.
    pub fn new(to: Recipient, event: Event) -> Delivery {
        let json = event.json();
        Delivery { program: event.data.program.clone(), to, event, json }
    }

    /// The message.
    pub fn message(&self) -> String {
        let event = RawValue::from_string(self.json.clone());
        let event = event.expect("an event's JSON is JSON");
        let (program, to) = (self.program.clone(), self.to.clone());
        edge::ascii(&Message { v: VERSION, program, to, event })
    }

    /// The delivery of a message.
    ///
    /// # Errors
    ///
    /// [`Unread`] when it is newer than this code, or none.
    pub fn read(message: &str) -> Result<Delivery, Unread> {
        let shape = |error: serde_json::Error| Unread::Shape { column: error.column() };
        let Versioned { v: found } = serde_json::from_str(message).map_err(shape)?;
        if found > VERSION {
            return Err(Unread::Newer { found });
        }
        let Message { program, to, event, .. } = serde_json::from_str(message).map_err(shape)?;
        let json = String::from(Box::<str>::from(event));
        let event = serde_json::from_str(&json).map_err(shape)?;
        Ok(Delivery { program, to, event, json })
    }
}

#[cfg(test)]
mod tests {
    use domain::time::Instant;

    use super::*;
    use crate::event::{Data, Decimal, EventType};

    fn event(member: &str) -> Event {
        let data = Data {
            program: "house".parse().expect("a slug"),
            member: member.parse().expect("an id"),
            sequence: 7,
            row: "order".into(),
            key: Some("order:shop:\"1\"".into()),
            points_name: "Sterne ★".into(),
            currency: None,
            points: Some(Decimal::new(12_500, 3)),
            moved: Vec::new(),
            balance: Decimal::new(-1, 3),
            pending: Decimal::new(0, 3),
            tier: None,
            about: None,
        };
        Event::new("id".into(), EventType::PointsEarned, Instant::from_millis(1), data)
    }

    #[test]
    fn a_message_gives_back_the_event_byte_for_byte() {
        for member in ["ada", "مريم", "🦀", "\u{fffe}", "a\"b"] {
            let delivery = Delivery::new(Recipient::Subscriber("crm".into()), event(member));
            let message = delivery.message();
            assert!(message.is_ascii(), "{message}");
            let read = Delivery::read(&message).expect("a message");
            assert_eq!((&read.event, &read.json), (&delivery.event, &delivery.json));
            assert_eq!((read.program.as_str(), read.to), ("house", delivery.to));
            assert!(read.json.contains("\"points\":12.5,") && read.json.contains("-0.001"));
        }
    }

    #[test]
    fn what_is_no_message_says_so_without_repeating_it() {
        let good = Delivery::new(Recipient::Bus, event("ada")).message();
        let newer = good.replacen("\"v\":1", "\"v\":2,\"more\":true", 1);
        assert_eq!(Delivery::read(&newer).map(|_| ()), Err(Unread::Newer { found: 2 }));
        let cases = [
            String::new(),
            "{\"v\":1}".into(),
            good.replacen("\"bus\"", "\"ada@example.org\"", 1),
            good.replacen("points.earned", "points.found", 1),
            good.replacen("\"v\":1", "\"v\":1,\"more\":true", 1),
        ];
        for case in cases {
            let unread = Delivery::read(&case).expect_err("no message");
            assert!(matches!(unread, Unread::Shape { .. }), "{case}");
            assert!(!unread.to_string().contains("ada"), "{unread}");
        }
    }
}
