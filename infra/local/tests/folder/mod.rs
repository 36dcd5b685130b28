//! A data folder for a tool, which goes with the test.

use std::{
    path::PathBuf,
    process::{Command, Output},
};

use domain::time::Instant;
use local::stack::{Data, Options, Stack};
use serde_json::Value;

/// A data folder with the house program in it.
pub struct Folder {
    /// Where it is.
    pub path: PathBuf,
    /// The words before every argument, such as `keys`.
    tool: &'static [&'static str],
}

impl Folder {
    /// A folder of this name's, for a tool.
    pub async fn new(tool: &'static [&'static str], name: &str) -> Folder {
        let words = tool.join("-");
        let path = format!("guerdon-tools-{words}-{name}-{}", std::process::id());
        let path = std::env::temp_dir().join(path);
        let data = Data::Folder(path.clone());
        let options = Options { data, port: 0, clock: Instant::default() };
        let stack = Stack::start(options).await.expect("a stack");
        let house = local::program::read(None, Instant::default()).expect("the house program");
        local::program::publish(&stack.app, &house, "shop").await.expect("a published program");
        stack.stop().await;
        Folder { path, tool }
    }

    /// Runs the tool.
    pub fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_guerdon"));
        let data = self.path.display().to_string();
        command.args(self.tool).args(arguments).args(["--data", &data]);
        command.output().expect("the binary runs")
    }

    /// What the tool says in JSON.
    pub fn json(&self, arguments: &[&str]) -> Value {
        let arguments: Vec<&str> = arguments.iter().copied().chain(["--json"]).collect();
        let output = self.run(&arguments);
        let text = String::from_utf8_lossy(&output.stdout);
        let error = String::from_utf8_lossy(&output.stderr);
        serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}{error}"))
    }

    /// That the tool does nothing, and says so in this sentence.
    #[track_caller]
    pub fn check_refused(&self, arguments: &[&str], sentence: &str) {
        let output = self.run(arguments);
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{arguments:?}");
        assert!(error.contains(sentence), "{arguments:?}: {error}");
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.path);
    }
}
