//! The local stack: everything that runs in AWS, in one process, on loopback.
//!
//! The same routers and the same functions as the Lambda binaries serve, over an
//! embedded DynamoDB-compatible store and an embedded SQS-compatible queue.

pub mod clock;
pub mod connections;
pub mod demo;
pub mod dev;
pub mod export;
pub mod keys;
pub mod pollers;
pub mod program;
pub mod publish;
pub mod queue;
pub mod rebuild;
pub mod reconcile;
pub mod rejections;
pub mod relay_again;
pub mod replay;
pub mod shop;
pub mod simulate;
pub mod stack;
pub mod status;
pub mod subscribers;
pub mod tables;
pub mod token;
pub mod tools;
pub mod verify;
