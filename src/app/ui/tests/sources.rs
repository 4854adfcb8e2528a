//! What the sources of the panels must not hold.

use crate::base::i18n::{self, Language};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// All source files in a folder and in those below it, in order.
pub(super) fn sources_under(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The files whose things lie over pictures, in part or whole; they may name the colours of the dark theme.
const OVER_PICTURES: &str = "mod plan/mouse plan/flat scenes/bar cube curved editor/cursor editor/scene labels layout legend_menu measures/grip measures/paint \
    gizmo measures/scene operate/marks scene_view slice two_scans volume/editor volume/presets volume/scene walk pictures/mod paper tests";

#[test]
fn panels_ask_for_the_colours_of_the_theme() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/app/ui");
    let allowed: Vec<&str> = OVER_PICTURES.split_whitespace().collect();
    let mut found = Vec::new();
    for path in sources_under(&root) {
        let name = path.strip_prefix(&root).unwrap().with_extension("").display().to_string().replace('\\', "/");
        if name.starts_with("theme")
            || allowed.iter().any(|over| name == *over || name.starts_with(&format!("{over}/")))
        {
            continue;
        }
        for (n, line) in std::fs::read_to_string(&path).unwrap().lines().enumerate() {
            let names_one = line.match_indices("theme::").any(|(at, found)| {
                let rest = &line[at + found.len()..];
                rest.starts_with(|c: char| c.is_ascii_uppercase())
                    && rest[1..].starts_with(|c: char| c.is_ascii_uppercase())
            });
            if names_one {
                found.push(format!("{name}.rs:{}: {}", n + 1, line.trim()));
            }
        }
    }
    assert!(found.is_empty(), "ask `theme::of(ui)`, for these are colours over pictures:\n{}", found.join("\n"));
}

/// What shows a text; the text is its first argument.
const SHOWS: [&str; 17] = [
    ".label(",
    ".button(",
    ".small_button(",
    ".heading(",
    ".checkbox(",
    ".on_hover_text(",
    ".on_disabled_hover_text(",
    ".hint_text(",
    ".menu_button(",
    ".selected_text(",
    "RichText::new(",
    "Button::new(",
    "CollapsingHeader::new(",
    "theme::strong(",
    "theme::heading(",
    "theme::small(",
    "panel_heading(",
];

/// Names that are the same in all languages.
const NAMES: [&str; 3] = ["prosector", "prosector {}", "W"];

/// The text literals that are shown in a source as they stand: line and text.
fn literals_shown(source: &str) -> Vec<(usize, String)> {
    let source = source.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    let mut found = Vec::new();
    for show in SHOWS {
        for (at, _) in source.match_indices(show) {
            // `checkbox(&mut on, "…")` and `panel_heading(ui, "…")` have something before the text.
            let rest = &source[at + show.len()..];
            let rest = match show {
                ".checkbox(" | "panel_heading(" => rest.split_once(',').map_or("", |(_, rest)| rest),
                _ => rest,
            };
            let rest = rest.trim_start();
            let rest = rest.strip_prefix("format!(").unwrap_or(rest).trim_start();
            let rest = ["theme::small(", "theme::strong(", "theme::heading("]
                .iter()
                .find_map(|wrap| rest.strip_prefix(wrap))
                .unwrap_or(rest)
                .trim_start();
            let rest = rest.strip_prefix("format!(").unwrap_or(rest).trim_start();
            let Some((text, _)) = rest.strip_prefix('"').and_then(|rest| rest.split_once('"')) else { continue };
            // What stands in braces is a value, and a word of letters is a unit if digits or values stand before it.
            let words: String =
                text.split('{').map(|part| part.split_once('}').map_or(part, |(_, rest)| rest)).collect();
            let is_unit = text.starts_with('{') && !words.trim().contains(' ');
            let has_words = words.chars().filter(|c| c.is_alphabetic()).count() > 1;
            if has_words && !is_unit && !NAMES.contains(&text) {
                found.push((source[..at].matches('\n').count() + 1, text.to_owned()));
            }
        }
    }
    found
}

#[test]
fn every_word_of_a_panel_is_asked_for_in_the_language_of_the_window() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/app/ui");
    let mut found = Vec::new();
    for path in sources_under(&root) {
        let name = path.strip_prefix(&root).unwrap().display().to_string().replace('\\', "/");
        if name.starts_with("tests/") || name == "paper/mod.rs" {
            continue;
        }
        let literals = literals_shown(&std::fs::read_to_string(&path).unwrap());
        found.extend(literals.into_iter().map(|(line, text)| format!("{name}:{line}: {text}")));
    }
    assert!(found.is_empty(), "ask for these with `tr` (assets/i18n):\n{}", found.join("\n"));
}

#[test]
fn literals_that_are_shown_are_found() {
    let shown = |source: &str| literals_shown(source).into_iter().map(|(_, text)| text).collect::<Vec<_>>();
    assert_eq!(shown("ui.label(\"Show all\");"), ["Show all"]);
    assert_eq!(shown("ui.label(theme::small(format!(\"Only {name} is shown\")))"), ["Only {name} is shown"; 2]);
    assert_eq!(shown("ui.checkbox(&mut on, \"Shown\").on_hover_text(\n    \"Why\")"), ["Shown", "Why"]);
    assert!(shown("ui.label(tr(\"a\")); ui.label(format!(\"{value:.1} mm\")); ui.button(\"W\")").is_empty());
}

/// The ids of messages that a source asks for by name.
fn ids_asked_for(source: &str) -> Vec<&str> {
    let calls = ["tr(", "tr_with("].into_iter().flat_map(|call| source.match_indices(call));
    let is_call = |at: usize| !source[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
    let quoted = calls.filter(|(at, _)| is_call(*at)).filter_map(|(at, call)| {
        let rest = source[at + call.len()..].trim_start().strip_prefix('"')?;
        rest.split_once('"').map(|(id, _)| id)
    });
    quoted.collect()
}

#[test]
fn every_message_that_is_asked_for_is_there() {
    assert_eq!(ids_asked_for("ui.label(tr(\"a-b\")); str(\"no\"); tr_with(\n \"c\", &[])"), ["a-b", "c"]);
    let known: BTreeSet<&str> = i18n::ids(Language::English).collect();
    let mut lacking = BTreeSet::new();
    let mut seen = 0;
    for path in sources_under(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/app")) {
        if path.components().any(|part| part.as_os_str() == "tests") {
            continue;
        }
        let source = std::fs::read_to_string(&path).unwrap();
        let ids = ids_asked_for(&source);
        seen += ids.len();
        let unknown = ids.into_iter().filter(|id| !known.contains(id));
        lacking.extend(unknown.map(|id| format!("{id} in {}", path.display())));
    }
    assert!(lacking.is_empty() && 400 < seen, "assets/i18n/en lacks of {seen}: {lacking:?}");
}
