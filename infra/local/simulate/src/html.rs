//! The report as one page.

use crate::report::Report;

/// The page.
pub fn html(_report: &Report) -> String {
    String::new()
}
