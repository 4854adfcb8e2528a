//! What kernels, tools and readers say has a Chinese sentence, and panels show it.

use super::literals::literals_in;
use super::sources::sources_under;
use super::words::speak;
use super::*;
use crate::base::Summary;
use crate::base::i18n::{self, Language};
use crate::image::transfer;
use crate::segment::organ::PRESETS;
use crate::tools::TOOLS;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Folders and files whose texts the window does not show: proofs, the command line, the page of the report, formats.
const NOT_SHOWN: [&str; 12] = [
    "cli/",
    "proof/",
    "report/",
    "biomech/verification/",
    "flow/verification/",
    "session/store/schema",
    "base/i18n/",
    "image/transfer/",
    "segment/organ/preset.rs",
    "image/terminology/",
    "io/nrrd/write.rs",
    "lib.rs",
];

/// What the window itself says in English, for the log has it too; all else of it asks for messages.
const WINDOW: [&str; 11] = [
    "app/settings.rs",
    "app/ui/settings/mod.rs",
    "app/mirror/comparison.rs",
    "app/mirror/drawable.rs",
    "app/view/circulation.rs",
    "app/view/flow_setup.rs",
    "app/view/grip.rs",
    "app/view/plan.rs",
    "app/view/screenshot.rs",
    "app/view/operate/",
    "app/view/pictures/",
];

/// Texts that are no sentences: words of file formats, names of standards and of other programs.
const FORMATS: &str = include_str!("formats.txt");

/// What stands before a literal that nobody sees in the window: panics, the program's log, attributes.
const UNSEEN: [&str; 16] = [
    "expect(",
    "assert!(",
    "assert_eq!(",
    "assert_ne!(",
    "panic!(",
    "unreachable!(",
    "trace!(",
    "debug!(",
    "info!(",
    "warn!(",
    "error!(",
    "reason =",
    "feature =",
    "rename =",
    "default =",
    "Command::new(",
];

/// What stands before a name of one word that is shown.
const NAMES_AFTER: [&str; 5] = [".fact(", "Term::value(", ".whole(", "#[error(", "name: "];

/// A literal of `format!`, or the English of a memory, as a pattern: values by their place, `{1} of {2}`. What a variable
/// is called, and with how many digits it is shown, changes no sentence.
fn pattern_of(literal: &str) -> String {
    let mut pattern = String::new();
    let (mut rest, mut places) = (literal, 0);
    while let Some(at) = rest.find(['{', '}']) {
        let (before, after) = rest.split_at(at);
        pattern += before;
        if after.starts_with("{{") || after.starts_with("}}") {
            pattern += &after[..2];
            rest = &after[2..];
        } else if let Some((_, behind)) = after.strip_prefix('{').and_then(|after| after.split_once('}')) {
            places += 1;
            pattern += &format!("{{{places}}}");
            rest = behind;
        } else {
            pattern += after;
            return pattern;
        }
    }
    pattern + rest
}

/// The words of a pattern, without its values.
fn words_of(pattern: &str) -> Vec<&str> {
    let bare = pattern.split('{').map(|part| part.split_once('}').map_or(part, |(_, rest)| rest));
    bare.flat_map(|part| part.split(|c: char| !c.is_ascii_alphabetic())).filter(|word| 1 < word.len()).collect()
}

/// Calls whose arguments are names that are shown, wherever they stand in them: stages of jobs, tables.
const NAMES_INSIDE: [&str; 3] = [".part(", "Table::new(", ".row("];

/// Whether the place behind `before` lies within the parentheses of such a call, with a word and not a unit.
fn is_inside_call(before: &str) -> bool {
    let statement = before.rsplit([';', '{', '}']).next().unwrap_or_default();
    NAMES_INSIDE.iter().any(|call| {
        statement.rsplit_once(call).is_some_and(|(_, inside)| {
            let count = |letter: char| inside.matches(letter).count();
            count(')') <= count('(')
        })
    })
}

