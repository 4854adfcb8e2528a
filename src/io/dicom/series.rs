//! Files sorted into series: one stack of images each, in order along the patient.

use super::codec;
use super::image_file::{Frame, ImageFile};
use super::moments;
use super::stack::{self, Plane, Stack};
use crate::base::{ContentHasher, Findings, Severity};
use crate::geom::{Grid, Point};
use crate::image::Modality;
use crate::io::error::ReadError;
use crate::io::times::Time;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Directions and spacings that differ by less than this belong together.
const SAME_PLANE: f64 = 2e-3;
/// Slices nearer than this lie at the same place.
const SAME_PLACE_MM: f64 = 0.01;

/// The files of one image series, sorted along the normal of its slices; nothing here names the patient.
#[derive(Debug, Clone)]
pub struct SeriesFiles {
    /// Tells series of the same folder apart and is the same next time; derived from the series' UID.
    pub key: String,
    /// What the scanner's operator called the series.
    pub description: String,
    /// What made the images.
    pub modality: Modality,
    /// Whether this is a DICOM segmentation, for [`super::read_segmentation`].
    pub is_segmentation: bool,
    /// Pixels in a row.
    pub columns: usize,
    /// Pixels in a column.
    pub rows: usize,
    /// Images.
    pub frames: usize,
    /// The transfer syntax by name.
    pub syntax: String,
    /// Where the voxels will be, if the series can be loaded as a volume.
    pub grid: Option<Grid>,
    /// Why the series cannot be loaded, if it cannot.
    pub problem: Option<String>,
    /// Technical facts of the first image: name and value.
    pub facts: Vec<(String, String)>,
    /// Which point in time it is of those that one series of the scanner holds.
    pub time: Option<PointInTime>,
    pub(super) slices: Vec<Slice>,
}

/// One point in time of several.
#[derive(Debug, Clone, PartialEq)]
pub struct PointInTime {
    /// The key of the first of them.
    pub first: String,
    /// Which it is, counted from 0.
    pub n: usize,
    /// How many there are.
    pub of: usize,
    /// When it was made, where the files say so.
    pub time: Option<Time>,
}

/// One image of a series.
#[derive(Debug, Clone)]
pub(super) struct Slice {
    pub(super) file: Arc<ImageFile>,
    pub(super) index: usize,
}

impl Slice {
    pub(super) fn frame(&self) -> &Frame {
        &self.file.frames[self.index]
    }
}

impl SeriesFiles {
    /// The files, in the order of the slices; a file with many frames comes once.
    pub fn files(&self) -> Vec<&Path> {
        let mut seen = BTreeSet::new();
        self.slices.iter().map(|slice| slice.file.path.as_path()).filter(|path| seen.insert(*path)).collect()
    }

    /// The grid of `slices`, which belong to this series.
    pub(super) fn stack(slices: &[Slice], findings: &Findings) -> Result<Stack, ReadError> {
        let Some(first) = slices.first() else {
            return Err(ReadError::unsupported(Path::new(""), "the series has no image"));
        };
        let refused = |what: String| ReadError::unsupported(&first.file.path, what);
        if first.file.is_mosaic {
            return Err(refused("Siemens mosaic images, which hold many slices as tiles, are not supported".into()));
        }
        let frame = first.frame();
        let Some(spacing_mm) = frame.spacing_mm else {
            return Err(refused("the image has no pixel spacing, so that nothing in it has a size".into()));
        };
        let place = |slice: &Slice| slice.frame().position;
        let (directions, positions) = match (frame.directions, slices.iter().map(place).collect::<Option<Vec<_>>>()) {
            (Some(directions), Some(positions)) => (directions, positions),
            _ if slices.len() == 1 => {
                let message =
                    "the image does not say where in the patient it lies; it is shown as an axial one at the origin";
                findings.add(Severity::Warning, "no-position", message);
                ([nalgebra::Vector3::x(), nalgebra::Vector3::y()], vec![Point::origin()])
            }
            _ => return Err(refused("the images do not say where in the patient they lie".into())),
        };
        let format = &first.file.format;
        let size = [format.columns, format.rows];
        let plane = Plane { directions, spacing_mm, size, thickness_mm: frame.thickness_mm };
        stack::stack(&positions, &plane, findings).map_err(refused)
    }
}

