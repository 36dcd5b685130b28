//! A shop that signs as each of them does, and a short way to say what was delivered.

use std::path::PathBuf;

use base64::{Engine, engine::general_purpose::STANDARD};
use connectors::{
    BigCommerce, Connection, Connector, Delivered, Headers, Person, Privacy, Refused, Shopify,
    StandardWebhooks, Stripe, Unsigned, What, WooCommerce,
};
use domain::{
    fact::{Fact, KeyedFact, Order, Refund, RefundedWhat},
    time::Instant,
};
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// The secret of every connection here; base64, as one scheme wants it.
pub const SECRET: &str = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
/// Now: 2021-02-25T15:02:10Z.
pub const NOW: i64 = 1_614_265_330;

/// The folder of real webhooks, where it is at hand.
pub fn data() -> Option<PathBuf> {
    let folder = std::env::var_os("GUERDON_DATA").map(PathBuf::from);
    if folder.is_none() {
        eprintln!("skipped: GUERDON_DATA does not name the folder of real data");
    }
    folder.map(|folder| folder.join("webhooks"))
}

pub fn now() -> Instant {
    Instant::from_millis(NOW * 1_000)
}

pub fn shopify(topic: &str) -> Connector {
    let topic = topic.parse().expect("a topic");
    Connector::Shopify(Shopify { topic, shop: Some("ada.myshopify.com".to_owned()) })
}

pub fn woocommerce(topic: &str) -> Connector {
    Connector::WooCommerce(WooCommerce { topic: topic.parse().expect("a topic") })
}

pub fn stripe() -> Connector {
    Connector::Stripe(Stripe {})
}

pub fn bigcommerce() -> Connector {
    Connector::BigCommerce(BigCommerce {})
}

pub fn standard() -> Connector {
    Connector::StandardWebhooks(StandardWebhooks {})
}

pub fn connection(connector: Connector) -> Connection {
    let source = "shop".parse().expect("a slug");
    Connection::new(source, connector, SECRET, None).expect("a usable secret")
}

pub fn mac(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key");
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().to_vec()
}

pub fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The headers that a shop signs `body` with.
pub fn sign(connector: &Connector, secret: &str, body: &[u8]) -> Vec<(&'static str, String)> {
    sign_at(connector, secret, body, NOW)
}

pub fn sign_at(
    connector: &Connector,
    secret: &str,
    body: &[u8],
    at: i64,
) -> Vec<(&'static str, String)> {
    let at = at.to_string();
    let plain = || base64(&mac(secret.as_bytes(), &[body]));
    let standard = |key: &[u8]| {
        let tag = base64(&mac(key, &[b"msg_1", b".", at.as_bytes(), b".", body]));
        vec![
            ("webhook-id", "msg_1".to_owned()),
            ("webhook-timestamp", at.clone()),
            ("webhook-signature", format!("v1,{tag}")),
        ]
    };
    match connector {
        Connector::Shopify(_) => vec![("x-shopify-hmac-sha256", plain())],
        Connector::WooCommerce(_) => vec![("x-wc-webhook-signature", plain())],
        Connector::Stripe(_) => {
            let tag = hex(&mac(secret.as_bytes(), &[at.as_bytes(), b".", body]));
            vec![("stripe-signature", format!("t={at},v1={tag}"))]
        }
        Connector::BigCommerce(_) => standard(secret.as_bytes()),
        Connector::StandardWebhooks(_) => {
            let secret = secret.strip_prefix("whsec_").unwrap_or(secret);
            standard(&STANDARD.decode(secret).expect("base64"))
        }
    }
}

/// Verifies only.
pub fn verify(
    connection: &Connection,
    headers: &[(&str, String)],
    body: &[u8],
) -> Result<(), Unsigned> {
    let headers: Headers = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    connectors::verify(connection, &headers, body, now()).map(|_| ())
}

/// Verifies and reads with these headers besides the signature.
pub fn receive_with(
    connector: Connector,
    more: &[(&str, &str)],
    body: &[u8],
) -> Result<Vec<Delivered>, Refused> {
    let signed = sign(&connector, SECRET, body);
    let headers = signed.iter().map(|(name, value)| (*name, value.as_str()));
    let headers: Headers = headers.chain(more.iter().copied()).collect();
    let connection = connection(connector);
    let signed = connectors::verify(&connection, &headers, body, now()).expect("a signed body");
    connectors::read(&signed)
}

/// Verifies and reads.
pub fn receive(connector: Connector, body: &[u8]) -> Result<Vec<Delivered>, Refused> {
    receive_with(connector, &[], body)
}

