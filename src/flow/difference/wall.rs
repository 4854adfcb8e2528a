//! What differs on the wall that two flows share.

use crate::base::{Cancelled, Progress};
use crate::flow::FlowResult;
use crate::geom::Vector;
use crate::mesh::bvh::Bvh;
use crate::mesh::{Field, Surface};
use rayon::prelude::*;

/// A place of the other wall whose normal has less than this cosine with the own one is another wall, across a thin gap.
const SAME_SIDE: f64 = 0.5;

/// A field on the wall of both flows, over the area that they share.
#[derive(Debug, Clone, PartialEq)]
pub struct WallMeans {
    /// Name of the field.
    pub name: String,
    /// Its unit.
    pub unit: String,
    /// Mean of the first and of the second.
    pub means: [f64; 2],
    /// Below these of the first and of the second lies 95 % of the area.
    pub high: [f64; 2],
    /// Root mean square of the difference.
    pub rms: f64,
}

/// The wall of the first flow with what differs on it.
#[derive(Debug, Clone)]
pub struct WallDifference {
    /// The part of it that has wall of the second beside it.
    pub common: Surface,
    /// The rest; none where there is none.
    pub rest: Option<Surface>,
    /// On the vertices of the common part: second less first, field by field, then the distance to the second's wall in mm.
    pub fields: Vec<Field>,
    /// The fields in numbers, in the same order.
    pub means: Vec<WallMeans>,
    /// Share of the area of the wall that is common.
    pub share: f64,
}

impl WallDifference {
    /// The differences on the wall of `first`, where the nearest place of the wall of `second` is at most `tolerance_mm` away
    /// and looks the same way; a triangle is common if its three vertices are. Means are over the area.
    ///
    /// # Errors
    /// [`Cancelled`] if `progress` was cancelled.
    pub fn of(
        first: &FlowResult,
        second: &FlowResult,
        tolerance_mm: f64,
        progress: &Progress,
    ) -> Result<Self, Cancelled> {
        let (own, normals) = (&first.wall, first.wall.vertex_normals());
        let tree = Bvh::new(&second.wall);
        let other_normals = second.wall.vertex_normals();
        // Those who have a name on both sides.
        let names: Vec<(&Field, &Field)> = first
            .wall_fields
            .iter()
            .filter_map(|a| Some((a, second.wall_fields.iter().find(|b| (&b.name, &b.unit) == (&a.name, &a.unit))?)))
            .collect();
        progress.set(0.1)?;
        // Distance and the values of the second, vertex by vertex.
        let beside = |vertex: usize| -> Option<(f64, Vec<f64>)> {
            if vertex.is_multiple_of(1024) && progress.is_cancelled() {
                return None;
            }
            let found = tree.closest(&own.positions()[vertex]).filter(|found| found.distance_mm <= tolerance_mm)?;
            let corners = second.wall.triangles()[found.triangle].map(|v| v as usize);
            let mean = |n: usize| found.weights[n];
            let normal = (0..3).fold(Vector::zeros(), |sum, n| sum + other_normals[corners[n]] * mean(n));
            if normal.dot(&normals[vertex]) < SAME_SIDE * normal.norm() {
                return None;
            }
            let value = |field: &Field| (0..3).map(|n| field.values[corners[n]] * mean(n)).sum();
            Some((found.distance_mm, names.iter().map(|(_, field)| value(field)).collect()))
        };
        let beside: Vec<Option<(f64, Vec<f64>)>> =
            (0..own.positions().len()).into_par_iter().with_min_len(256).map(beside).collect();
        progress.set(0.9)?;
        let is_common = |triangle: &&[u32; 3]| triangle.iter().all(|v| beside[*v as usize].is_some());
        let (common, rest): (Vec<[u32; 3]>, Vec<[u32; 3]>) = own.triangles().iter().partition(is_common);
        let mut areas = vec![0.0; own.positions().len()];
        let (mut shared, mut all) = (0.0, 0.0);
        for triangle in own.triangles() {
            let [a, b, c] = own.corners(*triangle);
            all += (b - a).cross(&(c - a)).norm();
        }
        for triangle in &common {
            let [a, b, c] = own.corners(*triangle);
            let area = (b - a).cross(&(c - a)).norm();
            shared += area;
            triangle.iter().for_each(|v| areas[*v as usize] += area);
        }
        // The vertices that `with_triangles` keeps, in its order.
        let mut used = vec![false; own.positions().len()];
        common.as_flattened().iter().for_each(|v| used[*v as usize] = true);
        let kept: Vec<usize> = (0..used.len()).filter(|vertex| used[*vertex]).collect();
        let other = |vertex: usize| beside[vertex].as_ref().expect("corners of common triangles are matched");
        let mut fields = Vec::new();
        let mut means = Vec::new();
        for (n, (field, _)) in names.iter().enumerate() {
            let values: Vec<[f64; 2]> = kept.iter().map(|v| [field.values[*v], other(*v).1[n]]).collect();
            let weights: Vec<f64> = kept.iter().map(|vertex| areas[*vertex]).collect();
            let differences = values.iter().map(|[a, b]| b - a).collect();
            fields.push(Field::new(&format!("difference of {}", field.name), &field.unit, differences));
            means.push(WallMeans::of(field, &values, &weights));
        }
        fields.push(Field::new("distance of the walls", "mm", kept.iter().map(|vertex| other(*vertex).0).collect()));
        progress.set(1.0)?;
        Ok(Self {
            common: own.with_triangles(&common),
            rest: (!rest.is_empty()).then(|| own.with_triangles(&rest)),
            fields,
            means,
            share: if 0.0 < all { shared / all } else { 0.0 },
        })
    }
}

impl WallMeans {
    fn of(field: &Field, values: &[[f64; 2]], weights: &[f64]) -> Self {
        let total = weights.iter().sum::<f64>().max(f64::MIN_POSITIVE);
        let mean =
            |f: &dyn Fn(&[f64; 2]) -> f64| values.iter().zip(weights).map(|(v, w)| f(v) * w).sum::<f64>() / total;
        let high = |side: usize| {
            let mut sorted: Vec<(f64, f64)> = values.iter().map(|v| v[side]).zip(weights.iter().copied()).collect();
            sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
            let mut below = 0.0;
            let found = sorted.iter().find(|(_, weight)| {
                below += weight;
                0.95 * total <= below
            });
            found.map_or(0.0, |(value, _)| *value)
        };
        Self {
            name: field.name.clone(),
            unit: field.unit.clone(),
            means: [mean(&|v| v[0]), mean(&|v| v[1])],
            high: [high(0), high(1)],
            rms: mean(&|v| (v[1] - v[0]).powi(2)).sqrt(),
        }
    }
}
