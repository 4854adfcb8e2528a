//! The shapes a cut can have, and on which side of them a place lies.

use super::Facets;
use super::facets::TRIANGLE;
use crate::geom::{Plane, Point, Vector};
use crate::image::Volume;
use std::sync::Arc;

/// Where a cut goes.
#[derive(Debug, Clone)]
pub(super) enum Shape {
    /// On the positive side of all.
    Planes(Vec<Plane>),
    /// Inside it.
    Ball { centre: Point, radius_mm: f64 },
    /// Ahead of it.
    Sheet(Arc<Facets>),
    /// The side at voxel centres.
    Region(Volume<f32>),
    /// What any of them takes away, each with what its side is moved away from 0 by: half the difference of the widest
    /// instrument's width and its own, so that the widest width is right for all of them.
    Any(Vec<(Shape, f64)>),
}

impl Shape {
    /// About how many bytes it takes in memory.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Planes(_) | Self::Ball { .. } => 100,
            // A triangle with seven normals, and its box.
            Self::Sheet(facets) => 400 * facets.len(),
            Self::Region(sides) => 4 * sides.voxels().len(),
            Self::Any(shapes) => shapes.iter().map(|(shape, _)| shape.bytes()).sum(),
        }
    }

    /// By how much more than the way one goes the side may change.
    pub fn steepness(&self) -> f64 {
        match self {
            Self::Region(_) => 2.0 * 3.0_f64.sqrt(),
            Self::Any(shapes) => shapes.iter().map(|(shape, _)| shape.steepness()).fold(1.0, f64::max),
            _ => 1.0,
        }
    }

    /// All parts of the cut that a choice is made from.
    pub fn candidates(&self) -> Vec<u32> {
        match self {
            Self::Sheet(facets) => facets.all(),
            Self::Any(shapes) => {
                let of =
                    |(n, (shape, _)): (usize, &(Self, f64))| shape.candidates().into_iter().map(move |c| c | mark(n));
                shapes.iter().enumerate().flat_map(of).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Add to `into` the parts of the cut that speak for places within `radius_mm` of `point`; a bound below |side| of `point`.
    pub fn narrowed(&self, point: &Point, radius_mm: f64, among: &[u32], into: &mut Vec<u32>) -> f64 {
        match self {
            Self::Sheet(facets) => facets.narrowed(point, radius_mm, among, into),
            Self::Any(shapes) => {
                let of = |(n, (shape, more_mm)): (usize, &(Self, f64))| {
                    shape.narrowed(point, radius_mm, of_shape(among, n), into) + more_mm
                };
                shapes.iter().enumerate().map(of).fold(f64::INFINITY, f64::min)
            }
            _ => self.side_mm(point, among).abs(),
        }
    }

    /// How far `point` lies on the side that is taken away.
    #[inline]
    pub fn side_mm(&self, point: &Point, among: &[u32]) -> f64 {
        match self {
            Self::Planes(planes) => planes.iter().map(|plane| plane.distance_mm(point)).fold(f64::INFINITY, f64::min),
            Self::Ball { centre, radius_mm } => radius_mm - (point - centre).norm(),
            Self::Sheet(facets) => facets.side_mm(point, among),
            Self::Region(sides) => {
                let index = sides.grid().index_from_patient(*point);
                let dims = sides.grid().dims();
                let within = Vector::from_fn(|a, _| index[a].clamp(0.0, (dims[a] - 1) as f64));
                sides.sample_index(within).expect("a place within the grid")
            }
            Self::Any(shapes) => {
                let of = |(n, (shape, more_mm)): (usize, &(Self, f64))| {
                    let side_mm = shape.side_mm(point, of_shape(among, n));
                    if side_mm < 0.0 { side_mm - more_mm } else { side_mm + more_mm }
                };
                shapes.iter().enumerate().map(of).fold(f64::NEG_INFINITY, f64::max)
            }
        }
    }
}

/// The bits that tell the triangles of the `n`th of several cuts.
fn mark(n: usize) -> u32 {
    (n as u32) << TRIANGLE.count_ones()
}

/// The triangles of the `n`th of several cuts; those of each stand together, in the order of the cuts.
fn of_shape(among: &[u32], n: usize) -> &[u32] {
    let before = |n: usize| among.partition_point(|c| c & !TRIANGLE < mark(n));
    &among[before(n)..before(n + 1)]
}
