//! How an implant comes to lie on bone: moved as a stiff body until the side that faces the bone follows it.

use super::BoneError;
use crate::base::Progress;
use crate::geom::{Point, Vector};
use crate::mesh::{Bvh, Surface};
use nalgebra::{Matrix3, Matrix6, Rotation3, Vector6};

/// Places of the implant that are looked at in each step.
const SAMPLES: usize = 3000;
/// Steps at most; seating ends when a step moves no place by more than [`STILL_MM`].
const STEPS: usize = 80;
const STILL_MM: f64 = 1e-4;
/// A place within the bone counts so many times one that stands off: an implant lies on bone, not in it.
const INSIDE_WEIGHT: f64 = 8.0;
/// Part of the mean of the matrix's diagonal that keeps sliding along a plane or round an axis still (Levenberg and Marquardt).
const DAMPING: f64 = 1e-4;

/// Where an implant was put: places `x` go to `turn · (x − about) + about + shift`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Seat {
    /// The turn.
    pub turn: Rotation3<f64>,
    /// The fixed point of the turn: the middle of the implant.
    pub about: Point,
    /// The shift after the turn (mm).
    pub shift: Vector,
    /// Steps it took.
    pub steps: usize,
}

impl Seat {
    /// Nothing moved.
    pub fn still(implant: &Surface) -> Self {
        Self { turn: Rotation3::identity(), about: implant.bounds().centre(), shift: Vector::zeros(), steps: 0 }
    }

    /// Where `point` goes.
    pub fn place(&self, point: &Point) -> Point {
        self.about + self.turn * (point - self.about) + self.shift
    }

    /// `implant` where it was put.
    ///
    /// # Panics
    /// Never: the places stay as many and finite.
    pub fn of(&self, implant: &Surface) -> Surface {
        let places = implant.positions().iter().map(|point| self.place(point)).collect();
        implant.with_positions(places).expect("as many finite places as before")
    }

    /// The same, and then a small turn about the implant's middle and a shift.
    fn then(&self, turn: &Vector, shift: &Vector) -> Self {
        Self { turn: Rotation3::new(*turn) * self.turn, shift: self.shift + shift, ..*self }
    }
}

/// The implant's frame: its longest, middle and thinnest direction, from the spread of its surface.
fn axes(implant: &Surface) -> Matrix3<f64> {
    // Exact moments of the triangles: ∫ x xᵀ over one is area / 12 · (Σ v vᵀ + Σ v (Σ v)ᵀ) of its corners v.
    let corners = |triangle: &[u32; 3]| implant.corners(*triangle).map(|corner| corner.coords);
    let area = |[a, b, c]: &[Vector; 3]| 0.5 * (b - a).cross(&(c - a)).norm();
    let (mut all, mut first) = (0.0, Vector::zeros());
    for triangle in implant.triangles().iter().map(corners) {
        all += area(&triangle);
        first += triangle.iter().sum::<Vector>() * (area(&triangle) / 3.0);
    }
    let middle = first / all.max(1e-300);
    let mut spread = Matrix3::zeros();
    for triangle in implant.triangles().iter().map(corners) {
        let own = triangle.map(|corner| corner - middle);
        let sum: Vector = own.iter().sum();
        let squares = own.iter().map(|v| v * v.transpose()).sum::<Matrix3<f64>>();
        spread += (squares + sum * sum.transpose()) * (area(&triangle) / 12.0);
    }
    let eigen = spread.symmetric_eigen();
    let mut order = [0, 1, 2];
    order.sort_by(|a, b| eigen.eigenvalues[*b].total_cmp(&eigen.eigenvalues[*a]));
    let [long, broad] = [order[0], order[1]].map(|n| eigen.eigenvectors.column(n).into_owned());
    // The sign of an eigenvector is an accident of the solver; the largest part is made positive.
    let signed = |v: Vector| if 0.0 <= v[v.iamax()] { v } else { -v };
    let (long, broad) = (signed(long), signed(broad));
    Matrix3::from_columns(&[long, broad, long.cross(&broad)])
}

/// Put the middle of `implant` at `at`, a place on or near `bone`, its thin direction along the bone's normal there and its
/// longest along `along` (or as it lies now), `turned` upside down or not, and let it stand off so that nothing is inside.
///
/// # Errors
/// [`BoneError::NoBone`] for a bone without triangles.
pub fn put_at(
    implant: &Surface,
    bone: &Bvh,
    at: &Point,
    along: Option<&Vector>,
    turned: bool,
) -> Result<Seat, BoneError> {
    let nearest = bone.closest(at).ok_or(BoneError::NoBone)?;
    let [a, b, c] = bone.surface().corners(bone.surface().triangles()[nearest.triangle]);
    let normal = (b - a).cross(&(c - a)).try_normalize(0.0).unwrap_or_else(Vector::z);
    let own = axes(implant);
    let wanted = along.copied().unwrap_or_else(|| own.column(0).into_owned());
    let flat = |v: &Vector| (v - normal * v.dot(&normal)).try_normalize(1e-6 * v.norm().max(1e-300));
    let long =
        flat(&wanted).or_else(|| flat(&own.column(1).into_owned())).unwrap_or_else(|| normal.cross(&Vector::x()));
    let up = if turned { -normal } else { normal };
    let frame = Matrix3::from_columns(&[long, up.cross(&long), up]);
    let turn = Rotation3::from_matrix_unchecked(frame * own.transpose());
    let about = implant.bounds().centre();
    let lowest = implant.positions().iter().map(|point| (turn * (point - about)).dot(&normal));
    let lowest = lowest.fold(0.0, f64::min);
    Ok(Seat { turn, about, shift: nearest.point - about - normal * lowest, steps: 0 })
}

