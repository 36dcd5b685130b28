//! The credits consumer reads from an SQS as AWS lets a function read: in batches, of which
//! what failed comes back, and what keeps failing ends with the dead letters.
//!
//! With `GUERDON_SQS_ENDPOINT` set it is that SQS, otherwise the embedded one.

use std::{
    collections::BTreeSet,
    env, process,
    time::{Duration, Instant},
};

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use aws_sdk_sqs::{
    Client,
    config::{BehaviorVersion, Config, Credentials, Region},
    types::{
        Message,
        QueueAttributeName::{QueueArn, RedrivePolicy, VisibilityTimeout},
    },
};
use edge::{App, Clock, Settings};
use serde_json::{Value, json};

use crate::shop::{START, TestShop, at};

/// How often a message is received before it is a dead letter.
const RECEIVES_MAX: u32 = 3;
/// More than any queue needs here.
const PATIENCE: Duration = Duration::from_secs(60);

/// A queue with its dead letters, and the function that reads it.
struct Consumer {
    app: App,
    sqs: Client,
    url: String,
    dead: String,
}

impl Consumer {
    async fn of(shop: &TestShop) -> Consumer {
        let sqs = match env::var("GUERDON_SQS_ENDPOINT") {
            Ok(endpoint) => client(&endpoint),
            Err(_) => shop.stack.clients.sqs.clone(),
        };
        let name = format!("any-sqs-{}", process::id());
        let dead = sqs.create_queue().queue_name(format!("{name}-dead")).send();
        let dead = Box::pin(dead).await.expect("a queue").queue_url.expect("its address");
        let arn = sqs.get_queue_attributes().queue_url(&dead).attribute_names(QueueArn).send();
        let arn = Box::pin(arn).await.expect("a queue").attributes.expect("its attributes");
        let policy = json!({
            "deadLetterTargetArn": arn[&QueueArn], "maxReceiveCount": RECEIVES_MAX.to_string(),
        });
        let queue = sqs.create_queue().queue_name(name).attributes(VisibilityTimeout, "1");
        let queue = queue.attributes(RedrivePolicy, policy.to_string()).send();
        let url = Box::pin(queue).await.expect("a queue").queue_url.expect("its address");
        let settings = Settings { credits_queue: url.clone(), ..shop.stack.settings.clone() };
        let dynamodb = shop.stack.clients.dynamodb.clone();
        let app = App::new(&settings, dynamodb, sqs.clone(), Clock::settable(at(START)));
        Consumer { app, sqs, url, dead }
    }

    async fn receive(&self, url: &str) -> Vec<Message> {
        let request = self.sqs.receive_message().queue_url(url).max_number_of_messages(10);
        let received = Box::pin(request.wait_time_seconds(1).send()).await.expect("a queue");
        received.messages.unwrap_or_default()
    }

    async fn delete(&self, url: &str, message: &Message) {
        let gone = self.sqs.delete_message().queue_url(url);
        let gone = gone.set_receipt_handle(message.receipt_handle.clone()).send();
        Box::pin(gone).await.expect("a queue");
    }

    /// Hands messages to the function, and returns those that it is done with.
    async fn hand_over(&self, messages: Vec<Message>) -> Vec<Message> {
        let mut event = SqsEvent::default();
        for message in &messages {
            let mut record = SqsMessage::default();
            record.message_id = message.message_id.clone();
            record.body = message.body.clone();
            event.records.push(record);
        }
        let response = accrue::credit_batch(&self.app, event).await;
        let failed: BTreeSet<String> =
            response.batch_item_failures.into_iter().map(|it| it.item_identifier).collect();
        let is_done = |message: &Message| {
            !failed.contains(message.message_id.as_deref().expect("a message has an id"))
        };
        messages.into_iter().filter(is_done).collect()
    }

    /// Reads the queue as Lambda does until there are so many dead letters and nothing else.
    async fn drain(&self, dead_letters: usize) -> Vec<Message> {
        let (began, mut dead, mut idle) = (Instant::now(), Vec::new(), 0);
        while dead.len() < dead_letters || idle < 2 {
            assert!(began.elapsed() < PATIENCE, "{} dead letters", dead.len());
            let received = self.receive(&self.url).await;
            idle = if received.is_empty() { idle + 1 } else { 0 };
            for message in self.hand_over(received).await {
                self.delete(&self.url, &message).await;
            }
            for message in self.receive(&self.dead).await {
                self.delete(&self.dead, &message).await;
                dead.push(message);
            }
        }
        dead
    }

    async fn close(self) {
        for url in [&self.url, &self.dead] {
            Box::pin(self.sqs.delete_queue().queue_url(url).send()).await.expect("a queue");
        }
    }
}

fn client(endpoint: &str) -> Client {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("local", "local", None, None, "tests"))
        .endpoint_url(endpoint);
    Client::from_conf(config.build())
}

fn log_in(number: usize, version: u32) -> String {
    let member = ["ada", "bo"][number % 2];
    let fact: Value = json!({ "kind": "activity", "id": format!("l-{number}"),
                              "activity": "log_in", "withdrawn": false });
    json!({ "v": version, "program": "club", "member": member, "source": "shop",
            "has_key_times": false, "actor": "local:shop", "accepted_at": START, "fact": fact })
    .to_string()
}

async fn balances(shop: &TestShop) -> [(i64, i64); 2] {
    let seen = |member: &'static str| async move {
        let balance = shop.get(&format!("members/{member}/balance")).await;
        (balance.number("/balance"), balance.number("/sequence"))
    };
    [seen("ada").await, seen("bo").await]
}

#[tokio::test(flavor = "multi_thread")]
async fn failure_06_poison_ends_with_the_dead_letters_and_a_redrive_months_later_counts_once() {
    let shop = TestShop::open_club().await;
    shop.enroll("ada").await;
    shop.enroll("bo").await;
    let consumer = Consumer::of(&shop).await;
    let mut messages: Vec<String> = (0..24).map(|number| log_in(number, 1)).collect();
    let newer = log_in(99, 3);
    messages.insert(7, newer.clone());
    messages.push(log_in(5, 1));
    consumer.app.credits_queue().send(&messages).await.expect("a queue");

    // A worker dies after it has recorded a batch: all of it comes again.
    let lost = consumer.receive(&consumer.url).await;
    assert!(!lost.is_empty(), "there are messages");
    consumer.hand_over(lost).await;
    let dead = consumer.drain(1).await;
    let dead: Vec<&str> = dead.iter().filter_map(|message| message.body.as_deref()).collect();
    assert_eq!(dead, [newer.as_str()], "it alone is for newer code");
    assert_eq!(balances(&shop).await, [(12, 13), (12, 13)], "the others once each");

    // Months later everything is sent again, with the dead letter as this code can read it.
    consumer.app.clock().move_to(at("2026-11-01T09:00:00Z"));
    messages[7] = log_in(99, 1);
    consumer.app.credits_queue().send(&messages).await.expect("a queue");
    assert_eq!(consumer.drain(0).await, []);
    assert_eq!(balances(&shop).await, [(12, 13), (13, 14)], "what was dead counts now, once");
    let report = local::verify::prove(&shop.stack).await.expect("a readable ledger");
    assert_eq!(report.problems, []);
    consumer.close().await;
    shop.close().await;
}
