//! What rules and bonuses may give a share of.

use super::{
    super::{
        awards::{Award, LongAward},
        file::{Definition, EarnSection},
        names::Reference,
        problem::{Mistakes, Wrong},
        written::{Either, Written},
    },
    Known,
    currencies::POINTS,
    position,
};

/// An earn rule, as far as others care.
pub struct KnownRule {
    pub id: String,
    on: String,
    currency: String,
    gives: Gives,
}

/// What a rule gives.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gives {
    Points,
    Share,
    Nothing,
}

/// Who shares.
pub struct Sharer<'a> {
    /// Its id, where it is a rule.
    pub rule: Option<&'a str>,
    /// What it listens to.
    pub on: &'a str,
    /// The currency that it gives.
    pub currency: &'a str,
}

impl<'a> Sharer<'a> {
    /// A rule that shares.
    pub fn rule(rule: &'a EarnSection) -> Sharer<'a> {
        let currency = rule.currency.as_ref().map_or(POINTS, |currency| &currency.text);
        Sharer { rule: Some(&rule.id.text), on: &rule.on.text, currency }
    }
}

/// All rules of a file.
pub fn known_rules(file: &Definition) -> Vec<KnownRule> {
    let known = |rule: &EarnSection| {
        let Sharer { on, currency, .. } = Sharer::rule(rule);
        let gives = match &rule.points {
            None => Gives::Nothing,
            Some(award) if is_share(award) => Gives::Share,
            Some(_) => Gives::Points,
        };
        KnownRule { id: rule.id.text.clone(), on: on.into(), currency: currency.into(), gives }
    };
    file.earn.iter().map(known).collect()
}

fn is_share(award: &Either<Award, LongAward>) -> bool {
    let Either::Long(LongAward::Table(table), _) = award else { return false };
    let by_tier = table.by_tier.iter().flat_map(|by_tier| by_tier.values());
    table.share_of.is_some() || by_tier.into_iter().any(is_share)
}

/// The position of a rule of which `sharer` gives a share.
pub fn shared(
    id: &Written<Reference>,
    sharer: &Sharer<'_>,
    known: &Known,
    mistakes: &mut Mistakes,
) -> Option<usize> {
    let ids: Vec<String> = known.rules.iter().map(|rule| rule.id.clone()).collect();
    let at = position(id, &ids, mistakes)?;
    let rule = &known.rules[at];
    let listens = |on: &str| match on {
        "order" => "listens to orders".to_owned(),
        kind => format!("listens to {kind:?}"),
    };
    let (complaint, expected) = if sharer.rule == Some(rule.id.as_str()) {
        ("is the rule itself".to_owned(), "another rule".to_owned())
    } else if rule.gives == Gives::Nothing {
        let complaint = "gives no points, of which there could be a share";
        (complaint.to_owned(), "a rule that gives points".to_owned())
    } else if rule.gives == Gives::Share && sharer.rule.is_some() {
        let expected = "the rules of which that one is a share".to_owned();
        ("is a share of others itself".to_owned(), expected)
    } else if rule.on != sharer.on {
        (listens(&rule.on), format!("a rule that {}, as this one", listens(sharer.on)))
    } else if rule.currency != sharer.currency {
        (format!("gives {}", rule.currency), format!("a rule that gives {}", sharer.currency))
    } else {
        return Some(at);
    };
    mistakes.blame(id, Wrong::new(complaint, expected));
    None
}
