//! Who is believed: every scheme, every way to be wrong.

use connectors::{BODY_BYTES_MAX, Connection, Connector, Misconfigured, Unsigned};
use domain::time::Instant;
use serde::Deserialize;

use crate::sender::{
    NOW, SECRET, base64, bigcommerce, connection, data, hex, mac, shopify, sign, sign_at, standard,
    stripe, verify, woocommerce,
};

const BODY: &[u8] = b"{\"b\" : 1,\n\"a\":820982911946154508}";

fn connectors() -> [Connector; 5] {
    let woocommerce = woocommerce("order.updated");
    [shopify("orders/paid"), woocommerce, stripe(), bigcommerce(), standard()]
}

fn between(current: &str, previous: Option<&str>) -> impl Fn(Connector) -> Connection {
    move |connector| {
        let source = "shop".parse().expect("a slug");
        Connection::new(source, connector, current, previous).expect("usable secrets")
    }
}

#[derive(Deserialize)]
struct Vector {
    scheme: String,
    input: Input,
    expected: String,
}

#[derive(Deserialize)]
struct Input {
    secret: String,
    body: Option<String>,
    msg_id: Option<String>,
}

#[test]
fn every_official_vector_of_a_webhook_opens_the_front_door() {
    let Some(folder) = data() else { return };
    let text = std::fs::read(folder.join("signature_vectors.json")).expect("the vectors");
    let vectors: Vec<Vector> = serde_json::from_slice(&text).expect("vectors");
    assert_eq!(vectors.len(), 9);
    let mut opened = 0;
    for Vector { scheme, input, expected } in vectors {
        let (connector, headers) = match scheme.as_str() {
            "shopify-webhook" => {
                (shopify("orders/paid"), vec![("X-Shopify-Hmac-SHA256", expected)])
            }
            "standard-webhooks-v1" => {
                let id = input.msg_id.expect("an id");
                let headers = vec![
                    ("webhook-id", id),
                    ("webhook-timestamp", NOW.to_string()),
                    ("webhook-signature", expected),
                ];
                (standard(), headers)
            }
            "woocommerce-webhook" => {
                // Its secret is empty: anybody could make it.
                let source = "shop".parse().expect("a slug");
                let connector = woocommerce("order.updated");
                let empty = Connection::new(source, connector, &input.secret, None);
                assert_eq!(empty.expect_err("no connection"), Misconfigured::SecretEmpty);
                continue;
            }
            // No webhooks: the unit tests of the primitive check them.
            "stripe-hmac-primitive" | "shopify-oauth-query" | "shopify-app-proxy" => continue,
            other => panic!("an unknown scheme {other}"),
        };
        let connect = between(&input.secret, None);
        let mut body = input.body.expect("a body").into_bytes();
        assert_eq!(verify(&connect(connector.clone()), &headers, &body), Ok(()), "{scheme}");
        let wrong = between(SECRET, None)(connector.clone());
        if input.secret != format!("whsec_{SECRET}") {
            assert_eq!(verify(&wrong, &headers, &body), Err(Unsigned::Wrong), "{scheme}");
        }
        body.push(b' ');
        let tampered = verify(&connect(connector), &headers, &body);
        assert_eq!(tampered, Err(Unsigned::Wrong), "{scheme}");
        opened += 1;
    }
    assert_eq!(opened, 3);
}

#[test]
fn what_was_signed_is_believed_and_no_byte_may_differ() {
    for connector in connectors() {
        let headers = sign(&connector, SECRET, BODY);
        let connection = connection(connector);
        assert_eq!(verify(&connection, &headers, BODY), Ok(()), "{connection:?}");
        for at in 0..BODY.len() {
            let mut tampered = BODY.to_vec();
            tampered[at] ^= 1;
            let verified = verify(&connection, &headers, &tampered);
            assert_eq!(verified, Err(Unsigned::Wrong), "{connection:?} {at}");
        }
        // The same JSON, written anew.
        let rewritten = br#"{"b":1,"a":820982911946154508}"#;
        assert_eq!(verify(&connection, &headers, rewritten), Err(Unsigned::Wrong));
    }
}

#[test]
fn after_a_rotation_the_old_secret_signs_for_a_while() {
    let (new, old) = ("bmV3IHNlY3JldCBuZXcgc2VjcmV0", "b2xkIHNlY3JldCBvbGQgc2VjcmV0");
    for connector in connectors() {
        let both = between(new, Some(old))(connector.clone());
        let new_only = between(new, None)(connector.clone());
        let by_old = sign(&connector, old, BODY);
        let by_new = sign(&connector, new, BODY);
        let by_other = sign(&connector, SECRET, BODY);
        assert_eq!(verify(&both, &by_new, BODY), Ok(()), "{both:?}");
        assert_eq!(verify(&both, &by_old, BODY), Ok(()), "{both:?}");
        assert_eq!(verify(&both, &by_other, BODY), Err(Unsigned::Wrong), "{both:?}");
        assert_eq!(verify(&new_only, &by_old, BODY), Err(Unsigned::Wrong), "{both:?}");
    }
}

