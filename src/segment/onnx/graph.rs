//! The graph in an ONNX file: layers, weights, the image it takes and the scores it gives.
//!
//! Numbers of fields are those of onnx.proto of ONNX 1.16. What lies outside the file, or brings programs of its own, is
//! refused here.

use super::wire::{Message, Value, numbers};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Versions of the set of operators.
const OPSETS: std::ops::RangeInclusive<i64> = 9..=22;
/// Most layers and most numbers of a list.
const NODES_MAX: usize = 20_000;
const LIST_MAX: usize = 1 << 16;

/// Numbers of a known shape.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Tensor {
    pub(super) dims: Vec<usize>,
    pub(super) values: Vec<f32>,
}

/// A setting of a layer.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Attribute {
    Float(f32),
    Number(i64),
    Text(String),
    Numbers(Vec<i64>),
    Floats(Vec<f32>),
    Tensor(Arc<Tensor>),
}

/// A layer.
#[derive(Debug, Clone, Default)]
pub(super) struct Node {
    pub(super) kind: String,
    /// Names; empty for inputs that are left out.
    pub(super) inputs: Vec<String>,
    pub(super) output: String,
    pub(super) attributes: BTreeMap<String, Attribute>,
}

/// The whole network.
#[derive(Debug, Clone)]
pub(super) struct Graph {
    pub(super) opset: i64,
    pub(super) nodes: Vec<Node>,
    pub(super) constants: BTreeMap<String, Arc<Tensor>>,
    pub(super) image: String,
    /// Edges of the image that the file fixes, the last the fastest.
    pub(super) fixed: [Option<usize>; 3],
    pub(super) scores: String,
}

/// An input or output: its name and, where it is a tensor, type and lengths.
#[derive(Debug, Default)]
struct Port {
    name: String,
    kind: i64,
    dims: Vec<Option<usize>>,
}

impl Graph {
    /// Read the bytes of an ONNX file.
    ///
    /// # Errors
    /// A sentence: what is wrong or not supported, and where.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, String> {
        let count = Cell::new(0);
        let mut file = Message::new(bytes, &count);
        let (mut graph, mut opset) = (None, None);
        while let Some((field, value)) = file.next()? {
            match (field, value) {
                (7, Value::Bytes(message)) => graph = Some(message),
                (8, Value::Bytes(message)) => {
                    let (domain, version) = operators(message)?;
                    if !matches!(domain.as_str(), "" | "ai.onnx") {
                        return Err(format!(
                            "the network needs operators of '{}', which are not supported",
                            short(&domain)
                        ));
                    }
                    opset = Some(version);
                }
                (20, _) => return Err(refused("instructions for training")),
                (25, _) => return Err(refused("functions of its own")),
                _ => {}
            }
        }
        let graph = graph.ok_or("the file is no network in ONNX form: it holds no graph")?;
        let opset = opset.unwrap_or(0);
        if !OPSETS.contains(&opset) {
            let (low, high) = (OPSETS.start(), OPSETS.end());
            return Err(format!(
                "the network is written in operator set {opset}; {low} to {high} are supported, export it again with one of these"
            ));
        }
        Self::of(graph, opset)
    }

    fn of(mut graph: Message<'_>, opset: i64) -> Result<Self, String> {
        let (mut nodes, mut constants) = (Vec::new(), BTreeMap::new());
        let (mut inputs, mut outputs) = (Vec::new(), Vec::new());
        while let Some((field, value)) = graph.next()? {
            match (field, value) {
                (1, Value::Bytes(message)) => {
                    let node = node(message)?;
                    let constant = if node.kind == "Constant" { node.attributes.values().next() } else { None };
                    match constant {
                        Some(Attribute::Tensor(tensor)) => {
                            constants.insert(node.output.clone(), Arc::clone(tensor));
                        }
                        Some(Attribute::Float(value)) => {
                            let tensor = Tensor { dims: Vec::new(), values: vec![*value] };
                            constants.insert(node.output.clone(), Arc::new(tensor));
                        }
                        _ => nodes.push(node),
                    }
                    if NODES_MAX < nodes.len() {
                        return Err(format!("the network has more than {NODES_MAX} layers"));
                    }
                }
                (5, Value::Bytes(message)) => {
                    let (name, tensor) = tensor(message)?;
                    if constants.insert(name.clone(), Arc::new(tensor)).is_some() {
                        return Err(format!("the weights '{}' are given twice", short(&name)));
                    }
                }
                (11, Value::Bytes(message)) => inputs.push(port(message)?),
                (12, Value::Bytes(message)) => outputs.push(port(message)?),
                (14, _) => return Err(refused("quantised values")),
                (15, _) => return Err(refused("sparse weights")),
                _ => {}
            }
        }
        // Old files list weights among the inputs.
        inputs.retain(|input| !constants.contains_key(&input.name));
        let (image, fixed) = image(&inputs)?;
        let scores = outputs.first().ok_or("the network has no output")?.name.clone();
        Ok(Self { opset, nodes, constants, image, fixed, scores })
    }
}

