//! Activities: checked completely, put on the queue of credits, answered before they are
//! recorded.

use std::collections::HashMap;

use aide::{OperationOutput, generate::GenContext, openapi};
use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::{
    AHEAD_DAYS_MAX,
    fact::{Activity, Fact, Malformed},
    ids::MemberId,
    key::Fingerprint,
    program::Rulebook,
    referral::REFERRAL,
    refusal::Refusal,
    row::Chain,
    time::Instant,
};
use edge::{
    App, Credit, CreditFact, Problem, WriteQuery, Writing,
    api::{ACTIVITIES_MAX, Accepted, AcceptedActivity, NewActivities, NewActivity, WouldBe},
    auth::{Earn, Service},
};
use serde_json::json;

/// The answer to activities.
pub(crate) enum Answer {
    /// They are on the queue.
    Accepted(Accepted),
    /// A dry run: what they would do.
    WouldBe(WouldBe),
}

pub(crate) async fn activities(
    app: &App,
    caller: &Service<Earn>,
    query: &WriteQuery,
    sent: NewActivities,
) -> Result<Answer, Problem> {
    let (list, of_list) = listed(sent)?;
    let named =
        |at: usize| move |problem: Problem| if of_list { problem.of_item(at) } else { problem };
    let rulebook = app.rulebook(caller.program()).await?;
    let now = app.clock().now();
    let mut checked = Vec::with_capacity(list.len());
    for (at, activity) in list.into_iter().enumerate() {
        checked.push(check(activity, &rulebook, now).map_err(named(at))?);
    }
    if query.dry_run {
        let mut would_be = Vec::with_capacity(checked.len());
        for (at, (member, activity)) in checked.into_iter().enumerate() {
            let writing = Writing::by(app, caller, query, activity.id.clone());
            let written = writing.record(member, Fact::Activity(activity), &[]).await;
            would_be.push(written.map_err(named(at))?.answer);
        }
        return Ok(Answer::WouldBe(match (of_list, would_be.pop()) {
            (false, Some(only)) => WouldBe::One(Box::new(only)),
            (_, last) => WouldBe::Several(would_be.into_iter().chain(last).collect()),
        }));
    }
    let mut messages = Vec::with_capacity(checked.len());
    let mut accepted: Vec<AcceptedActivity> = Vec::with_capacity(checked.len());
    let mut known: HashMap<(MemberId, String), Fingerprint> = HashMap::new();
    for (at, (member, activity)) in checked.into_iter().enumerate() {
        let id = activity.id.to_string();
        let chain = Chain { program: caller.program().clone(), member };
        let fact = CreditFact::Activity(activity);
        let (source, actor) = (caller.source(), caller.actor());
        let accepted_at = app.clock().now();
        let credit = Credit { chain, source, actor, accepted_at, fact };
        let keyed = credit.keyed().map_err(Problem::from).map_err(named(at))?;
        let key = keyed.key.map(|key| key.to_string()).unwrap_or_default();
        let member = credit.chain.member.clone();
        let before = known.insert((member.clone(), key.clone()), keyed.fingerprint);
        if before.is_some_and(|before| before != keyed.fingerprint) {
            let detail = "this id stands before in the list, for another activity";
            return Err(named(at)(Problem::new(StatusCode::CONFLICT, "KEY_REUSED", detail)));
        }
        accepted.push(AcceptedActivity { id, member: member.to_string(), key });
        messages.push(credit.message());
    }
    let taken = app.credits_queue().send_each(&messages).await;
    match taken.contains(&false) {
        false => Ok(Answer::Accepted(Accepted { accepted })),
        true => Err(not_queued(&accepted, &taken)),
    }
}

/// What was sent as a list, and whether it was one.
fn listed(sent: NewActivities) -> Result<(Vec<NewActivity>, bool), Problem> {
    match sent {
        NewActivities::One(one) => Ok((vec![*one], false)),
        NewActivities::Several(list) if (1..=ACTIVITIES_MAX).contains(&list.len()) => {
            Ok((list, true))
        }
        NewActivities::Several(list) => {
            let detail = format!("a list has 1 to {ACTIVITIES_MAX} activities, not {}", list.len());
            Err(Problem::unprocessable("ACTIVITIES", detail))
        }
    }
}

/// All that can be said of an activity without its member's account.
fn check(
    activity: NewActivity,
    rulebook: &Rulebook,
    now: Instant,
) -> Result<(MemberId, Activity), Problem> {
    let (member, activity) = activity.into_fact()?;
    // What a friend does tells it, not the shop.
    if activity.activity == REFERRAL {
        return Err(Problem::from(Malformed::ActivityKind));
    }
    if let Some(occurred_at) = activity.done_at.filter(|at| *at > now.plus_days(AHEAD_DAYS_MAX)) {
        return Err(Problem::from(Refusal::InTheFuture { occurred_at }).with("path", "done_at"));
    }
    let program = rulebook.in_force(activity.done_at.unwrap_or(now));
    if let Some((_, given)) = activity.amount.filter(|(_, given)| !program.takes(*given)) {
        let refusal = Refusal::Currency { given, expected: program.money };
        return Err(Problem::from(refusal).with("path", "amount.currency"));
    }
    Ok((member, activity))
}

/// Some of the activities are not on the queue. To send all of them again is harmless:
/// those that are there count once.
fn not_queued(activities: &[AcceptedActivity], taken: &[bool]) -> Problem {
    let items = activities.iter().zip(taken);
    let items = items.map(|(activity, queued)| json!({ "id": activity.id, "queued": queued }));
    Problem::unavailable("NOT_QUEUED").with("items", items.collect::<Vec<_>>())
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        match self {
            Answer::Accepted(accepted) => (StatusCode::ACCEPTED, Json(accepted)).into_response(),
            Answer::WouldBe(would_be) => Json(would_be).into_response(),
        }
    }
}

impl OperationOutput for Answer {
    type Inner = Accepted;

    fn operation_response(
        ctx: &mut GenContext,
        operation: &mut openapi::Operation,
    ) -> Option<openapi::Response> {
        Json::<Accepted>::operation_response(ctx, operation)
    }

    fn inferred_responses(
        ctx: &mut GenContext,
        operation: &mut openapi::Operation,
    ) -> Vec<(Option<u16>, openapi::Response)> {
        let accepted = Self::operation_response(ctx, operation).map(|it| (Some(202), it));
        let would_be = Json::<WouldBe>::operation_response(ctx, operation);
        would_be.map(|it| (Some(200), it)).into_iter().chain(accepted).collect()
    }
}
