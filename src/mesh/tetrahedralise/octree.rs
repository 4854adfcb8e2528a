//! The background: a body-centred cubic lattice, fine where materials meet and up to eight times as coarse away from there.
//!
//! Labelle and Shewchuk 2007, section 3: cubes of an octree in which neighbours (also over edges and corners) differ by at most
//! one halving. Every cube has its middle; tetrahedra join the middles of two cubes with the corners of the face between them.
//! All cubes near a place where materials meet have the same size, so that everything that is cut is a plain lattice; by
//! curvature they may be doubled once where a face is flat.

use super::materials::{OUTSIDE, Scores};
use crate::base::{Cancelled, Progress};
use crate::geom::{Aabb, Point, Vector};
use rayon::prelude::*;

/// Vertices, their materials and tetrahedra before anything is moved or cut.
pub(super) struct Background {
    /// Places in half edges of the smallest cubes.
    pub at: Vec<[i32; 3]>,
    /// The same in mm.
    pub places: Vec<Point>,
    /// One per vertex.
    pub materials: Vec<u8>,
    /// Positive; none lies outside altogether.
    pub tets: Vec<[u32; 4]>,
}

/// The size of the lattice around a box.
#[derive(Clone)]
pub(super) struct Extent {
    cubes: [usize; 3],
    edge_mm: f64,
    origin: Point,
}

/// Level of cubes that no tetrahedron needs.
const UNUSED: u8 = u8::MAX;
const NONE: u32 = u32::MAX;

impl Extent {
    /// At least a cube and a half wider than `bounds` on every side, in cubes of `edge_mm`, a multiple of `1 << levels` of them.
    pub fn around(bounds: &Aabb, edge_mm: f64, levels: u8) -> Self {
        let cubes = [0, 1, 2].map(|a| ((bounds.size()[a] / edge_mm).ceil() as usize + 3).next_multiple_of(1 << levels));
        let half = Vector::from(cubes.map(|n| 0.5 * n as f64 * edge_mm));
        Self { cubes, edge_mm, origin: bounds.centre() - half }
    }

    fn place(&self, at: [i32; 3]) -> Point {
        self.origin + Vector::from(at.map(|x| 0.5 * f64::from(x) * self.edge_mm))
    }

    fn cube(&self, [x, y, z]: [usize; 3]) -> usize {
        (z * self.cubes[1] + y) * self.cubes[0] + x
    }

    fn corner(&self, [x, y, z]: [usize; 3]) -> usize {
        (z * (self.cubes[1] + 1) + y) * (self.cubes[0] + 1) + x
    }

    fn each_cube(&self) -> impl Iterator<Item = [usize; 3]> + '_ {
        let [nx, ny, nz] = self.cubes;
        (0..nz).flat_map(move |z| (0..ny).flat_map(move |y| (0..nx).map(move |x| [x, y, z])))
    }
}

/// How large cubes may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Grading {
    /// How often cubes may be doubled away from where materials meet, 0 to 3.
    pub levels: u8,
    /// Whether they may be doubled once, too, where a face between two materials is flat.
    pub flat: bool,
}