/// The one input must be an image: [1, 1, …, …, …] of float.
fn image(inputs: &[Port]) -> Result<(String, [Option<usize>; 3]), String> {
    let [input] = inputs else {
        return Err(format!("the network takes {} inputs; one image is supported", inputs.len()));
    };
    if input.kind != 1 {
        return Err("the input of the network is no image of 32 bit float".into());
    }
    let [batch, channels, d, h, w] = input.dims[..] else {
        let n = input.dims.len();
        return Err(format!("the input of the network has {n} axes; [1, 1, depth, height, width] is supported"));
    };
    for (what, n) in [("images at once", batch), ("channels", channels)] {
        if let Some(n) = n.filter(|n| *n != 1) {
            return Err(format!("the network takes {n} {what}; 1 is supported"));
        }
    }
    Ok((input.name.clone(), [d, h, w]))
}

/// The name and version of a set of operators.
fn operators(mut message: Message<'_>) -> Result<(String, i64), String> {
    let (mut domain, mut version) = (String::new(), 0);
    while let Some((field, value)) = message.next()? {
        match (field, value) {
            (1, Value::Bytes(text)) => domain = text.text(),
            (2, Value::Number(number)) => version = number as i64,
            _ => {}
        }
    }
    Ok((domain, version))
}

fn node(mut message: Message<'_>) -> Result<Node, String> {
    let mut node = Node::default();
    let mut outputs = 0;
    while let Some((field, value)) = message.next()? {
        match (field, value) {
            (1, Value::Bytes(text)) => node.inputs.push(text.text()),
            (2, Value::Bytes(text)) => {
                // Layers such as Dropout have more outputs for training; whoever reads one of these finds it missing.
                if outputs == 0 {
                    node.output = text.text();
                }
                outputs += 1;
            }
            (4, Value::Bytes(text)) => node.kind = short(&text.text()),
            (5, Value::Bytes(message)) => {
                let (name, attribute) = attribute(message)?;
                node.attributes.extend(attribute.map(|attribute| (name, attribute)));
            }
            (7, Value::Bytes(text)) if !matches!(text.bytes, b"" | b"ai.onnx") => {
                let domain = short(&text.text());
                return Err(format!("the network needs operators of '{domain}', which are not supported"));
            }
            _ => {}
        }
    }
    Ok(node)
}

fn attribute(mut message: Message<'_>) -> Result<(String, Option<Attribute>), String> {
    let (mut name, mut found) = (String::new(), None);
    let (mut list, mut floats) = (Vec::new(), Vec::new());
    while let Some((field, value)) = message.next()? {
        match (field, value) {
            (1, Value::Bytes(text)) => name = text.text(),
            (2, Value::Float(float)) => found = Some(Attribute::Float(float)),
            (3, Value::Number(number)) => found = Some(Attribute::Number(number as i64)),
            (4, Value::Bytes(text)) => found = Some(Attribute::Text(short(&text.text()))),
            (5, Value::Bytes(message)) => found = Some(Attribute::Tensor(Arc::new(tensor(message)?.1))),
            (7, Value::Float(float)) => floats.push(float),
            (7, Value::Bytes(bytes)) => {
                floats.extend(bytes.bytes.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)))
            }
            (8, value) => numbers(&mut list, value, LIST_MAX)?,
            (6 | 11, _) => return Err(refused("loops or branches")),
            (22 | 23, _) => return Err(refused("sparse weights")),
            _ => {}
        }
    }
    let list = (!list.is_empty()).then_some(Attribute::Numbers(list));
    let floats = (!floats.is_empty()).then_some(Attribute::Floats(floats));
    Ok((name, found.or(list).or(floats)))
}

