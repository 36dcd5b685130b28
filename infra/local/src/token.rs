//! Members' tokens on the local stack: issued here, and checked as API Gateway's JWT
//! authorizer checks those of a real issuer, before the same routes.

use axum::{
    Router,
    extract::{Request, State},
    http::{StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use domain::{
    ids::{MemberId, ProgramId},
    time::Instant,
};
use edge::{Clock, Problem};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use lambda_http::{
    aws_lambda_events::apigw::{
        ApiGatewayRequestAuthorizer, ApiGatewayRequestAuthorizerJwtDescription,
        ApiGatewayV2httpRequestContext,
    },
    request::RequestContext,
};
use serde_json::{Map, Value, json};

use crate::tools::output;

/// Who issues the local stack's tokens.
pub const ISSUER: &str = "https://issuer.guerdon.local";
/// Whom they are for.
pub const AUDIENCE: &str = "guerdon";
/// What they are signed with. Like the local key, it opens nothing but loopback.
pub const SECRET: &[u8] = b"the tokens of a local stack open nothing of anybody's";
/// How long they last.
const HOURS: u32 = 1;

/// How `guerdon token` was called.
#[derive(Debug, clap::Args)]
pub struct Token {
    /// The member's id
    pub member: String,
    /// The program
    #[arg(long, default_value = "house")]
    pub program: String,
    /// For how many hours it lasts
    #[arg(long, default_value_t = HOURS, value_parser = clap::value_parser!(u32).range(1..=8_784))]
    pub hours: u32,
}

/// Prints a token.
///
/// # Errors
///
/// A sentence: an id that is none.
pub fn run(token: &Token) -> Result<(), String> {
    let Token { member, program, hours } = token;
    let member: MemberId = member.parse().map_err(|error| format!("{member:?}: {error}"))?;
    let program: ProgramId = program.parse().map_err(|error| format!("{program:?}: {error}"))?;
    let ends_at = Clock::System.now().plus_millis(i64::from(*hours) * 3_600_000);
    let token = issue(&claims(&member, &program, ends_at))?;
    output::text(&format!("{token}\n"));
    Ok(())
}

/// What a token says.
pub fn claims(member: &MemberId, program: &ProgramId, ends_at: Instant) -> Value {
    json!({
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": member,
        "program": program,
        "exp": seconds(ends_at),
    })
}

/// A signed token.
///
/// # Errors
///
/// A sentence; claims that are JSON can be signed.
pub fn issue(claims: &Value) -> Result<String, String> {
    let key = EncodingKey::from_secret(SECRET);
    let token = jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &key);
    token.map_err(|error| format!("the token cannot be signed: {error}"))
}

/// Seconds since 1970, as tokens count time.
pub fn seconds(at: Instant) -> i64 {
    at.millis().div_euclid(1000)
}

/// Routes behind an authorizer: a request that carries a token comes through only with one
/// that holds, and with its claims where API Gateway puts them.
///
/// In AWS a request without a token does not come through the authorizer at all: services
/// have an API of their own there, which leads to the same functions. Here one address is
/// for both; a key has no dots in it, and a token has two.
pub fn authorizing(routes: Router, clock: Clock) -> Router {
    routes.layer(middleware::from_fn_with_state(clock, authorize))
}

async fn authorize(State(clock): State<Clock>, mut request: Request, next: Next) -> Response {
    let header = request.headers().get(header::AUTHORIZATION);
    let bearer = header.and_then(|header| header.to_str().ok()?.strip_prefix("Bearer "));
    let Some(token) = bearer.filter(|bearer| bearer.matches('.').count() == 2) else {
        return next.run(request).await;
    };
    match verify(token, clock.now()) {
        Ok(claims) => {
            request.extensions_mut().insert(context(&claims));
            next.run(request).await
        }
        Err(why) => {
            let problem = Problem::new(StatusCode::UNAUTHORIZED, "TOKEN", why);
            let refused = [(header::WWW_AUTHENTICATE, "Bearer error=\"invalid_token\"")];
            (refused, problem).into_response()
        }
    }
}

/// The claims of a token that holds at `now`: signature, algorithm, issuer, audience, and
/// its time. By the stack's clock, which may stand still or be moved.
fn verify(token: &str, now: Instant) -> Result<Map<String, Value>, &'static str> {
    let mut checks = Validation::new(Algorithm::HS256);
    checks.set_issuer(&[ISSUER]);
    checks.set_audience(&[AUDIENCE]);
    checks.set_required_spec_claims(&["iss", "aud", "exp"]);
    // These two are compared with the machine's clock there.
    (checks.validate_exp, checks.validate_nbf) = (false, false);
    let key = DecodingKey::from_secret(SECRET);
    let decoded = jsonwebtoken::decode::<Map<String, Value>>(token, &key, &checks);
    let claims = decoded.map_err(|_| "the token is not one of this stack's")?.claims;
    let now = seconds(now);
    let at = |claim: &str| claims.get(claim).map(|at| at.as_i64().ok_or("its times are none"));
    if at("exp").unwrap_or(Err("the token does not say when it ends"))? <= now {
        return Err("the token has ended: guerdon token makes another");
    }
    if at("nbf").transpose()?.is_some_and(|from| now < from) {
        return Err("the token is not valid yet");
    }
    Ok(claims)
}

