//! Members as callers: the claims of a token that API Gateway has verified.

use std::collections::HashMap;

use axum::http::{StatusCode, request::Parts};
use domain::{
    ids::{MemberId, ProgramId},
    row::Chain,
};
use lambda_http::request::RequestContext;

use crate::Problem;

/// How tokens name a member and a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberTokens {
    /// The claim that is the member's id (`GUERDON_MEMBER_CLAIM`), `sub` unless set.
    pub member_claim: String,
    /// The claim that names the program (`GUERDON_PROGRAM_CLAIM`), `program` unless set.
    pub program_claim: String,
    /// The program of tokens without that claim (`GUERDON_MEMBER_PROGRAM`); without one
    /// they open nothing, since two programs may call two people by one id.
    pub program: Option<String>,
}

impl Default for MemberTokens {
    fn default() -> Self {
        MemberTokens {
            member_claim: "sub".to_owned(),
            program_claim: "program".to_owned(),
            program: None,
        }
    }
}

impl MemberTokens {
    /// Whom the verified token of a request is for; `None` where none was verified.
    ///
    /// Only the claims that API Gateway's JWT authorizer put into the request's context
    /// count. Whatever else a request carries that looks like a token is not believed.
    pub(crate) fn bearer(&self, parts: &Parts) -> Option<Result<Chain, Problem>> {
        let claims = verified(parts)?;
        Some(self.chain(claims).ok_or_else(|| {
            let detail = "the token does not say which member of which program it is for";
            Problem::new(StatusCode::UNAUTHORIZED, "TOKEN", detail)
        }))
    }

    fn chain(&self, claims: &HashMap<String, String>) -> Option<Chain> {
        let member = MemberId::try_from(claims.get(&self.member_claim)?.clone()).ok()?;
        if member.is_guest() {
            // Nobody is a guest by name: an issuer may let people choose theirs.
            return None;
        }
        let program = claims.get(&self.program_claim).or(self.program.as_ref())?;
        let program: ProgramId = program.parse().ok()?;
        Some(Chain { program, member })
    }
}

fn verified(parts: &Parts) -> Option<&HashMap<String, String>> {
    let RequestContext::ApiGatewayV2(context) = parts.extensions.get::<RequestContext>()? else {
        return None;
    };
    Some(&context.authorizer.as_ref()?.jwt.as_ref()?.claims)
}

#[cfg(test)]
mod tests {
    use axum::http::Request;
    use serde_json::{Value, json};

    use super::*;

    /// Whom the context of a request names, as API Gateway sends it.
    fn bearer(tokens: &MemberTokens, authorizer: Value) -> Option<Result<String, String>> {
        let context = json!({
            "routeKey": "$default", "authorizer": authorizer, "timeEpoch": 1_780_000_000_000_i64,
            "http": { "method": "GET", "path": "/", "protocol": "HTTP/1.1",
                      "sourceIp": "192.0.2.1", "userAgent": "-" },
        });
        let context: RequestContext = serde_json::from_value(context).expect("a context");
        // What a caller writes into headers is nothing to go by.
        let request = Request::get("/").header("authorization", "Bearer e30.e30.x").body(());
        let (mut parts, ()) = request.expect("a request").into_parts();
        assert!(tokens.bearer(&parts).is_none(), "nothing was verified");
        parts.extensions.insert(context);
        let bearer = tokens.bearer(&parts)?;
        Some(bearer.map(|chain| chain.to_string()).map_err(|problem| problem.code().to_owned()))
    }

    #[test]
    fn verified_claims_name_the_member_and_the_program() {
        let ours = MemberTokens::default();
        let jwt = |claims: Value| json!({ "jwt": { "claims": claims, "scopes": null } });
        let ada = Some(Ok("house/ada".to_owned()));
        let nobody = Some(Err("TOKEN".to_owned()));
        assert_eq!(bearer(&ours, jwt(json!({ "sub": "ada", "program": "house" }))), ada);
        assert_eq!(bearer(&ours, jwt(json!({ "sub": "ada" }))), nobody);
        assert_eq!(bearer(&ours, jwt(json!({ "program": "house" }))), nobody);
        assert_eq!(bearer(&ours, jwt(json!({ "sub": "", "program": "house" }))), nobody);
        assert_eq!(bearer(&ours, jwt(json!({ "sub": "guest:0b9c", "program": "house" }))), nobody);
        assert_eq!(bearer(&ours, jwt(json!({ "sub": "ada", "program": "No Slug" }))), nobody);
        assert_eq!(bearer(&ours, jwt(json!({}))), nobody);
        assert_eq!(bearer(&ours, json!({ "lambda": { "sub": "ada", "program": "house" } })), None);
        assert_eq!(bearer(&ours, json!({ "iam": { "userId": "ada" } })), None);

        let theirs = MemberTokens {
            member_claim: "custom:member".to_owned(),
            program: Some("house".to_owned()),
            ..MemberTokens::default()
        };
        let claims = json!({ "sub": "0b9c", "custom:member": "ada" });
        assert_eq!(bearer(&theirs, jwt(claims)), ada);
        let elsewhere = json!({ "custom:member": "ada", "program": "club" });
        assert_eq!(bearer(&theirs, jwt(elsewhere)), Some(Ok("club/ada".to_owned())));
    }
}
