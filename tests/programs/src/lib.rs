//! Stories as files: `stories/*.story`, told to the real handlers over the local stack.
//!
//! README.md beside this crate's manifest says how a story is written. Each file is a
//! test.

#![cfg(test)]

mod amounts;
mod arguments;
mod client;
mod definitions;
mod expected;
mod facts;
mod file;
mod proof;
mod teller;

mod the_format;

mod stories {
    include!(concat!(env!("OUT_DIR"), "/stories.rs"));
}
