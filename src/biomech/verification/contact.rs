//! Tissue that touches tissue: patch test, a cut pressed shut, Coulomb's slope, Hertz.

use super::shapes::{faces_where, mapped_box, straight_box, together, vertices_where};
use super::{Row, YOUNG_PA, material};
use crate::base::Progress;
use crate::base::rng::Rng;
use crate::biomech::interactive::{Shape, Tool};
use crate::biomech::{
    Axis, ContactResult, Formulation, LinearSolver, Load, Material, Model, Options, Problem, TissueError, TissueResult,
    quasi_static_in_contact,
};
use crate::geom::{Point, Vector};
use crate::mesh::TetMesh;

/// A body and all that acts on it.
struct Setup<'a> {
    mesh: &'a TetMesh,
    materials: &'a [(u8, Material)],
    fixed: &'a [u32],
    loads: &'a [Load],
    model: Model,
    load_steps: usize,
}

impl Setup<'_> {
    fn solve(&self, progress: &Progress) -> Result<(TissueResult, ContactResult), TissueError> {
        let Self { mesh, materials, fixed, loads, model, load_steps } = *self;
        let problem = Problem { mesh, materials, fixed, loads, model };
        let (formulation, solver) = (Formulation::Displacement, LinearSolver::Direct);
        let options = Options { formulation, solver, load_steps, ..Options::default() };
        let (result, _, contact) = quasi_static_in_contact(&problem, &[], &options, progress)?;
        Ok((result, contact.expect("every problem here has contact")))
    }
}

/// All that touches, against each other.
fn all(friction: f64) -> Load {
    Load::Contact { sides: None, friction }
}

fn flat(mesh: &TetMesh, axis: Axis, at_mm: f64, by_mm: f64) -> Load {
    let number = axis as usize;
    Load::Slide { vertices: vertices_where(mesh, |p| (p[number] - at_mm).abs() < 1e-9), axis, by_mm }
}

/// Two blocks of 30 × 30 × 20 mm with 3 × 3 and 4 × 5 cells where they meet, inner vertices moved at random.
fn stacked() -> TetMesh {
    let random = std::cell::RefCell::new(Rng::new(5));
    let block = |cells: [usize; 3], from_mm: f64| {
        mapped_box(cells, |unit| {
            let inner = |x: f64, n: usize| {
                let jitter = random.borrow_mut().between(-0.2, 0.2) / n as f64;
                if 0.0 < x && x < 1.0 { x + jitter } else { x }
            };
            let [x, y, z] = [0, 1, 2].map(|axis| inner(unit[axis], cells[axis]));
            Point::new(30.0 * x, 30.0 * y, from_mm + 20.0 * z)
        })
    };
    together(&[block([3, 3, 2], 0.0), block([4, 5, 3], 20.0)])
}

