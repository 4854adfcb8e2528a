//! A cut laid flat as a picture of the report: its pixels enlarged, vessels crossed as numbered rings.

use super::Sitter;
use super::paint::Canvas;
use crate::base::Progress;
use crate::base::i18n::{sentence_in, tr_with_in};
use crate::geom::orientation;
use crate::io::png::encode_rgba;
use crate::plan::Action;
use crate::plan::resection::Manner;
use crate::plan::score::Term;
use crate::report::{Picture, Shows, Spot, scale_bar};
use crate::session::CommandError;
use crate::tools::shared::plan_stage::Stage;
use crate::tools::shared::plan_views::{FlatCrossing, FlatCut, Flats, rgba};
use crate::tools::shared::plans::Ingredients;

/// Pixels of the longer side, without what is around it.
const LONGER: f64 = 640.0;
/// Room on each side for letters, and below for scale and legend.
const AROUND: usize = 34;
const BELOW: usize = 110;
/// Around the cut, as in pictures of the model.
const GROUND: [u8; 4] = [24, 28, 34, 255];
/// The edges at which planes are hinged.
const HINGE: [u8; 3] = [150, 156, 166];
/// So many vessels have numbers, the thickest first; more would hide the margins.
const NUMBERED: usize = 12;
/// A vessel's ring is at least this large, in pixels.
const RING_MIN: f64 = 5.0;

impl Sitter<'_> {
    /// Every cut that can be laid flat.
    pub(super) fn flat_cuts(
        &self,
        stage: &Stage,
        flats: &mut Flats,
        ingredients: &Ingredients,
        progress: &Progress,
    ) -> Result<Vec<Picture>, CommandError> {
        let cuts = self.plan.actions.iter().enumerate().filter(|(_, named)| matches!(named.action, Action::Cut(_)));
        let cuts: Vec<usize> = cuts.map(|(n, _)| n).collect();
        let mut all = Vec::new();
        for (k, n) in cuts.iter().enumerate() {
            progress.step(k, cuts.len())?;
            // Territories have no single sheet, and what is refused is told by the score.
            if let Ok(flat) = flats.of(stage, ingredients, self.plan, *n, progress)? {
                all.push(self.flat(&flat));
            }
        }
        Ok(all)
    }

    fn flat(&self, flat: &FlatCut) -> Picture {
        let longer = flat.size[0].max(flat.size[1]).max(1) as f64;
        let zoom = LONGER / longer;
        let inner = flat.size.map(|pixels| (pixels as f64 * zoom).round().max(1.0) as usize);
        let size = [inner[0] + 2 * AROUND, inner[1] + 2 * AROUND + BELOW];
        let source = rgba(flat, self.case);
        let mut pixels = GROUND.repeat(size[0] * size[1]);
        for y in 0..inner[1] {
            for x in 0..inner[0] {
                let from =
                    [(x, 0), (y, 1)].map(|(p, axis)| (((p as f64 + 0.5) / zoom) as usize).min(flat.size[axis] - 1));
                let from = 4 * (from[1] * flat.size[0] + from[0]);
                if source[from + 3] != 0 {
                    let to = 4 * ((y + AROUND) * size[0] + x + AROUND);
                    pixels[to..to + 4].copy_from_slice(&source[from..from + 4]);
                }
            }
        }
        let on_canvas = |at: [f64; 2]| at.map(|x| x * zoom + AROUND as f64);
        let mut vessels: Vec<&FlatCrossing> = flat.crossings.iter().collect();
        vessels.sort_by(|a, b| b.crossing.radius_mm.total_cmp(&a.crossing.radius_mm));
        let mut canvas = Canvas { size, rgba: &mut pixels };
        for [from, to] in flat.hinges() {
            canvas.line(on_canvas(from), on_canvas(to), 1.0, HINGE);
        }
        let mut spots = Vec::new();
        for (n, vessel) in vessels.iter().enumerate() {
            let colour = self.case.node(vessel.lines).map_or([255; 3], |node| node.display.colour);
            let (at, radius) = (on_canvas(vessel.at_px), vessel.crossing.radius_mm / flat.pixel_mm * zoom);
            canvas.ring(at, radius.max(RING_MIN), 2.5, colour);
            if n < NUMBERED {
                spots.push(Spot { at: [0, 1].map(|axis| at[axis] / size[axis] as f64), text: (n + 1).to_string() });
            }
        }
        let [left, right, up, down] = flat.outwards().map(|way| orientation::letters(&way));
        let has_margin = flat.lacking_mm.iter().any(|mm| !mm.is_nan());
        let width_mm = size[0] as f64 / zoom * flat.pixel_mm;
        Picture {
            caption: self.flat_caption(flat, &vessels),
            shows: Shows::Part(self.id),
            file_name: format!("plan-{}-flat-{}", self.id.0, flat.action + 1),
            png: encode_rgba(size[0], size[1], &pixels),
            letters: Some([up, right, down, left]),
            scale_bar: Some(scale_bar(width_mm)),
            legend: has_margin.then(|| self.margin_scale(flat.colours_mm).1),
            spots,
        }
    }

    fn flat_caption(&self, flat: &FlatCut, vessels: &[&FlatCrossing]) -> String {
        let name = &self.plan.actions[flat.action].name;
        let mut said = vec![self.words("report-flat-caption", &[("action", name)])];
        let off = format!("{:.1}", flat.stretch_max);
        let values = [("factor", off.as_str().into())];
        let manner = match flat.manner() {
            Manner::Sheet if 1.1 < flat.stretch_max => Some(tr_with_in(self.language, "flat-stretch", &values)),
            Manner::Sheet | Manner::Planes(1) => None,
            Manner::Planes(count) => Some(tr_with_in(self.language, "flat-planes", &[("count", count.into())])),
            Manner::Ball => Some(tr_with_in(self.language, "flat-ball-map", &values)),
        };
        said.extend(manner.map(|manner| {
            let mut sentence = self.listed(&[manner]);
            if let Some(first) = sentence.get_mut(..1) {
                first.make_ascii_uppercase();
            }
            sentence
        }));
        let numbered: Vec<String> =
            vessels.iter().take(NUMBERED).enumerate().map(|(n, own)| self.vessel(n + 1, own)).collect();
        if !numbered.is_empty() {
            let count = vessels.len().to_string();
            said.push(self.words("report-flat-vessels", &[("count", &count), ("list", &self.listed(&numbered))]));
        }
        let first = format!("{}/keep/", flat.action + 1);
        said.push(self.told(|term: &Term| term.id.starts_with("margin/") || term.id.starts_with(&first)));
        self.joined(&said)
    }

    /// `[1] portal vein: 5.2 mm, cut at 43°, …`.
    fn vessel(&self, number: usize, vessel: &FlatCrossing) -> String {
        let crossing = &vessel.crossing;
        let [mm, opening] = [crossing.diameter_mm(), crossing.opening_mm()].map(|mm| format!("{mm:.1}"));
        let (name, angle) = (
            format!("[{number}] {}", sentence_in(self.language, &vessel.name)),
            format!("{:.0}", crossing.angle_degrees),
        );
        let values = [("name", &name), ("mm", &mm), ("angle", &angle), ("opening", &opening)];
        let values = values.map(|(id, text)| (id, text.as_str().into()));
        if crossing.is_through {
            tr_with_in(self.language, "flat-vessel", &values)
        } else {
            tr_with_in(self.language, "flat-vessel-touched", &values)
        }
    }
}
