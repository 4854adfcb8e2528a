//! A table of devices that people bring: one line a dose, read and refused by line and column.

use super::{AblationError, Device, DeviceKind, Dose, ZoneSize, devices};

/// The columns, by names that say their units; they may stand in any order.
pub const COLUMNS: [&str; 9] =
    ["id", "name", "kind", "power_w", "minutes", "long_mm", "short_mm", "behind_tip_mm", "source"];
/// Most devices of a plan, and most lines of a table.
pub const DEVICES_MAX: usize = 200;
const LINES_MAX: usize = 10_000;
/// Most characters of a name or source.
const TEXT_MAX: usize = 500;

/// The numbers of a dose, from `power_w` on: what may be, both ends included.
const RANGES: [[f64; 2]; 5] = [[0.0, 1000.0], [0.01, 240.0], [0.5, 200.0], [0.5, 200.0], [-100.0, 100.0]];

/// The devices of a table whose first line names [`COLUMNS`]. Columns are parted by `;`, tabs or commas, whichever the first line
/// has; a field with one in it stands in quotes. Lines that begin with `#` are remarks.
///
/// # Errors
/// [`AblationError::BadTable`] or [`AblationError::BadCell`] with line and column.
pub fn read_own(text: &str) -> Result<Vec<Device>, AblationError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let is_told = |(_, line): &(usize, &str)| !line.starts_with('#') && !line.trim().is_empty();
    let mut lines = text.lines().enumerate().filter(is_told).map(|(n, line)| (n + 1, line));
    let (head_line, head) =
        lines.next().ok_or_else(|| whole(1, format!("it is empty; name the columns {}", COLUMNS.join(", "))))?;
    let part = [';', '\t', ','].into_iter().find(|part| head.contains(*part)).unwrap_or(';');
    let order = columns(head_line, &fields(head_line, head, part)?)?;
    let mut devices: Vec<(usize, Device)> = Vec::new();
    for (count, (line, text)) in lines.enumerate() {
        if LINES_MAX <= count {
            return Err(whole(line, format!("it has more than {LINES_MAX} lines; leave out doses that are not used")));
        }
        let cells = fields(line, text, part)?;
        if cells.len() != COLUMNS.len() {
            let n = cells.len();
            return Err(whole(line, format!("it has {n} fields, the first line has {}", COLUMNS.len())));
        }
        add(&mut devices, line, &order.map(|at| cells[at].as_str()))?;
    }
    if devices.is_empty() {
        return Err(whole(head_line, "no dose follows; give one line a dose".into()));
    }
    let mut devices: Vec<Device> = devices.into_iter().map(|(_, device)| device).collect();
    devices.iter_mut().for_each(Device::sort);
    Ok(devices)
}

fn whole(line: usize, problem: String) -> AblationError {
    AblationError::BadTable { line, problem }
}

/// Where each of [`COLUMNS`] stands.
fn columns(line: usize, head: &[String]) -> Result<[usize; 9], AblationError> {
    let mut order = [usize::MAX; 9];
    for (at, name) in head.iter().enumerate() {
        let known = COLUMNS.iter().position(|column| *column == name);
        let problem = match known {
            Some(n) if order[n] == usize::MAX => {
                order[n] = at;
                continue;
            }
            Some(_) => "it stands twice".to_owned(),
            None => format!("it is none of {}: lengths are in mm, powers in W, times in minutes", COLUMNS.join(", ")),
        };
        return Err(AblationError::BadCell { line, column: name.clone(), problem });
    }
    match order.iter().position(|at| *at == usize::MAX) {
        Some(n) => {
            Err(whole(line, format!("the column {} is missing; name all of {}", COLUMNS[n], COLUMNS.join(", "))))
        }
        None => Ok(order),
    }
}

/// The fields of a line; what stands in quotes may hold the separator, and a doubled quote is one (RFC 4180).
fn fields(line: usize, text: &str, part: char) -> Result<Vec<String>, AblationError> {
    let mut all = vec![String::new()];
    let (mut quoted, mut letters) = (false, text.chars().peekable());
    while let Some(letter) = letters.next() {
        let field = all.last_mut().expect("there is a field");
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                field.push('"');
            }
            '"' if quoted => quoted = false,
            '"' if field.trim().is_empty() => {
                field.clear();
                quoted = true;
            }
            letter if letter == part && !quoted => all.push(String::new()),
            letter => field.push(letter),
        }
    }
    if quoted {
        return Err(whole(line, "a quote is not closed".into()));
    }
    Ok(all.into_iter().map(|field| field.trim().to_owned()).collect())
}

