//! Who may call what: every route of the served document, with everybody who might try.

use edge::{ApiKey, end_key};
use local::{program, token};
use reqwest::Method;
use serde_json::{Value, json};

use crate::shop::{Answer, START, TestShop, at, order, send};

const SCOPES: [&str; 4] = ["earn", "redeem", "read", "admin"];

/// What was decided of every route: the scope that a key needs, and whether a member may
/// call it with a token of their own. A route is added here or is not added at all.
const DECIDED: [(&str, &str, Members); 26] = [
    ("recordOrder", "earn", Members::No),
    ("recordRefund", "earn", Members::No),
    ("recordActivities", "earn", Members::No),
    ("quoteOrder", "read", Members::No),
    ("adjust", "admin", Members::No),
    ("enroll", "earn", Members::No),
    ("getMember", "read", Members::TheirOwn),
    ("tellBirthday", "earn", Members::No),
    ("tellConsents", "earn", Members::No),
    ("labelMember", "earn", Members::No),
    ("grantTier", "admin", Members::No),
    ("takeUpChallenge", "earn", Members::No),
    ("getReferralCode", "earn", Members::No),
    ("claimReferral", "earn", Members::No),
    ("approveReferral", "admin", Members::No),
    ("listReferralsSetAside", "admin", Members::No),
    ("redeem", "redeem", Members::TheirOwn),
    ("captureHold", "redeem", Members::TheirOwn),
    ("releaseHold", "redeem", Members::TheirOwn),
    ("undoRedemption", "redeem", Members::No),
    ("getBalance", "read", Members::TheirOwn),
    ("getHistory", "read", Members::TheirOwn),
    ("getRow", "read", Members::TheirOwn),
    ("getStatement", "read", Members::TheirOwn),
    ("reports", "read", Members::No),
    ("getRejections", "admin", Members::No),
];

