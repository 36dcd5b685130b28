//! Webhooks of shops, from the signature to the member's points.

pub mod bodies;
mod guests;
pub mod sender;
mod signatures;
mod told;
