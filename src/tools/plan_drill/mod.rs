//! `plan.drill`: a guide for the drill of planned screws or needles, to be printed.

use crate::base::{NodeId, Summary, Table};
use crate::geom::Vector;
use crate::plan::bone::{BoneError, DrillGuide, Drilled, SleeveError, SleeveRules, drill_guide};
use crate::plan::path::Path;
use crate::plan::{Action, Bounded, NamedAction, Plan, Structure};
use crate::session::{Case, CommandError, Kind, ParamSpec, Step, Task, Tool};
use crate::tools::shared::bone::Bone;
use crate::tools::shared::guides::{self, Printer};
use crate::tools::shared::plans::{self, PLAN, bad};
use serde::{Deserialize, Serialize};

/// The part of the thread's diameter that a screw's hole is drilled with, unless a drill is given: this program's choice.
const OF_THREAD: f64 = 0.7;
/// Sleeves of one guide.
const SLEEVES_MAX: usize = 12;

/// A guide for drills.
#[derive(Debug)]
pub struct PlanDrill;

/// Parameters of [`PlanDrill`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    plan: NodeId,
    actions: Option<String>,
    bone: Option<String>,
    printer: Printer,
    drill_mm: Option<f64>,
    drill_length_mm: Option<f64>,
    play_mm: f64,
    wall_mm: f64,
    height_mm: f64,
    radius_mm: f64,
    thickness_mm: f64,
    bridge_mm: f64,
    off: Option<[f64; 3]>,
}

impl Tool for PlanDrill {
    const ID: &'static str = "plan.drill";
    const LABEL: &'static str = "Drill guide…";
    const HELP: &'static str = "Make a guide for the drill of planned screws or needles: a shell that lies on the bone, with a sleeve along each path, to be printed.";
    const STEP: Step = Step::Plan;
    const PARAMS: &'static [ParamSpec] = &[
        PLAN,
        ParamSpec::with(
            "actions",
            Kind::Text,
            "",
            "null",
            "the numbers of the screws or needles in the plan with commas, e.g. 1,2; all screws if not given",
        ),
        ParamSpec::with(
            "bone",
            Kind::Text,
            "",
            "null",
            "the bone it sits on, by name or number; the organ of the plan, or for needles the surface they go in through, if not given",
        ),
        guides::PRINTER,
        ParamSpec::with(
            "drill_mm",
            Kind::Number(0.5, 15.0),
            "mm",
            "null",
            "diameter of the drill; 70 % of a screw's thread, or that of a needle, if not given",
        ),
        ParamSpec::with(
            "drill_length_mm",
            Kind::Number(10.0, 300.0),
            "mm",
            "null",
            "from the drill's stop to its tip: sleeves become as high as it needs to end at the planned tip",
        ),
        ParamSpec::with("play_mm", Kind::Number(0.0, 1.0), "mm", "0.2", "how much wider than the drill a bore is"),
        ParamSpec::with("wall_mm", Kind::Number(1.0, 10.0), "mm", "2.5", "thickness of the walls of sleeves"),
        ParamSpec::with(
            "height_mm",
            Kind::Number(5.0, 60.0),
            "mm",
            "15.0",
            "how far sleeves stand above the bone, where no length of the drill is given",
        ),
        ParamSpec::with(
            "radius_mm",
            Kind::Number(5.0, 60.0),
            "mm",
            "12.0",
            "radius of the bone that is covered about each entry",
        ),
        ParamSpec::with("thickness_mm", Kind::Number(1.0, 15.0), "mm", "4.0", "thickness of the shell"),
        ParamSpec::with(
            "bridge_mm",
            Kind::Number(0.0, 30.0),
            "mm",
            "8.0",
            "width of the bridge from each sleeve to the next; 0 for none",
        ),
        ParamSpec::with(
            "off",
            Kind::Point,
            "",
            "null",
            "the direction it is taken off; along the mean of the paths, out of the bone, if not given",
        ),
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let (own, plan) = plans::plan_of(case, params.plan)?;
        let chosen = chosen(&plan, params.actions.as_deref())?;
        let drilled = chosen.iter().map(|named| drilled(named, params.drill_mm)).collect::<Result<Vec<_>, _>>()?;
        let structure = bone_of(case, &plan, &chosen, params.bone.as_deref())?;
        let bone_name = plans::name_of(case, structure);
        let bone = Bone::of(case, structure, "choose a bone that the guide sits on")?;
        let names: Vec<&str> = chosen.iter().map(|named| named.name.as_str()).collect();
        let title = format!("drill guide, {} of {}", names.join(", "), own.name);
        let rules = SleeveRules {
            clearance_mm: params.printer.clearance_mm(),
            thickness_mm: params.thickness_mm,
            radius_mm: params.radius_mm,
            play_mm: params.play_mm,
            wall_mm: params.wall_mm,
            height_mm: params.height_mm,
            drill_length_mm: params.drill_length_mm,
            bridge_mm: params.bridge_mm,
            ..SleeveRules::default()
        };
        let (off, edge_mm) = (params.off.map(Vector::from), plan.limits.edge_mm());
        Ok(Box::new(move |progress| {
            let (slice_mm, known_mm) = (bone.slice_mm(), bone.known_mm(edge_mm));
            let bone = bone.surface(&progress.part(0.0..0.3, "bone"))?;
            let made = drill_guide(&bone, &drilled, off, &rules, slice_mm, &progress.part(0.3..1.0, "guide"));
            let made = made.map_err(|error| match error {
                SleeveError::Bone(BoneError::Cancelled(stop)) => CommandError::from(stop),
                other => bad(other.to_string()),
            })?;
            let summary = guides::limited(account(&made, &rules, known_mm), slice_mm, &bone_name);
            Ok(guides::edit(title, made.surface, summary, made.not_valid, structure.node))
        }))
    }
}

