//! A piece of a brush stroke on its way into the preview: made at once if it is small, on a thread otherwise.

use super::{Editor, Effect};
use crate::base::SegmentId;
use crate::geom::Point;
use crate::image::{LabelMap, Scan, Segment};
use crate::segment::{Brush, BrushWork, painted, smoothed_onto, stroke, stroke_along_edges, stroke_cost};

/// A piece of more than so many voxels, as [`stroke_cost`] counts them, is made beside the window.
const AT_ONCE: f64 = 4e6;

/// Which voxels may change: the same rules as the commands have, for the preview.
#[derive(Debug, Clone)]
struct Allowed {
    locked: Vec<bool>,
    own: u8,
    inside: Option<SegmentId>,
    range: Option<[f64; 2]>,
    scan: Option<Scan>,
}

impl Allowed {
    fn holds(&self, offset: usize, old: u8) -> bool {
        let in_range =
            |[from, to]: [f64; 2]| self.scan.as_ref().is_some_and(|scan| (from..=to).contains(&scan.value(offset)));
        !self.locked[usize::from(old)]
            && self.inside.is_none_or(|inside| old == inside.0 || old == self.own)
            && self.range.is_none_or(in_range)
    }
}

/// What a piece of a brush stroke does to the group under it. It holds all it needs, so that any thread can make it.
#[derive(Debug, Clone)]
pub struct Dab {
    id: SegmentId,
    brush: Brush,
    work: BrushWork,
    erases: bool,
    /// The way of the brush; the first point was the last of the piece before, if there was one.
    way: Vec<Point>,
    is_first: bool,
    /// The group as it was when the stroke began, and as it is now.
    start: LabelMap,
    now: LabelMap,
    scan: Scan,
    allowed: Allowed,
}

impl Editor {
    /// The piece of a stroke from its last point `last` over `points`, on the group that was `start` and is `now`. Clones
    /// share voxels.
    pub(super) fn dab(
        &self,
        (last, points): (Option<Point>, &[Point]),
        (brush, erases): (Brush, bool),
        (start, now): (&LabelMap, &LabelMap),
        scan: &Scan,
    ) -> Option<Dab> {
        let id = self.segment?;
        let mut locked = vec![false; 256];
        for Segment { id, locked: is_locked, .. } in start.segments() {
            locked[usize::from(id.0)] = *is_locked && Some(*id) != self.segment;
        }
        let is_on_grid = scan.grid() == start.grid();
        let allowed = Allowed {
            locked,
            own: id.0,
            inside: self.only_inside,
            range: self.range,
            scan: is_on_grid.then(|| scan.clone()),
        };
        let work = match self.effect {
            Effect::Smooth => BrushWork::Smooth,
            _ if self.similar && !erases && is_on_grid => BrushWork::Similar,
            _ => BrushWork::All,
        };
        let way = last.into_iter().chain(points.iter().copied()).collect();
        let (start, now, scan) = (start.clone(), now.clone(), scan.clone());
        Some(Dab { id, brush, work, erases, way, is_first: last.is_none(), start, now, scan, allowed })
    }
}

impl Dab {
    /// Whether it takes longer than a frame may.
    pub(super) fn is_long(&self) -> bool {
        AT_ONCE < stroke_cost(self.now.grid(), &self.way, self.brush, self.work)
    }

    /// The group with it; `None` if the brush is beside the grid: the command says so when the button goes up.
    pub(super) fn made(&self) -> Option<LabelMap> {
        let Self { id, brush, work, erases, way, is_first, start, now, scan, allowed } = self;
        let may_change = |offset: usize, old: u8| allowed.holds(offset, old);
        let marks = match work {
            // Each dab is one of its own: the last of the piece before is there already.
            BrushWork::Similar => stroke_along_edges(scan, &way[usize::from(!is_first)..], *brush, None),
            BrushWork::All | BrushWork::Smooth => stroke(now.grid(), way, *brush),
        }
        .ok()?;
        Some(match work {
            // What is smoothed already would be smoothed more than the command does: all is read from the beginning.
            BrushWork::Smooth => smoothed_onto((start, now), *id, &marks, brush.sigma_mm(), may_change),
            BrushWork::All | BrushWork::Similar => painted(now, *id, &marks, *erases, may_change),
        })
    }
}
