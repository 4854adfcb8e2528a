//! The surface of a segment in one box of its grid, for pictures that follow an edit: only boxes that changed are made anew.
//!
//! Naive surface nets (Gibson 1998, "Constrained elastic surface nets") on the occupancy averaged over 3×3×3 cells: what a
//! box shows depends only on voxels near it, so neighbouring boxes fit without a seam, whatever was edited elsewhere.

use crate::base::SegmentId;
use crate::image::{BrickLabels, LabelMap, VoxelBox};

/// Edge of a box in voxels: whole bricks, and whole cells of any [`stride`].
pub const CHUNK: usize = 64;

/// Cells are about this large where voxels are finer, mm.
const CELL_MM: f64 = 1.5;

/// A mesh for a picture.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ChunkMesh {
    /// LPS mm.
    pub positions: Vec<[f32; 3]>,
    /// Outward, length 1.
    pub normals: Vec<[f32; 3]>,
    /// Three places each.
    pub triangles: Vec<[u32; 3]>,
}

/// Voxels along each axis that make one cell of the picture.
pub fn stride(labels: &LabelMap) -> [usize; 3] {
    labels.grid().spacing_mm().map(|mm| match (CELL_MM / mm) as usize {
        0 | 1 => 1,
        2 | 3 => 2,
        _ => 4,
    })
}

/// The boxes of a label map, by number.
pub fn chunks(labels: &LabelMap) -> impl Iterator<Item = (usize, VoxelBox)> {
    let dims = labels.grid().dims();
    let [ni, nj, nk] = dims.map(|n| n.div_ceil(CHUNK));
    (0..ni * nj * nk).map(move |n| {
        let place = [n % ni, n / ni % nj, n / (ni * nj)];
        (n, [0, 1, 2].map(|a| place[a] * CHUNK..((place[a] + 1) * CHUNK).min(dims[a])))
    })
}

/// The voxels that the picture of `region` depends on.
pub fn reach(labels: &LabelMap, region: &VoxelBox) -> VoxelBox {
    let (stride, dims) = (stride(labels), labels.grid().dims());
    [0, 1, 2]
        .map(|a| region[a].start.saturating_sub(MARGIN * stride[a])..(region[a].end + MARGIN * stride[a]).min(dims[a]))
}

/// Cells around a box that its vertices and normals depend on: one for the net, one for averaging, one for the slope.
const MARGIN: usize = 3;

/// The surfaces of all segments that are shown inside `region`, one of [`chunks`]; those that have none are left out.
pub fn chunk_surfaces(labels: &LabelMap, region: &VoxelBox) -> Vec<(SegmentId, ChunkMesh)> {
    let near = labels.near(&reach(labels, region));
    let shown = labels.segments().iter().filter(|segment| !segment.hidden && near[usize::from(segment.id.0)]);
    let made = shown.map(|segment| (segment.id, chunk_surface(labels, segment.id, region)));
    made.filter(|(_, mesh)| !mesh.triangles.is_empty()).collect()
}

/// The surface of segment `id` inside `region`, one of [`chunks`].
fn chunk_surface(labels: &LabelMap, id: SegmentId, region: &VoxelBox) -> ChunkMesh {
    let Some(field) = Occupancy::of(labels, id, region) else { return ChunkMesh::default() };
    let n = field.size;
    let mut mesh = ChunkMesh::default();
    let mut vertex = vec![u32::MAX; n.iter().product()];
    let inside: Vec<u8> = field.values.iter().map(|value| u8::from(0.5 < *value)).collect();
    let mut corners = vec![0_u8; n[0]];
    // A cell of the net lies between eight neighbouring cells of the field. This box owns the edges that begin in it; at
    // the border of the grid also those that come in from outside. Their quads need the net one cell before.
    let first = [0, 1, 2].map(|a| if region[a].start == 0 { MARGIN - 1 } else { MARGIN });
    let end = n.map(|n| n - MARGIN);
    for k in first[2] - 1..end[2] {
        for j in first[1] - 1..end[1] {
            // How many of the four corners above each other along i are inside; most cells have all or none.
            let row = |dj: usize, dk: usize| &inside[field.place([0, j + dj, k + dk])..][..n[0]];
            let rows = row(0, 0).iter().zip(row(1, 0)).zip(row(0, 1)).zip(row(1, 1));
            corners.iter_mut().zip(rows).for_each(|(corner, (((a, b), c), d))| *corner = a + b + c + d);
            for i in first[0] - 1..end[0] {
                if !matches!(corners[i] + corners[i + 1], 0 | 8)
                    && let Some((position, normal)) = field.vertex([i, j, k])
                {
                    vertex[field.place([i, j, k])] = mesh.positions.len() as u32;
                    mesh.positions.push(position);
                    mesh.normals.push(normal);
                }
            }
        }
    }
    for k in first[2]..end[2] {
        for j in first[1]..end[1] {
            for i in first[0]..end[0] {
                let at = field.place([i, j, k]);
                for (axis, step) in [1, n[0], n[0] * n[1]].into_iter().enumerate() {
                    if inside[at] != inside[at + step] {
                        field.quad([i, j, k], axis, inside[at] != 0, &vertex, &mut mesh.triangles);
                    }
                }
            }
        }
    }
    mesh
}

