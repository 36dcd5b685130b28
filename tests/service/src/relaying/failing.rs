//! What goes wrong on the way out: recipients that are down, gone or wrong; queues that are
//! not there; rows that cannot be read.

use aws_lambda_events::{
    dynamodb::{Event as StreamEvent, EventRecord, StreamRecord},
    sqs::{SqsEvent, SqsMessage},
};
use edge::{App, Settings};
use local::queue::{Name, redrive};
use relay::{ATTEMPTS_MAX, Klaviyo, Relay, address::Reach};
use store::{
    item::{Table, Value as Cell},
    registry,
    tables::Tables,
};

use super::*;

/// All rows of a small ledger, as its stream hands them over.
pub(super) async fn ledger_stream(shop: &TestShop) -> StreamEvent {
    let page = shop.stack.app.tables().scan(Table::Ledger, None).await.expect("a ledger");
    let mut event = StreamEvent::default();
    for (number, item) in page.items.into_iter().enumerate() {
        let cell = |value| match value {
            Cell::S(text) => serde_dynamo::AttributeValue::S(text),
            Cell::N(number) => serde_dynamo::AttributeValue::N(number.to_string()),
            Cell::B(bytes) => serde_dynamo::AttributeValue::B(bytes),
        };
        let image = item.0.into_iter().map(|(name, value)| (name, cell(value)));
        let image: std::collections::HashMap<_, _> = image.collect();
        let mut change = StreamRecord::default();
        change.new_image = image.into();
        change.sequence_number = Some(format!("{:021}", number + 1));
        let mut record = EventRecord::default();
        record.event_name = "INSERT".to_owned();
        record.change = change;
        event.records.push(record);
    }
    event
}