#[test]
fn an_empty_secret_is_a_mistake_of_whoever_set_it_up() {
    for connector in connectors() {
        for (current, previous) in [("", None), (" \n", None), (SECRET, Some(""))] {
            let source = "shop".parse().expect("a slug");
            let made = Connection::new(source, connector.clone(), current, previous);
            assert_eq!(made.expect_err("no connection"), Misconfigured::SecretEmpty);
        }
    }
    let source = "shop".parse().expect("a slug");
    let made = Connection::new(source, standard(), "whsec_not base64!", None);
    assert_eq!(made.expect_err("no connection").code(), "SECRET_NOT_BASE64");
}

#[test]
fn a_scheme_with_a_time_believes_five_minutes_and_no_more() {
    for connector in [stripe(), bigcommerce(), standard()] {
        let verified = |away: i64| {
            let headers = sign_at(&connector, SECRET, BODY, NOW + away);
            verify(&connection(connector.clone()), &headers, BODY)
        };
        for away in [-300, -1, 0, 1, 300] {
            assert_eq!(verified(away), Ok(()), "{connector:?} {away}");
        }
        for away in [-86_400, -301, 301, 86_400, i64::MAX - NOW, i64::MIN + NOW] {
            let error = verified(away).expect_err("too old or new");
            let expected = ["SIGNATURE_NOT_NOW", "SIGNATURE_MALFORMED"];
            assert!(expected.contains(&error.code()), "{connector:?} {away} {error}");
        }
    }
}

#[test]
fn a_header_that_is_missing_or_malformed_is_named() {
    for connector in connectors() {
        let connection = connection(connector.clone());
        let headers = sign(&connector, SECRET, BODY);
        for at in 0..headers.len() {
            let mut fewer = headers.clone();
            let (header, _) = fewer.remove(at);
            assert_eq!(verify(&connection, &fewer, BODY), Err(Unsigned::Missing { header }));
        }
        let (header, _) = headers.last().expect("a signature").clone();
        for bad in ["", "v1,", "sha256=abc", "t=1,v1=", "t=x,v0=00", "=", ",,,", "é"] {
            let mut headers = headers.clone();
            headers.last_mut().expect("a signature").1 = bad.to_owned();
            let verified = verify(&connection, &headers, BODY);
            assert_eq!(verified, Err(Unsigned::Malformed { header }), "{bad}");
        }
    }
}

#[test]
fn the_size_is_looked_at_first() {
    let body = vec![b' '; BODY_BYTES_MAX + 1];
    for connector in connectors() {
        let error = verify(&connection(connector), &[], &body).expect_err("too large");
        assert_eq!(error.code(), "BODY_TOO_LARGE");
    }
}

#[test]
fn a_signature_that_comes_twice_is_joined_by_the_host_or_by_us_alike() {
    let tag = |secret: &str| {
        let key = base64_decoded(secret);
        let at = NOW.to_string();
        base64(&mac(&key, &[b"msg_1", b".", at.as_bytes(), b".", BODY]))
    };
    let (good, other) = (tag(SECRET), tag("b2xkIHNlY3JldCBvbGQgc2VjcmV0"));
    let connection = connection(standard());
    let verified = |signatures: &[&str]| {
        let mut headers =
            vec![("Webhook-Id", "msg_1".to_owned()), ("Webhook-Timestamp", NOW.to_string())];
        headers.extend(signatures.iter().map(|text| ("Webhook-Signature", (*text).to_owned())));
        verify(&connection, &headers, BODY)
    };
    assert_eq!(verified(&[&format!("v1,{other} v1,{good}")]), Ok(()));
    assert_eq!(verified(&[&format!("v1,{other}"), &format!("v1,{good}")]), Ok(()));
    assert_eq!(verified(&[&format!("v1,{other},v1,{good}")]), Ok(()));
    assert_eq!(verified(&[&format!("v1a,{good} v1,{other}")]), Err(Unsigned::Wrong));
    assert_eq!(verified(&[&format!("v1,{good}"), &format!("v1a,{other}")]), Ok(()));
    let many = vec![format!("v1,{other}"); 16].join(" ");
    assert_eq!(verified(&[&format!("{many} v1,{good}")]), Err(Unsigned::Wrong), "a limit");
    // Where one signature is all there can be, two are none.
    let twice = sign(&shopify("orders/paid"), SECRET, BODY).remove(0);
    let verified = verify(&connection_of_shopify(), &[twice.clone(), twice], BODY);
    assert_eq!(verified.expect_err("two").code(), "SIGNATURE_MALFORMED");
}

