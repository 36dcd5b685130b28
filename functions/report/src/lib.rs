//! Reading: balances, histories, statements and reports; and the roll-ups that reports
//! are made from.

mod members;
mod program_reports;
mod rejections;
pub mod reports;
mod stream;

pub use stream::{Batch, roll_up};

use aide::axum::{ApiRouter, routing::get_with};
use edge::App;

/// The routes of this function.
pub fn routes(app: App) -> ApiRouter {
    ApiRouter::new()
        .api_route(
            "/v1/{program}/members/{member}/balance",
            get_with(members::balance, |operation| {
                operation.id("getBalance").summary("Read a balance, now or at any instant")
            }),
        )
        .api_route(
            "/v1/{program}/members/{member}/history",
            get_with(members::history, |operation| {
                operation.id("getHistory").summary("Read a member's rows, newest first")
            }),
        )
        .api_route(
            "/v1/{program}/members/{member}/history/{sequence}",
            get_with(members::row, |operation| {
                operation.id("getRow").summary("Read a row with its full explanation")
            }),
        )
        .api_route(
            "/v1/{program}/members/{member}/statement",
            get_with(members::statement, |operation| {
                operation.id("getStatement").summary("Read what moved over a span of days")
            }),
        )
        .api_route(
            "/v1/{program}/reports/liability",
            get_with(program_reports::liability, |operation| {
                operation.id("reportLiability").summary("What is outstanding, and what it costs")
            }),
        )
        .api_route(
            "/v1/{program}/reports/activity",
            get_with(program_reports::activity, |operation| {
                operation.id("reportActivity").summary("What happened, by day or month")
            }),
        )
        .api_route(
            "/v1/{program}/reports/leaderboard",
            get_with(program_reports::leaderboard, |operation| {
                operation
                    .id("reportLeaderboard")
                    .summary("Who has gathered most of a challenge, among who agreed to be seen")
            }),
        )
        .api_route(
            "/v1/{program}/rejections",
            get_with(rejections::rejections, |operation| {
                operation
                    .id("getRejections")
                    .summary("Read which accepted activities could not be recorded, and why")
            }),
        )
        .with_state(app)
}
