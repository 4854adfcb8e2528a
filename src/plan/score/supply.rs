//! Which part of an organ hangs on which vessel: trees by their kind, territories made once and kept with the organ's body.

use super::knives::Blunt;
use super::scene::{Body, Scene};
use crate::base::Progress;
use crate::plan::resection::{Blade, ResectionError};
use crate::plan::territory::{Territories, TerritoryError, Weighting};
use crate::plan::{Plan, Structure};
use std::sync::{Arc, Mutex, PoisonError};

/// Trees and cuts that are kept with an organ: those used last.
const KEPT: usize = 2;

/// How territories come about, for reports.
pub(super) const METHOD: &str = "Every voxel of the organ belongs to the nearest place of the centre lines (distance to the line, \
     without flow); bounds move the organ's edge half a voxel. How far vessels supply beyond that, and by collaterals, is not \
     known: the border between territories has no bounds.";
/// Where the rule comes from.
pub(super) const SOURCE: &str = "nearest branch: Selle and others 2002, IEEE TMI 21:1344";

/// What a tree of vessels does for the organ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flow {
    /// It brings blood: an artery or the portal vein.
    Supplies,
    /// It takes blood away: hepatic veins.
    Drains,
    /// Its name does not say.
    Unknown,
}

impl Flow {
    /// What vessels called `name` do.
    pub(crate) fn of(name: &str) -> Self {
        let name = name.to_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
        match () {
            () if has(&["portal", "porta", "arter", "aorta", "门静脉", "动脉"]) => Self::Supplies,
            () if has(&["vein", "vena", "venous", "cava", "静脉"]) => Self::Drains,
            () => Self::Unknown,
        }
    }

    /// What becomes of tissue behind a closed place.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Supplies => "devascularised",
            Self::Drains => "congested",
            Self::Unknown => "supplied or drained by what is closed",
        }
    }
}

/// The tree whose territories are cut: the first of the plan that brings blood, else the first.
///
/// # Errors
/// A sentence if the plan has none.
pub(crate) fn tree<'a>(plan: &Plan, scene: &'a Scene) -> Result<(Structure, &'a Body), String> {
    let with_lines = |structure: &Structure| Some((*structure, scene.body(*structure)?));
    let all: Vec<(Structure, &Body)> = plan.vessels.iter().filter_map(with_lines).collect();
    let supplies = all.iter().find(|(_, body)| Flow::of(&body.name) == Flow::Supplies);
    supplies.or(all.first()).copied().ok_or_else(|| {
        "a cut by territories needs centre lines of the organ's vessels; make them with model.centre_lines and give them \
         to the plan as vessels"
            .to_owned()
    })
}

/// Territories and cuts between them that were made for an organ.
#[derive(Debug, Clone, Default)]
pub(crate) struct Supply {
    territories: Arc<Mutex<Vec<(String, Arc<Territories>)>>>,
    blades: Arc<Mutex<Vec<(BladeKey, Blade)>>>,
}

/// Content of the lines, branches, and the width's bits.
type BladeKey = (String, Vec<usize>, u64);

impl Supply {
    /// About how many bytes it takes in memory.
    pub(super) fn bytes(&self) -> usize {
        // While some are made nobody waits for their number.
        let territories = self.territories.try_lock();
        let territories = territories.map_or(0, |all| all.iter().map(|(_, own)| own.bytes()).sum::<usize>());
        let blades = self.blades.try_lock();
        territories + blades.map_or(0, |all| all.iter().map(|(_, own)| own.bytes()).sum::<usize>())
    }
}

/// What `kept` has under `key`, or what `make` gives; the last ones used are kept.
fn kept<K: PartialEq, V: Clone, E>(
    kept: &Mutex<Vec<(K, V)>>,
    key: K,
    make: impl FnOnce() -> Result<V, E>,
) -> Result<V, E> {
    // Not locked while it is made: a thread that waits for its part of that may be given work that asks for the same. Two
    // threads may make the same one. A panic leaves a list that is whole.
    let locked = || kept.lock().unwrap_or_else(PoisonError::into_inner);
    let known = locked().iter().find(|(own, _)| *own == key).map(|(_, value)| value.clone());
    let value = match known {
        Some(value) => value,
        None => make()?,
    };
    let mut kept = locked();
    kept.retain(|(own, _)| *own != key);
    kept.truncate(KEPT - 1);
    kept.insert(0, (key, value.clone()));
    Ok(value)
}