/// A request's context, as API Gateway sends it: every claim is a text there. A claim that
/// is null says nothing, and must not become a member who is called so.
fn context(claims: &Map<String, Value>) -> RequestContext {
    let text = |(name, value): (&String, &Value)| match value {
        Value::Null => None,
        Value::String(text) => Some((name.clone(), text.clone())),
        other => Some((name.clone(), other.to_string())),
    };
    let mut jwt = ApiGatewayRequestAuthorizerJwtDescription::default();
    jwt.claims = claims.iter().filter_map(text).collect();
    let mut authorizer = ApiGatewayRequestAuthorizer::default();
    authorizer.jwt = Some(jwt);
    let mut context = ApiGatewayV2httpRequestContext::default();
    context.authorizer = Some(authorizer);
    RequestContext::ApiGatewayV2(context)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Instant {
        Instant::from_millis(seconds * 1000)
    }

    /// Claims that hold at 1,000 s, with some of them changed.
    fn with(changes: Value) -> Value {
        let (member, program) = ("ada".parse().expect("an id"), "house".parse().expect("a slug"));
        let mut claims = claims(&member, &program, at(2_000));
        for (name, value) in changes.as_object().expect("changes") {
            match value {
                Value::Null => claims.as_object_mut().and_then(|claims| claims.remove(name)),
                value => {
                    claims.as_object_mut().and_then(|it| it.insert(name.clone(), value.clone()))
                }
            };
        }
        claims
    }

    fn holds(changes: Value, now: i64) -> bool {
        verify(&issue(&with(changes)).expect("a token"), at(now)).is_ok()
    }

    #[test]
    fn a_token_holds_for_its_audience_and_its_time() {
        assert!(holds(json!({}), 1_000));
        assert!(holds(json!({}), 1_999) && !holds(json!({}), 2_000), "it ends to the second");
        assert!(holds(json!({ "nbf": 1_000 }), 1_000) && !holds(json!({ "nbf": 1_001 }), 1_000));
        assert!(holds(json!({ "aud": ["other", AUDIENCE] }), 1_000));
        for changes in [
            json!({ "exp": null }),
            json!({ "exp": "2000" }),
            json!({ "exp": 2000.5 }),
            json!({ "nbf": "soon" }),
            json!({ "iss": null }),
            json!({ "iss": "https://elsewhere.example" }),
            json!({ "aud": null }),
            json!({ "aud": "another" }),
        ] {
            assert!(!holds(changes.clone(), 1_000), "{changes}");
        }
    }

    #[test]
    fn only_what_this_stack_signed_in_its_own_way_is_believed() {
        let refused = |token: &str| assert!(verify(token, at(1_000)).is_err(), "{token}");
        let good = issue(&with(json!({}))).expect("a token");
        assert!(verify(&good, at(1_000)).is_ok());
        let parts: Vec<&str> = good.split('.').collect();
        let signed = |algorithm: Algorithm, secret: &[u8]| {
            let key = EncodingKey::from_secret(secret);
            jsonwebtoken::encode(&Header::new(algorithm), &with(json!({})), &key).expect("a token")
        };
        refused(&signed(Algorithm::HS256, b"another secret"));
        refused(&signed(Algorithm::HS512, SECRET));
        // {"alg":"none","typ":"JWT"}
        let none = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0";
        refused(&format!("{none}.{}.", parts[1]));
        refused(&format!("{none}.{}.{}", parts[1], parts[2]));
        refused(&format!("{}.{}.", parts[0], parts[1]));
        refused(&good[..good.len() - 1]);
        let other = issue(&with(json!({ "sub": "bo" }))).expect("a token");
        let claims = other.split('.').nth(1).expect("claims");
        refused(&format!("{}.{claims}.{}", parts[0], parts[2]));
        for token in ["..", "a.b.c", "", "....", "\u{1f980}.x.y"] {
            refused(token);
        }
    }
}
