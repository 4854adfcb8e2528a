//! Decoding of a JPEG-LS image.

use super::bits::BitReader;
use super::marker::{self, FrameHeader, JpegLsError};
use super::model::{Context, J, Parameters, RunContext, predict};

/// Decode a one-component image; one value per sample, row by row.
///
/// The caller compares the frame header (see [`marker::frame_header`]) with what it expects before asking for the
/// samples, since the header decides how much memory they take.
///
/// # Errors
/// [`JpegLsError`] for damaged, truncated or unsupported streams.
pub fn decode(data: &[u8]) -> Result<(FrameHeader, Vec<u16>), JpegLsError> {
    let headers = marker::read(data)?;
    let FrameHeader { bits, columns, rows } = headers.frame;
    let parameters = Parameters::new(bits, headers.near, headers.preset)?;
    let mut decoder = Decoder {
        reader: BitReader::new(&data[headers.scan_start.min(data.len())..]),
        contexts: vec![Context::new(parameters.range); 365],
        run_contexts: [0, 1].map(|kind| RunContext::new(parameters.range, kind)),
        run_index: 0,
        parameters,
    };
    // Lines have one sample before and one after the image (T.87, A.2.1).
    let mut above = vec![0_i32; columns + 2];
    let mut line = vec![0_i32; columns + 2];
    let mut samples = Vec::with_capacity(columns * rows);
    for row in 0..rows {
        line[0] = above[1];
        above[columns + 1] = above[columns];
        decoder.line(&above, &mut line)?;
        if decoder.reader.is_overrun() {
            return Err(JpegLsError::Truncated { line: row + 1, lines: rows });
        }
        samples.extend(line[1..=columns].iter().map(|value| *value as u16));
        std::mem::swap(&mut above, &mut line);
    }
    Ok((headers.frame, samples))
}

struct Decoder<'a> {
    reader: BitReader<'a>,
    contexts: Vec<Context>,
    run_contexts: [RunContext; 2],
    run_index: usize,
    parameters: Parameters,
}

const BAD_CODE: JpegLsError = JpegLsError::Damaged("a code is longer than allowed");

impl Decoder<'_> {
    fn line(&mut self, above: &[i32], line: &mut [i32]) -> Result<(), JpegLsError> {
        let columns = line.len() - 2;
        let above = &above[..columns + 2];
        let mut x = 1;
        while x <= columns {
            let [ra, rb, rc, rd] = [line[x - 1], above[x], above[x - 1], above[x + 1]];
            let context = self.parameters.context([ra, rb, rc, rd]);
            if context != 0 {
                line[x] = self.regular(context, predict(ra, rb, rc))?;
                x += 1;
            } else {
                x = self.run(above, line, x)?;
            }
        }
        Ok(())
    }

    #[inline]
    fn regular(&mut self, context: i32, prediction: i32) -> Result<i32, JpegLsError> {
        let Parameters { maxval, near, reset, limit, qbpp, range, .. } = self.parameters;
        // −1 for negative contexts, whose statistics are those of the mirrored one.
        let mirror = context >> 31;
        let statistics = &mut self.contexts[context.unsigned_abs() as usize];
        let prediction = (prediction + ((statistics.c ^ mirror) - mirror)).clamp(0, maxval);
        let (k, swapped) = statistics.coding(near);
        let mapped = if k <= 24 { self.reader.golomb(k, limit, qbpp) } else { None };
        let mapped = mapped.filter(|value| *value <= range + 1).ok_or(BAD_CODE)?;
        let error = ((mapped >> 1) ^ -(mapped & 1)) ^ -i32::from(swapped);
        statistics.update(error, near, reset);
        Ok(self.parameters.reconstruct(prediction, (error ^ mirror) - mirror))
    }

    /// A run from column `x` on, and the sample that ends it; returns the next column.
    fn run(&mut self, above: &[i32], line: &mut [i32], mut x: usize) -> Result<usize, JpegLsError> {
        let columns = line.len() - 2;
        let ra = line[x - 1];
        while self.reader.bit() {
            let length = 1_usize << J[self.run_index];
            let end = (x + length).min(columns + 1);
            line[x..end].fill(ra);
            if end == x + length && self.run_index < 31 {
                self.run_index += 1;
            }
            x = end;
            if columns < x {
                return Ok(x);
            }
        }
        let j = J[self.run_index];
        let end = x + self.reader.bits(j) as usize;
        if columns < end {
            return Err(JpegLsError::Damaged("a run is longer than its line"));
        }
        line[x..end].fill(ra);
        line[end] = self.run_end(ra, above[end])?;
        self.run_index = self.run_index.saturating_sub(1);
        Ok(end + 1)
    }

    fn run_end(&mut self, ra: i32, rb: i32) -> Result<i32, JpegLsError> {
        let Parameters { near, reset, limit, qbpp, range, .. } = self.parameters;
        let alike = (ra - rb).abs() <= near;
        let statistics = &mut self.run_contexts[usize::from(alike)];
        let k = statistics.golomb_parameter();
        let limit = limit - J[self.run_index] - 1;
        let mapped = if k <= 24 { self.reader.golomb(k, limit, qbpp) } else { None };
        let mapped = mapped.filter(|value| *value <= range + 1).ok_or(BAD_CODE)?;
        let error = statistics.error_from_mapped(mapped, k);
        statistics.update(error, mapped, reset);
        let (prediction, error) = match (alike, rb < ra) {
            (true, _) => (ra, error),
            (false, false) => (rb, error),
            (false, true) => (rb, -error),
        };
        Ok(self.parameters.reconstruct(prediction, error))
    }
}
