//! Encoding of a JPEG-LS image.

use super::bits::BitWriter;
use super::marker::{self, FrameHeader};
use super::model::{Context, J, Parameters, RunContext, predict};

/// Encode one component; no sample changes by more than `near`, so that 0 is lossless.
///
/// `samples` holds `rows` × `columns` values below 2^`bits`. `None` if their number, a size (1 to 65535), `bits`
/// (2 to 16) or `near` does not allow that.
pub fn encode(frame: FrameHeader, samples: &[u16], near: u8) -> Option<Vec<u8>> {
    let FrameHeader { bits, columns, rows } = frame;
    let sized =
        [columns, rows].iter().all(|n| (1..=usize::from(u16::MAX)).contains(n)) && samples.len() == columns * rows;
    let fits = (2..=16).contains(&bits) && samples.iter().all(|sample| u32::from(*sample) >> bits == 0);
    let parameters = Parameters::new(bits, i32::from(near), [0; 5]).ok().filter(|_| sized && fits)?;
    let mut encoder = Encoder {
        writer: BitWriter::default(),
        contexts: vec![Context::new(parameters.range); 365],
        run_contexts: [0, 1].map(|kind| RunContext::new(parameters.range, kind)),
        run_index: 0,
        parameters,
    };
    let mut above = vec![0_i32; columns + 2];
    let mut line = vec![0_i32; columns + 2];
    for row in samples.chunks_exact(columns) {
        line[0] = above[1];
        above[columns + 1] = above[columns];
        encoder.line(&above, &mut line, row);
        std::mem::swap(&mut above, &mut line);
    }
    let mut out = marker::write(frame, near);
    out.extend(encoder.writer.finish());
    out.extend(marker::END);
    Some(out)
}

struct Encoder {
    writer: BitWriter,
    contexts: Vec<Context>,
    run_contexts: [RunContext; 2],
    run_index: usize,
    parameters: Parameters,
}

impl Encoder {
    /// Write one line and leave in `line` what the decoder will see.
    fn line(&mut self, above: &[i32], line: &mut [i32], samples: &[u16]) {
        let columns = samples.len();
        let mut x = 1;
        while x <= columns {
            let [ra, rb, rc, rd] = [line[x - 1], above[x], above[x - 1], above[x + 1]];
            let context = self.parameters.context([ra, rb, rc, rd]);
            if context != 0 {
                line[x] = self.regular(context, predict(ra, rb, rc), i32::from(samples[x - 1]));
                x += 1;
            } else {
                x = self.run(above, line, samples, x);
            }
        }
    }

    fn regular(&mut self, context: i32, prediction: i32, sample: i32) -> i32 {
        let Parameters { maxval, near, reset, limit, qbpp, .. } = self.parameters;
        let sign = context.signum();
        let statistics = &mut self.contexts[context.unsigned_abs() as usize];
        let prediction = (prediction + sign * statistics.c).clamp(0, maxval);
        let error = self.parameters.quantise_error(sign * (sample - prediction));
        let (k, swapped) = statistics.coding(near);
        let signed = if swapped { !error } else { error };
        let mapped = if signed < 0 { -2 * signed - 1 } else { 2 * signed };
        self.writer.golomb(mapped as u32, k, limit, qbpp);
        statistics.update(error, near, reset);
        self.parameters.reconstruct(prediction, sign * error)
    }

    fn run(&mut self, above: &[i32], line: &mut [i32], samples: &[u16], x: usize) -> usize {
        let columns = samples.len();
        let ra = line[x - 1];
        let near = self.parameters.near;
        let alike = |sample: &&u16| (i32::from(**sample) - ra).abs() <= near;
        let mut length = samples[x - 1..].iter().take_while(alike).count();
        let end = x + length;
        line[x..end].fill(ra);
        while 1 << J[self.run_index] <= length {
            self.writer.bits(1, 1);
            length -= 1 << J[self.run_index];
            self.run_index = (self.run_index + 1).min(31);
        }
        if columns < end {
            if 0 < length {
                self.writer.bits(1, 1);
            }
            return end;
        }
        self.writer.bits(length as u32, J[self.run_index] + 1);
        line[end] = self.run_end(ra, above[end], i32::from(samples[end - 1]));
        self.run_index = self.run_index.saturating_sub(1);
        end + 1
    }

    fn run_end(&mut self, ra: i32, rb: i32, sample: i32) -> i32 {
        let Parameters { near, reset, limit, qbpp, .. } = self.parameters;
        let alike = (ra - rb).abs() <= near;
        let (prediction, sign) = match (alike, rb < ra) {
            (true, _) => (ra, 1),
            (false, false) => (rb, 1),
            (false, true) => (rb, -1),
        };
        let error = self.parameters.quantise_error(sign * (sample - prediction));
        let statistics = &mut self.run_contexts[usize::from(alike)];
        let k = statistics.golomb_parameter();
        let mapped = statistics.mapped_from_error(error, k);
        self.writer.golomb(mapped as u32, k, limit - J[self.run_index] - 1, qbpp);
        statistics.update(error, mapped, reset);
        self.parameters.reconstruct(prediction, sign * error)
    }
}
