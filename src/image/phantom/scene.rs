//! A painter's model: parts drawn one over the other, the last one on top.

use super::{Shape, Tissue};
use crate::geom::{Aabb, Point};

/// A solid made of one tissue.
#[derive(Debug, Clone)]
pub struct Part {
    /// Where it is.
    pub shape: Shape,
    /// What it is made of.
    pub tissue: Tissue,
    /// A box around it.
    pub(super) bounds: Aabb,
}

/// What a ball holds of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum View {
    /// Nothing.
    Absent,
    /// Perhaps its border.
    Partly,
    /// Nothing but the part.
    Everywhere,
}

impl Part {
    fn new(shape: Shape, tissue: Tissue) -> Self {
        let bounds = shape.bounds();
        Self { shape, tissue, bounds }
    }

    /// The part as seen from inside the ball of `reach_mm` around `centre`.
    pub(super) fn near(&self, centre: &Point, reach_mm: f64) -> Self {
        Self::new(self.shape.near(centre, reach_mm), self.tissue)
    }

    /// What the ball of `reach_mm` around `centre` holds of it.
    pub(super) fn view(&self, centre: &Point, reach_mm: f64) -> View {
        let beyond = (self.bounds.min - centre).sup(&(centre - self.bounds.max));
        if reach_mm < beyond.max() {
            return View::Absent;
        }
        let distance_mm = self.shape.distance_mm(centre);
        if reach_mm < distance_mm {
            View::Absent
        } else if distance_mm < -reach_mm {
            View::Everywhere
        } else {
            View::Partly
        }
    }

    /// Whether `p` lies in it.
    pub(super) fn contains(&self, p: &Point) -> bool {
        self.bounds.contains(p) && self.shape.contains(p)
    }
}

/// A body: at every point the tissue of the last part that holds it.
#[derive(Debug, Clone)]
pub struct Scene {
    parts: Vec<Part>,
}

impl Scene {
    /// A scene filled with `background`.
    pub fn new(background: Tissue) -> Self {
        Self { parts: vec![Part::new(Shape::Everything, background)] }
    }

    /// Draw a part over everything drawn so far.
    pub fn draw(&mut self, shape: Shape, tissue: Tissue) {
        self.parts.push(Part::new(shape, tissue));
    }

    /// All parts; the first fills space, later ones cover earlier ones.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The tissue at a point.
    pub fn tissue_at(&self, p: &Point) -> Tissue {
        let top = self.parts.iter().rev().find(|part| part.contains(p));
        top.expect("the first part fills space").tissue
    }
}