/// Whether a literal is something that a person reads: a sentence, or a name in a place where names are shown.
fn is_said(before: &str, literal: &str) -> bool {
    let words = words_of(literal);
    let has_small = words.iter().any(|word| word.chars().all(|c| c.is_ascii_lowercase()));
    if literal.contains(['<', '\n']) || !has_small {
        return false;
    }
    let bare: String = literal.split('{').map(|part| part.split_once('}').map_or(part, |(_, rest)| rest)).collect();
    let is_sentence = 1 < words.len() && bare.trim().contains(' ');
    let is_name = NAMES_AFTER.iter().any(|place| before.trim_end().ends_with(place)) || is_inside_call(before);
    // `remove {name}`: what the history says.
    let is_label = literal.contains('{')
        && literal.contains(' ')
        && words.iter().any(|word| 2 < word.len() && word.chars().all(|c| c.is_ascii_lowercase()));
    // Units are short.
    let is_name = is_name && words.iter().any(|word| 3 < word.len());
    is_sentence || is_name || is_label
}

/// What stands before a single word that becomes part of a sentence or a name: the value of an arm, of a fallback, of a
/// helper that says a sentence around it.
const WORD_AFTER: [&str; 11] = [
    "=>",
    "||",
    "unwrap_or(",
    "map_or(",
    "within(",
    "finite(",
    "path([(",
    ".becomes(",
    ".with_field(",
    "=> (",
    ".value(",
];

/// Units that could be words.
const UNITS: [&str; 3] = ["min", "deg", "rad"];

/// What is measured in: the literal behind the name of a value.
const UNITS_OF_VALUES: &str = "1 mm mm² mm³ cm² ml ml/s ml/min l/min l/s mmHg Pa kPa % s ms m/s N mN ° HU J kg";

/// Whether a literal is a single word that is shown: the rules for sentences see nothing in it. `after` is the source
/// behind its last quote.
fn is_word(before: &str, literal: &str, after: &str) -> bool {
    let letters = literal.chars().all(|c| c.is_ascii_lowercase() || c == '-');
    if !letters || literal.len() < 3 || UNITS.contains(&literal) {
        return false;
    }
    let (before, after) = (before.trim_end(), after.trim_start());
    let statement = before.rsplit([';', '{', '}']).next().unwrap_or_default();
    if statement.contains("debug_struct") {
        return false;
    }
    // `if a { "this" } else { "that" }`
    let is_branch = before.ends_with('{') && after.starts_with('}');
    // `("lost", "ml")`
    let unit = after.strip_prefix(',').and_then(|rest| rest.trim_start().strip_prefix('"')?.split_once('"'));
    let is_quantity = unit.is_some_and(|(unit, _)| UNITS_OF_VALUES.split(' ').any(|known| known == unit));
    is_branch
        || is_quantity
        || is_of_a_list(before, after)
        || is_inside_call(before)
        || WORD_AFTER.iter().chain(&NAMES_AFTER).any(|place| before.ends_with(place))
}

/// Whether a literal is one of a list of literals that are taken one by one: `["in", "out"][n]`, `.zip(["in", "out"])`.
fn is_of_a_list(before: &str, after: &str) -> bool {
    let is_text = |c: char| c.is_ascii_alphanumeric() || [' ', '\n', ',', '"', '-', '_'].contains(&c);
    let Some((head, _)) = before.rsplit_once('[').filter(|(_, inside)| inside.chars().all(is_text)) else {
        return false;
    };
    let Some((_, tail)) = after.split_once(']').filter(|(inside, _)| inside.chars().all(is_text)) else {
        return false;
    };
    let taken = ["[", ".into_iter()", ".iter()", ".zip(", ".map("].iter().any(|place| tail.starts_with(place));
    taken || head.ends_with(".zip(")
}

/// The part of a source before its tests, without the tables of tools, which `words.rs` of these tests looks after.
fn without_tables(source: &str) -> String {
    // Files of tests are declared where other files are; only what stands in braces ends the source.
    let source = source.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let mut kept = String::new();
    let mut until: Option<&str> = None;
    for line in source.lines() {
        let start = line.trim_start().trim_start_matches("pub ").trim_start_matches("pub(in crate::tools) ");
        if until.is_none() {
            let table = ["const PARAMS", "const HELP", "const LABEL", "const ID"];
            until = table.iter().any(|table| start.starts_with(table)).then_some(";");
        }
        match until {
            Some(end) if line.trim_end().ends_with(end) => until = None,
            Some(_) => {}
            None => kept += line,
        }
        kept.push('\n');
    }
    kept
}

