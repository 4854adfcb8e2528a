//! Measurements of the nozzle of the FDA's first flow benchmark, one text file per laboratory (Hariharan et al. 2011, J
//! Biomech Eng 133:041002; U.S. Government work, doi 10.17917/C78G69).

use std::path::Path;

/// A measured series: places along the axis in mm or radii in mm, and values in SI units.
pub type Series = Vec<[f64; 2]>;

/// What one laboratory measured.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Laboratory {
    /// Its number.
    pub code: u32,
    /// Velocity along the axis at places on it, m/s.
    pub axis_m_s: Series,
    /// Pressure on the wall at places along the axis, Pa.
    pub wall_pa: Series,
    /// Width of the jet where it has half the speed of the axis at places along it, mm.
    pub jet_mm: Series,
    /// At places along the axis in mm: velocity along it at radii in mm, m/s.
    pub profiles_m_s: Vec<(f64, Series)>,
}

impl Laboratory {
    /// Read the text of a file.
    ///
    /// # Errors
    /// A sentence with the line that is not as it should be.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut own = Self::default();
        let mut lines = text.lines().enumerate().peekable();
        while let Some((_, line)) = lines.next() {
            let mut words = line.split_whitespace();
            match words.next() {
                Some("dataset-code") => {
                    let code = words.next().and_then(|word| word.parse().ok());
                    own.code = code.ok_or_else(|| format!("'{line}' has no number"))?;
                }
                Some("plot-z-distribution-axial-velocity") => own.axis_m_s = series(&mut lines, line)?,
                Some("plot-wall-distribution-pressure") => own.wall_pa = series(&mut lines, line)?,
                Some("plot-jet-width-0") => {
                    own.jet_mm =
                        series(&mut lines, line)?.into_iter().map(|[at, width_m]| [at, 1e3 * width_m]).collect();
                }
                Some("plot-profile-axial-velocity-at-z") => {
                    let place: Option<f64> = words.next().and_then(|word| word.parse().ok());
                    let place_m = place.ok_or_else(|| format!("'{line}' has no place"))?;
                    own.profiles_m_s.push((1e3 * place_m, series(&mut lines, line)?));
                }
                _ => {}
            }
        }
        Ok(own)
    }
}

/// A count, then so many lines of place in m and value.
fn series<'a>(lines: &mut impl Iterator<Item = (usize, &'a str)>, heading: &str) -> Result<Series, String> {
    let count = lines.next().and_then(|(_, line)| line.trim().parse::<usize>().ok());
    let count = count.ok_or_else(|| format!("'{heading}' is not followed by a count"))?;
    let pair = |(n, line): (usize, &str)| {
        let mut numbers = line.split_whitespace().map(str::parse::<f64>);
        match (numbers.next(), numbers.next()) {
            (Some(Ok(at_m)), Some(Ok(value))) if at_m.is_finite() && value.is_finite() => Ok([1e3 * at_m, value]),
            _ => Err(format!("line {}, '{line}', is not two numbers", n + 1)),
        }
    };
    let all: Series = lines.take(count).map(pair).collect::<Result<_, _>>()?;
    if all.len() < count {
        return Err(format!("'{heading}' ends after {} of {count} lines", all.len()));
    }
    Ok(all)
}

/// What all laboratories of a folder measured, in the order of their files' names.
///
/// # Errors
/// A sentence with the file that cannot be read.
pub fn laboratories(folder: &Path) -> Result<Vec<Laboratory>, String> {
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    let entries = std::fs::read_dir(folder).map_err(failed)?;
    let mut paths: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    paths.sort();
    let read = |path: &std::path::PathBuf| {
        let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        Laboratory::parse(&text).map_err(|error| format!("{}: {error}", path.display()))
    };
    paths.iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "dataset-code 243\nplot-z-distribution-axial-velocity\n2\n-8.8E-002 8.0E-002\n 0.0 0.75\n\
        plot-jet-width-0\n1\n0.008 0.003\n\
        plot-profile-axial-velocity-at-z 0.00800 0\n1\n0.001 0.5\n";

    #[test]
    fn series_are_read_with_places_in_millimetres() {
        let own = Laboratory::parse(TEXT).unwrap();
        assert_eq!((own.code, own.axis_m_s), (243, vec![[-88.0, 0.08], [0.0, 0.75]]));
        assert_eq!(own.jet_mm, vec![[8.0, 3.0]]);
        assert_eq!(own.profiles_m_s, vec![(8.0, vec![[1.0, 0.5]])]);
    }

    #[test]
    fn what_is_cut_short_or_no_number_is_named() {
        let short = Laboratory::parse(&TEXT.replace("\n1\n0.001", "\n3\n0.001")).unwrap_err();
        assert!(short.contains("ends after 1 of 3"), "{short}");
        let word = Laboratory::parse(&TEXT.replace("0.75", "fast")).unwrap_err();
        assert!(word.contains("line 5"), "{word}");
    }
}
