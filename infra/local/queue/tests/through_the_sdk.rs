//! What queue handlers rely on, checked through the unmodified AWS SDK.
//!
//! With `GUERDON_SQS_ENDPOINT` set, the checks that need nothing but the protocol run against that
//! endpoint instead, to compare this implementation with another. That is ministack: where it
//! does otherwise than Amazon SQS the check says why, and fails when it no longer does.

#![allow(clippy::unwrap_used, reason = "a test may panic, and so may what it stands on")]

use std::{
    collections::HashSet,
    env, fs,
    path::PathBuf,
    process,
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

use aws_sdk_sqs::{
    Client,
    config::{BehaviorVersion, Config, Credentials, Region, retry::RetryConfig},
    error::{ProvideErrorMetadata, SdkError},
    primitives::Blob,
    types::{
        ChangeMessageVisibilityBatchRequestEntry, DeleteMessageBatchRequestEntry, Message,
        MessageAttributeValue, MessageSystemAttributeName, MessageSystemAttributeNameForSends,
        MessageSystemAttributeValue, QueueAttributeName, SendMessageBatchRequestEntry,
    },
};
use local_queue::{Queues, serve};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle, time::sleep};

use MessageSystemAttributeName as System;
use QueueAttributeName::{
    ApproximateNumberOfMessages, ApproximateNumberOfMessagesDelayed,
    ApproximateNumberOfMessagesNotVisible, DelaySeconds, MaximumMessageSize,
    MessageRetentionPeriod, QueueArn, ReceiveMessageWaitTimeSeconds, RedrivePolicy,
    VisibilityTimeout,
};

const LIMIT: usize = 1_048_576;

// --- queues

#[tokio::test]
async fn a_queue_is_made_once_and_found_by_its_name() {
    let sqs = Sqs::start().await;
    let name = unique("orders");
    let made = sqs.make(&name, &[(VisibilityTimeout, "45")]).await;
    let again = sqs.make(&name, &[(VisibilityTimeout, "45")]).await;
    let found = sqs.get_queue_url().queue_name(&name).send().await.unwrap();
    assert_eq!(made, again);
    assert_eq!(found.queue_url(), Some(made.as_str()));
    assert!(made.ends_with(&format!("/000000000000/{name}")), "{made}");
}

#[tokio::test]
async fn a_queue_cannot_be_made_again_with_other_attributes() {
    let sqs = Sqs::start().await;
    let name = unique("orders");
    sqs.make(&name, &[(VisibilityTimeout, "45")]).await;
    let again = sqs.create_queue().queue_name(&name).attributes(VisibilityTimeout, "46");
    let refusal = again.send().await.unwrap_err().into_service_error();
    assert!(refusal.is_queue_name_exists(), "{refusal:?}");
}

#[tokio::test]
async fn a_queue_name_has_letters_digits_hyphens_and_underscores_only() {
    let why = "it says of an empty name that it is missing";
    otherwise_in_ministack(why, async {
        let sqs = Sqs::start().await;
        for name in ["", "a b", "orders.fifo", &"x".repeat(81)] {
            let refusal = sqs.create_queue().queue_name(name).send().await;
            assert_eq!(code(refusal), "InvalidParameterValue", "{name:?}");
        }
        sqs.make(&unique("Queue_1-of-2"), &[]).await;
    })
    .await;
}

#[tokio::test]
async fn a_missing_queue_is_a_typed_error_everywhere() {
    let sqs = Sqs::start().await;
    let url = format!("{}/000000000000/{}", sqs.endpoint, unique("missing"));
    let found = sqs.get_queue_url().queue_name("missing").send().await;
    assert!(found.unwrap_err().into_service_error().is_queue_does_not_exist());
    let sent = sqs.send_message().queue_url(&url).message_body("m").send().await;
    assert!(sent.unwrap_err().into_service_error().is_queue_does_not_exist());
    let received = sqs.receive_message().queue_url(&url).send().await;
    assert!(received.unwrap_err().into_service_error().is_queue_does_not_exist());
    let purged = sqs.purge_queue().queue_url(&url).send().await;
    assert!(purged.unwrap_err().into_service_error().is_queue_does_not_exist());
    let read = sqs.get_queue_attributes().queue_url(&url).send().await;
    assert!(read.unwrap_err().into_service_error().is_queue_does_not_exist());
}

#[tokio::test]
async fn queues_are_listed_by_prefix_and_by_page() {
    let sqs = Sqs::start().await;
    let prefix = unique("listed");
    let mut made = Vec::new();
    for number in 1..=3 {
        made.push(sqs.make(&format!("{prefix}-{number}"), &[]).await);
    }
    sqs.make(&unique("other"), &[]).await;
    let list = sqs.list_queues().queue_name_prefix(&prefix);
    assert_eq!(list.clone().send().await.unwrap().queue_urls(), made);
    let pages: Vec<_> = {
        let mut pages = list.into_paginator().page_size(2).send();
        let mut urls = Vec::new();
        while let Some(page) = pages.next().await {
            urls.push(page.unwrap().queue_urls().to_vec());
        }
        urls.into_iter().filter(|urls| !urls.is_empty()).collect()
    };
    assert_eq!(pages, [made[..2].to_vec(), made[2..].to_vec()]);
}

#[tokio::test]
async fn a_deleted_queue_is_gone_with_its_messages() {
    let sqs = Sqs::start().await;
    let name = unique("orders");
    let url = sqs.make(&name, &[]).await;
    sqs.put(&url, "left behind").await;
    sqs.delete_queue().queue_url(&url).send().await.unwrap();
    let sent = sqs.send_message().queue_url(&url).message_body("m").send().await;
    assert!(sent.unwrap_err().into_service_error().is_queue_does_not_exist());
    let url = sqs.make(&name, &[]).await;
    assert!(sqs.take(&url).await.is_empty());
}

#[tokio::test]
async fn a_new_queue_has_the_documented_attributes() {
    let sqs = Sqs::start().await;
    let name = unique("orders");
    let url = sqs.make(&name, &[]).await;
    for (attribute, value) in [
        (QueueArn, format!("arn:aws:sqs:us-east-1:000000000000:{name}").as_str()),
        (VisibilityTimeout, "30"),
        (DelaySeconds, "0"),
        (ReceiveMessageWaitTimeSeconds, "0"),
        (MessageRetentionPeriod, "345600"),
        (MaximumMessageSize, "1048576"),
    ] {
        assert_eq!(
            sqs.attribute(&url, attribute.clone()).await.as_deref(),
            Some(value),
            "{attribute}"
        );
    }
    assert_eq!(sqs.attribute(&url, RedrivePolicy).await, None);
}

#[tokio::test]
async fn attributes_can_be_changed() {
    let sqs = Sqs::start().await;
    let url = sqs.make(&unique("orders"), &[(DelaySeconds, "1")]).await;
    let set = sqs.set_queue_attributes().queue_url(&url);
    set.attributes(VisibilityTimeout, "7")
        .attributes(MessageRetentionPeriod, "60")
        .send()
        .await
        .unwrap();
    assert_eq!(sqs.attribute(&url, VisibilityTimeout).await.as_deref(), Some("7"));
    assert_eq!(sqs.attribute(&url, MessageRetentionPeriod).await.as_deref(), Some("60"));
    assert_eq!(sqs.attribute(&url, DelaySeconds).await.as_deref(), Some("1"));
}