/// The dose of a line, put to its device.
fn add(devices: &mut Vec<(usize, Device)>, line: usize, cells: &[&str; 9]) -> Result<(), AblationError> {
    let bad = |column: usize, problem: String| {
        Err(AblationError::BadCell { line, column: COLUMNS[column].to_owned(), problem })
    };
    for column in [0, 1, 8] {
        let count = cells[column].chars().count();
        if count == 0 {
            let what = if column == 8 { "say where the figures come from" } else { "it is empty" };
            return bad(column, what.into());
        }
        if TEXT_MAX < count {
            return bad(column, format!("it has {count} characters; {TEXT_MAX} are the limit"));
        }
    }
    let kind = match cells[2] {
        "microwave" => DeviceKind::Microwave,
        "rf" => DeviceKind::Rf,
        "cryo" => DeviceKind::Cryo,
        other => return bad(2, format!("'{other}' is none of microwave, rf and cryo")),
    };
    let mut numbers = [0.0; 5];
    for (n, number) in numbers.iter_mut().enumerate() {
        let (cell, [low, high]) = (cells[3 + n], RANGES[n]);
        let Ok(value) = cell.parse::<f64>() else {
            return bad(3 + n, format!("'{cell}' is no number; write it as 12.5"));
        };
        if !(low..=high).contains(&value) {
            return bad(3 + n, format!("{value} is out of range; it must be {low} to {high}"));
        }
        *number = value;
    }
    let [power_w, minutes, long_mm, short_mm, behind_tip_mm] = numbers;
    let dose = Dose { power_w, minutes, zone: ZoneSize { long_mm, short_mm, behind_tip_mm } };
    let [id, name, source] = [cells[0], cells[1], cells[8]].map(str::to_owned);
    if devices_named(&id) {
        return bad(0, format!("'{id}' is a device of the built-in table; call it otherwise"));
    }
    let Some((first, device)) = devices.iter_mut().find(|(_, device)| device.id == id) else {
        if DEVICES_MAX <= devices.len() {
            return bad(0, format!("there are more than {DEVICES_MAX} devices; leave some out"));
        }
        devices.push((line, Device { id, name, kind, doses: vec![dose], source }));
        return Ok(());
    };
    if device.name != name || device.kind != kind {
        let column = if device.name == name { 2 } else { 1 };
        return bad(column, format!("it is another one in line {first}, which has the same id '{id}'"));
    }
    if device.doses.iter().any(|own| own.power_w == power_w && own.minutes == minutes) {
        return bad(4, format!("{power_w} W for {minutes} min of '{id}' stand there twice"));
    }
    device.doses.push(dose);
    if device.source.split("; ").all(|own| own != source) {
        device.source = format!("{}; {source}", device.source);
    }
    Ok(())
}

fn devices_named(id: &str) -> bool {
    devices().iter().any(|device| device.id == id)
}

