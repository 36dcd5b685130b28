//! Prints what a file of orders holds: `cargo run --release -p orders --example summary FILE`.

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(path) = std::env::args().nth(1) else {
        eprintln!("usage: summary FILE");
        return ExitCode::FAILURE;
    };
    match orders::read(Path::new(&path)) {
        Ok(file) => {
            print!("{}", file.summary);
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
