//! What a report shows of a plan beside its overview: cuts in the colours of their margins, cuts laid flat, slices along and
//! across paths, and what a search for paths found.
//!
//! Numbers in captions are those of the score and of the table of distances, in the same words.

mod flat;
mod paint;
mod paths;

use super::plan_stage::{Face, Stage};
use super::plan_views::Flats;
use super::plans::Ingredients;
use crate::base::i18n::{Language, sentence_in, tr_with_in};
use crate::base::{NodeId, Progress};
use crate::geom::Vector;
use crate::image::colormap::Colormap;
use crate::mesh::{Field, Surface};
use crate::plan::{Action, Plan, Score, Term};
use crate::report::{Body, Distances, Eye, Known, Legend, Named, Picture, Shot, Shows, of_plan, photographed};
use crate::session::{Case, CommandError, Data, Node};
use std::sync::Arc;

/// How much of the light an organ lets through in front of what is done in it.
const ORGAN_OPACITY: f64 = 0.1;
/// What is spared must not hide the cut.
const SPARED_OPACITY: f64 = 0.25;
/// From the front left above, as the overview is seen.
const CORNER: Vector = Vector::new(0.547, -0.8, 0.247);
/// Colours of a legend.
const STEPS: usize = 65;

/// One plan and the words of its pictures.
struct Sitter<'a> {
    case: &'a Case,
    id: NodeId,
    node: &'a Node,
    plan: &'a Plan,
    language: Language,
}

/// The pictures of all plans of `case`; of `distances` those along paths are told.
///
/// # Errors
/// [`CommandError`] if `progress` was cancelled.
pub(in crate::tools) fn of_plans(
    case: &Case,
    language: Language,
    known: &mut Known,
    distances: &[Distances],
    progress: &Progress,
) -> Result<Vec<Picture>, CommandError> {
    let (mut all, mut stage, mut flats) = (Vec::new(), Stage::default(), Flats::default());
    let plans: Vec<_> = case.plans().collect();
    for (n, (id, node, plan)) in plans.iter().enumerate() {
        let part = |from: f64, to: f64| {
            let of = |x: f64| (n as f64 + x) / plans.len() as f64;
            progress.part(of(from)..of(to), "pictures of plans")
        };
        let sitter = Sitter { case, id: *id, node, plan, language };
        // Of what is gone the score tells.
        let Ok(ingredients) = Ingredients::of(case, plan) else { continue };
        let bodies = of_plan(case, plan, known, &part(0.0, 0.2))?;
        let is_cut = |action: &Action| matches!(action, Action::Cut(_) | Action::Osteotomy(_));
        if plan.actions.iter().any(|named| is_cut(&named.action)) {
            stage.prepare(&ingredients, plan, &part(0.2, 0.5))?;
            all.extend(sitter.cuts(&bodies, &stage, &part(0.5, 0.7))?);
            all.extend(sitter.flat_cuts(&stage, &mut flats, &ingredients, &part(0.7, 0.9))?);
        }
        all.extend(sitter.paths(distances, &part(0.9, 0.95))?);
        all.extend(sitter.risk(&bodies, &part(0.95, 1.0))?);
    }
    Ok(all)
}

