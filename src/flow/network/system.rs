//! All equations of a network in one sparse system, with the places of every block's entries remembered.

use super::block::BlockKind;
use super::connections::Network;
use super::equations::{self, Sink};
use super::heart::Heart;
use super::lu::Pattern;
use super::numbering::{Numbering, Part, Unknown, number};

/// Entries by stage: constant, timed, state.
const STAGES: usize = 3;

/// E ẏ + F y + c = 0 with derivatives of c, all matrices on one pattern.
pub(super) struct System<'a> {
    network: &'a Network,
    pub(super) unknowns: Vec<Unknown>,
    parts: Vec<Part>,
    /// Blocks with something at the stages after the constant one.
    timed: Vec<usize>,
    state: Vec<usize>,
    pub(super) pattern: Pattern,
    slots: [Vec<u32>; STAGES],
    /// E and F side by side, likewise ∂c/∂ẏ and ∂c/∂y.
    ef: Vec<[f64; 2]>,
    dc: Vec<[f64; 2]>,
    c: Vec<f64>,
    /// Pressures come first, then flows, then volumes: where each kind ends.
    pub(super) ends: [usize; 3],
    /// Whether the matrix depends on time or state; otherwise it is factorised once.
    pub(super) varies: bool,
    has_heart: bool,
    has_valves: bool,
    /// Whether c depends on the unknowns, so that one iteration is not enough.
    pub(super) nonlinear: bool,
}

/// Collects the places of entries.
struct Places<'a> {
    part: &'a Part,
    entries: &'a mut Vec<(usize, usize)>,
    of_matrix: bool,
    of_any: bool,
}

impl Places<'_> {
    fn entry(&mut self, equation: usize, unknown: usize) {
        self.entries.push((self.part.equation + equation, self.part.unknowns[unknown]));
        self.of_matrix = true;
        self.of_any = true;
    }
}

impl Sink for Places<'_> {
    fn e(&mut self, equation: usize, unknown: usize, _: f64) {
        self.entry(equation, unknown);
    }
    fn f(&mut self, equation: usize, unknown: usize, _: f64) {
        self.entry(equation, unknown);
    }
    fn dy(&mut self, equation: usize, unknown: usize, _: f64) {
        self.entry(equation, unknown);
    }
    fn dydot(&mut self, equation: usize, unknown: usize, _: f64) {
        self.entry(equation, unknown);
    }
    fn c(&mut self, _: usize, _: f64) {
        self.of_any = true;
    }
}

/// Writes values to remembered places.
struct Values<'a> {
    ef: &'a mut [[f64; 2]],
    dc: &'a mut [[f64; 2]],
    c: &'a mut [f64],
    slots: std::slice::Iter<'a, u32>,
    equation: usize,
}

impl Values<'_> {
    fn slot(&mut self) -> usize {
        *self.slots.next().expect("a block says the same entries every time") as usize
    }
}

impl Sink for Values<'_> {
    fn e(&mut self, _: usize, _: usize, value: f64) {
        self.ef[self.slot()][0] = value;
    }
    fn f(&mut self, _: usize, _: usize, value: f64) {
        self.ef[self.slot()][1] = value;
    }
    fn dy(&mut self, _: usize, _: usize, value: f64) {
        self.dc[self.slot()][1] = value;
    }
    fn dydot(&mut self, _: usize, _: usize, value: f64) {
        self.dc[self.slot()][0] = value;
    }
    fn c(&mut self, equation: usize, value: f64) {
        self.c[self.equation + equation] = value;
    }
}

impl<'a> System<'a> {
    /// The system of a network; `steady` leaves out the capacitors of the ends and takes means of waveforms.
    pub(super) fn new(network: &'a Network, steady: bool) -> Self {
        let Numbering { unknowns, parts, ends } = number(network, steady);
        let size = ends[2];
        let mut entries: [Vec<(usize, usize)>; STAGES] = Default::default();
        let (mut timed, mut state, mut varies) = (Vec::new(), Vec::new(), false);
        for (n, (block, part)) in network.blocks().iter().zip(&parts).enumerate() {
            let [constant, at_time, at_state] = &mut entries;
            let places = |entries| Places { part, entries, of_matrix: false, of_any: false };
            equations::constant(block, &part.around, &mut places(constant));
            let mut sink = places(at_time);
            equations::timed(block, &part.around, 0.0, &mut sink);
            varies |= sink.of_matrix;
            if sink.of_any {
                timed.push(n);
            }
            if equations::depends_on_state(block) {
                equations::state(block, &part.around, 0.0, &|_| 0.0, &|_| 0.0, &mut places(at_state));
                varies = true;
                state.push(n);
            }
        }
        let (pattern, slots) = Pattern::of(size, &entries.concat());
        let mut slots = slots.into_iter().map(|slot| slot as u32);
        let slots = entries.map(|entries| slots.by_ref().take(entries.len()).collect::<Vec<u32>>());
        let (ef, dc) = (vec![[0.0; 2]; pattern.columns.len()], vec![[0.0; 2]; pattern.columns.len()]);
        let nonlinear = !state.is_empty();
        let any = |is: fn(&BlockKind) -> bool| network.blocks().iter().any(|block| is(&block.kind));
        let has_heart = any(|kind| matches!(kind, BlockKind::Heart(_)));
        let has_valves = has_heart || any(|kind| matches!(kind, BlockKind::Valve(_)));
        let c = vec![0.0; size];
        let mut system = Self {
            network,
            unknowns,
            parts,
            timed,
            state,
            pattern,
            slots,
            ef,
            dc,
            c,
            ends,
            varies,
            has_heart,
            has_valves,
            nonlinear,
        };
        let all: Vec<usize> = (0..network.blocks().len()).collect();
        system.write(0, &all, |block, part, sink| equations::constant(block, &part.around, sink));
        system
    }

