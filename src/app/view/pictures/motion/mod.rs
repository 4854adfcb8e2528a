//! What moves in a film of a simulation: an operation that is done again, an organ that gives way to its load, a beat of
//! flow. A thread makes what is seen of it, one picture after another; it stands in for the object until the film is over.

mod beat;
mod load;
mod operation;

use self::beat::BeatFilm;
use self::load::LoadFilm;
use self::operation::OperationFilm;
use crate::app::mirror::{Particles, Shade, Surfaces};
use crate::app::ui::{Motif, OperationInfo, PictureOrder};
use crate::app::view::beside::Beside;
use crate::base::i18n::tr;
use crate::base::{NodeId, Progress};
use crate::biomech::interactive::Tool;
use crate::geom::Point;
use crate::session::Case;
use bevy::prelude::{Assets, Mesh};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What is seen in one picture.
pub(super) struct Posed {
    /// What stands in for which objects.
    surfaces: Vec<(NodeId, Mesh, Option<Shade>)>,
    /// When it is, or under what part of its load, in words.
    pub(super) moment: String,
    /// Hands and what they fastened.
    pub(super) operation: Option<OperationInfo>,
    /// The instrument in the hand.
    pub(super) instrument: Option<Tool>,
    /// Particles of the flow, each with its speed, m/s.
    particles: Option<Vec<(Point, f64)>>,
}

/// Makes what is seen: picture `n` of `frames`, each once and in order.
trait Film: Send {
    fn posed(&mut self, n: usize, frames: usize, progress: &Progress) -> Result<Posed, String>;
}

/// The thread of a film.
pub(super) struct Motion {
    thread: Beside<(usize, usize), Result<Posed, String>>,
    progress: Progress,
    /// The picture that is being made.
    asked: Option<usize>,
    /// Objects that are shown otherwise than they are.
    moved: BTreeSet<NodeId>,
}

impl Motion {
    /// Begin with what `order` is of; none where nothing moves in it.
    ///
    /// # Errors
    /// A sentence: what was to be filmed is gone, or the system grants no thread.
    pub(super) fn of(
        order: &PictureOrder,
        case: &Case,
        surfaces: &Surfaces,
        wake: Arc<dyn Fn() + Send + Sync>,
    ) -> Result<Option<Self>, String> {
        let gone = || tr("picture-simulation-gone").to_owned();
        // The scale of the object as it is, for the whole film.
        let shade = |id: NodeId| surfaces.node(id).map(|shown| shown.shade.clone()).ok_or_else(gone);
        let mut film: Box<dyn Film> = match order.motif {
            Motif::Operation => {
                let (id, _) = order.stage.operation.ok_or_else(gone)?;
                Box::new(OperationFilm::of(case, id, shade(id)?.as_ref()).ok_or_else(gone)?)
            }
            Motif::Load => {
                let id = order.stage.load.ok_or_else(gone)?;
                Box::new(LoadFilm::of(case, id, shade(id)?).ok_or_else(gone)?)
            }
            Motif::Beat => {
                let (id, _) = order.stage.beat.ok_or_else(gone)?;
                Box::new(BeatFilm::of(case, id, shade(id)?).ok_or_else(gone)?)
            }
            _ => return Ok(None),
        };
        let progress = Progress::default();
        let there = progress.clone();
        let work = move |(n, frames)| film.posed(n, frames, &there);
        let thread = Beside::start("film-of-simulation", wake, work)
            .map_err(|error| format!("the system refused a thread for the film: {error}"))?;
        Ok(Some(Self { thread, progress, asked: None, moved: BTreeSet::new() }))
    }

    /// Whether picture `n` was ordered and is not there yet.
    pub(super) fn is_at_work(&self, n: usize) -> bool {
        self.asked == Some(n) && !self.thread.has_made()
    }

    /// Picture `n` of `frames`, once it is made; the first call orders it.
    ///
    /// # Errors
    /// A sentence: it cannot be made.
    pub(super) fn picture(&mut self, n: usize, frames: usize) -> Result<Option<Posed>, String> {
        if self.asked != Some(n) {
            self.thread.order((n, frames));
            self.asked = Some(n);
        }
        match self.thread.made() {
            Some(made) => made.map(Some),
            None if self.thread.failed() => Err(tr("picture-simulation-broke").to_owned()),
            None => Ok(None),
        }
    }

    /// Let the scene show it; whether the object was there that it is of. What moves with that may be hidden.
    pub(super) fn show(
        &mut self,
        posed: &mut Posed,
        surfaces: &mut Surfaces,
        particles: &mut Particles,
        meshes: &mut Assets<Mesh>,
    ) -> bool {
        let mut is_there = true;
        for (place, (node, mesh, shade)) in std::mem::take(&mut posed.surfaces).into_iter().enumerate() {
            if surfaces.stand_in(node, mesh, shade, meshes) {
                self.moved.insert(node);
            } else if place == 0 {
                is_there = false;
            }
        }
        if let Some(places) = posed.particles.take() {
            particles.of_film = true;
            particles.given = Some(places);
        }
        is_there
    }

    /// Let the scene show everything as it is.
    pub(super) fn end(self, surfaces: &mut Surfaces, particles: &mut Particles) {
        self.progress.cancel();
        self.moved.into_iter().for_each(|node| surfaces.restore(node));
        (particles.of_film, particles.given) = (false, None);
    }
}

#[cfg(test)]
mod tests {
    use crate::biomech::TissueResult;
    use crate::geom::Vector;
    use crate::mesh::TetMesh;

    /// A result with this displacement and no forces.
    pub(super) fn result(mesh: &TetMesh, displacement_mm: Vec<Vector>) -> TissueResult {
        let (vertices, tets) = (mesh.positions().len(), mesh.tets().len());
        TissueResult {
            mesh: mesh.clone(),
            displacement_mm,
            von_mises_pa: vec![1e3; vertices],
            principal_pa: vec![[0.0; 3]; vertices],
            tet_von_mises_pa: vec![1e3; tets],
            tet_volume_ratio: vec![1.0; tets],
            support_n: vec![Vector::zeros(); vertices],
            reaction_n: Vector::zeros(),
            grip_n: Vector::zeros(),
            applied_n: Vector::zeros(),
            imbalance: 0.0,
        }
    }
}