impl Sitter<'_> {
    /// The message `id` with the plan's name and more.
    fn words(&self, id: &'static str, more: &[(&'static str, &str)]) -> String {
        let plan = ("plan", self.node.name.as_str().into());
        let values: Vec<_> =
            std::iter::once(plan).chain(more.iter().map(|(name, text)| (*name, (*text).into()))).collect();
        tr_with_in(self.language, id, &values)
    }

    /// Sentences one after the other.
    fn joined(&self, sentences: &[String]) -> String {
        let between = if self.language == Language::SimplifiedChinese { "" } else { " " };
        sentences.iter().filter(|text| !text.is_empty()).cloned().collect::<Vec<_>>().join(between)
    }

    /// The score, if it is of the case as it is.
    fn score(&self) -> Option<&Score> {
        self.plan.score.as_ref().filter(|_| self.case.stale_score(self.plan).is_none())
    }

    /// Terms of the score as the table has them, in one sentence; nothing where there is none.
    fn told(&self, counts: impl Fn(&Term) -> bool) -> String {
        let terms = self.score().into_iter().flat_map(|score| &score.terms).filter(|term| counts(term));
        let one = |term: &Term| format!("{} {}", sentence_in(self.language, &term.name), term.text());
        let terms: Vec<String> = terms.map(one).collect();
        if terms.is_empty() { String::new() } else { self.words("report-of-score", &[("list", &self.listed(&terms))]) }
    }

    /// A list as a sentence.
    fn listed(&self, items: &[String]) -> String {
        let (between, end) = if self.language == Language::SimplifiedChinese { ("；", "。") } else { ("; ", ".") };
        if items.is_empty() { String::new() } else { format!("{}{end}", items.join(between)) }
    }

    /// What lies about a deed: the organ and what is spared translucent, targets and vessels as they are.
    fn about(&self, bodies: &[Named]) -> Vec<Body> {
        let structures = bodies.iter().filter_map(|named| Some((named.structure?, &named.body)));
        let look = |(structure, body): (crate::plan::Structure, &Body)| {
            let is_spared = self.plan.keep_out.iter().any(|keep| keep.structure == structure);
            let opacity = match () {
                () if self.plan.organ == Some(structure) => ORGAN_OPACITY,
                () if is_spared => SPARED_OPACITY,
                () => body.opacity,
            };
            Body { opacity, ..body.clone() }
        };
        structures.map(look).collect()
    }

    /// Each cut with how much margin lacks on it.
    fn cuts(&self, bodies: &[Named], stage: &Stage, progress: &Progress) -> Result<Vec<Picture>, CommandError> {
        let faces = stage.faces(self.plan, &progress.part(0.0..0.5, "pictures of plans"))?;
        let mut all = Vec::new();
        for (n, face) in faces.all.iter().enumerate() {
            progress.step(n, faces.all.len())?;
            // A saw is watched for nothing, and the overview shows it.
            let Some(lacking) = &face.lacking else { continue };
            let scale = self.margin_scale(faces.colours_mm);
            let mut shown = self.about(bodies);
            shown.push(painted(face, lacking.clone()));
            let name = &self.plan.actions[face.action].name;
            let of_plan =
                |term: &Term| term.id.starts_with("margin/") || ["resected_ml", "remnant_ml"].contains(&&*term.id);
            let caption = self.joined(&[self.words("report-cut-caption", &[("action", name)]), self.told(of_plan)]);
            let shot = Shot {
                caption,
                shows: Shows::Part(self.id),
                file_name: format!("plan-{}-cut-{}", self.id.0, face.action + 1),
                from: Eye::Direction(before(&face.fine)),
                scale: Some(scale),
            };
            all.extend(photographed(&shown, shot, &progress.part(0.5..1.0, "pictures of plans"))?);
        }
        Ok(all)
    }

    /// The colours of margins, from this much to spare to as much that lacks.
    fn margin_scale(&self, colours_mm: f64) -> (Colormap, Legend) {
        let legend = Legend {
            field: self.words("report-margin-lacking", &[]),
            unit: "mm".into(),
            range: [-colours_mm, colours_mm],
            colours: Colormap::Margin.table(STEPS),
        };
        (Colormap::Margin, legend)
    }

    /// The entry surface of the newest search for paths, in the colours of the risk, seen against the path that was found.
    fn risk(&self, bodies: &[Named], progress: &Progress) -> Result<Option<Picture>, CommandError> {
        let found = self.case.nodes().filter_map(|(_, node)| Some((node, searched(node, self.id)?))).next_back();
        let Some((node, data)) = found else { return Ok(None) };
        let field = data.fields.iter().find(|field| field.name == "risk").cloned();
        let Some(field) = field.filter(|_| self.case.stale(&node.summary.made_of).is_none()) else { return Ok(None) };
        // The entry surface is there in its colours.
        let is_other = |named: &&Named| named.structure.is_none() || named.structure != self.plan.entry;
        let others: Vec<Named> = bodies.iter().filter(is_other).cloned().collect();
        let mut shown = self.about(&others);
        shown.extend(bodies.iter().filter(|named| named.structure.is_none()).map(|named| named.body.clone()));
        shown.push(Body { surface: data.surface.clone(), colour: [200; 3], opacity: 0.75, field: Some(field) });
        let paths = self.plan.actions.iter().filter_map(|named| crate::plan::depths::path_of(&named.action)?.ok());
        let against: Vector = paths.map(|path| -path.along()).sum();
        let fact = |name: &str| node.summary.value(name).map_or_else(String::new, |count| format!("{count:.0}"));
        let (possible, tried) = (fact("paths possible"), fact("paths tried"));
        let shot = Shot {
            caption: self.words("report-risk-caption", &[("possible", &possible), ("tried", &tried)]),
            shows: Shows::Part(self.id),
            file_name: format!("plan-{}-risk", self.id.0),
            from: if against.norm() < 1e-3 { Eye::Corner } else { Eye::Direction(aside(&against)) },
            scale: None,
        };
        Ok(photographed(&shown, shot, progress)?)
    }
}

/// The surface that a search for the paths of this plan coloured.
fn searched(node: &Node, plan: NodeId) -> Option<&Arc<crate::session::data::SurfaceData>> {
    let command = node.made_by().filter(|command| command.tool == "plan.search")?;
    let Data::Surface(data) = &node.data else { return None };
    (command.params.get("plan")?.as_u64()? == u64::from(plan.0)).then_some(data)
}

/// The face of a cut as it is painted.
fn painted(face: &Face, lacking: Field) -> Body {
    Body { surface: Surface::clone(&face.fine), colour: [200; 3], opacity: 0.9, field: Some(lacking) }
}

/// From where a face is seen best: nearly along its mean normal, from its front left upper side; of a closed one from the corner.
fn before(face: &Surface) -> Vector {
    let mut normal = Vector::zeros();
    let mut area = 0.0;
    for triangle in face.triangles() {
        let [a, b, c] = face.corners(*triangle);
        let own = (b - a).cross(&(c - a));
        normal += own;
        area += own.norm();
    }
    if normal.norm() < 0.2 * area {
        return CORNER;
    }
    let normal = normal.normalize();
    aside(&if normal.dot(&CORNER) < 0.0 { -normal } else { normal })
}

/// A direction turned a little towards the corner, so that depth is seen.
fn aside(way: &Vector) -> Vector {
    let turned = way.normalize() + CORNER * 0.45;
    turned.try_normalize(1e-6).unwrap_or(CORNER)
}

#[cfg(test)]
mod tests;
