//! Programs for tests.

#![allow(dead_code)]

use domain::{definition, program::Program, time::Instant};

/// 2026-01-01.
pub const START: Instant = Instant::from_millis(1_767_225_600_000);

/// The text of a program of the gallery.
pub fn gallery(name: &str) -> String {
    let path = format!("{}/../../../shared/programs/{name}.toml", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).expect("a program of the gallery")
}

/// The names of the gallery's programs.
pub fn names() -> Vec<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/programs");
    let files = std::fs::read_dir(folder).expect("the gallery");
    let names = files.map(|file| file.expect("a file").file_name().into_string().expect("a name"));
    let mut names: Vec<String> =
        names.filter_map(|name| name.strip_suffix(".toml").map(str::to_owned)).collect();
    names.sort_unstable();
    names
}

/// The program that a text means.
pub fn program(text: &str) -> Program {
    version(text, 1)
}

/// One version of it, in force from the first of January 2026.
pub fn version(text: &str, version: u32) -> Program {
    let program = definition::parse(text, "test.toml", version, START);
    program.unwrap_or_else(|refused| panic!("{refused}\n{text}"))
}

/// The lines of the smallest program, and what follows them.
pub fn small(rest: &str) -> String {
    let start = r#"[program]
id = "small"
name = "Small"
time_zone = "Europe/London"
money = "GBP"
[points]
cost = "0.01 GBP"
"#;
    format!("{start}{rest}")
}

/// Compares a text with the one that is kept in `tests/golden`; `GOLDEN=write` keeps it.
pub fn golden(name: &str, text: &str) {
    let path = format!("{}/tests/golden/{name}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("GOLDEN").is_some_and(|it| it == "write") {
        std::fs::write(&path, text).expect("a written file");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == text, "{name} is now (GOLDEN=write keeps it):\n{text}");
}
