//! What a hand does to an organ, from words to vertices: which are moved or pressed, and where to.

use super::organ_body::{Hold, OrganBody};
use crate::biomech::patch::boundary_vertices;
use crate::biomech::position::GRAVITY_M_S2;
use crate::biomech::{Load, vertices_within};
use crate::geom::{Aabb, Point, Vector};
use crate::mesh::TetMesh;
use crate::session::{CommandError, Kind, ParamSpec};
use serde::{Deserialize, Serialize};

/// What is done to an organ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Move a patch by a given way.
    Pull,
    /// Press on a patch.
    Press,
    /// Weight and gas alone; without a position `by_mm` gives the direction, posterior (supine) if not given.
    Hang,
    /// Nothing: only what acts without a hand, weight in a position, gas and contraction.
    Nothing,
}

impl Action {
    /// The words for scripts.
    pub const WORDS: &'static [&'static str] = &["pull", "press", "hang", "nothing"];

    /// The word for scripts, and what the organ is afterwards.
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Pull => ("pull", "pulled"),
            Self::Press => ("press", "pressed"),
            Self::Hang => ("hang", "hanging"),
            Self::Nothing => ("hold", "held"),
        }
    }
}

/// What is done, where and how much: the parameters of `specs`, flattened into those of a tool.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Hand {
    /// What is done to it.
    pub action: Action,
    /// Where it is pulled or pressed, LPS mm; the side opposite the held one if not given.
    pub at: Option<[f64; 3]>,
    /// How large the patch is, mm.
    pub radius_mm: f64,
    /// Where a pulled patch goes, mm; 15 mm outwards if not given.
    pub by_mm: Option<[f64; 3]>,
    /// Pressure on a pressed patch, kPa.
    pub pressure_kpa: f64,
}

/// What is done.
pub const ACTION: ParamSpec = ParamSpec::with(
    "action",
    Kind::Choice(Action::WORDS),
    "",
    "\"pull\"",
    "pull a patch, press on it, let it hang by its weight alone, or nothing but gas, contraction and what a position weighs",
);
/// Where.
pub const AT: ParamSpec =
    ParamSpec::with("at", Kind::Point, "mm", "null", "where; opposite the held side if not given");
/// How wide.
pub const RADIUS: ParamSpec = ParamSpec::with("radius_mm", Kind::Number(0.5, 200.0), "mm", "12", "radius of the patch");
/// How far.
pub const BY: ParamSpec =
    ParamSpec::with("by_mm", Kind::Point, "mm", "null", "where a pulled patch goes; 15 mm outwards if not given");
/// How hard.
pub const PRESSURE: ParamSpec = ParamSpec::with(
    "pressure_kpa",
    Kind::Number(-100.0, 100.0),
    "kPa",
    "1",
    "pressure on a pressed patch; negative sucks",
);

/// The boundary vertex farthest from the held side.
fn opposite(mesh: &TetMesh, hold: Hold) -> Point {
    let direction = hold.direction();
    let centre = Aabb::of(mesh.positions()).centre();
    let free = |v: &u32| {
        let from = mesh.positions()[*v as usize] - centre;
        // Mostly away from the held side, but near the middle of the organ.
        let across = from - direction * from.dot(&direction);
        -from.dot(&direction) - 0.5 * across.norm()
    };
    let best = boundary_vertices(mesh).into_iter().max_by(|a, b| free(a).total_cmp(&free(b)));
    best.map_or(centre, |v| mesh.positions()[v as usize])
}

/// The boundary vertices of the patch, less those that are held.
///
/// # Errors
/// A sentence if nothing is left.
pub fn patch_at(mesh: &TetMesh, at: &Point, radius_mm: f64, fixed: &[u32]) -> Result<Vec<u32>, CommandError> {
    let mut patch = vertices_within(mesh, at, radius_mm);
    patch.retain(|v| fixed.binary_search(v).is_err());
    if patch.is_empty() {
        let text = "the patch lies wholly on the held side; move it, or hold a smaller part of another side";
        return Err(CommandError::Failed(text.into()));
    }
    let nearest = patch.iter().map(|v| (mesh.positions()[*v as usize] - at).norm()).fold(f64::INFINITY, f64::min);
    if 2.0 * radius_mm + 20.0 < nearest {
        let text = format!("the place is {nearest:.0} mm from the organ; choose one on its surface");
        return Err(CommandError::Failed(text));
    }
    Ok(patch)
}

impl Hand {
    /// The loads of the hand alone on a body whose `fixed` vertices are in order. Weight counts as the hand's where the
    /// patient has no position.
    ///
    /// # Errors
    /// [`CommandError`]: the patch lies off the organ or on what is held, or weight has no direction.
    pub fn loads(&self, body: &OrganBody, mesh: &TetMesh, fixed: &[u32]) -> Result<Vec<Load>, CommandError> {
        let at = self.at.map_or_else(|| opposite(mesh, body.hold), Point::from);
        match self.action {
            Action::Pull => {
                let by_mm = self.by_mm.map_or_else(|| -body.hold.direction() * 15.0, Vector::from);
                Ok(vec![Load::Move { vertices: patch_at(mesh, &at, self.radius_mm, fixed)?, by_mm }])
            }
            Action::Press => {
                let patch = patch_at(mesh, &at, self.radius_mm, fixed)?;
                let (surface, _) = mesh.boundary();
                let whole = |triangle: &&[u32; 3]| triangle.iter().all(|v| patch.binary_search(v).is_ok());
                let triangles: Vec<[u32; 3]> = surface.triangles().iter().filter(whole).copied().collect();
                if triangles.is_empty() {
                    let text =
                        format!("no whole triangle lies within {} mm of the place; enlarge the radius", self.radius_mm);
                    return Err(CommandError::Failed(text));
                }
                Ok(vec![Load::Pressure { triangles, pa: self.pressure_kpa * 1e3 }])
            }
            Action::Nothing => Ok(Vec::new()),
            Action::Hang if body.position.is_some() => Ok(Vec::new()),
            Action::Hang => {
                let down = self.by_mm.map_or(Vector::y(), Vector::from);
                let down = down.try_normalize(1e-9).ok_or_else(|| {
                    CommandError::BadParams("by_mm gives the direction of gravity and must not be zero".into())
                })?;
                Ok(vec![Load::Gravity { m_s2: down * GRAVITY_M_S2 }])
            }
        }
    }
}
