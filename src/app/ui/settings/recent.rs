//! Cases and scans that were opened before.

use super::{RECENT_MAX, Settings};
use crate::base::i18n::{tr, tr_with};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// A case, image or folder of DICOM files that was opened or saved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recent {
    /// Where it lies.
    pub path: PathBuf,
    /// When it was opened, in seconds since 1970.
    pub at_s: u64,
}

impl Recent {
    /// What it is called in a list.
    pub fn name(&self) -> String {
        let is_case = self.path.extension().is_some_and(|ending| ending == "prosector");
        let name = if is_case { self.path.file_stem() } else { self.path.file_name() };
        name.map_or_else(|| self.path.display().to_string(), |name| name.to_string_lossy().into_owned())
    }

    /// How long ago at `now_s`, in words.
    pub fn ago(&self, now_s: u64) -> String {
        let minutes = now_s.saturating_sub(self.at_s) / 60;
        let many = |n: u64, id: &str| tr_with(id, &[("count", n.into())]);
        match minutes {
            0 => tr("ago-now").into(),
            1..60 => many(minutes, "ago-minutes"),
            60..1440 => many(minutes / 60, "ago-hours"),
            1440..2880 => tr("ago-yesterday").into(),
            2880..43200 => many(minutes / 1440, "ago-days"),
            43200..525_600 => many(minutes / 43200, "ago-months"),
            _ => many(minutes / 525_600, "ago-years"),
        }
    }
}

impl Settings {
    /// Something was opened or saved at `path`.
    pub fn remember(&mut self, path: PathBuf, at_s: u64) {
        self.forget(&path);
        self.recent.insert(0, Recent { path, at_s });
        self.recent.truncate(RECENT_MAX);
    }

    /// Take `path` from the list.
    pub fn forget(&mut self, path: &Path) {
        self.recent.retain(|recent| recent.path != path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_case_comes_first_and_none_twice() {
        let mut settings = Settings::default();
        (0..12).for_each(|n| settings.remember(format!("/cases/{n}.prosector").into(), n));
        settings.remember("/cases/7.prosector".into(), 99);
        assert_eq!(settings.recent.len(), RECENT_MAX);
        assert_eq!((settings.recent[0].name().as_str(), settings.recent[0].at_s), ("7", 99));
        assert_eq!(settings.recent.iter().filter(|recent| recent.name() == "7").count(), 1);
        settings.forget(Path::new("/cases/7.prosector"));
        assert_eq!(settings.recent[0].name(), "11");
    }

    #[test]
    fn how_long_ago_is_said_in_the_largest_unit() {
        let recent = Recent { path: "/scans/chest ct".into(), at_s: 1000 };
        let ago = |passed_s: u64| recent.ago(1000 + passed_s);
        assert_eq!([ago(5), ago(60), ago(7200)], ["just now", "1 minute ago", "2 hours ago"]);
        assert_eq!([ago(90_000), ago(4 * 86_400)], ["yesterday", "4 days ago"]);
        assert_eq!(recent.ago(0), "just now", "a clock that was set back is no error");
        assert_eq!(recent.name(), "chest ct");
    }
}
