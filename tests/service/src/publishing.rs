//! A second version of a program, published while members are in it.

use edge::PublishedProgram;
use local::{
    program::HOUSE,
    publish::{Candidate, NotPublished, publish},
};
use programs::succession::Code;
use serde_json::json;
use store::tables::Failure;

use crate::shop::{TestShop, at, gbp, order};

const FROM: &str = "2026-06-01T10:00:00Z";

/// The house program with twice the points, from ten o'clock.
fn double() -> String {
    let double = HOUSE.replace("\"1 per 1.00 GBP\"       #", "\"2 per 1.00 GBP\"       #");
    assert_ne!(double, HOUSE);
    double
}

async fn put(shop: &TestShop, text: &str, from: &str) -> Result<u32, NotPublished> {
    let app = &shop.stack.app;
    let candidate = Candidate { text, file: "house.toml", from: at(from), author: "ada" };
    let published = publish(app.tables(), &candidate, app.clock().now()).await?;
    // Another process would know it a minute later.
    app.forget_program(&published.program);
    Ok(published.version)
}

fn codes(refused: Result<u32, NotPublished>) -> Vec<Code> {
    match refused {
        Err(NotPublished::Objections { objections, .. }) => {
            objections.into_iter().map(|objection| objection.code).collect()
        }
        other => panic!("{other:?}"),
    }
}

async fn versions(shop: &TestShop) -> Result<Vec<PublishedProgram>, Failure> {
    PublishedProgram::all(shop.stack.app.tables(), &"house".parse().expect("a slug")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_earn_by_the_version_in_force_and_refunds_by_that_of_their_order() {
    let shop = TestShop::open().await;
    shop.enroll("ada").await;
    assert_eq!(put(&shop, &double(), FROM).await.expect("published"), 2);
    let before = shop.post("orders", order("A", "ada", 8_000)).await;
    assert_eq!(before.number("/moved/earned"), 80, "{before:?}");
    shop.move_clock(FROM);
    let after = shop.post("orders", order("B", "ada", 8_000)).await;
    assert_eq!(after.number("/moved/earned"), 160, "{after:?}");
    let refund = json!({ "id": "R", "order": "A", "member": "ada", "amount": gbp(4_000) });
    let refund = shop.post("refunds", refund).await;
    assert_eq!(refund.number("/balance/pending"), 200, "half of the 80, and all of the 160");
    let row = shop.get("members/ada/history/2").await;
    assert_eq!(row.body["explanation"], before.body["explanation"], "explained as it was decided");
    let report = local::verify::prove(&shop.stack).await.expect("a readable ledger");
    assert_eq!(report.problems, []);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_published_version_is_never_changed() {
    let shop = TestShop::open().await;
    put(&shop, &double(), FROM).await.expect("published");
    let known = versions(&shop).await.expect("two versions");
    assert_eq!(known.iter().map(|it| it.version).collect::<Vec<_>>(), [1, 2]);
    let house = "house".parse().expect("a slug");
    for version in &known {
        let forged = PublishedProgram { definition: "another".into(), ..version.clone() };
        let there = forged.publish(shop.stack.app.tables(), &house).await.expect("tables");
        assert_eq!(there.as_ref(), Some(version), "what is there is returned, and stays");
    }
    assert_eq!(versions(&shop).await.expect("two versions"), known);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_not_follow_is_refused_with_reasons() {
    let shop = TestShop::open().await;
    assert_eq!(codes(put(&shop, HOUSE, FROM).await), [Code::Identical]);
    assert_eq!(codes(put(&shop, &double(), "2026-06-01T08:58:59Z").await), [Code::InThePast]);
    let kind = HOUSE.replace("\"free product\"", "\"benefit\"");
    assert_eq!(codes(put(&shop, &kind, FROM).await), [Code::IdReused]);
    let broken = put(&shop, "[program]", FROM).await;
    assert!(matches!(broken, Err(NotPublished::Refused(_))), "{broken:?}");
    let huge = format!("{}{}", double(), "#".repeat(350_000));
    let huge = put(&shop, &huge, FROM).await;
    assert!(matches!(huge, Err(NotPublished::Refused(_))), "{huge:?}");
    // In the registry a quotation mark is two bytes.
    let quoted = format!("{}#{}", double(), "\"".repeat(300_000));
    let quoted = put(&shop, &quoted, FROM).await;
    assert!(matches!(quoted, Err(NotPublished::TooLarge { .. })), "{quoted:?}");
    assert_eq!(versions(&shop).await.expect("one version").len(), 1);
    shop.close().await;
}
