//! The other case of a comparison: read on a thread, its surfaces drawn in the second 3D view, all of it freed at the end.

use super::build::{Builder, Built, Order};
use super::cut::Cut;
use super::drawable::Drawable;
use super::layers::layer_of_other_case;
use super::scales::{Extents, Scale};
use super::surfaces::{Surfaces, material};
use super::target::Target;
use crate::app::render::{ColourMaps, SurfaceMaterial};
use crate::app::run::AppSystems;
use crate::app::session::{TheSession, wake};
use crate::app::space::bevy_from_patient;
use crate::app::ui::{CompareWith, Loaded, Measures};
use crate::app::view::{Desk, Scene};
use crate::base::{NodeId, Progress, courtesy};
use crate::geom::Aabb;
use crate::mesh::bvh::Bvh;
use crate::session::store::load;
use crate::session::{Case, Difference, Display, Volumes, differences, pairs};
use bevy::prelude::*;
use bevy::winit::EventLoopProxyWrapper;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

/// The comparison that is shown or on its way.
#[derive(Resource, Default)]
pub(crate) struct Comparison(Option<Side>);

impl Comparison {
    /// The other case, once it is there.
    pub(crate) fn case(&self) -> Option<&Case> {
        self.0.as_ref()?.case.as_ref()
    }

    /// The object of this case that stands beside one of the other.
    pub(crate) fn partner(&self, other: NodeId) -> Option<NodeId> {
        self.0.as_ref()?.partners.get(&other).copied()
    }

    /// What rays can meet of the other case.
    pub(crate) fn targets(&self) -> Vec<Target<'_>> {
        let Some(side) = &self.0 else { return Vec::new() };
        let mut targets = Vec::new();
        for (node, drawn) in &side.shown {
            let Display { visible, opacity, colour, .. } = drawn.display;
            if visible && 0.0 < opacity {
                targets.push(Target {
                    node: *node,
                    bounds: &drawn.built.bounds,
                    colour,
                    opacity,
                    shade: drawn.built.shade.as_ref(),
                    invalid_because: drawn.built.invalid_because.as_deref(),
                    bvh: &drawn.built.bvh,
                    cut: &side.cut,
                    cut_as: side.cut_as(*node),
                });
            }
        }
        targets
    }
}

/// The other side.
struct Side {
    with: CompareWith,
    case: Option<Case>,
    /// The state of this case that was compared last.
    revision: u64,
    /// Its objects beside those of this case.
    partners: BTreeMap<NodeId, NodeId>,
    orders: Sender<Work>,
    answers: Mutex<Receiver<Answer>>,
    builder: Option<Builder>,
    ordered: BTreeSet<NodeId>,
    shown: BTreeMap<NodeId, Drawn>,
    /// Where both sides are cut.
    cut: Cut,
    reading: Progress,
}

/// A surface of the other case.
struct Drawn {
    entity: Entity,
    material: Handle<SurfaceMaterial>,
    /// How it is shown now.
    display: Display,
    built: Box<Look>,
}

/// What a surface looks like by itself.
struct Look {
    bounds: Aabb,
    /// For picking.
    bvh: Arc<Bvh>,
    shade: Option<super::build::Shade>,
    invalid_because: Option<String>,
}

/// What the thread of a comparison is to do.
enum Work {
    /// Read a case file.
    Read(std::path::PathBuf),
    /// Compare this case with the other.
    Compare { number: u64, left: Case, right: Case, same_history: bool },
}

/// What it answers.
enum Answer {
    Read(Box<Result<Case, String>>),
    Compared { number: u64, rows: Vec<Difference> },
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Comparison>();
    app.add_systems(Update, (follow, receive, dress).chain().in_set(AppSystems::Mirror));
}

