//! The part of gettext's PO format that a translation memory needs: pairs of `msgid` and `msgstr`, and comments.
//!
//! Source: GNU gettext manual, "The Format of PO Files". Plurals and contexts are not used here.

/// The pairs of a file, in order.
///
/// # Errors
/// A sentence that names the line.
pub(super) fn read(text: &str) -> Result<Vec<(String, String)>, String> {
    let mut pairs: Vec<(String, Option<String>)> = Vec::new();
    for (n, line) in text.lines().enumerate() {
        let line = line.trim();
        let wrong = |what: &str| format!("line {} {what}: {line}", n + 1);
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(quoted) = line.strip_prefix("msgid ") {
            if pairs.last().is_some_and(|(_, other)| other.is_none()) {
                return Err(wrong("follows a msgid without a msgstr"));
            }
            pairs.push((unquoted(quoted).ok_or_else(|| wrong("has no text in quotes"))?, None));
        } else if let Some(quoted) = line.strip_prefix("msgstr ") {
            match pairs.last_mut() {
                Some((_, other @ None)) => {
                    *other = Some(unquoted(quoted).ok_or_else(|| wrong("has no text in quotes"))?);
                }
                _ => return Err(wrong("has no msgid before it")),
            }
        } else {
            // A text may go on in the next line.
            let more = unquoted(line).ok_or_else(|| wrong("is neither a pair nor a comment"))?;
            match pairs.last_mut() {
                Some((_, Some(other))) => other.push_str(&more),
                Some((id, None)) => id.push_str(&more),
                None => return Err(wrong("has no msgid before it")),
            }
        }
    }
    let whole = pairs.into_iter().map(|(id, other)| match other {
        Some(other) => Ok((id, other)),
        None => Err(format!("the last msgid has no msgstr: {id}")),
    });
    whole.collect()
}

/// What stands in quotes, with `\"`, `\\` and `\n` as what they mean.
fn unquoted(text: &str) -> Option<String> {
    let inner = text.trim().strip_prefix('"')?.strip_suffix('"')?;
    let mut out = String::with_capacity(inner.len());
    let mut letters = inner.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => out.push(match letters.next()? {
                'n' => '\n',
                other @ ('"' | '\\') => other,
                _ => return None,
            }),
            '"' => return None,
            other => out.push(other),
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn pairs_comments_escapes_and_long_texts_are_read() {
        let text =
            "# a comment\nmsgid \"a \\\"b\\\"\"\nmsgstr \"甲\"\n\nmsgid \"\"\n\"long \"\n\"text\"\nmsgstr \"长文\"\n";
        let pairs = read(text).unwrap();
        assert_eq!(pairs, [("a \"b\"".to_owned(), "甲".to_owned()), ("long text".to_owned(), "长文".to_owned())]);
    }

    #[test]
    fn what_is_no_po_file_is_refused_with_its_line() {
        for (text, says) in [
            ("msgstr \"a\"", "line 1"),
            ("msgid \"a\"\nmsgid \"b\"", "line 2"),
            ("msgid \"a\"", "no msgstr"),
            ("msgid a\nmsgstr b", "line 1"),
            ("msgid \"a\"\nmsgstr \"b\" c", "line 2"),
            ("hello", "line 1"),
        ] {
            let refused = read(text).unwrap_err();
            assert!(refused.contains(says), "{text}: {refused}");
        }
    }
}
