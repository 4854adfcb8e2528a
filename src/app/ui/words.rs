//! What stands in the program's tables (tools, parameters, actions, organs, anatomy) in the language of the window.
//!
//! The tables themselves are English: the command line, logs and scripts read them too. The ids of the messages come
//! from stable ids where there are some, and else from the English; a test walks all tables.

use super::actions::Action;
use super::{form, theme};
use crate::base::Column;
use crate::base::i18n::{self, Language, language};
use crate::image::terminology::{self, Side, Term};
use crate::segment::organ::Preset;
use crate::session::{Kind, NodeKind, ParamSpec, Step, ToolEntry};
use crate::tools::TOOLS;
use std::borrow::Cow;

/// What the menu says of an action.
pub(super) fn action(action: &Action) -> &'static str {
    action_in(language(), action)
}

/// As [`action`] in a stated language.
pub(super) fn action_in(language: Language, action: &Action) -> &'static str {
    i18n::by_id_in(language, action.name, || format!("action-{}", i18n::slug(action.name)))
}

/// What a menu or a step of the guided job is called.
pub(super) fn step(step: Step) -> &'static str {
    let name = match step {
        Step::Import => "Import",
        Step::Segment => "Segment",
        Step::Model => "Model",
        Step::Plan => "Plan",
        Step::Simulate => "Simulate",
        Step::Report => "Report",
        Step::Object => "Object",
    };
    i18n::in_tables("step", name)
}

fn tool_id(tool: &ToolEntry) -> String {
    format!("tool-{}", tool.id.replace('.', "-"))
}

/// The label of a tool in a language.
pub(super) fn tool_label_in(language: Language, tool: &ToolEntry) -> &'static str {
    i18n::by_id_in(language, tool.label, || tool_id(tool))
}

/// The label of a tool as a heading, without the dots that say that there are questions first.
pub(super) fn tool_name(tool: &ToolEntry) -> &'static str {
    tool_label_in(language(), tool).trim_end_matches('…')
}

/// The label of a tool for a menu that opens its form.
pub(super) fn tool_item(tool: &ToolEntry) -> String {
    format!("{}…", tool_name(tool))
}

/// The help of a tool.
pub(super) fn tool_help(tool: &ToolEntry) -> &'static str {
    i18n::by_id(tool.help, || format!("{}-help", tool_id(tool)))
}

/// The first of these ids that has a message in the language of the window.
fn first_of<const N: usize>(ids: [String; N]) -> Option<&'static str> {
    ids.iter().find_map(|id| i18n::other_than_english(id))
}

/// The name of a parameter as people read it, without its unit.
pub(super) fn param_label(tool: &ToolEntry, spec: &ParamSpec) -> Cow<'static, str> {
    if language() == Language::English {
        return form::label(spec).into();
    }
    let own = format!("{}-{}", tool_id(tool), spec.name);
    first_of([own, format!("param-{}", spec.name)]).map_or_else(|| form::label(spec).into(), Cow::Borrowed)
}

/// The help of a parameter.
pub(super) fn param_help(tool: &ToolEntry, spec: &ParamSpec) -> &'static str {
    i18n::by_id(spec.help, || format!("{}-{}-help", tool_id(tool), spec.name))
}

/// One of the words a parameter may be.
pub(super) fn choice(tool: &ToolEntry, spec: &ParamSpec, word: &'static str) -> Cow<'static, str> {
    let english = || if word.contains('_') { word.replace('_', " ").into() } else { Cow::Borrowed(word) };
    if language() == Language::English {
        return english();
    }
    let own = format!("{}-{}-{word}", tool_id(tool), spec.name);
    first_of([own, format!("choice-{word}")]).map_or_else(english, Cow::Borrowed)
}

/// A sentence, name or message that kernels, tools and readers made in English, in the language of the window.
pub(super) fn said(english: &str) -> Cow<'_, str> {
    missing_parameter(english).map_or_else(|| i18n::sentence(english), Cow::Owned)
}

/// `… the parameter 'scan' is missing: the scan`: what it is, is its help, which stands in the tables of tools.
fn missing_parameter(english: &str) -> Option<String> {
    const MISSING: &str = "' is missing";
    if language() == Language::English {
        return None;
    }
    let at = english.find(MISSING)? + MISSING.len();
    let help = english[at..].strip_prefix(": ")?;
    let specs = TOOLS.iter().flat_map(|tool| tool.params.iter().map(move |spec| (tool, spec)));
    let (tool, spec) = specs.into_iter().find(|(_, spec)| spec.help == help)?;
    Some(format!("{}：{}", i18n::sentence(&english[..at]), param_help(tool, spec)))
}