/// The background for scores: cubes of `extent` where materials meet, up to `1 << levels` times as large away from there.
pub(super) fn background(
    extent: &Extent,
    Grading { levels, flat }: Grading,
    scores: &impl Scores,
    progress: &Progress,
) -> Result<Background, Cancelled> {
    let [nx, ny, nz] = extent.cubes;
    let sampled = |layers: usize, rows: usize, columns: usize, kind: i32| -> Result<Vec<u8>, Cancelled> {
        let mut values = vec![OUTSIDE; layers * rows * columns];
        values.par_chunks_mut(rows * columns).enumerate().try_for_each(|(z, layer)| {
            progress.check()?;
            for (n, value) in layer.iter_mut().enumerate() {
                let at = [n % columns, n / columns, z].map(|x| 2 * x as i32 + kind);
                *value = scores.material(&extent.place(at));
            }
            Ok(())
        })?;
        Ok(values)
    };
    let corners = sampled(nz + 1, ny + 1, nx + 1, 0)?;
    let middles = sampled(nz, ny, nx, 1)?;
    let sampled = Sampled { extent, corners: &corners, middles: &middles };
    let mixed = sampled.mixed();
    let curved = if flat && 0 < levels { Some(sampled.curved(&mixed, scores, progress)?) } else { None };
    let mut level = sampled.needed(&mixed, curved.as_deref());
    // Larger steps than one stay away from faces that are cut in doubled cubes.
    let held = curved.map(|_| wider(&mixed, extent.cubes, HELD));
    progress.check()?;
    if levels == 0 {
        level.iter_mut().filter(|level| **level == 1).for_each(|level| *level = 0);
    }
    for next in 1..=levels {
        coarsen(extent, &mut level, next, held.as_deref().filter(|_| 1 < next));
        progress.check()?;
    }
    let mut builder = Builder {
        extent,
        ids: [vec![NONE; corners.len()], vec![NONE; middles.len()]],
        at: Vec::new(),
        tets: Vec::new(),
    };
    let inside = |at: [i32; 3]| {
        let [x, y, z] = at.map(|x| (x / 2) as usize);
        let value = if at[0] % 2 == 0 { corners[extent.corner([x, y, z])] } else { middles[extent.cube([x, y, z])] };
        value != OUTSIDE
    };
    for cube in extent.each_cube() {
        if cube[0] == 0 {
            progress.check()?;
        }
        let own = level[extent.cube(cube)];
        if own != UNUSED && cube.iter().all(|x| x.is_multiple_of(1 << own)) {
            builder.tets_of(cube, own, &level, &inside);
        }
    }
    let Builder { at, tets, .. } = builder;
    let places: Vec<Point> = at.iter().map(|at| extent.place(*at)).collect();
    let material = |at: &[i32; 3]| {
        let half = at.map(|x| (x / 2) as usize);
        if at[0] % 2 == 0 { corners[extent.corner(half)] } else { middles[extent.cube(half)] }
    };
    let materials = at.iter().map(material).collect();
    Ok(Background { at, places, materials, tets })
}

/// A face is flat if its normals within this many cubes turn by less than the angle whose cosine is [`FLAT_COS`], 20°: in a
/// doubled cube it then leaves the plane by at most a fifth of a small one (edge²/(8 radius), radius 2.9 cubes a radian).
const FLAT_REACH: usize = 1;
const FLAT_COS: f64 = 0.94;
/// Cubes around a face that are never doubled twice.
const HELD: usize = 3;

/// The materials at the vertices of the lattice of smallest cubes.
struct Sampled<'a> {
    extent: &'a Extent,
    corners: &'a [u8],
    middles: &'a [u8],
}

