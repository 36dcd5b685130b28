//! Sinks against stand-ins that check what the recipients' documentation asks for.

mod klaviyo;
mod salesforce;
mod webhook;

use std::{net::Ipv4Addr, time::Duration};

use axum::Router;
use domain::time::Instant;
use serde_json::{Value, json};

use super::{Sent, Sink, Tokens, Verdict, send};
use crate::{
    address::Reach,
    event::{Data, Decimal, Event, EventType},
    message::{Delivery, Recipient},
    network::Network,
    subscriber::{Filter, Secret, Secrets, Subscriber},
};

/// Serves a stand-in on this machine. Returns its address.
async fn stand_in(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
    let listener = listener.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

/// The way from here to stand-ins.
#[derive(Default)]
struct Way {
    tokens: Tokens,
}

impl Way {
    async fn send(&self, sink: Sink, secret: &str, delivery: &Delivery) -> Sent {
        let network = Network::new(Reach::PublicAndLoopback);
        let subscriber = subscriber(sink, Secrets::first(Secret::new(secret)));
        send((&network, &self.tokens), &subscriber, delivery, now()).await
    }
}

fn now() -> Instant {
    Instant::from_millis(1_780_000_000_999)
}

fn subscriber(sink: Sink, secrets: Secrets) -> Subscriber {
    Subscriber {
        id: "crm".to_owned(),
        program: "house".parse().expect("a slug"),
        sink,
        events: Filter::default(),
        consent: None,
        secrets,
        disabled: None,
        made_at: now(),
    }
}

fn delivery(number: u64, member: &str) -> Delivery {
    let data = Data {
        program: "house".parse().expect("a slug"),
        member: member.parse().expect("an id"),
        sequence: number,
        row: "order".into(),
        key: Some(format!("order:shop:{number}")),
        points_name: "Stars".into(),
        currency: None,
        points: Some(Decimal::new(1_250, 2)),
        moved: Vec::new(),
        balance: Decimal::new(8_050, 2),
        pending: Decimal::new(0, 2),
        tier: Some("gold".into()),
        about: None,
    };
    let event = Event::new(format!("{number}-points-earned"), EventType::PointsEarned, now(), data);
    Delivery::new(Recipient::Subscriber("crm".into()), event)
}

fn delivered(status: u16) -> Sent {
    Sent { verdict: Verdict::Delivered, status: Some(status), reason: None }
}

fn failed(verdict: Verdict, status: u16) -> Sent {
    Sent { verdict, status: Some(status), reason: Some(format!("HTTP_{status}")) }
}

/// The first thing of a list of conditions that does not hold.
fn first_broken(conditions: &[(&str, bool)]) -> Option<String> {
    conditions.iter().find(|(_, holds)| !holds).map(|(what, _)| (*what).to_owned())
}