/// The one order in a body.
pub fn order(connector: Connector, body: &str) -> Order {
    let delivered = receive(connector, body.as_bytes()).expect("a readable body");
    let mut orders = facts(&delivered).into_iter().filter_map(|fact| match fact {
        Fact::Order(order) => Some(order),
        _ => None,
    });
    let order = orders.next().expect("an order");
    assert!(orders.next().is_none());
    order
}

/// The one refund in a body.
pub fn refund(connector: Connector, body: &str) -> Refund {
    let delivered = receive(connector, body.as_bytes()).expect("a readable body");
    let mut refunds = facts(&delivered).into_iter().filter_map(|fact| match fact {
        Fact::Refund(refund) => Some(refund),
        _ => None,
    });
    let refund = refunds.next().expect("a refund");
    assert!(refunds.next().is_none());
    refund
}

pub fn facts(delivered: &[Delivered]) -> Vec<Fact> {
    let facts = delivered.iter().filter_map(|delivered| match &delivered.what {
        What::Fact(fact) => Some((**fact).clone()),
        _ => None,
    });
    facts.collect()
}

/// The fact under its key, as the caller will make it.
pub fn keyed(connection: &Connection, fact: Fact) -> KeyedFact {
    let request = "a request".parse().expect("an id");
    KeyedFact::new(fact, &connection.source(), &request, "a connection".to_owned())
        .expect("what a connector delivers is a fact")
}

/// What a body says, in one line: what, amounts, who. Or the reason code.
pub fn told(connector: Connector, body: &[u8]) -> String {
    let connection = connection(connector.clone());
    let delivered = match receive(connector, body) {
        Ok(delivered) => delivered,
        Err(refused) => return format!("refused {}: {refused}", refused.code()),
    };
    assert!(!delivered.is_empty());
    for fact in facts(&delivered) {
        keyed(&connection, fact);
    }
    let lines: Vec<String> = delivered.iter().map(one).collect();
    lines.join("; ")
}

fn one(delivered: &Delivered) -> String {
    let who = delivered.person.as_ref().map_or_else(|| "nobody".to_owned(), who);
    let what = match &delivered.what {
        What::Fact(fact) => match &**fact {
            Fact::Order(order) => told_order(order),
            Fact::Refund(refund) => told_refund(refund),
            other => panic!("no connector makes {other:?}"),
        },
        What::PersonCreated { created_at } => {
            format!("person since {}", created_at.expect("a time"))
        }
        What::Privacy(Privacy::Export { request }) => format!("export {request:?}"),
        What::Privacy(Privacy::Erase { orders }) => format!("erase, {} orders", orders.len()),
        What::Privacy(Privacy::EraseShop) => "erase the shop".to_owned(),
        What::Named(named) => {
            format!("{:?} {} of {:?}", named.resource, named.id, named.of_order)
        }
        What::Unread(refused) => return format!("unread {}", refused.code()),
        What::Nothing(nothing) => return format!("nothing {}", nothing.code()),
    };
    format!("{what}, {who}")
}

fn told_order(order: &Order) -> String {
    let goods: i64 = order.lines.iter().map(|line| line.gross() - line.discount).sum();
    let taxes: i64 = order.lines.iter().map(|line| line.tax).sum::<i64>() + order.tax;
    let on_top = if order.prices_include_tax { 0 } else { taxes };
    let total = goods - order.discount + on_top + order.shipping + order.tip;
    let test = if order.test { "test " } else { "" };
    let status = order.status.as_deref().unwrap_or("-");
    format!(
        "{test}order {} {status} {} lines {total} {}",
        order.id,
        order.lines.len(),
        order.currency
    )
}

fn told_refund(refund: &Refund) -> String {
    let what = match &refund.what {
        RefundedWhat::Amount(amount) => format!("{amount}"),
        RefundedWhat::AmountToDate(amount) => format!("{amount} to date"),
        RefundedWhat::Everything => "everything".to_owned(),
        RefundedWhat::Lines(lines) => {
            let lines = lines.iter();
            let lines =
                lines.map(|line| format!("{}x{}+{}", line.line, line.quantity, line.amount));
            lines.collect::<Vec<_>>().join(" ")
        }
    };
    format!("refund {} of {}: {what}", refund.id, refund.order)
}

fn who(person: &Person) -> String {
    let known = [("id", &person.id), ("email", &person.email), ("phone", &person.phone)];
    let known = known.iter().filter(|(_, text)| text.is_some()).map(|(kind, _)| *kind);
    let known: Vec<&str> = known.collect();
    let guest = if person.is_guest() { "guest " } else { "" };
    format!("{guest}{}", known.join("+"))
}
