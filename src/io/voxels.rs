//! Voxel arrays in files: element types, byte order, rescale, and unpacking with a limit.

use super::error::ReadError;
use crate::base::{Cancelled, Progress, SegmentId};
use crate::geom::Grid;
use crate::image::{LabelMap, Modality, Scan, Segment, Volume, Voxels};
use rayon::prelude::*;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

/// Most bytes of voxels a file may unpack to.
const BYTES_MAX: u64 = 8 << 30;
/// Deflate cannot shrink data more than this (1032 : 1, zlib's technical details).
const DEFLATE_RATIO_MAX: u64 = 1032;
/// Voxels decoded at a time.
const BLOCK: usize = 1 << 16;
/// A scan that does not name its modality is taken for CT when its values go this low.
const CT_AIR_HU: f64 = -900.0;

/// The number type of a voxel in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Element {
    I8,
    U8,
    I16,
    U16,
    I32,
    U32,
    I64,
    U64,
    F32,
    F64,
}

impl Element {
    /// Bytes of one value.
    pub fn bytes(self) -> usize {
        match self {
            Self::I8 | Self::U8 => 1,
            Self::I16 | Self::U16 => 2,
            Self::I32 | Self::U32 | Self::F32 => 4,
            Self::I64 | Self::U64 | Self::F64 => 8,
        }
    }
}

/// An array of voxels as it lies in a file.
pub(super) struct RawVoxels {
    pub bytes: Vec<u8>,
    pub element: Element,
    pub big_endian: bool,
    /// A value is `slope` × the stored number + `intercept`.
    pub slope: f64,
    pub intercept: f64,
}

/// The bytes that `dims` voxels of `element` take.
///
/// # Errors
/// [`ReadError::Damaged`] for an empty axis, [`ReadError::TooLarge`] beyond the limit.
pub(super) fn bytes_wanted(path: &Path, dims: [u64; 3], element: Element) -> Result<u64, ReadError> {
    let shown = dims.map(|n| n.to_string()).join(" × ");
    if dims.contains(&0) {
        return Err(ReadError::damaged(path, format!("the size {shown} has an empty axis")));
    }
    let bytes = dims.iter().try_fold(element.bytes() as u64, |all, n| all.checked_mul(*n));
    bytes.filter(|bytes| *bytes <= BYTES_MAX).ok_or_else(|| {
        ReadError::too_large(path, format!("the size {shown} takes more than {} GiB, the limit", BYTES_MAX >> 30))
    })
}

/// Read exactly `wanted` bytes of voxels from `source`, which is packed when `packed_bytes` says how long it is.
///
/// # Errors
/// [`ReadError`] when there are too few bytes, or the announced size cannot come out of so few.
pub(super) fn read_bytes(
    path: &Path,
    source: impl Read,
    wanted: u64,
    stored_bytes: u64,
    packed: bool,
    progress: &Progress,
) -> Result<Vec<u8>, ReadError> {
    let most = if packed { stored_bytes.saturating_mul(DEFLATE_RATIO_MAX) } else { stored_bytes };
    if most < wanted {
        let how = if packed { "packed data" } else { "data" };
        let what = format!("{wanted} bytes of voxels are announced, but there are only {stored_bytes} bytes of {how}");
        return Err(ReadError::damaged(path, what));
    }
    // In pieces, so that a file that lies costs no more memory than it delivers.
    const PIECE: u64 = 16 << 20;
    let mut bytes = Vec::new();
    let mut source = source.take(wanted);
    while (bytes.len() as u64) < wanted {
        progress.set(bytes.len() as f64 / wanted as f64)?;
        let read = source.by_ref().take(PIECE).read_to_end(&mut bytes).map_err(|error| match error.kind() {
            std::io::ErrorKind::InvalidInput | std::io::ErrorKind::InvalidData => {
                ReadError::damaged(path, "the packed voxels are damaged; unpack or copy the file again")
            }
            _ => ReadError::system(path, error),
        })?;
        if read == 0 {
            let what = format!("the voxels end after {} of {wanted} bytes", bytes.len());
            return Err(ReadError::damaged(path, what));
        }
    }
    Ok(bytes)
}

impl RawVoxels {
    /// Decode the voxels from `first` on into `values`.
    fn decode(&self, first: usize, values: &mut Vec<f64>, count: usize) {
        macro_rules! decode {
            ($($element:ident $number:ty),*) => {
                match self.element {
                    $(Element::$element => {
                        const SIZE: usize = size_of::<$number>();
                        let bytes = &self.bytes[first * SIZE..(first + count) * SIZE];
                        values.extend(bytes.as_chunks::<SIZE>().0.iter().map(|bytes| {
                            let stored = if self.big_endian { <$number>::from_be_bytes(*bytes) } else { <$number>::from_le_bytes(*bytes) };
                            stored as f64 * self.slope + self.intercept
                        }));
                    })*
                }
            };
        }
        values.clear();
        decode!(I8 i8, U8 u8, I16 i16, U16 u16, I32 i32, U32 u32, I64 i64, U64 u64, F32 f32, F64 f64);
    }

    fn len(&self) -> usize {
        self.bytes.len() / self.element.bytes()
    }

