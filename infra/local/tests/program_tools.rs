//! `guerdon program …` from outside: exit codes, output, and what goes wrong.

use std::{
    io::Read,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use domain::time::Instant;
use local::stack::{Data, Options, Stack};
use serde_json::Value;

fn guerdon(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_guerdon"));
    command.arg("program").args(arguments).output().expect("the binary runs")
}

fn told(output: &Output) -> (String, String, i32) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr), output.status.code().unwrap_or(-1))
}

fn json(arguments: &[&str]) -> Value {
    let (out, error, _) = told(&guerdon(arguments));
    serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{error}"))
}

fn gallery(name: &str) -> String {
    format!("{}/../../shared/programs/{name}.toml", env!("CARGO_MANIFEST_DIR"))
}

/// A folder of its own that goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let folder = format!("guerdon-tools-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(folder);
        std::fs::create_dir_all(&folder).expect("a folder");
        Folder(folder)
    }

    fn file(&self, name: &str, text: &str) -> String {
        let file = self.0.join(name);
        std::fs::write(&file, text).expect("a written file");
        file.display().to_string()
    }

    fn data(&self) -> String {
        self.0.join("data").display().to_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_schema_may_be_read_in_part() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_guerdon"));
    let command = command.args(["program", "schema"]);
    let mut child =
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary runs");
    let mut some = [0; 16];
    child.stdout.take().expect("a pipe").read_exact(&mut some).expect("a beginning");
    let (_, error, code) = told(&child.wait_with_output().expect("an end"));
    assert_eq!((error.as_str(), code), ("", 0), "the rest is nobody's");
}

#[test]
fn errors_fail_and_warnings_do_so_when_that_is_asked_for() {
    let folder = Folder::new("check");
    let bad = folder.file("bad.toml", "[program]\nid = \"bad\"\nnmae = \"Bad\"\n");
    let mint = std::fs::read_to_string(gallery("house")).expect("the house");
    let mint =
        folder.file("mint.toml", &mint.replace("\"100 per 1.00 GBP\"", "\"1 per 1.00 GBP\""));
    let at = ["--at", "2026-11-22"];
    let check = |files: &[&str]| told(&guerdon(&[&["check"], files, &at].concat()));
    let (out, _, code) = check(&[&gallery("house")]);
    assert!(out.ends_with("the program \"house\" is sound\n"), "{out}");
    assert_eq!((out.lines().count(), code), (1, 0));
    let (out, _, code) = check(&[&mint]);
    assert!(out.contains("warning: reward[0]: money-off is cheaper to earn"), "{out}");
    assert!(out.contains("(GIVES_BACK_TOO_MUCH)") && code == 0, "{out}");
    assert_eq!(check(&[&mint, "--strict"]).2, 1);
    let (out, _, code) = check(&[&bad, &gallery("house"), "/nowhere/no.toml"]);
    assert!(out.contains("bad.toml:3: program.nmae: \"nmae\" is not known"), "{out}");
    assert!(out.contains("\"house\" is sound") && out.contains("/nowhere/no.toml cannot be read"));
    assert_eq!(code, 1);
    let found = json(&[&["check", &bad, &mint, "--json"], at.as_slice()].concat());
    let finding = &found["files"][0]["findings"][0];
    assert_eq!((&finding["severity"], &finding["line"]), (&"error".into(), &1.into()));
    assert!(found.to_string().contains("\"path\":\"program.nmae\""), "{found}");
    let warning = &found["files"][1]["findings"][1];
    assert_eq!(warning["severity"], "warning");
    assert_eq!(warning["code"], "GIVES_BACK_TOO_MUCH");
    assert_eq!((&warning["path"], &warning["id"]), (&"reward[0]".into(), &"money-off".into()));
}

#[test]
fn an_order_file_says_whether_members_come_in_time() {
    let folder = Folder::new("orders");
    let mut orders =
        String::from("kind,order,member,at,line,product,quantity,unit_price,currency\n");
    for month in 1..=12 {
        for member in ["ann", "bob"] {
            orders.push_str(&format!(
                "order,{member}-{month},{member},2026-{month:02}-05T10:00:00Z,1,mug,1,20.00,GBP\n"
            ));
        }
    }
    let orders = folder.file("orders.csv", &orders);
    let house = std::fs::read_to_string(gallery("house")).expect("the house");
    let short =
        house.replace("\"12 months\", round = \"end of month\"", "\"20 days\", round = \"none\"");
    let short = folder.file("short.toml", &short);
    let codes = |file: &str| -> Vec<String> {
        let found = json(&["check", file, "--orders", &orders, "--at", "2026-11-22", "--json"]);
        let findings = found["files"][0]["findings"].as_array().cloned().unwrap_or_default();
        findings.iter().map(|it| it["code"].as_str().unwrap_or_default().to_owned()).collect()
    };
    assert_eq!(
        codes(&short),
        ["ENDS_TOO_SOON", "REWARD_OUT_OF_REACH", "REWARD_OUT_OF_REACH", "REWARD_OUT_OF_REACH"]
    );
    assert_eq!(codes(&gallery("house")), ["REWARD_OUT_OF_REACH", "REWARD_OUT_OF_REACH"]);
    let (_, error, code) = told(&guerdon(&["check", &gallery("coffee"), "--orders", &orders]));
    assert!(error.contains("no order of the order file is paid in USD"), "{error}");
    assert_eq!(code, 1);
}