/// The thread: one job after another until the comparison ends.
fn work(jobs: &Receiver<Work>, answers: &Sender<Answer>, progress: &Progress, wake: &dyn Fn()) {
    let mut volumes = Volumes::default();
    for job in jobs {
        let answer = match job {
            Work::Read(path) => Answer::Read(Box::new(read(&path, progress))),
            Work::Compare { number, left, right, same_history } => {
                Answer::Compared { number, rows: differences(&left, &right, same_history, &mut volumes) }
            }
        };
        if answers.send(answer).is_err() {
            return;
        }
        wake();
    }
}

fn read(path: &Path, progress: &Progress) -> Result<Case, String> {
    let stored = load(path, progress).map_err(|error| error.to_string())?;
    Ok(stored.case)
}

impl Side {
    fn begin(with: CompareWith, session: &TheSession, wake: Arc<dyn Fn() + Send + Sync>) -> Result<Self, String> {
        let (orders, jobs) = channel();
        let (sender, answers) = channel();
        let reading = Progress::default();
        let (progress, ring) = (reading.clone(), Arc::clone(&wake));
        let refused = |error: std::io::Error| format!("the system refused a thread: {error}; try again later");
        courtesy::spawn("comparison", move || work(&jobs, &sender, &progress, &*ring)).map_err(refused)?;
        let case = match &with {
            CompareWith::State(id) => {
                let gone = "this state was dropped to save memory; go to a newer one, or compare with a file";
                Some(session.get().history().case_at(*id).cloned().ok_or(gone)?)
            }
            CompareWith::File(path) => {
                // The thread takes it as soon as it runs, and lives as long as this side.
                let _ = orders.send(Work::Read(path.clone()));
                None
            }
        };
        let builder = Some(Builder::start(wake).map_err(refused)?);
        Ok(Self {
            with,
            case,
            revision: 0,
            partners: BTreeMap::new(),
            orders,
            answers: Mutex::new(answers),
            builder,
            ordered: BTreeSet::new(),
            shown: BTreeMap::new(),
            cut: Cut::default(),
            reading,
        })
    }

    /// Free everything; large cases on a thread.
    fn end(self, commands: &mut Commands) {
        self.reading.cancel();
        for drawn in self.shown.values() {
            commands.entity(drawn.entity).despawn();
        }
        if let Err(error) = courtesy::spawn("free-case", move || drop(self)) {
            warn!(%error, "the other case was freed on the main thread");
        }
    }

    /// The object of this case that one of the other is cut like: its partner, or none, which spares nothing.
    fn cut_as(&self, node: NodeId) -> NodeId {
        self.partners.get(&node).copied().unwrap_or(NodeId(u32::MAX))
    }

    fn bounds(&self) -> Option<Aabb> {
        let corners = self.shown.values().flat_map(|drawn| [drawn.built.bounds.min, drawn.built.bounds.max]);
        let all = corners.fold(Aabb::EMPTY, |all, corner| all.including(&corner));
        (!all.is_empty()).then_some(all)
    }
}

