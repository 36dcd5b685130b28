//! Earning: orders, refunds, activities, quotes and adjustments.
//!
//! Handlers parse, hand the fact to the one recording loop, and answer with the row.
//! Activities go through a queue to that same loop. Webhooks of shops are checked and read at
//! the door, and find out whose their facts are.

use aide::axum::{ApiRouter, routing::post_with};
use axum::{Json, extract::State};
use domain::{fact::Fact, row::Chain};
use edge::{
    App, Body, IdempotencyKey, Problem, QueryOf, WriteQuery, Writing, Written,
    api::{Buyer, NewActivities, NewAdjustment, NewOrder, NewRefund, Recorded},
    auth::{Admin, Earn, Read, Service},
    referral::{Claiming, Likeness},
};

mod activities;
mod arrivals;
mod connections;
mod credits;
mod guests;
mod quote;
mod webhooks;

pub use arrivals::{NotTaken, Taken, Why, is_known, take_in, take_over};
pub use connections::{ConnectionRecord, Previous, Secret};
pub use credits::{Returned, credit, credit_batch};
pub use webhooks::{Shop, Told};

use guests::Guest;

/// The routes of this function.
pub fn routes(app: App) -> ApiRouter {
    ApiRouter::new()
        .api_route(
            "/v1/{program}/orders",
            post_with(order, |operation| {
                operation.id("recordOrder").summary("Record an order, or a later version of it")
            }),
        )
        .api_route(
            "/v1/{program}/refunds",
            post_with(refund, |operation| {
                operation
                    .id("recordRefund")
                    .summary("Record a refund; one whose order is unknown waits for it")
            }),
        )
        .api_route(
            "/v1/{program}/activities",
            post_with(activities, |operation| {
                operation
                    .id("recordActivities")
                    .summary("Accept activities, one or up to 100, to be recorded soon after")
            }),
        )
        .api_route(
            "/v1/{program}/quotes",
            post_with(quote, |operation| {
                operation.id("quoteOrder").summary("Say what an order would earn, and why")
            }),
        )
        .api_route(
            "/v1/{program}/adjustments",
            post_with(adjustment, |operation| {
                operation.id("adjust").summary("Give or take points by hand, with a reason")
            }),
        )
        .with_state(app.clone())
        .merge(webhooks::routes(app))
}

/// Records an order and answers with what it earned and why.
async fn order(
    State(app): State<App>,
    caller: Service<Earn>,
    QueryOf(query): QueryOf<WriteQuery>,
    Body(body): Body<NewOrder>,
) -> Result<Written, Problem> {
    let code = body.referral_code.clone();
    let (buyer, order) = body.into_fact()?;
    let member = match buyer {
        Buyer::Member(member) => member,
        Buyer::Guest(email) => {
            let guest = Guest { app: &app, caller: &caller, query: &query, email };
            return guest.order(order, code.into_iter().collect()).await;
        }
    };
    let code = code.filter(|_| !query.dry_run);
    if let Some(code) = code {
        let chain = Chain { program: caller.program().clone(), member: member.clone() };
        let likeness = Likeness::default();
        let claiming = Claiming { chain: &chain, code: &code, likeness: &likeness };
        claiming.record(&app, &caller.source(), caller.actor(), &order, app.clock().now()).await?;
    }
    Writing::by(&app, &caller, &query, order.id.clone())
        .record(member, Fact::Order(order), &[])
        .await
}

/// Records a refund and answers with what it took back and why.
async fn refund(
    State(app): State<App>,
    caller: Service<Earn>,
    QueryOf(query): QueryOf<WriteQuery>,
    Body(body): Body<NewRefund>,
) -> Result<guests::Answer, Problem> {
    let rulebook = app.rulebook(caller.program()).await?;
    let money = rulebook.in_force(app.clock().now()).money;
    let (buyer, refund) = body.into_fact(money)?;
    match buyer {
        Buyer::Member(member) => {
            let writing = Writing::by(&app, &caller, &query, refund.id.clone());
            let written = writing.record(member, Fact::Refund(refund), &[]).await?;
            Ok(guests::Answer::Written(Box::new(written)))
        }
        Buyer::Guest(email) => {
            let guest = Guest { app: &app, caller: &caller, query: &query, email };
            guest.refund(refund).await
        }
    }
}

/// Takes activities in, all of them or none, and puts them on the queue.
async fn activities(
    State(app): State<App>,
    caller: Service<Earn>,
    QueryOf(query): QueryOf<WriteQuery>,
    Body(body): Body<NewActivities>,
) -> Result<activities::Answer, Problem> {
    activities::activities(&app, &caller, &query, body).await
}

/// Gives or takes points by hand.
async fn adjustment(
    State(app): State<App>,
    caller: Service<Admin>,
    QueryOf(query): QueryOf<WriteQuery>,
    IdempotencyKey(request): IdempotencyKey,
    Body(body): Body<NewAdjustment>,
) -> Result<Written, Problem> {
    let (member, adjustment) = body.into_fact()?;
    Writing::by(&app, &caller, &query, request)
        .record(member, Fact::Adjustment(adjustment), &[])
        .await
}

/// Says what an order would earn; records nothing.
async fn quote(
    State(app): State<App>,
    caller: Service<Read>,
    Body(body): Body<quote::NewQuote>,
) -> Result<Json<Recorded>, Problem> {
    quote::quote(&app, caller.program(), caller.source(), body).await.map(Json)
}
