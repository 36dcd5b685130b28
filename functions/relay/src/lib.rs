//! Telling the outside: from the ledger's stream to whoever wants to know.
//!
//! The stream's side ([`relay_events`]) turns rows into events and puts one message for
//! each recipient on a queue; the queue's side ([`deliver_batch`]) sends each until it
//! arrives. The ledger never waits for either. An event may be sent more than once, always
//! with the same id.
//!
//! Not here: any rule about points. What a row says is what happened.

pub mod address;
mod bus;
mod deliveries;
mod event;
mod events;
mod log;
mod message;
mod network;
mod patience;
mod relay;
mod relaying;
mod sink;
mod stream;
mod subscriber;
mod subscribers;

pub use bus::Bus;
pub use deliveries::{BUS, deliver_batch};
pub use event::{About, Data, Decimal, Event, EventType, Moved};
pub use events::{VersionNotLoaded, events_of};
pub use log::{Attempt, Outcome};
pub use message::{Delivery, Recipient, Unread};
pub use patience::ATTEMPTS_MAX;
pub use relay::Relay;
pub use relaying::Relaying;
pub use sink::{Klaviyo, Salesforce, Sent, Sink, Verdict, Webhook};
pub use stream::{PARKED, StreamRow, credits_of, relay_events, relay_rows};
pub use subscriber::{
    Disabled, Filter, NoSuchEvent, Previous, SUBSCRIBERS_MAX, Secret, Secrets, Subscriber,
};
pub use subscribers::Subscribers;
