//! The description of a tool's parameters: one table gives the script form, the command line and the default panel.

use super::CommandError;
use crate::base::units;
use serde::Serialize;
use serde_json::{Map, Value};
use std::path::Path;

/// What a node parameter must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum NodeKind {
    /// An image series.
    Scan,
    /// Segments on a grid.
    Labels,
    /// A triangle surface.
    Surface,
    /// A tetrahedral mesh.
    Tets,
    /// Centre lines of vessels.
    Lines,
    /// A soft-tissue result.
    Tissue,
    /// A flow result.
    Flow,
    /// Something measured in a picture.
    Measure,
    /// A saved view.
    View,
    /// A plan of an operation.
    Plan,
}

impl NodeKind {
    /// The kind with its article, for sentences.
    pub fn words(self) -> &'static str {
        match self {
            Self::Scan => "a scan",
            Self::Labels => "a segmentation",
            Self::Surface => "a surface",
            Self::Tets => "a tetrahedral mesh",
            Self::Lines => "a set of centre lines",
            Self::Tissue => "a tissue result",
            Self::Flow => "a flow result",
            Self::Measure => "a measure",
            Self::View => "a saved view",
            Self::Plan => "a plan",
        }
    }
}

/// What a parameter may be.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The id of a node with data of this kind.
    Node(NodeKind),
    /// The id of any node.
    AnyNode,
    /// A real number between the two limits, both included.
    Number(f64, f64),
    /// A whole number between the two limits, both included.
    Integer(i64, i64),
    /// Yes or no.
    Bool,
    /// Any text.
    Text,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A file or folder.
    Path,
    /// Three numbers: a place or direction in patient space (LPS).
    Point,
    /// Several places in patient space (LPS), at least one.
    Points,
    /// A list of records, each with fields of its own: what the window writes and the command line does again.
    Records,
}

/// One parameter.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ParamSpec {
    /// Its name in scripts; on the command line with hyphens.
    pub name: &'static str,
    /// What it may be.
    pub kind: Kind,
    /// Its unit as shown; empty for none.
    pub unit: &'static str,
    /// Its default as JSON; `None` for a parameter that must be given.
    pub default: Option<&'static str>,
    /// One sentence of help.
    pub help: &'static str,
}

impl ParamSpec {
    /// A parameter that must be given.
    pub const fn needed(name: &'static str, kind: Kind, unit: &'static str, help: &'static str) -> Self {
        Self { name, kind, unit, default: None, help }
    }

    /// A parameter with a default, written as JSON.
    pub const fn with(
        name: &'static str,
        kind: Kind,
        unit: &'static str,
        default: &'static str,
        help: &'static str,
    ) -> Self {
        Self { name, kind, unit, default: Some(default), help }
    }

    /// The default as a value; `Null` if it must be given.
    pub fn default_value(&self) -> Value {
        self.default.map_or(Value::Null, |text| serde_json::from_str(text).expect("defaults in tables are JSON"))
    }

    /// Read the parameter from a text as written on the command line.
    ///
    /// # Errors
    /// A sentence naming the parameter, the text and what was expected.
    pub fn parse(&self, text: &str) -> Result<Value, String> {
        let name = self.name;
        let number = |text: &str| units::parse(text, self.unit).map_err(|problem| format!("{name}: {problem}"));
        match self.kind {
            Kind::Node(_) | Kind::AnyNode => text
                .trim_start_matches('#')
                .parse::<u32>()
                .map(Value::from)
                .map_err(|_| format!("{name}: '{text}' is not the number of an object")),
            Kind::Number(..) => Ok(Value::from(number(text)?)),
            Kind::Integer(..) => match number(text)? {
                whole if whole.fract() == 0.0 && whole.abs() < 9e15 => Ok(Value::from(whole as i64)),
                _ => Err(format!("{name}: '{text}' is not a whole number")),
            },
            Kind::Bool => match text {
                "true" | "yes" | "on" => Ok(Value::Bool(true)),
                "false" | "no" | "off" => Ok(Value::Bool(false)),
                _ => Err(format!("{name}: '{text}' is neither yes nor no")),
            },
            Kind::Text | Kind::Choice(_) | Kind::Path => Ok(Value::from(text)),
            Kind::Records => {
                serde_json::from_str(text).map_err(|problem| format!("{name}: this is not a list in JSON: {problem}"))
            }
            Kind::Points => {
                let point = Self { kind: Kind::Point, ..*self };
                let points = text.split(';').map(str::trim).filter(|part| !part.is_empty());
                Ok(Value::from(points.map(|part| point.parse(part)).collect::<Result<Vec<_>, _>>()?))
            }
            Kind::Point => {
                let parts: Vec<f64> = text.split(',').map(number).collect::<Result<_, _>>()?;
                if parts.len() == 3 {
                    Ok(Value::from(parts))
                } else {
                    Err(format!("{name}: '{text}' must be three numbers with commas, e.g. 12.5,-3,40"))
                }
            }
        }
    }

