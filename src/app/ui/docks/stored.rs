//! Docks as they stand in the file of settings: by names, so that an older or later program loses nothing it knows.

use super::{Dock, Docks, FLOATING, Group, SidePanel, round};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A group as it is written.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct StoredGroup {
    panels: Vec<String>,
    /// The one in front.
    active: String,
    share: f32,
    /// Where it floats.
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<[f32; 4]>,
}

/// All groups as they are written.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Stored {
    left: Vec<StoredGroup>,
    right: Vec<StoredGroup>,
    bottom: Vec<StoredGroup>,
    floating: Vec<StoredGroup>,
}

impl Serialize for Docks {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let stored = |dock: Dock| {
            let group = |group: &Group| StoredGroup {
                panels: group.panels.iter().map(|panel| panel.code().to_owned()).collect(),
                active: group.active.code().to_owned(),
                share: group.share,
                place: (group.place != Group::new(&group.panels, 1.0).place).then_some(group.place),
            };
            self.groups(dock).iter().map(group).collect()
        };
        let [left, right, bottom, floating] = Dock::ALL.map(stored);
        Stored { left, right, bottom, floating }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Docks {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Stored { left, right, bottom, floating } = Stored::deserialize(deserializer)?;
        let mut docks = Self { docks: Default::default() };
        for (dock, groups) in Dock::ALL.into_iter().zip([left, right, bottom, floating]) {
            for stored in groups {
                docks.read(dock, &stored);
            }
        }
        docks.complete();
        Ok(docks)
    }
}

impl Docks {
    /// Add a group, without what is unknown or stands somewhere already.
    fn read(&mut self, dock: Dock, stored: &StoredGroup) {
        let known = |code: &str| SidePanel::ALL.into_iter().find(|panel| panel.code() == code);
        let mut panels: Vec<SidePanel> = Vec::new();
        for panel in stored.panels.iter().filter_map(|code| known(code)) {
            if !panels.contains(&panel) && self.find(panel).is_none() {
                panels.push(panel);
            }
        }
        let Some(first) = panels.first() else { return };
        let share = if stored.share.is_finite() { stored.share.clamp(0.001, 20.0) } else { 1.0 };
        let mut group = Group::new(&panels, round(share));
        group.active = known(&stored.active).filter(|panel| panels.contains(panel)).unwrap_or(*first);
        if let Some([x, y, width, height]) = stored.place.filter(|place| place.iter().all(|number| number.is_finite()))
        {
            let [least, most] = FLOATING;
            let size = [width.clamp(least[0], most[0]), height.clamp(least[1], most[1])];
            group.place = [x.clamp(0.0, 1e4), y.clamp(0.0, 1e4), size[0], size[1]].map(f32::round);
        }
        self.docks[dock as usize].push(group);
    }

    /// Panels that stand nowhere go to where they stand usually: with those of their group, else to the end of their dock.
    fn complete(&mut self) {
        let usual = Self::default();
        for panel in SidePanel::ALL {
            let (None, Some((dock, place))) = (self.find(panel), usual.find(panel)) else { continue };
            let group = &usual.groups(dock)[place];
            let fellow = group.panels.iter().copied().find(|fellow| self.find(*fellow).is_some());
            match fellow {
                Some(fellow) => {
                    if let Some(own) = self.group_mut(fellow) {
                        own.panels.push(panel);
                    }
                }
                None => self.docks[dock as usize].push(Group::new(&[panel], group.share)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Target;
    use super::*;

    fn read(text: &str) -> Docks {
        serde_json::from_str(text).unwrap()
    }

    fn all(docks: &Docks) -> Vec<&'static str> {
        let mut all: Vec<_> =
            docks.docks.iter().flatten().flat_map(|group| &group.panels).map(|panel| panel.code()).collect();
        all.sort_unstable();
        all
    }

    #[test]
    fn of_any_file_every_panel_is_shown_once() {
        let mut codes: Vec<_> = SidePanel::ALL.iter().map(|panel| panel.code()).collect();
        codes.sort_unstable();
        for text in [
            "{}",
            // An older program knew fewer panels, a later one knows more.
            r#"{"right": [{"panels": ["guide"]}, {"panels": ["hologram"]}], "top": []}"#,
            // Edited by hand: twice, empty, out of all bounds.
            r#"{"left": [{"panels": ["log", "log", "plan"], "share": -4.0}, {"panels": []}],
                "bottom": [{"panels": ["log", "jobs"], "active": "guide", "share": 1e30}],
                "floating": [{"panels": ["details"], "place": [-5e8, 3.0, 0.0, 1e9]}]}"#,
        ] {
            let docks = read(text);
            assert_eq!(all(&docks), codes, "{text}");
            assert_eq!(read(&serde_json::to_string(&docks).unwrap()), docks, "{text}");
        }
        assert_eq!(read("{}"), Docks::default());
        let older = read(r#"{"right": [{"panels": ["guide"]}]}"#);
        assert_eq!(older.dock_of(SidePanel::Plan), Dock::Right, "a plan is with the guide");
    }

    #[test]
    fn everything_may_stand_on_one_side() {
        for dock in Dock::ALL {
            let mut docks = Docks::default();
            SidePanel::ALL.into_iter().for_each(|panel| docks.put(&[panel], Target::Dock(dock)));
            assert_eq!(docks.groups(dock).len(), SidePanel::ALL.len());
            assert_eq!(read(&serde_json::to_string(&docks).unwrap()), docks);
        }
    }
}
