//! Shapes of a plan for the scene: a mesh is made and sent only where the scene has another one.

use crate::app::mirror::PlanPart;
use crate::base::parallel;
use crate::mesh::Surface;
use crate::tools::plan_shapes::{Key, Part, Shape};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Surfaces and values as they were sent.
type Sent = BTreeMap<Key, (Arc<Surface>, Option<Arc<Vec<f64>>>)>;

/// What the scene has, and for which of its states: after it was emptied everything is sent again.
#[derive(Debug, Default)]
pub(super) struct SentShapes(Mutex<(u64, Sent)>);

impl SentShapes {
    /// Shapes made ready for the scene: with their meshes, but for those that the scene has. They are all there is of what is
    /// spared, or of all else; `emptied` counts how often the scene was emptied.
    pub(super) fn parts(&self, shapes: &[Shape], is_spared: bool, emptied: u64) -> Vec<PlanPart> {
        let before = self.were_sent(shapes, is_spared, emptied);
        let make = |(shape, was_sent): (&Shape, bool)| PlanPart::of(shape, was_sent);
        parallel::at_once(|| shapes.par_iter().zip(before).map(make).collect())
    }

    /// Which of the shapes the scene has as they are; from now on it has all of them.
    fn were_sent(&self, shapes: &[Shape], is_spared: bool, emptied: u64) -> Vec<bool> {
        let mut sent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if sent.0 != emptied {
            *sent = (emptied, Sent::new());
        }
        let (_, sent) = &mut *sent;
        let is_there = |shape: &Shape| sent.get(&shape.key).is_some_and(|own| is_as(own, shape));
        let before = shapes.iter().map(is_there).collect();
        sent.retain(|key, _| (key.part == Part::Spared) != is_spared);
        sent.extend(shapes.iter().map(|shape| (shape.key, (Arc::clone(&shape.surface), values(shape)))));
        before
    }
}

fn values(shape: &Shape) -> Option<Arc<Vec<f64>>> {
    shape.coloured.as_ref().map(|coloured| Arc::clone(&coloured.field.values))
}

/// Whether a shape has the surface and the values of one that was sent.
fn is_as((surface, own): &(Arc<Surface>, Option<Arc<Vec<f64>>>), shape: &Shape) -> bool {
    let same_values = match (own, values(shape)) {
        (None, None) => true,
        (Some(own), Some(values)) => Arc::ptr_eq(own, &values),
        _ => false,
    };
    same_values && Arc::ptr_eq(surface, &shape.surface)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::shapes::cuboid;

    #[test]
    fn the_scene_gets_a_mesh_once_and_again_after_it_was_emptied() {
        let sent = SentShapes::default();
        let shape = |part, of| Shape {
            key: Key { part, of },
            surface: Arc::new(cuboid([1.0; 3])),
            coloured: None,
            colour: [1; 3],
            opacity: 1.0,
        };
        let (body, spared) = ([shape(Part::Body, 0)], [shape(Part::Spared, 0)]);
        let sends = |shapes: &[Shape], is_spared, emptied| sent.parts(shapes, is_spared, emptied)[0].has_mesh();
        assert!(sends(&body, false, 0) && sends(&spared, true, 0));
        assert!(!sends(&body, false, 0) && !sends(&spared, true, 0), "the scene has both");
        assert!(sends(&[shape(Part::Body, 0)], false, 0), "another surface");
        // What is gone from the scene is sent again.
        assert!(sent.parts(&[], true, 0).is_empty() && sends(&spared, true, 0));
        assert!(sends(&spared, true, 1) && sends(&body, false, 1));
    }
}
