//! The files of messages, embedded into the program.

use super::Language;

/// Every file with the language it is in.
pub(super) const SOURCES: &[(Language, &str)] = &[
    (Language::English, include_str!("../../../assets/i18n/en/dialogs.ftl")),
    (Language::English, include_str!("../../../assets/i18n/en/editor.ftl")),
    (Language::English, include_str!("../../../assets/i18n/en/notes.ftl")),
    (Language::English, include_str!("../../../assets/i18n/en/panels.ftl")),
    (Language::English, include_str!("../../../assets/i18n/en/reasons.ftl")),
    (Language::English, include_str!("../../../assets/i18n/en/report.ftl")),
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
    (Language::SimplifiedChinese, include_str!("../../../assets/i18n/zh-CN/reasons.ftl")),
    (Language::SimplifiedChinese, include_str!("../../../assets/i18n/zh-CN/report.ftl")),
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

/// What no source says any more, but case files of earlier versions hold.
pub(super) const FORMER: &[(Language, &str)] =
    &[(Language::SimplifiedChinese, include_str!("../../../assets/i18n/zh-CN/sentences-former.po"))];

/// The translation memories, gettext's PO files, with the language they lead to.
pub(super) const SENTENCES: &[(Language, &str)] = &[
    (Language::SimplifiedChinese, include_str!("../../../assets/i18n/zh-CN/sentences-biomech.po")),
    (Language::SimplifiedChinese, include_str!("../../../assets/i18n/zh-CN/sentences-flow.po")),
    (Language::SimplifiedChinese, include_str!("../../../assets/i18n/zh-CN/sentences-image.po")),
    (Language::SimplifiedChinese, include_str!("../../../assets/i18n/zh-CN/sentences-io.po")),
    (Language::SimplifiedChinese, include_str!("../../../assets/i18n/zh-CN/sentences-mesh.po")),
    (Language::SimplifiedChinese, include_str!("../../../assets/i18n/zh-CN/sentences-names.po")),
    (Language::SimplifiedChinese, include_str!("../../../assets/i18n/zh-CN/sentences-plan.po")),
    (Language::SimplifiedChinese, include_str!("../../../assets/i18n/zh-CN/sentences-segment.po")),
    (Language::SimplifiedChinese, include_str!("../../../assets/i18n/zh-CN/sentences-session.po")),
    (Language::SimplifiedChinese, include_str!("../../../assets/i18n/zh-CN/sentences-tools-segment.po")),
    (Language::SimplifiedChinese, include_str!("../../../assets/i18n/zh-CN/sentences-tools-simulate.po")),
    (Language::SimplifiedChinese, include_str!("../../../assets/i18n/zh-CN/sentences-tools.po")),
    (Language::SimplifiedChinese, include_str!("../../../assets/i18n/zh-CN/sentences-window.po")),
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
            let all = SOURCES.iter().chain(SENTENCES).chain(FORMER);
            let mut listed: Vec<_> = all.filter(|(of, _)| *of == language).map(|(_, text)| *text).collect();
            texts.sort();
            listed.sort_unstable();
            assert_eq!(texts, listed);
        }
    }
}
