//! A sentence with places for values, `{n} branches of {organ}`, and its translation.

/// A piece of a translation.
#[derive(Debug, Clone, PartialEq)]
enum Piece {
    Text(String),
    /// The value at this place of the English, counted from its beginning.
    Value(usize),
}

/// An English sentence with places for values, and its translation.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    /// What stands before, between and behind the values: one more than there are values.
    literals: Vec<String>,
    pieces: Vec<Piece>,
    /// Letters and digits in the literals: how much of a sentence the pattern knows.
    pub(super) known: usize,
}

/// Fewer letters than this say little: such a pattern takes only values that are known themselves.
const WEAK: usize = 9;

/// The literals of a text with places, and the names of the places; `{{` and `}}` are braces.
fn split(text: &str) -> (Vec<String>, Vec<String>) {
    let (mut literals, mut names) = (vec![String::new()], Vec::new());
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("{{").or_else(|| rest.strip_prefix("}}")) {
            literals.last_mut().expect("never empty").push(letter);
            rest = after;
        } else if letter == '{'
            && let Some((name, after)) = rest[1..].split_once('}')
        {
            names.push(name.to_owned());
            literals.push(String::new());
            rest = after;
        } else {
            literals.last_mut().expect("never empty").push(letter);
            rest = &rest[letter.len_utf8()..];
        }
    }
    (literals, names)
}

impl Pattern {
    /// The pattern of a pair; `None` if the translation names a value that the English has not.
    ///
    /// The second time a name stands in the translation it is the second value of that name in the English, if there is
    /// one: `{low} {unit} to {high} {unit}`.
    pub(super) fn new(english: &str, other: &str) -> Option<Self> {
        let (literals, names) = split(english);
        let (texts, wanted) = split(other);
        let mut pieces = Vec::new();
        for (n, text) in texts.iter().enumerate() {
            if !text.is_empty() {
                pieces.push(Piece::Text(text.clone()));
            }
            if let Some(name) = wanted.get(n) {
                let before = wanted[..n].iter().filter(|other| *other == name).count();
                let places: Vec<usize> = (0..names.len()).filter(|place| names[*place] == *name).collect();
                pieces.push(Piece::Value(*places.get(before).or(places.last())?));
            }
        }
        let known = literals.iter().flat_map(|text| text.chars()).filter(|c| c.is_alphanumeric()).count();
        Some(Self { literals, pieces, known })
    }

    /// Whether there are places for values at all.
    pub(super) fn has_values(&self) -> bool {
        1 < self.literals.len()
    }

    /// How many values it has.
    #[cfg(test)]
    pub(super) fn places(&self) -> usize {
        self.literals.len() - 1
    }

    /// The English with these values.
    #[cfg(test)]
    pub(super) fn said(&self, values: &[String]) -> String {
        let after = self.literals[1..].iter().zip(values).map(|(literal, value)| format!("{value}{literal}"));
        format!("{}{}", self.begins(), after.collect::<String>())
    }

    /// What stands before the first value.
    pub(super) fn begins(&self) -> &str {
        &self.literals[0]
    }

    /// What stands behind the last value.
    pub(super) fn ends(&self) -> &str {
        self.literals.last().expect("never empty")
    }

    /// Whether it knows so little that its values must be known.
    pub(super) fn is_weak(&self) -> bool {
        self.known < WEAK
    }

    /// The values in `text`, each as short as can be from the left; `None` if it is another sentence.
    pub(super) fn values<'a>(&self, text: &'a str) -> Option<Vec<&'a str>> {
        let mut rest = text.strip_prefix(self.begins())?;
        let between = self.literals.get(1..self.literals.len() - 1).unwrap_or(&[]);
        rest = rest.strip_suffix(self.ends())?;
        let mut values = Vec::with_capacity(self.literals.len() - 1);
        for literal in between {
            let (value, after) = rest.split_once(literal.as_str())?;
            values.push(value);
            rest = after;
        }
        values.push(rest);
        Some(values)
    }

    /// The translation with these values.
    pub(super) fn filled(&self, values: &[String]) -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Value(place) => values[*place].clone(),
        };
        closed(&self.pieces.iter().map(piece).collect::<String>())
    }
}

/// Chinese characters and signs, between which no space stands.
fn is_chinese(letter: char) -> bool {
    matches!(letter, '\u{3000}'..='\u{303f}' | '\u{4e00}'..='\u{9fff}' | '\u{ff00}'..='\u{ffef}')
}

/// A text without the spaces that are left between Chinese letters where a value came out Chinese.
fn closed(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let between =
            out.chars().last().is_some_and(is_chinese) && letters.peek().is_some_and(|next| is_chinese(*next));
        if letter != ' ' || !between {
            out.push(letter);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    fn of(english: &str, other: &str, text: &str) -> Option<String> {
        let pattern = Pattern::new(english, other)?;
        let values: Vec<String> = pattern.values(text)?.into_iter().map(str::to_owned).collect();
        Some(pattern.filled(&values))
    }

    #[test]
    fn values_change_places_and_braces_are_letters() {
        let pair = ("{n} of {all} in {{x}}", "{{x}} 中 {all} 个的 {n} 个");
        assert_eq!(of(pair.0, pair.1, "3 of 10 in {x}").as_deref(), Some("{x} 中 10 个的 3 个"));
        assert_eq!(of(pair.0, pair.1, "3 of 10 in y"), None);
    }

    #[test]
    fn a_name_that_stands_twice_keeps_its_order() {
        let pair = ("{value} {unit} is outside {low} to {high} {unit}", "{value} {unit} 超出 {low} 至 {high} {unit}");
        let text = "5 mm is outside 6 to 0.1 m";
        assert_eq!(of(pair.0, pair.1, text).as_deref(), Some("5 mm 超出 6 至 0.1 m"));
    }

    #[test]
    fn a_value_that_the_english_lacks_makes_no_pattern() {
        assert!(Pattern::new("{a} b", "{c}").is_none());
    }

    #[test]
    fn no_space_is_left_between_chinese_letters() {
        assert_eq!(of("flow of {x}", "{x} 的流量", "flow of 主动脉").as_deref(), Some("主动脉的流量"));
        assert_eq!(of("flow of {x}", "{x} 的流量", "flow of A").as_deref(), Some("A 的流量"));
    }

    #[test]
    fn beginning_and_end_do_not_overlap() {
        assert_eq!(of("ab{x}ba", "{x}", "aba"), None);
    }
}