/// How much of each cell belongs to the segment, averaged over its neighbours, in a box with [`MARGIN`] cells around it.
struct Occupancy<'a> {
    labels: &'a LabelMap,
    stride: [usize; 3],
    /// Slopes along the index axes become directions in space: the inverse transpose of the step.
    normal_from_slope: nalgebra::Matrix3<f64>,
    /// The first cell of the box with its margin, in cells of the whole grid; negative outside.
    start: [i64; 3],
    size: [usize; 3],
    values: Vec<f32>,
}

impl<'a> Occupancy<'a> {
    /// `None` where the box is all inside or all outside.
    fn of(labels: &'a LabelMap, id: SegmentId, region: &VoxelBox) -> Option<Self> {
        let (stride, dims) = (stride(labels), labels.grid().dims());
        let start = [0, 1, 2].map(|a| (region[a].start / stride[a]) as i64 - MARGIN as i64);
        let size = [0, 1, 2].map(|a| region[a].len().div_ceil(stride[a]) + 2 * MARGIN);
        let mut values = vec![0.0_f32; size.iter().product()];
        let share = 1.0 / stride.iter().product::<usize>() as f32;
        let near = reach(labels, region);
        let [ni, nj, _] = size;
        for k in near[2].clone() {
            let ck = ((k / stride[2]) as i64 - start[2]) as usize;
            for j in near[1].clone() {
                let cj = ((j / stride[1]) as i64 - start[1]) as usize;
                let row = (ck * nj + cj) * ni;
                let cells = &mut values[row..row + ni];
                // Bricks, boxes and margins begin at whole cells.
                labels.row_parts((near[0].start, near[0].end), j, k, |part, labels| {
                    let first = ((part.start / stride[0]) as i64 - start[0]) as usize;
                    let cells = cells[first..].iter_mut();
                    match labels {
                        BrickLabels::One(label) if label != id.0 => {}
                        BrickLabels::One(_) => {
                            let counts = (0..part.len()).step_by(stride[0]).map(|at| stride[0].min(part.len() - at));
                            cells.zip(counts).for_each(|(cell, count)| *cell += share * count as f32);
                        }
                        BrickLabels::Each(labels) => cells.zip(labels.chunks(stride[0])).for_each(|(cell, labels)| {
                            let count: u8 = labels.iter().map(|label| u8::from(*label == id.0)).sum();
                            *cell += share * f32::from(count);
                        }),
                    }
                });
            }
        }
        let outside = values.iter().all(|value| *value == 0.0);
        let whole = (0..3).all(|a| 0 < near[a].start && near[a].end < dims[a]);
        if outside || whole && values.iter().all(|value| *value == 1.0) {
            return None;
        }
        for axis in 0..3 {
            average(&mut values, size, axis);
        }
        let inverse = labels.grid().step().try_inverse().expect("a grid's step can be inverted");
        Some(Self { labels, stride, normal_from_slope: inverse.transpose(), start, size, values })
    }

    fn place(&self, [i, j, k]: [usize; 3]) -> usize {
        (k * self.size[1] + j) * self.size[0] + i
    }

