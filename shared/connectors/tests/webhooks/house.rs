//! A connector is a function of its arguments.

use std::{fs, path::Path};

fn sources(folder: &Path, each: &mut dyn FnMut(&Path, &str)) {
    for entry in fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, each);
        } else {
            let text = fs::read_to_string(&path).expect("a source");
            each(&path, text.split("#[cfg(test)]").next().unwrap_or_default());
        }
    }
}

#[test]
fn connectors_know_no_clock_no_network_no_environment_and_no_floats() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest = fs::read_to_string(root.join("Cargo.toml")).expect("the manifest");
    let manifest = manifest.split("[dev-dependencies]").next().unwrap_or_default();
    for name in ["tokio", "aws-", "store", "edge", "axum", "reqwest", "rand", "uuid"] {
        assert!(!manifest.lines().any(|line| line.starts_with(name)), "depends on {name}");
    }
    let forbidden =
        ["::now()", "SystemTime", "std::env", "async fn", "f32", "f64", "std::net", "unwrap()"];
    sources(&root.join("src"), &mut |path, text| {
        for (number, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            for word in forbidden {
                assert!(!code.contains(word), "{}:{}: {word}", path.display(), number + 1);
            }
        }
    });
}
