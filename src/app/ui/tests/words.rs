//! The interface in Chinese: every table has its words, none is left over, and the window shows them.

use super::*;
use crate::app::ui::actions::{ACTIONS, Menu};
use crate::app::ui::audience::Watched;
use crate::app::ui::editor::names_of_effects;
use crate::app::ui::find::kind_name;
use crate::app::ui::layout::Arrangement;
use crate::app::ui::layouts::PANES;
use crate::app::ui::offers::offers;
use crate::app::ui::pictures::Ground;
use crate::app::ui::scene_menu::OPACITIES;
use crate::app::ui::settings::MousePreset;
use crate::app::ui::steps::StepsView;
use crate::app::ui::welcome::PHANTOMS;
use crate::app::ui::widgets::TileState;
use crate::app::ui::wish::Wish;
use crate::app::ui::{circulation, editor, flow_setup, operate, slice, theme, tour, volume, words};
use crate::base::i18n::{self, Language, set_language};
use crate::geom::measure::Kind as Measured;
use crate::image::slice::Projection;
use crate::image::terminology;
use crate::image::transfer::{self, VolumeMode};
use crate::segment::organ::PRESETS;
use crate::session::{Kind, NodeKind, Step};
use crate::tools::TOOLS;
use std::collections::{BTreeMap, BTreeSet};

const KINDS: [NodeKind; 10] = [
    NodeKind::Scan,
    NodeKind::Labels,
    NodeKind::Surface,
    NodeKind::Tets,
    NodeKind::Lines,
    NodeKind::Tissue,
    NodeKind::Flow,
    NodeKind::Measure,
    NodeKind::View,
    NodeKind::Plan,
];

/// Speaks a language until the end of the test.
pub(super) struct Speaking;

impl Drop for Speaking {
    fn drop(&mut self) {
        set_language(Language::English);
    }
}

pub(super) fn speak(language: Language) -> Speaking {
    set_language(language);
    Speaking
}

/// The tiles of all steps of an empty and of a filled case: label, help, and what is lacking.
fn tiles() -> Vec<(&'static str, &'static str, Option<String>)> {
    let mut tiles = Vec::new();
    for case in [Case::default(), case()] {
        let session = Session::with_case(crate::tools::TOOLS, case, Vec::new());
        let (scene, messages) = (SceneInfo::default(), Messages::default());
        let app = AppView {
            session: &session,
            scene: &scene,
            messages: &messages,
            case_path: None,
            unsaved: false,
            covered: false,
            busy: None,
            now_s: 0.0,
        };
        for step in [Step::Import, Step::Segment, Step::Model, Step::Plan, Step::Simulate, Step::Report] {
            let view = StepsView { app: &app, selected: None, crosshair: None, open: step };
            tiles.extend(offers(step, &view).into_iter().map(|offer| {
                let lacks = if let TileState::Missing(reason) = offer.state { Some(reason) } else { None };
                (offer.label, offer.help, lacks)
            }));
        }
    }
    tiles
}