#[tokio::test]
async fn wrong_attributes_are_refused_by_name_and_by_value() {
    let why = "it takes attributes of any name";
    otherwise_in_ministack(why, async {
        let sqs = Sqs::start().await;
        let url = sqs.make(&unique("orders"), &[]).await;
        for (attribute, value) in [
            (VisibilityTimeout, "43201"),
            (VisibilityTimeout, "soon"),
            (DelaySeconds, "901"),
            (ReceiveMessageWaitTimeSeconds, "21"),
            (MessageRetentionPeriod, "59"),
            (RedrivePolicy, "no json"),
        ] {
            let set =
                sqs.set_queue_attributes().queue_url(&url).attributes(attribute.clone(), value);
            let refusal = set.send().await.unwrap_err().into_service_error();
            assert!(refusal.is_invalid_attribute_value(), "{attribute} {value}: {refusal:?}");
        }
        let unknown = QueueAttributeName::from("Colour");
        let set = sqs.set_queue_attributes().queue_url(&url).attributes(unknown, "red");
        assert!(set.send().await.unwrap_err().into_service_error().is_invalid_attribute_name());
    })
    .await;
}

#[tokio::test]
async fn a_redrive_policy_is_read_back_and_can_be_taken_away() {
    let why = "it reads the policy back as it was written, its number as text";
    otherwise_in_ministack(why, async {
        let sqs = Sqs::start().await;
        let dead = sqs.make(&unique("dead"), &[]).await;
        let policy = sqs.policy(&dead, 3).await;
        let url = sqs.make(&unique("orders"), &[(RedrivePolicy, &policy)]).await;
        let read = sqs.attribute(&url, RedrivePolicy).await.unwrap();
        assert!(read.contains("\"maxReceiveCount\":3"), "{read}");
        assert!(read.contains("\"deadLetterTargetArn\":\"arn:aws:sqs:"), "{read}");
        let set = sqs.set_queue_attributes().queue_url(&url).attributes(RedrivePolicy, "");
        set.send().await.unwrap();
        assert_eq!(sqs.attribute(&url, RedrivePolicy).await, None);
    })
    .await;
}

