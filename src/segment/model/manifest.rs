//! The small JSON file beside a network: what it wants and what its numbers mean.

use crate::base::SegmentId;
use crate::geom::Vector;
use crate::image::{Modality, Segment, terminology};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Largest patch edge, in voxels.
const PATCH_MAX: usize = 1024;
/// Longest text of a field, bytes.
const TEXT_MAX: usize = 500;

/// What a network wants and what its numbers mean.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// What the menu says.
    pub name: String,
    /// The network's file, beside the manifest.
    pub model: String,
    /// What made the images it was trained on.
    pub modality: Modality,
    /// Its voxels, mm; `None` for those of the scan.
    #[serde(default)]
    pub spacing_mm: Option<[f64; 3]>,
    /// Where i, j and k lead, as three letters of R L A P I S, e.g. `LPS`; `None` for the scan's own directions.
    #[serde(default)]
    pub orientation: Option<String>,
    /// Which index runs fastest in the network's input.
    #[serde(default)]
    pub order: Order,
    /// How values are scaled.
    pub normalisation: Normalisation,
    /// Voxels along i, j and k that are computed at once; `None` for the whole scan.
    #[serde(default)]
    pub patch: Option<[usize; 3]>,
    /// Every patch reaches at least so many voxels beyond what is taken from it: how far the network looks.
    #[serde(default)]
    pub overlap: usize,
    /// What becomes of scores where patches overlap.
    #[serde(default)]
    pub blend: Blend,
    /// Edges of a patch must be multiples of this, as networks that halve the image need; smaller scans are padded.
    #[serde(default = "one")]
    pub multiple: usize,
    /// Axes (0, 1, 2 for i, j, k) along which the image is also flipped, the scores being averaged.
    #[serde(default)]
    pub flips: Vec<usize>,
    /// What its scores are.
    #[serde(default)]
    pub output: Output,
    /// What its classes mean; classes that are not listed are background.
    pub labels: Vec<Label>,
    /// Where it comes from, for the account of the result.
    pub source: String,
    /// Under which terms it may be used, for the account of the result.
    pub licence: String,
    /// Memory its author saw it take, MB; the need is computed in any case, this is for readers of the file.
    #[serde(default)]
    pub memory_mb: Option<u32>,
}

fn one() -> usize {
    1
}

/// What becomes of scores where patches overlap.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Blend {
    /// Each voxel has the scores of the patch whose middle is nearest: exact if the network looks no farther than the overlap.
    #[default]
    Nearest,
    /// Scores are averaged with a Gaussian around the middle of each patch, an eighth of its edge wide
    /// (Isensee et al. 2021, nnU-Net, supplementary note 4.6); kinder to networks that look farther than the overlap.
    Gaussian,
}

/// What the scores of a network are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Output {
    /// Any numbers; the largest wins, and of a single class those above 0.
    #[default]
    Logits,
    /// Numbers from 0 to 1; the largest wins, and of a single class those above 0.5.
    Probabilities,
}

/// Which index runs fastest in the network's input.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// The input is \[k\]\[j\]\[i\], i the fastest: as in memory.
    #[default]
    Kji,
    /// The input is \[i\]\[j\]\[k\], k the fastest.
    Ijk,
}

/// How values are scaled before the network sees them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum Normalisation {
    /// Values from `low` to `high` become 0 to 1; what lies beyond is cut off.
    Range {
        /// Becomes 0.
        low: f64,
        /// Becomes 1.
        high: f64,
    },
    /// The quantiles `low` and `high` (0 to 1) of all voxels become 0 and 1; what lies beyond is cut off.
    Quantiles {
        /// Becomes 0.
        low: f64,
        /// Becomes 1.
        high: f64,
    },
    /// Mean 0 and standard deviation 1 over all voxels, after cutting off at `low` and `high` where given.
    Zscore {
        /// Values below count as this.
        #[serde(default)]
        low: Option<f64>,
        /// Values above count as this.
        #[serde(default)]
        high: Option<f64>,
    },
}

