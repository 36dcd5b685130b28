//! DynamoDB: the ledger of chains, the registry, and the one read-decide-append loop.
//!
//! Not here: any rule about points (the domain's), any handler, any policy about who may
//! ask. Everything asks for the tables through the one small trait [`tables::Tables`],
//! which DynamoDB and the simulated tables implement.

pub mod boards;
pub mod budgets;
pub mod codec;
pub mod dynamodb;
#[cfg(test)]
mod fixture;
pub mod item;
pub mod ledger;
pub mod markers;
pub mod meter;
mod record;
pub mod registry;
mod remembered;
pub mod rollups;
pub mod routes;
#[cfg(any(test, feature = "simulated"))]
pub mod simulated;
mod slot;
pub mod tables;
pub mod verify;

pub use record::{ATTEMPTS_MAX, Mode, RecordError, Recorded, record, record_beside};
pub use slot::Slot;