/// Move `implant` from `from` until the places that face `bone`, those within `facing_mm` of it, lie on it as well as a stiff
/// body can: least squares of their distances along the bone's normals, places within the bone weighing eight times as much
/// (point-to-plane steps: Chen & Medioni 1992, Image Vis Comput 10:145). At the end it is moved out of the bone as far as it
/// is deeper than `deepest_mm`.
///
/// # Errors
/// [`BoneError`] if nothing of the implant faces the bone, or `progress` was cancelled.
pub fn settle(
    implant: &Surface,
    bone: &Bvh,
    from: Seat,
    facing_mm: f64,
    deepest_mm: f64,
    progress: &Progress,
) -> Result<Seat, BoneError> {
    let places = implant.positions();
    let stride = places.len().div_ceil(SAMPLES).max(1);
    let (samples, normals) = (places.iter().step_by(stride), implant.vertex_normals());
    let samples: Vec<(Point, Vector)> = samples.copied().zip(normals.into_iter().step_by(stride)).collect();
    let reach_mm = samples.iter().map(|(point, _)| (point - from.about).norm()).fold(1e-9, f64::max);
    let mut seat = from;
    for step in 0..STEPS {
        progress.set(step as f64 / STEPS as f64)?;
        let seen = faced(&samples, bone, &seat, facing_mm);
        if seen.is_empty() {
            return Err(BoneError::BadNumber {
                what: "the distance up to which the implant faces the bone",
                value: facing_mm,
                limit: "so large that some of the implant is within it; put the implant nearer, or raise it",
            });
        }
        let (mut matrix, mut right) = (Matrix6::zeros(), Vector6::zeros());
        for Faced { arm, normal, off_mm, weight } in &seen {
            let turn = arm.cross(normal);
            // Lengths in all six numbers: turns times the implant's size.
            let row =
                Vector6::new(turn.x / reach_mm, turn.y / reach_mm, turn.z / reach_mm, normal.x, normal.y, normal.z);
            matrix += row * row.transpose() * *weight;
            right -= row * *weight * *off_mm;
        }
        matrix += Matrix6::identity() * (DAMPING * matrix.trace() / 6.0);
        let Some(moved) = matrix.cholesky().map(|factor| factor.solve(&right)) else { break };
        // A step no longer than half of what counts as facing: beyond it other places would be nearest.
        let scale = (0.5 * facing_mm / moved.norm().max(1e-300)).min(1.0);
        let [turn, shift] = [moved.fixed_rows::<3>(0) * scale / reach_mm, moved.fixed_rows::<3>(3) * scale];
        seat = Seat { steps: step + 1, ..seat.then(&turn, &shift) };
        if moved.norm() < STILL_MM {
            break;
        }
    }
    // The way out: along the mean of the bone's normals where it is too deep, again while that uncovers other places.
    for _ in 0..10 {
        progress.check()?;
        let deep = faced(&samples, bone, &seat, facing_mm);
        let depth_mm = deep.iter().map(|place| -place.off_mm).fold(0.0, f64::max) - deepest_mm;
        let inside = deep.iter().filter(|place| place.off_mm < -deepest_mm);
        let Some(out) = inside.map(|place| place.normal).reduce(|a, b| a + b).and_then(|v| v.try_normalize(1e-9))
        else {
            break;
        };
        seat = seat.then(&Vector::zeros(), &(out * depth_mm));
    }
    Ok(seat)
}

/// A place of the implant that faces the bone.
struct Faced {
    /// From the middle of the turn.
    arm: Vector,
    /// The bone's normal at its nearest place.
    normal: Vector,
    /// How far it stands off, negative inside.
    off_mm: f64,
    weight: f64,
}

