//! From words to vertices: which are held, which are moved or pressed, and where to.

use super::Params;
use crate::biomech::patch::boundary_vertices;
use crate::biomech::position::GRAVITY_M_S2;
use crate::biomech::{Load, vertices_within};
use crate::geom::{Aabb, Point, Vector};
use crate::mesh::TetMesh;
use crate::session::CommandError;
use crate::tools::shared::organ_body::Hold;
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
}

impl Action {
    /// The words for scripts.
    pub const WORDS: &'static [&'static str] = &["pull", "press", "hang"];

    /// The word for scripts, and what the organ is afterwards.
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Pull => ("pull", "pulled"),
            Self::Press => ("press", "pressed"),
            Self::Hang => ("hang", "hanging"),
        }
    }
}

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

/// The loads that `params` describe.
pub(super) fn loads(mesh: &TetMesh, params: &Params) -> Result<Vec<Load>, CommandError> {
    let fixed = params.body.fixed(mesh)?;
    let outwards = -params.body.hold.direction();
    let at = params.at.map_or_else(|| opposite(mesh, params.body.hold), Point::from);
    let mut loads = params.body.around(mesh, &fixed);
    match params.action {
        Action::Pull => {
            let by_mm = params.by_mm.map_or(outwards * 15.0, Vector::from);
            let vertices = patch_at(mesh, &at, params.radius_mm, &fixed)?;
            loads.push(Load::Move { vertices, by_mm });
        }
        Action::Press => {
            let patch = patch_at(mesh, &at, params.radius_mm, &fixed)?;
            let (surface, _) = mesh.boundary();
            let whole = |triangle: &&[u32; 3]| triangle.iter().all(|v| patch.binary_search(v).is_ok());
            let triangles: Vec<[u32; 3]> = surface.triangles().iter().filter(whole).copied().collect();
            if triangles.is_empty() {
                let text =
                    format!("no whole triangle lies within {} mm of the place; enlarge the radius", params.radius_mm);
                return Err(CommandError::Failed(text));
            }
            loads.push(Load::Pressure { triangles, pa: params.pressure_kpa * 1e3 });
        }
        Action::Hang if params.body.position.is_some() => {}
        Action::Hang => {
            let down = params.by_mm.map_or(Vector::y(), Vector::from);
            let down = down.try_normalize(1e-9).ok_or_else(|| {
                CommandError::BadParams("by_mm gives the direction of gravity and must not be zero".into())
            })?;
            loads.push(Load::Gravity { m_s2: down * GRAVITY_M_S2 });
        }
    }
    Ok(loads)
}
