//! What can be said about a program before anybody is in it: where it makes no sense, what
//! it says in plain sentences, what a new version changes and whether it may follow.
//!
//! All of it is a function of definitions: no files, no tables, no clock.

pub mod check;
pub mod diff;
pub mod explain;
pub mod habits;
pub mod succession;
mod words;

pub use words::Audience;