fn faced(samples: &[(Point, Vector)], bone: &Bvh, seat: &Seat, facing_mm: f64) -> Vec<Faced> {
    let middle = seat.about + seat.shift;
    let of = |(point, outwards): &(Point, Vector)| {
        let place = seat.place(point);
        let nearest = bone.closest(&place).filter(|nearest| nearest.distance_mm <= facing_mm)?;
        let [a, b, c] = bone.surface().corners(bone.surface().triangles()[nearest.triangle]);
        let face = (b - a).cross(&(c - a)).try_normalize(0.0)?;
        let to = place - nearest.point;
        let off_mm = if to.dot(&face) < 0.0 { -to.norm() } else { to.norm() };
        // Only the side of the implant that looks at the bone, and whatever is inside.
        if -0.3 < (seat.turn * outwards).dot(&face) && 0.0 <= off_mm {
            return None;
        }
        // Near an edge of the bone the way to the nearest place is the better normal.
        let normal = if 1e-6 < to.norm() { to / off_mm } else { face };
        let weight = if off_mm < 0.0 { INSIDE_WEIGHT } else { 1.0 };
        Some(Faced { arm: place - middle, normal, off_mm, weight })
    };
    samples.iter().filter_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::Grid;
    use crate::image::Volume;
    use crate::mesh::iso_surface;
    use crate::plan::bone::implant_fit;

    /// The surface of what `inside_mm` says is positive, in cubes of 1 mm.
    fn body(dims: [usize; 3], origin: Point, inside_mm: impl Fn(&Point) -> f64) -> Surface {
        let grid = Grid::aligned(dims, origin, [1.0; 3]).unwrap();
        let values = (0..grid.len()).map(|n| inside_mm(&grid.centre(grid.voxel(n)))).collect();
        iso_surface(&Volume::<f64>::new(grid, values).unwrap(), 0.0, &Progress::default()).unwrap()
    }

    /// A shaft of bone along z with a radius of 14 mm, 80 mm long.
    fn shaft() -> Surface {
        body([40, 40, 84], Point::new(-19.5, -19.5, -41.5), |p| (14.0 - p.x.hypot(p.y)).min(40.0 - p.z.abs()))
    }

    /// A plate 40 mm long, bent to lie on the shaft over 80°, 3 mm thick; its middle at (15.5, 0, 0).
    fn plate() -> Surface {
        body([26, 30, 46], Point::new(-5.5, -14.5, -22.5), |p| {
            let around_mm = 14.0 * (40.0_f64.to_radians() - p.y.atan2(p.x).abs());
            (p.x.hypot(p.y) - 14.0).min(17.0 - p.x.hypot(p.y)).min(around_mm).min(20.0 - p.z.abs())
        })
    }

    #[test]
    fn a_bent_plate_finds_its_place_on_a_shaft() {
        let (bone, plate, progress) = (shaft(), plate(), Progress::default());
        let search = Bvh::new(&bone);
        for (turn, shift) in [
            (Vector::new(0.0, 0.1, 0.0), Vector::new(3.0, 1.0, 2.0)),
            (Vector::new(0.05, 0.0, 0.3), Vector::new(2.0, -2.0, -5.0)),
            (Vector::new(-0.1, 0.08, 0.0), Vector::new(1.0, 0.0, 0.0)),
        ] {
            let off = Seat::still(&plate).then(&turn, &shift);
            let seat = settle(&plate, &search, off, 8.0, 0.2, &progress).unwrap();
            let fit = implant_fit(&seat.of(&plate), &bone, 0.5, 1.5, &progress).unwrap();
            // Both are surfaces of cubes of 1 mm: neither is known better than some tenths.
            assert!(fit.deepest_mm < 0.35, "{} mm deep", fit.deepest_mm);
            assert!(fit.gap_mean_mm.unwrap() < 0.4, "gap {:?}", fit.gap_mean_mm);
            assert!(25.0 < fit.contact_percent, "{} % in contact", fit.contact_percent);
        }
    }

    #[test]
    fn an_implant_is_put_where_it_was_asked_for_and_is_not_in_the_bone() {
        let (bone, plate) = (shaft(), plate());
        let search = Bvh::new(&bone);
        for turned in [false, true] {
            let along = Vector::z();
            let seat = put_at(&plate, &search, &Point::new(0.0, 20.0, 5.0), Some(&along), turned).unwrap();
            let put = seat.of(&plate);
            let size = put.bounds().size();
            assert!((size.z - 40.0).abs() < 1.0, "along the shaft: {size:?}");
            let lowest = put.positions().iter().map(|p| p.y).fold(f64::INFINITY, f64::min);
            assert!((lowest - 14.0).abs() < 0.1, "{lowest}");
        }
        let nothing = Surface::new(Vec::new(), Vec::new()).unwrap();
        let gone = put_at(&plate, &Bvh::new(&nothing), &Point::origin(), None, false);
        assert_eq!(gone, Err(BoneError::NoBone));
    }

    #[test]
    fn an_implant_far_away_is_refused() {
        let (bone, plate) = (shaft(), plate());
        let far = Seat::still(&plate).then(&Vector::zeros(), &Vector::new(60.0, 0.0, 0.0));
        let error = settle(&plate, &Bvh::new(&bone), far, 8.0, 0.2, &Progress::default()).unwrap_err();
        assert!(error.to_string().contains("is 8; it must be so large"), "{error}");
    }
}
