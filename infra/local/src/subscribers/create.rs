//! `guerdon subscribers create`.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use domain::{
    ids::{ProgramId, SourceId},
    time::Instant,
};
use relay::{
    Filter, Klaviyo, SUBSCRIBERS_MAX, Salesforce, Secret, Secrets, Sink, Subscriber, Webhook,
    address::Reach,
};

use super::{Of, all, is_made_here, read_secret, shown};
use crate::tools::place::Store;

/// How `guerdon subscribers create` was called.
#[derive(Debug, Args)]
pub struct Create {
    #[command(flatten)]
    pub(super) of: Of,
    /// Its id, which tools and logs speak of
    #[arg(long)]
    id: String,
    /// What it is
    #[arg(long, value_enum, default_value_t = Kind::Webhook)]
    kind: Kind,
    /// Where events go; only of a webhook
    #[arg(long, required_if_eq("kind", "webhook"), required_unless_present = "kind")]
    url: Option<String>,
    /// Of which events it is told: `points.earned`, `points.*`; several times for several, all
    /// unless given
    #[arg(long = "event", value_name = "TYPE")]
    events: Vec<String>,
    /// Tell only of members who agreed to this purpose, such as `marketing`
    #[arg(long, value_name = "PURPOSE")]
    consent: Option<String>,
    /// A file with the secret that the recipient made: an API key, a client's secret
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
    /// The tenant's subdomain; of Salesforce
    #[arg(long, required_if_eq("kind", "salesforce"))]
    subdomain: Option<String>,
    /// The installed package's client; of Salesforce
    #[arg(long, required_if_eq("kind", "salesforce"))]
    client_id: Option<String>,
    /// The business unit, where it is not the client's own; of Salesforce
    #[arg(long)]
    account_id: Option<String>,
    /// The key of the journey's entry event; of Salesforce
    #[arg(long, required_if_eq("kind", "salesforce"))]
    event_definition_key: Option<String>,
    /// Also allow this machine, without TLS: for the local stack
    #[arg(long)]
    pub(super) allow_loopback: bool,
}

/// The kinds of sinks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// A server of anybody's, by Standard Webhooks
    Webhook,
    /// Klaviyo
    Klaviyo,
    /// Salesforce Marketing Cloud
    Salesforce,
}

pub(super) async fn create(
    (tables, reach): (&Store, Reach),
    create: &Create,
    program: &ProgramId,
    now: Instant,
) -> Result<(), String> {
    create.id.parse::<SourceId>().map_err(|error| format!("--id {:?}: {error}", create.id))?;
    let sink = create.sink()?;
    sink.check(reach).map_err(|refused| format!("{}: {refused}", sink.url()))?;
    let events = Filter::new(create.events.clone());
    let events = events.map_err(|error| format!("--event: {error}"))?;
    let bad_purpose = |purpose: &&String| purpose.is_empty() || purpose.len() > 64;
    if create.consent.as_ref().filter(bad_purpose).is_some() {
        return Err("--consent: give 1 to 64 characters".to_owned());
    }
    if all(tables, program).await?.len() >= SUBSCRIBERS_MAX {
        return Err(format!("a program has at most {SUBSCRIBERS_MAX} subscribers"));
    }
    let secret = secret(&sink, create.secret_file.as_deref())?;
    let subscriber = Subscriber {
        id: create.id.clone(),
        program: program.clone(),
        sink,
        events,
        consent: create.consent.clone(),
        secrets: Secrets::first(secret.clone()),
        disabled: None,
        made_at: now,
    };
    let added = subscriber.clone().add(tables).await;
    if !added.map_err(|failure| format!("the subscriber cannot be written: {failure}"))? {
        return Err(format!("there is a subscriber {:?} already", create.id));
    }
    shown::with_secret(&subscriber, &secret, create.of.json, "", now);
    Ok(())
}

impl Create {
    fn sink(&self) -> Result<Sink, String> {
        // The required ones are there: the command line was refused otherwise.
        let given = |value: &Option<String>| value.clone().unwrap_or_default();
        match self.kind {
            Kind::Webhook => Ok(Sink::Webhook(Webhook { url: given(&self.url) })),
            Kind::Klaviyo => Ok(Sink::Klaviyo(Klaviyo::default())),
            Kind::Salesforce => {
                let subdomain = given(&self.subdomain);
                // Nothing else makes one label of a host.
                subdomain
                    .parse::<SourceId>()
                    .map_err(|error| format!("--subdomain {subdomain:?}: {error}"))?;
                let key = given(&self.event_definition_key);
                if key.is_empty() || key.contains('.') {
                    return Err("--event-definition-key: it has no full stop".to_owned());
                }
                let journey = Salesforce::of_tenant(&subdomain, given(&self.client_id), key);
                let account_id = self.account_id.clone();
                Ok(Sink::Salesforce(Salesforce { account_id, ..journey }))
            }
        }
    }
}

/// A new secret for a sink: made here for a webhook, of a file where the recipient made it.
pub(super) fn secret(sink: &Sink, file: Option<&Path>) -> Result<Secret, String> {
    match (is_made_here(sink), file) {
        (true, None) => Secret::generate().map_err(|error| error.to_string()),
        (true, Some(_)) => Err("a webhook's secret is made here: leave --secret-file".to_owned()),
        (false, Some(file)) => read_secret(file),
        (false, None) => {
            Err(format!("the secret that {} made is needed: --secret-file FILE", sink.kind()))
        }
    }
}
