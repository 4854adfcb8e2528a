//! CalculiX solves the same body with the same elements: linear tetrahedra of a neo-Hookean solid.

use super::Answer;
use crate::biomech::Material;
use crate::geom::Vector;
use crate::mesh::TetMesh;
use crate::proof::calculix;
use std::fmt::Write;

/// Nodes a line of a node set may hold.
const NODES_A_LINE: usize = 12;

/// A body whose `fixed` vertices stay and whose `moved` vertices go `by_mm`.
pub(crate) struct Pulled<'a> {
    pub(crate) mesh: &'a TetMesh,
    pub(crate) material: Material,
    pub(crate) fixed: &'a [u32],
    pub(crate) moved: &'a [u32],
    pub(crate) by_mm: Vector,
}

/// Seconds of the whole run, reading and writing included, and the force along the pull in N.
pub(crate) fn pulled(problem: &Pulled) -> Result<Answer, String> {
    let calculix::Run { name, seconds, results } = calculix::run(&input(problem))?;
    let total = last_total(&results).ok_or("CalculiX gave no result that can be read")?;
    Ok(Answer { name, value: seconds, check: total.dot(&problem.by_mm.normalize()) * 1e-6 })
}

/// The input deck in mm, tonnes and MPa scaled by 10⁻⁶: lengths in mm and stresses in Pa give forces in 10⁻⁶ N.
fn input(problem: &Pulled) -> String {
    let Pulled { mesh, material, fixed, moved, by_mm } = problem;
    let mut text = String::from("*NODE, NSET=ALL\n");
    let never = "a string takes all";
    for (n, p) in mesh.positions().iter().enumerate() {
        writeln!(text, "{}, {:.9}, {:.9}, {:.9}", n + 1, p.x, p.y, p.z).expect(never);
    }
    text += "*ELEMENT, TYPE=C3D4, ELSET=BODY\n";
    for (n, [a, b, c, d]) in mesh.tets().iter().enumerate() {
        writeln!(text, "{}, {}, {}, {}, {}", n + 1, a + 1, b + 1, c + 1, d + 1).expect(never);
    }
    for (name, vertices) in [("FIXED", fixed), ("GRIP", moved)] {
        writeln!(text, "*NSET, NSET={name}").expect(never);
        for line in vertices.chunks(NODES_A_LINE) {
            let numbers: Vec<String> = line.iter().map(|v| (v + 1).to_string()).collect();
            writeln!(text, "{},", numbers.join(", ")).expect(never);
        }
    }
    let (young, nu) = (material.young_pa, material.poisson);
    let (mu, bulk) = (young / (2.0 * (1.0 + nu)), young / (3.0 * (1.0 - 2.0 * nu)));
    writeln!(text, "*MATERIAL, NAME=TISSUE\n*HYPERELASTIC, NEO HOOKE\n{:.9e}, {:.9e}", 0.5 * mu, 2.0 / bulk)
        .expect(never);
    text += "*SOLID SECTION, ELSET=BODY, MATERIAL=TISSUE\n*BOUNDARY\nFIXED, 1, 3\n*STEP, NLGEOM\n*STATIC\n0.25, 1.\n*BOUNDARY\n";
    for (axis, way) in by_mm.iter().enumerate() {
        writeln!(text, "GRIP, {0}, {0}, {way:.9}", axis + 1).expect(never);
    }
    text + "*NODE PRINT, NSET=GRIP, TOTALS=ONLY\nRF\n*END STEP\n"
}

/// The three numbers of the last total in a result file.
fn last_total(text: &str) -> Option<Vector> {
    let after = text.rsplit("total force").next().filter(|_| text.contains("total force"))?;
    let mut numbers = after.lines().skip(1).flat_map(str::split_whitespace).map(str::parse::<f64>);
    let mut next = || numbers.next()?.ok();
    Some(Vector::new(next()?, next()?, next()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_total_of_a_result_file_is_read() {
        let text = " total force (fx,fy,fz) for set GRIP and time  0.2500000E+00\n\n   1.0E+00  2.0E+00  3.0E+00\n
 total force (fx,fy,fz) for set GRIP and time  0.1000000E+01\n\n  -4.0E+00  5.0E+00 -6.0E+00\n";
        assert_eq!(last_total(text), Some(Vector::new(-4.0, 5.0, -6.0)));
        assert_eq!(last_total("nothing"), None);
    }
}
