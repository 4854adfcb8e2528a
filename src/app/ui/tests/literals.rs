//! The text literals of Rust sources, for tests of what sources say.

/// The text literals of a source outside comments, with where they begin; escapes are what they mean.
pub(super) fn literals_in(source: &str) -> Vec<(usize, String)> {
    let bytes = source.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &source[at..];
        if rest.starts_with("//") {
            at += rest.find('\n').unwrap_or(rest.len());
        } else if rest.starts_with("/*") {
            at += rest.find("*/").map_or(rest.len(), |end| end + 2);
        } else if let Some(hashes) = raw_start(source, at) {
            let begin = at + hashes + 2;
            let end = source[begin..].find(&format!("\"{}", "#".repeat(hashes))).map_or(bytes.len(), |end| begin + end);
            at = end + hashes + 1;
        } else if bytes[at] == b'"' {
            let (text, length) = quoted(&rest[1..]);
            found.push((at, text));
            at += length + 1;
        } else if bytes[at] == b'\'' {
            // A letter in single quotes; else it is a lifetime.
            let mut letters = rest[1..].char_indices();
            let end = match letters.next() {
                Some((_, '\\')) => rest[2..].char_indices().skip(1).find(|(_, c)| *c == '\'').map(|(n, _)| n + 3),
                Some((_, c)) if rest[1 + c.len_utf8()..].starts_with('\'') => Some(2 + c.len_utf8()),
                _ => None,
            };
            at += end.unwrap_or(1);
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    found
}

/// The number of `#` of a raw text that begins here.
fn raw_start(source: &str, at: usize) -> Option<usize> {
    let rest = source[at..].strip_prefix('r')?;
    let hashes = rest.len() - rest.trim_start_matches('#').len();
    let own_word = !source[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
    (own_word && rest[hashes..].starts_with('"')).then_some(hashes)
}

/// What a text literal means, from behind its first quote, and its length with the last one.
fn quoted(rest: &str) -> (String, usize) {
    let mut text = String::new();
    let mut letters = rest.char_indices();
    while let Some((n, letter)) = letters.next() {
        match letter {
            '"' => return (text, n + 1),
            '\\' => match letters.next().map(|(_, escaped)| escaped) {
                Some('\n') => {
                    // A line that goes on: the spaces at its beginning do not count.
                    while letters.as_str().starts_with(|c: char| c.is_whitespace()) {
                        letters.next();
                    }
                }
                Some('n') => text.push('\n'),
                Some('t') => text.push('\t'),
                Some('u') => {
                    let code: String = letters.by_ref().map(|(_, c)| c).take_while(|c| *c != '}').skip(1).collect();
                    text.extend(u32::from_str_radix(&code, 16).ok().and_then(char::from_u32));
                }
                Some(other) => text.push(other),
                None => {}
            },
            other => text.push(other),
        }
    }
    (text, rest.len())
}

#[test]
fn literals_are_found_outside_comments_and_letters() {
    let source = "// \"no\"\nlet a = (\"yes \\\"b\\\"\", '\"', 'x', r#\"raw\"#, &'static str);\n\"long \\\n   text\"; '\\''; \"end\"";
    let found: Vec<String> = literals_in(source).into_iter().map(|(_, text)| text).collect();
    assert_eq!(found, ["yes \"b\"", "long text", "end"]);
}
