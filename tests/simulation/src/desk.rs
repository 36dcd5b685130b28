//! The credits function's world, simulated: the same code that records what comes by the
//! queue, over tables and a queue that hurt.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use accrue::{NotTaken, Returned};
use domain::{
    fact::{Enrolment, Fact, KeyedFact, Source},
    ids::ProgramId,
    program::Rulebook,
    row::Chain,
    time::Instant,
};
use edge::{Joining, Queued, Recorder, batch::Message};
use store::{
    Mode, RecordError, Recorded,
    ledger::Ledger,
    record_beside,
    simulated::{Random, Received, SimulatedQueue, SimulatedTables, workers::pause},
    tables::{Failure, Put},
};

use crate::people::{Join, Sent};

/// The queue of credits, which fails to take messages now and then.
#[derive(Clone)]
pub struct Credits(Arc<Mutex<Sending>>);

pub struct Sending {
    pub queue: SimulatedQueue<Sent>,
    random: Random,
    /// How often a request is not answered, in thousandths; half of these did happen.
    pub unanswered_per_mille: u32,
}

impl Credits {
    pub fn new(mut random: Random) -> Credits {
        let queue = SimulatedQueue::new(random.number());
        Credits(Arc::new(Mutex::new(Sending { queue, random, unanswered_per_mille: 0 })))
    }

    /// Puts messages on the queue, and says of each whether it is there, as far as the sender
    /// knows: after a request without an answer nothing more is tried.
    pub async fn take(&self, tables: &SimulatedTables, messages: &[String]) -> Vec<bool> {
        let mut taken = vec![false; messages.len()];
        for (at, message) in messages.iter().enumerate() {
            pause().await;
            let mut sending = self.open();
            let often = sending.unanswered_per_mille;
            let answered = !sending.random.hits(often);
            if answered || sending.random.hits(500) {
                let delay = *sending.random.pick(&[0, 0, 10, 50, 30_000, 90_000]);
                let message = Sent::Queued(message.clone());
                sending.queue.send(message, tables.now().plus_millis(delay));
            }
            if !answered {
                break;
            }
            taken[at] = true;
        }
        pause().await;
        taken
    }

    pub fn open(&self) -> MutexGuard<'_, Sending> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What one batch of messages is handled with.
#[derive(Clone)]
pub struct Desk {
    ledger: Ledger<SimulatedTables>,
    rulebook: Arc<Rulebook>,
    credits: Credits,
    /// How wrong the worker's clock is.
    wrong_millis: i64,
}

impl Desk {
    pub fn for_batch(
        tables: &SimulatedTables,
        rulebook: &Arc<Rulebook>,
        credits: &Credits,
        wrong_millis: i64,
    ) -> Desk {
        let ledger = Ledger::new(tables.clone()).for_batch();
        Desk { ledger, rulebook: Arc::clone(rulebook), credits: credits.clone(), wrong_millis }
    }

    /// Handles the messages of a lane, one after the other, and returns the receipts of
    /// those that are done with.
    pub async fn handle(self, lane: Vec<Received<Sent>>) -> Vec<u64> {
        let mut done = Vec::new();
        for Received { message, receipt } in lane {
            let handled = match message {
                Sent::Queued(body) => {
                    let content = Queued::read(&body);
                    let message = Message { id: format!("message-{receipt}"), content };
                    accrue::credit(&self, message).await
                }
                Sent::Join(join) => self.join(&join).await,
            };
            match handled {
                Ok(()) => done.push(receipt),
                Err(returned) => assert!(may_pass(&returned), "this cannot happen: {returned}"),
            }
        }
        done
    }

    /// Enrols somebody as the API does, whose caller asks again after every failure.
    async fn join(&self, join: &Join) -> Result<(), Returned> {
        let Join { chain, identities, email_verified } = join;
        let enrolment = Enrolment { identities: identities.clone(), ..Enrolment::default() };
        let joining = Joining { chain, enrolment: &enrolment, email_verified: *email_verified };
        let source = Source { id: "storefront".parse().unwrap(), has_key_times: false };
        let request = "join".parse().unwrap();
        let fact = Fact::Enrolled(enrolment.clone());
        let fact = KeyedFact::new(fact, &source, &request, "storefront".into()).unwrap();
        match self.record(chain, &fact, &joining.puts()?).await {
            Ok(_) => Ok(joining.ask_for_guest_orders(self).await?),
            // Told to the caller as a conflict: somebody has the address, or is a member
            // by an order of theirs.
            Err(RecordError::Beside(_) | RecordError::KeyReused { .. }) => Ok(()),
            Err(error) => Err(Returned::Record(error)),
        }
    }
}

/// Whether a message may come back with this, to be handled later.
fn may_pass(returned: &Returned) -> bool {
    match returned {
        Returned::Unread(_) => true,
        Returned::Reject(failure) => failure.is_passing(),
        Returned::Record(error) | Returned::NotTaken(NotTaken::Record(error)) => match error {
            RecordError::Contended => true,
            RecordError::Failed(failure) => failure.is_passing(),
            _ => false,
        },
        Returned::NotTaken(NotTaken::Malformed(_)) => false,
    }
}

/// The messages of a batch by what they are handled one after the other by.
pub fn lanes(received: Vec<Received<Sent>>) -> Vec<Vec<Received<Sent>>> {
    let mut lanes: BTreeMap<Option<String>, Vec<Received<Sent>>> = BTreeMap::new();
    for received in received {
        let lane = match &received.message {
            Sent::Queued(body) => Queued::read(body).ok().map(|queued| queued.lane()),
            // A request of its own.
            Sent::Join(_) => Some(format!("request {}", received.receipt)),
        };
        lanes.entry(lane).or_default().push(received);
    }
    lanes.into_values().collect()
}

impl Recorder for Desk {
    type Tables = SimulatedTables;

    fn ledger(&self) -> &Ledger<SimulatedTables> {
        &self.ledger
    }

    fn now(&self) -> Instant {
        self.tables().now().plus_millis(self.wrong_millis)
    }

    async fn find_rulebook(&self, _: &ProgramId) -> Result<Option<Arc<Rulebook>>, Failure> {
        Ok(Some(Arc::clone(&self.rulebook)))
    }

    async fn record(
        &self,
        chain: &Chain,
        fact: &KeyedFact,
        beside: &[Put],
    ) -> Result<Recorded, RecordError> {
        let (ledger, rulebook, now) = (&self.ledger, &self.rulebook, self.now());
        record_beside(ledger, rulebook, chain, fact, now, Mode::Record, beside).await
    }

    async fn queue_credits(&self, messages: &[String]) -> Result<(), Failure> {
        match self.credits.take(self.tables(), messages).await.contains(&false) {
            false => Ok(()),
            true => Err(Failure::Unavailable("the queue did not take every message".to_owned())),
        }
    }
}