/// The routes that nobody needs a key for: one tells nothing, one asks for a signature.
const OPEN: [&str; 2] = ["/healthz", "/webhooks/{connection}"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Members {
    No,
    TheirOwn,
}

/// A route, as the document describes it.
#[derive(Debug)]
struct Route {
    id: String,
    method: Method,
    path: String,
    scope: String,
    members: Members,
}

/// All routes of the served document that ask who calls.
async fn routes(shop: &TestShop) -> Vec<Route> {
    let document = send(shop.as_nobody(Method::GET, "/openapi.json")).await;
    assert_eq!(document.body["openapi"].as_str().map(|v| &v[..3]), Some("3.1"));
    for scheme in ["api_key", "member_token"] {
        let described = &document.body["components"]["securitySchemes"][scheme];
        assert_eq!(described["scheme"], "bearer", "{scheme} is explained");
    }
    let mut routes = Vec::new();
    for (path, operations) in document.body["paths"].as_object().expect("described paths") {
        for (method, operation) in operations.as_object().expect("operations") {
            let schemes: Vec<String> = operation["security"]
                .as_array()
                .into_iter()
                .flatten()
                .flat_map(|one| one.as_object().expect("a requirement").keys().cloned())
                .collect();
            let members = match schemes.iter().map(String::as_str).collect::<Vec<_>>()[..] {
                [] if OPEN.contains(&path.as_str()) => continue,
                ["api_key"] => Members::No,
                ["api_key", "member_token"] => Members::TheirOwn,
                _ => panic!("{method} {path} asks for {schemes:?}: decide who may call it"),
            };
            let scope = operation["x-scope"].as_str();
            routes.push(Route {
                id: operation["operationId"].as_str().expect("an id").to_owned(),
                method: method.to_uppercase().parse().expect("a method"),
                path: path.clone(),
                scope: scope.unwrap_or_else(|| panic!("{method} {path}: no scope")).to_owned(),
                members,
            });
        }
    }
    routes
}

impl Route {
    /// Its path for a member of a program.
    fn of(&self, program: &str, member: &str) -> String {
        let path = self.path.replace("{program}", program).replace("{member}", member);
        let path = path.replace("{hold}", "3").replace("{sequence}", "2");
        assert!(!path.contains('{'), "{path}: say what stands there");
        path
    }
}

/// What somebody sends to say who they are, and what they are answered for it.
struct Attempt {
    who: &'static str,
    bearer: Option<String>,
    /// `None` for whoever is let in.
    expected: Option<(u16, &'static str)>,
}

fn attempt(who: &'static str, bearer: &str, status: u16, code: &'static str) -> Attempt {
    Attempt { who, bearer: Some(bearer.to_owned()), expected: Some((status, code)) }
}

/// Everybody who might try, at a path of ada's in the house program. What they may expect
/// follows from what the document says of the route.
async fn attempts(shop: &TestShop, route: &Route, tokens: &BadTokens) -> Vec<Attempt> {
    let named = |what: &str| format!("{what}-{}", route.id);
    let (right, wrong, ended) = (named("right"), named("wrong"), named("ended"));
    shop.key(&right, &[&route.scope]).await;
    let others: Vec<&str> =
        SCOPES.into_iter().filter(|scope| *scope != route.scope && *scope != "admin").collect();
    shop.key(&wrong, &others).await;
    shop.key(&ended, &["admin"]).await;
    let house = "house".parse().expect("a slug");
    let tables = shop.stack.app.tables();
    let end = end_key(tables, &house, &ApiKey::new(&ended).id(), at(START)).await;
    assert!(end.expect("tables").is_some());
    let of_other = match route.members {
        Members::TheirOwn => (404, "MEMBER_UNKNOWN"),
        Members::No => (403, "SCOPE"),
    };
    let own = Attempt {
        who: "the member themselves",
        bearer: Some(shop.token("ada")),
        expected: (route.members == Members::No).then_some((403, "SCOPE")),
    };
    let mut attempts = vec![
        Attempt { who: "nobody", bearer: None, expected: Some((401, "KEY_MISSING")) },
        attempt("a key that is unknown", &named("unknown"), 401, "KEY_UNKNOWN"),
        attempt("a key that has ended", &ended, 401, "KEY_UNKNOWN"),
        attempt("a key for all the rest", &wrong, 403, "SCOPE"),
        attempt("another program's key", &program::key_of("club"), 404, "PROGRAM_UNKNOWN"),
        Attempt { who: "the right key", bearer: Some(right), expected: None },
        own,
        attempt("another member", &shop.token("bo"), of_other.0, of_other.1),
        attempt("somebody who is no member", &shop.token("eve"), of_other.0, of_other.1),
        attempt("another program's member", &tokens.elsewhere, 404, "PROGRAM_UNKNOWN"),
    ];
    let refused = tokens.refused.iter();
    attempts.extend(refused.map(|(who, token)| attempt(who, token, 401, "TOKEN")));
    attempts
}

/// Tokens that open nothing of the house program.
struct BadTokens {
    elsewhere: String,
    refused: Vec<(&'static str, String)>,
}

impl BadTokens {
    fn new(shop: &TestShop) -> BadTokens {
        let now = token::seconds(shop.stack.app.clock().now());
        let with = |name: &str, value: Value| {
            let mut claims = shop.claims("ada");
            claims[name] = value;
            token::issue(&claims).expect("a token")
        };
        let part = |token: &str, at: usize| token.split('.').nth(at).expect("a part").to_owned();
        let (ada, bo) = (shop.token("ada"), shop.token("bo"));
        // {"alg":"none","typ":"JWT"}
        let none = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0";
        let refused = vec![
            ("a token that has ended", with("exp", json!(now))),
            ("a token that is not valid yet", with("nbf", json!(now + 1))),
            ("a token of another issuer", with("iss", json!("https://elsewhere.example"))),
            ("a token for another audience", with("aud", json!("elsewhere"))),
            ("a token without a member", with("sub", Value::Null)),
            ("a token without a program", with("program", json!(""))),
            ("a forged token", format!("{}.{}.{}", part(&bo, 0), part(&ada, 1), part(&bo, 2))),
            ("a token without a signature", format!("{}.{}.", part(&ada, 0), part(&ada, 1))),
            ("a token signed by no algorithm", format!("{none}.{}.", part(&ada, 1))),
            ("no token at all", "..".to_owned()),
        ];
        BadTokens { elsewhere: with("program", json!("club")), refused }
    }
}

/// Two programs, of which one has the members ada and bo.
async fn two_programs() -> TestShop {
    let shop = TestShop::open().await;
    let text = include_str!("club.toml").to_owned();
    let from = at(START).plus_days(-400);
    let club = domain::definition::parse(&text, "club.toml", 1, from).expect("a program");
    let club = program::Definition { text, program: club };
    program::publish(&shop.stack.app, &club, "club").await.expect("a second program");
    for member in ["ada", "bo"] {
        shop.enroll(member).await;
        shop.post("orders", order(member, member, 1_000)).await;
    }
    shop
}

async fn ask(shop: &TestShop, route: &Route, path: &str, bearer: Option<&str>) -> Answer {
    let request = match bearer {
        Some(bearer) => shop.as_caller(bearer, route.method.clone(), path),
        None => shop.as_nobody(route.method.clone(), path),
    };
    let request = match route.method {
        Method::GET => request,
        _ => request.json(&json!({})),
    };
    send(request).await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_was_decided_about() {
    let shop = TestShop::open().await;
    let is_report = |route: &Route| route.path.starts_with("/v1/{program}/reports/");
    for route in routes(&shop).await {
        let id = if is_report(&route) { "reports" } else { route.id.as_str() };
        let decided = DECIDED.iter().find(|(known, ..)| *known == id);
        let (_, scope, members) =
            decided.unwrap_or_else(|| panic!("{} {}: who may call it?", route.method, route.path));
        assert_eq!((route.scope.as_str(), route.members), (*scope, *members), "{id}");
        assert!(route.path.starts_with("/v1/{program}/"), "{id} names its program");
        let own = route.path.starts_with("/v1/{program}/members/{member}");
        assert!(own || route.members == Members::No, "{id} is nobody's own");
    }
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn failure_26_every_route_answers_everybody_as_the_document_says() {
    let shop = two_programs().await;
    let tokens = BadTokens::new(&shop);
    let mut checked = 0;
    for route in routes(&shop).await {
        let path = route.of("house", "ada");
        for Attempt { who, bearer, expected } in attempts(&shop, &route, &tokens).await {
            let answer = ask(&shop, &route, &path, bearer.as_deref()).await;
            let (status, code) = (answer.status, answer.code());
            match expected {
                Some(expected) => assert_eq!((status, code), expected, "{who}: {route:?}"),
                // What is asked for may still be wrong; that is for another test.
                None => {
                    let turned_away = [401, 403, 429, 500].contains(&status);
                    let unknown = ["PROGRAM_UNKNOWN", "MEMBER_UNKNOWN"].contains(&code);
                    assert!(!turned_away && !unknown, "{who}: {route:?}: {answer:?}");
                }
            }
            // Whoever is known, or tries keys, is told how they stand.
            let counted = !["KEY_MISSING", "TOKEN"].contains(&code);
            assert_eq!(!answer.header("ratelimit").is_empty(), counted, "{who}: {answer:?}");
            assert_eq!(!answer.header("ratelimit-policy").is_empty(), counted);
            checked += 1;
        }
    }
    assert!(checked >= 24 * 20, "only {checked} checks: routes are missing from the document");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn failure_26_anothers_id_is_answered_as_one_that_is_not_there() {
    let shop = two_programs().await;
    let key = program::key_of("shop");
    for route in routes(&shop).await {
        // Each route has a member of its own: people may not call as often as tests.
        let me = format!("m-{}", route.id);
        shop.enroll(&me).await;
        let token = shop.token(&me);
        let ask = |program: &str, member: &str, bearer: &str| {
            let (path, bearer) = (route.of(program, member), bearer.to_owned());
            let (shop, route) = (&shop, &route);
            async move { ask(shop, route, &path, Some(&bearer)).await }
        };
        for bearer in [&key, &token] {
            let theirs = ask("club", &me, bearer).await;
            let none = ask("louvre", &me, bearer).await;
            assert_eq!((theirs.status, &theirs.body), (404, &none.body), "{route:?}");
        }
        if route.members == Members::No {
            continue;
        }
        let theirs = ask("house", "bo", &token).await;
        let none = ask("house", "nobody", &token).await;
        assert_eq!((theirs.status, &theirs.body), (404, &none.body), "{route:?}");
        assert_eq!(none.code(), "MEMBER_UNKNOWN");
        // Nor does a path that is nearly the member's lead anywhere.
        let upper = me.to_uppercase();
        let odd = [upper, format!("{me}%20"), format!("{me}%00"), format!("bo%2F..%2F{me}")];
        for odd in odd {
            let answer = ask("house", &odd, &token).await;
            assert_eq!((answer.status, &answer.body), (404, &none.body), "{odd}: {route:?}");
        }
        let same = format!("%6D{}", &me[1..]);
        assert_ne!(ask("house", &same, &token).await.code(), "MEMBER_UNKNOWN", "{route:?}");
    }
    shop.close().await;
}
