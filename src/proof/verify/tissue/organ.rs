//! One real organ beside another program: the same mesh, the same element, the same loads.

use super::{Row, Tolerance};
use crate::base::Progress;
use crate::biomech::{Formulation, Load, Material, Model, Options, Problem, quasi_static, tissues, vertices_on_side};
use crate::geom::{Aabb, Plane, Point, Vector};
use crate::image::Volume;
use crate::io::{nifti, test_data};
use crate::mesh::TetMesh;
use crate::mesh::tetrahedralise::{CellSize, tetrahedralise};
use crate::proof::calculix;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

/// The liver in the labels of the scan.
const LIVER: u8 = 5;
/// Tetrahedra asked for.
const COUNT: usize = 3000;
/// Share of its height, from above, in which the surface of the liver is held: as by the diaphragm.
const HELD: f64 = 0.3;
/// The patient lies on the back: the organ hangs across its support.
const GRAVITY_M_S2: Vector = Vector::new(0.0, 9.81, 0.0);
/// Local edges whose middles are nodes 5 to 10 of the peer's element.
const EDGES: [[usize; 2]; 6] = [[0, 1], [1, 2], [2, 0], [0, 3], [1, 3], [2, 3]];
const WHAT: &str = "liver of a real CT under its weight, quadratic tetrahedra of displacement only";
const SOURCE: &str = "CalculiX with C3D10 elements on the same mesh; the equations are the same, so that only the stop of either iteration and the digits of its result file are left";
/// Largest difference: 1 % is good agreement of two programs, but these solve the same equations.
const MOST: f64 = 1e-4;

/// The liver of a real scan under its weight, small and large deformation.
pub(super) fn rows(progress: &Progress) -> Result<Vec<Row>, String> {
    let Some(folder) = test_data::folder("ct-abdomen-totalseg") else {
        return Ok(vec![Row::skipped("V21", WHAT, "the project's test data is not here; set PROSECTOR_DATA")]);
    };
    let labels = nifti::read_labels(&folder.join("abdomen_3mm_seg.nii.gz"), progress);
    let labels = labels.map_err(|error| error.to_string())?.to_volume();
    let voxels = labels.voxels().iter().map(|label| u8::from(*label == LIVER)).collect();
    let mask = Volume::new(Arc::clone(labels.grid()), voxels).map_err(|error| error.to_string())?;
    let (mesh, _) = tetrahedralise(&mask, CellSize::Count(COUNT), progress).map_err(|error| error.to_string())?;
    let bounds = Aabb::of(mesh.positions());
    let height = bounds.max.z - HELD * (bounds.max.z - bounds.min.z);
    let plane = Plane::new(Point::new(0.0, 0.0, height), Vector::z()).ok_or("the plane has no normal")?;
    let fixed = vertices_on_side(&mesh, &plane, 0.0);
    let material = tissues().iter().find(|tissue| tissue.id == "liver").ok_or("the table has no liver")?.material();
    let materials = [(mesh.regions()[0], material)];
    let loads = [Load::Gravity { m_s2: GRAVITY_M_S2 }];
    let options = Options { formulation: Formulation::QuadraticDisplacement, ..Options::default() };
    let mut rows = Vec::new();
    for (model, name) in [(Model::LinearElastic, "linear"), (Model::NeoHookean, "neo-Hookean")] {
        let what = format!("{WHAT}, {name}, {} of them: difference in L2", mesh.tets().len());
        let answer = calculix::run(&deck(&mesh, &fixed, material, model));
        let (name, theirs) = match answer {
            Ok(run) => (run.name, moves(&run.results, mesh.positions().len())),
            Err(reason) => {
                rows.push(Row::skipped("V21", &what, &reason));
                continue;
            }
        };
        let theirs = theirs.ok_or_else(|| format!("{name} gave no displacements that can be read"))?;
        let problem = Problem { mesh: &mesh, materials: &materials, fixed: &fixed, loads: &loads, model };
        let (result, _) = quasi_static(&problem, &options, progress).map_err(|error| format!("V21: {error}"))?;
        let square = |all: &mut dyn Iterator<Item = Vector>| all.map(|v| v.norm_squared()).sum::<f64>();
        let off = square(&mut result.displacement_mm.iter().zip(&theirs).map(|(own, other)| own - other));
        let whole = square(&mut theirs.iter().copied());
        let value = (off / whole).sqrt();
        rows.push(Row::new("V21", &what, value, 0.0, "1", Tolerance::Absolute(MOST), SOURCE));
    }
    Ok(rows)
}

