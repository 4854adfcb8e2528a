//! Which part of an organ hangs on which vessel: territories made once and kept with the organ's body, cuts and their faces.

use super::knives::Blunt;
use super::scene::{Body, Scene};
use crate::base::Progress;
use crate::mesh::{CentreLines, Surface};
use crate::plan::resection::{Blade, ResectionError};
use crate::plan::territory::{Territories, TerritoriesBy, TerritoryError, Weighting, murray_flows};
use crate::plan::tree::of_territories;
use crate::plan::{Plan, Structure};
use std::sync::{Arc, Mutex, PoisonError};

/// Bytes of trees, and of cuts, that are kept with an organ: those used last. A plan of a liver has three trees; of an organ
/// of 256³ each takes some 70 MB.
const BYTES_MAX: usize = 384 << 20;
/// So many stay whatever they take: what a move of a handle asks for again and again.
const KEPT_MIN: usize = 3;
/// Faces that are kept: they are small, and seen in every frame.
const FACES_MAX: usize = 64 << 20;

/// How territories come about, for reports.
pub(super) fn method(by: &TerritoriesBy) -> &'static str {
    match by {
        TerritoriesBy::Distance => {
            "Every voxel of the organ belongs to the nearest place of the centre lines (distance to the line, \
             without flow); bounds move the organ's edge half a voxel and e. How far vessels supply beyond that, and by collaterals, is not \
             known: the border between territories has no bounds."
        }
        TerritoriesBy::Radii => {
            "Every voxel of the organ belongs to the branch with the least distance over weight: at a division the branch of \
             the largest flow goes on with the weight before it, the others with that times the cube root of their flow over its. \
             Flows are an estimate from radii: the ends share them by the third power of their mean radii (Murray 1926). Bounds \
             move the organ's edge half a voxel and e; the border between territories has no bounds."
        }
        TerritoriesBy::Flow(_) => {
            "Every voxel of the organ belongs to the branch with the least distance over weight: at a division the branch of \
             the largest flow goes on with the weight before it, the others with that times the cube root of their flow over its. \
             Flows are those of a computed flow result. Bounds move the organ's edge half a voxel and e; the border between \
             territories has no bounds."
        }
    }
}

/// Where the rule comes from.
pub(super) fn source(by: &TerritoriesBy) -> &'static str {
    match by {
        TerritoriesBy::Distance => "nearest branch: Selle and others 2002, IEEE TMI 21:1344",
        TerritoriesBy::Radii | TerritoriesBy::Flow(_) => {
            "nearest branch: Selle and others 2002, IEEE TMI 21:1344; weighted distances: Aurenhammer 1991, ACM Computing \
             Surveys 23:345; radius as the cube root of flow: Murray 1926, PNAS 12:207; weights from division to division are \
             this program's choice"
        }
    }
}

