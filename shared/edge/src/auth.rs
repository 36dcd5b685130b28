//! Who calls: a service, known by its API key, or a member, known by a verified token.
//!
//! Each handler says in its signature who may call it: [`Service`] or [`MemberOr`]. The
//! OpenAPI document says the same, from the same types.

mod known;

use std::{marker::PhantomData, ops::Deref};

use aide::OperationInput;
use axum::{
    extract::FromRequestParts,
    http::{StatusCode, request::Parts},
};
use domain::{
    fact::Source,
    ids::{ProgramId, SourceId},
    row::Chain,
};

use self::known::{Known, OfPath};
use crate::{App, KeyRecord, Problem};

/// The source of what members do themselves, and what rows call them.
pub const MEMBER_SOURCE: &str = "member";
/// The name of API keys among the document's security schemes.
pub(crate) const API_KEY: &str = "api_key";
/// The name of members' tokens among them.
pub(crate) const MEMBER_TOKEN: &str = "member_token";
/// Where an operation of the document says which scope a key needs.
const SCOPE: &str = "x-scope";

/// What a caller must be allowed to do.
pub trait Scope: Send + Sync + 'static {
    /// The word in the key's record.
    const NAME: &'static str;
}

macro_rules! scope {
    ($(#[$doc:meta])* $name:ident, $word:literal) => {
        $(#[$doc])*
        pub struct $name;
        impl Scope for $name {
            const NAME: &'static str = $word;
        }
    };
}

scope!(
    /// Record orders, refunds and members.
    Earn,
    "earn"
);
scope!(
    /// Spend members' points.
    Redeem,
    "redeem"
);
scope!(
    /// Read.
    Read,
    "read"
);
scope!(
    /// Adjust points, and all else.
    Admin,
    "admin"
);

/// Who sends a request, as rows speak of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    program: ProgramId,
    source: Source,
    actor: String,
}

impl Caller {
    /// The program that the caller is let into.
    pub fn program(&self) -> &ProgramId {
        &self.program
    }

    /// The source of the caller's facts.
    pub fn source(&self) -> Source {
        self.source.clone()
    }

    /// The name that rows give the caller.
    pub fn actor(&self) -> String {
        self.actor.clone()
    }
}

/// A service whose key allows `S` in the program of the path. Another program's path is
/// answered as one that does not exist.
pub struct Service<S> {
    caller: Caller,
    scope: PhantomData<S>,
}

/// The member of the path, at their own account, or a service whose key allows `S`. To a
/// member another member's path is answered as one that does not exist.
pub struct MemberOr<S> {
    caller: Caller,
    scope: PhantomData<S>,
}

impl<S> Deref for Service<S> {
    type Target = Caller;

    fn deref(&self) -> &Caller {
        &self.caller
    }
}

impl<S> Deref for MemberOr<S> {
    type Target = Caller;

    fn deref(&self) -> &Caller {
        &self.caller
    }
}

impl<S: Scope> FromRequestParts<App> for Service<S> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let caller = match Known::by(parts, app).await? {
            Known::Service(record) => service::<S>(record, &OfPath::read(parts, app).await?)?,
            Known::Member(chain) => {
                OfPath::read(parts, app).await?.lets_into(&chain.program)?;
                let detail = "members may read their own account and spend their own points";
                return Err(Problem::new(StatusCode::FORBIDDEN, "SCOPE", detail));
            }
        };
        Ok(Service { caller, scope: PhantomData })
    }
}

impl<S: Scope> FromRequestParts<App> for MemberOr<S> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let known = Known::by(parts, app).await?;
        let path = OfPath::read(parts, app).await?;
        let caller = match known {
            Known::Service(record) => service::<S>(record, &path)?,
            Known::Member(chain) => member(chain, &path)?,
        };
        Ok(MemberOr { caller, scope: PhantomData })
    }
}

/// A service in the program of the path.
fn service<S: Scope>(record: KeyRecord, path: &OfPath) -> Result<Caller, Problem> {
    path.lets_into(&record.program)?;
    let allowed = record.scopes.iter().any(|scope| scope == S::NAME || scope == Admin::NAME);
    if !allowed {
        let detail = format!("the API key does not have the scope {:?}", S::NAME);
        return Err(Problem::new(StatusCode::FORBIDDEN, "SCOPE", detail));
    }
    let source = Source { id: record.source, has_key_times: record.has_key_times };
    Ok(Caller { program: record.program, source, actor: record.name })
}

/// A member at their own account.
fn member(chain: Chain, path: &OfPath) -> Result<Caller, Problem> {
    path.lets_into(&chain.program)?;
    // Before anything is read: whether there is another member must not even show in time.
    if path.member.as_deref() != Some(chain.member.as_str()) {
        return Err(Problem::member_unknown());
    }
    // What members send carries no signed time of its own.
    let source = Source { id: member_source(), has_key_times: false };
    // The chain says who; a row need not say it twice.
    Ok(Caller { program: chain.program, source, actor: MEMBER_SOURCE.to_owned() })
}

fn member_source() -> SourceId {
    MEMBER_SOURCE.parse().expect("letters are a slug")
}

/// The program of every path.
#[derive(serde::Deserialize, schemars::JsonSchema)]
struct ProgramRef {
    /// The program's id.
    #[serde(rename = "program")]
    _program: String,
}

impl<S: Scope> OperationInput for Service<S> {
    fn operation_input(
        ctx: &mut aide::generate::GenContext,
        operation: &mut aide::openapi::Operation,
    ) {
        describe::<S>(ctx, operation, &[API_KEY]);
    }
}

impl<S: Scope> OperationInput for MemberOr<S> {
    fn operation_input(
        ctx: &mut aide::generate::GenContext,
        operation: &mut aide::openapi::Operation,
    ) {
        describe::<S>(ctx, operation, &[API_KEY, MEMBER_TOKEN]);
    }
}

/// Who may call, in the document: any one of the schemes, and a key only with the scope.
fn describe<S: Scope>(
    ctx: &mut aide::generate::GenContext,
    operation: &mut aide::openapi::Operation,
    schemes: &[&str],
) {
    axum::extract::Path::<ProgramRef>::operation_input(ctx, operation);
    let requirement = |scheme: &&str| [((*scheme).to_owned(), Vec::new())].into_iter().collect();
    operation.security = schemes.iter().map(requirement).collect();
    operation.extensions.insert(SCOPE.to_owned(), S::NAME.into());
}