/// What is asked for, by the ids of which the first that exists is shown, with the English.
fn wanted() -> Vec<(Vec<String>, String)> {
    let mut wanted = Vec::new();
    let mut want = |ids: &[String], english: &str| wanted.push((ids.to_vec(), english.to_owned()));
    for tool in TOOLS {
        let id = format!("tool-{}", tool.id.replace('.', "-"));
        want(std::slice::from_ref(&id), tool.label);
        want(&[format!("{id}-help")], tool.help);
        for spec in tool.params {
            let own = format!("{id}-{}", spec.name);
            want(&[own.clone(), format!("param-{}", spec.name)], spec.name);
            want(&[format!("{own}-help")], spec.help);
            if let Kind::Choice(words) = spec.kind {
                words.iter().for_each(|word| want(&[format!("{own}-{word}"), format!("choice-{word}")], word));
            }
        }
    }
    let mut name = |prefix: &str, name: &str| want(&[format!("{prefix}-{}", i18n::slug(name))], name);
    ACTIONS.iter().for_each(|action| name("action", action.name));
    Menu::ALL.iter().for_each(|(_, menu)| name("menu", menu));
    name("menu", "Tools");
    ["Import", "Segment", "Model", "Plan", "Simulate", "Report", "Object"].iter().for_each(|step| name("step", step));
    Arrangement::ALL.iter().for_each(|(_, arrangement)| name("arrangement", arrangement));
    Watched::ALL.iter().for_each(|(_, watched)| name("watched", watched));
    slice::PRESETS.iter().for_each(|preset| name("window", preset.name));
    Orientation::ALL.iter().for_each(|orientation| name("orientation", orientation.name()));
    PANES.iter().for_each(|(.., title)| name("pane", title));
    for (_, _, operation) in editor::Operation::ALL {
        name("scissors", operation);
    }
    for (.., hand, help) in operate::TOOLS {
        name("hand", hand);
        name("hand-help", help);
    }
    for (_, fastener, help) in operate::FASTENERS {
        name("hand", fastener);
        name("hand-help", help);
    }
    circulation::FIELDS.iter().chain(&flow_setup::FIELDS).for_each(|field| name("field", field));
    // Units are the same in all languages.
    let is_word = |short: &&str| *short == "ratio" || short.contains(' ');
    circulation::SHORT.iter().map(|(_, short)| *short).filter(is_word).for_each(|short| name("short", short));
    let is_word = |opacity: &&str| opacity.starts_with(char::is_alphabetic);
    OPACITIES.iter().map(|(opacity, _)| *opacity).filter(is_word).for_each(|opacity| name("opacity", opacity));
    for projection in Projection::ALL {
        name("projection", projection.name());
        name("projection", projection.short());
    }
    VolumeMode::ALL.iter().for_each(|(_, mode)| name("volume-mode", mode));
    Measured::ALL.iter().for_each(|kind| name("measure", kind.name()));
    for preset in transfer::PRESETS {
        name("volume-preset", preset.name);
        name("volume-usage", preset.usage);
    }
    volume::HELP.iter().for_each(|(heading, _)| name("volume-help", heading));
    Ground::ALL.iter().for_each(|(_, ground)| name("ground", ground));
    PHANTOMS.iter().for_each(|(_, phantom)| name("phantom", phantom));
    for (preset, habit) in MousePreset::ALL {
        name("habit", habit);
        for [gesture, meaning] in preset.lines() {
            name("gesture", gesture);
            name("mouse", meaning);
        }
    }
    KINDS.iter().for_each(|kind| name("kind", kind_name(*kind)));
    KINDS.iter().for_each(|kind| name("needed", kind.words()));
    name("needed", "an object");
    ["left", "right"].iter().for_each(|side| name("anatomy", side));
    terminology::terms().iter().for_each(|term| name("anatomy", term.name));
    terminology::templates().iter().for_each(|template| name("procedure", template.name));
    for template in terminology::templates() {
        want(&[format!("procedure-{}-about", i18n::slug(template.name))], template.about);
    }
    for step in tour::STEPS {
        let id = format!("tour-{}", i18n::slug(step.title));
        want(std::slice::from_ref(&id), step.title);
        want(&[format!("{id}-text")], step.text);
    }
    for (heading, text) in volume::HELP {
        want(&[format!("volume-help-{}-text", i18n::slug(heading))], text);
    }
    for preset in PRESETS {
        want(&[format!("organ-{}", i18n::slug(preset.label))], preset.label);
        want(&[format!("organ-{}-help", i18n::slug(preset.label))], preset.help);
    }
    for (label, help, lacks) in tiles() {
        want(&[format!("offer-{}", i18n::slug(label))], label);
        want(&[format!("offer-{}-help", i18n::slug(label))], help);
        lacks.iter().for_each(|lacks| want(&[format!("lacks-{}", i18n::slug(lacks))], lacks));
    }
    for (effect, help) in names_of_effects() {
        want(&[format!("effect-{}", i18n::slug(effect))], effect);
        if let Some(help) = help {
            want(&[format!("effect-{}-help", i18n::slug(effect))], help);
        }
    }
    wanted
}

/// The message of `ids` that the window would show in Chinese.
fn shown(ids: &[String]) -> Option<(&str, &'static str)> {
    ids.iter().find_map(|id| Some((id.as_str(), i18n::other_than_english(id)?)))
}