impl Sampled<'_> {
    /// A cube's corners and the middles beside it, in half edges, and their materials.
    fn around(&self, at: [usize; 3]) -> impl Iterator<Item = ([i32; 3], u8)> + '_ {
        let Self { extent, corners, middles } = *self;
        let corner = move |n: usize| {
            let corner = [at[0] + (n & 1), at[1] + (n >> 1 & 1), at[2] + (n >> 2)];
            (corner.map(|x| 2 * x as i32), corners[extent.corner(corner)])
        };
        let beside = move |n: usize| {
            let mut other = at;
            other[n / 2] = other[n / 2].checked_add_signed(2 * (n % 2) as isize - 1)?;
            let is_there = other[n / 2] < extent.cubes[n / 2];
            is_there.then(|| (other.map(|x| 2 * x as i32 + 1), middles[extent.cube(other)]))
        };
        (0..8).map(corner).chain((0..6).filter_map(beside))
    }

    /// Whether materials meet in a cube or between it and those beside it.
    fn mixed(&self) -> Vec<bool> {
        let [nx, ny, _] = self.extent.cubes;
        let mut mixed = vec![false; self.middles.len()];
        mixed.par_chunks_mut(nx * ny).enumerate().for_each(|(z, layer)| {
            for (n, mixed) in layer.iter_mut().enumerate() {
                let at = [n % nx, n / nx, z];
                let own = self.middles[self.extent.cube(at)];
                *mixed = self.around(at).any(|(_, other)| other != own);
            }
        });
        mixed
    }

    /// Which mixed cubes lie where a face is curved, or where more than two materials meet.
    fn curved(&self, mixed: &[bool], scores: &impl Scores, progress: &Progress) -> Result<Vec<bool>, Cancelled> {
        let [nx, ny, _] = self.extent.cubes;
        // The two materials of every mixed cube and the normal of the face between them.
        let mut faces: Vec<Option<([u8; 2], Vector)>> = vec![None; mixed.len()];
        faces.par_chunks_mut(nx * ny).enumerate().try_for_each(|(z, layer)| {
            progress.check()?;
            for (n, face) in layer.iter_mut().enumerate() {
                let at = [n % nx, n / nx, z];
                if mixed[self.extent.cube(at)] {
                    *face = self.face(at, scores);
                }
            }
            Ok::<(), Cancelled>(())
        })?;
        let mut curved = vec![false; mixed.len()];
        curved.par_chunks_mut(nx * ny).enumerate().try_for_each(|(z, layer)| {
            progress.check()?;
            for (n, curved) in layer.iter_mut().enumerate() {
                let at = [n % nx, n / nx, z];
                let own = self.extent.cube(at);
                if mixed[own] {
                    let Some((pair, normal)) = &faces[own] else {
                        *curved = true;
                        continue;
                    };
                    let alike = |other: usize| {
                        !mixed[other]
                            || faces[other].as_ref().is_some_and(|(p, n)| p == pair && FLAT_COS <= n.dot(normal))
                    };
                    *curved = !within(at, self.extent.cubes, FLAT_REACH).all(|other| alike(self.extent.cube(other)));
                }
            }
            Ok(())
        })?;
        Ok(curved)
    }

    /// The two materials in a cube and the direction from the second to the first where they meet; nothing if there are more.
    fn face(&self, at: [usize; 3], scores: &impl Scores) -> Option<([u8; 2], Vector)> {
        let own = self.middles[self.extent.cube(at)];
        let (beyond, other) = self.around(at).find(|(_, material)| *material != own)?;
        if self.around(at).any(|(_, material)| material != own && material != other) {
            return None;
        }
        let pair = [own.min(other), own.max(other)];
        let value = |place: Point| scores.difference(&place, pair[0], pair[1]);
        // The normal is that of the face, so first go there: halve the way to a vertex on the other side.
        let (mut here, mut there) = (self.extent.place(at.map(|x| 2 * x as i32 + 1)), self.extent.place(beyond));
        let begins_above = 0.0 < value(here);
        for _ in 0..8 {
            let half = nalgebra::center(&here, &there);
            if (0.0 < value(half)) == begins_above { here = half } else { there = half }
        }
        let slope = Vector::from([0, 1, 2].map(|axis| {
            // Wide enough that the stairs of the voxels do not tilt it.
            let mut step = Vector::zeros();
            step[axis] = 0.75 * self.extent.edge_mm;
            value(here + step) - value(here - step)
        }));
        Some((pair, slope.try_normalize(1e-6)?))
    }

    /// Levels before coarsening: 0 near a change of material, 1 in the inside of one, [`UNUSED`] outside.
    ///
    /// Here 1 stands for cubes that may be joined. With `curved` known these are also those near faces that are not.
    fn needed(&self, mixed: &[bool], curved: Option<&[bool]>) -> Vec<u8> {
        let [nx, ny, _] = self.extent.cubes;
        let cubes = self.extent.cubes;
        // Doubled cubes outside reach further from the face than single ones.
        let outside = curved.map(|_| wider(mixed, cubes, 3));
        let mut level = vec![0_u8; self.middles.len()];
        level.par_chunks_mut(nx * ny).enumerate().for_each(|(z, layer)| {
            for (n, level) in layer.iter_mut().enumerate() {
                let at = [n % nx, n / nx, z];
                let own = self.extent.cube(at);
                let near = || within(at, cubes, 1).map(|other| self.extent.cube(other));
                *level = match (near().any(|other| mixed[other]), curved) {
                    (true, Some(curved)) => u8::from(!near().any(|other| curved[other])),
                    (true, None) => 0,
                    (false, _) if self.middles[own] != OUTSIDE => 1,
                    (false, _) if outside.as_ref().is_some_and(|outside| outside[own]) => 1,
                    (false, _) => UNUSED,
                };
            }
        });
        level
    }
}

/// The places of a box of `dims` that are at most `reach` from one along every axis.
fn within(at: [usize; 3], dims: [usize; 3], reach: usize) -> impl Iterator<Item = [usize; 3]> {
    let range = move |a: usize| at[a].saturating_sub(reach)..(at[a] + reach + 1).min(dims[a]);
    range(2).flat_map(move |z| range(1).flat_map(move |y| range(0).map(move |x| [x, y, z])))
}

