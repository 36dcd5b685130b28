//! The report as tables for a terminal.

use crate::{
    backtest::Backtest,
    report::Report,
    sections::{self, Section},
};

/// The report for a person at a terminal.
pub fn table(report: &Report) -> String {
    let this = &report.backtest;
    let mut text = Text::default();
    text.line(&sections::scope(report));
    text.line(&report.redemption_sentence);
    text.program(this);
    if let Some(against) = &report.against {
        text.program(&against.other);
        text.line("");
        text.line(&sections::compared(this, against));
        text.section(&sections::deciles(this, against));
        sections::extremes(this, against).iter().for_each(|section| text.section(section));
    }
    text.line("\nAssumed");
    this.assumptions.iter().for_each(|sentence| text.line(&format!("  {sentence}")));
    text.0
}

#[derive(Default)]
struct Text(String);

impl Text {
    fn line(&mut self, line: &str) {
        self.0.push_str(line.trim_end());
        self.0.push('\n');
    }

    fn program(&mut self, program: &Backtest) {
        let Backtest { name, program: id, time_zone, .. } = program;
        self.line(&format!("\n{name} ({id}), months in {time_zone}"));
        self.rows(&sections::totals(program));
        sections::targets(program).iter().for_each(|section| self.section(section));
        self.section(&sections::months(program));
        sections::levels(program).iter().for_each(|section| self.section(section));
        self.line("");
        self.line(&sections::first_reward(program));
        self.section(&sections::rules(program));
        self.section(&sections::costliest_members(program));
        self.section(&sections::costliest_orders(program));
    }

    fn section(&mut self, section: &Section) {
        self.line(&format!("\n{}", section.title));
        self.rows(section);
    }

    /// Columns as wide as they need to be: the first to the left, the others to the right.
    fn rows(&mut self, section: &Section) {
        let heads = Some(&section.heads).filter(|heads| !heads.is_empty());
        let rows: Vec<&Vec<String>> = heads.into_iter().chain(&section.rows).collect();
        let width = |column: usize| {
            let cells = rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let columns = rows.iter().map(|row| row.len()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..columns).map(width).collect();
        for row in rows {
            let cells = row.iter().zip(&widths).enumerate().map(|(at, (cell, width))| match at {
                0 => format!("  {cell:<width$}"),
                _ => format!("  {cell:>width$}"),
            });
            self.line(&cells.collect::<String>());
        }
    }
}