#[tokio::test]
async fn a_dead_letter_queue_must_exist() {
    let why = "it calls the attribute invalid, not the parameter";
    otherwise_in_ministack(why, async {
        let sqs = Sqs::start().await;
        let arn = format!("arn:aws:sqs:us-east-1:000000000000:{}", unique("missing"));
        let policy = format!(r#"{{"deadLetterTargetArn":"{arn}","maxReceiveCount":"3"}}"#);
        let made =
            sqs.create_queue().queue_name(unique("orders")).attributes(RedrivePolicy, policy);
        assert_eq!(code(made.send().await), "InvalidParameterValue");
    })
    .await;
}

// --- sending

#[tokio::test]
async fn a_message_is_received_as_it_was_sent() {
    let sqs = Sqs::start().await;
    let url = sqs.make(&unique("orders"), &[]).await;
    let body = "Grüße, 世界 🎉\n\t\"\\";
    let sent = sqs.send_message().queue_url(&url).message_body(body).send().await.unwrap();
    let received = sqs.take_one(&url).await;
    assert_eq!(received.body(), Some(body));
    assert_eq!(received.message_id(), sent.message_id());
    assert_eq!(received.md5_of_body(), Some("3271c5cc5822f0127c96279b523d23d2"));
    assert_eq!(sent.md5_of_message_body(), received.md5_of_body());
    assert_eq!(sent.md5_of_message_attributes(), None);
    assert_eq!(received.message_attributes(), None);
}

#[tokio::test]
async fn message_attributes_are_carried_with_their_digest() {
    let sqs = Sqs::start().await;
    let url = sqs.make(&unique("orders"), &[]).await;
    let sent = sqs.put_with_attributes(&url).await;
    let received = sqs.receive_message().queue_url(&url).message_attribute_names("All");
    let received = received.send().await.unwrap().messages.unwrap().remove(0);
    // Computed with Python's hashlib from the rule in the SQS developer guide.
    assert_eq!(sent.as_deref(), Some("feb1c02c4fb449cdb946d54130d0c6a7"));
    assert_eq!(received.md5_of_message_attributes(), sent.as_deref());
    let attributes = received.message_attributes().unwrap();
    assert_eq!(attributes["kind"].string_value(), Some("order"));
    assert_eq!(attributes["amount"].data_type(), "Number");
    assert_eq!(attributes["seal"].binary_value(), Some(&Blob::new([0, 1, 255])));
}

#[tokio::test]
async fn only_the_attributes_asked_for_are_received() {
    let sqs = Sqs::start().await;
    let url = sqs.make(&unique("orders"), &[(VisibilityTimeout, "0")]).await;
    sqs.put_with_attributes(&url).await;
    for (asked, got) in [("kind", 1), ("k.*", 1), (".*", 3), ("other", 0)] {
        let received = sqs.receive_message().queue_url(&url).message_attribute_names(asked);
        let received = received.send().await.unwrap().messages.unwrap().remove(0);
        assert_eq!(received.message_attributes().map_or(0, |all| all.len()), got, "{asked}");
        if got == 1 {
            let digest = received.md5_of_message_attributes();
            assert_eq!(digest, Some("8cc3ab13200b21b0d17b28c4d98ec74a"));
        }
    }
}

#[tokio::test]
async fn a_trace_header_is_carried() {
    let why = "it gives no digest of system attributes";
    otherwise_in_ministack(why, async {
        let sqs = Sqs::start().await;
        let url = sqs.make(&unique("orders"), &[]).await;
        let trace = "Root=1-5759e988-bd862e3fe1be46a994272793";
        let value = MessageSystemAttributeValue::builder().data_type("String").string_value(trace);
        let send = sqs.send_message().queue_url(&url).message_body("m").message_system_attributes(
            MessageSystemAttributeNameForSends::AwsTraceHeader,
            value.build().unwrap(),
        );
        let digest = send.send().await.unwrap().md5_of_message_system_attributes;
        assert_eq!(digest.as_deref(), Some("62a56dd927315f2b2e12832b84617ea5"));
        let received = sqs.take_one(&url).await;
        assert_eq!(system(&received, System::AwsTraceHeader), Some(trace));
    })
    .await;
}

#[tokio::test]
async fn a_sender_gives_no_other_system_attribute() {
    let why = "it takes any system attribute";
    otherwise_in_ministack(why, async {
        let sqs = Sqs::start().await;
        let url = sqs.make(&unique("orders"), &[]).await;
        let value = MessageSystemAttributeValue::builder().data_type("String").string_value("7");
        let name = MessageSystemAttributeNameForSends::from("ApproximateReceiveCount");
        let send = sqs.send_message().queue_url(&url).message_body("m");
        let sent = send.message_system_attributes(name, value.build().unwrap()).send().await;
        assert_eq!(code(sent), "InvalidParameterValue");
    })
    .await;
}

#[tokio::test]
async fn a_message_needs_a_body_of_allowed_characters() {
    let sqs = Sqs::start().await;
    let url = sqs.make(&unique("orders"), &[]).await;
    let empty = sqs.send_message().queue_url(&url).message_body("").send().await;
    assert_eq!(code(empty), "MissingParameter");
    let bell = sqs.send_message().queue_url(&url).message_body("\u{7}").send().await;
    assert!(bell.unwrap_err().into_service_error().is_invalid_message_contents());
}

#[tokio::test]
async fn a_message_may_have_one_mebibyte_and_no_more() {
    let sqs = Sqs::start().await;
    let url = sqs.make(&unique("orders"), &[]).await;
    let longest = "x".repeat(LIMIT);
    sqs.put(&url, &longest).await;
    assert_eq!(sqs.take_one(&url).await.body().map(str::len), Some(LIMIT));
    let longer = sqs.send_message().queue_url(&url).message_body(longest + "x").send().await;
    assert_eq!(code(longer), "InvalidParameterValue");
}

#[tokio::test]
async fn attributes_count_towards_the_size_a_queue_allows() {
    let why = "it does not count attributes towards the size";
    otherwise_in_ministack(why, async {
        let sqs = Sqs::start().await;
        let url = sqs.make(&unique("orders"), &[(MaximumMessageSize, "1024")]).await;
        let send = |letters| {
            let body = "x".repeat(letters);
            let send = sqs.send_message().queue_url(&url).message_body(body);
            send.message_attributes("kind", text("order")).send()
        };
        // "kind", "String" and "order" have 15 letters.
        send(1009).await.unwrap();
        assert_eq!(code(send(1010).await), "InvalidParameterValue");
    })
    .await;
}

#[tokio::test]
async fn message_attributes_need_values_of_their_type() {
    let why = "it takes attributes without a value, and of unknown types";
    otherwise_in_ministack(why, async {
        let sqs = Sqs::start().await;
        let url = sqs.make(&unique("orders"), &[]).await;
        let bare = |kind| MessageAttributeValue::builder().data_type(kind).build().unwrap();
        let blob =
            MessageAttributeValue::builder().data_type("String").binary_value(Blob::new([1]));
        for value in [bare("String"), bare("Colour"), blob.build().unwrap()] {
            let send = sqs.send_message().queue_url(&url).message_body("m");
            let sent = send.message_attributes("kind", value).send().await;
            assert_eq!(code(sent), "InvalidParameterValue");
        }
        let mut send = sqs.send_message().queue_url(&url).message_body("m");
        for number in 0..11 {
            send = send.message_attributes(format!("kind{number}"), text("order"));
        }
        assert_eq!(code(send.send().await), "InvalidParameterValue");
    })
    .await;
}

#[tokio::test]
async fn a_batch_of_ten_is_sent() {
    let sqs = Sqs::start().await;
    let url = sqs.make(&unique("orders"), &[]).await;
    let sent =
        sqs.put_batch(&url, (0..10).map(|n| entry(&format!("id-{n}"), "hello"))).await.unwrap();
    assert!(sent.failed().is_empty());
    let ids: Vec<_> = sent.successful().iter().map(|entry| entry.id()).collect();
    assert_eq!(ids, (0..10).map(|n| format!("id-{n}")).collect::<Vec<_>>());
    let digests: HashSet<_> = sent.successful().iter().map(|e| e.md5_of_message_body()).collect();
    assert_eq!(digests, HashSet::from(["5d41402abc4b2a76b9719d911017c592"]));
    let sent: HashSet<_> = sent.successful().iter().map(|e| e.message_id().to_owned()).collect();
    assert_eq!(sent.len(), 10);
    assert_eq!(sqs.drain(&url).await.iter().map(id).collect::<HashSet<_>>(), sent);
}

#[tokio::test]
async fn a_batch_has_one_to_ten_entries() {
    let sqs = Sqs::start().await;
    let url = sqs.make(&unique("orders"), &[]).await;
    let none = sqs.send_message_batch().queue_url(&url).set_entries(Some(Vec::new())).send().await;
    assert!(none.unwrap_err().into_service_error().is_empty_batch_request());
    let eleven = sqs.put_batch(&url, (0..11).map(|n| entry(&n.to_string(), "m"))).await;
    assert!(eleven.unwrap_err().into_service_error().is_too_many_entries_in_batch_request());
    let deleted = sqs.delete_message_batch().queue_url(&url).set_entries(Some(Vec::new()));
    assert!(deleted.send().await.unwrap_err().into_service_error().is_empty_batch_request());
    assert_eq!(sqs.counts(&url).await, [0, 0, 0]);
}

#[tokio::test]
async fn the_ids_of_a_batch_are_distinct_names() {
    let sqs = Sqs::start().await;
    let url = sqs.make(&unique("orders"), &[]).await;
    let twice = sqs.put_batch(&url, [entry("a", "m"), entry("b", "m"), entry("a", "m")]).await;
    assert!(twice.unwrap_err().into_service_error().is_batch_entry_ids_not_distinct());
    for id in ["", "a b", "a.b", &"x".repeat(81)] {
        let odd = sqs.put_batch(&url, [entry(id, "m")]).await;
        assert!(odd.unwrap_err().into_service_error().is_invalid_batch_entry_id(), "{id:?}");
    }
    assert_eq!(sqs.counts(&url).await, [0, 0, 0]);
}

#[tokio::test]
async fn a_batch_may_have_one_mebibyte_in_all() {
    let sqs = Sqs::start().await;
    let url = sqs.make(&unique("orders"), &[]).await;
    let half = "x".repeat(LIMIT / 2);
    sqs.put_batch(&url, [entry("a", &half), entry("b", &half)]).await.unwrap();
    let over = sqs.put_batch(&url, [entry("a", &half), entry("b", &half), entry("c", "x")]).await;
    assert!(over.unwrap_err().into_service_error().is_batch_request_too_long());
    assert_eq!(sqs.counts(&url).await, [2, 0, 0]);
}

#[tokio::test]
async fn a_bad_entry_fails_alone() {
    let why = "it takes a delay of more than 15 minutes in a batch";
    otherwise_in_ministack(why, async {
        let sqs = Sqs::start().await;
        let url = sqs.make(&unique("orders"), &[]).await;
        let mut late = entry("late", "m");
        late.delay_seconds = Some(901);
        let sent =
            sqs.put_batch(&url, [entry("good", "m"), entry("bell", "\u{7}"), late]).await.unwrap();
        let codes: Vec<_> =
            sent.failed().iter().map(|failed| (failed.id(), failed.code())).collect();
        assert_eq!(codes, [("bell", "InvalidMessageContents"), ("late", "InvalidParameterValue")]);
        assert!(sent.failed().iter().all(|failed| failed.sender_fault()));
        assert_eq!(sent.successful()[0].id(), "good");
        assert_eq!(sqs.counts(&url).await, [1, 0, 0]);
    })
    .await;
}

// --- receiving

#[tokio::test]
async fn no_more_messages_are_received_than_asked_for() {
    let sqs = Sqs::start().await;
    let url = sqs.make(&unique("orders"), &[]).await;
    sqs.put_many(&url, 10).await;
    sqs.put_many(&url, 5).await;
    let receive = sqs.receive_message().queue_url(&url);
    assert_eq!(receive.clone().send().await.unwrap().messages().len(), 1);
    let ten = receive.max_number_of_messages(10).send().await.unwrap();
    assert_eq!(ten.messages().len(), 10);
    assert_eq!(sqs.drain(&url).await.len(), 4);
}

#[tokio::test]
async fn what_a_receive_asks_for_has_bounds() {
    let why = "it takes any number of messages to receive";
    otherwise_in_ministack(why, async {
        let sqs = Sqs::start().await;
        let url = sqs.make(&unique("orders"), &[]).await;
        let receive = || sqs.receive_message().queue_url(&url);
        for receive in [
            receive().max_number_of_messages(0),
            receive().max_number_of_messages(11),
            receive().wait_time_seconds(21),
            receive().wait_time_seconds(-1),
            receive().visibility_timeout(43_201),
        ] {
            assert_eq!(code(receive.send().await), "InvalidParameterValue");
        }
    })
    .await;
}

#[tokio::test]
async fn messages_sent_first_are_received_first() {
    let sqs = Sqs::start().await;
    let url = sqs.make(&unique("orders"), &[]).await;
    for number in 0..5 {
        sqs.put(&url, &number.to_string()).await;
    }
    assert_eq!(bodies(&sqs.take(&url).await), ["0", "1", "2", "3", "4"]);
}

#[tokio::test]
async fn a_received_message_is_hidden_until_its_time_ends() {
    let sqs = Sqs::start().await;
    let url = sqs.make(&unique("orders"), &[(VisibilityTimeout, "1")]).await;
    sqs.put(&url, "m").await;
    let first = sqs.take_one(&url).await;
    assert!(sqs.take(&url).await.is_empty());
    sleep(Duration::from_millis(1_100)).await;
    let second = sqs.take_one(&url).await;
    assert_eq!(first.message_id(), second.message_id());
    assert_ne!(first.receipt_handle(), second.receipt_handle());
}

#[tokio::test]
async fn a_receive_may_choose_how_long_messages_are_hidden() {
    let sqs = Sqs::start().await;
    let url = sqs.make(&unique("orders"), &[]).await;
    sqs.put(&url, "m").await;
    let receive = sqs.receive_message().queue_url(&url);
    for seconds in [0, 0, 1] {
        let received = receive.clone().visibility_timeout(seconds).send().await.unwrap();
        assert_eq!(received.messages().len(), 1);
    }
    assert!(sqs.take(&url).await.is_empty());
    sleep(Duration::from_millis(1_100)).await;
    assert_eq!(sqs.take(&url).await.len(), 1);
}

#[tokio::test]
async fn a_message_tells_when_and_how_often_it_was_received() {
    let sqs = Sqs::start().await;
    let url = sqs.make(&unique("orders"), &[(VisibilityTimeout, "0")]).await;
    sqs.put(&url, "m").await;
    sleep(Duration::from_millis(5)).await;
    let number = |message: &Message, name| system(message, name).unwrap().parse::<u64>().unwrap();
    let first = sqs.take_one(&url).await;
    sleep(Duration::from_millis(5)).await;
    let second = sqs.take_one(&url).await;
    assert_eq!(number(&first, System::ApproximateReceiveCount), 1);
    assert_eq!(number(&second, System::ApproximateReceiveCount), 2);
    let sent = number(&first, System::SentTimestamp);
    let received = number(&first, System::ApproximateFirstReceiveTimestamp);
    assert!(1_700_000_000_000 < sent && sent < received, "{sent} {received}");
    assert_eq!(number(&second, System::SentTimestamp), sent);
    assert_eq!(number(&second, System::ApproximateFirstReceiveTimestamp), received);
}

#[tokio::test]
async fn system_attributes_come_only_when_asked_for() {
    let sqs = Sqs::start().await;
    let url = sqs.make(&unique("orders"), &[(VisibilityTimeout, "0")]).await;
    sqs.put(&url, "m").await;
    let receive = sqs.receive_message().queue_url(&url);
    let none = receive.clone().send().await.unwrap();
    assert_eq!(none.messages()[0].attributes(), None);
    let one = receive.message_system_attribute_names(System::ApproximateReceiveCount);
    let one = one.send().await.unwrap();
    assert_eq!(one.messages()[0].attributes().map(|all| all.len()), Some(1));
}

#[tokio::test]
#[expect(deprecated, reason = "older clients still ask by the older name")]
async fn system_attributes_may_be_asked_for_by_the_older_name() {
    let sqs = Sqs::start().await;
    let url = sqs.make(&unique("orders"), &[]).await;
    sqs.put(&url, "m").await;
    let receive = sqs.receive_message().queue_url(&url).attribute_names(QueueAttributeName::All);
    let received = receive.send().await.unwrap().messages.unwrap().remove(0);
    assert_eq!(system(&received, System::ApproximateReceiveCount), Some("1"));
}

#[tokio::test]
async fn consumers_at_the_same_time_never_share_a_message() {
    let sqs = Sqs::start().await;
    let url = sqs.make(&unique("orders"), &[]).await;
    for _ in 0..5 {
        sqs.put_many(&url, 10).await;
    }
    let consumers: Vec<_> = (0..4)
        .map(|_| {
            let (sqs, url) = (sqs.client.clone(), url.clone());
            tokio::spawn(async move { drain(&sqs, &url).await })
        })
        .collect();
    let mut received = Vec::new();
    for consumer in consumers {
        received.extend(consumer.await.unwrap());
    }
    assert_eq!(received.len(), 50);
    assert_eq!(received.iter().map(id).collect::<HashSet<_>>().len(), 50);
}

// --- long polls

#[tokio::test]
async fn a_poll_of_an_empty_queue_ends_after_its_wait() {
    let sqs = Sqs::start().await;
    let url = sqs.make(&unique("orders"), &[]).await;
    let (messages, took) = sqs.poll(&url, 0).await;
    assert!(messages.is_empty() && took < Duration::from_millis(900), "{took:?}");
    let (messages, took) = sqs.poll(&url, 1).await;
    assert!(messages.is_empty(), "{messages:?}");
    assert!((Duration::from_millis(950)..Duration::from_secs(10)).contains(&took), "{took:?}");
}

#[tokio::test]
async fn a_queue_may_say_how_long_its_polls_wait() {
    let sqs = Sqs::start().await;
    let url = sqs.make(&unique("orders"), &[(ReceiveMessageWaitTimeSeconds, "4")]).await;
    let started = Instant::now();
    assert!(sqs.take(&url).await.is_empty());
    assert!(started.elapsed() >= Duration::from_millis(3_950), "{:?}", started.elapsed());
    let (_, took) = sqs.poll(&url, 0).await;
    assert!(took < Duration::from_millis(3_900), "{took:?}");
}

#[tokio::test]
async fn a_poll_wakes_at_once_when_a_message_is_sent() {
    let sqs = Sqs::start().await;
    let url = sqs.make(&unique("orders"), &[]).await;
    let poll = sqs.poll(&url, 20);
    let send = async {
        sleep(Duration::from_millis(300)).await;
        sqs.put(&url, "m").await;
    };
    let ((messages, took), ()) = tokio::join!(poll, send);
    assert_eq!(bodies(&messages), ["m"]);
    assert!(took < Duration::from_millis(1_000), "{took:?}");
}

#[tokio::test]
async fn a_poll_wakes_at_once_when_a_message_comes_back() {
    let sqs = Sqs::start().await;
    let url = sqs.make(&unique("orders"), &[(VisibilityTimeout, "1")]).await;
    sqs.put(&url, "m").await;
    sqs.take_one(&url).await;
    let (messages, took) = sqs.poll(&url, 20).await;
    assert_eq!(bodies(&messages), ["m"]);
    assert!(took < Duration::from_millis(1_500), "{took:?}");
}

#[tokio::test]
async fn a_poll_wakes_at_once_when_a_message_is_given_back() {
    let sqs = Sqs::start().await;
    let url = sqs.make(&unique("orders"), &[]).await;
    sqs.put(&url, "m").await;
    let received = sqs.take_one(&url).await;
    let poll = sqs.poll(&url, 20);
    let give_back = async {
        sleep(Duration::from_millis(300)).await;
        sqs.hide(&url, &received, 0).await.unwrap();
    };
    let ((messages, took), ()) = tokio::join!(poll, give_back);
    assert_eq!(bodies(&messages), ["m"]);
    assert!(took < Duration::from_millis(1_000), "{took:?}");
}

#[tokio::test]
async fn of_two_polls_one_gets_the_message() {
    let sqs = Sqs::start().await;
    let url = sqs.make(&unique("orders"), &[]).await;
    let send = async {
        sleep(Duration::from_millis(300)).await;
        sqs.put(&url, "m").await;
    };
    let ((one, _), (other, _), ()) = tokio::join!(sqs.poll(&url, 2), sqs.poll(&url, 2), send);
    assert_eq!(one.len() + other.len(), 1);
}

// --- visibility

#[tokio::test]
async fn visibility_can_be_extended() {
    let sqs = Sqs::start().await;
    let url = sqs.make(&unique("orders"), &[(VisibilityTimeout, "1")]).await;
    sqs.put(&url, "m").await;
    let received = sqs.take_one(&url).await;
    sqs.hide(&url, &received, 3).await.unwrap();
    sleep(Duration::from_millis(1_200)).await;
    assert!(sqs.take(&url).await.is_empty());
    assert_eq!(sqs.poll(&url, 3).await.0.len(), 1);
}

#[tokio::test]
async fn visibility_changes_only_of_messages_in_flight() {
    let why = "it hides messages that nobody has received";
    otherwise_in_ministack(why, async {
        let sqs = Sqs::start().await;
        let url = sqs.make(&unique("orders"), &[]).await;
        sqs.put_many(&url, 2).await;
        let [back, gone] = sqs.take(&url).await.try_into().unwrap();
        sqs.hide(&url, &back, 0).await.unwrap();
        sqs.remove(&url, &gone).await;
        let visible = sqs.hide(&url, &back, 5).await.unwrap_err();
        assert!(visible.into_service_error().is_message_not_inflight());
        assert_eq!(code(sqs.hide(&url, &gone, 5).await), "InvalidParameterValue");
        let change = sqs.change_message_visibility().queue_url(&url).visibility_timeout(5);
        let odd = change.receipt_handle("no handle").send().await.unwrap_err();
        assert!(odd.into_service_error().is_receipt_handle_is_invalid());
    })
    .await;
}

#[tokio::test]
async fn visibility_changes_in_batches_fail_one_by_one() {
    let why = "it hides a message for more than 12 hours";
    otherwise_in_ministack(why, async {
        let sqs = Sqs::start().await;
        let url = sqs.make(&unique("orders"), &[]).await;
        sqs.put_many(&url, 2).await;
        let received = sqs.take(&url).await;
        let change = |id: &str, handle: Option<&str>, seconds| {
            ChangeMessageVisibilityBatchRequestEntry::builder()
                .id(id)
                .set_receipt_handle(handle.map(str::to_owned))
                .visibility_timeout(seconds)
                .build()
                .unwrap()
        };
        let batch = sqs.change_message_visibility_batch().queue_url(&url);
        let answer = batch
            .entries(change("good", received[0].receipt_handle(), 0))
            .entries(change("bad-handle", Some("no handle"), 0))
            .entries(change("too-long", received[1].receipt_handle(), 43_201));
        let answer = answer.send().await.unwrap();
        let failed: Vec<_> =
            answer.failed().iter().map(|entry| (entry.id(), entry.code())).collect();
        assert_eq!(answer.successful()[0].id(), "good");
        let expected =
            [("bad-handle", "ReceiptHandleIsInvalid"), ("too-long", "InvalidParameterValue")];
        assert_eq!(failed, expected);
        assert_eq!(sqs.counts(&url).await, [1, 1, 0]);
    })
    .await;
}

// --- deleting

#[tokio::test]
async fn a_deleted_message_is_gone_and_can_be_deleted_again() {
    let why = "it refuses to delete a message twice";
    otherwise_in_ministack(why, async {
        let sqs = Sqs::start().await;
        let url = sqs.make(&unique("orders"), &[(VisibilityTimeout, "1")]).await;
        sqs.put(&url, "m").await;
        let received = sqs.take_one(&url).await;
        sqs.remove(&url, &received).await;
        sqs.remove(&url, &received).await;
        assert_eq!(sqs.counts(&url).await, [0, 0, 0]);
        sleep(Duration::from_millis(1_100)).await;
        assert!(sqs.take(&url).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_message_can_be_deleted_after_its_time_ended() {
    let sqs = Sqs::start().await;
    let url = sqs.make(&unique("orders"), &[(VisibilityTimeout, "0")]).await;
    sqs.put(&url, "m").await;
    let received = sqs.take_one(&url).await;
    sqs.remove(&url, &received).await;
    assert_eq!(sqs.counts(&url).await, [0, 0, 0]);
}

#[tokio::test]
async fn an_old_receipt_does_not_delete_a_message_received_again() {
    let why = "it refuses an older receipt of the message";
    otherwise_in_ministack(why, async {
        let sqs = Sqs::start().await;
        let url = sqs.make(&unique("orders"), &[(VisibilityTimeout, "0")]).await;
        sqs.put(&url, "m").await;
        let [first, second] = [sqs.take_one(&url).await, sqs.take_one(&url).await];
        sqs.remove(&url, &first).await;
        assert_eq!(sqs.counts(&url).await, [1, 0, 0]);
        sqs.remove(&url, &second).await;
        assert_eq!(sqs.counts(&url).await, [0, 0, 0]);
    })
    .await;
}

#[tokio::test]
async fn a_receipt_handle_belongs_to_its_queue() {
    let why = "it says of an empty receipt handle that it is missing";
    otherwise_in_ministack(why, async {
        let sqs = Sqs::start().await;
        let url = sqs.make(&unique("orders"), &[]).await;
        let other = sqs.make(&unique("orders"), &[]).await;
        sqs.put(&url, "m").await;
        let received = sqs.take_one(&url).await;
        for handle in [received.receipt_handle().unwrap(), "no handle", "", "a/b/c"] {
            let delete = sqs.delete_message().queue_url(&other).receipt_handle(handle);
            let refusal = delete.send().await.unwrap_err().into_service_error();
            assert!(refusal.is_receipt_handle_is_invalid(), "{handle}: {refusal:?}");
        }
        assert_eq!(sqs.counts(&url).await, [0, 1, 0]);
    })
    .await;
}

#[tokio::test]
async fn deletions_in_batches_fail_one_by_one() {
    let why = "it refuses to delete a message twice";
    otherwise_in_ministack(why, async {
        let sqs = Sqs::start().await;
        let url = sqs.make(&unique("orders"), &[]).await;
        sqs.put_many(&url, 2).await;
        let received = sqs.take(&url).await;
        sqs.remove(&url, &received[1]).await;
        let entry = |id: &str, handle: Option<&str>| {
            let entry = DeleteMessageBatchRequestEntry::builder().id(id);
            entry.set_receipt_handle(handle.map(str::to_owned)).build().unwrap()
        };
        let batch = sqs.delete_message_batch().queue_url(&url);
        let answer = batch
            .entries(entry("good", received[0].receipt_handle()))
            .entries(entry("bad", Some("no handle")))
            .entries(entry("already-gone", received[1].receipt_handle()));
        let answer = answer.send().await.unwrap();
        let done: Vec<_> = answer.successful().iter().map(|entry| entry.id()).collect();
        assert_eq!(done, ["good", "already-gone"]);
        assert_eq!(answer.failed()[0].code(), "ReceiptHandleIsInvalid");
        assert_eq!(answer.failed()[0].id(), "bad");
        assert_eq!(sqs.counts(&url).await, [0, 0, 0]);
    })
    .await;
}

// --- dead letters

#[tokio::test]
async fn a_message_received_too_often_becomes_a_dead_letter() {
    let sqs = Sqs::start().await;
    let (url, dead) = sqs.make_with_dead_letters(2, "0").await;
    sqs.put(&url, "poison").await;
    let sent = sqs.take_one(&url).await;
    assert_eq!(system(&sqs.take_one(&url).await, System::ApproximateReceiveCount), Some("2"));
    assert!(sqs.take(&url).await.is_empty());
    let letter = sqs.take_one(&dead).await;
    assert_eq!((letter.body(), letter.message_id()), (Some("poison"), sent.message_id()));
    assert_eq!(system(&letter, System::ApproximateReceiveCount), Some("3"));
    let source = sqs.attribute(&url, QueueArn).await;
    assert_eq!(system(&letter, System::DeadLetterQueueSourceArn), source.as_deref());
    assert_eq!(system(&letter, System::SentTimestamp), system(&sent, System::SentTimestamp));
}

#[tokio::test]
async fn a_time_that_ends_counts_as_one_receive() {
    let sqs = Sqs::start().await;
    let (url, dead) = sqs.make_with_dead_letters(2, "1").await;
    sqs.put(&url, "m").await;
    for count in ["1", "2"] {
        let received = sqs.poll(&url, 3).await.0;
        assert_eq!(system(&received[0], System::ApproximateReceiveCount), Some(count));
        assert_eq!(sqs.counts(&dead).await, [0, 0, 0]);
    }
    sleep(Duration::from_millis(1_100)).await;
    assert!(sqs.take(&url).await.is_empty());
    assert_eq!(sqs.counts(&dead).await, [1, 0, 0]);
}

#[tokio::test]
async fn a_message_deleted_in_its_last_receive_is_no_dead_letter() {
    let sqs = Sqs::start().await;
    let (url, dead) = sqs.make_with_dead_letters(1, "1").await;
    sqs.put(&url, "m").await;
    let received = sqs.take_one(&url).await;
    sqs.remove(&url, &received).await;
    sleep(Duration::from_millis(1_100)).await;
    assert!(sqs.take(&url).await.is_empty());
    assert_eq!(sqs.counts(&dead).await, [0, 0, 0]);
}

#[tokio::test]
async fn a_poll_for_dead_letters_wakes_at_once() {
    let sqs = Sqs::start_own().await;
    let (url, dead) = sqs.make_with_dead_letters(1, "1").await;
    sqs.put(&url, "m").await;
    sqs.take_one(&url).await;
    let (letters, took) = sqs.poll(&dead, 20).await;
    assert_eq!(bodies(&letters), ["m"]);
    assert!(took < Duration::from_millis(1_500), "{took:?}");
}

// --- delays, counts, purge, retention

#[tokio::test]
async fn a_queue_may_delay_its_messages() {
    let sqs = Sqs::start().await;
    let url = sqs.make(&unique("orders"), &[(DelaySeconds, "1")]).await;
    sqs.put(&url, "m").await;
    assert!(sqs.take(&url).await.is_empty());
    let (messages, took) = sqs.poll(&url, 20).await;
    assert_eq!(bodies(&messages), ["m"]);
    assert!(took < Duration::from_millis(1_500), "{took:?}");
}

#[tokio::test]
async fn a_message_may_choose_its_own_delay() {
    let why = "it takes a delay of more than 15 minutes";
    otherwise_in_ministack(why, async {
        let sqs = Sqs::start().await;
        let url = sqs.make(&unique("orders"), &[(DelaySeconds, "900")]).await;
        for (body, seconds) in [("later", 1), ("now", 0)] {
            let send = sqs.send_message().queue_url(&url).message_body(body);
            send.delay_seconds(seconds).send().await.unwrap();
        }
        assert_eq!(bodies(&sqs.take(&url).await), ["now"]);
        assert_eq!(bodies(&sqs.poll(&url, 3).await.0), ["later"]);
        let send = sqs.send_message().queue_url(&url).message_body("m").delay_seconds(901);
        assert_eq!(code(send.send().await), "InvalidParameterValue");
    })
    .await;
}

#[tokio::test]
async fn a_queue_counts_messages_by_what_they_wait_for() {
    let sqs = Sqs::start().await;
    let url = sqs.make(&unique("orders"), &[]).await;
    assert_eq!(sqs.counts(&url).await, [0, 0, 0]);
    sqs.put_many(&url, 6).await;
    let send = sqs.send_message().queue_url(&url).message_body("later").delay_seconds(60);
    send.send().await.unwrap();
    let received = sqs.receive_message().queue_url(&url).max_number_of_messages(2);
    let received = received.send().await.unwrap().messages.unwrap();
    assert_eq!(sqs.counts(&url).await, [4, 2, 1]);
    sqs.remove(&url, &received[0]).await;
    sqs.hide(&url, &received[1], 0).await.unwrap();
    assert_eq!(sqs.counts(&url).await, [5, 0, 1]);
}

#[tokio::test]
async fn a_purge_empties_a_queue_and_no_other() {
    let sqs = Sqs::start().await;
    let url = sqs.make(&unique("orders"), &[]).await;
    let other = sqs.make(&unique("orders"), &[]).await;
    sqs.put_many(&url, 3).await;
    sqs.put_many(&other, 2).await;
    sqs.receive_message().queue_url(&url).send().await.unwrap();
    sqs.purge_queue().queue_url(&url).send().await.unwrap();
    assert_eq!(sqs.counts(&url).await, [0, 0, 0]);
    assert_eq!(sqs.counts(&other).await, [2, 0, 0]);
}

#[tokio::test]
async fn a_message_is_kept_for_as_long_as_its_queue_retains() {
    let sqs = Sqs::start_own().await;
    let url = sqs.make(&unique("orders"), &[(MessageRetentionPeriod, "60")]).await;
    sqs.put(&url, "old").await;
    sqs.put(&url, "young").await;
    // Sixty seconds are the least that can be set, so the messages are aged instead.
    let age = "UPDATE messages SET sent_at = sent_at - iif(body = 'old', 60000, 50000)";
    rusqlite::Connection::open(sqs.file()).unwrap().execute(age, []).unwrap();
    assert_eq!(bodies(&sqs.take(&url).await), ["young"]);
}

// --- restarts and the rest

#[tokio::test]
async fn a_restart_loses_no_message() {
    let sqs = Sqs::start_own().await;
    let (url, dead) = sqs.make_with_dead_letters(2, "1").await;
    sqs.put(&url, "in flight").await;
    let in_flight = sqs.take_one(&url).await;
    sqs.put(&url, "waiting").await;
    let delayed = sqs.send_message().queue_url(&url).message_body("delayed").delay_seconds(1);
    delayed.send().await.unwrap();

    let sqs = sqs.restart().await;
    let url = sqs.moved(&url);
    let mut received = sqs.poll(&url, 0).await.0;
    while received.len() < 3 {
        received.extend(sqs.poll(&url, 5).await.0);
    }
    let mut all = bodies(&received);
    all.sort_unstable();
    assert_eq!(all, ["delayed", "in flight", "waiting"]);
    let again = received.iter().find(|message| message.message_id() == in_flight.message_id());
    assert_eq!(system(again.unwrap(), System::ApproximateReceiveCount), Some("2"));
    let policy = sqs.attribute(&url, RedrivePolicy).await.unwrap();
    assert!(policy.contains(dead.rsplit('/').next().unwrap()), "{policy}");
}

#[tokio::test]
async fn a_receipt_handle_outlives_a_restart() {
    let sqs = Sqs::start_own().await;
    let url = sqs.make(&unique("orders"), &[]).await;
    sqs.put(&url, "m").await;
    let received = sqs.take_one(&url).await;
    let sqs = sqs.restart().await;
    let url = sqs.moved(&url);
    assert_eq!(sqs.counts(&url).await, [0, 1, 0]);
    sqs.remove(&url, &received).await;
    assert_eq!(sqs.counts(&url).await, [0, 0, 0]);
}

#[tokio::test]
async fn a_shutdown_ends_the_polls_at_once() {
    let sqs = Sqs::start_own().await;
    let url = sqs.make(&unique("orders"), &[]).await;
    let (client, polled) = (sqs.client.clone(), url.clone());
    let poll = tokio::spawn(async move { poll(&client, &polled, 20).await });
    sleep(Duration::from_millis(300)).await;
    let started = Instant::now();
    let _stopped = sqs.stop().await;
    let (messages, _) = poll.await.unwrap();
    assert!(messages.is_empty());
    assert!(started.elapsed() < Duration::from_secs(15), "{:?}", started.elapsed());
}

#[tokio::test]
async fn an_action_that_is_not_served_is_a_typed_error() {
    let sqs = Sqs::start_own().await;
    let url = sqs.make(&unique("orders"), &[]).await;
    let tags = sqs.list_queue_tags().queue_url(&url).send().await.unwrap_err();
    assert!(tags.into_service_error().is_unsupported_operation());
}

#[test]
fn a_file_that_holds_no_queues_is_not_opened() {
    let directory = Directory::new();
    let file = directory.0.join("queues.db");
    fs::write(&file, "a letter to a friend, which is no database").unwrap();
    let refusal = Queues::open(&file).err().unwrap();
    assert!(refusal.to_string().contains("queues.db"), "{refusal}");
}

#[tokio::test]
async fn queues_may_live_in_memory() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = client(&format!("http://{}", listener.local_addr().unwrap()));
    tokio::spawn(serve(listener, Queues::in_memory().unwrap(), std::future::pending()));
    let made = client.create_queue().queue_name("orders").send().await.unwrap();
    let url = made.queue_url().unwrap();
    client.send_message().queue_url(url).message_body("m").send().await.unwrap();
    assert_eq!(bodies(&drain(&client, url).await), ["m"]);
}

// --- the ground to stand on

/// Runs a check that ministack fails, where Amazon SQS and our own endpoint do not. Against
/// another endpoint it must fail: what ministack has learnt is to be taken off the list.
async fn otherwise_in_ministack(why: &str, check: impl Future<Output = ()> + Send + 'static) {
    let outcome = tokio::spawn(check).await;
    match (env::var(ELSEWHERE), outcome) {
        (Err(_), Err(failed)) => std::panic::resume_unwind(failed.into_panic()),
        (Ok(_), Ok(())) => panic!("ministack does this by now; it was known that {why}"),
        (Err(_), Ok(())) | (Ok(_), Err(_)) => {}
    }
}

/// Names the endpoint of another SQS.
const ELSEWHERE: &str = "GUERDON_SQS_ENDPOINT";

/// A client, and the endpoint it talks to.
struct Sqs {
    client: Client,
    endpoint: String,
    served: Option<Served>,
}

/// An endpoint of our own.
struct Served {
    directory: Directory,
    shutdown: oneshot::Sender<()>,
    ended: JoinHandle<std::io::Result<()>>,
}

impl std::ops::Deref for Sqs {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl Sqs {
    /// An endpoint for this test: our own, unless another is to be compared with.
    async fn start() -> Sqs {
        match env::var(ELSEWHERE) {
            Ok(endpoint) => Sqs { client: client(&endpoint), endpoint, served: None },
            Err(_) => Sqs::start_own().await,
        }
    }

    async fn start_own() -> Sqs {
        Sqs::serve(Directory::new()).await
    }

    async fn serve(directory: Directory) -> Sqs {
        let queues = Queues::open(&directory.0.join("queues.db")).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let (shutdown, stopped) = oneshot::channel();
        let ended = tokio::spawn(serve(listener, queues, async {
            let _ = stopped.await;
        }));
        let served = Some(Served { directory, shutdown, ended });
        Sqs { client: client(&endpoint), endpoint, served }
    }

    async fn stop(self) -> Directory {
        let Served { directory, shutdown, ended } = self.served.unwrap();
        shutdown.send(()).unwrap();
        ended.await.unwrap().unwrap();
        directory
    }

    async fn restart(self) -> Sqs {
        Sqs::serve(self.stop().await).await
    }

    /// A queue's address after a restart, which listens on another port.
    fn moved(&self, url: &str) -> String {
        format!("{}/000000000000/{}", self.endpoint, url.rsplit('/').next().unwrap())
    }

    fn file(&self) -> PathBuf {
        self.served.as_ref().unwrap().directory.0.join("queues.db")
    }

    async fn make(&self, name: &str, attributes: &[(QueueAttributeName, &str)]) -> String {
        let mut make = self.create_queue().queue_name(name);
        for (name, value) in attributes {
            make = make.attributes(name.clone(), *value);
        }
        make.send().await.unwrap().queue_url.unwrap()
    }

    async fn policy(&self, dead: &str, receives_max: u32) -> String {
        let arn = self.attribute(dead, QueueArn).await.unwrap();
        format!(r#"{{"deadLetterTargetArn":"{arn}","maxReceiveCount":"{receives_max}"}}"#)
    }

    /// A queue and the queue of its dead letters.
    async fn make_with_dead_letters(&self, receives_max: u32, seconds: &str) -> (String, String) {
        let dead = self.make(&unique("dead"), &[]).await;
        let policy = self.policy(&dead, receives_max).await;
        let attributes = [(RedrivePolicy, policy.as_str()), (VisibilityTimeout, seconds)];
        (self.make(&unique("orders"), &attributes).await, dead)
    }

    async fn attribute(&self, url: &str, name: QueueAttributeName) -> Option<String> {
        let get = self.get_queue_attributes().queue_url(url).attribute_names(name.clone());
        get.send().await.unwrap().attributes?.remove(&name)
    }

    /// How many messages are visible, in flight and delayed.
    async fn counts(&self, url: &str) -> [u32; 3] {
        let get = self.get_queue_attributes().queue_url(url);
        let all = get.attribute_names(QueueAttributeName::All).send().await.unwrap();
        let all = all.attributes.unwrap();
        [
            ApproximateNumberOfMessages,
            ApproximateNumberOfMessagesNotVisible,
            ApproximateNumberOfMessagesDelayed,
        ]
        .map(|name| all[&name].parse().unwrap())
    }

    async fn put(&self, url: &str, body: &str) {
        self.send_message().queue_url(url).message_body(body).send().await.unwrap();
    }

    async fn put_many(&self, url: &str, count: usize) {
        let entries = (0..count).map(|n| entry(&n.to_string(), "m"));
        let sent = self.put_batch(url, entries).await.unwrap();
        assert_eq!(sent.successful().len(), count);
    }

    async fn put_batch(
        &self,
        url: &str,
        entries: impl IntoIterator<Item = SendMessageBatchRequestEntry>,
    ) -> Result<
        aws_sdk_sqs::operation::send_message_batch::SendMessageBatchOutput,
        SdkError<aws_sdk_sqs::operation::send_message_batch::SendMessageBatchError>,
    > {
        let batch = self.send_message_batch().queue_url(url);
        batch.set_entries(Some(entries.into_iter().collect())).send().await
    }

    /// Sends one message with an attribute of each kind and gives their digest.
    async fn put_with_attributes(&self, url: &str) -> Option<String> {
        let value = |kind| MessageAttributeValue::builder().data_type(kind);
        let send = self
            .send_message()
            .queue_url(url)
            .message_body("m")
            .message_attributes("kind", text("order"))
            .message_attributes("amount", value("Number").string_value("12.50").build().unwrap())
            .message_attributes(
                "seal",
                value("Binary.png").binary_value(Blob::new([0, 1, 255])).build().unwrap(),
            );
        send.send().await.unwrap().md5_of_message_attributes
    }

    async fn take(&self, url: &str) -> Vec<Message> {
        take(&self.client, url).await
    }

    async fn take_one(&self, url: &str) -> Message {
        let mut messages = self.take(url).await;
        assert_eq!(messages.len(), 1);
        messages.remove(0)
    }

    async fn drain(&self, url: &str) -> Vec<Message> {
        drain(&self.client, url).await
    }

    async fn poll(&self, url: &str, seconds: i32) -> (Vec<Message>, Duration) {
        poll(&self.client, url, seconds).await
    }

    async fn hide(
        &self,
        url: &str,
        message: &Message,
        seconds: i32,
    ) -> Result<
        aws_sdk_sqs::operation::change_message_visibility::ChangeMessageVisibilityOutput,
        SdkError<aws_sdk_sqs::operation::change_message_visibility::ChangeMessageVisibilityError>,
    > {
        let change = self.change_message_visibility().queue_url(url).visibility_timeout(seconds);
        change.set_receipt_handle(message.receipt_handle.clone()).send().await
    }

    async fn remove(&self, url: &str, message: &Message) {
        let delete = self.delete_message().queue_url(url);
        delete.set_receipt_handle(message.receipt_handle.clone()).send().await.unwrap();
    }
}

fn client(endpoint: &str) -> Client {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(endpoint)
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("local", "local", None, None, "tests"))
        .retry_config(RetryConfig::disabled())
        .build();
    Client::from_conf(config)
}

/// All there is at this moment, up to ten.
async fn take(client: &Client, url: &str) -> Vec<Message> {
    let receive = client.receive_message().queue_url(url).max_number_of_messages(10);
    let receive = receive.message_system_attribute_names(System::All);
    receive.send().await.unwrap().messages.unwrap_or_default()
}

async fn drain(client: &Client, url: &str) -> Vec<Message> {
    let mut all = Vec::new();
    loop {
        match take(client, url).await {
            some if some.is_empty() => return all,
            some => all.extend(some),
        }
    }
}

/// A poll that waits, and how long it took.
async fn poll(client: &Client, url: &str, seconds: i32) -> (Vec<Message>, Duration) {
    let started = Instant::now();
    let receive = client.receive_message().queue_url(url).max_number_of_messages(10);
    let receive = receive.message_system_attribute_names(System::All).wait_time_seconds(seconds);
    let messages = receive.send().await.unwrap().messages.unwrap_or_default();
    (messages, started.elapsed())
}

fn entry(id: &str, body: &str) -> SendMessageBatchRequestEntry {
    SendMessageBatchRequestEntry::builder().id(id).message_body(body).build().unwrap()
}

fn text(value: &str) -> MessageAttributeValue {
    MessageAttributeValue::builder().data_type("String").string_value(value).build().unwrap()
}

fn system(message: &Message, name: MessageSystemAttributeName) -> Option<&str> {
    message.attributes()?.get(&name).map(String::as_str)
}

fn id(message: &Message) -> String {
    message.message_id().unwrap().to_owned()
}

fn bodies(messages: &[Message]) -> Vec<&str> {
    messages.iter().map(|message| message.body().unwrap()).collect()
}

/// The code of a refusal, for those the SDK has no type for.
fn code<T: std::fmt::Debug, E: ProvideErrorMetadata + std::fmt::Debug>(
    answer: Result<T, SdkError<E>>,
) -> String {
    answer.unwrap_err().code().unwrap_or_default().to_owned()
}

static NUMBER: AtomicU32 = AtomicU32::new(0);

/// A name no other test has, also on an endpoint that serves many.
fn unique(name: &str) -> String {
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    format!("{name}-{}-{number}", process::id())
}

/// A directory that goes with its test.
struct Directory(PathBuf);

impl Directory {
    fn new() -> Directory {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(unique("queues"));
        fs::create_dir_all(&path).unwrap();
        Directory(path)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