/// What is at most `reach` cubes from a marked one along every axis.
fn wider(marks: &[bool], dims: [usize; 3], reach: usize) -> Vec<bool> {
    let steps = [1, dims[0], dims[0] * dims[1]];
    let mut wide = marks.to_vec();
    for axis in 0..3 {
        let before = wide.clone();
        wide.par_iter_mut().enumerate().with_min_len(4096).for_each(|(n, mark)| {
            let x = n / steps[axis] % dims[axis];
            let (low, high) = (x.min(reach), (dims[axis] - 1 - x).min(reach));
            *mark = (0..=low + high).any(|m| before[n + m * steps[axis] - low * steps[axis]]);
        });
    }
    wide
}

/// Join cubes of level `next - 1` by eight where all of them are inside and no neighbour is finer.
///
/// Before the first call cubes that may be joined have level 1 and all others 0; after it all have their true level.
/// Cubes that are `held` are not joined.
fn coarsen(extent: &Extent, level: &mut [u8], next: u8, held: Option<&[bool]>) {
    let edge = 1_usize << next;
    let blocks = extent.cubes.map(|n| n / edge);
    let cubes_of = |block: [usize; 3]| {
        let from = block.map(|x| x * edge);
        (0..edge * edge * edge)
            .map(move |n| extent.cube([from[0] + n % edge, from[1] + n / edge % edge, from[2] + n / (edge * edge)]))
    };
    let every = |block: [usize; 3], test: &dyn Fn(u8) -> bool| cubes_of(block).all(|cube| test(level[cube]));
    // In the first round a joinable cube has level 1, which the neighbours need not be.
    let (own, beside) = (next.max(2) - 1, next - 1);
    let joined: Vec<bool> = (0..blocks.iter().product::<usize>())
        .into_par_iter()
        .map(|n| {
            let block = [n % blocks[0], n / blocks[0] % blocks[1], n / (blocks[0] * blocks[1])];
            every(block, &|level| level == own)
                && held.is_none_or(|held| cubes_of(block).all(|cube| !held[cube]))
                && (next == 1 || within(block, blocks, 1).all(|other| every(other, &|level| beside <= level)))
        })
        .collect();
    for cube in extent.each_cube() {
        let block = cube.map(|x| x / edge);
        let is_joined = joined[(block[2] * blocks[1] + block[1]) * blocks[0] + block[0]];
        let level = &mut level[extent.cube(cube)];
        if is_joined {
            *level = next;
        } else if next == 1 && *level == 1 {
            *level = 0;
        }
    }
}

struct Builder<'a> {
    extent: &'a Extent,
    /// Numbers of the vertices at corners and at middles of the smallest cubes.
    ids: [Vec<u32>; 2],
    at: Vec<[i32; 3]>,
    tets: Vec<[u32; 4]>,
}

/// Corners of a face in the two following axes, going around the axis.
const AROUND: [[i32; 2]; 4] = [[0, 0], [1, 0], [1, 1], [0, 1]];

