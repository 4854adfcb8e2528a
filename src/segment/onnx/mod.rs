//! Segmentation networks in ONNX files, in three dimensions, computed here: no other library, no copy of the image for the
//! taps of a kernel, all threads, and stopped within a row of voxels.
//!
//! `wire` and `graph` read the file, `layer` tells what each operator computes and how large its result is, the other files
//! compute. Every shape is known before anything is computed, and so is the memory.

mod convolution;
mod graph;
mod layer;
mod pool;
mod resize;
mod transposed;
mod values;
mod wire;

use super::model::{ModelError, Network, ReadyNetwork, Scores};
use crate::base::{Cancelled, Progress, parallel};
use graph::{Graph, Tensor};
use layer::{Input, Layer, Reading, Shape, shape_of};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A network with one image as input and the scores of its classes as output: `[1, 1, d, h, w]` to `[1, classes, d, h, w]`.
#[derive(Debug)]
pub struct OnnxNetwork {
    graph: Graph,
}

/// A network for images of one shape.
#[derive(Debug)]
pub struct ReadyOnnx {
    steps: Vec<Step>,
    /// Which result holds the scores; result 0 is the image.
    scores: usize,
    shapes: Vec<Shape>,
    peak_bytes: u64,
}

/// A layer, what it reads, and where its result goes.
#[derive(Debug)]
struct Step {
    layer: Layer,
    inputs: Vec<Source>,
    result: usize,
    /// Results that nobody reads afterwards.
    done: Vec<usize>,
}

/// Where an input comes from.
#[derive(Debug, Clone)]
enum Source {
    Result(usize),
    Weights(Arc<Tensor>, Shape),
}

impl OnnxNetwork {
    /// The network in the bytes of an ONNX file.
    ///
    /// # Errors
    /// [`ModelError::Network`]: the file is damaged, or holds what is not supported.
    pub fn read(bytes: &[u8]) -> Result<Self, ModelError> {
        Ok(Self { graph: Graph::read(bytes).map_err(ModelError::Network)? })
    }
}

impl Network for OnnxNetwork {
    type Ready<'a> = ReadyOnnx;

    fn ready(&self, shape: [usize; 3]) -> Result<ReadyOnnx, ModelError> {
        let [d, h, w] = shape;
        if self.graph.fixed.iter().zip(shape).any(|(fixed, n)| fixed.is_some_and(|fixed| fixed != n)) {
            let edges = self.graph.fixed.map(|n| n.map_or_else(|| "any".into(), |n| n.to_string())).join(" × ");
            return Err(ModelError::Network(format!(
                "the network takes images of {edges} voxels, the tiles have {d} × {h} × {w}; set patch and multiple in the manifest so that they fit"
            )));
        }
        let ready = ReadyOnnx::new(&self.graph, [1, d, h, w]).map_err(ModelError::Network)?;
        match ready.shapes[ready.scores] {
            [_, a, b, c] if [a, b, c] == shape => Ok(ready),
            found => Err(ModelError::Network(format!(
                "the network gives scores of {} × {} × {} voxels for an image of {d} × {h} × {w}",
                found[1], found[2], found[3]
            ))),
        }
    }
}

fn len(shape: Shape) -> usize {
    shape.iter().product()
}