/// The actions asked for by number, or all screws.
fn chosen(plan: &Plan, asked: Option<&str>) -> Result<Vec<NamedAction>, CommandError> {
    let count = plan.actions.len();
    let numbers: Vec<usize> = match asked {
        None => (0..count).filter(|n| matches!(plan.actions[*n].action, Action::Screw(_))).collect(),
        Some(text) => {
            let number = |part: &str| part.trim().parse::<usize>().ok().and_then(|n| n.checked_sub(1));
            let all: Option<Vec<usize>> = text.split(',').map(number).collect();
            let mut all = all.ok_or_else(|| {
                bad(format!(
                    "actions = '{text}' must be numbers of actions with commas, e.g. 1,2; the plan has {count}"
                ))
            })?;
            all.sort_unstable();
            all.dedup();
            all
        }
    };
    if numbers.is_empty() {
        return Err(bad("the plan has no screw; add one, or give the numbers of needles as actions"));
    }
    if SLEEVES_MAX < numbers.len() {
        let n = numbers.len();
        return Err(bad(format!("{n} sleeves are too many for one guide; name at most {SLEEVES_MAX} actions")));
    }
    let named = |n: usize| {
        let named = plan.actions.get(n).cloned();
        named.ok_or_else(|| bad(format!("there is no action {}; the plan has {count}", n + 1)))
    };
    numbers.into_iter().map(named).collect()
}

/// The path of a screw or needle with its drill.
fn drilled(named: &NamedAction, drill_mm: Option<f64>) -> Result<Drilled, CommandError> {
    let NamedAction { name, action } = named;
    let (path, usual_mm) = match action {
        Action::Screw(screw) => (Path::of_screw(screw), OF_THREAD * screw.diameter_mm),
        Action::Needle(needle) => (Path::of_needle(needle), needle.diameter_mm),
        Action::Ablation(zone) => (Path::of_needle(&zone.needle), zone.needle.diameter_mm),
        Action::Cut(_) | Action::Osteotomy(_) | Action::Port(_) | Action::Implant(_) | Action::Clip { .. } => {
            return Err(bad(format!("{name} is no screw and no needle; a drill guide needs one")));
        }
    };
    let path = path.map_err(|error| bad(format!("{name}: {error}")))?;
    Ok(Drilled { name: name.clone(), path, drill_mm: drill_mm.unwrap_or(usual_mm) })
}

