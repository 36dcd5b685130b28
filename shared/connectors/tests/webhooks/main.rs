//! What the front door takes and what it says, as a caller sees it.

mod chain;
mod connections;
mod house;
mod never_panics;
mod samples;
mod scenes;
mod sender;
mod shapes;
mod signatures;
mod traps;
