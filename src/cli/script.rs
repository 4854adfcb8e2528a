//! Scripts: a JSON array of commands, read with a sentence about what is wrong with which.

use crate::io::words;
use crate::session::Command;
use serde_json::Value;

/// The commands of a script.
///
/// # Errors
/// A sentence that says which command is wrong and how it should be.
pub(super) fn parse(text: &str) -> Result<Vec<Command>, String> {
    let form = "a script is a JSON array of {\"tool\": …, \"params\": {…}}";
    let script: Value = serde_json::from_str(text).map_err(|error| format!("{}; {form}", words::of_json(&error)))?;
    let Value::Array(commands) = script else { return Err(format!("this is {}; {form}", kind(&script))) };
    let read = |(n, value): (usize, Value)| {
        let bad = |what: String| format!("command {} of the script {what}; {form}", n + 1);
        let Value::Object(mut fields) = value else { return Err(bad(format!("is {}", kind(&value)))) };
        let tool = match fields.remove("tool") {
            Some(Value::String(tool)) => tool,
            Some(other) => return Err(bad(format!("names {} as its tool", kind(&other)))),
            None => return Err(bad("has no tool".into())),
        };
        let params = fields.remove("params").unwrap_or_default();
        match fields.keys().next() {
            Some(other) => Err(bad(format!("({tool}) has the field '{other}', which nobody reads"))),
            None => Ok(Command { tool, params }),
        }
    };
    commands.into_iter().enumerate().map(read).collect()
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn scripts_are_read_or_refused_in_a_sentence() {
        let commands = parse("[{\"tool\": \"a.b\"}, {\"tool\": \"c.d\", \"params\": {\"x\": 1}}]").unwrap();
        assert_eq!((commands.len(), commands[1].params["x"].as_i64()), (2, Some(1)));
        let said = |text: &str| parse(text).unwrap_err();
        assert!(said("[{\"tool\": \"a.b\"},").starts_with("line 1, column 17: the text ends too early; a script is"));
        assert!(said("{\"tool\": \"a.b\"}").starts_with("this is an object; a script is"));
        assert!(said("[{\"tool\": \"a.b\"}, 3]").starts_with("command 2 of the script is a number; "));
        assert!(said("[{\"params\": {}}]").starts_with("command 1 of the script has no tool; "));
        assert!(said("[{\"tool\": 3}]").starts_with("command 1 of the script names a number as its tool; "));
        assert!(said("[{\"tool\": \"a\", \"parms\": 3}]").contains("(a) has the field 'parms'"));
    }
}
