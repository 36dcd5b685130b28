//! Every published sample, read as the webhook that it is a sample of.

use std::{collections::BTreeMap, fs, path::Path};

use serde_json::value::RawValue;

use crate::sender::{bigcommerce, data, shopify, stripe, told, woocommerce};

/// What every sample says, one a line.
const TOLD: &str = include_str!("samples.txt");

#[test]
fn every_sample_says_what_it_should() {
    let Some(folder) = data() else { return };
    let mut found = Vec::new();
    for shop in ["bigcommerce", "shopify", "stripe", "woocommerce"] {
        files(&folder.join(shop), &mut |path| {
            let name = path.strip_prefix(&folder).expect("inside").display().to_string();
            let text = fs::read_to_string(path).expect("a sample");
            found.push(format!("{name} = {}", sample(&name, &text)));
        });
    }
    found.sort();
    let found: Vec<&str> = found.iter().map(String::as_str).collect();
    let expected: Vec<&str> = TOLD.lines().collect();
    for line in found.iter().filter(|line| !expected.contains(line)) {
        eprintln!("said and not expected: {line}");
    }
    assert_eq!(found, expected);
}

fn files(folder: &Path, each: &mut dyn FnMut(&Path)) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { files(&path, each) } else { each(&path) }
    }
}

/// What a sample says under the topic that its name or its wrapping names.
fn sample(name: &str, text: &str) -> String {
    let stem = name.rsplit('/').next().unwrap_or_default();
    let stem = stem.trim_end_matches(".json").trim_end_matches(".schema");
    let bodies = bodies(text);
    let told: Vec<String> = bodies.iter().map(|body| under(name, stem, body.as_bytes())).collect();
    told.join(" | ")
}

fn under(name: &str, stem: &str, body: &[u8]) -> String {
    match name.split('/').next() {
        Some("stripe") => told(stripe(), body),
        Some("bigcommerce") => told(bigcommerce(), body),
        Some("woocommerce") => {
            let topic =
                if stem.contains("customers") { "customer.created" } else { "order.updated" };
            told(woocommerce(topic), body)
        }
        _ => {
            let topic = shopify_topic(name, stem);
            match topic.parse::<connectors::ShopifyTopic>() {
                Ok(_) => told(shopify(&topic), body),
                Err(error) => format!("{} {topic}", error.code()),
            }
        }
    }
}

fn shopify_topic(name: &str, stem: &str) -> String {
    if name.contains("2026-04/") {
        let topics = ["order_transactions", "orders", "customers", "shop", "refunds"];
        let resource = topics.iter().find(|topic| stem.starts_with(*topic));
        let resource = resource.copied().unwrap_or_else(|| stem.split('_').next().expect("a word"));
        let event = stem.strip_prefix(resource).unwrap_or_default().trim_start_matches('_');
        return format!("{resource}/{event}");
    }
    // A resource as the API answers with it; what its webhook sends is the same.
    let of = |word: &str| stem.contains(word);
    match () {
        () if of("refund") => "refunds/create",
        () if of("transaction") && !of("order_with") => "order_transactions/create",
        () if of("customer") => "customers/create",
        () if of("discount") => "discounts/create",
        () => "orders/updated",
    }
    .to_owned()
}

/// The bodies in a file: what the documentation wraps in a description and the API in the
/// name of the resource, a list one by one, and else the file as it is.
fn bodies(text: &str) -> Vec<String> {
    if let Ok(list) = serde_json::from_str::<Vec<Box<RawValue>>>(text) {
        return list.iter().map(|body| body.get().to_owned()).collect();
    }
    let object: BTreeMap<String, Box<RawValue>> = serde_json::from_str(text).expect("an object");
    for wrapping in ["response", "order", "refund", "orders", "customer"] {
        if let Some(inner) =
            object.get(wrapping).filter(|_| object.len() == 1 || wrapping == "response")
        {
            return bodies(inner.get());
        }
    }
    vec![text.to_owned()]
}