    fn at(&self, cell: [usize; 3]) -> f32 {
        self.values[self.place(cell)]
    }

    /// The vertex of the net between cell `base` and the next along each axis: the mean of where the edges are crossed.
    fn vertex(&self, base: [usize; 3]) -> Option<([f32; 3], [f32; 3])> {
        let corner = |c: usize| [0, 1, 2].map(|a| base[a] + (c >> a & 1));
        let values: [f32; 8] = std::array::from_fn(|c| self.at(corner(c)));
        let inside = values.map(|value| 0.5 < value);
        if inside.iter().all(|x| *x) || inside.iter().all(|x| !*x) {
            return None;
        }
        let (mut sum, mut crossed) = ([0.0_f32; 3], 0.0);
        for a in 0..3 {
            for c in (0..8).filter(|c| c >> a & 1 == 0) {
                let d = c | 1 << a;
                if inside[c] != inside[d] {
                    let t = (0.5 - values[c]) / (values[d] - values[c]);
                    for (b, part) in sum.iter_mut().enumerate() {
                        *part += if b == a { t } else { (c >> b & 1) as f32 };
                    }
                    crossed += 1.0;
                }
            }
        }
        let part = sum.map(|x| x / crossed);
        // The slope of the averaged occupancy, trilinear between the corners.
        let mut slope = [0.0_f32; 3];
        for c in 0..8 {
            let weight: f32 = (0..3).map(|a| if c >> a & 1 == 1 { part[a] } else { 1.0 - part[a] }).product();
            let cell = corner(c);
            for (a, slope) in slope.iter_mut().enumerate() {
                let (mut low, mut high) = (cell, cell);
                low[a] -= 1;
                high[a] += 1;
                *slope += weight * (self.at(high) - self.at(low));
            }
        }
        let grid = self.labels.grid();
        let index = nalgebra::Vector3::from_fn(|a, _| {
            let cell = (self.start[a] + base[a] as i64) as f64 + f64::from(part[a]);
            cell * self.stride[a] as f64 + 0.5 * (self.stride[a] as f64 - 1.0)
        });
        let slope = nalgebra::Vector3::from_fn(|a, _| f64::from(slope[a]) / self.stride[a] as f64);
        let normal = (-(self.normal_from_slope * slope)).try_normalize(1e-12).unwrap_or_else(nalgebra::Vector3::z);
        let point = grid.patient_from_index(index);
        Some(([point.x, point.y, point.z].map(|x| x as f32), [normal.x, normal.y, normal.z].map(|x| x as f32)))
    }

    /// The two triangles around the edge from `cell`, which is inside or not, along `axis` to one that is not or is.
    fn quad(&self, cell: [usize; 3], axis: usize, is_inside: bool, vertex: &[u32], triangles: &mut Vec<[u32; 3]>) {
        let (u, v) = ((axis + 1) % 3, (axis + 2) % 3);
        let around = [(1, 1), (0, 1), (0, 0), (1, 0)].map(|(du, dv)| {
            let mut base = cell;
            base[u] -= du;
            base[v] -= dv;
            vertex[self.place(base)]
        });
        debug_assert!(!around.contains(&u32::MAX), "every cell around a crossed edge has a vertex");
        let [a, b, c, d] = around;
        let leaves = is_inside == (0.0 < self.labels.grid().step().determinant());
        triangles.extend(if leaves { [[a, b, c], [a, c, d]] } else { [[a, c, b], [a, d, c]] });
    }
}

