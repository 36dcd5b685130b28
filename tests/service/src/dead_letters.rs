//! Dead letters: looked at without moving, put back, and counted once.

use local::queue::{Name, redrive};
use serde_json::json;

use crate::shop::TestShop;

#[tokio::test(flavor = "multi_thread")]
async fn dead_letters_are_shown_then_put_back_and_count_once() {
    let shop = TestShop::open_club().await;
    shop.enroll("ada").await;
    let (sqs, url) = (&shop.stack.clients.sqs, &shop.stack.settings.credits_queue);
    let still = shop.stack.pollers.pause().await;
    let body = json!({ "id": "r-1", "member": "ada", "kind": "review", "subject": "kettle" });
    assert_eq!(shop.post("activities", body).await.status, 202);
    let received = Box::pin(sqs.receive_message().queue_url(url).send()).await.expect("a queue");
    let messages = received.messages.unwrap_or_default();
    let [message] = messages.as_slice() else { panic!("{messages:?}") };
    let gone = sqs.delete_message().queue_url(url);
    let gone = gone.set_receipt_handle(message.receipt_handle.clone()).send();
    Box::pin(gone).await.expect("a queue");
    // The queue gave up on it twice, and on something that was never a message.
    let dead = Box::pin(sqs.get_queue_url().queue_name("credits-dead").send()).await;
    let dead = dead.expect("a queue").queue_url.expect("its address");
    let accepted = message.body.clone().expect("a body");
    for body in [accepted.as_str(), "no message", &accepted] {
        let sent = sqs.send_message().queue_url(&dead).message_body(body).send();
        Box::pin(sent).await.expect("a queue");
    }
    drop(still);

    let shown = redrive(&shop.stack, Name::Credits, true).await.expect("dead letters");
    assert_eq!((shown.letters.len(), shown.dry_run), (3, true));
    let readable = shown.letters.iter().filter(|letter| letter.unread.is_none());
    for letter in readable {
        assert_eq!(letter.chain.as_deref(), Some("club/ada"), "{letter:?}");
        assert_eq!(letter.key.as_deref(), Some("activity:shop:r-1"), "{letter:?}");
        assert!(!letter.redriven);
    }
    shop.drain().await;
    assert_eq!(shop.get("members/ada/balance").await.number("/balance"), 0, "nothing was moved");

    let moved = redrive(&shop.stack, Name::Credits, false).await.expect("dead letters");
    assert!(moved.letters.iter().all(|letter| letter.redriven) && moved.letters.len() == 3);
    shop.drain().await;
    assert_eq!(shop.get("members/ada/balance").await.number("/balance"), 25, "once");
    let none = redrive(&shop.stack, Name::Credits, true).await.expect("dead letters");
    assert_eq!(none.letters, []);
    assert_eq!(redrive(&shop.stack, Name::Settle, false).await.expect("a queue").letters, []);
    shop.close().await;
}