#[test]
fn every_word_of_the_tables_is_there_in_chinese() {
    let _speaking = speak(Language::SimplifiedChinese);
    let wanted = wanted();
    assert!(1500 < wanted.len(), "{} words", wanted.len());
    let lacking = wanted.iter().filter(|(ids, _)| shown(ids).is_none());
    let lines: Vec<String> = lacking.map(|(ids, english)| format!("{} = {english}", ids[0])).collect();
    assert!(lines.is_empty(), "assets/i18n/zh-CN lacks (here in English):\n{}", lines.join("\n"));
}

#[test]
fn no_two_english_words_share_an_id_by_chance() {
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    for (ids, english) in wanted() {
        let first = seen.entry(ids[0].clone()).or_insert_with(|| english.clone());
        assert_eq!(*first, english, "{}", ids[0]);
    }
}

#[test]
fn no_chinese_message_is_left_over() {
    let _speaking = speak(Language::SimplifiedChinese);
    let wanted = wanted();
    let used: BTreeSet<&str> = wanted.iter().filter_map(|(ids, _)| Some(shown(ids)?.0)).collect();
    let english: BTreeSet<&str> = i18n::ids(Language::English).collect();
    let is_known = |id: &str| used.contains(id) || english.contains(id);
    let stale: Vec<&str> = i18n::ids(Language::SimplifiedChinese).filter(|id| !is_known(id)).collect();
    assert!(stale.is_empty(), "no table has these any more: {stale:?}");
}

/// Words that stay as they are in Chinese texts.
const STAY: &str = "HU CT MR DICOM NRRD NIfTI STL PLY OBJ GLB 3MF VTP VTU CSV VTK FEBio feb Gmsh msh Abaqus inp Casson \
    Ogden Mooney Rivlin Carreau Yasuda prosector English Q MIT Apache PNG MIP MinIP";

#[test]
fn chinese_is_chinese() {
    let _speaking = speak(Language::SimplifiedChinese);
    let stay: BTreeSet<&str> = STAY.split_whitespace().collect();
    for id in i18n::ids(Language::SimplifiedChinese) {
        let Some(text) = i18n::other_than_english(id) else { continue };
        if text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)) {
            continue;
        }
        let mut latin = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
        assert!(latin.all(|word| stay.contains(word)), "{id} is '{text}'");
    }
}

#[test]
fn the_fonts_have_every_character_of_every_language() {
    let ctx = egui::Context::default();
    theme::apply(&ctx);
    let mut lacking = BTreeSet::new();
    let _ = ctx.run_ui(egui::RawInput::default(), |ui| {
        let texts = Language::ALL.into_iter().flat_map(|language| i18n::texts(language).chain([language.name()]));
        let characters: BTreeSet<char> = texts.flat_map(str::chars).filter(|c| !c.is_control()).collect();
        for font in [egui::FontId::proportional(13.0), theme::semibold(13.0)] {
            let lacks = |c: &&char| !ui.fonts_mut(|fonts| fonts.has_glyph(&font, **c));
            lacking.extend(characters.iter().filter(lacks).copied());
        }
    });
    assert!(lacking.is_empty(), "cut assets/fonts/NotoSansSC-*.otf anew with {lacking:?}");
}

#[test]
fn a_line_of_chinese_is_as_high_as_one_of_english() {
    let ctx = egui::Context::default();
    theme::apply(&ctx);
    let _ = ctx.run_ui(egui::RawInput::default(), |ui| {
        for font in
            [11.5, 13.0, 15.0].into_iter().flat_map(|size| [egui::FontId::proportional(size), theme::semibold(size)])
        {
            let height =
                |text: &str| ui.painter().layout_no_wrap(text.to_owned(), font.clone(), egui::Color32::WHITE).size().y;
            let [english, chinese, both] = ["Threshold", "阈值", "CT 阈值"].map(height);
            assert!((english - chinese).abs() < 0.51 && (english - both).abs() < 0.51, "{english} {chinese} {both}");
        }
    });
}