/// Begin, go on, or end as the panels say.
fn follow(
    mut comparison: ResMut<Comparison>,
    mut desk: ResMut<Desk>,
    session: NonSend<TheSession>,
    mut scene: ResMut<Scene>,
    proxy: Option<Res<EventLoopProxyWrapper>>,
    mut commands: Commands,
) {
    let wanted = desk.workspace.scenes.compare.as_ref().filter(|compare| !matches!(compare.loaded, Loaded::Failed(_)));
    let wanted = wanted.map(|compare| compare.with.clone());
    if comparison.0.as_ref().map(|side| &side.with) != wanted.as_ref() {
        if let Some(side) = comparison.0.take() {
            side.end(&mut commands);
            scene.other_bounds = None;
            scene.changed();
        }
        let wake = proxy.map_or_else(|| Arc::new(|| {}) as _, |proxy| wake(&proxy));
        match wanted.map(|with| Side::begin(with, &session, wake)) {
            None => {}
            Some(Ok(side)) => comparison.0 = Some(side),
            Some(Err(why)) => fail(&mut desk, why),
        }
    }
    let Some(side) = &mut comparison.0 else { return };
    let answers: Vec<Answer> = side.answers.get_mut().map(|answers| answers.try_iter().collect()).unwrap_or_default();
    for answer in answers {
        match answer {
            Answer::Read(case) => match *case {
                Ok(case) => side.case = Some(case),
                Err(why) => return fail(&mut desk, why),
            },
            Answer::Compared { number, rows } => {
                if let Some(compare) = desk.workspace.scenes.compare.as_mut().filter(|_| number == side.revision) {
                    (compare.rows, compare.loaded) = (rows, Loaded::Ready);
                }
            }
        }
    }
    if let (Some(case), Some(compare)) = (&side.case, desk.workspace.scenes.compare.as_ref())
        && compare.measures.is_none()
    {
        let (measures, case) = (Measures::of(case), case.clone());
        if let Some(compare) = &mut desk.workspace.scenes.compare {
            (compare.measures, compare.case) = (Some(measures), Some(case));
        }
        // It was begun anew with the same case: the table is wanted again.
        side.revision = 0;
    }
    let Some(right) = side.case.as_ref().filter(|_| side.revision != session.revision) else { return };
    // This case changed, or the other has just come.
    side.revision = session.revision;
    let left = session.get().case();
    let same_history = matches!(side.with, CompareWith::State(_));
    let both = pairs(left, right, same_history).into_iter();
    side.partners = both.filter_map(|[left, right]| Some((right?, left?))).collect();
    let (left, right) = (left.clone(), right.clone());
    let order = Work::Compare { number: side.revision, left, right, same_history };
    if side.orders.send(order).is_err() {
        fail(&mut desk, "what compares the two cases broke off; begin again".into());
    }
}

fn fail(desk: &mut Desk, why: String) {
    if let Some(compare) = &mut desk.workspace.scenes.compare {
        compare.loaded = Loaded::Failed(why);
    }
}

/// How an object of the other case is shown: as it was kept, and hidden or transparent where its partner here is.
fn display(side: &Side, id: NodeId, desk: &Desk, session: &TheSession) -> Option<Display> {
    let mut display = side.case.as_ref()?.node(id)?.display.clone();
    match side.partners.get(&id).and_then(|partner| desk.display(*partner, session.get().case())) {
        Some(partner) => (display.visible, display.opacity) = (partner.visible, partner.opacity),
        None => display.visible &= desk.workspace.isolated.is_none(),
    }
    Some(display)
}

/// Order surfaces that are to be seen, and take what is ready: one a frame, so that no frame is held up for long.
fn receive(
    mut comparison: ResMut<Comparison>,
    desk: Res<Desk>,
    session: NonSend<TheSession>,
    maps: Res<ColourMaps>,
    mut meshes: ResMut<Assets<Mesh>>,
    mut materials: ResMut<Assets<SurfaceMaterial>>,
    mut scene: ResMut<Scene>,
    mut commands: Commands,
) {
    let Some(side) = &mut comparison.0 else { return };
    let Some(case) = side.case.clone() else { return };
    let Some(builder) = &side.builder else { return };
    for (node, found) in case.nodes() {
        let is_seen = !side.ordered.contains(&node)
            && display(side, node, &desk, &session).is_some_and(|display| display.visible);
        if let Some(drawable) = Drawable::of(found).filter(|_| is_seen) {
            side.ordered.insert(node);
            let field = found.display.field.clone();
            builder.order(Order { node, number: 0, drawable, field, coarse: false });
        }
    }
    let Some(Built { node, mesh, bounds, bvh, shade, invalid_because, .. }) = builder.next() else { return };
    let Some(shown) = display(side, node, &desk, &session) else { return };
    let material = materials.add(material(&shown, shade.as_ref(), &bounds, &maps));
    let corners = [bounds.min, bounds.max].map(|corner| bevy_from_patient(&corner));
    let aabb = bevy::camera::primitives::Aabb::from_min_max(corners[0].min(corners[1]), corners[0].max(corners[1]));
    let entity = commands.spawn((
        Name::new(format!("surface {node} of the other case")),
        Mesh3d(meshes.add(mesh)),
        MeshMaterial3d(material.clone()),
        aabb,
        Visibility::Visible,
        layer_of_other_case(),
    ));
    let entity = entity.id();
    let built = Box::new(Look { bounds, bvh, shade, invalid_because });
    side.shown.insert(node, Drawn { entity, material, display: shown, built });
    scene.other_bounds = side.bounds();
    scene.changed();
}