/// The input deck, lengths in mm and stresses in Pa. Middles of edges follow the vertices and are held where a whole
/// triangle of the surface is.
fn deck(mesh: &TetMesh, fixed: &[u32], material: Material, model: Model) -> String {
    let never = "a string takes all";
    let places = mesh.positions();
    let ends = |a: u32, b: u32| [a.min(b), a.max(b)];
    let mut middles: BTreeMap<[u32; 2], usize> =
        mesh.tets().iter().flat_map(|tet| EDGES.map(|[a, b]| (ends(tet[a], tet[b]), 0))).collect();
    middles.values_mut().enumerate().for_each(|(n, number)| *number = places.len() + n + 1);
    let mut text = String::from("*NODE, NSET=ALL\n");
    let ours = places.iter().copied().enumerate().map(|(n, place)| (n + 1, place));
    let between = |[a, b]: &[u32; 2]| nalgebra::center(&places[*a as usize], &places[*b as usize]);
    for (number, p) in ours.chain(middles.iter().map(|(edge, number)| (*number, between(edge)))) {
        writeln!(text, "{number}, {:.9}, {:.9}, {:.9}", p.x, p.y, p.z).expect(never);
    }
    text += "*ELEMENT, TYPE=C3D10, ELSET=BODY\n";
    for (n, tet) in mesh.tets().iter().enumerate() {
        let nodes = tet.iter().map(|v| *v as usize + 1).chain(EDGES.map(|[a, b]| middles[&ends(tet[a], tet[b])]));
        let words: Vec<String> = std::iter::once(n + 1).chain(nodes).map(|number| number.to_string()).collect();
        writeln!(text, "{}", words.join(", ")).expect(never);
    }
    let mut is_fixed = vec![false; places.len()];
    fixed.iter().for_each(|v| is_fixed[*v as usize] = true);
    let (surface, _) = mesh.boundary();
    let held = surface.triangles().iter().filter(|face| face.iter().all(|v| is_fixed[*v as usize]));
    let rims = held.flat_map(|face| [0, 1, 2].map(|n| middles[&ends(face[n], face[(n + 1) % 3])]));
    text += "*NSET, NSET=FIXED\n";
    for number in fixed.iter().map(|v| *v as usize + 1).chain(rims) {
        writeln!(text, "{number},").expect(never);
    }
    let (young, nu) = (material.young_pa, material.poisson);
    let (law, step) = if model == Model::LinearElastic {
        (format!("*ELASTIC\n{young:.9e}, {nu:.9e}"), "*STEP\n*STATIC")
    } else {
        let (c10, d1) = (0.5 * material.shear_pa(), 2.0 / material.bulk_pa());
        // Its own stop of the iteration, half a per cent of the forces, would be most of the difference.
        let step = "*STEP, NLGEOM\n*STATIC\n0.25, 1.\n*CONTROLS, PARAMETERS=FIELD\n1.e-6, 1.e-5";
        (format!("*HYPERELASTIC, NEO HOOKE\n{c10:.9e}, {d1:.9e}"), step)
    };
    let density = 1e-6 * material.density_kg_m3;
    writeln!(text, "*MATERIAL, NAME=TISSUE\n{law}\n*DENSITY\n{density:.9e}").expect(never);
    writeln!(text, "*SOLID SECTION, ELSET=BODY, MATERIAL=TISSUE\n*BOUNDARY\nFIXED, 1, 3\n{step}").expect(never);
    let (size, way) = (1e3 * GRAVITY_M_S2.norm(), GRAVITY_M_S2.normalize());
    writeln!(text, "*DLOAD\nBODY, GRAV, {size:.9}, {}, {}, {}", way.x, way.y, way.z).expect(never);
    text + "*NODE PRINT, NSET=ALL\nU\n*END STEP\n"
}

/// The last table of displacements in a result file, of the first `count` nodes, mm.
fn moves(results: &str, count: usize) -> Option<Vec<Vector>> {
    let table = results.rsplit_once("displacements")?.1;
    let mut found = vec![None; count];
    for line in table.lines().skip(1) {
        let numbers: Vec<f64> = line.split_whitespace().map_while(|word| word.parse().ok()).collect();
        let &[number, x, y, z] = numbers.as_slice() else { continue };
        if let Some(own) = found.get_mut((number as usize).wrapping_sub(1)) {
            *own = Some(Vector::new(x, y, z));
        }
    }
    found.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_displacements_of_a_result_file_are_read() {
        let table = |x: &str| {
            format!(
                " displacements (vx,vy,vz) for set ALL and time  0.1E+01\n\n   1  {x}  0.0E+00 -2.0E-01\n   2  1.0E+00  0.0E+00  0.0E+00\n   3  7.0E+00  0.0E+00  0.0E+00\n"
            )
        };
        let text = table("5.0E+00") + &table("6.0E+00");
        assert_eq!(moves(&text, 2), Some(vec![Vector::new(6.0, 0.0, -0.2), Vector::x()]));
        assert_eq!(moves(&text, 4), None);
        assert_eq!(moves("nothing", 1), None);
    }

    /// A middle is held only where a whole triangle of the surface is, and the numbers follow those of the vertices.
    #[test]
    fn the_deck_of_one_tetrahedron() {
        let corners =
            [Point::origin(), Point::new(1.0, 0.0, 0.0), Point::new(0.0, 1.0, 0.0), Point::new(0.0, 0.0, 1.0)];
        let mesh = TetMesh::new(corners.to_vec(), vec![[0, 1, 2, 3]], vec![1]).unwrap();
        let material = tissues()[0].material();
        let text = deck(&mesh, &[0, 1, 2], material, Model::LinearElastic);
        assert!(text.contains("*ELEMENT, TYPE=C3D10, ELSET=BODY\n1, 1, 2, 3, 4, 5, 8, 6, 7, 9, 10\n"), "{text}");
        let held: Vec<&str> =
            text.split("NSET=FIXED\n").nth(1).unwrap().lines().take_while(|line| !line.starts_with('*')).collect();
        assert_eq!(held.len(), 3 + 3, "{text}");
        assert!(!deck(&mesh, &[0, 1], material, Model::LinearElastic).contains("\n5,\n"));
    }
}
