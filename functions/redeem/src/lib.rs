//! Spending: rewards at once, or held for a checkout and then captured or released; and
//! undone.

use aide::axum::{ApiRouter, routing::post_with};
use axum::extract::State;
use domain::{fact::Fact, ids::MemberId};
use edge::{
    App, Body, IdempotencyKey, MemberRef, PathOf, Problem, QueryOf, WriteQuery, Writing, Written,
    api::{NewCapture, NewRedemption},
    auth::{MemberOr, Redeem, Service},
};
use schemars::JsonSchema;
use serde::Deserialize;

/// The routes of this function.
pub fn routes(app: App) -> ApiRouter {
    ApiRouter::new()
        .api_route(
            "/v1/{program}/members/{member}/redemptions",
            post_with(redeem, |operation| {
                operation.id("redeem").summary("Spend points on a reward, or hold them for it")
            }),
        )
        .api_route(
            "/v1/{program}/members/{member}/redemptions/{hold}/capture",
            post_with(capture, |operation| {
                operation.id("captureHold").summary("Spend a hold, in full or in part")
            }),
        )
        .api_route(
            "/v1/{program}/members/{member}/redemptions/{hold}/release",
            post_with(release, |operation| {
                operation.id("releaseHold").summary("Give a hold's points back")
            }),
        )
        .api_route(
            "/v1/{program}/members/{member}/redemptions/{sequence}/undo",
            post_with(undo, |operation| {
                operation
                    .id("undoRedemption")
                    .summary("Give a redemption's points back, where the reward is not final")
            }),
        )
        .with_state(app)
}

/// A hold in a path.
#[derive(Debug, Deserialize, JsonSchema)]
struct HoldRef {
    /// The member's id.
    member: String,
    /// The hold: the sequence that the redemption answered with.
    hold: u64,
}

/// A redemption in a path.
#[derive(Debug, Deserialize, JsonSchema)]
struct RedemptionRef {
    /// The member's id.
    member: String,
    /// The redemption, or the capture of a hold: the sequence that it answered with.
    sequence: u64,
}

/// Spends points at once, or sets them aside.
async fn redeem(
    State(app): State<App>,
    caller: MemberOr<Redeem>,
    PathOf(path): PathOf<MemberRef>,
    QueryOf(query): QueryOf<WriteQuery>,
    IdempotencyKey(request): IdempotencyKey,
    Body(body): Body<NewRedemption>,
) -> Result<Written, Problem> {
    let rulebook = app.rulebook(caller.program()).await?;
    let money = rulebook.in_force(app.clock().now()).reward_money(&body.reward);
    let fact = body.into_fact(money)?;
    let member = member(path.member)?;
    Writing::by(&app, &caller, &query, request).record(member, Fact::Redemption(fact), &[]).await
}

/// Spends what was set aside.
async fn capture(
    State(app): State<App>,
    caller: MemberOr<Redeem>,
    PathOf(path): PathOf<HoldRef>,
    QueryOf(query): QueryOf<WriteQuery>,
    IdempotencyKey(request): IdempotencyKey,
    Body(body): Body<NewCapture>,
) -> Result<Written, Problem> {
    let fact = Fact::Capture(body.into_fact(path.hold)?);
    Writing::by(&app, &caller, &query, request).record(member(path.member)?, fact, &[]).await
}

/// Gives back what was set aside.
async fn release(
    State(app): State<App>,
    caller: MemberOr<Redeem>,
    PathOf(path): PathOf<HoldRef>,
    QueryOf(query): QueryOf<WriteQuery>,
    IdempotencyKey(request): IdempotencyKey,
) -> Result<Written, Problem> {
    let fact = Fact::Release { hold: path.hold };
    Writing::by(&app, &caller, &query, request).record(member(path.member)?, fact, &[]).await
}

/// Gives back what was spent: for the shop to decide, not for the member.
async fn undo(
    State(app): State<App>,
    caller: Service<Redeem>,
    PathOf(path): PathOf<RedemptionRef>,
    QueryOf(query): QueryOf<WriteQuery>,
) -> Result<Written, Problem> {
    let fact = Fact::Undoing { redemption: path.sequence };
    Writing::once(&app, &caller, &query).record(member(path.member)?, fact, &[]).await
}

fn member(text: String) -> Result<MemberId, Problem> {
    MemberId::try_from(text).map_err(|error| Problem::bad_request("ID", error.to_string()))
}