#[test]
fn explanations_and_differences_are_text_or_json() {
    let (customers, _, _) =
        told(&guerdon(&["explain", &gallery("starbucks_2019"), "--for", "customers"]));
    assert!(customers.contains("You earn 2 Stars for each $1.00 spent"), "{customers}");
    let staff = json(&["explain", &gallery("house"), "--json"]);
    let sentences = staff["sections"].as_array().into_iter().flatten();
    let sentences: Vec<&Value> = sentences
        .flat_map(|section| section["sentences"].as_array().into_iter().flatten())
        .collect();
    let of = |path: &str| sentences.iter().find(|it| it["path"] == path).copied();
    let spend = of("earn[0]").expect("the first rule");
    assert_eq!((&spend["id"], &spend["by_default"]), (&"spend".into(), &false.into()));
    assert_eq!(of("points.decimals").map(|it| &it["by_default"]), Some(&true.into()));

    let folder = Folder::new("diff");
    let house = std::fs::read_to_string(gallery("house")).expect("the house");
    let dear = folder.file("dear.toml", &house.replace("price = 800", "price = 900"));
    let (out, _, code) = told(&guerdon(&["diff", &gallery("house"), &dear]));
    assert_eq!(out, "tote-bag price: 800 points → 900 points: it costs members more\n");
    assert_eq!(code, 0);
    let found = json(&["diff", &gallery("house"), &dear, "--json"]);
    assert_eq!(found["differences"][0]["before"], "800 points");
    assert_eq!(found["differences"][0]["kind"], "changed");
    let (out, _, _) = told(&guerdon(&["diff", &dear, &dear]));
    assert_eq!(out, "they mean the same\n");
    let (_, error, code) = told(&guerdon(&["diff", &dear, "/nowhere/no.toml"]));
    assert!(error.contains("cannot be read") && code == 1, "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_are_published_into_a_data_folder_that_nobody_else_uses() {
    let folder = Folder::new("publish");
    let data = folder.data();
    let house = std::fs::read_to_string(gallery("house")).expect("the house");
    let second = folder.file("second.toml", &house.replace("price = 800", "price = 900"));
    let publish = |file: &str, from: &str| {
        told(&guerdon(&["publish", file, "--from", from, "--author", "ada", "--data", &data]))
    };
    let (_, error, code) = publish(&gallery("house"), "tomorrow");
    assert!(error.contains("\"tomorrow\" is no time") && code == 1, "{error}");
    let (out, error, code) = publish(&gallery("house"), "2100-01-01");
    assert_eq!(
        (out.as_str(), code),
        ("version 1 of house is in force from 2100-01-01T00:00:00Z\n", 0),
        "{error}"
    );
    let (_, error, code) = publish(&second, "2020-01-01T00:00:00Z");
    assert!(error.contains("which is past") && error.contains("before version 1"), "{error}");
    assert_eq!(code, 1);
    let (out, _, _) = publish(&second, "2100-02-01T09:00:00");
    assert!(out.starts_with("version 2 of house is in force from 2100-02-01T09:00:00Z"), "{out}");
    let listed = json(&["versions", "house", "--data", &data, "--json"]);
    assert_eq!(listed["versions"][1]["author"], "ada");
    assert_eq!(listed["versions"][1]["version"], 2);
    let (out, _, _) = told(&guerdon(&["versions", "house", "--data", &data]));
    assert_eq!(out.lines().count(), 2, "{out}");

    let options = Options {
        data: Data::Folder(Path::new(&data).to_owned()),
        port: 0,
        clock: Instant::default(),
    };
    let stack = Stack::start(options).await.expect("a stack");
    let (_, error, code) = publish(&second, "2100-03-01");
    assert!(error.contains("is in use by another process: stop that one"), "{error}");
    assert_eq!(code, 1);
    stack.stop().await;
    let (_, error, _) = told(&guerdon(&["versions", "other", "--data", &data]));
    assert!(error.contains("there is no program \"other\""), "{error}");
    let (_, error, _) = told(&guerdon(&["versions", "house", "--data", "/nowhere"]));
    assert!(error.contains("there is no data in /nowhere"), "{error}");
}

#[test]
fn without_a_command_it_takes_what_dev_takes() {
    let binary = || Command::new(env!("CARGO_BIN_EXE_guerdon"));
    let arguments = ["--port", "0", "--data", "/dev/null/nowhere"];
    let short = told(&binary().args(arguments).output().expect("the binary runs"));
    let long = told(&binary().arg("dev").args(arguments).output().expect("the binary runs"));
    assert_eq!(short, long);
    assert!(short.1.starts_with("guerdon: ") && short.2 == 1, "{short:?}");
    let both = binary().args(["--port", "0", "verify"]).output().expect("the binary runs");
    assert_eq!(told(&both).2, 2, "what dev takes is for dev alone");
}
