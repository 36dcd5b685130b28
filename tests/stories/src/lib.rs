//! Members' lives as stories, and properties of every life.
#![cfg(test)]

mod life;
mod programs;
mod script;

mod properties;
mod stories;