/// As [`said`], with a capital at the beginning where the language has capitals.
pub(super) fn heading(english: &str) -> String {
    theme::sentence(&said(english))
}

/// The heading of a column with its unit: `volume [ml]`.
pub(super) fn column(column: &Column) -> String {
    let name = said(&column.name);
    if column.unit == "1" { name.into_owned() } else { format!("{name} [{}]", column.unit) }
}

/// A kind of object, `english` being its name as a heading.
pub(super) fn kind(english: &'static str) -> &'static str {
    i18n::in_tables("kind", english)
}

/// A kind of object that is needed, with its article where the language has some; any object for `None`.
pub(super) fn needed(kind: Option<NodeKind>) -> &'static str {
    i18n::in_tables("needed", kind.map_or("an object", NodeKind::words))
}

/// The name of an organ that can be found at one click.
pub(super) fn organ(preset: &Preset) -> &'static str {
    organ_in(language(), preset)
}

/// As [`organ`] in a stated language.
pub(super) fn organ_in(language: Language, preset: &Preset) -> &'static str {
    i18n::by_id_in(language, preset.label, || format!("organ-{}", i18n::slug(preset.label)))
}

/// What such an organ is.
pub(super) fn organ_help(preset: &Preset) -> &'static str {
    i18n::by_id(preset.help, || format!("organ-{}-help", i18n::slug(preset.label)))
}

/// The help that belongs to a name in one of the window's own tables.
pub(super) fn help_of(prefix: &str, name: &str, help: &'static str) -> &'static str {
    i18n::by_id(help, || format!("{prefix}-{}-help", i18n::slug(name)))
}

/// The name of a segment: of a structure that the terminology knows in the language of the window, of anything else as
/// somebody wrote it. In the case it stays as it is.
pub(super) fn anatomy(name: &str) -> Cow<'_, str> {
    if language() == Language::English {
        return name.into();
    }
    let lower = name.to_lowercase();
    let (side, rest) = Side::split(&lower);
    let of = |name: &str| i18n::other_than_english(&format!("anatomy-{}", i18n::slug(name)));
    // `left ventricle` is a name of its own, `left kidney` a side of one.
    if let Some(whole) = of(&lower) {
        return whole.into();
    }
    match side.and_then(|side| Some((of(side.word())?, of(rest)?))) {
        Some((side, rest)) => format!("{side}{rest}").into(),
        None => name.into(),
    }
}

/// The structures that fit what was typed, in English or in the language of the window.
pub(super) fn search_terms(typed: &str) -> Vec<&'static Term> {
    let found = terminology::search(typed);
    let typed = typed.trim();
    if !found.is_empty() || typed.is_ascii() {
        return found;
    }
    let sides = [Side::Left, Side::Right].map(|side| anatomy(side.word()).into_owned());
    let rest = sides.iter().find_map(|side| typed.strip_prefix(side.as_str())).unwrap_or(typed);
    let fits = |term: &&Term| {
        let name = anatomy(term.name);
        name.contains(typed) || (term.paired && name.contains(rest))
    };
    terminology::terms().iter().filter(fits).collect()
}

/// What a procedure of the terminology is called.
pub(super) fn procedure(english: &'static str) -> &'static str {
    i18n::in_tables("procedure", english)
}

/// What such a procedure deals with.
pub(super) fn procedure_about(name: &str, about: &'static str) -> &'static str {
    i18n::by_id(about, || format!("procedure-{}-about", i18n::slug(name)))
}

/// One of the words of the parameter `name`, as a command has it; as it is where the tool has no such word.
pub(super) fn given_choice<'a>(tool: Option<&ToolEntry>, name: &str, word: &'a str) -> Cow<'a, str> {
    let spec = tool.and_then(|tool| Some((tool, tool.params.iter().find(|spec| spec.name == name)?)));
    match spec {
        Some((tool, spec @ ParamSpec { kind: Kind::Choice(words), .. })) => {
            words.iter().find(|known| **known == word).map_or(word.into(), |known| choice(tool, spec, known))
        }
        _ => word.into(),
    }
}

/// An effect of the segment editor with what it does.
pub(super) fn effect(name: &str, help: &'static str) -> String {
    let help = help_of("effect", name, help);
    match language() {
        Language::English => format!("{name}. {help}"),
        Language::SimplifiedChinese => format!("{}。{help}", i18n::in_tables("effect", name)),
    }
}