/// The territories of `vessels` in `organ`.
///
/// # Errors
/// [`Blunt`] if the organ is no segment, there are no lines, or `progress` was cancelled.
pub(crate) fn territories(organ: &Body, vessels: &Body, progress: &Progress) -> Result<Arc<Territories>, Blunt> {
    let voxels = organ.organ().ok_or_else(|| {
        Blunt::Why(format!("{} is no segment; choose a segment as the organ for territories", organ.name))
    })?;
    let lines = vessels
        .lines
        .as_ref()
        .ok_or_else(|| Blunt::Why(format!("{} is no centre lines; make them with model.centre_lines", vessels.name)))?;
    kept(&organ.made.supply.territories, vessels.content.clone(), || {
        match Territories::of(Arc::clone(voxels), lines, &Weighting::Distance, progress) {
            Ok(found) => Ok(Arc::new(found)),
            Err(TerritoryError::Cancelled(stop)) => Err(Blunt::Cancelled(stop)),
            Err(why) => Err(Blunt::Why(why.to_string())),
        }
    })
}

/// The cut around the territories of `branches`, each with all that grows from it.
///
/// # Errors
/// [`Blunt`] that says what is missing.
pub(super) fn blade(
    plan: &Plan,
    scene: &Scene,
    branches: &[usize],
    width_mm: f64,
    progress: &Progress,
) -> Result<Blade, Blunt> {
    let why = |text: &str| Blunt::Why(text.to_owned());
    let organ = plan.organ.ok_or_else(|| why("no organ is chosen; choose the one whose territories are cut"))?;
    let organ = scene.body(organ).ok_or_else(|| why("the organ is empty or was removed; choose it again"))?;
    let (_, vessels) = tree(plan, scene).map_err(Blunt::Why)?;
    let territories = territories(organ, vessels, &progress.part(0.0..0.5, "territories"))?;
    let n = territories.branches();
    if let Some(unknown) = branches.iter().find(|branch| n <= **branch) {
        let text = format!("branch {} is named; {} has branches 1 to {n}", unknown + 1, vessels.name);
        return Err(Blunt::Why(text));
    }
    let key = (vessels.content.clone(), branches.to_vec(), width_mm.to_bits());
    kept(&organ.made.supply.blades, key, || {
        let parted = territories.parted(&territories.of_branches(branches));
        match Blade::between(&parted, width_mm, &progress.part(0.5..1.0, "the cut between them")) {
            Ok(blade) => Ok(blade),
            Err(ResectionError::NoTerritories) => Err(Blunt::Why(format!(
                "no voxel of {} is nearest to the branches that are named; choose larger ones",
                organ.name
            ))),
            Err(other) => Err(other.into()),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_what_vessels_do() {
        for (name, flow) in [
            ("portal vein centre lines", Flow::Supplies),
            ("Hepatic artery", Flow::Supplies),
            ("hepatic veins", Flow::Drains),
            ("肝静脉", Flow::Drains),
            ("门静脉", Flow::Supplies),
            ("tree 3", Flow::Unknown),
        ] {
            assert_eq!(Flow::of(name), flow, "{name}");
        }
    }

    #[test]
    fn what_was_used_last_is_kept() {
        let list = Mutex::new(Vec::new());
        let ask = |key: u32| {
            let mut made = false;
            let value = kept(&list, key, || {
                made = true;
                Ok::<u32, ()>(10 * key)
            });
            assert_eq!(value, Ok(10 * key));
            made
        };
        assert_eq!([1, 2, 1, 3, 1, 2].map(ask), [true, true, false, true, false, true]);
        assert_eq!(kept(&list, 9, || Err("no")), Err("no"));
        assert!(!ask(1), "what failed pushes nothing out");
    }
}