    /// Check a value against kind and limits.
    ///
    /// # Errors
    /// A sentence naming the parameter, the value and the limit.
    pub fn check(&self, value: &Value) -> Result<(), String> {
        let Self { name, unit, .. } = self;
        if value.is_null() && self.default == Some("null") {
            return Ok(());
        }
        let space = if unit.is_empty() { "" } else { " " };
        match self.kind {
            Kind::Node(_) | Kind::AnyNode => match value.as_u64() {
                Some(id) if u32::try_from(id).is_ok() => Ok(()),
                _ => Err(format!("{name} = {value} is not the number of an object")),
            },
            Kind::Number(low, high) => match value.as_f64() {
                Some(number) if low <= number && number <= high => Ok(()),
                Some(number) => Err(format!("{name} = {number}{space}{unit} is outside {low} to {high}{space}{unit}")),
                None => Err(format!("{name} = {value} is not a number")),
            },
            Kind::Integer(low, high) => match value.as_i64() {
                Some(number) if low <= number && number <= high => Ok(()),
                Some(number) => Err(format!("{name} = {number}{space}{unit} is outside {low} to {high}{space}{unit}")),
                None => Err(format!("{name} = {value} is not a whole number")),
            },
            Kind::Bool => {
                value.as_bool().map(|_| ()).ok_or_else(|| format!("{name} = {value} is neither true nor false"))
            }
            Kind::Text | Kind::Path => {
                value.as_str().map(|_| ()).ok_or_else(|| format!("{name} = {value} is not a text"))
            }
            Kind::Choice(words) => match value.as_str() {
                Some(word) if words.contains(&word) => Ok(()),
                _ => Err(format!("{name} = {value} is none of {}", words.join(", "))),
            },
            Kind::Records => match value.as_array() {
                Some(records) if records.iter().all(Value::is_object) => Ok(()),
                _ => Err(format!("{name} is not a list of records")),
            },
            Kind::Points => {
                let point = Self { kind: Kind::Point, ..*self };
                match value.as_array() {
                    Some(points) if !points.is_empty() => points.iter().try_for_each(|value| point.check(value)),
                    _ => Err(format!("{name} = {value} is not a list of points, each three numbers")),
                }
            }
            Kind::Point => {
                let numbers = value.as_array().map(|parts| parts.iter().filter_map(Value::as_f64).collect::<Vec<_>>());
                match numbers {
                    Some(parts) if parts.len() == 3 && parts.iter().all(|x| x.is_finite() && x.abs() <= 1e6) => Ok(()),
                    _ => Err(format!("{name} = {value} is not three finite numbers")),
                }
            }
        }
    }
}

/// The paths among `params` that start from no root.
pub(super) fn relative_paths<'a>(
    specs: &'a [ParamSpec],
    params: &'a Value,
) -> impl Iterator<Item = (&'a str, &'a Path)> {
    let paths = specs.iter().filter(|spec| spec.kind == Kind::Path);
    let given = paths.filter_map(|spec| Some((spec.name, Path::new(params.get(spec.name)?.as_str()?))));
    given.filter(|(_, path)| path.is_relative())
}