    fn write(&mut self, stage: usize, blocks: &[usize], say: impl Fn(&super::Block, &Part, &mut Values)) {
        let Self { network, parts, slots, ef, dc, c, .. } = self;
        let mut sink = Values { ef, dc, c, slots: slots[stage].iter(), equation: 0 };
        for n in blocks {
            sink.equation = parts[*n].equation;
            say(&network.blocks()[*n], &parts[*n], &mut sink);
        }
    }

    /// Take everything that depends on time at `time`.
    pub(super) fn at_time(&mut self, time: f64) {
        let blocks = std::mem::take(&mut self.timed);
        self.write(1, &blocks, |block, part, sink| equations::timed(block, &part.around, time, sink));
        self.timed = blocks;
    }

    /// Take everything that depends on the unknowns and their rates: ẏ and y side by side.
    pub(super) fn at_state(&mut self, time: f64, y: &[[f64; 2]]) {
        let blocks = std::mem::take(&mut self.state);
        self.write(2, &blocks, |block, part, sink| {
            let (now, rate) = (|n: usize| y[part.unknowns[n]][1], |n: usize| y[part.unknowns[n]][0]);
            equations::state(block, &part.around, time, &now, &rate, sink);
        });
        self.state = blocks;
    }

    /// −(E ẏ + F y + c), with ẏ and y side by side.
    pub(super) fn residual(&self, y: &[[f64; 2]], residual: &mut [f64]) {
        let Pattern { starts, columns } = &self.pattern;
        let mut start = 0;
        for ((value, c), end) in residual.iter_mut().zip(&self.c).zip(&starts[1..]) {
            let mut sum = [*c, 0.0];
            for (ef, column) in self.ef[start..*end].iter().zip(&columns[start..*end]) {
                let y = y[*column];
                sum = [sum[0] + ef[0] * y[0], sum[1] + ef[1] * y[1]];
            }
            *value = -(sum[0] + sum[1]);
            start = *end;
        }
    }

    /// a (E + ∂c/∂ẏ) + b (F + ∂c/∂y).
    pub(super) fn matrix(&self, a: f64, b: f64, matrix: &mut [f64]) {
        for ((value, ef), dc) in matrix.iter_mut().zip(&self.ef).zip(&self.dc) {
            *value = a * (ef[0] + dc[0]) + b * (ef[1] + dc[1]);
        }
    }

    /// Fix what coronary beds remember of the state they start from: the pressure inside is that of the resistances in line.
    pub(super) fn remember(&mut self, y: &[f64], ydot: &[f64]) {
        for (block, part) in self.network.blocks().iter().zip(&mut self.parts) {
            if let BlockKind::Coronary(coronary) = &block.kind {
                let (bed, [p, q]) = (&coronary.bed, [part.unknowns[0], part.unknowns[1]]);
                let proximal = y[p] - bed.arterial * y[q];
                let rate = ydot[p] - bed.arterial * ydot[q];
                let inside = proximal - bed.micro * (y[q] - bed.arterial_capacitance * rate);
                part.around.coronary = inside - coronary.muscle_pressure.at(0.0);
            }
        }
    }

    /// Whether there is a heart as one block.
    pub(super) fn has_heart(&self) -> bool {
        self.has_heart
    }

    /// Set flows through closed valves of the heart to 0.
    pub(super) fn close_valves(&self, decided_by: &[[f64; 2]], y: &mut [f64]) {
        if !self.has_heart {
            return;
        }
        for n in &self.state {
            if let BlockKind::Heart(_) = self.network.blocks()[*n].kind {
                let unknowns = &self.parts[*n].unknowns;
                Heart::closed(&|n| decided_by[unknowns[n]][1]).for_each(|flow| y[unknowns[flow]] = 0.0);
            }
        }
    }

    /// Whether there are valves, so that a guess from the past misleads.
    pub(super) fn has_valves(&self) -> bool {
        self.has_valves
    }

    /// Name of the block an equation belongs to.
    pub(super) fn block_of(&self, equation: usize) -> String {
        let n = self.parts.partition_point(|part| part.equation <= equation);
        self.network.blocks()[n.saturating_sub(1)].name.clone()
    }
}
