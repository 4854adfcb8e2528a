//! Tests of the populations: streaming in place against the plain way, and stepping ahead against not doing so.

use super::cells::Cells;
use super::collide::{Collide, Trt};
use super::domain::WallLink;
use super::lattice::{Q, opposite};
use super::populations::Populations;
use crate::base::parallel;
use crate::base::rng::Rng;
use crate::geom::{Grid, Point};

/// One step in the plainest way: collide everything, then every cell fetches what comes to it. Gives the
/// populations after the collision and after the streaming.
fn plain_step(cells: &Cells, walls: &[WallLink], g: &[[f32; Q]], collide: Trt) -> [Vec<[f32; Q]>; 2] {
    let post: Vec<[f32; Q]> = g.iter().map(|g| collide.cell(*g)).collect();
    let arrive = |cell: usize| {
        let mut next = post[cell];
        for i in 1..Q {
            let out = opposite(i);
            let back = cells.neighbour(cell, i);
            next[i] = match (cells.neighbour(cell, out), back) {
                (Some(from), _) => post[from][i],
                (None, None) => post[cell][out],
                (None, Some(behind)) => {
                    let key = (cell as u32, out as u8);
                    let wall = walls.binary_search_by_key(&key, |wall| (wall.cell, wall.direction));
                    let q = wall.map_or(0.5, |n| walls[n].fraction);
                    if q < 0.5 {
                        2.0 * q * post[cell][out] + (1.0 - 2.0 * q) * post[behind][out]
                    } else {
                        post[cell][out] / (2.0 * q) + (1.0 - 1.0 / (2.0 * q)) * post[cell][i]
                    }
                }
            };
            if cells.neighbour(cell, out).is_none() {
                next[0] += post[cell][out] - next[i];
            }
        }
        next
    };
    let next = (0..cells.len()).map(arrive).collect();
    [post, next]
}

/// Without boundary conditions that act in between, the blocks to be held make no difference to the result.
#[test]
fn stepping_ahead_gives_the_same_bits() {
    // Planes of fewer cells than a task, so that there is something to step ahead with.
    let grid = Grid::aligned([24, 20, 90], Point::origin(), [1.0; 3]).unwrap();
    let mut rng = Rng::new(5);
    let is_fluid: Vec<bool> = (0..grid.len()).map(|_| rng.between(0.0, 1.0) < 0.97).collect();
    let cells = Cells::new(grid, [false; 3], |offset| is_fluid[offset]);
    let start: Vec<[f32; Q]> =
        (0..cells.len()).map(|_| std::array::from_fn(|_| rng.between(-0.01, 0.01) as f32)).collect();
    let collide = Trt::new(0.7, 0.1875, [1e-4, 0.0, -2e-4]);
    let run = |threads: usize, is_ahead: bool| {
        parallel::with_threads(threads, || {
            let mut populations = Populations::new(&cells, &[]);
            (0..cells.len()).for_each(|cell| populations.set(cell, start[cell]));
            let bounces = populations.bounced().len() as u32;
            populations.hold((0..bounces).filter(|n| n % 5000 == 0));
            populations.step(collide);
            for _ in 0..3 {
                if is_ahead {
                    populations.step_ahead(collide);
                    assert!(0.0 < populations.ahead() && (threads == 1 || populations.ahead() < 1.0));
                } else {
                    populations.step(collide);
                }
                populations.step(collide);
            }
            populations.step(collide);
            (0..cells.len()).map(|cell| populations.arrived(cell).map(f32::to_bits)).collect::<Vec<_>>()
        })
    };
    let plain = run(1, false);
    assert!(plain == run(1, true) && plain == run(2, true) && plain == run(3, true) && plain == run(3, false));
}

#[test]
fn streaming_in_place_does_what_the_plain_way_does() {
    let grid = Grid::aligned([30, 13, 11], Point::origin(), [1.0; 3]).unwrap();
    for periodic in [[false; 3], [true, false, true]] {
        let mut rng = Rng::new(3);
        let is_fluid: Vec<bool> = (0..grid.len()).map(|_| rng.between(0.0, 1.0) < 0.8).collect();
        let cells = Cells::new(grid.clone(), periodic, |offset| is_fluid[offset]);
        let mut walls = Vec::new();
        for cell in 0..cells.len() {
            for i in (1..Q).filter(|i| cells.neighbour(cell, *i).is_none()) {
                if rng.between(0.0, 1.0) < 0.1 {
                    // No wall: stands for an opening.
                    continue;
                }
                let side = if rng.between(0.0, 1.0) < 0.5 { 0.0 } else { 0.5 };
                let fraction = (side + rng.between(0.01, 0.49)) as f32;
                walls.push(WallLink { cell: cell as u32, direction: i as u8, fraction });
            }
        }
        let mut populations = Populations::new(&cells, &walls);
        for cell in 0..cells.len() {
            populations.set(cell, std::array::from_fn(|_| rng.between(-0.01, 0.01) as f32));
        }
        let all = |populations: &Populations| (0..cells.len()).map(|cell| populations.arrived(cell)).collect();
        let same = |a: [f32; Q], b: [f32; Q], what: &str| {
            let apart = (0..Q).map(|i| (a[i] - b[i]).abs()).fold(0.0, f32::max);
            assert!(apart < 1e-6, "{what}: {a:?} and {b:?} are {apart} apart");
        };
        let collide = Trt::new(0.7, 0.1875, [1e-4, 0.0, -2e-4]);
        let mut plain: Vec<[f32; Q]> = all(&populations);
        for _ in 0..3 {
            let [post, between] = plain_step(&cells, &walls, &plain, collide);
            populations.step(collide);
            (0..cells.len()).for_each(|cell| same(populations.collided(cell), post[cell], "after the collision"));
            plain = plain_step(&cells, &walls, &between, collide)[1].clone();
            populations.step(collide);
            let arrived: Vec<[f32; Q]> = all(&populations);
            (0..cells.len()).for_each(|cell| same(arrived[cell], plain[cell], "after both steps"));
        }
    }
}