/// `params` with relative paths starting from `folder`.
pub(super) fn placed(specs: &[ParamSpec], params: &Value, folder: &Path) -> Value {
    let mut placed = params.clone();
    for (name, path) in relative_paths(specs, params) {
        placed[name] = Value::from(folder.join(path).to_string_lossy());
    }
    placed
}

/// `params` with every missing parameter at its default, all checked.
pub(super) fn with_defaults(tool: &str, specs: &[ParamSpec], params: &Value) -> Result<Value, CommandError> {
    let bad = |problem: String| CommandError::BadParams(format!("{tool}: {problem}"));
    let mut full = match params {
        Value::Null => Map::new(),
        Value::Object(map) => map.clone(),
        other => return Err(bad(format!("the parameters must be an object, not {other}"))),
    };
    if let Some(unknown) = full.keys().find(|key| !specs.iter().any(|spec| spec.name == key.as_str())) {
        let known: Vec<&str> = specs.iter().map(|spec| spec.name).collect();
        return Err(bad(format!("there is no parameter '{unknown}'; it has: {}", known.join(", "))));
    }
    for spec in specs {
        let value = match (full.get(spec.name), spec.default) {
            (Some(value), _) => value.clone(),
            (None, Some(_)) => spec.default_value(),
            (None, None) => {
                // The help is behind the colon as it is in the tables, where other languages find it.
                let what = format!("the parameter '{}' is missing", spec.name);
                return Err(bad(format!("{what}: {}", spec.help)));
            }
        };
        spec.check(&value).map_err(bad)?;
        full.insert(spec.name.to_owned(), value);
    }
    Ok(Value::Object(full))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const SPECS: &[ParamSpec] = &[
        ParamSpec::needed("scan", Kind::Node(NodeKind::Scan), "", "the scan"),
        ParamSpec::with("low", Kind::Number(-1024.0, 3071.0), "HU", "150", "lower end"),
        ParamSpec::with("seed", Kind::Point, "mm", "null", "where to start"),
    ];

    #[test]
    fn missing_parameters_get_their_defaults() {
        let full = with_defaults("t", SPECS, &json!({ "scan": 3 })).unwrap();
        assert_eq!(full, json!({ "scan": 3, "low": 150, "seed": null }));
    }

    #[test]
    fn wrong_parameters_are_named_with_value_and_limit() {
        let error = |params| with_defaults("t", SPECS, &params).unwrap_err().to_string();
        assert_eq!(error(json!({})), "t: the parameter 'scan' is missing: the scan");
        assert_eq!(error(json!({ "scan": 1, "low": 9e9 })), "t: low = 9000000000 HU is outside -1024 to 3071 HU");
        assert_eq!(error(json!({ "scan": 1, "seed": [1, 2] })), "t: seed = [1,2] is not three finite numbers");
        assert!(error(json!({ "scan": 1, "lo": 2 })).contains("there is no parameter 'lo'"));
    }

    #[test]
    fn texts_are_read_with_their_units() {
        assert_eq!(SPECS[1].parse("-200 HU"), Ok(json!(-200.0)));
        assert_eq!(SPECS[2].parse("1,2 cm,-3"), Ok(json!([1.0, 20.0, -3.0])));
        assert_eq!(SPECS[0].parse("#4"), Ok(json!(4)));
        let line = ParamSpec::needed("points", Kind::Points, "mm", "where");
        assert_eq!(line.parse("1,2,3; 4,5,6"), Ok(json!([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])));
        assert!(line.check(&json!([[1, 2, 3]])).is_ok());
        assert!(line.check(&json!([])).is_err() && line.check(&json!([[1, 2]])).is_err());
        let whole = ParamSpec::needed("low_hu", Kind::Integer(-1024, 3071), "HU", "lower end");
        assert_eq!(whole.parse("200 HU"), Ok(json!(200)));
        assert!(whole.parse("200.5").is_err() && whole.parse("200 mm").is_err());
    }
}
