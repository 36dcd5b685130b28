//! What a line expects, compared with what the API said.

use domain::money::Currency;
use serde_json::Value;

use crate::{
    amounts::{self, shown},
    client::Answer,
};

/// What the API said of a line.
pub struct Found<'a> {
    pub currency: Currency,
    /// The answer to the fact, if it was sent.
    pub answer: Option<&'a Answer>,
    /// The member's balance after it.
    pub balance: &'a Answer,
    /// The member's history, newest first.
    pub history: &'a Answer,
    /// The member.
    pub member: &'a Answer,
}

impl Found<'_> {
    /// What is found otherwise than the words say, each in a sentence.
    pub fn otherwise(&self, expected: &str) -> Vec<String> {
        let words = expected.split_whitespace().enumerate();
        let mut wrong: Vec<String> =
            words.filter_map(|(at, word)| self.differs(at, word)).collect();
        let refused = self.answer.is_some_and(|answer| !answer.is_success());
        if refused && expected.is_empty() {
            wrong.push(format!("expected no refusal, found {}", self.first()));
        }
        wrong
    }

    fn differs(&self, at: usize, word: &str) -> Option<String> {
        let (name, said) = match word.split_once('=') {
            Some((name, said)) if at > 0 => (name, said),
            _ => ("", word),
        };
        let found = match (at, word) {
            (0, _) => self.first(),
            (_, "replayed") => self.replayed(),
            _ => self.named(name, said),
        };
        let name = if name.is_empty() { String::new() } else { format!("{name}: ") };
        (found != said).then(|| format!("{name}expected {said}, found {found}"))
    }

    /// The code of a refusal, or else the balance.
    fn first(&self) -> String {
        match self.answer {
            Some(answer) if !answer.is_success() => match answer.text_at("/code") {
                "" => format!("status {}", answer.status),
                code => code.to_owned(),
            },
            _ => self.points("/balance"),
        }
    }

    fn replayed(&self) -> String {
        let replayed = self.answer.map(|answer| answer.body["replayed"] == Value::Bool(true));
        if replayed == Some(true) { "replayed" } else { "a new row" }.to_owned()
    }

    fn named(&self, name: &str, said: &str) -> String {
        match name {
            "balance" | "available" | "pending" | "held" | "debt" => {
                self.points(&format!("/{name}"))
            }
            "tier" => or_none(self.balance.text_at("/tier/level")),
            "until" => match self.balance.text_at("/tier/ends_on") {
                "" => "never".to_owned(),
                day => day.to_owned(),
            },
            "gathered" if amounts::is_money(said) => {
                let minor = self.balance.number_at("/tier/gathered").unwrap_or(0);
                amounts::shown_like(said, minor, self.currency)
            }
            "gathered" => self.points("/tier/gathered"),
            "lots" => self.lots(),
            "rows" => self.history.number_at("/history/0/sequence").unwrap_or(0).to_string(),
            "badges" => self.badges(),
            "row" => or_none(self.history.text_at("/history/0/kind")),
            "note" => or_none(self.recorded("/note/code").and_then(Value::as_str).unwrap_or("")),
            "referral" => self.referral(),
            "worth" => {
                let minor = self.recorded("/reward/value").and_then(Value::as_i64).unwrap_or(0);
                amounts::shown_like(said, minor, self.currency)
            }
            "version" => {
                let version = self.recorded("/explanation/order/program_version");
                version.map_or("none".to_owned(), Value::to_string)
            }
            rule => self.award(rule, said),
        }
    }

    /// How far it is that somebody brought the member, or why it does not count.
    fn referral(&self) -> String {
        let referral = &self.member.body["referral"];
        let said = referral["code"].as_str().or(referral["state"].as_str());
        said.unwrap_or("none").to_owned()
    }

    fn points(&self, pointer: &str) -> String {
        let decimals = self.balance.number_at("/decimals").unwrap_or(0);
        let decimals = u8::try_from(decimals).unwrap_or(0);
        match self.balance.number_at(pointer) {
            Some(units) => shown(units, decimals),
            None => format!("no{}", pointer.replace('/', " ")),
        }
    }

    fn lots(&self) -> String {
        let decimals = self.balance.number_at("/decimals").unwrap_or(0);
        let decimals = u8::try_from(decimals).unwrap_or(0);
        let lots = self.balance.body["ending"].as_array().map_or(&[][..], Vec::as_slice);
        let lot = |lot: &Value| {
            let points = shown(lot["points"].as_i64().unwrap_or(0), decimals);
            format!("{}:{points}", lot["on"].as_str().unwrap_or("never"))
        };
        or_none(&lots.iter().map(lot).collect::<Vec<_>>().join(","))
    }

    fn badges(&self) -> String {
        let badges = self.member.body["badges"].as_array().map_or(&[][..], Vec::as_slice);
        let names = badges.iter().filter_map(|badge| badge["goal"].as_str());
        or_none(&names.collect::<Vec<_>>().join(","))
    }

    fn recorded(&self, pointer: &str) -> Option<&Value> {
        let answer = self.answer.filter(|answer| answer.is_success())?;
        answer.body.pointer(pointer).filter(|value| !value.is_null())
    }

    /// What a challenge or a bonus has given so far, in its present span.
    fn given(&self, goal: &str) -> Option<String> {
        let decimals = self.balance.number_at("/decimals").unwrap_or(0);
        let goals = self.member.body["goals"].as_array()?;
        let goal = goals.iter().find(|known| known["goal"] == goal)?;
        Some(shown(goal["given"].as_i64()?, u8::try_from(decimals).unwrap_or(0)))
    }

    /// The points of a rule, or the reason why it gave none or less.
    fn award(&self, rule: &str, said: &str) -> String {
        let says_points = said.starts_with(|c: char| c.is_ascii_digit());
        if let Some(given) = self.given(rule) {
            let why = self.recorded("/explanation/goals").and_then(Value::as_array);
            let why = why.into_iter().flatten().find(|known| known["goal"] == rule);
            let why = why.and_then(|goal| goal.pointer("/reason/code")).and_then(Value::as_str);
            return why.filter(|_| !says_points).map_or(given, str::to_owned);
        }
        let Some(explanation) = self.recorded("/explanation") else {
            return "no row that says so".to_owned();
        };
        let mut rules = Vec::new();
        collect_rules(explanation, &mut rules);
        let Some(found) = rules.iter().find(|found| found["rule"] == rule) else {
            let known: Vec<&str> = rules.iter().filter_map(|rule| rule["rule"].as_str()).collect();
            return format!("no such rule among {}", known.join(", "));
        };
        let reason = found.pointer("/reason/code").and_then(Value::as_str);
        match (reason, found["currency"].is_null()) {
            (Some(reason), _) if !says_points => reason.to_owned(),
            (None, true) => "applies".to_owned(),
            _ => self.awarded(found),
        }
    }

    /// Points of a rule, by the decimals of the currency it gives.
    fn awarded(&self, rule: &Value) -> String {
        let decimals = self.balance.number_at("/decimals").unwrap_or(0);
        let of_points = rule["currency"] == "points";
        let decimals = if of_points { u8::try_from(decimals).unwrap_or(0) } else { 0 };
        shown(rule["points"].as_i64().unwrap_or(0), decimals)
    }
}

/// Every rule that an explanation speaks of, whatever the row is about.
fn collect_rules<'v>(value: &'v Value, rules: &mut Vec<&'v Value>) {
    match value {
        Value::Object(fields) => {
            if let Some(found) = fields.get("rules").and_then(Value::as_array) {
                rules.extend(found);
            }
            fields.values().for_each(|value| collect_rules(value, rules));
        }
        Value::Array(items) => items.iter().for_each(|item| collect_rules(item, rules)),
        _ => {}
    }
}

fn or_none(text: &str) -> String {
    if text.is_empty() { "none".to_owned() } else { text.to_owned() }
}

/// Why, in the API's own sentences.
pub fn because(answer: &Answer) -> Vec<String> {
    if !answer.is_success() {
        return vec![answer.text_at("/detail").to_owned()];
    }
    let mut sentences = vec![answer.text_at("/explanation/sentence").to_owned()];
    let mut rules = Vec::new();
    collect_rules(&answer.body["explanation"], &mut rules);
    let of_rules = rules.iter().filter_map(|rule| rule["sentence"].as_str());
    sentences.extend(of_rules.map(str::to_owned));
    sentences
}