impl Builder<'_> {
    /// The tetrahedra at the faces of a cube that belong to it: those towards larger cubes, and in positive directions those
    /// towards cubes as large.
    fn tets_of(&mut self, cube: [usize; 3], own: u8, level: &[u8], inside: &impl Fn([i32; 3]) -> bool) {
        let edge = 2_i32 << own;
        let from = cube.map(|x| 2 * x as i32);
        let middle = from.map(|x| x + edge / 2);
        for (axis, forward) in (0..3).flat_map(|axis| [(axis, false), (axis, true)]) {
            let mut beside = from;
            beside[axis] += if forward { edge } else { -2 };
            if beside[axis] < 0 || 2 * self.extent.cubes[axis] as i32 <= beside[axis] {
                continue;
            }
            let other = level[self.extent.cube(beside.map(|x| (x / 2) as usize))];
            if other == UNUSED || other < own || (other == own && !forward) {
                continue;
            }
            let other_edge = 2_i32 << other;
            let other_middle = beside.map(|x| x.div_euclid(other_edge) * other_edge + other_edge / 2);
            let face = AROUND.map(|[u, v]| {
                let mut corner = from;
                corner[axis] += if forward { edge } else { 0 };
                corner[(axis + 1) % 3] += u * edge;
                corner[(axis + 2) % 3] += v * edge;
                corner
            });
            let (low, high) = if forward { (middle, other_middle) } else { (other_middle, middle) };
            if other == own {
                for n in 0..4 {
                    let (a, b) = (face[n], face[(n + 1) % 4]);
                    let between = [0, 1, 2].map(|a_| (a[a_] + b[a_]) / 2);
                    if 0 < own && self.is_split(between, axis, n, own, level) {
                        self.add([low, high, a, between], inside);
                        self.add([low, high, between, b], inside);
                    } else {
                        self.add([low, high, a, b], inside);
                    }
                }
            } else {
                // The face is a quarter of the larger cube's: both sides halve it from the middle of that one.
                let centre =
                    |corner: &[i32; 3]| (0..3).all(|a| a == axis || (corner[a] - edge).rem_euclid(other_edge) == 0);
                let start = face.iter().position(centre).expect("one corner of a quarter is the middle of the whole");
                let corner = |n: usize| face[(start + n) % 4];
                for (a, b) in [(1, 2), (2, 3)] {
                    self.add([low, corner(0), corner(a), corner(b)], inside);
                    self.add([corner(0), high, corner(a), corner(b)], inside);
                }
            }
        }
    }

    /// Whether smaller cubes meet at the middle of edge `n` of a face across `axis`.
    fn is_split(&self, between: [i32; 3], axis: usize, n: usize, own: u8, level: &[u8]) -> bool {
        // Edge n runs along the first following axis if n is even.
        let along = (axis + 1 + n % 2) % 3;
        let [u, v] = [(along + 1) % 3, (along + 2) % 3];
        (0..8).any(|n| {
            let mut cube = between;
            cube[u] -= 2 * (n & 1);
            cube[v] -= 2 * (n >> 1 & 1);
            cube[along] -= 2 * (n >> 2);
            let within = (0..3).all(|a| 0 <= cube[a] && cube[a] < 2 * self.extent.cubes[a] as i32);
            within && level[self.extent.cube(cube.map(|x| (x / 2) as usize))] < own
        })
    }

    fn add(&mut self, tet: [[i32; 3]; 4], inside: &impl Fn([i32; 3]) -> bool) {
        if tet.iter().any(|at| inside(*at)) {
            let tet = tet.map(|at| self.vertex(at));
            self.tets.push(tet);
        }
    }

    fn vertex(&mut self, at: [i32; 3]) -> u32 {
        let half = at.map(|x| (x / 2) as usize);
        let kind = (at[0] % 2) as usize;
        let slot = if kind == 0 { self.extent.corner(half) } else { self.extent.cube(half) };
        let id = &mut self.ids[kind][slot];
        if *id == NONE {
            *id = self.at.len() as u32;
            self.at.push(at);
        }
        *id
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::TetMesh;
    use crate::mesh::quality::tet_quality;

    struct Ball(f64);

    impl Scores for Ball {
        fn material(&self, place: &Point) -> u8 {
            u8::from(place.coords.norm() < self.0)
        }

        fn difference(&self, place: &Point, a: u8, b: u8) -> f64 {
            (f64::from(a) - f64::from(b)) * (self.0 - place.coords.norm())
        }
    }

    #[test]
    fn a_graded_lattice_has_no_gap_and_the_shapes_of_the_paper() {
        let bounds = Aabb { min: Point::new(-20.0, -20.0, -20.0), max: Point::new(20.0, 20.0, 20.0) };
        let mut counts = Vec::new();
        for levels in 0..4 {
            let extent = Extent::around(&bounds, 1.0, levels);
            let found =
                background(&extent, Grading { levels, flat: false }, &Ball(20.0), &Progress::default()).unwrap();
            let (positions, tets) = (found.places, found.tets);
            counts.push(tets.len());
            let regions = vec![1; tets.len()];
            let mesh = TetMesh::new(positions, tets, regions).unwrap();
            let (surface, _) = mesh.boundary();
            assert_eq!(surface.open_edges(), 0);
            // No crack inside: every boundary vertex is near the ball's surface.
            let inner =
                surface.triangles().as_flattened().iter().map(|v| surface.positions()[*v as usize].coords.norm());
            assert!(inner.fold(f64::INFINITY, f64::min) > 19.0);
            let [low, high] = tet_quality(&mesh).dihedral_deg;
            assert!(44.9 < low && high < 120.1, "{low} to {high} degrees at {levels} levels");
        }
        // Larger cubes also pad the box, so the last doublings may gain nothing.
        assert!(counts[1..].iter().all(|count| *count < 6 * counts[0] / 10), "{counts:?}");
    }
}