/// C1: uniform stress through two meshes that do not match, pressed by 4 mm of 40 mm.
pub fn patch(progress: &Progress) -> Result<Vec<Row>, TissueError> {
    const SOURCE: &str = "contact patch test (Taylor and Papadopoulos 1991): exact when what triangles share is \
        integrated exactly; tolerance for the stop of Newton's iteration";
    let mesh = stacked();
    let materials = [(1, material(0.3)), (2, material(0.3))];
    let mut rows = Vec::new();
    for (model, name) in [(Model::LinearElastic, "linear elastic"), (Model::NeoHookean, "neo-Hookean")] {
        let loads = [
            flat(&mesh, Axis::X, 0.0, 0.0),
            flat(&mesh, Axis::Y, 0.0, 0.0),
            flat(&mesh, Axis::Z, 0.0, 0.0),
            flat(&mesh, Axis::Z, 40.0, -4.0),
            all(0.0),
        ];
        let setup = Setup { mesh: &mesh, materials: &materials, fixed: &[], loads: &loads, model, load_steps: 1 };
        let (result, contact) = setup.solve(progress)?;
        let stress = &result.tet_von_mises_pa;
        let mean = stress.iter().sum::<f64>() / stress.len() as f64;
        let spread = stress.iter().map(|own| (own - mean).abs()).fold(0.0, f64::max);
        let row = |what: &str, value: f64, tolerance: f64, source| Row {
            id: "C1",
            what: format!("{name}: {what}"),
            value,
            reference: 0.0,
            unit: "1",
            tolerance,
            source,
        };
        rows.push(row("spread of von Mises stress over its mean", spread / mean, 1e-6, SOURCE));
        let sum = contact.force_n.iter().sum::<Vector>().norm();
        let size = contact.force_n.iter().map(Vector::norm).sum::<f64>();
        rows.push(row("sum of contact forces over their size", sum / size, 1e-13, "action is reaction; rounding"));
        let overlap = contact.overlap_m * 1e3 / 40.0;
        rows.push(row(
            "overlap left over the height",
            overlap,
            1e-3,
            "stop of the augmented Lagrangian: 1e-3 of a triangle",
        ));
    }
    Ok(rows)
}

/// A block of 40 mm cut half through at half height.
fn slit(cut: bool) -> TetMesh {
    let whole = straight_box([4, 4, 4], [40.0; 3]);
    if !cut {
        return whole;
    }
    let mut positions = whole.positions().to_vec();
    let mut twin = vec![u32::MAX; positions.len()];
    for v in vertices_where(&whole, |p| p.z == 20.0 && p.x < 20.0) {
        twin[v as usize] = positions.len() as u32;
        positions.push(whole.positions()[v as usize]);
    }
    let above = |tet: &[u32; 4]| tet.iter().map(|v| whole.positions()[*v as usize].z).sum::<f64>() > 80.0;
    let part = |v: u32| if twin[v as usize] == u32::MAX { v } else { twin[v as usize] };
    let tets = whole.tets().iter().map(|tet| if above(tet) { tet.map(part) } else { *tet }).collect();
    TetMesh::new(positions, tets, whole.regions().to_vec()).expect("a cut keeps the tetrahedra")
}

/// C2: pressed shut, a cut block is as stiff as a whole one; pulled open it is not.
pub fn shut_cut(progress: &Progress) -> Result<Vec<Row>, TissueError> {
    let materials = [(1, material(0.3))];
    let mut rows = Vec::new();
    for (way, by_mm) in [("pressed by 4 mm", -4.0), ("pulled by 4 mm", 4.0)] {
        let mut force = [0.0; 2];
        for (force, cut) in force.iter_mut().zip([false, true]) {
            let mesh = slit(cut);
            let loads = [
                flat(&mesh, Axis::X, 40.0, 0.0),
                flat(&mesh, Axis::Y, 0.0, 0.0),
                flat(&mesh, Axis::Z, 0.0, 0.0),
                flat(&mesh, Axis::Z, 40.0, by_mm),
                all(0.0),
            ];
            let (mesh, model) = (&mesh, Model::NeoHookean);
            let setup = Setup { mesh, materials: &materials, fixed: &[], loads: &loads, model, load_steps: 1 };
            let (result, _) = setup.solve(progress)?;
            let top = vertices_where(mesh, |p| p.z == 40.0);
            *force = top.iter().map(|v| result.support_n[*v as usize].z).sum();
        }
        // Half of the section is cut: the rest alone would bear about half, and bends.
        let (reference, tolerance, source) = if by_mm < 0.0 {
            (1.0, 1e-3, "sides that lie on each other pass pressure on; tolerance for the overlap that is left")
        } else {
            (
                0.5,
                0.25,
                "an open cut bears nothing: half of the section is left, which bends and is helped by its surroundings",
            )
        };
        let what = format!("force of a block cut half through over that of a whole one, {way}");
        rows.push(Row { id: "C2", what, value: force[1] / force[0], reference, unit: "1", tolerance, source });
    }
    Ok(rows)
}

