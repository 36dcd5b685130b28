//! The report as one page with charts: nothing is fetched when it is viewed.

mod charts;

use std::fmt::Write;

use charts::Chart;

use crate::{
    against::Against,
    backtest::Backtest,
    report::Report,
    sections::{self, Section},
};

const CHARTIST: &str = include_str!("../assets/chartist.js");
const CHARTIST_LICENSE: &str = include_str!("../assets/chartist.LICENSE");
const STYLE: &str = include_str!("../assets/page.css");
const SCRIPT: &str = include_str!("../assets/page.js");

/// Lets the page use what is in it, and fetch nothing.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'";

/// The page.
pub fn html(report: &Report) -> String {
    let mut page = Page::default();
    let this = &report.backtest;
    let title = match &report.against {
        Some(against) => format!("{} against {}", this.name, against.other.name),
        None => this.name.clone(),
    };
    page.raw("<header>");
    page.element("h1", &title);
    page.element("p", &format!("{}.", sections::scope(report)));
    page.element("p", &report.redemption_sentence);
    page.raw("</header>\n<main>");
    if let Some(against) = &report.against {
        page.comparison(this, against);
    }
    page.program(this, report.against.is_some());
    if let Some(against) = &report.against {
        page.program(&against.other, true);
    }
    page.raw("<section><h2>Assumed</h2><ul>");
    this.assumptions.iter().for_each(|sentence| page.element("li", sentence));
    page.raw("</ul></section>\n</main>");
    page.finish(&title)
}

/// A page while it is written.
#[derive(Default)]
struct Page {
    body: String,
    charts: Vec<Chart>,
}

impl Page {
    fn raw(&mut self, html: &str) {
        self.body.push_str(html);
        self.body.push('\n');
    }

    fn element(&mut self, name: &str, text: &str) {
        let _ = writeln!(self.body, "<{name}>{}</{name}>", escaped(text));
    }

    fn comparison(&mut self, this: &Backtest, against: &Against) {
        self.raw("<section>");
        self.element("h2", "Who gains and who loses");
        self.element("p", &sections::compared(this, against));
        self.raw("<div class=\"charts\">");
        charts::both(this, &against.other).into_iter().for_each(|chart| self.chart(chart));
        self.figure(charts::deciles(this, against), &sections::deciles(this, against));
        self.raw("</div><div class=\"tables\">");
        sections::extremes(this, against).iter().for_each(|section| self.table(section));
        self.raw("</div></section>");
    }

    fn program(&mut self, program: &Backtest, is_named: bool) {
        self.raw("<section>");
        if is_named {
            self.element("h2", &format!("{} ({})", program.name, program.program));
        }
        self.figures(&sections::totals(program));
        sections::targets(program).iter().for_each(|section| self.table(section));
        self.element("p", &sections::first_reward(program));
        self.raw("<div class=\"charts\">");
        let months = sections::months(program);
        self.chart(charts::points(program));
        self.chart(charts::liability(program));
        self.chart(charts::cost(program));
        self.chart(charts::in_reach(program));
        if let Some(levels) = sections::levels(program) {
            self.figure(charts::levels(program), &levels);
        }
        self.figure(charts::days_to_first(program), &sections::days_to_first(program));
        self.raw("</div>");
        self.table(&months);
        self.raw("<div class=\"tables\">");
        self.table(&sections::costliest_members(program));
        self.table(&sections::costliest_orders(program));
        self.table(&sections::rules(program));
        self.raw("</div></section>");
    }

    /// The single numbers, each with its name.
    fn figures(&mut self, section: &Section) {
        self.raw("<dl class=\"figures\">");
        for row in &section.rows {
            let [name, value] = row.as_slice() else { continue };
            let (name, value) = (escaped(name), escaped(value));
            let _ = writeln!(self.body, "<div><dt>{name}</dt><dd>{value}</dd></div>");
        }
        self.raw("</dl>");
    }

    /// A chart whose numbers are in a table further down.
    fn chart(&mut self, chart: Chart) {
        self.raw("<figure>");
        self.drawing(chart);
        self.raw("</figure>");
    }

    /// A chart with its numbers under it.
    fn figure(&mut self, chart: Chart, numbers: &Section) {
        self.raw("<figure>");
        self.drawing(chart);
        self.raw("<details><summary>Numbers</summary>");
        self.table(numbers);
        self.raw("</details></figure>");
    }

    fn drawing(&mut self, chart: Chart) {
        let at = self.charts.len();
        let (title, about) = (escaped(&chart.title), escaped(&chart.about));
        let _ = writeln!(self.body, "<figcaption>{title}</figcaption>");
        if chart.series.len() > 1 {
            let solid = if chart.is_filled() { " solid" } else { "" };
            let _ = writeln!(self.body, "<ul class=\"legend{solid}\" aria-hidden=\"true\">");
            for (series, letter) in chart.series.iter().zip('a'..='z') {
                let name = escaped(&series.name);
                let _ = writeln!(self.body, "<li class=\"key-{letter}\">{name}</li>");
            }
            self.raw("</ul>");
        }
        let _ = writeln!(
            self.body,
            "<div class=\"chart\" id=\"chart-{at}\" role=\"img\" aria-label=\"{title}. {about}\"></div>"
        );
        self.charts.push(chart);
    }

    fn table(&mut self, section: &Section) {
        let title = escaped(&section.title);
        let _ = writeln!(
            self.body,
            "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{title}\">\n\
             <table><caption>{title}</caption>"
        );
        self.raw("<thead><tr>");
        for head in &section.heads {
            let _ = write!(self.body, "<th scope=\"col\">{}</th>", escaped(head));
        }
        self.raw("</tr></thead>\n<tbody>");
        for row in &section.rows {
            self.body.push_str("<tr>");
            for (at, cell) in row.iter().enumerate() {
                let cell = escaped(cell);
                let _ = match at {
                    0 => write!(self.body, "<th scope=\"row\">{cell}</th>"),
                    _ => write!(self.body, "<td>{cell}</td>"),
                };
            }
            self.body.push_str("</tr>\n");
        }
        self.raw("</tbody></table></div>");
    }

    fn finish(self, title: &str) -> String {
        // No text of the data can end the script element or begin a comment in it.
        let charts =
            serde_json::to_string(&self.charts).unwrap_or_default().replace('<', "\\u003c");
        let title = escaped(title);
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
             <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n{body}\
             <script type=\"application/json\" id=\"charts\">{charts}</script>\n\
             <script>\n/*! Chartist\n{CHARTIST_LICENSE}*/\n{CHARTIST}</script>\n\
             <script>\n{SCRIPT}</script>\n</body>\n</html>\n",
            body = self.body,
        )
    }
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            other => safe.push(other),
        }
    }
    safe
}
