//! Sentences as kernels and tools make them, and what the window shows of them in Chinese.

use super::*;
use crate::base::i18n::set_language;

fn chinese(english: &str) -> String {
    set_language(Language::SimplifiedChinese);
    let shown = sentence(english).into_owned();
    set_language(Language::English);
    shown
}

#[test]
fn english_is_never_touched() {
    set_language(Language::English);
    assert!(matches!(sentence("largest displacement"), Cow::Borrowed("largest displacement")));
}

#[test]
fn names_and_values_stand_where_they_belong() {
    assert_eq!(chinese("largest displacement"), "最大位移");
    assert_eq!(chinese("margin to tumour"), "距肿瘤的切缘");
    assert_eq!(chinese("distance to left kidney"), "到左肾的距离");
    assert_eq!(chinese("at least 10 mm"), "至少 10 mm");
    assert_eq!(chinese("remnant liver"), "残余肝");
    assert_eq!(chinese("lower_hu = 5000 HU is outside -1024 to 3071 HU"), "lower_hu = 5000 HU 超出 -1024 至 3071 HU");
}

#[test]
fn causes_are_looked_up_one_by_one() {
    assert_eq!(
        chinese("cannot read, a.nii: the file is not NIfTI: its first number is not 348"),
        "无法读取，a.nii：文件不是 NIfTI：其首个数不是 348"
    );
    assert_eq!(chinese("Threshold: there is no object 7"), "阈值：没有对象 7");
    assert_eq!(chinese("Plane cut 1: 34 ml are left"), "Plane cut 1：残留 34 ml");
    // Where the window's own words stand before it.
    assert_eq!(chinese("重放：there is no object 7"), "重放：没有对象 7");
}

#[test]
fn sentences_of_old_case_files_are_known() {
    assert_eq!(
        chinese("steady flow of a Newtonian fluid between rigid walls; no model of turbulence near walls"),
        "刚性壁间牛顿流体的稳态流动；近壁处无湍流模型"
    );
    let former = crate::base::i18n::sources::FORMER.iter().map(|(_, text)| po::read(text));
    for (english, other) in former.collect::<Result<Vec<_>, _>>().unwrap().concat() {
        assert!(pattern::Pattern::new(&english, &other).is_some(), "{english}");
    }
}

#[test]
fn first_letters_and_full_stops_do_not_matter() {
    assert_eq!(chinese("Largest displacement"), "最大位移");
    assert_eq!(chinese("The surface is inside out."), "表面内外翻转。");
}

#[test]
fn a_value_may_be_a_range_a_list_or_have_more_behind_it() {
    assert_eq!(chinese("threshold -200 to 3000 HU"), "阈值 -200 至 3000 HU");
    assert_eq!(chinese("distances to liver, spleen and stomach"), "distances to liver, spleen and stomach");
    assert_eq!(chinese("distance to liver, spleen and stomach"), "到肝、脾和胃的距离");
    assert_eq!(chinese("cut vessel: portal vein, branch 3, crossed 2 times"), "切断血管：门静脉，分支 3，穿过 2 次");
}

#[test]
fn a_step_is_a_verb_and_what_it_was_done_to() {
    let step_of = |english: &str| {
        set_language(Language::SimplifiedChinese);
        let shown = step(english).into_owned();
        set_language(Language::English);
        shown
    };
    assert_eq!(step_of("decimate Liver"), "减面肝");
    assert_eq!(step_of("union with Plate 7"), "并集：Plate 7");
    assert_eq!(step_of("thickness of Plate 7"), "厚度：Plate 7");
    // Order of words and what was done, as Chinese has it.
    assert_eq!(step_of("smoothed of Plate 7"), "平滑：Plate 7");
    assert_eq!(step_of("contrast in Plate 7"), "Plate 7内的对比剂");
    assert_eq!(step_of("pull liver for 20 s"), "牵拉肝，持续 20 s");
    assert_eq!(step_of("start"), "开始");
    assert_eq!(step_of("Plate 7"), "Plate 7");
}

#[test]
fn what_is_not_known_stays_as_it_is() {
    for text in ["", "12.5 mm", "Mr X's left side of the plan", "a of b", "liver guide for Mr X"] {
        assert_eq!(chinese(text), text);
    }
}

#[test]
fn a_translation_names_only_values_of_its_english_and_no_english_stands_twice() {
    let pairs = all(Language::SimplifiedChinese).unwrap();
    let mut seen = std::collections::BTreeSet::new();
    for (english, other) in &pairs {
        assert!(pattern::Pattern::new(english, other).is_some(), "'{other}' has a value that '{english}' has not");
        assert!(!other.trim().is_empty(), "'{english}' has no translation");
        assert!(seen.insert(english), "'{english}' stands twice");
    }
    assert!(3000 < pairs.len(), "{} sentences", pairs.len());
}

#[test]
fn a_sentence_filled_with_values_is_recognised_again() {
    let pairs = all(Language::SimplifiedChinese).unwrap();
    let mut wrong = Vec::new();
    for (english, other) in &pairs {
        // As many places as there are, each with a value of its own that nothing translates.
        let pattern = pattern::Pattern::new(english, other).unwrap();
        let places = pattern.places();
        let values: Vec<String> = (0..places).map(|n| format!("{}.5", n + 31)).collect();
        if pattern.is_weak() && places != 0 {
            continue;
        }
        let (said, wanted) = (pattern.said(&values), pattern.filled(&values));
        let shown = chinese(&said);
        if shown != wanted {
            wrong.push(format!("{said}\n  is {shown}\n  not {wanted}"));
        }
    }
    assert!(wrong.len() <= pairs.len() / 100, "{} of {}:\n{}", wrong.len(), pairs.len(), wrong.join("\n"));
}

#[test]
fn a_new_sentence_is_found_in_less_than_a_millisecond() {
    // Once for the first reading of the files.
    let _ = chinese("start");
    let pairs = all(Language::SimplifiedChinese).unwrap();
    let texts: Vec<String> = pairs.iter().map(|(english, _)| format!("{english}: {english}")).collect();
    let start = std::time::Instant::now();
    let shown: usize = texts.iter().map(|text| chinese(text).len()).sum();
    let each_us = start.elapsed().as_secs_f64() * 1e6 / texts.len() as f64;
    // Built without optimisation on a loaded machine; 50 µs are meant for the program.
    assert!(0 < shown && each_us < 1000.0, "{each_us:.1} µs a sentence");
}