/// The names in the tables of tissues, laws, vessels and devices, with the table.
fn names_in_tables() -> Vec<(String, &'static str)> {
    let mut names = Vec::new();
    for (file, text) in [
        ("assets/tissue/materials.json", include_str!("../../../../assets/tissue/materials.json")),
        ("assets/tissue/laws.json", include_str!("../../../../assets/tissue/laws.json")),
        ("assets/flow/vessels.json", include_str!("../../../../assets/flow/vessels.json")),
    ] {
        let table: Value = serde_json::from_str(text).unwrap();
        let lists = std::iter::once(&table).chain(table.as_object().into_iter().flat_map(|table| table.values()));
        let rows = lists.filter_map(Value::as_array).flatten();
        names.extend(rows.map(|row| (row["name"].as_str().unwrap().to_owned(), file)));
    }
    let devices = include_str!("../../../../assets/plan/devices.csv").lines().filter(|line| !line.starts_with('#'));
    for line in devices {
        let fields: Vec<&str> = line.split(';').collect();
        names.extend([1, 8].map(|n| (fields[n].to_owned(), "assets/plan/devices.csv")));
    }
    names
}

/// What the sources say.
struct Said {
    /// Every pattern that a person may read, with the first place it stands at.
    shown: BTreeMap<String, String>,
    /// Every single word that is put into such patterns, with the first place it stands at.
    words: BTreeMap<String, String>,
    /// All patterns there are.
    all: BTreeSet<String>,
}

/// Read all of them.
fn said() -> Said {
    let mut tables: BTreeSet<&str> = FORMATS.lines().collect();
    for tool in TOOLS {
        tables.extend([tool.label, tool.help]);
        tables.extend(tool.params.iter().map(|spec| spec.help));
    }
    tables.extend(PRESETS.iter().flat_map(|preset| [preset.label, preset.help]));
    tables.extend(transfer::PRESETS.iter().flat_map(|preset| [preset.name, preset.usage]));
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut shown: BTreeMap<String, String> =
        names_in_tables().into_iter().map(|(name, file)| (name, file.to_owned())).collect();
    assert!(25 < shown.len(), "{} names in tables", shown.len());
    let mut all: BTreeSet<String> = shown.keys().cloned().collect();
    let mut words = BTreeMap::new();
    for path in sources_under(&root) {
        let name = path.strip_prefix(&root).unwrap().display().to_string().replace('\\', "/");
        let file = name.rsplit('/').next().unwrap_or_default();
        let is_test = name.contains("/tests/") || file.contains("test");
        if is_test || name.starts_with("cli/") || name.starts_with("proof/") {
            continue;
        }
        let is_shown = if name.starts_with("app/") {
            WINDOW.iter().any(|start| name.starts_with(start))
        } else {
            !NOT_SHOWN.iter().any(|start| name.starts_with(start))
        };
        let source = std::fs::read_to_string(&path).unwrap();
        let source = if is_shown { without_tables(&source) } else { source };
        for (at, literal) in literals_in(&source) {
            let pattern = pattern_of(&literal);
            let before = &source[..at];
            // The statement so far: a text after the first argument of `assert!` belongs to it.
            let statement = before.rsplit([';', '{', '}']).next().unwrap_or_default();
            let unseen =
                UNSEEN.iter().any(|place| statement.contains(place)) && !before.trim_end().ends_with("#[error(");
            if is_shown && !unseen && !tables.contains(literal.as_str()) && is_said(before, &literal) {
                let line = before.matches('\n').count() + 1;
                shown.entry(pattern.clone()).or_insert_with(|| format!("{name}:{line}"));
            }
            let after = source.get(at + literal.len() + 2..).unwrap_or_default();
            if is_shown && !unseen && !tables.contains(literal.as_str()) && is_word(before, &literal, after) {
                let line = before.matches('\n').count() + 1;
                words.entry(literal.clone()).or_insert_with(|| format!("{name}:{line}"));
            }
            all.insert(pattern);
        }
    }
    Said { shown, words, all }
}

