//! How much of an organ a cut takes, destroys and leaves: to the voxel, and in ml with bounds.

use super::organ::LAYERS;
use super::sweep::{Gather, sweep};
use super::{Blade, Layer, Organ, ResectionError};
use crate::base::Progress;
use crate::base::units::MM3_PER_ML;
use crate::plan::{Bounded, uncertainty};

/// What becomes of a voxel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It stays.
    Remnant = 1,
    /// It is taken away.
    Resected = 2,
    /// The instrument destroys it.
    Cut = 3,
}

impl Fate {
    /// The fate of what lies `side_mm` on the resected side of a cut of twice `half_mm`.
    #[inline]
    pub fn of(side_mm: f64, half_mm: f64) -> Self {
        if 0.0 < half_mm && side_mm.abs() <= half_mm {
            Self::Cut
        } else if 0.0 <= side_mm {
            Self::Resected
        } else {
            Self::Remnant
        }
    }
}

/// The books of a cut: every voxel of the organ stands in exactly one of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Books {
    /// Voxels of the organ.
    pub organ: u64,
    /// Voxels that stay.
    pub remnant: u64,
    /// Voxels that are taken away.
    pub resected: u64,
    /// Voxels that the instrument destroys.
    pub cut: u64,
    /// Volume of the organ.
    pub organ_ml: Bounded,
    /// What stays: voxels through which the cut goes count by the part of them that stays.
    pub remnant_ml: Bounded,
    /// What is taken away, likewise.
    pub resected_ml: Bounded,
    /// What the instrument destroys, likewise.
    pub cut_ml: Bounded,
}

impl Books {
    /// The books of `blade` in `organ`; the organ's edge is known within half a voxel and `edge_mm` more.
    ///
    /// A voxel belongs to the side its centre lies on. Of the voxels that the cut passes through, the volumes in ml count the
    /// part ½ + s/h with s the distance of the centre from the cut and h the cube root of the voxel: over many voxels the sum
    /// errs by less than counting. Bounds: see [`uncertainty::METHOD`].
    ///
    /// # Errors
    /// [`ResectionError::Cancelled`].
    pub fn of(organ: &Organ, blade: &Blade, edge_mm: f64, progress: &Progress) -> Result<Self, ResectionError> {
        let tally: Tally = sweep(organ, blade, half_voxel_mm(organ), progress)?;
        Ok(Self::from_tally(organ, &tally, edge_mm))
    }

    /// The same from a walk that was done.
    pub(super) fn from_tally(organ: &Organ, tally: &Tally, edge_mm: f64) -> Self {
        let [remnant, resected, cut] = tally.counts.map(|layers| layers[Layer::Organ as usize]);
        let voxel_ml = organ.grid().voxel_mm3() / MM3_PER_ML;
        let share = uncertainty::share_of_band(organ.grid(), edge_mm);
        let bounded = |volume: f64, inner: u64, outer: u64| {
            uncertainty::volume(volume * voxel_ml, share * voxel_ml, [inner, outer])
        };
        let [remnant_ml, resected_ml, cut_ml] = [0, 1, 2].map(|fate| {
            let [_, inner, outer] = tally.counts[fate];
            bounded(tally.volumes[fate], inner, outer)
        });
        let [n, inner, outer] = LAYERS.map(|layer| organ.voxels(layer));
        let organ_ml = bounded(n as f64, inner, outer);
        Self { organ: n, remnant, resected, cut, organ_ml, remnant_ml, resected_ml, cut_ml }
    }

    /// Part of the organ that stays, in %.
    pub fn remnant_percent(&self) -> Bounded {
        uncertainty::percent_of_parts(self.remnant_ml, self.resected_ml + self.cut_ml)
    }

    /// Part of the organ that is taken away or destroyed, in %.
    pub fn resected_percent(&self) -> Bounded {
        uncertainty::percent_of_parts(self.resected_ml + self.cut_ml, self.remnant_ml)
    }

    /// Why these books are worth little, and what to do: the cut misses the organ, or takes all of it.
    pub fn remark(&self) -> Option<&'static str> {
        if self.resected == 0 {
            Some("the cut takes nothing of the organ away; move it into the organ, or turn it round")
        } else if self.remnant == 0 {
            Some("the cut leaves nothing of the organ; move it into the organ, or turn it round")
        } else {
            None
        }
    }
}

/// Half the cube root of a voxel: how far from a cut voxels count in part.
pub(super) fn half_voxel_mm(organ: &Organ) -> f64 {
    0.5 * organ.grid().voxel_mm3().cbrt()
}

/// Counts by fate (remnant, resected, cut) and layer, and volumes in voxels by fate.
#[derive(Default, Debug)]
pub(super) struct Tally {
    counts: [[u64; 3]; 3],
    volumes: [f64; 3],
}

impl Gather for Tally {
    fn block(&mut self, organ: &Organ, level: usize, at: [usize; 3], is_resected: bool) {
        let fate = usize::from(is_resected);
        let counts = organ.counts(level, at);
        (0..3).for_each(|layer| self.counts[fate][layer] += u64::from(counts[layer]));
        self.volumes[fate] += f64::from(counts[Layer::Organ as usize]);
    }