/// A slab of 120 × 30 × 10 mm, fixed beneath, and a block of 30 × 30 × 20 mm on it that hangs on a soft tether (region 3)
/// of 30 mm.
fn on_slab() -> TetMesh {
    let slab = straight_box([8, 2, 1], [120.0, 30.0, 10.0]);
    let block = mapped_box([6, 3, 2], |[x, y, z]| Point::new(10.0 + 60.0 * x, 30.0 * y, 10.0 + 20.0 * z));
    let both = together(&[slab, block]);
    let middle = |tet: usize| both.corners(tet).iter().map(|p| p.x).sum::<f64>() / 4.0;
    let region = |(tet, own): (usize, &u8)| if *own == 2 && middle(tet) < 40.0 { 3 } else { *own };
    let regions = both.regions().iter().enumerate().map(region).collect();
    TetMesh::new(both.positions().to_vec(), both.tets().to_vec(), regions).expect("only regions changed")
}

const DENSITY_KG_M3: f64 = 1000.0;

fn slab_materials() -> [(u8, Material); 3] {
    let of = |young_pa: f64, density_kg_m3: f64| Material { young_pa, density_kg_m3, ..material(0.3) };
    [(1, of(20_000.0, 0.0)), (2, of(20_000.0, DENSITY_KG_M3)), (3, of(150.0, 0.0))]
}

/// Sum over the vertices of the block and its tether.
fn on_block(mesh: &TetMesh, forces: &[Vector]) -> Vector {
    let mut own = vec![false; mesh.positions().len()];
    let tets = mesh.tets().iter().zip(mesh.regions()).filter(|(_, region)| 2 <= **region);
    tets.flat_map(|(tet, _)| tet).for_each(|v| own[*v as usize] = true);
    forces.iter().zip(&own).filter(|(_, own)| **own).map(|(force, _)| force).sum()
}

/// C3: a block on a slope sticks for tan α < μ and slides for tan α > μ until its tether holds it.
pub fn slope(progress: &Progress) -> Result<Vec<Row>, TissueError> {
    const FRICTION: f64 = 0.4;
    let mesh = on_slab();
    let materials = slab_materials();
    let weight_n = DENSITY_KG_M3 * 9.81 * 0.03 * 0.03 * 0.02;
    let fixed = vertices_where(&mesh, |p| p.z == 0.0 || (p.x == 10.0 && 10.0 < p.z));
    let top: Vec<[u32; 3]> = faces_where(&mesh, |p| p.z == 10.0);
    let up = |triangle: &[u32; 3]| {
        let [a, b, c] = triangle.map(|v| mesh.positions()[v as usize]);
        0.0 < (b - a).cross(&(c - a)).z
    };
    let (slab, block): (Vec<_>, Vec<_>) = top.into_iter().partition(up);
    let under_block = |triangle: &[u32; 3]| triangle.iter().all(|v| 40.0 <= mesh.positions()[*v as usize].x);
    let sides = Some([slab, block.into_iter().filter(under_block).collect()]);
    let mut rows = Vec::new();
    for tangent in [0.3_f64, 0.38, 0.42, 0.6] {
        let angle = tangent.atan();
        let m_s2 = Vector::new(angle.sin(), 0.0, -angle.cos()) * 9.81;
        let loads = [Load::Gravity { m_s2 }, Load::Contact { sides: sides.clone(), friction: FRICTION }];
        let (mesh, model) = (&mesh, Model::NeoHookean);
        let setup = Setup { mesh, materials: &materials, fixed: &fixed, loads: &loads, model, load_steps: 4 };
        let (_, contact) = setup.solve(progress)?;
        let slides = FRICTION < tangent;
        let reference = weight_n * if slides { FRICTION * angle.cos() } else { angle.sin() };
        rows.push(Row {
            id: "C3",
            what: format!("friction on a block, μ {FRICTION}, tan α {tangent}"),
            value: -on_block(mesh, &contact.friction_n).x,
            reference,
            unit: "N",
            tolerance: 0.02 * reference,
            source: "Coulomb: W sin α while it sticks, μ W cos α while it slides; its tether bears the rest, and up to \
                2 % of its weight",
        });
    }
    Ok(rows)
}