#[test]
fn every_word_that_is_put_into_sentences_has_a_chinese_one() {
    let Said { words, .. } = said();
    assert!(150 < words.len(), "{} words", words.len());
    let is_known = |word: &str| i18n::sentence_in(Language::SimplifiedChinese, word) != word;
    let lacking: Vec<String> =
        words.iter().filter(|(word, _)| !is_known(word)).map(|(word, place)| format!("{place}\t{word}")).collect();
    assert!(
        lacking.is_empty(),
        "assets/i18n/zh-CN/sentences-*.po lack {} (or they are words of a format, then formats.txt):\n{}",
        lacking.len(),
        lacking.join("\n")
    );
}

#[test]
fn words_of_arms_branches_quantities_and_lists_are_seen() {
    assert!(is_word("Self::Supplies =>", "congested", ","));
    assert!(is_word("if met { ", "met", " } else"));
    assert!(is_word("let columns = [(", "lost", ", \"ml\")"));
    assert!(is_word(".zip([", "inspiration", ", \"expiration\"])"));
    assert!(is_word("([", "begins", ", \"ends\"][side])"));
    assert!(!is_word("match word { ", "met", " => 1") && !is_word("value.get(", "met", ")"));
    assert!(!is_word("=>", "mm", ",") && !is_word("=>", "min", ",") && !is_word("=>", "not_started", ","));
}

#[test]
fn every_sentence_of_kernels_and_tools_has_a_chinese_one() {
    let Said { shown, .. } = said();
    assert!(2500 < shown.len(), "{} sentences", shown.len());
    let pairs = i18n::all_sentences(Language::SimplifiedChinese).unwrap();
    let known: BTreeSet<String> = pairs.iter().map(|(english, _)| pattern_of(english)).collect();
    let lacking: Vec<String> = shown
        .iter()
        .filter(|(pattern, _)| !known.contains(*pattern))
        .map(|(pattern, place)| format!("{place}\t{pattern}"))
        .collect();
    assert!(
        lacking.is_empty(),
        "assets/i18n/zh-CN/sentences-*.po lack {} (or they are words of a format, then formats.txt):\n{}",
        lacking.len(),
        lacking.join("\n")
    );
}

#[test]
fn no_sentence_is_left_over() {
    let Said { all, .. } = said();
    let pairs = i18n::all_sentences(Language::SimplifiedChinese).unwrap();
    let is_stale = |text: &&String| !all.contains(&pattern_of(text));
    let stale: Vec<&String> = pairs.iter().map(|(english, _)| english).filter(is_stale).collect();
    assert!(stale.is_empty(), "no source says these {} any more: {stale:#?}", stale.len());
}

#[test]
fn patterns_are_literals_without_widths() {
    assert_eq!(pattern_of("{a:.1} of {} and {0} {{x}}, {:>3}"), "{1} of {2} and {3} {{x}}, {4}");
    assert_eq!(pattern_of(&pattern_of("{a:.1} of {}")), "{1} of {2}");
    assert!(is_said("Err(", "the file is empty") && is_said("let x = format!(", "remove {name}"));
    assert!(is_said("summary.fact(", "volume") && !is_said("let x = ", "volume"));
    assert!(!is_said("", "{x:.1} mm") && !is_said("", "no_words"));
}

#[test]
fn a_missing_parameter_is_told_in_chinese_with_its_help() {
    use crate::app::ui::words;
    let _speaking = speak(Language::SimplifiedChinese);
    let mut harness = open(case());
    for tool in TOOLS {
        let Some(spec) = tool.params.iter().find(|spec| spec.default.is_none()) else { continue };
        let refused = Command::new(tool.id, json!({}));
        let error = harness.state_mut().session.run(refused, &Progress::default()).unwrap_err().to_string();
        assert!(error.ends_with(&format!("the parameter '{}' is missing: {}", spec.name, spec.help)), "{error}");
        let shown = words::said(&error).into_owned();
        let help = shown.split_once("缺少参数“").and_then(|(_, rest)| rest.split_once("”：")).map(|(_, help)| help);
        let is_chinese = |help: &str| help.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        assert!(help.is_some_and(is_chinese), "{}: {shown}", tool.id);
    }
    let refused = Command::new("segment.threshold", json!({ "low_hu": 1 }));
    let error = harness.state_mut().session.run(refused, &Progress::default()).unwrap_err().to_string();
    harness.state_mut().messages.push(0.9, Tone::Error, error);
    harness.run_steps(3);
    assert!(shows(&harness, "缺少参数“"), "{:?}", harness.state().messages);
    assert!(!shows(&harness, "is missing"));
}

