//! Webhooks of shops, from the signature to the member's points.

mod bodies;
mod guests;
mod sender;
mod signatures;
mod told;
