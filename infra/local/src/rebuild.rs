//! `guerdon rebuild`: roll-ups counted anew from the ledger.

use std::{collections::HashMap, process::ExitCode};

use domain::ids::ProgramId;
use jiff::tz::TimeZone;
use serde_json::json;
use store::rollups::{self, Rebuilt, zone_of};

use crate::{
    tools::{
        Place, output,
        place::{self, Opened},
    },
    verify,
};

/// How `guerdon rebuild` was called.
#[derive(Debug, clap::Args)]
pub struct Rebuild {
    /// Where the tables are. While it counts nothing may be recorded, and the stream has to
    /// have come to its end.
    #[command(flatten)]
    pub place: Place,
    /// Count also where the ledger itself is not what was written: the roll-ups, which are the
    /// only other witness of it, are lost by that
    #[arg(long)]
    pub even_so: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Counts anew, after the ledger was proved.
///
/// # Errors
///
/// A sentence.
pub async fn run(options: Rebuild) -> Result<ExitCode, String> {
    let opened = place::open_existing(&options.place).await?;
    let done = rebuild(&opened, options.even_so).await;
    opened.close().await;
    let Rebuilt { rows, days, parked } = done?;
    match options.json {
        true => output::json(&json!({ "rows": rows, "days": days, "parked": parked })),
        false => output::text(&format!(
            "{rows} rows counted, {days} days changed, {parked} rows that were kept aside counted\n"
        )),
    }
    Ok(ExitCode::SUCCESS)
}

async fn rebuild(opened: &Opened, even_so: bool) -> Result<Rebuilt, String> {
    let report = verify::prove_opened(opened).await?;
    if report.of_the_ledger > 0 && !even_so {
        eprint!("{}", verify::as_text(&report));
        return Err("the ledger is not what was written, so nothing was counted".to_owned());
    }
    let zone = |(program, rulebook)| Some((program, zone_of(&rulebook)?));
    let rulebooks = verify::rulebooks(&opened.tables).await?;
    let zones: HashMap<ProgramId, TimeZone> = rulebooks.into_iter().filter_map(zone).collect();
    let rebuilt = rollups::rebuild(&opened.tables, &zones).await;
    rebuilt.map_err(|failure| failure.to_string())
}