/// The text of the accessible labels of everything that is shown.
fn shows(harness: &Harness<'_, Desk>, text: &str) -> bool {
    harness.query_all_by_label_contains(text).next().is_some()
}

#[test]
fn the_inspector_shows_what_a_result_says_of_itself_in_chinese() {
    let summary = Summary::default()
        .fact("volume", 1432.0, "ml")
        .fact("distance to the bone", 3.2, "mm")
        .limit("the surface has 12 open edges, so its volume means little")
        .method("Opening with a ball of 4 mm diameter.")
        .warning("the surface is inside out");
    let plain = case();
    let case = Case::from_nodes(plain.nodes().map(|(id, node)| {
        let node = node.as_ref().clone();
        (id, if id == NodeId(3) { node.with_summary(summary.clone()) } else { node })
    }));
    for (language, texts) in [
        (
            Language::English,
            ["Volume", "Distance to the bone", "the surface has 12 open edges", "the surface is inside out"],
        ),
        (Language::SimplifiedChinese, ["体积", "到骨的距离", "表面有 12 条开放边", "表面内外翻转"]),
    ] {
        let _speaking = speak(language);
        let mut harness = open(case.clone());
        harness.state_mut().workspace.selected = Some(NodeId(3));
        harness.run_steps(4);
        for text in texts {
            assert!(shows(&harness, text), "{text}");
        }
        assert!(shows(&harness, "1 432") || shows(&harness, "1,432") || shows(&harness, "1432"), "the number stays");
    }
}

#[test]
fn a_refused_command_says_in_chinese_which_value_is_wrong_and_keeps_english_for_the_log() {
    let _speaking = speak(Language::SimplifiedChinese);
    let mut harness = open(case());
    let refused = Command::new("segment.threshold", json!({ "scan": 1, "low_hu": 900, "high_hu": 300 }));
    let error = harness.state_mut().session.run(refused, &Progress::default()).unwrap_err().to_string();
    assert!(error.contains("is empty") && error.contains("900"), "{error}");
    harness.state_mut().messages.push(0.9, Tone::Error, error);
    harness.run_steps(3);
    assert!(shows(&harness, "范围 900 至 300"), "{:?}", harness.state().messages);
    assert!(!shows(&harness, "is empty"));
}

#[test]
fn steps_of_the_history_are_chinese_and_stay_english_in_the_case() {
    let _speaking = speak(Language::SimplifiedChinese);
    let mut harness = open(case());
    let rename = Command::new("object.rename", json!({ "node": 2, "name": "R" }));
    harness.state_mut().session.run(rename, &Progress::default()).unwrap();
    let label = harness.state().session.history().states().last().unwrap().1.label.clone();
    assert_eq!(label, "rename Liver to R");
    harness.run_steps(4);
    assert!(shows(&harness, "将肝重命名为R"), "the undo button names the step");
}

#[test]
fn a_term_of_a_score_is_translated_with_its_structure() {
    let _speaking = speak(Language::SimplifiedChinese);
    use crate::app::ui::words::said;
    assert_eq!(said("margin to tumour"), "距肿瘤的切缘");
    assert_eq!(said("remnant liver"), "残余肝");
    assert_eq!(said("liver devascularised"), "失去血供的肝");
    assert_eq!(said("remnant liver congested"), "引流受阻的残余肝");
    assert_eq!(said("part of the remnant liver devascularised"), "残余肝中失去血供的比例");
    assert_eq!(
        said(
            "the target is met: the tip ends 1.2 mm from it (3 mm are allowed), after it has moved by 0.4 mm; largest force 1.25 N"
        ),
        "靶点已命中：针尖止于距其 1.2 mm 处（允许 3 mm），此前它移动了 0.4 mm；最大力 1.25 N"
    );
    assert_eq!(said("at least 30 %, enough from 40 %"), "至少 30 %，达到 40 % 为充足");
    assert_eq!(said("liver is empty or was removed; choose the organ again"), "肝为空或已删除；请重新选择器官");
}
