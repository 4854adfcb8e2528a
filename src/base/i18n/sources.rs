//! The files of messages, embedded into the program.

use super::Language;

/// Every file with the language it is in.
pub(super) const SOURCES: &[(Language, &str)] = &[
    (Language::English, include_str!("../../../assets/i18n/en/dialogs.ftl")),
    (Language::English, include_str!("../../../assets/i18n/en/editor.ftl")),
    (Language::English, include_str!("../../../assets/i18n/en/notes.ftl")),
    (Language::English, include_str!("../../../assets/i18n/en/panels.ftl")),
    (Language::English, include_str!("../../../assets/i18n/en/simulate.ftl")),
    (Language::English, include_str!("../../../assets/i18n/en/plan.ftl")),
    (Language::English, include_str!("../../../assets/i18n/en/ui.ftl")),
    (Language::English, include_str!("../../../assets/i18n/en/views.ftl")),
    (Language::English, include_str!("../../../assets/i18n/en/volume.ftl")),
    (Language::SimplifiedChinese, include_str!("../../../assets/i18n/zh-CN/actions.ftl")),
    (Language::SimplifiedChinese, include_str!("../../../assets/i18n/zh-CN/anatomy.ftl")),
    (Language::SimplifiedChinese, include_str!("../../../assets/i18n/zh-CN/dialogs.ftl")),
    (Language::SimplifiedChinese, include_str!("../../../assets/i18n/zh-CN/editor.ftl")),
    (Language::SimplifiedChinese, include_str!("../../../assets/i18n/zh-CN/effects.ftl")),
    (Language::SimplifiedChinese, include_str!("../../../assets/i18n/zh-CN/notes.ftl")),
    (Language::SimplifiedChinese, include_str!("../../../assets/i18n/zh-CN/objects.ftl")),
    (Language::SimplifiedChinese, include_str!("../../../assets/i18n/zh-CN/offers.ftl")),
    (Language::SimplifiedChinese, include_str!("../../../assets/i18n/zh-CN/panels.ftl")),
    (Language::SimplifiedChinese, include_str!("../../../assets/i18n/zh-CN/parameters.ftl")),
    (Language::SimplifiedChinese, include_str!("../../../assets/i18n/zh-CN/simulate.ftl")),
    (Language::SimplifiedChinese, include_str!("../../../assets/i18n/zh-CN/tools-export.ftl")),
    (Language::SimplifiedChinese, include_str!("../../../assets/i18n/zh-CN/tools-import.ftl")),
    (Language::SimplifiedChinese, include_str!("../../../assets/i18n/zh-CN/tools-measure.ftl")),
    (Language::SimplifiedChinese, include_str!("../../../assets/i18n/zh-CN/tools-model.ftl")),
    (Language::SimplifiedChinese, include_str!("../../../assets/i18n/zh-CN/tools-plan.ftl")),
    (Language::SimplifiedChinese, include_str!("../../../assets/i18n/zh-CN/tools-segment.ftl")),
    (Language::SimplifiedChinese, include_str!("../../../assets/i18n/zh-CN/tools-simulate.ftl")),
    (Language::SimplifiedChinese, include_str!("../../../assets/i18n/zh-CN/tools-surface.ftl")),
    (Language::SimplifiedChinese, include_str!("../../../assets/i18n/zh-CN/tools-view.ftl")),
    (Language::SimplifiedChinese, include_str!("../../../assets/i18n/zh-CN/plan.ftl")),
    (Language::SimplifiedChinese, include_str!("../../../assets/i18n/zh-CN/ui.ftl")),
    (Language::SimplifiedChinese, include_str!("../../../assets/i18n/zh-CN/views.ftl")),
    (Language::SimplifiedChinese, include_str!("../../../assets/i18n/zh-CN/volume.ftl")),
    (Language::SimplifiedChinese, include_str!("../../../assets/i18n/zh-CN/words.ftl")),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn every_file_of_the_folders_is_in_the_list() {
        for language in Language::ALL {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/i18n").join(language.code());
            let texts = std::fs::read_dir(folder).unwrap().map(|entry| std::fs::read_to_string(entry.unwrap().path()));
            let mut texts: Vec<String> = texts.map(Result::unwrap).collect();
            let mut listed: Vec<_> = SOURCES.iter().filter(|(of, _)| *of == language).map(|(_, text)| *text).collect();
            texts.sort();
            listed.sort_unstable();
            assert_eq!(texts, listed);
        }
    }
}
