//! The words after a fact's name: some in order, some by name, none left over.

/// Words that are taken one by one.
pub struct Arguments<'a> {
    words: Vec<&'a str>,
}

impl<'a> Arguments<'a> {
    pub fn new(words: &[&'a str]) -> Arguments<'a> {
        Arguments { words: words.to_vec() }
    }

    /// The next word; `what` it must be.
    pub fn next(&mut self, what: &str) -> Result<&'a str, String> {
        match self.words.first() {
            Some(word) if !word.contains('=') => Ok(self.words.remove(0)),
            _ => Err(format!("{what} is missing")),
        }
    }

    /// What stands after `name=`, if anything does.
    pub fn named(&mut self, name: &str) -> Option<&'a str> {
        let found = |word: &&str| after(word, name).is_some();
        let at = self.words.iter().position(found)?;
        after(self.words.remove(at), name)
    }

    /// Whether this word is there.
    pub fn flag(&mut self, word: &str) -> bool {
        let at = self.words.iter().position(|there| *there == word);
        at.map(|at| self.words.remove(at)).is_some()
    }

    /// All words that are left and have no name.
    pub fn rest(&mut self) -> Vec<&'a str> {
        let (plain, named) = self.words.iter().partition(|word| !word.contains('='));
        self.words = named;
        plain
    }

    /// Nothing is silently ignored.
    pub fn finish(self) -> Result<(), String> {
        match self.words.as_slice() {
            [] => Ok(()),
            [word, ..] => Err(format!("{word:?} is not understood here")),
        }
    }
}

fn after<'a>(word: &'a str, name: &str) -> Option<&'a str> {
    word.strip_prefix(name)?.strip_prefix('=')
}
