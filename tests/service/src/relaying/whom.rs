//! Who is told of what: filters, consent, secrets, addresses, and nothing personal.

use local::subscribers::try_out;
use reqwest::Method;

use super::*;
use crate::shop::send;

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_lets_through_only_what_was_asked_for() {
    let (shop, listener) = listening().await;
    let few = Listener::open(shop.stack.app.clock()).await;
    few.know(&[SECRET]);
    let words = vec!["points.*".to_owned(), "member.enrolled".to_owned()];
    let events = Filter::new(words).expect("a filter");
    subscribe(&shop, Subscriber { events, ..subscriber("few", &few.url) }).await;
    shop.enroll("ada").await;
    shop.post("orders", order("o-1", "ada", 1_000)).await;
    shop.drain().await;
    let mut types = few.taken();
    types.sort();
    assert_eq!(types, ["member.enrolled", "points.earned"]);
    assert!(listener.taken().len() > 2, "{:?}", listener.taken());
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_did_not_agree_is_not_told_of_and_who_withdraws_no_more() {
    let (shop, _everything) = listening().await;
    let marketing = Listener::open(shop.stack.app.clock()).await;
    marketing.know(&[SECRET]);
    let consent = Some("marketing".to_owned());
    subscribe(&shop, Subscriber { consent, ..subscriber("mail", &marketing.url) }).await;
    let agreed = |granted: bool| json!([{ "purpose": "marketing", "granted": granted }]);
    for (member, consents) in [("ada", agreed(true)), ("bo", agreed(false)), ("cy", json!([]))] {
        let answer = shop.post("members", json!({ "id": member, "consents": consents })).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        shop.post("orders", order(&format!("o-{member}"), member, 1_000)).await;
    }
    shop.drain().await;
    let of: BTreeSet<String> = marketing.heard().iter().map(subject).collect();
    assert_eq!(of, ["ada".to_owned()].into());
    let told = marketing.heard().len();

    // While it waits to be sent, ada thinks better of it.
    marketing.answer(503);
    shop.post("orders", order("o-2", "ada", 1_000)).await;
    shop.drain().await;
    assert!(marketing.heard().len() > told, "an attempt that failed");
    let path = shop.path("members/ada/consents");
    let withdrawn = json!({ "consents": agreed(false) });
    let answer = send(shop.request(Method::PUT, &path).json(&withdrawn)).await;
    assert_eq!(answer.status, 204, "{answer:?}");
    marketing.answer(200);
    let told = marketing.heard().len();
    shop.post("orders", order("o-3", "ada", 1_000)).await;
    wait(&shop, 12).await;
    assert_eq!(marketing.heard().len(), told, "neither what waited nor what is new");
    let log = log(&shop, "mail", at(START)).await;
    let dropped = log.iter().find(|it| it.outcome == Outcome::Dropped).expect("an attempt");
    assert_eq!((dropped.status, dropped.reason.as_deref()), (None, Some("NOT_AGREED")));
    shop.close().await;
}

fn subject(heard: &crate::listener::Heard) -> String {
    heard.event["subject"].as_str().unwrap_or("").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn while_a_secret_is_replaced_both_sign_and_then_the_new_one_alone() {
    const NEW: &str = "whsec_YSBuZXcgc2VjcmV0IG9mIG5vYm9keQ==";
    let (shop, listener) = listening().await;
    listener.know(&[SECRET, NEW]);
    let signed_by = async |member: &str| {
        shop.enroll(member).await;
        shop.drain().await;
        listener.heard().last().expect("an event").signed_by.clone()
    };
    assert_eq!(signed_by("ada").await, [true, false]);
    let until = at(START).plus_days(1);
    let rotate = |subscriber: Subscriber| {
        let secrets = subscriber.secrets.clone().replaced(Secret::new(NEW), until);
        Subscriber { secrets, ..subscriber }
    };
    let changed = Subscriber::change(shop.stack.app.tables(), &club(), "crm", rotate).await;
    assert!(changed.expect("a registry").is_some());
    shop.stack.relay.subscribers().forget();
    assert_eq!(signed_by("bo").await, [true, true]);
    shop.stack.app.clock().move_to(until);
    assert_eq!(signed_by("cy").await, [false, true]);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_within_are_not_sent_to_unless_the_stack_says_so() {
    let shop = TestShop::open_club().await;
    let listener = Listener::open(shop.stack.app.clock()).await;
    listener.know(&[SECRET]);
    let https = listener.url.replace("http://127.0.0.1", "https://localhost");
    for (id, url) in [("plain", listener.url.as_str()), ("named", &https)] {
        subscribe(&shop, subscriber(id, url)).await;
    }
    shop.enroll("ada").await;
    shop.drain().await;
    for (id, reason) in [("plain", "ADDRESS_NOT_HTTPS"), ("named", "ADDRESS_NOT_PUBLIC")] {
        let log = log(&shop, id, at(START)).await;
        assert!(!log.is_empty());
        for attempt in &log {
            assert_eq!((attempt.status, attempt.reason.as_deref()), (None, Some(reason)));
        }
    }
    assert!(listener.heard().is_empty());
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscriber_is_tried_out_and_what_came_of_it_is_logged() {
    let (shop, listener) = listening().await;
    let tried = try_out(&shop.stack, &club(), "crm", at(START)).await.expect("an attempt");
    assert_eq!((tried.outcome, tried.status), (Outcome::Delivered, Some(200)));
    let heard = listener.heard();
    assert_eq!(heard[0].event["type"], "guerdon.test");
    listener.answer(418);
    let tried = try_out(&shop.stack, &club(), "crm", at(START)).await.expect("an attempt");
    assert_eq!((tried.outcome, tried.reason.as_deref()), (Outcome::Dropped, Some("HTTP_418")));
    assert_eq!(log(&shop, "crm", at(START)).await.len(), 2);
    assert!(try_out(&shop.stack, &club(), "nobody", at(START)).await.is_err());
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn failure_27_nothing_personal_and_no_secret_is_told_queued_or_logged() {
    const CANARIES: [&str; 4] =
        ["canary@example.org", "447700900123", "02-29", "YSBzZWNyZXQgb2Ygbm9ib2R5J3M"];
    let (shop, listener) = listening().await;
    listener.answer_once(503);
    let still = shop.stack.pollers.pause().await;
    let joined = json!({
        "id": "ada", "birthday": "02-29",
        "identities": { "email": "canary@example.org", "phone": "+447700900123" },
        "consents": [{ "purpose": "marketing", "granted": true }],
    });
    let answer = shop.post("members", joined).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    shop.post("orders", order("o-1", "ada", 1_000)).await;
    let event = failing::ledger_stream(&shop).await;
    let response = relay::relay_events(&shop.stack.relay, event).await;
    assert!(response.batch_item_failures.is_empty());
    let (sqs, url) = (&shop.stack.clients.sqs, &shop.stack.settings.deliveries_queue);
    let received = sqs.receive_message().queue_url(url).max_number_of_messages(10).send();
    let received = Box::pin(received).await.expect("a queue");
    let mut said: Vec<String> =
        received.messages.unwrap_or_default().into_iter().filter_map(|it| it.body).collect();
    assert!(said.len() >= 3, "{said:?}");
    drop(still);
    shop.drain().await;
    said.extend(listener.heard().into_iter().map(|heard| heard.raw));
    let log = log(&shop, "crm", at(START)).await;
    said.extend(log.iter().map(|attempt| format!("{attempt:?}")));
    said.push(format!("{:?}", subscriber("crm", &listener.url)));
    for said in said {
        for canary in CANARIES {
            assert!(!said.contains(canary), "{canary} in {said}");
        }
    }
    shop.close().await;
}