/// The tree whose territories are cut, as [`of_territories`] chooses it.
///
/// # Errors
/// A sentence if the plan has none.
pub(crate) fn tree<'a>(plan: &Plan, scene: &'a Scene) -> Result<(Structure, &'a Body), String> {
    let with_lines = |structure: &Structure| {
        let body = scene.body(*structure)?;
        Some((body.name.as_str(), (*structure, body)))
    };
    of_territories(plan.vessels.iter().filter_map(with_lines)).ok_or_else(|| {
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
    faces: Arc<Mutex<Vec<(FaceKey, Arc<Surface>)>>>,
}

/// The key of the territories, branches, and the width's bits.
type BladeKey = (String, Vec<usize>, u64);
/// The key of the territories, and branches.
type FaceKey = (String, Vec<usize>);

impl Supply {
    /// About how many bytes it takes in memory.
    pub(super) fn bytes(&self) -> usize {
        // While some are made nobody waits for their number.
        let territories = self.territories.try_lock();
        let territories = territories.map_or(0, |all| all.iter().map(|(_, own)| own.bytes()).sum::<usize>());
        let blades = self.blades.try_lock();
        let blades = blades.map_or(0, |all| all.iter().map(|(_, own)| own.bytes()).sum::<usize>());
        let faces = self.faces.try_lock();
        territories + blades + faces.map_or(0, |all| all.iter().map(|(_, own)| own.bytes()).sum::<usize>())
    }
}

/// What `kept` has under `key`, or what `make` gives. Those used last are kept: at least [`KEPT_MIN`], and as many more as go
/// into `bytes_max` by `bytes`.
fn kept<K: PartialEq, V: Clone, E>(
    kept: &Mutex<Vec<(K, V)>>,
    (bytes, bytes_max): (impl Fn(&V) -> usize, usize),
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
    kept.insert(0, (key, value.clone()));
    let mut sum = 0;
    let fits = kept.iter().take_while(|(_, own)| {
        sum += bytes(own);
        sum <= bytes_max
    });
    let fits = fits.count().max(KEPT_MIN);
    kept.truncate(fits);
    Ok(value)
}

/// What `plan` parts the territories of a tree by, and the words that tell it from others of the same tree.
fn weighting(
    plan: &Plan,
    scene: &Scene,
    (vessels, body): (Structure, &Body),
    lines: &CentreLines,
) -> Result<(Weighting, String), Blunt> {
    match &plan.territories {
        TerritoriesBy::Distance => Ok((Weighting::Distance, String::new())),
        TerritoriesBy::Radii => Ok((Weighting::Flow(murray_flows(lines)), "radii".to_owned())),
        TerritoriesBy::Flow(_) => match scene.flows(vessels) {
            Some((content, flows)) => Ok((Weighting::Flow(flows.to_vec()), content.to_owned())),
            None => Err(Blunt::Why(format!(
                "no flow result that the plan names is of {} as it is now; compute its flow with simulate.network and name the \
                 result with plan.change, or part territories by radii or by distance",
                body.name
            ))),
        },
    }
}

/// The territories of `vessels` in `organ`, parted as `plan` says, and the key that tells them from others of the organ.
///
/// # Errors
/// [`Blunt`] if the organ is no segment, there are no lines or flows, or `progress` was cancelled.
fn found(
    plan: &Plan,
    scene: &Scene,
    organ: &Body,
    vessels: (Structure, &Body),
    progress: &Progress,
) -> Result<(Arc<Territories>, String), Blunt> {
    let voxels = organ.organ().ok_or_else(|| {
        Blunt::Why(format!("{} is no segment; choose a segment as the organ for territories", organ.name))
    })?;
    let name = &vessels.1.name;
    let lines = vessels
        .1
        .lines
        .as_ref()
        .ok_or_else(|| Blunt::Why(format!("{name} is no centre lines; make them with model.centre_lines")))?;
    let (weighting, by) = weighting(plan, scene, vessels, lines)?;
    let key = format!("{} {by}", vessels.1.content);
    let room = (|own: &Arc<Territories>| own.bytes(), BYTES_MAX);
    let made = kept(&organ.made.supply.territories, room, key.clone(), || {
        match Territories::of(Arc::clone(voxels), lines, &weighting, progress) {
            Ok(found) => Ok(Arc::new(found)),
            Err(TerritoryError::Cancelled(stop)) => Err(Blunt::Cancelled(stop)),
            Err(TerritoryError::NoFlow { branch, .. }) => Err(Blunt::Why(match plan.territories {
                TerritoriesBy::Radii => format!(
                    "branch {} of {name} leads to ends without a radius; part territories by distance",
                    branch + 1
                ),
                _ => format!(
                    "branch {} of {name} has no flow in the flow result; name another result with plan.change, or part \
                     territories by radii or by distance",
                    branch + 1
                ),
            })),
            Err(why) => Err(Blunt::Why(why.to_string())),
        }
    });
    Ok((made?, key))
}

/// The territories of `vessels` in `organ`, parted as `plan` says.
///
/// # Errors
/// As [`found`].
pub(super) fn territories(
    plan: &Plan,
    scene: &Scene,
    organ: &Body,
    vessels: (Structure, &Body),
    progress: &Progress,
) -> Result<Arc<Territories>, Blunt> {
    found(plan, scene, organ, vessels, progress).map(|(territories, _)| territories)
}

/// The organ of a cut around the territories of `branches`, its territories and their key.
fn cut<'a>(
    plan: &Plan,
    scene: &'a Scene,
    branches: &[usize],
    progress: &Progress,
) -> Result<(&'a Body, Arc<Territories>, String), Blunt> {
    let why = |text: &str| Blunt::Why(text.to_owned());
    let organ = plan.organ.ok_or_else(|| why("no organ is chosen; choose the one whose territories are cut"))?;
    let organ = scene.body(organ).ok_or_else(|| why("the organ is empty or was removed; choose it again"))?;
    let vessels = tree(plan, scene).map_err(Blunt::Why)?;
    let (territories, key) = found(plan, scene, organ, vessels, progress)?;
    let n = territories.branches();
    if let Some(unknown) = branches.iter().find(|branch| n <= **branch) {
        let text = format!("branch {} is named; {} has branches 1 to {n}", unknown + 1, vessels.1.name);
        return Err(Blunt::Why(text));
    }
    Ok((organ, territories, key))
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
    let (organ, territories, key) = cut(plan, scene, branches, &progress.part(0.0..0.5, "territories"))?;
    kept(&organ.made.supply.blades, (Blade::bytes, BYTES_MAX), (key, branches.to_vec(), width_mm.to_bits()), || {
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

/// The face of that cut: the surface between what it takes and what it leaves of the organ's voxels.
///
/// # Errors
/// [`Blunt`] that says what is missing.
pub(super) fn face(plan: &Plan, scene: &Scene, branches: &[usize], progress: &Progress) -> Result<Arc<Surface>, Blunt> {
    let (organ, territories, key) = cut(plan, scene, branches, progress)?;
    let bytes = |face: &Arc<Surface>| size_of_val(face.positions()) + size_of_val(face.triangles());
    kept(&organ.made.supply.faces, (bytes, FACES_MAX), (key, branches.to_vec()), || {
        Ok(Arc::new(territories.face(&territories.of_branches(branches))))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_used_last_is_kept() {
        let list = Mutex::new(Vec::new());
        let ask_within = |bytes_max: usize, key: u32| {
            let mut made = false;
            let value = kept(&list, (|_: &u32| 10, bytes_max), key, || {
                made = true;
                Ok::<u32, ()>(10 * key)
            });
            assert_eq!(value, Ok(10 * key));
            made
        };
        let ask = |key: u32| ask_within(0, key);
        // Three trees are all there, however large; a fourth pushes out the one that was not used for longest.
        assert_eq!([1, 2, 3, 1, 2, 3].map(ask), [true, true, true, false, false, false]);
        assert_eq!([4, 2, 3, 4, 1].map(ask), [true, false, false, false, true]);
        assert_eq!(kept(&list, (|_: &u32| 10, 0), 9, || Err("no")), Err("no"));
        assert!(!ask(1), "what failed pushes nothing out");
        // Within their room there are more.
        assert_eq!([5, 6, 7, 5, 6, 7].map(|key| ask_within(60, key)), [true, true, true, false, false, false]);
        assert!(!ask_within(60, 1));
    }
}
