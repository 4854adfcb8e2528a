//! An organ that goes from rest to where its load brings it, and back.
//!
//! A result holds the end of the way only; between rest and there places are interpolated, and the picture says by how much.

use super::{Film, Posed};
use crate::app::mirror::{Shade, surface_mesh};
use crate::base::i18n::tr_with;
use crate::base::{NodeId, Progress};
use crate::biomech::TissueResult;
use crate::geom::Vector;
use crate::mesh::{Field, Surface};
use crate::session::{Case, Data, Node};
use std::f64::consts::TAU;
use std::sync::Arc;

/// A film of an organ that is deformed.
pub(super) struct LoadFilm {
    node: NodeId,
    result: Arc<TissueResult>,
    shade: Option<Shade>,
    /// What moves: what was let follow the organ, and from the first picture on the organ itself.
    moved: Vec<Moved>,
}

/// A surface at rest, and how far its vertices come.
struct Moved {
    node: NodeId,
    rest: Surface,
    by_mm: Vec<Vector>,
    shade: Option<Shade>,
}

impl Moved {
    /// At `part` of the way.
    fn posed(&self, part: f64) -> Option<(NodeId, bevy::prelude::Mesh, Option<Shade>)> {
        let places = self.rest.positions().iter().zip(&self.by_mm).map(|(place, by)| place + part * by).collect();
        let surface = self.rest.with_positions(places).ok()?;
        // A displacement grows with the way; of other values only those at its end are known.
        let shade = self.shade.clone().map(|shade| match shade.field.name.as_str() {
            "displacement" => {
                let values = shade.field.values.iter().map(|value| part * value).collect();
                Shade { field: Field::new("displacement", "mm", values), ..shade }
            }
            _ => shade,
        });
        Some((self.node, surface_mesh(&surface, shade.as_ref(), None), shade))
    }
}

impl LoadFilm {
    /// Of the deformed organ `node`, with the scale it is shown with; none if it is none.
    pub(super) fn of(case: &Case, node: NodeId, shade: Option<Shade>) -> Option<Self> {
        let Data::Tissue(result) = &case.node(node)?.data else { return None };
        let moved = case.nodes().filter_map(|(id, other)| follower(case, node, id, other)).collect();
        Some(Self { node, result: Arc::clone(result), shade, moved })
    }

    /// Whether values at the end of the way are shown all along it.
    fn shows_the_end(&self) -> bool {
        self.shade.as_ref().is_some_and(|shade| shade.field.name != "displacement")
    }
}

/// A visible surface that `simulate.follow` moved with the organ.
fn follower(case: &Case, organ: NodeId, id: NodeId, node: &Node) -> Option<Moved> {
    let made = node.made_by().filter(|made| made.tool == "simulate.follow" && node.display.visible)?;
    let param = |name: &str| made.params.get(name).and_then(serde_json::Value::as_u64);
    let rest = case.nodes().find(|(other, _)| param("node") == Some(u64::from(other.0))).map(|(_, node)| node)?;
    let (Data::Surface(moved), Data::Surface(rest)) = (&node.data, &rest.data) else { return None };
    let (to, from) = (moved.surface.positions(), rest.surface.positions());
    let is_of_it = param("result") == Some(u64::from(organ.0)) && to.len() == from.len();
    let by_mm = to.iter().zip(from).map(|(to, from)| to - from).collect();
    is_of_it.then(|| Moved { node: id, rest: rest.surface.clone(), by_mm, shade: None })
}

/// The part of the way in picture `n` of `frames`: there and back, slow at both ends, so that the film has no seam.
fn part(n: usize, frames: usize) -> f64 {
    0.5 - 0.5 * (TAU * n as f64 / frames.max(1) as f64).cos()
}

impl Film for LoadFilm {
    fn posed(&mut self, n: usize, frames: usize, _: &Progress) -> Result<Posed, String> {
        if self.moved.iter().all(|moved| moved.node != self.node) {
            let (rest, by_mm) = (self.result.mesh.boundary().0, self.result.displacement_mm.clone());
            self.moved.insert(0, Moved { node: self.node, rest, by_mm, shade: self.shade.clone() });
        }
        let part = part(n, frames);
        let percent = format!("{:.0}", 100.0 * part);
        let surfaces = self.moved.iter().filter_map(|moved| moved.posed(part));
        let moment = if self.shows_the_end() {
            tr_with("picture-moment-load-end", &[("percent", (&percent).into())])
        } else {
            tr_with("picture-moment-load", &[("percent", (&percent).into())])
        };
        Ok(Posed { surfaces: surfaces.collect(), moment, operation: None, instrument: None, particles: None })
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::result;
    use super::*;
    use crate::biomech::verification::shapes::straight_box;
    use bevy::mesh::VertexAttributeValues;
    use bevy::prelude::Mesh;

    fn highest(mesh: &Mesh) -> f32 {
        let Some(VertexAttributeValues::Float32x3(places)) = mesh.attribute(Mesh::ATTRIBUTE_POSITION) else {
            panic!("a mesh has places")
        };
        // Up in the scene is up in the patient.
        places.iter().map(|place| place[1]).fold(f32::MIN, f32::max)
    }

    #[test]
    fn an_organ_goes_to_where_its_load_brings_it_and_back() {
        let mesh = straight_box([2, 2, 2], [20.0, 20.0, 20.0]);
        let by_mm: Vec<Vector> = mesh.positions().iter().map(|place| Vector::z() * place.z * 0.5).collect();
        let result = result(&mesh, by_mm);
        let shade = Shade::of(result.displacement_field()).unwrap();
        let case = Case::from_nodes([(NodeId(4), Node::new("Liver", Data::Tissue(Arc::new(result))))]);
        let mut film = LoadFilm::of(&case, NodeId(4), Some(shade)).unwrap();
        let progress = Progress::default();
        for (n, (high, most, said)) in
            [(20.0, 0.0, "0 %"), (25.0, 5.0, "50 %"), (30.0, 10.0, "100 %"), (25.0, 5.0, "50 %")]
                .into_iter()
                .enumerate()
        {
            let posed = film.posed(n, 4, &progress).unwrap();
            let (node, mesh, shade) = &posed.surfaces[0];
            let shade = shade.as_ref().unwrap();
            assert!(*node == NodeId(4) && (highest(mesh) - high).abs() < 1e-4, "{n}: {}", highest(mesh));
            let largest = shade.field.values.iter().copied().fold(0.0, f64::max);
            assert!((largest - most).abs() < 1e-9 && shade.range[1] >= 10.0, "one scale for all: {:?}", shade.range);
            assert!(posed.moment.contains(said), "{}", posed.moment);
        }
    }

    #[test]
    fn values_that_are_known_at_the_end_only_stay_and_the_picture_says_so() {
        let mesh = straight_box([1, 1, 1], [10.0; 3]);
        let result = result(&mesh, vec![Vector::x(); mesh.positions().len()]);
        let shade = Shade::of(result.von_mises_field()).unwrap();
        let case = Case::from_nodes([(NodeId(4), Node::new("Liver", Data::Tissue(Arc::new(result))))]);
        let mut film = LoadFilm::of(&case, NodeId(4), Some(shade)).unwrap();
        let posed = film.posed(0, 4, &Progress::default()).unwrap();
        assert!(posed.surfaces[0].2.as_ref().unwrap().field.values.iter().all(|value| *value == 1.0));
        assert!(posed.moment.contains("full load"), "{}", posed.moment);
    }
}
