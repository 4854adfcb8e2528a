//! Pictures that a command and an object of the case both hold are stored once: in the file the command names the array
//! of the object, and reading puts the picture back.

use crate::base::NodeId;
use crate::session::{Case, Command, Data, LogEntry};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use std::collections::BTreeMap;

/// Before the number of the object; no text in base64 begins so.
const OF_OBJECT: &str = "@picture of object ";

/// The pictures of the objects of a case by their text in base64, as commands have them.
pub(super) struct Pictures(BTreeMap<String, NodeId>);

impl Pictures {
    /// Those of `case`.
    pub(super) fn of(case: &Case) -> Self {
        let mut found = BTreeMap::new();
        for (id, node) in case.nodes() {
            if let Data::View(view) = &node.data
                && !view.picture.is_empty()
            {
                found.entry(STANDARD.encode(&view.picture)).or_insert(id);
            }
        }
        Self(found)
    }

    /// `command` without its picture, if an object has it.
    pub(super) fn without(&self, command: &Command) -> Option<Command> {
        let text = command.params.get("picture")?.as_str()?;
        let id = self.0.get(text.trim())?;
        let mut command = command.clone();
        command.params["picture"] = Value::from(format!("{OF_OBJECT}{}", id.0));
        Some(command)
    }

    /// `entry` without its picture, if an object has it.
    pub(super) fn without_in(&self, entry: &LogEntry) -> Option<LogEntry> {
        let LogEntry::Command { command, .. } = entry else { return None };
        let without = self.without(command)?;
        let mut entry = entry.clone();
        if let LogEntry::Command { command, .. } = &mut entry {
            *command = without;
        }
        Some(entry)
    }
}

/// Put the picture back into `command`, if it names an object; `picture` gives that of an object.
///
/// # Errors
/// A sentence if that object has none.
pub(super) fn put_back(command: &mut Command, picture: impl FnOnce(NodeId) -> Option<Vec<u8>>) -> Result<(), String> {
    let number = command.params.get("picture").and_then(Value::as_str).and_then(|text| text.strip_prefix(OF_OBJECT));
    let Some(number) = number else { return Ok(()) };
    let wrong = || format!("a command takes its picture from object #{number}, which has none");
    let id = number.parse().map(NodeId).map_err(|_| wrong())?;
    let text = STANDARD.encode(picture(id).ok_or_else(wrong)?);
    command.params["picture"] = Value::from(text);
    Ok(())
}

/// The picture of an object.
pub(super) fn of_data(data: &Data) -> Option<&[u8]> {
    match data {
        Data::View(view) if !view.picture.is_empty() => Some(&view.picture),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::base::{NodeId, Progress};
    use crate::session::{Command, Session, store};
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use serde_json::json;
    use std::io::Read;

    fn texts(path: &std::path::Path) -> String {
        let mut zip = zip::ZipArchive::new(std::fs::File::open(path).unwrap()).unwrap();
        let mut all = String::new();
        for name in ["manifest.json", "log.jsonl"] {
            zip.by_name(name).unwrap().read_to_string(&mut all).unwrap();
        }
        all
    }

    #[test]
    fn a_picture_is_in_the_file_once_and_comes_back_to_command_and_object() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("case.prosector");
        let picture = STANDARD.encode(crate::io::png::encode_rgba(40, 30, &[[9, 80, 200, 255]; 1200].concat()));
        let command = Command::new("view.keep", json!({ "target": [1, 2, 3], "picture": picture }));
        let mut session = Session::new(crate::tools::TOOLS);
        session.run(command.clone(), &Progress::default()).unwrap();
        store::save(&path, session.case(), session.log(), &Progress::default()).unwrap();
        assert!(!texts(&path).contains(&picture) && texts(&path).contains("@picture of object 1"));
        let found = store::load(&path, &Progress::default()).unwrap();
        assert_eq!(found.case.content_hash(), session.case().content_hash());
        let made_by = found.case.node(NodeId(1)).unwrap().made_by().unwrap();
        assert_eq!(
            (made_by, &found.log[..]),
            (session.case().node(NodeId(1)).unwrap().made_by().unwrap(), session.log())
        );
        assert_eq!(made_by.params["picture"], picture);
        // Where the object is gone, only the log has it.
        session.run(Command::new("object.remove", json!({ "node": 1 })), &Progress::default()).unwrap();
        store::save(&path, session.case(), session.log(), &Progress::default()).unwrap();
        assert!(texts(&path).contains(&picture));
        assert_eq!(store::load(&path, &Progress::default()).unwrap().log, session.log());
    }

    #[test]
    fn a_picture_of_an_object_that_has_none_is_damage() {
        let mut command = Command::new("view.keep", json!({ "picture": "@picture of object 7" }));
        let said = super::put_back(&mut command, |_| None).unwrap_err();
        assert!(said.contains("#7"), "{said}");
        let mut other = Command::new("view.keep", json!({ "picture": "aGVsbG8=" }));
        assert_eq!(super::put_back(&mut other, |_| None), Ok(()));
    }
}