impl ReadyOnnx {
    fn new(graph: &Graph, image: Shape) -> Result<Self, String> {
        let mut shapes = vec![image];
        let mut constants = graph.constants.clone();
        let mut places: BTreeMap<&str, usize> = BTreeMap::from([(graph.image.as_str(), 0)]);
        let mut steps: Vec<Step> = Vec::new();
        let all_weights = graph.constants.values().map(|tensor| tensor.values.len()).sum::<usize>();
        let mut used_weights = 0;
        for node in &graph.nodes {
            let input = |name: &String| match (places.get(name.as_str()), constants.get(name)) {
                _ if name.is_empty() => Ok(None),
                (Some(place), _) => Ok(Some(Input::Image(shapes[*place]))),
                (None, Some(tensor)) => Ok(Some(Input::Weights(Arc::clone(tensor)))),
                _ => Err(format!("{} of the network reads '{name}', which no layer before it gives", node.kind)),
            };
            let inputs: Vec<Option<Input>> = node.inputs.iter().map(input).collect::<Result<_, _>>()?;
            // Weights that only get another name.
            if let ("Identity", [Some(Input::Weights(tensor))]) = (node.kind.as_str(), &inputs[..]) {
                constants.insert(node.output.clone(), Arc::clone(tensor));
                continue;
            }
            // Layers hold their weights made ready: a small file that uses the same ones everywhere would become large.
            let of_weights = |input: &Input| if let Input::Weights(tensor) = input { tensor.values.len() } else { 0 };
            used_weights += inputs.iter().flatten().map(of_weights).sum::<usize>();
            if 4 * all_weights + WEIGHTS_MORE < used_weights {
                return Err("the network uses the same weights more than four times over".into());
            }
            let (layer, shape) = Reading { node, opset: graph.opset, inputs: &inputs }.layer()?;
            let voxels = shape.iter().try_fold(1_usize, |all, n| all.checked_mul(*n)).unwrap_or(usize::MAX);
            if shape.contains(&0) || VALUES_MAX < voxels {
                return Err(format!(
                    "{} of the network gives {shape:?} values, 1 to {VALUES_MAX} are supported",
                    node.kind
                ));
            }
            // Weights of joined images; those of other layers are in the layer.
            let both = matches!(layer, Layer::Binary(_));
            let by_channel = node.kind == "PRelu";
            let source = |(name, input): (&String, &Option<Input>)| match input {
                Some(Input::Image(_)) => places.get(name.as_str()).map(|place| Source::Result(*place)),
                Some(Input::Weights(tensor)) if both => {
                    let by_channel = by_channel && tensor.dims.len() == 1;
                    shape_of(&tensor.dims, by_channel).map(|shape| Source::Weights(Arc::clone(tensor), shape))
                }
                _ => None,
            };
            let inputs = node.inputs.iter().zip(&inputs).filter_map(source).collect();
            steps.push(Step { layer, inputs, result: shapes.len(), done: Vec::new() });
            places.insert(node.output.as_str(), shapes.len());
            shapes.push(shape);
        }
        let scores = *places.get(graph.scores.as_str()).ok_or("no layer of the network gives its output")?;
        let mut seen = vec![false; shapes.len()];
        seen[scores] = true;
        for step in steps.iter_mut().rev() {
            for input in &step.inputs {
                if let Source::Result(place) = input
                    && !std::mem::replace(&mut seen[*place], true)
                {
                    step.done.push(*place);
                }
            }
            // What nobody reads at all.
            if !seen[step.result] {
                step.done.push(step.result);
            }
        }
        let mut ready = Self { steps, scores, shapes, peak_bytes: 0 };
        // The file's weights and those made ready, padded to whole blocks.
        ready.peak_bytes = ready.largest_bytes() + 4 * (all_weights + 2 * used_weights) as u64;
        Ok(ready)
    }

    /// Bytes of images held at most, as [`ReadyNetwork::run`] makes and drops them.
    fn largest_bytes(&self) -> u64 {
        let bytes = |place: usize| 4 * len(self.shapes[place]) as u64;
        let (mut held, mut peak) = (bytes(0), bytes(0));
        for step in &self.steps {
            let beside = match &step.layer {
                Layer::Convolution(parts) => {
                    let nx = self.shapes[step.result][3];
                    parts.iter().map(|part| part.workspace_bytes(nx, parallel::cores())).max().unwrap_or(0)
                }
                _ => 0,
            };
            if !step.in_place() {
                held += bytes(step.result);
            }
            peak = peak.max(held + beside);
            for place in &step.done {
                if !(step.in_place() && *place != step.result) {
                    held -= bytes(*place);
                }
            }
        }
        peak
    }
}

/// Weights that may be used any number of times.
const WEIGHTS_MORE: usize = 1 << 20;
/// Most values of an image between layers: 16 TB, so that sums of bytes do not run over.
const VALUES_MAX: usize = 1 << 42;

