//! The headers of a request.

use std::borrow::Cow;

/// Names and values as the host has them. Names match in any case; one that comes twice is
/// joined by commas, as API Gateway hands it over, so that every host gives the same answer.
#[derive(Clone, Default)]
pub struct Headers<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Headers<'a> {
    /// The value of a header, without the space around it.
    pub(crate) fn get(&self, name: &str) -> Option<Cow<'a, str>> {
        let mut values = self.0.iter().filter(|(given, _)| given.eq_ignore_ascii_case(name));
        let first = Cow::Borrowed(values.next()?.1.trim());
        Some(
            values
                .fold(first, |joined, (_, value)| Cow::Owned(format!("{joined},{}", value.trim()))),
        )
    }
}

impl<'a> FromIterator<(&'a str, &'a str)> for Headers<'a> {
    fn from_iter<I: IntoIterator<Item = (&'a str, &'a str)>>(headers: I) -> Self {
        Headers(headers.into_iter().collect())
    }
}

impl std::fmt::Debug for Headers<'_> {
    /// Only names: values may be personal.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_match_in_any_case_and_duplicates_are_joined() {
        let headers: Headers =
            [("X-Signature", " a "), ("x-signature", "b"), ("other", "c")].into_iter().collect();
        assert_eq!(headers.get("x-SIGNATURE").as_deref(), Some("a,b"));
        assert_eq!(headers.get("x-absent"), None);
        assert_eq!(format!("{headers:?}"), r#"["X-Signature", "x-signature", "other"]"#);
    }
}