    fn brick(&mut self, organ: &Organ, blade: &Blade, brick: usize, sides_mm: &[f64; 64]) {
        let words = organ.words(brick);
        let [resected, cut] = bits(words[0] | words[1] | words[2], blade.half_mm(), sides_mm);
        let of_fate = [!(resected | cut), resected, cut];
        for (counts, fate) in self.counts.iter_mut().zip(of_fate) {
            (0..3).for_each(|layer| counts[layer] += u64::from((words[layer] & fate).count_ones()));
        }
        let (half_mm, per_mm) = (blade.half_mm(), 1.0 / organ.grid().voxel_mm3().cbrt());
        let part = |mm: f64| (0.5 + mm * per_mm).clamp(0.0, 1.0);
        let (mut taken, mut left, mut n) = (0.0, 0.0, 0.0);
        let mut word = words[Layer::Organ as usize];
        while word != 0 {
            let side_mm = sides_mm[word.trailing_zeros() as usize];
            taken += part(side_mm - half_mm);
            left += part(-side_mm - half_mm);
            n += 1.0;
            word &= word - 1;
        }
        self.volumes[0] += left;
        self.volumes[1] += taken;
        self.volumes[2] += n - left - taken;
    }

    fn join(&mut self, other: Self) {
        for fate in 0..3 {
            (0..3).for_each(|layer| self.counts[fate][layer] += other.counts[fate][layer]);
            self.volumes[fate] += other.volumes[fate];
        }
    }
}

/// Bits of what is taken away and what the instrument destroys, among the bits of `any`.
pub(super) fn bits(any: u64, half_mm: f64, sides_mm: &[f64; 64]) -> [u64; 2] {
    let (mut resected, mut cut, mut word) = (0, 0, any);
    while word != 0 {
        let bit = word.trailing_zeros();
        match Fate::of(sides_mm[bit as usize], half_mm) {
            Fate::Resected => resected |= 1 << bit,
            Fate::Cut => cut |= 1 << bit,
            Fate::Remnant => {}
        }
        word &= word - 1;
    }
    [resected, cut]
}

#[cfg(test)]
mod tests {
    use super::super::sheet::tests::humped;
    use super::*;
    use crate::base::parallel;
    use crate::geom::{Grid, Point};
    use crate::image::Volume;
    use crate::plan::{Cut, CutShape};

    fn liver() -> Organ {
        let grid = Grid::aligned([61, 52, 43], Point::new(-30.0, -25.5, -25.2), [1.0, 1.0, 1.2]).unwrap();
        let inside = |p: Point| (p.x / 29.0).powi(2) + (p.y / 24.0).powi(2) + (p.z / 23.0).powi(2) < 1.0;
        let voxels = (0..grid.len()).map(|o| u8::from(inside(grid.centre(grid.voxel(o))))).collect();
        Organ::of(&Volume::new(grid, voxels).unwrap()).unwrap()
    }

    fn shapes() -> [CutShape; 4] {
        [
            CutShape::Plane { point: [2.0, 1.0, 0.5], normal: [1.0, 0.5, -0.2] },
            CutShape::Wedge { planes: vec![[[0.0; 3], [1.0, 0.0, 0.0]], [[0.0; 3], [0.0, 1.0, 0.3]]] },
            CutShape::Sphere { centre: [15.0, 0.0, 0.0], radius_mm: 14.0 },
            CutShape::Sheet(humped(40.0)),
        ]
    }

    /// Whole blocks are passed by; the books are those of every voxel on its own.
    #[test]
    fn books_are_those_of_voxels_one_by_one() {
        let organ = liver();
        let centres = organ.centres(Layer::Organ);
        for shape in shapes() {
            for width_mm in [0.0, 4.0] {
                let blade = Blade::of(&Cut { shape: shape.clone(), width_mm }, &organ.bounds()).unwrap();
                let books = Books::of(&organ, &blade, 0.5, &Progress::default()).unwrap();
                let one_by_one: Vec<Fate> =
                    centres.iter().map(|point| Fate::of(blade.side_mm(point), 0.5 * width_mm)).collect();
                let count = |fate| one_by_one.iter().filter(|f| **f == fate).count() as u64;
                assert_eq!(
                    [books.remnant, books.resected, books.cut],
                    [count(Fate::Remnant), count(Fate::Resected), count(Fate::Cut)],
                    "{shape:?}"
                );
                assert_eq!(books.remnant + books.resected + books.cut, organ.voxels(Layer::Organ));
                let percent = books.remnant_percent().value + books.resected_percent().value;
                assert!((percent - 100.0).abs() < 1e-9 && books.remark().is_none());
                assert!(
                    books.remnant_ml.low < books.remnant_ml.value && books.remnant_ml.value < books.remnant_ml.high
                );
            }
        }
    }

    #[test]
    fn one_thread_and_three_give_the_same_bits() {
        let organ = liver();
        for shape in shapes() {
            let blade = Blade::of(&Cut { shape, width_mm: 2.0 }, &organ.bounds()).unwrap();
            let run = || Books::of(&organ, &blade, 0.5, &Progress::default()).unwrap();
            assert_eq!(parallel::with_threads(1, run), parallel::with_threads(3, run));
        }
    }

    #[test]
    fn a_cut_that_misses_says_what_to_do() {
        let organ = liver();
        let books = |point: f64, normal: f64| {
            let shape = CutShape::Plane { point: [point, 0.0, 0.0], normal: [normal, 0.0, 0.0] };
            let blade = Blade::of(&Cut { shape, width_mm: 0.0 }, &organ.bounds()).unwrap();
            Books::of(&organ, &blade, 0.0, &Progress::default()).unwrap()
        };
        assert!(books(50.0, 1.0).remark().unwrap().contains("nothing of the organ away"));
        assert!(books(50.0, -1.0).remark().unwrap().contains("leaves nothing"));
    }
}
