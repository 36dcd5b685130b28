//! Printing, also into a pipe that is closed before all is read.

use std::io::{ErrorKind, Write};

use serde::Serialize;

/// Prints a text as it is.
pub fn text(text: &str) {
    let mut out = std::io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            eprintln!("guerdon: what was to be printed is lost: {error}");
        }
        // Whoever closed the pipe has read enough.
        _ => {}
    }
}

/// Prints a value as JSON.
pub fn json(value: &impl Serialize) {
    let printed = serde_json::to_string_pretty(value).unwrap_or_default();
    text(&format!("{printed}\n"));
}
