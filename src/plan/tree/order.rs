//! The place of each branch in its tree.

use crate::mesh::CentreLines;

/// The rank of a branch.
#[derive(Debug, Clone, PartialEq)]
pub struct BranchOrder {
    /// Junctions between it and its root.
    pub generation: usize,
    /// Order of Strahler (1952, Bull Geol Soc Am 63:1117): 1 for a branch that nothing continues, one more than that of its
    /// children where two of them share the highest, else the highest of theirs.
    pub strahler: usize,
    /// Its number among its siblings, the largest first, as a path from the root: `1`, `1.2`, `1.2.1`.
    pub path: String,
    /// Branches that nothing continues, beyond it or itself.
    pub ends: usize,
    /// Length of it and all that grows from it (mm).
    pub beyond_mm: f64,
}

/// The rank of every branch. Siblings are numbered by the radius they start with, then by the length beyond them.
pub fn orders(lines: &CentreLines) -> Vec<BranchOrder> {
    let branches = lines.branches();
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); branches.len()];
    let mut roots = Vec::new();
    for (n, branch) in branches.iter().enumerate() {
        branch.parent.map_or_else(|| roots.push(n), |parent| children[parent].push(n));
    }
    let blank = BranchOrder { generation: 0, strahler: 1, path: String::new(), ends: 0, beyond_mm: 0.0 };
    let mut orders = vec![blank; branches.len()];
    for n in (0..branches.len()).rev() {
        let of_children = children[n].iter().map(|child| orders[*child].strahler);
        let highest = of_children.clone().max().unwrap_or(0);
        let shared = of_children.filter(|order| *order == highest).count();
        let ends = children[n].iter().map(|child| orders[*child].ends).sum::<usize>().max(1);
        let beyond_mm: f64 = children[n].iter().map(|child| orders[*child].beyond_mm).sum();
        let order = &mut orders[n];
        order.strahler = (highest + usize::from(1 < shared)).max(1);
        (order.ends, order.beyond_mm) = (ends, beyond_mm + branches[n].length_mm());
    }
    let rank = |siblings: &mut Vec<usize>, orders: &[BranchOrder]| {
        let radius = |n: usize| branches[n].radii_mm[branches[n].own_start()];
        siblings.sort_by(|a, b| {
            let by_radius = radius(*b).total_cmp(&radius(*a));
            by_radius.then(orders[*b].beyond_mm.total_cmp(&orders[*a].beyond_mm)).then(a.cmp(b))
        });
    };
    rank(&mut roots, &orders);
    for (n, root) in roots.iter().enumerate() {
        orders[*root].path = (n + 1).to_string();
    }
    // Parents stand before their children.
    for n in 0..branches.len() {
        let mut siblings = std::mem::take(&mut children[n]);
        rank(&mut siblings, &orders);
        for (place, child) in siblings.into_iter().enumerate() {
            orders[child].path = format!("{}.{}", orders[n].path, place + 1);
            orders[child].generation = orders[n].generation + 1;
        }
    }
    orders
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::geom::Point;
    use crate::mesh::CentreBranch;

    /// A trunk that parts in two; the first parts again.
    pub fn tree(shift_mm: f64) -> CentreLines {
        let line = |parent, from: [f64; 3], to: [f64; 3], radius_mm: f64| {
            let [from, to] = [from, to].map(|p| Point::new(p[0] + shift_mm, p[1], p[2]));
            let points: Vec<Point> = (0..=10).map(|n| from + (to - from) * (f64::from(n) / 10.0)).collect();
            CentreBranch { parent, radii_mm: vec![radius_mm; points.len()], points }
        };
        CentreLines::new(vec![
            line(None, [0.0; 3], [0.0, 0.0, 20.0], 4.0),
            line(Some(0), [0.0, 0.0, 20.0], [20.0, 0.0, 30.0], 2.0),
            line(Some(0), [0.0, 0.0, 20.0], [-20.0, 0.0, 30.0], 3.0),
            line(Some(1), [20.0, 0.0, 30.0], [30.0, 0.0, 40.0], 1.0),
            line(Some(1), [20.0, 0.0, 30.0], [30.0, 10.0, 25.0], 1.5),
        ])
        .unwrap()
    }

    #[test]
    fn orders_are_those_of_the_definition() {
        let orders = orders(&tree(0.0));
        let column = |f: fn(&BranchOrder) -> usize| orders.iter().map(f).collect::<Vec<_>>();
        assert_eq!(column(|o| o.strahler), [2, 2, 1, 1, 1]);
        assert_eq!(column(|o| o.generation), [0, 1, 1, 2, 2]);
        assert_eq!(column(|o| o.ends), [3, 2, 1, 1, 1]);
        let paths: Vec<&str> = orders.iter().map(|o| o.path.as_str()).collect();
        assert_eq!(paths, ["1", "1.2", "1.1", "1.2.2", "1.2.1"]);
    }
}
