//! What the page's charts show: whole numbers, and how to write them.

use serde::Serialize;

use crate::{
    against::Against,
    backtest::{Backtest, Month},
    numbers::percent,
    sections,
};

/// One chart, as the page's script reads it.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Chart {
    #[serde(skip)]
    pub title: String,
    /// What it shows, for who cannot see it.
    #[serde(skip)]
    pub about: String,
    kind: Kind,
    labels: Vec<String>,
    /// Values are whole numbers of the least unit: so many of them are one.
    scale: i64,
    /// Written after a value.
    unit: String,
    pub series: Vec<Series>,
}

#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Line,
    Area,
    Bars,
    Stack,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct Series {
    pub name: String,
    values: Vec<Option<i64>>,
}

impl Chart {
    /// Whether its series are areas of colour, not lines.
    pub fn is_filled(&self) -> bool {
        matches!(self.kind, Kind::Stack | Kind::Bars)
    }
}

fn by_month(
    program: &Backtest,
    (kind, title): (Kind, String),
    (scale, unit): (i64, &str),
    series: Vec<Series>,
) -> Chart {
    let labels = program.months.iter().map(|month| month.month.clone()).collect();
    let about = "The numbers are in the table of months.".to_owned();
    Chart { title, about, kind, labels, scale, unit: unit.to_owned(), series }
}

fn over_months(name: &str, program: &Backtest, value: impl Fn(&Month) -> Option<i64>) -> Series {
    Series { name: name.to_owned(), values: program.months.iter().map(value).collect() }
}

fn money_scale(program: &Backtest) -> i64 {
    10_i64.pow(u32::from(program.style.currency.minor_digits()))
}

pub(super) fn points(program: &Backtest) -> Chart {
    let series = vec![
        over_months("issued", program, |month| Some(month.in_month.issued)),
        over_months("redeemed", program, |month| Some(month.in_month.redeemed)),
        over_months("expired", program, |month| Some(month.in_month.expired)),
        over_months("clawed back", program, |month| Some(month.in_month.clawed_back)),
    ];
    let scale = 10_i64.pow(u32::from(program.decimals));
    let title = format!("What came and went ({})", program.points_name);
    by_month(program, (Kind::Line, title), (scale, &program.points_name), series)
}

pub(super) fn liability(program: &Backtest) -> Chart {
    let series = vec![
        over_months("liability", program, |month| Some(month.liability)),
        over_months("less breakage seen", program, |month| Some(month.liability_less_breakage)),
    ];
    let title = format!("Liability at the end of the month ({})", program.currency);
    let unit = (money_scale(program), program.currency.as_str());
    by_month(program, (Kind::Area, title), unit, series)
}

pub(super) fn cost(program: &Backtest) -> Chart {
    let cost = over_months("cost", program, |month| month.in_month.cost_share_basis_points);
    let title = "Cost as a share of revenue".to_owned();
    by_month(program, (Kind::Line, title), (100, "%"), vec![cost])
}

pub(super) fn in_reach(program: &Backtest) -> Chart {
    let members = over_months("members", program, sections::in_reach);
    let title = "Members who could have a reward at the end of the month".to_owned();
    by_month(program, (Kind::Area, title), (100, "%"), vec![members])
}

pub(super) fn levels(program: &Backtest) -> Chart {
    let levels = program.months.first().map_or(0, |month| month.levels.len());
    let series = (0..levels).map(|at| Series {
        name: program.months[0].levels[at].level.clone(),
        values: program.months.iter().map(|month| Some(month.levels[at].members)).collect(),
    });
    let title = "Members by level at the end of the month".to_owned();
    let about = "The numbers follow.".to_owned();
    let series = series.collect();
    Chart { about, ..by_month(program, (Kind::Stack, title), (1, "members"), series) }
}

pub(super) fn days_to_first(program: &Backtest) -> Chart {
    let first = &program.first_reward;
    let members = first.by_days.iter().map(|members| Some(*members)).collect();
    Chart {
        title: "Days from joining to the first reward in reach".to_owned(),
        about: format!(
            "{} of the members could ever have one. The numbers follow.",
            percent(first.reached_basis_points)
        ),
        kind: Kind::Bars,
        labels: (0..first.by_days.len()).map(sections::days_of_step).collect(),
        scale: 1,
        unit: "members".to_owned(),
        series: vec![Series { name: "members".to_owned(), values: members }],
    }
}

pub(super) fn deciles(this: &Backtest, against: &Against) -> Chart {
    let gains = against.deciles.iter().map(|gain| Some(*gain)).collect();
    Chart {
        title: format!("What a member gains, by tenths of the members ({})", this.currency),
        about: "The numbers follow.".to_owned(),
        kind: Kind::Bars,
        labels: sections::TENTHS.iter().map(|tenth| (*tenth).to_owned()).collect(),
        scale: money_scale(this),
        unit: this.currency.clone(),
        series: vec![Series { name: "gain".to_owned(), values: gains }],
    }
}
