//! Terms of what stays of the organ but loses its supply or its outflow, because the cuts take its vessels.

use super::Term;
use super::cut::{condition_of, key};
use super::knives::Blunt;
use super::scene::{Body, Scene};
use super::solid::Solid;
use super::supply::{method, source, territories};
use super::volumes::judged;
use super::whole::Whole;
use crate::base::{Cancelled, Progress};
use crate::mesh::CentreLines;
use crate::plan::resection::{Blade, ResectionError, crossings};
use crate::plan::territory::{Territories, TreePlace, elsewhere};
use crate::plan::tree::Role;
use crate::plan::{Bounded, Plan, Structure, Verdict, uncertainty};

/// The terms of all cuts together, for every tree of vessels of the plan.
pub(super) fn terms(plan: &Plan, scene: &Scene, cuts: &Whole, progress: &Progress) -> Result<Vec<Term>, Cancelled> {
    let mut terms = Vec::new();
    let Some(organ) = plan.organ.and_then(|organ| scene.body(organ)) else { return Ok(terms) };
    let Some(within) = &organ.solid else { return Ok(terms) };
    for structure in &plan.vessels {
        progress.check()?;
        let Some(vessels) = scene.body(*structure) else { continue };
        let Some(lines) = &vessels.lines else { continue };
        let places = taken(lines, within, &cuts.blade);
        terms.extend(of_tree(plan, scene, organ, (*structure, vessels), &places, cuts, progress)?);
    }
    Ok(terms)
}

/// The terms of one tree that is lost from `places` on.
fn of_tree(
    plan: &Plan,
    scene: &Scene,
    organ: &Body,
    (structure, vessels): (Structure, &Body),
    places: &[TreePlace],
    cuts: &Whole,
    progress: &Progress,
) -> Result<Vec<Term>, Cancelled> {
    let (key, tree) = (key(&structure), &vessels.name);
    let id = format!("lost/{key}/ml");
    let [title, title_of_share, title_of_sound] = titles(Role::of(tree), &organ.name, tree);
    let [method, source] = [method(&plan.territories), source(&plan.territories)];
    let value = |id: &str, title: String, value, unit| Term::value(id, title, value, unit, method).cited(source);
    if places.is_empty() {
        let none = value(&id, title, Bounded::exact(0.0), "ml");
        return Ok(vec![none.because("the cut takes none of these vessels")]);
    }
    let not_valid = |title, why: String| Ok(vec![Term::not_valid(&id, title, "ml", why)]);
    let territories = match territories(plan, scene, organ, (structure, vessels), progress) {
        Ok(territories) => territories,
        Err(Blunt::Cancelled(stop)) => return Err(stop),
        Err(Blunt::Why(why)) => return not_valid(title, why),
    };
    let swept = match cuts.swept(organ, progress) {
        Ok(Some(swept)) => swept,
        // Territories are of voxels.
        Ok(None) => return Ok(Vec::new()),
        Err(ResectionError::Cancelled(stop)) => return Err(stop),
        Err(why) => return not_valid(title, why.to_string()),
    };
    let [lost, sound] = territories.left_parts_ml(&territories.behind(places), swept, scene.edge_mm());
    let count = places.len();
    let why = format!("{count} branches of {tree} are cut or taken away; all that grows from there is lost");
    let share = uncertainty::percent_of_parts(lost, sound);
    let mut terms = vec![
        value(&id, title, lost, "ml").because(why),
        value(&format!("lost/{key}/percent"), title_of_share, share, "%"),
    ];
    if 0.0 < lost.value {
        let percent = uncertainty::percent_of_parts(sound, rest(&territories, scene.edge_mm(), &sound));
        let term = value(&format!("sound/{key}/percent"), title_of_sound, percent, "%");
        let mut term = judged(plan, condition_of(plan, organ), term);
        // How far other vessels help out is not known: this asks to look, it does not forbid.
        term.verdict = term.verdict.min(Verdict::Warning);
        term.forbids = false;
        terms.push(term);
    }
    Ok(terms)
}

/// What is lost, its part of the remnant, and the remnant without it. Whole phrases, for each has its own translation.
fn titles(role: Role, organ: &str, tree: &str) -> [String; 3] {
    match role {
        Role::Supplies => [
            format!("remnant {organ} devascularised by the cut, {tree}"),
            format!("part of the remnant {organ} devascularised by the cut, {tree}"),
            format!("remnant {organ} without what is devascularised, {tree}"),
        ],
        Role::Drains => [
            format!("remnant {organ} congested by the cut, {tree}"),
            format!("part of the remnant {organ} congested by the cut, {tree}"),
            format!("remnant {organ} without what is congested, {tree}"),
        ],
        Role::Unknown => [
            format!("remnant {organ} cut off by the cut, {tree}"),
            format!("part of the remnant {organ} cut off by the cut, {tree}"),
            format!("remnant {organ} without what is cut off, {tree}"),
        ],
    }
}

/// What of the organ is not `part`: an edge of the organ is either the part's or that of the rest.
fn rest(territories: &Territories, edge_mm: f64, part: &Bounded) -> Bounded {
    let all = territories.volume_ml(&elsewhere(&[]), edge_mm);
    let value = (all.value - part.value).max(0.0);
    let [low, high] = [all.low - part.low, all.high - part.high];
    Bounded { value, low: low.clamp(0.0, value), high: high.max(value) }
}

/// Where branches are lost to the cut: where it goes through them, and where they begin to lie in what it takes away. Only
/// within the organ, for a cut ends with it.
fn taken(lines: &CentreLines, within: &Solid, cut: &Blade) -> Vec<TreePlace> {
    let through = crossings(cut, lines, |crossing| crossing.is_through && within.surrounds(&crossing.at));
    let mut places: Vec<TreePlace> = through.into_iter().map(|crossing| crossing.place).collect();
    for (n, branch) in lines.branches().iter().enumerate() {
        let sides_mm = cut.sides_mm(&branch.points);
        let first = sides_mm.iter().zip(&branch.points).position(|(mm, at)| 0.0 <= *mm && within.surrounds(at));
        let Some(first) = first else { continue };
        places.push(TreePlace { branch: n, along_mm: branch.arc_lengths_mm()[first] });
    }
    // One place of each branch: behind the first all is lost anyway.
    places.sort_by(|a, b| a.branch.cmp(&b.branch).then(a.along_mm.total_cmp(&b.along_mm)));
    places.dedup_by_key(|place| place.branch);
    places
}