/// What a class means.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// The class, from 1; 0 is background. The single class of a network that has one is 1.
    pub class: usize,
    /// What it is.
    pub name: String,
    /// Colour, sRGB; the usual one of the code or name if not given.
    #[serde(default)]
    pub colour: Option<[u8; 3]>,
    /// SNOMED CT code.
    #[serde(default)]
    pub code: Option<u64>,
}

/// What is wrong with a manifest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ManifestError(String);

/// At most the first letters of what somebody else's program says, on one line.
fn one_line(text: &str) -> String {
    const LETTERS_MAX: usize = 240;
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match words.char_indices().nth(LETTERS_MAX) {
        Some((end, _)) => format!("{} …", &words[..end]),
        None => words,
    }
}

impl Manifest {
    /// Read a manifest and check it.
    ///
    /// # Errors
    /// [`ManifestError`]: which field, its value, what is expected.
    pub fn parse(text: &str) -> Result<Self, ManifestError> {
        let manifest: Self = serde_json::from_str(text)
            .map_err(|error| ManifestError(format!("the manifest cannot be read: {}", one_line(&error.to_string()))))?;
        manifest.check()?;
        Ok(manifest)
    }

    fn check(&self) -> Result<(), ManifestError> {
        let wrong = |what: String| Err(ManifestError(what));
        if self.model.is_empty() || self.model.contains(['/', '\\', ':', '\0']) || self.model.starts_with('.') {
            return wrong(format!("model = '{}' must be the name of a file beside the manifest", self.model));
        }
        if let Some(spacing) = self.spacing_mm
            && !spacing.iter().all(|mm| (0.05..=50.0).contains(mm))
        {
            return wrong(format!("spacing_mm = {spacing:?} is outside 0.05 to 50 mm"));
        }
        if let Some(letters) = &self.orientation {
            self.directions().ok_or_else(|| {
                ManifestError(format!("orientation = '{letters}' is not one letter each of RL, AP and IS, e.g. LPS"))
            })?;
        }
        if !(1..=PATCH_MAX).contains(&self.multiple) {
            return wrong(format!("multiple = {} is outside 1 to {PATCH_MAX}", self.multiple));
        }
        if let Some(patch) = self.patch {
            let (overlap, multiple) = (self.overlap, self.multiple);
            if !patch.iter().all(|n| (1..=PATCH_MAX).contains(n) && overlap < n.div_ceil(2)) {
                return wrong(format!(
                    "patch = {patch:?} must be 1 to {PATCH_MAX} voxels and more than twice the overlap of {overlap}"
                ));
            }
            if patch.iter().any(|n| n % multiple != 0) {
                return wrong(format!("patch = {patch:?} must be whole multiples of multiple = {multiple}"));
            }
        }
        for (field, text) in [("name", &self.name), ("source", &self.source), ("licence", &self.licence)] {
            if text.trim().is_empty() || TEXT_MAX < text.len() {
                return wrong(format!("{field} must say something, in at most {TEXT_MAX} letters"));
            }
        }
        if self.flips.iter().any(|axis| 2 < *axis) || self.flipped_axes().len() < self.flips.len() {
            return wrong("flips must name axes 0, 1 and 2, each once at most".into());
        }
        let bounds = match self.normalisation {
            Normalisation::Range { low, high } => Some((low, high)),
            Normalisation::Quantiles { low, high } if (0.0..=1.0).contains(&low) && high <= 1.0 => Some((low, high)),
            Normalisation::Quantiles { low, high } => {
                return wrong(format!("the quantiles {low} and {high} are outside 0 to 1"));
            }
            Normalisation::Zscore { low: Some(low), high: Some(high) } => Some((low, high)),
            Normalisation::Zscore { .. } => None,
        };
        if let Some((low, high)) = bounds
            && !(low < high)
        {
            return wrong(format!("the range of the normalisation, {low} to {high}, is empty"));
        }
        let classes: BTreeSet<usize> = self.labels.iter().map(|label| label.class).collect();
        if classes.is_empty() || classes.len() != self.labels.len() || !classes.iter().all(|c| (1..=255).contains(c)) {
            return wrong("labels must list at least one class, each once, from 1 to 255".into());
        }
        Ok(())
    }

