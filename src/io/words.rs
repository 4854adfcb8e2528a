//! What the system and the JSON reader say, in words that tell a user what to do.

use serde_json::error::Category;
use std::io::{Error, ErrorKind};

/// The reason of a refused file operation, without numbers of the system.
pub fn of_system(error: &Error) -> String {
    let words = match error.kind() {
        ErrorKind::NotFound => "there is no such file or folder",
        ErrorKind::PermissionDenied => {
            "it is not permitted to this user; change the permissions or choose another place"
        }
        ErrorKind::AlreadyExists => "there is such a file already; choose another name",
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "the disk is full; make room or choose another place",
        ErrorKind::FileTooLarge => "the disk takes no file of this size; choose another place",
        ErrorKind::ReadOnlyFilesystem => "the disk can only be read; choose another place",
        ErrorKind::IsADirectory => "it is a folder, a file is needed",
        ErrorKind::NotADirectory => "a part of the path is a file and not a folder",
        ErrorKind::InvalidFilename => "the name is too long or has letters that this disk does not take",
        ErrorKind::UnexpectedEof => "the file ends too early",
        _ => return without_number(&error.to_string()),
    };
    words.to_owned()
}

fn without_number(text: &str) -> String {
    let text = text.split_once(" (os error ").map_or(text, |(text, _)| text);
    let mut letters = text.chars();
    let second_is_small = letters.clone().nth(1).is_some_and(char::is_lowercase);
    match letters.next().filter(|first| second_is_small && first.is_uppercase()) {
        Some(first) => first.to_lowercase().chain(letters).collect(),
        None => text.to_owned(),
    }
}

/// `text` as it stands in XML, without what XML cannot hold.
pub fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// Where and why a text is not the JSON that is wanted.
pub fn of_json(error: &serde_json::Error) -> String {
    let place = match error.line() {
        0 => String::new(),
        line => format!("line {line}, column {}: ", error.column()),
    };
    let text = error.to_string();
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
    match error.classify() {
        Category::Eof => format!("{place}the text ends too early"),
        Category::Syntax => format!("{place}this is no JSON ({text})"),
        Category::Data | Category::Io => format!("{place}{}", of_data(text)),
    }
}

/// The JSON reader's sentence about a value that does not fit.
fn of_data(text: &str) -> String {
    if let Some(field) = text.strip_prefix("missing field ") {
        return format!("the field {field} is missing");
    }
    let wrong = text.strip_prefix("invalid type: ").or_else(|| text.strip_prefix("invalid value: "));
    match wrong.and_then(|wrong| wrong.split_once(", expected ")) {
        Some((found, wanted)) => format!("{found} stands where {wanted} is needed"),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_is_quoted_in_words_and_without_numbers() {
        let missing = std::fs::File::open("/no/such/file").unwrap_err();
        assert_eq!(of_system(&missing), "there is no such file or folder");
        assert_eq!(of_system(&Error::other("Input/output error (os error 5)")), "input/output error");
        assert_eq!(of_system(&Error::other("CRC is wrong")), "CRC is wrong");
    }

    #[test]
    fn the_json_reader_says_what_is_missing_where() {
        #[derive(Debug, serde::Deserialize)]
        #[expect(dead_code, reason = "only read")]
        struct Wanted {
            tool: String,
        }
        let said = |text: &str| of_json(&serde_json::from_str::<Wanted>(text).unwrap_err());
        assert_eq!(said("{}"), "line 1, column 2: the field `tool` is missing");
        assert_eq!(said("{\"tool\":\n3}"), "line 2, column 1: integer `3` stands where a string is needed");
        assert_eq!(said("{\"tool\""), "line 1, column 7: the text ends too early");
        assert!(said("hello").starts_with("line 1, column 1: this is no JSON ("), "{}", said("hello"));
    }
}