/// Sort images into series; what was odd goes to `findings`.
///
/// Images of one series that differ in size, direction or spacing, and images that lie at the same place, become
/// series of their own. The largest series come first.
pub(super) fn sort(files: Vec<ImageFile>, findings: &Findings) -> Vec<SeriesFiles> {
    let mut groups: BTreeMap<(String, usize, usize, bool), Vec<Slice>> = BTreeMap::new();
    let mut instances: BTreeMap<String, PathBuf> = BTreeMap::new();
    let mut series = Vec::new();
    for file in files.into_iter().map(Arc::new) {
        match instances.entry(file.instance_uid.clone()) {
            Entry::Occupied(first) if !file.instance_uid.is_empty() => {
                let message = format!("a copy of {} was left out: {}", name(first.get()), file.path.display());
                findings.add(Severity::Note, "duplicate-file", message);
                continue;
            }
            entry => {
                entry.or_insert_with(|| file.path.clone());
            }
        }
        let slices = (0..file.frames.len()).map(|index| Slice { file: Arc::clone(&file), index });
        if file.is_segmentation {
            series.push(describe(slices.collect(), ""));
            continue;
        }
        let key = (file.series_uid.clone(), file.format.columns, file.format.rows, file.is_localiser);
        groups.entry(key).or_default().extend(slices);
    }
    report_mixed_sizes(&groups, findings);
    for ((_, _, _, is_localiser), slices) in groups {
        let planes = split_by_plane(slices);
        if 1 < planes.len() && !is_localiser {
            let counts: Vec<String> = planes.iter().map(|plane| plane.len().to_string()).collect();
            let message = format!(
                "the series '{}' holds images of {} directions or spacings ({} images); they are listed apart",
                planes[0][0].file.description,
                planes.len(),
                counts.join(" + "),
            );
            findings.add(Severity::Note, "mixed-directions", message);
        }
        let count = planes.len();
        for (n, plane) in planes.into_iter().enumerate() {
            let part = if count == 1 { String::new() } else { format!(" (direction {} of {count})", n + 1) };
            series.extend(split_by_place(plane, &part, findings));
        }
    }
    let size = |s: &SeriesFiles| s.rows * s.columns * s.frames;
    series.sort_by(|a, b| {
        let rank = |s: &SeriesFiles| (s.is_segmentation, s.problem.is_some());
        // Points in time of one series stay together, in their order.
        let place = |s: &SeriesFiles| s.time.as_ref().map_or((s.key.clone(), 0), |time| (time.first.clone(), time.n));
        rank(a).cmp(&rank(b)).then_with(|| size(b).cmp(&size(a))).then_with(|| place(a).cmp(&place(b)))
    });
    series
}

fn report_mixed_sizes(groups: &BTreeMap<(String, usize, usize, bool), Vec<Slice>>, findings: &Findings) {
    let mut sizes: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for ((uid, columns, rows, is_localiser), slices) in groups {
        if !is_localiser {
            sizes.entry(uid).or_default().push(format!("{} of {columns} × {rows}", slices.len()));
        }
    }
    for sizes in sizes.values().filter(|sizes| 1 < sizes.len()) {
        let message =
            format!("one series holds images of different sizes ({} pixels); they are listed apart", sizes.join(", "));
        findings.add(Severity::Warning, "mixed-sizes", message);
    }
}

/// Groups of images that share directions and spacing, in the order of their first images.
fn split_by_plane(slices: Vec<Slice>) -> Vec<Vec<Slice>> {
    let numbers = |slice: &Slice| -> Vec<f64> {
        let Frame { directions, spacing_mm, .. } = slice.frame();
        let directions = directions.iter().flatten().flat_map(|direction| [direction.x, direction.y, direction.z]);
        directions.chain(spacing_mm.iter().flatten().copied()).collect()
    };
    let mut planes: Vec<(Vec<f64>, Vec<Slice>)> = Vec::new();
    for slice in slices {
        let own = numbers(&slice);
        let alike =
            |other: &[f64]| other.len() == own.len() && other.iter().zip(&own).all(|(a, b)| (a - b).abs() < SAME_PLANE);
        match planes.iter_mut().find(|(other, _)| alike(other)) {
            Some((_, members)) => members.push(slice),
            None => planes.push((own, vec![slice])),
        }
    }
    planes.into_iter().map(|(_, slices)| slices).collect()
}

/// Sort along the normal; images at the same place (echoes, times) become series of their own.
fn split_by_place(mut slices: Vec<Slice>, part: &str, findings: &Findings) -> Vec<SeriesFiles> {
    let normal = slices[0].frame().directions.map(|[row, column]| row.cross(&column));
    let depth = |slice: &Slice| Some(slice.frame().position?.coords.dot(&normal?));
    if slices.iter().any(|slice| depth(slice).is_none()) {
        slices.sort_by_key(|slice| (slice.file.order, slice.index));
        return vec![describe(slices, part)];
    }
    let order = |slice: &Slice| (slice.file.order, slice.index);
    slices.sort_by(|a, b| depth(a).partial_cmp(&depth(b)).unwrap_or(std::cmp::Ordering::Equal));
    let mut places: Vec<Vec<Slice>> = Vec::new();
    for slice in slices {
        let is_same = |place: &Vec<Slice>| {
            let apart = depth(&slice).zip(place.first().and_then(depth)).map_or(f64::MAX, |(a, b)| a - b);
            apart < SAME_PLACE_MM
        };
        match places.last_mut() {
            Some(place) if is_same(place) => place.push(slice),
            _ => places.push(vec![slice]),
        }
    }
    for place in &mut places {
        place.sort_by_key(order);
    }
    let title = places[0][0].file.description.clone();
    let kinds = moments::by_kind(places);
    let count = kinds.len();
    if 1 < count {
        let most: usize = kinds.iter().map(|places| places[0].len()).sum();
        let message = if most == count {
            format!("the series '{title}' holds {most} images at every place; they are listed as {most} series")
        } else {
            format!("the series '{title}' holds {count} kinds of images at every place; they are listed apart")
        };
        findings.add(Severity::Note, "several-volumes", message);
    }
    let part = |n: usize| if count == 1 { part.to_owned() } else { format!("{part} ({} of {count})", n + 1) };
    kinds.into_iter().enumerate().flat_map(|(n, places)| split_by_time(places, &part(n), &title, findings)).collect()
}

