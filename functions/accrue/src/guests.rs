//! Orders and refunds of guests by our own API: somebody whom the shop knows by an email
//! address alone. They go the way of a shop's webhooks, which finds out whose they are.

use aide::{OperationOutput, generate::GenContext, openapi};
use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::{
    fact::{IdentityKind, KeyedFact, Order, Refund},
    row::Chain,
};
use edge::{
    App, Arrival, ArrivedFact, KnownPerson, Problem, WriteQuery, Written,
    auth::{Earn, Service},
    guest_of, member_with_email,
    referral::Likeness,
};
use schemars::JsonSchema;
use serde::Serialize;
use store::{Mode, routes, tables::Consistency};

use crate::arrivals::{NotTaken, Taken, Why, take_in};

/// The answer to a refund.
pub(crate) enum Answer {
    /// It is in a chain.
    Written(Box<Written>),
    /// It waits for its order.
    Waits(Waits),
}

/// A refund whose order is not known yet.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Waits {
    /// `waits`.
    outcome: &'static str,
    /// The key of the fact.
    key: String,
}

/// A guest who buys, or gives something back.
pub(crate) struct Guest<'a> {
    pub app: &'a App,
    pub caller: &'a Service<Earn>,
    pub query: &'a WriteQuery,
    /// Their email address.
    pub email: String,
}

impl Guest<'_> {
    /// Records an order: on the guest's chain, or that of the member whose address it is.
    pub async fn order(self, order: Order, codes: Vec<String>) -> Result<Written, Problem> {
        match self.take(ArrivedFact::Order(order), codes).await? {
            Answer::Written(written) => Ok(*written),
            // An order waits for nothing.
            Answer::Waits(_) => Err(Problem::unavailable("UNAVAILABLE")),
        }
    }

    /// Records a refund on the chain that has its order; it waits where none has.
    pub async fn refund(self, refund: Refund) -> Result<Answer, Problem> {
        self.take(ArrivedFact::Refund(refund), Vec::new()).await
    }

    async fn take(self, fact: ArrivedFact, codes: Vec<String>) -> Result<Answer, Problem> {
        let Guest { app, query, .. } = self;
        let arrival = self.arrival(fact, codes);
        let Some(fact) = arrival.keyed()? else { return Err(Problem::unavailable("UNAVAILABLE")) };
        let key = fact.key.as_ref().map(ToString::to_string).unwrap_or_default();
        let waits = |key: String| Answer::Waits(Waits { outcome: "waits", key });
        if query.dry_run {
            let Some(chain) = chain_of(app, &arrival, &fact).await? else {
                return Ok(waits(key));
            };
            let recorded = app.record(&chain, &fact, Mode::DryRun, &[]).await?;
            let written = Written::of(app, &recorded, key, true).await?;
            return Ok(Answer::Written(Box::new(written)));
        }
        match take_in(app, &arrival).await.map_err(problem)? {
            Taken::Recorded(recorded) => {
                let written = Written::of(app, &recorded, key, false).await?;
                Ok(Answer::Written(Box::new(written)))
            }
            Taken::Waits => Ok(waits(key)),
            Taken::Nothing(why) => Err(not_taken(why)),
        }
    }

    /// Nothing personal is left in it.
    fn arrival(&self, fact: ArrivedFact, codes: Vec<String>) -> Arrival {
        let (source, hasher) = (self.caller.source(), self.app.identities());
        let person = KnownPerson {
            account: None,
            identities: vec![hasher.hash(IdentityKind::Email, &self.email)],
            likeness: Likeness::of(hasher, Some(&self.email), None, None, None),
            codes,
        };
        Arrival {
            program: self.caller.program().clone(),
            source: source.id,
            has_key_times: source.has_key_times,
            actor: self.caller.actor(),
            accepted_at: self.app.clock().now(),
            enrols: false,
            emails_verified: false,
            person: Some(person),
            fact,
        }
    }
}

/// Whose chain a fact would come to; `None` for a refund that would wait.
async fn chain_of(
    app: &App,
    arrival: &Arrival,
    fact: &KeyedFact,
) -> Result<Option<Chain>, Problem> {
    let (tables, program) = (app.tables(), &arrival.program);
    let routed = match fact.about_order() {
        Some(order) => routes::find(tables, program, order, Consistency::Eventual).await?,
        None => None,
    };
    let identities = arrival.person.as_ref().map_or(&[][..], |person| &person.identities);
    let member = match (routed, &arrival.fact) {
        (Some(member), _) => Some(member),
        (None, ArrivedFact::Refund(_)) => None,
        (None, _) => member_with_email(tables, program, identities, Consistency::Eventual)
            .await?
            .or_else(|| guest_of(identities)),
    };
    let Some(member) = member else { return Ok(None) };
    let chain = Chain { program: program.clone(), member };
    let head = app.ledger().head(&chain, Consistency::Eventual).await?;
    let moved_to = head.and_then(|head| head.row.account.moved_to().cloned());
    let member = moved_to.unwrap_or(chain.member);
    Ok(Some(Chain { program: program.clone(), member }))
}

fn problem(not_taken: NotTaken) -> Problem {
    match not_taken {
        NotTaken::Malformed(malformed) => malformed.into(),
        NotTaken::Record(error) => error.into(),
    }
}

fn not_taken(why: Why) -> Problem {
    let detail = match why {
        Why::NotTakenOver => "the order is from before they joined, and too old to be taken over",
        Why::Nobody | Why::NotEnrolled | Why::Member => "it changes nothing",
    };
    Problem::new(StatusCode::CONFLICT, why.code(), detail)
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        match self {
            Answer::Written(written) => written.into_response(),
            Answer::Waits(waits) => (StatusCode::ACCEPTED, Json(waits)).into_response(),
        }
    }
}

impl OperationOutput for Answer {
    type Inner = edge::api::Recorded;

    fn operation_response(
        ctx: &mut GenContext,
        operation: &mut openapi::Operation,
    ) -> Option<openapi::Response> {
        Written::operation_response(ctx, operation)
    }

    fn inferred_responses(
        ctx: &mut GenContext,
        operation: &mut openapi::Operation,
    ) -> Vec<(Option<u16>, openapi::Response)> {
        let mut responses = Written::inferred_responses(ctx, operation);
        let waits = Json::<Waits>::operation_response(ctx, operation);
        responses.extend(waits.map(|response| (Some(202), response)));
        responses
    }
}