/// C4: a block that lies pressed on a slab and is dragged along it feels μ N, and friction takes the work of the hand.
pub fn dragged(progress: &Progress) -> Result<Vec<Row>, TissueError> {
    const FRICTION: f64 = 0.3;
    const WAY_MM: f64 = 24.0;
    let slab = straight_box([8, 3, 2], [120.0, 45.0, 20.0]);
    // The two overlap by 0.8 mm where nothing acts yet: contact parts them, which presses.
    let block = mapped_box([3, 2, 2], |[x, y, z]| Point::new(20.0 + 31.0 * x, 8.0 + 29.0 * y, 19.2 + 20.0 * z));
    let mesh = together(&[slab, block]);
    let materials = [(1, material(0.3)), (2, material(0.3))];
    let fixed = vertices_where(&mesh, |p| p.z == 0.0);
    let top = vertices_where(&mesh, |p| (p.z - 39.2).abs() < 1e-9);
    let drag = Load::Move { vertices: top.clone(), by_mm: Vector::new(WAY_MM, 0.0, 0.0) };
    let loads = [drag, all(FRICTION)];
    let (mesh, model) = (&mesh, Model::NeoHookean);
    let setup = Setup { mesh, materials: &materials, fixed: &fixed, loads: &loads, model, load_steps: 8 };
    let (result, contact) = setup.solve(progress)?;
    let grip: Vector = top.iter().map(|v| result.support_n[*v as usize]).sum();
    let row = |what: &str, value: f64, reference: f64, tolerance: f64, unit, source| Row {
        id: "C4",
        what: what.into(),
        value,
        reference,
        unit,
        tolerance,
        source,
    };
    let sum = contact.force_n.iter().sum::<Vector>().norm();
    let size = contact.force_n.iter().map(Vector::norm).sum::<f64>();
    let work_j = grip.x * contact.slip_m;
    Ok(vec![
        row(
            "force along over force across at the hand, dragged by 24 mm",
            grip.x / -grip.z,
            FRICTION,
            0.02 * FRICTION,
            "1",
            "Coulomb; both are taken across the slab at rest, whose surface bends",
        ),
        row(
            "work of friction in the last step",
            contact.friction_j,
            -work_j,
            0.02 * work_j,
            "J",
            "force of the hand times the longest slip; the surfaces are not quite flat and do not slip everywhere the same",
        ),
        row("part of the contact that slides", contact.sliding, 1.0, 0.0, "1", "all of it, after 24 mm"),
        row("sum of contact forces over their size", sum / size, 0.0, 1e-13, "1", "action is reaction; rounding"),
    ])
}

/// C6: a smooth plate pressed on a block and drawn along it.
pub fn instrument(progress: &Progress) -> Result<Vec<Row>, TissueError> {
    const FRICTION: f64 = 0.2;
    const SOURCE: &str =
        "Coulomb; the block swells as it is pressed, and not every point slides in quite the same direction";
    let mesh = straight_box([5, 5, 3], [50.0, 50.0, 30.0]);
    let materials = [(1, material(0.3))];
    let fixed = vertices_where(&mesh, |p| p.z == 0.0);
    let shape = Shape::Plane { normal: -Vector::z() };
    let tool = Tool { shape, place_mm: Point::new(20.0, 0.0, 29.0), friction: FRICTION };
    let loads = [Load::Touch { tool, from_mm: Point::new(0.0, 0.0, 30.0) }];
    let (mesh, model) = (&mesh, Model::NeoHookean);
    let setup = Setup { mesh, materials: &materials, fixed: &fixed, loads: &loads, model, load_steps: 4 };
    let (result, contact) = setup.solve(progress)?;
    let row = |what: &str, value: f64, reference: f64, tolerance: f64, source| Row {
        id: "C6",
        what: what.into(),
        value,
        reference,
        unit: "1",
        tolerance,
        source,
    };
    let ratio = -result.reaction_n.x / result.reaction_n.z;
    Ok(vec![
        row("force along over force across of a plate", ratio, FRICTION, 1e-3 * FRICTION, SOURCE),
        row("part of the contact that slides", contact.sliding, 1.0, 0.0, "all of it, after 20 mm"),
    ])
}

