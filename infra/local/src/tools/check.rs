//! `guerdon program check`: errors, and warnings about what makes no sense.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use domain::{
    definition::{self, Problem},
    program::Program,
    time::{Day, Instant},
};
use edge::Clock;
use orders::{FileFact, FileOrder, OrderFile};
use programs::{
    check::{Finding, warnings},
    habits::Habits,
};
use serde_json::{Value, json};

use super::{instant, output, text_of};

/// How `guerdon program check` was called.
#[derive(Debug, clap::Args)]
pub struct Check {
    /// The definition files
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// An order file: whether members come in time and can gather what rewards cost
    #[arg(long, value_name = "FILE")]
    pub orders: Option<PathBuf>,
    /// The time as of which campaigns are over; now unless given
    #[arg(long, value_name = "INSTANT")]
    pub at: Option<String>,
    /// Take warnings for errors
    #[arg(long)]
    pub strict: bool,
    /// Print the findings as JSON
    #[arg(long)]
    pub json: bool,
}

/// What was found in one file.
#[derive(Default)]
struct Checked {
    file: String,
    /// Why it is no text at all.
    unreadable: Option<String>,
    program: Option<String>,
    problems: Vec<Problem>,
    warnings: Vec<Finding>,
}

/// Checks the files.
///
/// # Errors
///
/// One sentence when a file cannot be read at all.
pub fn run(check: &Check) -> Result<ExitCode, String> {
    let orders = check.orders.as_deref().map(crate::replay::read).transpose()?;
    let checked = check.files.iter().map(|file| checked(check, file, orders.as_ref()));
    let checked: Vec<Checked> = checked.collect::<Result<_, _>>()?;
    if check.json {
        let files: Vec<Value> = checked.iter().map(as_json).collect();
        output::json(&json!({ "files": files }));
    } else {
        output::text(&checked.iter().map(as_text).collect::<String>());
    }
    let bad = |it: &Checked| !it.is_sound() || (check.strict && !it.warnings.is_empty());
    Ok(if checked.iter().any(bad) { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

impl Checked {
    fn is_sound(&self) -> bool {
        self.unreadable.is_none() && self.problems.is_empty()
    }
}

fn checked(check: &Check, file: &Path, orders: Option<&OrderFile>) -> Result<Checked, String> {
    let name = file.display().to_string();
    let nothing = Checked { file: name.clone(), ..Checked::default() };
    let text = match text_of(file) {
        Ok(text) => text,
        Err(sentence) => return Ok(Checked { unreadable: Some(sentence), ..nothing }),
    };
    let program = match definition::parse(&text, &name, 1, Instant::default()) {
        Ok(program) => program,
        Err(refused) => {
            return Ok(Checked { problems: refused.problems, ..nothing });
        }
    };
    let at = match &check.at {
        Some(at) => instant::read(at, &program)?,
        None => Clock::System.now(),
    };
    let habits = orders.map(|orders| habits(orders, &program, file)).transpose()?;
    let warnings = warnings(&program, at, habits.as_ref());
    let program = Some(program.id.to_string());
    Ok(Checked { program, warnings, ..nothing })
}

/// How members buy, by an order file.
fn habits(orders: &OrderFile, program: &Program, file: &Path) -> Result<Habits, String> {
    let counted = orders.facts.iter().filter_map(|fact| match fact {
        FileFact::Order(order) if order.currency == program.money.code() => Some(order),
        FileFact::Order(_) | FileFact::Refund(_) => None,
    });
    let order = |order: &FileOrder| {
        let at = Instant::from_timestamp(order.placed_at);
        (order.member.clone(), Day::of(at, &program.time_zone), amount(order, program))
    };
    let counted: Vec<(String, Day, i64)> = counted.map(order).collect();
    if counted.is_empty() {
        let (file, money) = (file.display(), program.money);
        return Err(format!("no order of the order file is paid in {money}, which {file} counts"));
    }
    Ok(Habits::new(counted))
}

/// What the goods of an order come to that count, in minor units.
fn amount(order: &FileOrder, program: &Program) -> i64 {
    let never = program.bases.first().map(|base| base.without_categories.as_slice());
    let counts = |category: &Option<String>| {
        category.as_ref().is_none_or(|it| !never.unwrap_or_default().contains(it))
    };
    let lines = order.lines.iter().filter(|line| counts(&line.category));
    lines.fold(0_i64, |sum, line| {
        let price = line.unit_price.saturating_mul(i64::from(line.quantity));
        sum.saturating_add(price.saturating_sub(line.discount))
    })
}

fn as_text(checked: &Checked) -> String {
    let mut text = String::new();
    if let Some(sentence) = &checked.unreadable {
        text.push_str(&format!("{sentence}\n"));
    }
    for problem in &checked.problems {
        text.push_str(&format!("{problem}\n"));
    }
    for finding in &checked.warnings {
        let (file, path, sentence) = (&checked.file, &finding.path, &finding.sentence);
        text.push_str(&format!("{file}: warning: {path}: {sentence} ({})\n", code(finding)));
    }
    if let Some(program) = &checked.program {
        let (file, warnings) = (&checked.file, checked.warnings.len());
        let but = match warnings {
            0 => String::new(),
            1 => ", with a warning".to_owned(),
            many => format!(", with {many} warnings"),
        };
        text.push_str(&format!("{file}: the program {program:?} is sound{but}\n"));
    }
    text
}

fn code(finding: &Finding) -> String {
    let code = serde_json::to_value(finding.code).unwrap_or_default();
    code.as_str().unwrap_or_default().to_owned()
}

fn as_json(checked: &Checked) -> Value {
    let problem = |problem: &Problem| {
        json!({
            "code": "REFUSED",
            "severity": "error",
            "path": problem.path,
            "line": problem.line,
            "column": problem.column,
            "sentence": problem.to_string(),
        })
    };
    let warning = |finding: &Finding| {
        let mut value = serde_json::to_value(finding).unwrap_or_default();
        value["severity"] = "warning".into();
        value
    };
    let unreadable = |sentence: &String| json!({ "code": "UNREADABLE", "severity": "error", "path": "", "sentence": sentence });
    let findings = checked.unreadable.iter().map(unreadable);
    let findings = findings.chain(checked.problems.iter().map(problem));
    let findings = findings.chain(checked.warnings.iter().map(warning));
    json!({
        "file": checked.file,
        "program": checked.program,
        "sound": checked.is_sound(),
        "findings": findings.collect::<Vec<Value>>(),
    })
}
