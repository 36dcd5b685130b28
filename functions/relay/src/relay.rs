//! What the relay's two sides share.

use std::sync::Arc;

use domain::{ids::MemberId, row::Chain, time::Instant};
use edge::{App, AwsSettings, Profile, Settings, SettingsError};
use store::tables::Failure;

use crate::{
    address::Reach, bus::Bus, message::Delivery, network::Network, sink, sink::Sent,
    subscriber::Subscriber, subscribers::Subscribers,
};

/// What both sides share. Cloning it is cheap.
#[derive(Clone)]
pub struct Relay {
    shared: Arc<Shared>,
}

struct Shared {
    app: App,
    bus: Option<Bus>,
    network: Network,
    subscribers: Subscribers,
    tokens: sink::Tokens,
}

impl Relay {
    /// Connects to AWS as [`App::connect`] does. No request is made.
    ///
    /// # Errors
    ///
    /// [`SettingsError`] names the first variable that is missing.
    pub fn connect(settings: &Settings) -> Result<Relay, SettingsError> {
        let bus = match &settings.event_bus {
            Some(name) => Some(Bus::connect(&AwsSettings::from_env()?, name)),
            None => None,
        };
        Ok(Relay::new(App::connect(settings)?, bus, Reach::Public))
    }

    /// A relay, made from its parts.
    pub fn new(app: App, bus: Option<Bus>, reach: Reach) -> Relay {
        let (network, subscribers) = (Network::new(reach), Subscribers::default());
        let tokens = sink::Tokens::default();
        Relay { shared: Arc::new(Shared { app, bus, network, subscribers, tokens }) }
    }

    /// What handlers share.
    pub fn app(&self) -> &App {
        &self.shared.app
    }

    /// The event bus, if there is one.
    pub(crate) fn bus(&self) -> Option<&Bus> {
        self.shared.bus.as_ref()
    }

    /// The subscribers of programs.
    pub fn subscribers(&self) -> &Subscribers {
        &self.shared.subscribers
    }

    /// How far events may go.
    pub fn reach(&self) -> Reach {
        self.shared.network.reach()
    }

    /// Sends an event to a subscriber once, whatever its filters say, signed as of `now`.
    pub async fn send(&self, subscriber: &Subscriber, delivery: &Delivery, now: Instant) -> Sent {
        let out = (&self.shared.network, &self.shared.tokens);
        sink::send(out, subscriber, delivery, now).await
    }

    /// Whether a member has agreed to what a subscriber is for.
    pub(crate) async fn agrees(
        &self,
        subscriber: &Subscriber,
        member: &MemberId,
    ) -> Result<bool, Failure> {
        let Some(purpose) = &subscriber.consent else { return Ok(true) };
        let chain = Chain { program: subscriber.program.clone(), member: member.clone() };
        Ok(Profile::of(self.app().tables(), &chain).await?.agrees_to(purpose))
    }
}