/// Radius of each of two round bodies, mm.
const RADIUS_MM: f64 = 20.0;
/// How far they are pressed together, mm.
const DEPTH_MM: f64 = 1.0;

/// What is round: balls in three dimensions, or cylinders along y in a slice of 1 mm that keeps its width.
#[derive(Clone, Copy, PartialEq)]
enum Round {
    Balls,
    Cylinders,
}

impl Round {
    /// Width and height of a body, mm: many times the contact, which is 3.2 mm wide for balls.
    fn size_mm(self) -> f64 {
        if self == Self::Balls { 80.0 } else { 40.0 }
    }

    /// The quarter x, y ≥ 0 of a large block (a half of the slice) whose face at z = 0 bulges by the radius [`RADIUS_MM`]
    /// as far as twice the contact of balls; below or above (`way` −1 or 1). Cells are finer towards the contact.
    fn body(self, n: usize, way: f64) -> TetMesh {
        let size = self.size_mm();
        let fine = |t: f64| size * (0.1 * t + 0.9 * t * t * t);
        let (across, wide) = if self == Self::Balls { (n, size) } else { (1, 1.0) };
        mapped_box([n, across, n], |[x, y, z]| {
            let (x, y) = (fine(x), if self == Self::Balls { fine(y) } else { wide * y });
            let deep = if way < 0.0 { -fine(1.0 - z) } else { fine(z) };
            let square = if self == Self::Balls { x * x + y * y } else { x * x };
            let fade = (1.0 - deep.abs() / size).max(0.0);
            Point::new(x, y, deep + way * fade * square.min(2.0 * RADIUS_MM * DEPTH_MM) / (2.0 * RADIUS_MM))
        })
    }
}

/// Force on the quarter or half in N, radius or half-width of the contact in mm, and largest pressure in Pa.
fn pressed(round: Round, cells: [usize; 2], progress: &Progress) -> Result<[f64; 3], TissueError> {
    let mesh = together(&[round.body(cells[0], -1.0), round.body(cells[1], 1.0)]);
    let materials = [(1, material(POISSON)), (2, Material { young_pa: 2.0 * YOUNG_PA, ..material(POISSON) })];
    let size = round.size_mm();
    let fixed = vertices_where(&mesh, |p| p.z < -size + 1e-9);
    let far = vertices_where(&mesh, |p| size - 1e-9 < p.z);
    let side = |way: f64| -> Vec<[u32; 3]> {
        let near = |p: &Point| p.x < 15.0 && (p.y < 15.0) && 0.0 <= p.z * way && p.z.abs() < 1.1 * DEPTH_MM;
        let inward = |triangle: &[u32; 3]| {
            let [a, b, c] = triangle.map(|v| mesh.positions()[v as usize]);
            (b - a).cross(&(c - a)).z * way < 0.0
        };
        faces_where(&mesh, near).into_iter().filter(inward).collect()
    };
    let mut loads = vec![
        Load::Move { vertices: far.clone(), by_mm: Vector::new(0.0, 0.0, -DEPTH_MM) },
        flat(&mesh, Axis::X, 0.0, 0.0),
        flat(&mesh, Axis::Y, 0.0, 0.0),
        Load::Contact { sides: Some([side(-1.0), side(1.0)]), friction: 0.0 },
    ];
    if round == Round::Cylinders {
        loads.push(flat(&mesh, Axis::Y, 1.0, 0.0));
    }
    let (mesh, model) = (&mesh, Model::LinearElastic);
    let setup = Setup { mesh, materials: &materials, fixed: &fixed, loads: &loads, model, load_steps: 1 };
    let (result, contact) = setup.solve(progress)?;
    let force = -far.iter().map(|v| result.support_n[*v as usize].z).sum::<f64>();
    // The second moment of Hertz's pressure: 2/5 a² F for balls, a²/4 F for cylinders.
    let (mut moment, mut whole) = (0.0, 0.0);
    for (point, force) in mesh.positions().iter().zip(&contact.force_n) {
        let square = point.x * point.x + if round == Round::Balls { point.y * point.y } else { 0.0 };
        moment += force.z.abs() * square;
        whole += force.z.abs();
    }
    let factor = if round == Round::Balls { 2.5 } else { 4.0 };
    Ok([force, (factor * moment / whole).sqrt(), contact.peak_pa])
}