/// Colours, opacity, cut and scales follow this case and the panels. Fields have the range of their partner here, so
/// that one legend counts for both sides; without a partner that shows the field an object has its plain colour.
fn dress(
    mut comparison: ResMut<Comparison>,
    desk: Res<Desk>,
    session: NonSend<TheSession>,
    surfaces: Res<Surfaces>,
    maps: Res<ColourMaps>,
    mut extents: ResMut<Extents>,
    mut materials: ResMut<Assets<SurfaceMaterial>>,
    mut visibilities: Query<&mut Visibility>,
    mut scene: ResMut<Scene>,
) {
    let Some(side) = &mut comparison.0 else { return };
    side.cut = Cut::of(&desk.workspace);
    let mut changed = false;
    let displays: Vec<(NodeId, Display)> =
        side.shown.keys().filter_map(|id| Some((*id, display(side, *id, &desk, &session)?))).collect();
    for (id, display) in displays {
        if let Some(drawn) = side.shown.get_mut(&id) {
            drawn.display = display;
        }
    }
    let (side, cut) = (&*side, &side.cut);
    for (id, drawn) in &side.shown {
        let display = &drawn.display;
        let is_visible = display.visible && 0.0 < display.opacity;
        if let Ok(mut visible) = visibilities.get_mut(drawn.entity) {
            let wanted = if is_visible { Visibility::Visible } else { Visibility::Hidden };
            changed |= visible.set_if_neq(wanted);
        }
        let partner = side.partners.get(id);
        let here = drawn.built.shade.as_ref().and_then(|own| {
            let same = |shade: &&super::build::Shade| shade.field.name == own.field.name;
            let direct = partner.and_then(|id| surfaces.node(*id)).and_then(|shown| shown.shade.as_ref()).filter(same);
            let mut others = surfaces.visible().filter_map(|(_, shown)| shown.shade.as_ref());
            Some((own, direct.or_else(|| others.find(same))?))
        });
        let mut wanted = material(display, here.map(|(own, _)| own), &drawn.built.bounds, &maps);
        // Objects that are spared here are spared there.
        wanted.uniform.cuts = cut.uniform(side.cut_as(*id));
        if partner.is_some() && desk.workspace.selected == partner.copied() {
            wanted.uniform.mode.y = 1.0;
        }
        if let Some((own, here)) = here {
            let scale = Scale { own: own.range, ..Scale::of(here, &desk.workspace, &mut extents) };
            scale.dress(&mut wanted, true, &maps);
        }
        let is_other = |now: &SurfaceMaterial| now.uniform != wanted.uniform || now.map != wanted.map;
        if materials.get(&drawn.material).is_some_and(is_other)
            && let Some(mut now) = materials.get_mut(&drawn.material)
        {
            *now = wanted;
            changed = true;
        }
    }
    if changed {
        scene.changed();
    }
}

#[cfg(test)]
mod tests {
    use super::super::target::pointed_at;
    use super::*;
    use crate::geom::{Point, Ray, Vector};
    use crate::mesh::shapes::cuboid;
    use crate::session::data::SurfaceData;
    use crate::session::{Data, Node};
    use std::time::Duration;