/// Whether devices that a plan brings can be used: of a file that was changed by hand too.
///
/// # Errors
/// A sentence with the device that cannot.
pub fn sound(own: &[Device]) -> Result<(), String> {
    if DEVICES_MAX < own.len() {
        return Err(format!("the plan brings {} devices; {DEVICES_MAX} are the limit", own.len()));
    }
    for (n, device) in own.iter().enumerate() {
        let Device { id, doses, source, .. } = device;
        let is_known = devices_named(id) || own[..n].iter().any(|other| other.id == *id);
        if is_known || id.is_empty() || source.is_empty() {
            return Err(format!("the device '{id}' of the plan has the id of another, no id or no source"));
        }
        let in_range = |dose: &Dose| {
            let Dose { power_w, minutes, zone: ZoneSize { long_mm, short_mm, behind_tip_mm } } = *dose;
            let values = [power_w, minutes, long_mm, short_mm, behind_tip_mm];
            values.iter().zip(RANGES).all(|(value, [low, high])| (low..=high).contains(value))
        };
        if doses.is_empty() || !doses.iter().all(in_range) || !device.is_sorted() {
            return Err(format!(
                "the device '{id}' of the plan has no dose, or one that is out of range or not in order"
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "id;name;kind;power_w;minutes;long_mm;short_mm;behind_tip_mm;source";

    #[test]
    fn a_table_of_one_s_own_is_read_in_any_order_and_with_any_separator() {
        let plain =
            format!("# ours\n{HEAD}\na;Ours;rf;100;12;32;28;15;Smith 2019\na;Ours;rf;100;6;30;24;14.5;our tests\n");
        let devices = read_own(&plain).unwrap();
        assert_eq!((devices.len(), devices[0].doses.len()), (1, 2));
        assert_eq!(devices[0].source, "Smith 2019; our tests");
        assert_eq!(devices[0].zone(100.0, 6.0).unwrap().short_mm, 24.0);
        assert!(devices[0].zone(100.0, 9.0).unwrap().long_mm == 31.0 && devices[0].zone(100.0, 13.0).is_err());
        assert_eq!(sound(&devices), Ok(()));
        let turned = "\u{feff}source,long_mm,short_mm,id,name,kind,power_w,minutes,behind_tip_mm\n\"Smith, J. \"\"Zones\"\" 2019\",32,28,a,Ours,cryo,0,12,15\n";
        let device = &read_own(turned).unwrap()[0];
        assert_eq!((device.source.as_str(), device.kind), ("Smith, J. \"Zones\" 2019", DeviceKind::Cryo));
        assert!(read_own(&plain.replace(';', "\t")).is_ok());
    }

    #[test]
    fn what_is_wrong_is_named_by_line_and_column() {
        let said = |text: &str| read_own(text).unwrap_err().to_string();
        let with = |row: &str| said(&format!("{HEAD}\na;Ours;rf;100;6;30;24;14;test\n{row}"));
        assert!(said("").contains("line 1") && said("").contains("behind_tip_mm"));
        assert!(said(HEAD).contains("no dose follows"));
        assert!(said(&HEAD.replace("long_mm", "long_cm")).starts_with("line 1, column long_cm"));
        assert!(said(&HEAD.replace("long_mm", "short_mm")).contains("stands twice"));
        assert!(said(&HEAD.replace(";source", "")).contains("the column source is missing"));
        assert!(with("b;B;rf;100;6;30;24;14").contains("line 3 of the device table: it has 8 fields"));
        assert!(with("b;B;laser;100;6;30;24;14;t").starts_with("line 3, column kind"));
        assert!(with("b;B;rf;100;6,5;30;24;14;t").starts_with("line 3, column minutes"));
        assert!(with("b;B;rf;100;0;30;24;14;t").contains("0 is out of range"));
        assert!(with("b;B;rf;100;6;NaN;24;14;t").starts_with("line 3, column long_mm"));
        assert!(with("b;B;rf;100;6;30;24;14; ").starts_with("line 3, column source"));
        assert!(with("a;Other;rf;100;8;30;24;14;t").contains("another one in line 2"));
        assert!(with("a;Ours;rf;100;6;31;24;14;t").contains("stand there twice"));
        assert!(with("rf-example;Ours;rf;100;6;31;24;14;t").contains("built-in"));
        assert!(with("b;\"B;rf;100;6;31;24;14;t").contains("a quote is not closed"));
    }

    #[test]
    fn devices_of_damaged_plans_are_refused() {
        let device = || read_own(&format!("{HEAD}\na;Ours;rf;100;6;30;24;14;test")).unwrap().remove(0);
        let said = |change: &dyn Fn(&mut Vec<Device>)| {
            let mut own = vec![device()];
            change(&mut own);
            sound(&own).unwrap_err()
        };
        assert!(said(&|own| own.push(device())).contains("the id of another"));
        assert!(said(&|own| own[0].id = "rf-example".into()).contains("the id of another"));
        assert!(said(&|own| own[0].doses[0].zone.long_mm = f64::NAN).contains("out of range"));
        assert!(said(&|own| own[0].doses.clear()).contains("no dose"));
        assert!(said(&|own| *own = vec![device(); 300]).contains("300 devices"));
    }
}
