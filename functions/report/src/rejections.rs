//! What was accepted and could not be recorded, and why.

use axum::{Json, extract::State};
use domain::time::{Day, Instant};
use edge::{
    App, Problem, QueryOf, Rejection,
    api::day,
    auth::{Admin, Service},
};
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Rejections of one page, unless the caller asks for fewer, and at most.
const PAGE: usize = 50;
const PAGE_MAX: usize = 200;

/// Which rejections.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RejectionsQuery {
    /// Of which day (UTC); today unless said. They are kept for 30 days.
    day: Option<String>,
    /// Where to go on: the `cursor` of the page before.
    cursor: Option<String>,
    /// How many, 1 to 200.
    limit: Option<usize>,
}

/// A page of a day's rejections, in no order that means anything.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Rejections {
    /// The day (UTC).
    day: String,
    /// What was rejected.
    rejections: Vec<Rejected>,
    /// Where to go on; none on the last page.
    cursor: Option<String>,
}

/// Something that was taken in and not recorded, and will not be.
#[derive(Debug, Serialize, JsonSchema)]
struct Rejected {
    /// The reason code.
    code: String,
    /// Whose it was.
    member: Option<String>,
    /// The key of what was sent: what it is and its id.
    key: Option<String>,
    /// When.
    #[schemars(with = "String")]
    rejected_at: Instant,
    /// The queue's id of the message, or a hash of what a shop sent.
    message: String,
    /// The connection that it came by, where a shop sent it.
    connection: Option<String>,
    /// What is wrong, where that can be said.
    detail: Option<String>,
}

impl From<Rejection> for Rejected {
    fn from(rejection: Rejection) -> Rejected {
        Rejected {
            code: rejection.code,
            member: rejection.member.map(|member| member.to_string()),
            key: rejection.key,
            rejected_at: rejection.rejected_at,
            message: rejection.message,
            connection: rejection.connection,
            detail: rejection.detail,
        }
    }
}

/// Answers with a page of a day's rejections.
pub(crate) async fn rejections(
    State(app): State<App>,
    caller: Service<Admin>,
    QueryOf(query): QueryOf<RejectionsQuery>,
) -> Result<Json<Rejections>, Problem> {
    app.rulebook(caller.program()).await?;
    let today = Day::of(app.clock().now(), &TimeZone::UTC);
    let day = query.day.map_or(Ok(today), |text| day("day", &text))?;
    let limit = query.limit.unwrap_or(PAGE).clamp(1, PAGE_MAX);
    let (program, from) = (Some(caller.program()), query.cursor.as_deref());
    // One more, whose place is where the next page begins.
    let mut found = Rejection::page(app.tables(), program, day, from, limit + 1).await?;
    let cursor = (found.len() > limit).then(|| found.pop()).flatten().map(|next| next.message);
    let rejections = found.into_iter().map(Rejected::from).collect();
    Ok(Json(Rejections { day: day.to_string(), rejections, cursor }))
}
