//! Lines and rings with soft edges on the pixels of a picture.

/// Pixels that are drawn on: red, green, blue, opacity, row by row from the top.
#[derive(Debug)]
pub(super) struct Canvas<'a> {
    pub(super) size: [usize; 2],
    pub(super) rgba: &'a mut [u8],
}

/// Under every line, so that it is seen on any ground.
const SHADE: [u8; 3] = [0, 0, 0];

impl Canvas<'_> {
    /// A straight line with a dark edge.
    pub(super) fn line(&mut self, from: [f64; 2], to: [f64; 2], width: f64, colour: [u8; 3]) {
        let reach = 0.5 * width + 2.0;
        let low = [0, 1].map(|axis| from[axis].min(to[axis]) - reach);
        let high = [0, 1].map(|axis| from[axis].max(to[axis]) + reach);
        let (along, length) = ([to[0] - from[0], to[1] - from[1]], (to[0] - from[0]).hypot(to[1] - from[1]));
        self.soft(low, high, width, colour, |[x, y]| {
            let off = [x - from[0], y - from[1]];
            let part = (off[0] * along[0] + off[1] * along[1]) / (length * length).max(1e-9);
            let part = part.clamp(0.0, 1.0);
            (off[0] - part * along[0]).hypot(off[1] - part * along[1])
        });
    }

    /// A ring with a dark edge.
    pub(super) fn ring(&mut self, centre: [f64; 2], radius: f64, width: f64, colour: [u8; 3]) {
        let reach = radius + 0.5 * width + 2.0;
        let (low, high) = (centre.map(|x| x - reach), centre.map(|x| x + reach));
        self.soft(low, high, width, colour, |[x, y]| ((x - centre[0]).hypot(y - centre[1]) - radius).abs());
    }

    /// What is nearer than half of `width` in this colour, with an edge of one pixel of shade.
    fn soft(&mut self, low: [f64; 2], high: [f64; 2], width: f64, colour: [u8; 3], away: impl Fn([f64; 2]) -> f64) {
        let first = low.map(|x| x.floor().max(0.0) as usize);
        let last = [0, 1].map(|axis| (high[axis].ceil().max(0.0) as usize).min(self.size[axis]));
        for y in first[1]..last[1] {
            for x in first[0]..last[0] {
                let far = away([x as f64 + 0.5, y as f64 + 0.5]) - 0.5 * width;
                self.mix([x, y], SHADE, 0.6 * (1.5 - far).clamp(0.0, 1.0));
                self.mix([x, y], colour, (0.5 - far).clamp(0.0, 1.0));
            }
        }
    }

    fn mix(&mut self, [x, y]: [usize; 2], colour: [u8; 3], share: f64) {
        let start = 4 * (y * self.size[0] + x);
        for (own, new) in self.rgba[start..start + 3].iter_mut().zip(colour) {
            *own = (f64::from(*own) + (f64::from(new) - f64::from(*own)) * share).round() as u8;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_rings_lie_where_they_are_drawn_and_nothing_else_changes() {
        let size = [40, 30];
        let mut rgba = [90, 90, 90, 255].repeat(size[0] * size[1]);
        let mut canvas = Canvas { size, rgba: &mut rgba };
        canvas.line([5.0, 10.0], [35.0, 10.0], 2.0, [255, 0, 0]);
        canvas.ring([20.5, 20.5], 6.0, 2.0, [0, 255, 0]);
        // Ends beside the picture are cut off there.
        canvas.line([-50.0, 29.5], [90.0, 29.5], 1.0, [0, 0, 255]);
        let pixel = |x: usize, y: usize| [0, 1, 2, 3].map(|c| rgba[4 * (y * size[0] + x) + c]);
        assert_eq!(pixel(20, 10), [255, 0, 0, 255]);
        assert_eq!(pixel(26, 20), [0, 255, 0, 255]);
        assert_eq!(pixel(0, 29), [0, 0, 255, 255]);
        for (x, y) in [(20, 20), (2, 10), (20, 4), (38, 20)] {
            assert_eq!(pixel(x, y), [90, 90, 90, 255], "{x} {y}");
        }
    }
}