    /// The other case with two blocks (4 and 7) of which the first stands beside object 3 of this one.
    fn side() -> Side {
        let block = |z: f64| {
            let surface = cuboid([8.0, 8.0, 4.0]);
            let moved = surface.positions().iter().map(|point| point + Vector::new(0.0, 0.0, z)).collect();
            surface.with_positions(moved).unwrap()
        };
        let blocks = [(4, 0.0), (7, 20.0)].map(|(id, z)| (NodeId(id), block(z)));
        let data = |surface: &crate::mesh::Surface| {
            Data::Surface(Arc::new(SurfaceData { surface: surface.clone(), fields: Vec::new() }))
        };
        let nodes = blocks.iter().map(|(id, surface)| (*id, Node::new(format!("block {id}"), data(surface))));
        let case = Case::from_nodes(nodes.collect::<Vec<_>>());
        let shown = blocks.iter().map(|(id, surface)| {
            let (bounds, bvh) = (surface.bounds(), Arc::new(Bvh::new(surface)));
            let built = Box::new(Look { bounds, bvh, shade: None, invalid_because: None });
            let display = Display::default();
            (*id, Drawn { entity: Entity::PLACEHOLDER, material: Handle::default(), display, built })
        });
        Side {
            with: CompareWith::File("b.prosector".into()),
            shown: shown.collect(),
            case: Some(case),
            revision: 0,
            partners: BTreeMap::from([(NodeId(4), NodeId(3))]),
            orders: channel().0,
            answers: Mutex::new(channel().1),
            builder: None,
            ordered: BTreeSet::new(),
            cut: Cut::default(),
            reading: Progress::default(),
        }
    }

    #[test]
    fn the_mouse_meets_what_is_seen_of_the_other_case() {
        let mut comparison = Comparison(Some(side()));
        let centre = comparison.targets()[0].bounds.centre();
        let down = Ray { origin: Point::new(centre.x + 0.5, centre.y + 0.3, 90.0), direction: -Vector::z() };
        let met = |comparison: &Comparison| pointed_at(&comparison.targets(), &down).map(|(target, _)| target.node);
        assert_eq!(met(&comparison), Some(NodeId(7)), "the upper one");
        assert_eq!((comparison.partner(NodeId(4)), comparison.partner(NodeId(7))), (Some(NodeId(3)), None));
        let upper = |comparison: &mut Comparison, change: fn(&mut Display)| {
            change(&mut comparison.0.as_mut().unwrap().shown.get_mut(&NodeId(7)).unwrap().display);
        };
        upper(&mut comparison, |display| display.opacity = 0.2);
        assert_eq!(met(&comparison), Some(NodeId(4)), "one looks through it");
        upper(&mut comparison, |display| (display.opacity, display.visible) = (1.0, false));
        assert_eq!(met(&comparison), Some(NodeId(4)), "it is hidden");
        assert_eq!(pointed_at(&Comparison::default().targets(), &down).map(|(target, _)| target.node), None);
    }

    #[test]
    fn a_file_that_is_not_there_is_named_and_cases_are_compared_after_it() {
        let (orders, jobs) = channel();
        let (sender, answers) = channel();
        let thread = std::thread::spawn(move || work(&jobs, &sender, &Progress::default(), &|| {}));
        orders.send(Work::Read("/nowhere/plan b.prosector".into())).unwrap();
        let Ok(Answer::Read(read)) = answers.recv_timeout(Duration::from_secs(20)) else { panic!("it answers") };
        let why = read.unwrap_err();
        assert!(why.contains("plan b.prosector"), "{why}");
        let corners =
            [[0.0, 0.0, 0.0], [9.0, 0.0, 0.0], [0.0, 9.0, 0.0], [0.0, 0.0, 9.0]].map(crate::geom::Point::from);
        let tets = crate::mesh::TetMesh::new(corners.to_vec(), vec![[0, 1, 2, 3]], vec![1]).unwrap();
        let right = Case::from_nodes([(NodeId(4), Node::new("liver", Data::Tets(tets)))]);
        orders.send(Work::Compare { number: 7, left: Case::default(), right, same_history: false }).unwrap();
        let Ok(Answer::Compared { number: 7, rows }) = answers.recv_timeout(Duration::from_secs(20)) else {
            panic!("it answers")
        };
        assert_eq!(rows.iter().map(|row| row.nodes).collect::<Vec<_>>(), [[None, Some(NodeId(4))]]);
        drop(orders);
        thread.join().unwrap();
    }
}
