//! Speed.
use super::collide::{Trt, Regularised};
use super::populations::Populations;
use super::lattice::C;
use std::time::Instant;
/// dense
pub fn dense(n: usize, steps: usize, rr: bool) -> f64 {
    let cells = n*n*n;
    let mut p = Populations::new(cells, |cell, i| {
        let at = [cell % n, cell / n % n, cell / (n*n)];
        let to: [i32;3] = std::array::from_fn(|a| at[a] as i32 + C[i][a]);
        to.iter().all(|x| 0 <= *x && *x < n as i32).then(|| (to[2] as usize * n + to[1] as usize) * n + to[0] as usize)
    });
    let t = Trt::new(0.6, 0.1875, [0.0;3]);
    let r = Regularised::new(0.6, 0.0);
    for _ in 0..4 { if rr {p.step(r)} else {p.step(t)} }
    if std::env::var("PH").is_ok() { let mut te=[0.0;2]; for k in 0..steps { let s=Instant::now(); if rr {p.step(r)} else {p.step(t)}; te[k%2]+=s.elapsed().as_secs_f64(); } println!("even {:.1} odd {:.1}", (cells*steps/2) as f64/te[0]*1e-6, (cells*steps/2) as f64/te[1]*1e-6); }
    let start = Instant::now();
    for _ in 0..steps { if rr {p.step(r)} else {p.step(t)} }
    (cells * steps) as f64 / start.elapsed().as_secs_f64() * 1e-6
}