    /// The unit directions of i, j and k that the letters name; `None` if they are not three of a kind each.
    pub fn directions(&self) -> Option<[Vector; 3]> {
        let letters: Vec<char> = self.orientation.as_ref()?.chars().collect();
        let directions = letters.iter().map(|letter| match letter {
            'L' => Some(Vector::x()),
            'R' => Some(-Vector::x()),
            'P' => Some(Vector::y()),
            'A' => Some(-Vector::y()),
            'S' => Some(Vector::z()),
            'I' => Some(-Vector::z()),
            _ => None,
        });
        let directions: [Vector; 3] = directions.collect::<Option<Vec<_>>>()?.try_into().ok()?;
        let all = directions.iter().fold(Vector::zeros(), |sum, direction| sum + direction.abs());
        (all == Vector::repeat(1.0)).then_some(directions)
    }

    /// Axes along which the image is also flipped, each once, in order.
    pub(super) fn flipped_axes(&self) -> Vec<usize> {
        let axes: BTreeSet<usize> = self.flips.iter().copied().collect();
        axes.into_iter().collect()
    }

    /// The table of segments its classes become.
    pub fn segments(&self) -> Vec<Segment> {
        let segment = |label: &Label| {
            let term = label.code.and_then(terminology::by_code);
            let named = terminology::by_name(&label.name).map(|member| member.term);
            let usual = term.or(named);
            let shade = (label.class * 47 % 200) as u8 + 40;
            let colour = label.colour.or(usual.map(|term| term.colour)).unwrap_or([shade, 255 - shade, 160]);
            let code = label.code.or(named.map(|term| term.code));
            Segment::new(SegmentId(label.class as u8), &label.name, colour, code)
        };
        self.labels.iter().map(segment).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"{ "name": "test", "model": "net.onnx", "modality": "MR", "spacing_mm": [1, 1, 1],
        "orientation": "LIA", "normalisation": { "kind": "quantiles", "low": 0.05, "high": 0.95 },
        "patch": [64, 64, 64], "overlap": 8, "source": "x", "licence": "MIT", "labels": [{ "class": 1, "name": "left thalamus" }] }"#;

    #[test]
    fn a_manifest_says_what_the_network_wants() {
        let manifest = Manifest::parse(TEXT).unwrap();
        assert_eq!(manifest.directions().unwrap(), [Vector::x(), -Vector::z(), -Vector::y()]);
        assert_eq!((manifest.order, manifest.flips.len()), (Order::Kji, 0));
        let segment = &manifest.segments()[0];
        assert_eq!((segment.snomed, segment.colour), (Some(119_406_000), [122, 101, 38]));
        let again = Manifest::parse(&serde_json::to_string(&manifest).unwrap()).unwrap();
        assert_eq!(again, manifest);
    }

    #[test]
    fn a_wrong_manifest_is_refused_in_words() {
        let refused = |from: &str, to: &str| Manifest::parse(&TEXT.replace(from, to)).unwrap_err().to_string();
        assert!(refused("LIA", "LLA").contains("orientation = 'LLA'"));
        assert!(refused("net.onnx", "../net.onnx").contains("beside the manifest"));
        assert!(refused("\"overlap\": 8", "\"overlap\": 32").contains("twice the overlap"));
        assert!(refused("0.95", "0.05").contains("is empty"));
        assert!(refused("\"class\": 1", "\"class\": 0").contains("from 1 to 255"));
        assert!(refused("[1, 1, 1]", "[1, 0, 1]").contains("spacing_mm"));
        assert!(refused("\"patch\"", "\"path\"").contains("path"));
        assert!(refused("net.onnx", "C:net.onnx").contains("beside the manifest"));
        assert!(refused("\"overlap\": 8", "\"overlap\": 18446744073709551615").contains("twice the overlap"));
        assert!(refused("\"overlap\": 8", "\"multiple\": 48").contains("multiples of multiple = 48"));
        assert!(refused("\"MIT\"", "\" \"").contains("licence must say something"));
        assert!(refused(", \"licence\": \"MIT\"", "").contains("licence"));
        assert!(refused(&TEXT[1..], "").contains("cannot be read"));
    }
}
