//! The definitions that a story is told by, as they are published.

use std::path::{Path, PathBuf};

use domain::{
    definition,
    program::Program,
    time::{Day, Instant},
};
use edge::{App, PublishedProgram};
use local::program::{self, Definition};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use crate::{
    client::SOURCE,
    file::{Story, Variant},
};

/// Where stories are, and the programs that only they speak of.
pub fn stories() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("stories")
}

/// The definitions of a story, oldest first: versions of one program, whose id is the
/// first one's.
pub fn of(story: &Story, variant: Option<&Variant>) -> Result<Vec<Definition>, String> {
    let mut definitions: Vec<Definition> = Vec::new();
    let mut varied = variant.is_none();
    for (version, number) in story.versions.iter().zip(1..) {
        let (mut text, name) = read(&version.file)?;
        if let Some(first) = definitions.first() {
            let id = format!("\"{}\"", first.program.id);
            text = with(&text, "program.id", &id).ok_or("the program has no id")?;
        }
        if let (Some(varies), Some(variant)) = (&story.varies, variant)
            && let Some(changed) = with(&text, &varies.key, &variant.value)
        {
            (text, varied) = (changed, true);
        }
        let program = definition::parse(&text, &name, number, Instant::default());
        let mut program = program.map_err(|refused| refused.to_string())?;
        program.in_force_from = match version.from {
            Some(day) => Day::from_date(day).starts_at(&program.time_zone),
            None => first_day(story, &program),
        };
        definitions.push(Definition { text, program });
    }
    if !varied {
        let key = story.varies.as_ref().map_or("", |varies| &varies.key);
        return Err(format!("no program of the story has the key {key}: write it there"));
    }
    Ok(definitions)
}

/// The start of the day on which the story begins.
fn first_day(story: &Story, program: &Program) -> Instant {
    let zone = &program.time_zone;
    let first = story.lines.first().map(|line| line.when.timestamp(zone)).unwrap_or_default();
    Day::of(Instant::from_timestamp(first), zone).starts_at(zone)
}

/// The text of a definition beside the stories, or else of one in the gallery.
pub fn read(name: &str) -> Result<(String, String), String> {
    let gallery = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/programs");
    let files = [stories().join(format!("{name}.toml")), gallery.join(format!("{name}.toml"))];
    let found = files.iter().find(|file| file.exists());
    let file = found.ok_or_else(|| {
        format!("there is no {name}.toml, neither beside the stories nor in shared/programs")
    })?;
    let text = std::fs::read_to_string(file).map_err(|error| format!("{name}.toml: {error}"))?;
    let shown = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok((text, shown))
}

/// The text with another value at a key: `tiers.on_refund`, or in a list of things with
/// ids `earn.spend.points`. None where there is no such key.
pub fn with(text: &str, key: &str, value: &str) -> Option<String> {
    let tree = DeTable::parse(text).ok()?;
    let mut steps = key.split('.');
    let mut at: &Spanned<DeValue<'_>> = field(tree.get_ref(), steps.next()?)?;
    for step in steps {
        at = match at.get_ref() {
            DeValue::Table(table) => field(table, step)?,
            DeValue::Array(items) => items.iter().find(|item| has_id(item, step))?,
            _ => return None,
        };
    }
    let span = at.span();
    Some(format!("{}{value}{}", text.get(..span.start)?, text.get(span.end..)?))
}

fn field<'a, 'i>(table: &'a DeTable<'i>, name: &str) -> Option<&'a Spanned<DeValue<'i>>> {
    table.iter().find(|(key, _)| key.get_ref() == name).map(|(_, value)| value)
}

fn has_id(item: &Spanned<DeValue<'_>>, id: &str) -> bool {
    let DeValue::Table(table) = item.get_ref() else { return false };
    let found = field(table, "id").map(Spanned::get_ref);
    matches!(found, Some(DeValue::String(text)) if text == id)
}

/// Publishes every version; the first as any program of the local stack.
pub async fn publish(app: &App, definitions: &[Definition]) -> Result<(), String> {
    let (first, later) = definitions.split_first().ok_or("a story has a program")?;
    let id = program::publish(app, first, SOURCE).await?;
    for definition in later {
        let version = published(definition);
        version.publish(app.tables(), &id).await.map_err(|failure| failure.to_string())?;
    }
    app.forget_program(&id);
    Ok(())
}

/// A definition as the registry keeps it.
pub fn published(definition: &Definition) -> PublishedProgram {
    let from = definition.program.in_force_from;
    PublishedProgram {
        definition: definition.text.clone(),
        version: definition.program.version,
        in_force_from: from,
        published_at: from,
        author: SOURCE.to_owned(),
    }
}
