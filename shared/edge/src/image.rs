//! Images of the ledger's stream, as Lambda hands them over.

use serde_dynamo::AttributeValue;
use store::item::{Item, Value};

/// An image as an item; values of kinds that nothing here writes are left out, which makes
/// the row one that cannot be read.
pub fn item_of_image(image: serde_dynamo::Item) -> Item {
    let mut item = Item::default();
    for (name, value) in image.into_inner() {
        let value = match value {
            AttributeValue::S(text) => Some(Value::S(text)),
            AttributeValue::N(number) => number.parse().ok().map(Value::N),
            AttributeValue::B(bytes) => Some(Value::B(bytes)),
            _ => None,
        };
        if let Some(value) = value {
            item.0.insert(name, value);
        }
    }
    item
}
