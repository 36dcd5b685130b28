//! Makes one test of every story file, so that a new file needs no list.

use std::{fs, path::Path};

fn main() {
    println!("cargo::rerun-if-changed=stories");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("stories");
    let entries = fs::read_dir(&folder).expect("the folder of stories");
    let names = entries.map(|entry| entry.expect("an entry").file_name());
    let mut names: Vec<String> =
        names.map(|name| name.into_string().expect("a plain file name")).collect();
    names.sort();
    let mut tests = String::new();
    for file in &names {
        let Some(stem) = file.strip_suffix(".story") else { continue };
        let name = stem.replace('-', "_");
        tests.push_str(&format!(
            "#[tokio::test(flavor = \"multi_thread\")]\n\
             async fn {name}() -> Result<(), crate::teller::Otherwise> {{\n    \
             crate::teller::check(\"{file}\").await\n}}\n"
        ));
    }
    let out = std::env::var_os("OUT_DIR").expect("cargo names the folder of what is built");
    fs::write(Path::new(&out).join("stories.rs"), tests).expect("a written file");
}
