//! What a tree of vessels does for its organ, told from its name, and which tree a cut by territories means.

use serde::{Deserialize, Serialize};

/// What stands in the names of vessels that bring blood.
const SUPPLIES: [&str; 6] = ["portal", "porta", "arter", "aorta", "门静脉", "动脉"];
/// What stands in the names of other vessels that take it away.
const DRAINS: [&str; 5] = ["vein", "vena", "venous", "cava", "静脉"];

/// What a tree of vessels does for the organ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// It brings blood: an artery or the portal vein.
    Supplies,
    /// It takes blood away: hepatic veins.
    Drains,
    /// Its name does not say.
    Unknown,
}

impl Role {
    /// What vessels called `name` do.
    pub fn of(name: &str) -> Self {
        let name = name.to_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
        match () {
            () if has(&SUPPLIES) => Self::Supplies,
            () if has(&DRAINS) => Self::Drains,
            () => Self::Unknown,
        }
    }

    /// What is behind a closed place of `organ`, by what becomes of it. Whole phrases, for each has its own translation.
    pub fn behind(self, organ: &str) -> String {
        match self {
            Self::Supplies => format!("{organ} devascularised"),
            Self::Drains => format!("{organ} congested"),
            Self::Unknown => format!("{organ} supplied or drained by what is closed"),
        }
    }

    /// How much of what the cuts leave of `organ` that is.
    pub fn part_of_remnant(self, organ: &str) -> String {
        match self {
            Self::Supplies => format!("part of the remnant {organ} devascularised"),
            Self::Drains => format!("part of the remnant {organ} congested"),
            Self::Unknown => format!("part of the remnant {organ} supplied or drained by what is closed"),
        }
    }
}

/// The tree whose territories are cut, of trees in the order of the plan, each with its name: the first that brings blood,
/// else the first. None where there is no tree.
pub fn of_territories<'n, T>(trees: impl IntoIterator<Item = (&'n str, T)>) -> Option<T> {
    let mut first = None;
    for (name, tree) in trees {
        if Role::of(name) == Role::Supplies {
            return Some(tree);
        }
        first = first.or(Some(tree));
    }
    first
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_what_vessels_do() {
        for (name, role) in [
            ("portal vein centre lines", Role::Supplies),
            ("Hepatic artery", Role::Supplies),
            ("hepatic veins", Role::Drains),
            ("肝静脉", Role::Drains),
            ("门静脉", Role::Supplies),
            ("tree 3", Role::Unknown),
        ] {
            assert_eq!(Role::of(name), role, "{name}");
        }
    }

    #[test]
    fn territories_are_those_of_the_first_tree_that_brings_blood() {
        let chosen = |names: &[&'static str]| of_territories(names.iter().map(|name| (*name, *name)));
        assert_eq!(chosen(&["hepatic veins", "Portal vein", "hepatic artery"]), Some("Portal vein"));
        assert_eq!(chosen(&["hepatic veins", "tree 3"]), Some("hepatic veins"));
        assert_eq!(chosen(&[]), None);
    }
}