impl Step {
    /// Whether the result takes the place of the input, which nobody else reads.
    fn in_place(&self) -> bool {
        let alone = matches!(self.inputs[..], [Source::Result(place)] if self.done.contains(&place));
        alone && matches!(self.layer, Layer::Same | Layer::Unary(_) | Layer::Normal { .. } | Layer::Softmax { .. })
    }
}

impl ReadyNetwork for ReadyOnnx {
    fn classes(&self) -> usize {
        self.shapes[self.scores][0]
    }

    fn peak_bytes(&self) -> u64 {
        self.peak_bytes
    }

    fn run(&self, values: Vec<f32>, progress: &Progress) -> Result<Scores, ModelError> {
        let mut held: Vec<Option<Vec<f32>>> = vec![None; self.shapes.len()];
        held[0] = Some(values);
        for (n, step) in self.steps.iter().enumerate() {
            progress.step(n, self.steps.len())?;
            let result = self.result(step, &mut held, progress)?;
            held[step.result] = Some(result);
            step.done.iter().for_each(|place| held[*place] = None);
        }
        let values = held[self.scores].take().expect("the scores are never dropped");
        Ok(Scores { classes: self.classes(), values })
    }
}

impl ReadyOnnx {
    fn result(&self, step: &Step, held: &mut [Option<Vec<f32>>], progress: &Progress) -> Result<Vec<f32>, Cancelled> {
        let shape = self.shapes[step.result];
        let [_, to @ ..] = shape;
        let first = match step.inputs.first() {
            Some(Source::Result(place)) => *place,
            _ => 0,
        };
        let [channels, from @ ..] = self.shapes[first];
        match &step.layer {
            Layer::Same | Layer::Unary(_) | Layer::Normal { .. } | Layer::Softmax { .. } => {
                let image = if step.in_place() { held[first].take() } else { held[first].clone() };
                let mut image = image.expect("made before it is read");
                match &step.layer {
                    Layer::Unary(unary) => unary.run(&mut image, progress)?,
                    Layer::Softmax { log } => pool::softmax(&mut image, channels, *log, progress)?,
                    Layer::Normal { groups, epsilon, scale, shift } => {
                        pool::normal(&mut image, shape, *groups, *epsilon, [scale, shift], progress)?;
                    }
                    _ => {}
                }
                return Ok(image);
            }
            _ => {}
        }
        let held = &*held;
        let image = |place: usize| held[place].as_deref().expect("made before it is read");
        let mut out = vec![0.0_f32; len(shape)];
        match &step.layer {
            Layer::Convolution(parts) => {
                let each = [channels, shape[0]].map(|n| n / parts.len());
                let voxels = [from, to].map(|n| n.iter().product::<usize>());
                let pieces = image(first).chunks(each[0] * voxels[0]).zip(out.chunks_mut(each[1] * voxels[1]));
                for (part, (image, out)) in parts.iter().zip(pieces) {
                    part.run(image, from, out, to, progress)?;
                }
            }
            Layer::Transposed(layer) => layer.run(image(first), from, &mut out, to, progress)?,
            Layer::Pool(layer) => layer.run(image(first), from, &mut out, to, progress)?,
            Layer::Resize(layer) => layer.run(image(first), from, &mut out, progress)?,
            Layer::Global(kind) => out = pool::global(*kind, image(first), channels, progress)?,
            Layer::Binary(binary) => {
                let part = |n: usize| match &step.inputs[n] {
                    Source::Result(place) => (image(*place), self.shapes[*place]),
                    Source::Weights(tensor, shape) => (tensor.values.as_slice(), *shape),
                };
                binary.run(part(0), part(1), &mut out, shape, progress)?;
            }
            Layer::Concat => {
                let mut rest = out.as_mut_slice();
                for input in &step.inputs {
                    progress.check()?;
                    let Source::Result(place) = input else { continue };
                    let (here, behind) = rest.split_at_mut(image(*place).len());
                    here.copy_from_slice(image(*place));
                    rest = behind;
                }
            }
            Layer::Same | Layer::Unary(_) | Layer::Normal { .. } | Layer::Softmax { .. } => unreachable!("done above"),
        }
        Ok(out)
    }
}

#[cfg(test)]
mod tests;