/// The name and numbers of a tensor whose data is as long as its shape says.
fn tensor(mut message: Message<'_>) -> Result<(String, Tensor), String> {
    let (mut name, mut kind, mut dims, mut raw) = (String::new(), 0, Vec::new(), None);
    let (mut floats, mut whole): (Vec<f32>, Vec<i64>) = (Vec::new(), Vec::new());
    while let Some((field, value)) = message.next()? {
        match (field, value) {
            (1, value) => numbers(&mut dims, value, 8)?,
            (2, Value::Number(number)) => kind = number,
            (4, Value::Float(float)) => floats.push(float),
            (4, Value::Bytes(bytes)) => {
                floats.extend(bytes.bytes.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)))
            }
            (5 | 7, value) => numbers(&mut whole, value, LIST_MAX)?,
            (8, Value::Bytes(text)) => name = short(&text.text()),
            (9, Value::Bytes(bytes)) => raw = Some(bytes.bytes),
            // Where data lies: 0 says in this file.
            (13, _) => return Err(refused("weights in other files")),
            (14, Value::Number(place)) if place != 0 => return Err(refused("weights in other files")),
            _ => {}
        }
    }
    let wanted = dims.iter().try_fold(1_usize, |all, n| all.checked_mul(usize::try_from(*n).ok()?));
    let wanted = wanted.filter(|n| *n < 1 << 40);
    let wanted = wanted.ok_or_else(|| format!("the weights '{name}' have the impossible shape {dims:?}"))?;
    let values = match (kind, raw) {
        (1, Some(raw)) => raw.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect(),
        (1, None) => floats,
        (7, Some(raw)) => raw.as_chunks::<8>().0.iter().map(|b| i64::from_le_bytes(*b) as f32).collect(),
        (6, Some(raw)) => raw.as_chunks::<4>().0.iter().map(|b| i32::from_le_bytes(*b) as f32).collect(),
        (6 | 7, None) => whole.into_iter().map(|n| n as f32).collect(),
        _ => return Err(format!("the weights '{name}' are of the type {kind}; 32 bit float is supported")),
    };
    let values: Vec<f32> = values;
    if values.len() != wanted {
        let there = values.len();
        return Err(format!("the weights '{name}' should have {wanted} values by their shape, the file has {there}"));
    }
    Ok((name, Tensor { dims: dims.into_iter().map(|n| n as usize).collect(), values }))
}

/// An input or output: ValueInfo, with TypeProto, its tensor, shape and dimensions within.
fn port(mut message: Message<'_>) -> Result<Port, String> {
    let mut port = Port::default();
    while let Some((field, value)) = message.next()? {
        match (field, value) {
            (1, Value::Bytes(text)) => port.name = text.text(),
            (2, Value::Bytes(mut kind)) => {
                while let Some((field, value)) = kind.next()? {
                    if let (1, Value::Bytes(tensor)) = (field, value) {
                        of_port(tensor, &mut port)?;
                    }
                }
            }
            _ => {}
        }
    }
    Ok(port)
}

fn of_port(mut tensor: Message<'_>, port: &mut Port) -> Result<(), String> {
    while let Some((field, value)) = tensor.next()? {
        match (field, value) {
            (1, Value::Number(kind)) => port.kind = kind as i64,
            (2, Value::Bytes(mut shape)) => {
                while let Some((_, value)) = shape.next()? {
                    let Value::Bytes(mut dimension) = value else { continue };
                    let mut length = None;
                    while let Some((field, value)) = dimension.next()? {
                        if let (1, Value::Number(n)) = (field, value) {
                            length = usize::try_from(n).ok().filter(|n| (1..1 << 31).contains(n));
                        }
                    }
                    port.dims.push(length);
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn refused(what: &str) -> String {
    format!("the network has {what}, which is not supported; export it again without")
}

/// A name out of a file that nobody has checked.
fn short(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(60).collect()
}
