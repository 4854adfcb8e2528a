//! The languages, and which one is spoken now.

#[cfg(not(test))]
use std::sync::atomic::{AtomicU8, Ordering};

/// A language of the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Language {
    /// English, with British spelling.
    #[default]
    English,
    /// Chinese in simplified characters.
    SimplifiedChinese,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::English, Self::SimplifiedChinese];

    /// Its name in itself.
    pub fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::SimplifiedChinese => "简体中文",
        }
    }

    /// Its code (BCP 47), also the name of its folder under `assets/i18n`.
    pub fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::SimplifiedChinese => "zh-CN",
        }
    }

    /// The language of a code or of a value of `LANG`, such as `zh-CN`, `zh_CN.UTF-8`, `zh` or `en_GB`.
    ///
    /// All of Chinese is simplified Chinese here, the only one there is; `C` and `POSIX` are no language.
    pub fn from_code(code: &str) -> Option<Self> {
        match code.split(['-', '_', '.', '@']).next()?.to_ascii_lowercase().as_str() {
            "en" => Some(Self::English),
            "zh" => Some(Self::SimplifiedChinese),
            _ => None,
        }
    }

    /// The language to start with where nobody has chosen one: that of `PROSECTOR_LANG`, else of the system by its
    /// `LC_ALL`, `LC_MESSAGES` or `LANG`, else English.
    pub fn of_environment() -> Self {
        Self::of_variables(|name| std::env::var(name).ok())
    }

    fn of_variables(variable: impl Fn(&str) -> Option<String>) -> Self {
        if let Some(wanted) = variable("PROSECTOR_LANG").and_then(|code| Self::from_code(&code)) {
            return wanted;
        }
        // The first that is set decides, as POSIX says, even where it names a language we do not speak.
        let set = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(variable).find(|value| !value.is_empty());
        set.and_then(|code| Self::from_code(&code)).unwrap_or_default()
    }

    pub(super) fn place(self) -> usize {
        match self {
            Self::English => 0,
            Self::SimplifiedChinese => 1,
        }
    }
}

#[cfg(not(test))]
static NOW: AtomicU8 = AtomicU8::new(0);

/// The language spoken now.
#[cfg(not(test))]
pub fn language() -> Language {
    Language::ALL.get(usize::from(NOW.load(Ordering::Relaxed))).copied().unwrap_or_default()
}

/// Speak this language from now on: the next frame has it everywhere.
#[cfg(not(test))]
pub fn set_language(language: Language) {
    NOW.store(language.place() as u8, Ordering::Relaxed);
}

// Tests run side by side in threads of one process; each speaks its own language.
#[cfg(test)]
thread_local! {
    static NOW: std::cell::Cell<Language> = const { std::cell::Cell::new(Language::English) };
}

/// The language spoken now, by this thread.
#[cfg(test)]
pub fn language() -> Language {
    NOW.get()
}

/// Speak this language from now on, in this thread.
#[cfg(test)]
pub fn set_language(language: Language) {
    NOW.set(language);
}

#[cfg(test)]
mod tests {
    use super::Language::{self, English, SimplifiedChinese};

    #[test]
    fn codes_are_read_in_all_usual_spellings() {
        for language in Language::ALL {
            assert_eq!(Language::from_code(language.code()), Some(language));
            assert_eq!(Language::ALL[language.place()], language);
        }
        let chinese = ["zh", "zh-Hans", "zh_CN.UTF-8", "ZH_TW"].map(Language::from_code);
        assert_eq!(chinese, [Some(SimplifiedChinese); 4]);
        assert_eq!(["en_GB.UTF-8", "en@quot"].map(Language::from_code), [Some(English); 2]);
        assert_eq!(["C", "POSIX", "de_DE", ""].map(Language::from_code), [None; 4]);
    }

    #[test]
    fn our_own_variable_comes_before_the_systems() {
        let of = |set: &[(&str, &str)]| {
            let find = |name: &str| set.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
            Language::of_variables(find)
        };
        assert_eq!(of(&[]), English);
        assert_eq!(of(&[("LANG", "zh_CN.UTF-8")]), SimplifiedChinese);
        assert_eq!(of(&[("LANG", "zh_CN.UTF-8"), ("LC_ALL", "C")]), English);
        assert_eq!(of(&[("LANG", "zh_CN.UTF-8"), ("LC_ALL", "")]), SimplifiedChinese);
        assert_eq!(of(&[("LANG", "zh_CN.UTF-8"), ("PROSECTOR_LANG", "en")]), English);
        assert_eq!(of(&[("LANG", "de_DE.UTF-8"), ("PROSECTOR_LANG", "zh")]), SimplifiedChinese);
    }
}