fn connection_of_shopify() -> Connection {
    connection(shopify("orders/paid"))
}

fn base64_decoded(text: &str) -> Vec<u8> {
    use ::base64::{Engine, engine::general_purpose::STANDARD};
    STANDARD.decode(text).expect("base64")
}

#[test]
fn bigcommerce_signs_with_its_secret_as_it_is_and_others_with_what_base64_hides() {
    let by_raw = sign(&bigcommerce(), SECRET, BODY);
    let by_decoded = sign(&standard(), SECRET, BODY);
    assert_eq!(verify(&connection(bigcommerce()), &by_raw, BODY), Ok(()));
    assert_eq!(verify(&connection(bigcommerce()), &by_decoded, BODY), Err(Unsigned::Wrong));
    assert_eq!(verify(&connection(standard()), &by_decoded, BODY), Ok(()));
    assert_eq!(verify(&connection(standard()), &by_raw, BODY), Err(Unsigned::Wrong));
    let prefixed = between(&format!("whsec_{SECRET}"), None)(standard());
    assert_eq!(verify(&prefixed, &by_decoded, BODY), Ok(()));
}

#[test]
fn stripe_signs_with_the_whole_secret_and_several_signatures_while_it_rolls() {
    let secret = format!("whsec_{SECRET}");
    let connection = between(&secret, None)(stripe());
    let at = NOW.to_string();
    let tag = |key: &str| hex(&mac(key.as_bytes(), &[at.as_bytes(), b".", BODY]));
    let (good, other, stripped) = (tag(&secret), tag("another"), tag(SECRET));
    let verified = |header: String| verify(&connection, &[("Stripe-Signature", header)], BODY);
    assert_eq!(verified(format!("t={at},v1={good}")), Ok(()));
    assert_eq!(verified(format!("t={at}, v1={other}, v1={good}, v0={other}")), Ok(()));
    assert_eq!(verified(format!("t={at},v1={stripped}")), Err(Unsigned::Wrong));
    assert_eq!(verified(format!("t={at},v1={other},v0={good}")), Err(Unsigned::Wrong));
    let malformed = Err(Unsigned::Malformed { header: "stripe-signature" });
    assert_eq!(verified(format!("t={at},v0={good}")), malformed, "v0 is for tests");
    assert_eq!(verified(format!("t={at},t=1,v1={good}")), malformed, "which one is signed?");
    assert_eq!(verified(format!("v1={good}")), malformed);
    assert_eq!(verified(format!("t={at},v1={}", good.to_uppercase())), malformed);
}

#[test]
fn woocommerce_signs_with_its_secret_after_decoding_entities() {
    let connection = between("fish &amp; chips", None)(woocommerce("order.updated"));
    let by = |secret: &str| sign(connection.connector(), secret, BODY);
    assert_eq!(verify(&connection, &by("fish & chips"), BODY), Ok(()));
    assert_eq!(verify(&connection, &by("fish &amp; chips"), BODY), Err(Unsigned::Wrong));
}

#[test]
fn the_first_ping_of_woocommerce_is_the_only_unsigned_body_that_passes() {
    let connection = connection(woocommerce("order.updated"));
    assert_eq!(verify(&connection, &[], b"webhook_id=42"), Ok(()));
    let missing = Err(Unsigned::Missing { header: "x-wc-webhook-signature" });
    for body in ["webhook_id=42&x=1", "webhook_id=", "{\"webhook_id\":42}", ""] {
        assert_eq!(verify(&connection, &[], body.as_bytes()), missing, "{body}");
    }
    let shopify = verify(&connection_of_shopify(), &[], b"webhook_id=42");
    assert_eq!(shopify.expect_err("no ping").code(), "SIGNATURE_MISSING");
}

#[test]
fn secrets_are_in_no_debug_output() {
    for connector in connectors() {
        assert!(!format!("{:?}", connection(connector)).contains(SECRET));
    }
}

#[test]
fn what_we_sign_ourselves_is_the_official_vector() {
    // The one that every library of the scheme is tested with.
    let (secret, id) = ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek");
    let at = Instant::from_millis(1_614_265_330_999);
    let signature = connectors::sign(secret, id, at, b"{\"test\": 2432232314}");
    assert_eq!(signature, Ok("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=".to_owned()));
    assert_eq!(connectors::sign("whsec_", id, at, b""), Err(Misconfigured::SecretEmpty));
    assert_eq!(connectors::sign("whsec_é", id, at, b""), Err(Misconfigured::SecretNotBase64));
}