const POISSON: f64 = 0.3;

/// C5: two round bodies of different stiffness, whose meshes do not match, pressed together.
pub fn hertz(progress: &Progress) -> Result<Vec<Row>, TissueError> {
    let yields = |young_pa: f64| (1.0 - POISSON * POISSON) / young_pa;
    let stiffness = 1.0 / (yields(YOUNG_PA) + yields(2.0 * YOUNG_PA));
    let radius_m = 0.5e-3 * RADIUS_MM;
    let row = |what: &str, value: f64, reference: f64, share: f64, unit, source| Row {
        id: "C5",
        what: what.into(),
        value,
        reference,
        unit,
        tolerance: share * reference,
        source,
    };
    let coarse = pressed(Round::Balls, [8, 9], progress)?;
    let fine = pressed(Round::Balls, [12, 13], progress)?;
    let limit = 4.0 * (fine[0] + (fine[0] - coarse[0]) * 64.0 / (144.0 - 64.0));
    let force = 4.0 / 3.0 * stiffness * radius_m.sqrt() * f64::powf(1e-3 * DEPTH_MM, 1.5);
    let mut rows = vec![
        row("force of two balls, extrapolated with order 2 from 8 and 12 cells", limit, force, 0.08, "N", BALLS),
        row("radius of the contact of two balls", fine[1], (0.5 * RADIUS_MM * DEPTH_MM).sqrt(), 0.04, "mm", BALLS),
    ];
    let [force, half, peak] = pressed(Round::Cylinders, [24, 31], progress)?;
    // The slice is 1 mm wide and half of it is there.
    let (line, pi) = (2.0 * force / 1e-3, std::f64::consts::PI);
    let width = 1e3 * (4.0 * line * radius_m / (pi * stiffness)).sqrt();
    let pressure = (line * stiffness / (pi * radius_m)).sqrt();
    rows.extend([
        row("half-width of the contact of two cylinders, by their force", half, width, 0.03, "mm", CYLINDERS),
        row("largest pressure between two cylinders, by their force", peak, pressure, 0.1, "Pa", CYLINDERS),
    ]);
    Ok(rows)
}

const BALLS: &str = "Hertz 1881, √(R d) for the radius, half spaces: bodies end 25 radii away, which takes 2 % of the \
    depth, and linear elements 0.7 to 1.3 mm wide beneath a contact of 3.2 mm are too stiff by 13 %, half of which \
    extrapolation takes away; tolerance chosen after seeing that";
const CYLINDERS: &str = "Hertz 1881 in the plane (Johnson 1985, section 4.2), which relates force, width and pressure \
    whatever the depth; elements are 0.2 mm wide beneath, and the pressure is a mean around vertices";
