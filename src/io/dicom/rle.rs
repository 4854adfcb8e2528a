//! DICOM RLE: PackBits segments, one for each byte of a sample, the highest first (PS3.5, Annex G).

/// The bytes of one frame, little endian, `pixels` samples of `bytes_per_sample`.
///
/// # Errors
/// A sentence on what is wrong with the stream.
pub(super) fn decode(data: &[u8], pixels: usize, bytes_per_sample: usize) -> Result<Vec<u8>, String> {
    let number = |n: usize| data.get(4 * n..4 * n + 4).and_then(|b| b.try_into().ok()).map(u32::from_le_bytes);
    let segments = number(0).ok_or("the RLE header is cut off")? as usize;
    if data.len() < 64 || segments != bytes_per_sample {
        return Err(format!("the RLE stream has {segments} segments where the image needs {bytes_per_sample}"));
    }
    let mut out = vec![0; pixels * bytes_per_sample];
    for segment in 0..segments {
        let start = number(1 + segment).unwrap_or(0) as usize;
        let end = if segment + 1 < segments { number(2 + segment).unwrap_or(0) as usize } else { data.len() };
        let packed = data.get(start..end).filter(|_| 64 <= start).ok_or("an RLE segment lies outside the stream")?;
        let byte = bytes_per_sample - 1 - segment;
        let filled = unpack(packed, out[byte..].iter_mut().step_by(bytes_per_sample));
        if filled < pixels {
            return Err(format!("the RLE stream ends after {filled} of {pixels} pixels"));
        }
    }
    Ok(out)
}

/// Unpack until the output is full; returns how many bytes were written.
fn unpack<'a>(packed: &[u8], mut out: impl Iterator<Item = &'a mut u8>) -> usize {
    let mut filled = 0;
    let mut at = 0;
    while let Some(&head) = packed.get(at) {
        at += 1;
        let mut put = |byte: u8| {
            let place = out.next();
            filled += usize::from(place.is_some());
            place.map(|place| *place = byte).is_some()
        };
        match head {
            0..=127 => {
                let literal = &packed[at..packed.len().min(at + usize::from(head) + 1)];
                at += literal.len();
                if !literal.iter().all(|byte| put(*byte)) {
                    break;
                }
            }
            128 => {}
            129.. => {
                let Some(&byte) = packed.get(at) else { break };
                at += 1;
                if !(0..257 - usize::from(head)).all(|_| put(byte)) {
                    break;
                }
            }
        }
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_and_literals_fill_the_bytes_of_samples() {
        let mut data = vec![0; 64];
        data[0] = 2;
        data[4] = 64;
        data[8] = 66;
        data.extend([0xFD, 7]); // high bytes: four times 7
        data.extend([1, 1, 2, 0xFF, 9]); // low bytes: 1, 2, then twice 9
        assert_eq!(decode(&data, 4, 2).unwrap(), [1, 7, 2, 7, 9, 7, 9, 7]);
        assert_eq!(decode(&data, 5, 2).unwrap_err(), "the RLE stream ends after 4 of 5 pixels");
        assert!(decode(&data, 4, 1).is_err() && decode(&data[..70], 4, 2).is_err() && decode(&[], 4, 2).is_err());
    }
}
