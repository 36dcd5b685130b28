//! How conditions read.

use domain::{birthday::NearBirthday, program::Conditions};

use super::{Audience, Words, any_of, spoken};

const WEEKDAYS: [&str; 7] =
    ["Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays"];

impl Words<'_> {
    /// What is asked, clause by clause; all of them must hold.
    pub fn conditions(&self, conditions: &Conditions) -> Vec<String> {
        let Conditions {
            products,
            categories,
            brands,
            channels,
            stores,
            sole_tenders,
            tiers,
            labels,
            subjects,
            weekdays,
            days,
            first_order,
            referred,
            birthday,
            lines_at_most,
            expression,
            from,
            to,
            order_at_least,
        } = conditions;
        let mut clauses = Vec::new();
        let mut words = |before: &str, words: &[String]| {
            let spoken: Vec<String> = words.iter().map(|word| self.word(word)).collect();
            if !spoken.is_empty() {
                clauses.push(format!("{before} {}", any_of(&spoken)));
            }
        };
        words("on", products);
        words("on", categories);
        words("on products by", brands);
        words("through", channels);
        words("in the store", stores);
        words("where all is paid with", sole_tenders);
        words("for", subjects);
        let levels: Vec<&str> = tiers.iter().map(|tier| self.level(tier)).collect();
        if !levels.is_empty() {
            clauses.push(format!("on the level {}", any_of(&levels)));
        }
        if !labels.is_empty() {
            let labels: Vec<String> = labels.iter().map(|label| self.word(label)).collect();
            clauses.push(format!("for members marked as {}", any_of(&labels)));
        }
        let on = |day: &u8| WEEKDAYS.get(usize::from(day.saturating_sub(1))).copied();
        let on: Vec<&str> = weekdays.iter().filter_map(on).collect();
        if !on.is_empty() {
            clauses.push(format!("on {}", super::all_of(&on)));
        }
        if !days.is_empty() {
            let days: Vec<String> = days.iter().map(|day| self.day(*day)).collect();
            clauses.push(format!("on {}", any_of(&days)));
        }
        if *first_order {
            clauses.push("on the first order".to_owned());
        }
        if *referred {
            clauses.push("for friends whom a member brought".to_owned());
        }
        clauses.extend(birthday.map(near));
        if let Some(lines) = lines_at_most {
            clauses.push(match lines {
                1 => "for one line of the order".to_owned(),
                lines => format!("for up to {lines} lines of the order"),
            });
        }
        clauses.extend(self.span(*from, *to));
        if let Some(least) = order_at_least {
            clauses.push(format!("from an order of {}", self.money(*least)));
        }
        if let Some(expression) = expression {
            clauses.push(match self.audience {
                Audience::Customers => "under further conditions".to_owned(),
                Audience::Staff => format!("where {}", expression.text()),
            });
        }
        clauses
    }

    /// What is left out, clause by clause; none of them must hold.
    pub fn exclusions(&self, conditions: &Conditions) -> Vec<String> {
        let clauses = self.conditions(conditions);
        clauses.into_iter().map(|clause| format!("not {clause}")).collect()
    }

    /// A word of the shop's own.
    fn word(&self, word: &str) -> String {
        match self.audience {
            Audience::Customers => spoken(word),
            Audience::Staff => word.to_owned(),
        }
    }
}

fn near(near: NearBirthday) -> String {
    match near {
        NearBirthday::Days(0) => "on the birthday".to_owned(),
        NearBirthday::Days(days) => format!("from the birthday to {days} days after it"),
        NearBirthday::Month => "in the month of the birthday".to_owned(),
    }
}