/// Images of one kind: one volume, or one for each point in time.
fn split_by_time(places: Vec<Vec<Slice>>, part: &str, title: &str, findings: &Findings) -> Vec<SeriesFiles> {
    let (fewest, most) = places.iter().map(Vec::len).fold((usize::MAX, 0), |(low, high), n| (low.min(n), high.max(n)));
    if most == 1 {
        let Some(points) = moments::interlaced(&places) else {
            return vec![describe(places.into_iter().flatten().collect(), part)];
        };
        let count = points.len();
        let message = format!(
            "the {count} points in time of the series '{title}' lie at different places, so that they are no film; they \
             are listed as {count} series"
        );
        findings.add(Severity::Warning, "times-apart", message);
        let named = |(n, slices)| describe(slices, &format!("{part} ({} of {count})", n + 1));
        return points.into_iter().enumerate().map(named).collect();
    }
    if let Some(sorted) = moments::points(&places) {
        return points_in_time(sorted, part, title, findings);
    }
    if fewest == most {
        let message =
            format!("the series '{title}' holds {most} images at every place; they are listed as {most} series");
        findings.add(Severity::Note, "several-volumes", message);
        let volume = |n: usize| places.iter().map(|place| place[n].clone()).collect();
        return (0..most).map(|n| describe(volume(n), &format!("{part} ({} of {most})", n + 1))).collect();
    }
    let extra: usize = places.iter().map(|place| place.len() - 1).sum();
    let message = format!("the series '{title}' has more than one image at some places; left out: {extra}");
    findings.add(Severity::Warning, "same-place", message);
    vec![describe(places.into_iter().filter_map(|place| place.into_iter().next()).collect(), part)]
}

fn points_in_time(sorted: moments::Sorted, part: &str, title: &str, findings: &Findings) -> Vec<SeriesFiles> {
    let moments::Sorted { points, incomplete: [broken, images] } = sorted;
    let of = points.len();
    findings.add(Severity::Note, "several-times", format!("the series '{title}' holds {of} points in time"));
    if 0 < broken {
        let message = format!(
            "the series '{title}' has {broken} points in time without an image at every place; left out: {images}"
        );
        findings.add(Severity::Warning, "times-incomplete", message);
    }
    let mut first = String::new();
    let mut all = Vec::with_capacity(of);
    for (n, (time, slices)) in points.into_iter().enumerate() {
        let when = time.map_or_else(String::new, |time| format!("{time}, "));
        let mut series = describe(slices, &format!("{part} ({when}{} of {of})", n + 1));
        if n == 0 {
            first.clone_from(&series.key);
        }
        series.time = Some(PointInTime { first: first.clone(), n, of, time });
        all.push(series);
    }
    all
}

fn describe(slices: Vec<Slice>, part: &str) -> SeriesFiles {
    let first = Arc::clone(&slices[0].file);
    let unsupported = slices.iter().map(|slice| &slice.file.syntax).find(|syntax| !codec::is_supported(syntax));
    let unsupported = unsupported.map(|syntax| format!("the compression {} is not supported", codec::name(syntax)));
    let stack =
        if first.is_segmentation { Ok(None) } else { SeriesFiles::stack(&slices, &Findings::default()).map(Some) };
    let (grid, problem) = match stack {
        Ok(stack) => (stack.map(|stack| stack.grid), unsupported),
        Err(error) => (None, Some(unsupported.unwrap_or_else(|| error.to_string()))),
    };
    let mut hasher = ContentHasher::default();
    hasher.text(&first.series_uid).text(&first.instance_uid).number(slices[0].index as u64).number(slices.len() as u64);
    let title = if first.description.is_empty() { "no description" } else { &first.description };
    SeriesFiles {
        key: hasher.finish().short(),
        description: format!("{title}{}{part}", if first.is_localiser { " (localiser)" } else { "" }),
        modality: first.modality,
        is_segmentation: first.is_segmentation,
        columns: first.format.columns,
        rows: first.format.rows,
        frames: slices.len(),
        syntax: codec::name(&first.syntax),
        grid,
        problem,
        facts: first.facts.clone(),
        time: None,
        slices,
    }
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
