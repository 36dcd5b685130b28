//! `guerdon export`: the ledger as files, laid out as DynamoDB lays a table out that is
//! exported to S3, so that one set of queries reads both.
//!
//! The layout (Amazon DynamoDB Developer Guide, "DynamoDB table export output format"):
//! `AWSDynamoDB/{id}/data/*.json.gz` with an item a line in DynamoDB's JSON, and beside them
//! `manifest-files.json` and `manifest-summary.json`, which is written last: without it an
//! export is not whole.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use domain::time::Instant;
use flate2::{Compression, write::GzEncoder};
use md5::{Digest, Md5};
use serde_json::{Map, Value as Json, json};
use store::{
    item::{Item, Table, Value},
    tables::Tables,
};

use crate::tools::{Place, output, place};

/// The most rows of a file.
const ROWS_OF_A_FILE: usize = 100_000;

/// How `guerdon export` was called.
#[derive(Debug, clap::Args)]
pub struct Export {
    /// The folder to write into; every export is a folder of its own in it
    pub to: PathBuf,
    /// Where the tables are. What is recorded in an account meanwhile may be there or not:
    /// there, let DynamoDB export the table itself.
    #[command(flatten)]
    pub place: Place,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Writes a ledger into files.
///
/// # Errors
///
/// A sentence.
pub async fn run(options: Export) -> Result<ExitCode, String> {
    let opened = place::open_existing(&options.place).await?;
    let exported = write(&opened.tables, &options.to, opened.now).await;
    opened.close().await;
    let Exported { folder, rows } = exported?;
    let folder = folder.display().to_string();
    match options.json {
        true => output::json(&json!({ "folder": folder, "rows": rows })),
        false => output::text(&format!("{rows} rows of the ledger in {folder}\n")),
    }
    Ok(ExitCode::SUCCESS)
}

struct Exported {
    folder: PathBuf,
    rows: usize,
}

async fn write(tables: &impl Tables, to: &Path, now: Instant) -> Result<Exported, String> {
    let said = |error: io::Error| format!("{}: {error}", to.display());
    let id = name(now);
    let mut writing = Writing::begin(to.join("AWSDynamoDB").join(&id), id).map_err(said)?;
    let mut after = None;
    loop {
        let page = tables.scan(Table::Ledger, after).await;
        let page = page.map_err(|failure| failure.to_string())?;
        for item in &page.items {
            writing.item(item).map_err(said)?;
        }
        after = page.next;
        if after.is_none() {
            return writing.end(now).map_err(said);
        }
    }
}

/// As DynamoDB names its own: fourteen digits of milliseconds, and eight that tell apart what
/// began in the same one.
fn name(now: Instant) -> String {
    let salt = uuid::Uuid::now_v7().simple().to_string();
    format!("{:014}-{}", now.millis(), &salt[salt.len() - 8..])
}

/// An export that is being written.
struct Writing {
    id: String,
    folder: PathBuf,
    file: Option<DataFile>,
    files: Vec<Json>,
    rows: usize,
}

struct DataFile {
    name: String,
    rows: usize,
    out: GzEncoder<BufWriter<File>>,
}

impl Writing {
    fn begin(folder: PathBuf, id: String) -> io::Result<Writing> {
        fs::create_dir_all(folder.join("data"))?;
        Ok(Writing { id, folder, file: None, files: Vec::new(), rows: 0 })
    }

    fn item(&mut self, item: &Item) -> io::Result<()> {
        let mut file = match self.file.take() {
            Some(file) if file.rows < ROWS_OF_A_FILE => file,
            full => {
                full.map_or(Ok(()), |full| self.close(full))?;
                let name = format!("data/{:06}.json.gz", self.files.len());
                let out = BufWriter::new(File::create_new(self.folder.join(&name))?);
                DataFile { name, rows: 0, out: GzEncoder::new(out, Compression::default()) }
            }
        };
        serde_json::to_writer(&mut file.out, &json!({ "Item": attributes(item) }))?;
        file.out.write_all(b"\n")?;
        file.rows += 1;
        self.rows += 1;
        self.file = Some(file);
        Ok(())
    }

    fn close(&mut self, file: DataFile) -> io::Result<()> {
        let DataFile { name, rows, out } = file;
        out.finish()?.into_inner()?.sync_all()?;
        let digest = Md5::digest(fs::read(self.folder.join(&name))?);
        self.files.push(json!({
            "itemCount": rows,
            "md5Checksum": STANDARD.encode(digest),
            "dataFileS3Key": format!("AWSDynamoDB/{}/{name}", self.id),
        }));
        Ok(())
    }

    fn end(mut self, now: Instant) -> io::Result<Exported> {
        if let Some(file) = self.file.take() {
            self.close(file)?;
        }
        let lines: String = self.files.iter().map(|file| format!("{file}\n")).collect();
        fs::write(self.folder.join("manifest-files.json"), lines)?;
        let summary = json!({
            "version": "2023-08-01",
            "exportTime": now.to_string(),
            "manifestFilesS3Key": format!("AWSDynamoDB/{}/manifest-files.json", self.id),
            "itemCount": self.rows,
            "outputFormat": "DYNAMODB_JSON",
            "exportType": "FULL_EXPORT",
        });
        fs::write(self.folder.join("manifest-summary.json"), summary.to_string())?;
        Ok(Exported { folder: self.folder, rows: self.rows })
    }
}

/// An item in DynamoDB's JSON: each value beside the letter of its type, numbers as text.
fn attributes(item: &Item) -> Json {
    let attribute = |value: &Value| match value {
        Value::S(text) => json!({ "S": text }),
        Value::N(number) => json!({ "N": number.to_string() }),
        Value::B(bytes) => json!({ "B": STANDARD.encode(bytes) }),
    };
    let attributes: Map<String, Json> =
        item.0.iter().map(|(name, value)| (name.clone(), attribute(value))).collect();
    Json::Object(attributes)
}