#[tokio::test(flavor = "multi_thread")]
async fn failure_30_a_subscriber_that_is_down_for_a_day_hears_of_it_later() {
    let (shop, listener) = listening().await;
    shop.enroll("ada").await;
    shop.drain().await;
    assert_eq!(taken(&listener).len(), 2, "joined, and on the first level");
    listener.answer(503);
    let mut sent = 0;
    for hour in 1..=24 {
        shop.stack.app.clock().move_to(at(START).plus_millis(hour * 3_600_000));
        let answer = shop.post("orders", order(&format!("o-{hour}"), "ada", 1_000)).await;
        assert_eq!((answer.status, answer.number("/balance/balance")), (201, hour * 10));
        sent += 1;
        wait(&shop, 1).await;
    }
    assert_eq!(taken(&listener).len(), 2, "it is down");
    let refused: Vec<_> = listener.heard().into_iter().filter(|it| it.status == 503).collect();
    let missed: BTreeSet<&str> = refused.iter().map(|it| it.id.as_str()).collect();
    assert!(refused.len() > missed.len() && missed.len() >= sent, "tried again: {}", refused.len());
    assert!(refused.len() < missed.len() * 12, "but not all the time: {}", refused.len());

    listener.answer(200);
    wait(&shop, 12).await;
    let later = taken(&listener).split_off(2);
    let ids: BTreeSet<&str> = later.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(ids, missed, "under the ids that they had");
    assert_eq!(later.len(), missed.len(), "each once");
    let earned = later.iter().filter(|(_, kind)| kind == "points.earned").count();
    assert!(earned >= sent, "{earned} of {sent}");
    let log = log(&shop, "crm", at(START)).await;
    let waiting = log.iter().find(|it| it.outcome == Outcome::Waiting).expect("a failed attempt");
    assert_eq!((waiting.status, waiting.reason.as_deref()), (Some(503), Some("HTTP_503")));
    let report = local::verify::prove(&shop.stack).await.expect("a readable ledger");
    assert_eq!(report.problems, []);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscriber_that_never_answers_is_given_up_and_can_be_told_again() {
    let (shop, listener) = listening().await;
    listener.answer(500);
    shop.enroll("ada").await;
    shop.drain().await;
    for _ in 0..=ATTEMPTS_MAX {
        wait(&shop, 12).await;
    }
    let letters = redrive(&shop.stack, Name::Deliveries, true).await.expect("dead letters");
    assert_eq!(letters.letters.len(), 2);
    let letter = &letters.letters[0];
    assert_eq!((letter.chain.as_deref(), &letter.unread), (Some("club/ada"), &None));
    let log = log(&shop, "crm", at(START)).await;
    let dead: Vec<&Attempt> = log.iter().filter(|it| it.outcome == Outcome::Dead).collect();
    assert_eq!((dead.len(), dead[0].attempt), (2, ATTEMPTS_MAX), "{dead:#?}");
    assert_eq!(dead[0].reason.as_deref(), Some("HTTP_500"));
    assert_eq!(listener.heard().len(), 2 * ATTEMPTS_MAX as usize);

    listener.answer(200);
    let moved = redrive(&shop.stack, Name::Deliveries, false).await.expect("dead letters");
    assert_eq!(moved.letters.len(), 2);
    shop.drain().await;
    let told: BTreeSet<String> = taken(&listener).into_iter().map(|(id, _)| id).collect();
    let first: BTreeSet<String> = listener.heard().into_iter().map(|it| it.id).collect();
    assert_eq!(told, first, "under the ids that they had");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_gone_is_told_nothing_more() {
    let (shop, listener) = listening().await;
    listener.answer_once(410);
    shop.enroll("ada").await;
    shop.drain().await;
    let all = Subscriber::all(shop.stack.app.tables(), &club()).await.expect("subscribers");
    let disabled = all[0].disabled.clone().expect("it is disabled");
    assert_eq!((disabled.at, disabled.why.as_str()), (at(START), "GONE"));
    let heard = listener.heard().len();
    shop.post("orders", order("o-1", "ada", 1_000)).await;
    shop.drain().await;
    wait(&shop, 12).await;
    assert_eq!(listener.heard().len(), heard, "nothing more");
    let gone = log(&shop, "crm", at(START)).await;
    let gone = gone.iter().find(|it| it.status == Some(410)).expect("it is in the log");
    assert_eq!((gone.outcome, gone.reason.as_deref()), (Outcome::Dropped, Some("HTTP_410")));
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_for_ever_goes_to_the_dead_letters_at_once_with_its_reason() {
    let (shop, listener) = listening().await;
    // Klaviyo's API is where the listener is, and it answers that what it is sent is wrong.
    let router = axum::Router::new().fallback(async || axum::http::StatusCode::BAD_REQUEST);
    let wrong = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", wrong.local_addr().expect("an address"));
    let serving = tokio::spawn(async move { axum::serve(wrong, router).await });
    let klaviyo = Sink::Klaviyo(Klaviyo { url });
    subscribe(&shop, Subscriber { sink: klaviyo, ..subscriber("klaviyo", "") }).await;
    shop.enroll("ada").await;
    shop.drain().await;
    assert_eq!(taken(&listener).len(), 2, "others are told");
    let log = log(&shop, "klaviyo", at(START)).await;
    let outcomes: Vec<_> = log.iter().map(|it| (it.outcome, it.attempt, it.status)).collect();
    assert_eq!(outcomes, [(Outcome::Dead, 1, Some(400)); 2]);
    assert_eq!(log[0].reason.as_deref(), Some("HTTP_400"));
    let letters = redrive(&shop.stack, Name::Deliveries, true).await.expect("dead letters");
    assert_eq!(letters.letters.len(), 2);
    serving.abort();
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn failure_07_what_was_not_queued_is_relayed_again_from_there() {
    let (shop, listener) = listening().await;
    let still = shop.stack.pollers.pause().await;
    for member in ["ada", "bo", "cy"] {
        shop.enroll(member).await;
    }
    let event = ledger_stream(&shop).await;
    let first = event.records[0].change.sequence_number.clone();
    let settings = &shop.stack.settings;
    let nowhere = format!("{}-that-is-not-there", settings.deliveries_queue);
    let settings = Settings { deliveries_queue: nowhere, ..settings.clone() };
    let clients = &shop.stack.clients;
    let (dynamodb, sqs) = (clients.dynamodb.clone(), clients.sqs.clone());
    let app = App::new(&settings, dynamodb, sqs, shop.stack.app.clock().clone());
    let broken = Relay::new(app, None, Reach::PublicAndLoopback);
    let response = relay::relay_events(&broken, event.clone()).await;
    let failed: Vec<_> =
        response.batch_item_failures.into_iter().map(|it| it.item_identifier).collect();
    assert_eq!(failed, [first], "all of it comes again");
    assert!(listener.heard().is_empty());
    drop(still);
    shop.drain().await;
    assert_eq!(taken(&listener).len(), 6, "nothing is lost");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_cannot_be_read_is_kept_aside_and_stops_nobody() {
    let (shop, listener) = listening().await;
    let still = shop.stack.pollers.pause().await;
    shop.enroll("ada").await;
    shop.enroll("bo").await;
    let mut event = ledger_stream(&shop).await;
    let mut image = event.records[0].change.new_image.clone().into_inner();
    image.insert("body".to_owned(), serde_dynamo::AttributeValue::B(vec![1, 2, 3]));
    event.records[0].change.new_image = image.into();
    let mut removed = event.records[1].clone();
    removed.event_name = "REMOVE".to_owned();
    event.records.push(removed);
    let response = relay::relay_events(&shop.stack.relay, event).await;
    assert!(response.batch_item_failures.is_empty());
    let parked = registry::list::<_, Value>(shop.stack.app.tables(), relay::PARKED, None, None);
    let parked = parked.await.expect("a registry");
    assert_eq!(parked.len(), 1, "{parked:?}");
    assert!(parked[0].0.starts_with("club/") && parked[0].0.ends_with("#1"), "{parked:?}");
    drop(still);
    shop.drain().await;
    let told: BTreeSet<String> = taken(&listener).into_iter().map(|(id, _)| id).collect();
    assert_eq!(told.len(), 4, "from the real stream, where both can be read");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscriber_that_cannot_be_read_stops_nobody() {
    let (shop, listener) = listening().await;
    let strange = registry::Address::new("subscribers#club", "strange");
    let document = json!({ "id": "strange", "sink": { "kind": "pigeon" } });
    let written = registry::write(shop.stack.app.tables(), &strange, &document).await;
    written.expect("a registry");
    shop.stack.relay.subscribers().forget();
    shop.enroll("ada").await;
    shop.drain().await;
    assert_eq!(taken(&listener).len(), 2);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn failure_06_what_is_no_delivery_is_a_dead_letter_and_a_newer_one_waits() {
    let (shop, listener) = listening().await;
    let mut event = SqsEvent::default();
    let to = |id: &str| json!({ "v": 1, "program": "club", "to": { "subscriber": id } });
    let bodies = ["no message".to_owned(), json!({ "v": 2 }).to_string(), to("crm").to_string()];
    for (number, body) in bodies.into_iter().enumerate() {
        let mut message = SqsMessage::default();
        message.message_id = Some(format!("message-{number}"));
        message.receipt_handle = Some(format!("receipt-{number}"));
        message.body = Some(body);
        event.records.push(message);
    }
    let response = relay::deliver_batch(&shop.stack.relay, event).await;
    let failed: Vec<_> =
        response.batch_item_failures.into_iter().map(|it| it.item_identifier).collect();
    assert_eq!(failed, ["message-1"]);
    let letters = redrive(&shop.stack, Name::Deliveries, true).await.expect("dead letters");
    assert_eq!(letters.letters.len(), 2);
    assert!(letters.letters.iter().all(|letter| letter.unread.is_some()));
    assert!(listener.heard().is_empty());
    shop.close().await;
}