    /// All values, block by block in parallel, turned into `T`.
    fn map<T: Send + Copy + Default>(
        &self,
        progress: &Progress,
        f: impl Fn(f64) -> T + Sync,
    ) -> Result<Vec<T>, Cancelled> {
        let mut out = vec![T::default(); self.len()];
        out.par_chunks_mut(BLOCK).enumerate().try_for_each_init(Vec::new, |values, (block, out)| {
            progress.check()?;
            self.decode(block * BLOCK, values, out.len());
            out.iter_mut().zip(values).for_each(|(out, value)| *out = f(*value));
            Ok(())
        })?;
        Ok(out)
    }

    /// Smallest and largest value, and whether all are whole; values that are no numbers are left out and counted.
    fn census(&self) -> Census {
        let blocks = (0..self.len().div_ceil(BLOCK)).into_par_iter().map_init(Vec::new, |values, block| {
            let first = block * BLOCK;
            self.decode(first, values, BLOCK.min(self.len() - first));
            values.iter().fold(Census::EMPTY, |census, value| census.with(*value))
        });
        blocks.reduce(|| Census::EMPTY, Census::and)
    }

    /// A scan on `grid`. Without a `modality` it is CT when its values reach air, else of another kind.
    ///
    /// # Errors
    /// [`ReadError::Cancelled`].
    pub fn into_scan(
        self,
        grid: impl Into<Arc<Grid>>,
        modality: Option<Modality>,
        progress: &Progress,
    ) -> Result<Scan, ReadError> {
        let grid = grid.into();
        let census = self.census();
        let mut facts = Vec::new();
        if 0 < census.not_numbers {
            facts.push(("values that are no numbers, set to 0".to_owned(), census.not_numbers.to_string()));
        }
        let looks_like_ct = (-4096.0..=CT_AIR_HU).contains(&census.least);
        let modality = modality.unwrap_or_else(|| {
            let (kind, because) = match looks_like_ct {
                true => (Modality::Ct, format!("taken for CT, since values go down to {} HU", census.least)),
                false => (Modality::Other, "not stated in the file".to_owned()),
            };
            facts.push(("modality".to_owned(), because));
            kind
        });
        let number = |value: f64| if value.is_finite() { value } else { 0.0 };
        let fits = f64::from(i16::MIN) <= census.least && census.most <= f64::from(i16::MAX);
        let one_each = "one value per voxel was read";
        let voxels = if census.whole && fits {
            let values = self.map(progress, |value| number(value) as i16)?;
            Voxels::I16(Volume::new(grid, values).expect(one_each))
        } else {
            let values = self.map(progress, |value| number(value) as f32)?;
            Voxels::F32(Volume::new(grid, values).expect(one_each))
        };
        Ok(Scan { voxels, modality, window: None, facts })
    }

    /// A label map on `grid`; labels without a segment in `known` get one of their own.
    ///
    /// # Errors
    /// [`ReadError::Unsupported`] for values other than 0 to 255.
    pub fn into_labels(
        self,
        path: &Path,
        grid: Grid,
        known: Vec<Segment>,
        progress: &Progress,
    ) -> Result<LabelMap, ReadError> {
        let Census { least, most, whole, not_numbers } = self.census();
        if !whole || 0 < not_numbers || least < 0.0 || 255.0 < most {
            let what = format!("labels must be whole numbers from 0 to 255; the values go from {least} to {most}");
            return Err(ReadError::unsupported(path, what));
        }
        let labels = self.map(progress, |value| value as u8)?;
        let mut used = [false; 256];
        labels.iter().for_each(|label| used[usize::from(*label)] = true);
        let mut segments = known;
        for label in (1..=255_u8).filter(|label| used[usize::from(*label)]) {
            if segments.iter().all(|segment| segment.id != SegmentId(label)) {
                segments.push(Segment::new(SegmentId(label), format!("label {label}"), colour(label), None));
            }
        }
        segments.sort_by_key(|segment| segment.id);
        let labels = Volume::new(grid, labels).expect("one label per voxel was read");
        LabelMap::from_volume(&labels, segments).map_err(|error| ReadError::damaged(path, error.to_string()))
    }
}

/// What kinds of values there are.
#[derive(Clone, Copy)]
struct Census {
    least: f64,
    most: f64,
    whole: bool,
    not_numbers: usize,
}

impl Census {
    const EMPTY: Self = Self { least: f64::INFINITY, most: f64::NEG_INFINITY, whole: true, not_numbers: 0 };

    fn with(self, value: f64) -> Self {
        if !value.is_finite() {
            return Self { not_numbers: self.not_numbers + 1, ..self };
        }
        let whole = self.whole && value.fract() == 0.0;
        Self { least: self.least.min(value), most: self.most.max(value), whole, ..self }
    }

    fn and(self, other: Self) -> Self {
        Self {
            least: self.least.min(other.least),
            most: self.most.max(other.most),
            whole: self.whole && other.whole,
            not_numbers: self.not_numbers + other.not_numbers,
        }
    }
}

/// A colour for a label without one: hues a golden angle apart.
fn colour(label: u8) -> [u8; 3] {
    let hue = (f64::from(label) * 137.508) % 360.0 / 60.0;
    // The three channels of a hue, on a circle of six (saturation 0.6).
    [0.0, 4.0, 2.0].map(|shift: f64| {
        let place = (hue + shift) % 6.0;
        let full = ((place - 3.0).abs() - 1.0).clamp(0.0, 1.0);
        (255.0 * (0.4 + 0.6 * full)).round() as u8
    })
}