#[test]
fn a_choice_in_the_menu_changes_the_language_in_the_next_frame() {
    let mut harness = open(case());
    let _english_again = Speaking;
    assert!(harness.query_by_label("View").is_some() && harness.query_by_label("视图").is_none());
    press(&mut harness, "Help");
    let is_item = |label: String| label.ends_with("Language: 简体中文");
    {
        let mut buttons = harness.get_all_by_role(egui::accesskit::Role::Button);
        buttons.find(|node| node.accesskit_node().label().is_some_and(is_item)).expect("the item is there").click();
    }
    assert_eq!(asked(&mut harness), []);
    for menu in ["文件", "编辑", "视图", "切片", "分割", "工具", "帮助"] {
        assert!(harness.query_all_by_label(menu).next().is_some(), "{menu}");
    }
    assert!(harness.query_by_label("View").is_none());
    // The next start speaks it too.
    let settings = harness.state().workspace.settings.clone();
    set_language(Language::English);
    harness.state_mut().workspace.use_settings(settings);
    assert_eq!(i18n::language(), Language::SimplifiedChinese);
    press(&mut harness, "阈值…");
    for label in ["方法", "上限", "下限", "仅最大块", "运行", "取消"] {
        assert!(harness.query_all_by_label(label).next().is_some(), "{label}");
    }
    // The command is the same in every language.
    let requests = press(&mut harness, "运行");
    assert!(matches!(&requests[..], [Request::Run(command)] if command.tool == "segment.threshold"), "{requests:?}");
}

#[test]
fn the_palette_finds_both_languages() {
    for (language, typed) in
        [(Language::English, "阈值"), (Language::SimplifiedChinese, "threshold"), (Language::SimplifiedChinese, "阈值")]
    {
        let _speaking = speak(language);
        let mut harness = open(case());
        strike(&mut harness, Modifiers::COMMAND, Key::K);
        harness.event(egui::Event::Text(typed.into()));
        harness.run_steps(2);
        strike(&mut harness, Modifiers::NONE, Key::Enter);
        let run = if language == Language::English { "Run" } else { "运行" };
        assert!(harness.query_by_label(run).is_some(), "{typed} opens a form in {}", language.name());
    }
}

#[test]
fn tiles_have_chinese_names_that_fit() {
    let _speaking = speak(Language::SimplifiedChinese);
    let mut harness = open(case());
    for (step, labels) in [
        ("导入", &["DICOM 文件夹…", "文件…", "胸部 CT", "体模"][..]),
        ("分割", &["肺", "气道", "骨骼", "体表", "血管", "阈值…", "分割编辑器"]),
        ("建模", &["表面…", "四面体…"]),
        ("模拟", &["手术…", "牵拉器官…", "气道气流…", "血管血流…", "血管树流动…"]),
        ("报告", &["导出网格…", "报告…", "保存病例"]),
    ] {
        harness.state_mut().workspace.step = match step {
            "导入" => Step::Import,
            "分割" => Step::Segment,
            "建模" => Step::Model,
            "模拟" => Step::Simulate,
            _ => Step::Report,
        };
        harness.run_steps(2);
        for label in labels {
            let tile = harness.query_all_by_label(label).find(|node| 30.0 < node.rect().height());
            let tile = tile.unwrap_or_else(|| panic!("{step} has no tile {label}"));
            let font = egui::FontId::proportional(12.5);
            let laid_out = |fonts: &mut egui::epaint::text::FontsView<'_>| {
                fonts.layout_no_wrap((*label).to_owned(), font, egui::Color32::WHITE).size().x
            };
            // As much as `widgets::tile` needs besides.
            let needed = harness.ctx.fonts_mut(laid_out) + 37.0;
            assert!(needed <= tile.rect().width() + 0.5, "{label} needs {needed} of {}", tile.rect().width());
        }
    }
}

#[test]
fn structures_are_shown_and_found_in_chinese_and_stored_in_english() {
    assert_eq!(words::anatomy("left kidney"), "left kidney");
    let _speaking = speak(Language::SimplifiedChinese);
    assert_eq!(words::anatomy("left kidney"), "左肾");
    assert_eq!(words::anatomy("Right lung"), "右肺");
    assert_eq!(words::anatomy("left ventricle"), "左心室");
    assert_eq!(words::anatomy("left upper lobe of lung"), "左肺上叶");
    assert_eq!(words::anatomy("guide for Mr X"), "guide for Mr X");
    let found = |typed: &str| words::search_terms(typed).iter().map(|term| term.name).collect::<Vec<_>>();
    assert_eq!(found("门静脉"), ["portal vein"]);
    assert!(found("左肾").contains(&"kidney") && found("肾").contains(&"renal artery"));
    assert_eq!(found("liver")[0], "liver");
    let language = Wish::Language(Language::English);
    assert!(ACTIONS.iter().any(|action| action.wish == language));
}