/// The mean of each value and its two neighbours along `axis`; 0 beyond the box.
fn average(values: &mut [f32], size: [usize; 3], axis: usize) {
    let [ni, nj, _] = size;
    if axis == 0 {
        for row in values.chunks_mut(ni) {
            let mut before = 0.0;
            for i in 0..ni {
                let (here, after) = (row[i], row.get(i + 1).copied().unwrap_or(0.0));
                row[i] = (before + here + after) / 3.0;
                before = here;
            }
        }
        return;
    }
    // Whole rows or slices at once.
    let (width, count) = if axis == 1 { (ni, nj) } else { (ni * nj, size[2]) };
    let (mut before, mut here) = (vec![0.0; width], vec![0.0; width]);
    for layers in values.chunks_mut(width * count) {
        before.fill(0.0);
        for n in 0..count {
            let (done, rest) = layers.split_at_mut((n + 1) * width);
            let layer = &mut done[n * width..];
            here.copy_from_slice(layer);
            let sums = layer.iter_mut().zip(&before);
            if rest.is_empty() {
                sums.for_each(|(value, before)| *value = (before + *value) / 3.0);
            } else {
                sums.zip(rest).for_each(|((value, before), after)| *value = (before + *value + *after) / 3.0);
            }
            std::mem::swap(&mut before, &mut here);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Progress;
    use crate::geom::{Grid, Point};
    use crate::image::Segment;
    use crate::mesh::{Surface, weld};
    use nalgebra::{Matrix3, Vector3};
    use std::sync::Arc;

    fn ball(step: Matrix3<f64>, dims: [usize; 3], radius_mm: f64) -> LabelMap {
        let grid = Arc::new(Grid::new(dims, Point::new(3.0, -5.0, 7.0), step).unwrap());
        let middle = grid.bounds().centre();
        let empty = LabelMap::empty(Arc::clone(&grid), vec![Segment::new(SegmentId(1), "ball", [9; 3], None)]).unwrap();
        let inside = |offset: usize| (grid.centre(grid.voxel(offset)) - middle).norm() <= radius_mm;
        let quiet = Progress::default();
        empty.edited(&empty.everything(), |o, old| if inside(o) { 1 } else { old }, &quiet).unwrap()
    }

    /// All boxes together, welded where they meet.
    fn whole(labels: &LabelMap) -> Surface {
        let corners = chunks(labels).flat_map(|(_, region)| {
            let mesh = chunk_surface(labels, SegmentId(1), &region);
            let corner = move |v: &u32| Point::from(mesh.positions[*v as usize].map(f64::from));
            mesh.triangles.iter().flatten().map(corner).collect::<Vec<_>>()
        });
        weld(&corners.collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn the_boxes_of_a_ball_close_without_a_seam() {
        for (step, dims) in [
            (Matrix3::from_diagonal(&Vector3::new(1.6, 1.6, 1.6)), [100, 90, 80]),
            (Matrix3::from_diagonal(&Vector3::new(0.7, 0.7, 2.5)), [190, 180, 70]),
            (Matrix3::new(1.5, 0.1, 0.3, -0.2, 1.6, 0.1, 0.1, 0.0, 2.0), [90, 90, 80]),
        ] {
            let labels = ball(step, dims, 50.0);
            let surface = whole(&labels);
            assert_eq!(surface.open_edges(), 0, "step {step}");
            let exact = labels.volume_ml(SegmentId(1));
            assert!((surface.volume_ml() / exact - 1.0).abs() < 0.02, "{} ml, {exact} ml", surface.volume_ml());
        }
    }

    #[test]
    fn a_segment_at_the_border_of_the_scan_is_closed() {
        let grid = Grid::aligned([70, 20, 20], Point::origin(), [2.0; 3]).unwrap();
        let empty = LabelMap::empty(Arc::new(grid), vec![Segment::new(SegmentId(1), "block", [9; 3], None)]).unwrap();
        let full = empty.edited(&empty.everything(), |_, _| 1, &Progress::default()).unwrap();
        let surface = whole(&full);
        assert_eq!(surface.open_edges(), 0);
        assert!((surface.volume_ml() / full.volume_ml(SegmentId(1)) - 1.0).abs() < 0.1);
    }

    #[test]
    fn normals_point_outward() {
        let labels = ball(Matrix3::from_diagonal(&Vector3::new(0.7, 0.7, 2.5)), [150, 140, 50], 40.0);
        let middle = labels.grid().bounds().centre();
        for (_, region) in chunks(&labels) {
            let mesh = chunk_surface(&labels, SegmentId(1), &region);
            for (position, normal) in mesh.positions.iter().zip(&mesh.normals) {
                let out = (Point::from(position.map(f64::from)) - middle).normalize();
                assert!(0.9 < out.dot(&Vector3::from(normal.map(f64::from))), "{position:?} {normal:?}");
            }
        }
    }
}