/// What the guide sits on.
fn bone_of(case: &Case, plan: &Plan, chosen: &[NamedAction], asked: Option<&str>) -> Result<Structure, CommandError> {
    if let Some(name) = asked {
        return plans::find(case, name);
    }
    let is_screw = |named: &NamedAction| matches!(named.action, Action::Screw(_));
    let usual = if chosen.iter().any(is_screw) { plan.organ.or(plan.entry) } else { plan.entry.or(plan.organ) };
    usual.ok_or_else(|| bad("the plan has no bone; choose it as the organ with plan.change"))
}

/// What the guide says of itself.
fn account(made: &DrillGuide, rules: &SleeveRules, known_mm: f64) -> Summary {
    let columns = [
        ("drill", "mm"),
        ("bore", "mm"),
        ("height of the sleeve", "mm"),
        ("depth in bone", "mm"),
        ("from stop to tip", "mm"),
        ("angle to the bone's normal", "°"),
        ("axis of the bore off by", "mm"),
        ("axis of the bore turned by", "°"),
    ];
    let mut table = Table::new("Sleeves", "sleeve", &columns);
    let of_bounds = [
        ("depth in bone, at least", "mm"),
        ("depth in bone, at most", "mm"),
        ("bore, at least", "mm"),
        ("bore, at most", "mm"),
        ("axis of the bore off by, at least", "mm"),
        ("axis of the bore off by, at most", "mm"),
        ("axis of the bore turned by, at least", "°"),
        ("axis of the bore turned by, at most", "°"),
    ];
    let mut bounds = Table::new("Bounds of the sleeves", "sleeve", &of_bounds);
    for own in &made.sleeves {
        let stop_mm = own.height_mm + own.depth_mm;
        let values = [
            own.drill_mm,
            own.made.diameter_mm,
            own.height_mm,
            own.depth_mm,
            stop_mm,
            own.slant_degrees,
            own.made.off_mm,
            own.made.off_degrees,
        ];
        table = table.row(own.name.as_str(), values.map(Some));
        // The path enters a bone whose edge is off so much earlier or later; more the more slanted it goes in.
        let along_mm = known_mm / own.slant_degrees.to_radians().cos().max(0.1);
        let (made, length_mm) = (&own.made, (own.height_mm - own.buried_mm - 2.0).max(1.0));
        let [diameter, off] = made.known_within(rules.voxel_mm);
        let all = [
            Bounded::within(own.depth_mm, along_mm).at_least(0.0),
            diameter,
            off,
            Bounded::within(made.off_degrees, ((off.high - off.low) / length_mm).atan().to_degrees()).at_least(0.0),
        ];
        bounds = bounds.row(own.name.as_str(), all.iter().flat_map(|own| [own.low, own.high]).map(Some));
    }
    let SleeveRules { thickness_mm, clearance_mm, radius_mm, play_mm, wall_mm, voxel_mm, .. } = rules;
    guides::account(&made.surface, made.clearance_mm, known_mm, rules.voxel_mm)
        .fact("loose pieces left out", made.loose_pieces as f64, "1")
        .table(table)
        .table(bounds)
        .method(format!(
            "Shell {thickness_mm} mm thick with {clearance_mm} mm of clearance over {radius_mm} mm about each entry, sleeves with \
             walls of {wall_mm} mm and bores {play_mm} mm wider than the drill, resolved in cubes of {voxel_mm} mm; what the \
             bone would hold back on the way off is left out."
        ))
        .method(
            "A drill whose stop lies on the face of its sleeve ends at the planned tip if it is as long as the table says from \
             stop to tip. Width and axis of bores are those of the finished surface, by least squares; their bounds are \
             how far its corners scatter about them, and how far chords through a cube lie off a round wall.",
        )
}

#[cfg(test)]
mod tests;
