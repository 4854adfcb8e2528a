//! What a layer computes, told from its kind, settings and weights (operators of ONNX 1.16, opset 9 to 22).

use super::convolution::Convolution;
use super::graph::{Attribute, Node, Tensor};
use super::pool::{Pool, PoolKind};
use super::resize::Resize;
use super::transposed::Transposed;
use super::values::{Binary, Unary};
use std::sync::Arc;

/// Channels, depth, height and width of an image between layers.
pub(super) type Shape = [usize; 4];

/// What a layer computes.
#[derive(Debug, Clone)]
pub(super) enum Layer {
    /// What comes in goes out.
    Same,
    /// Channels in groups that do not see each other; one mostly.
    Convolution(Vec<Convolution>),
    Transposed(Transposed),
    Unary(Unary),
    /// Of two images, or an image and weights; lengths of 1 go with any other.
    Binary(Binary),
    Pool(Pool),
    /// The largest value or the mean of every channel.
    Global(PoolKind),
    /// Channels in so many groups are brought to mean 0 and variance 1, then scaled and shifted each.
    Normal {
        groups: usize,
        epsilon: f32,
        scale: Vec<f32>,
        shift: Vec<f32>,
    },
    /// Channels one behind the other.
    Concat,
    Resize(Resize),
    /// Over channels; the logarithm of it where `log`.
    Softmax {
        log: bool,
    },
}

/// An input of a layer.
#[derive(Debug, Clone)]
pub(super) enum Input {
    Image(Shape),
    Weights(Arc<Tensor>),
}

/// A layer with what it reads.
pub(super) struct Reading<'a> {
    pub(super) node: &'a Node,
    pub(super) opset: i64,
    /// In the order of the node; `None` for those that are left out.
    pub(super) inputs: &'a [Option<Input>],
}

impl Reading<'_> {
    /// The layer and the shape of its result.
    ///
    /// # Errors
    /// A sentence.
    pub(super) fn layer(&self) -> Result<(Layer, Shape), String> {
        let kind = self.node.kind.as_str();
        if let Some(unary) = self.unary()? {
            return Ok((Layer::Unary(unary), self.image(0)?));
        }
        if let Some(binary) = self.binary() {
            return self.joined(binary);
        }
        match kind {
            "Identity" | "Dropout" => Ok((Layer::Same, self.image(0)?)),
            "Cast" if self.whole("to", 1)? == 1 => Ok((Layer::Same, self.image(0)?)),
            "Conv" => self.convolution(),
            "ConvTranspose" => self.transposed(),
            "MaxPool" => self.pool(PoolKind::Max),
            "AveragePool" => self.pool(PoolKind::Mean),
            "GlobalMaxPool" => Ok((Layer::Global(PoolKind::Max), [self.image(0)?[0], 1, 1, 1])),
            "GlobalAveragePool" => Ok((Layer::Global(PoolKind::Mean), [self.image(0)?[0], 1, 1, 1])),
            "BatchNormalization" => self.batch_normal(),
            "InstanceNormalization" | "GroupNormalization" => self.normal(),
            "Concat" => self.concat(),
            "Resize" | "Upsample" => self.resize(),
            "Softmax" | "LogSoftmax" => {
                let usual = if self.opset < 13 { 1 } else { -1 };
                let axis = self.whole("axis", usual)?;
                if !matches!(axis, 1 | -4) {
                    return Err(self.wrong(&format!("axis = {axis}; over channels, 1, is supported")));
                }
                Ok((Layer::Softmax { log: kind == "LogSoftmax" }, self.image(0)?))
            }
            _ => Err(format!("the network uses the operator {kind}, which is not supported")),
        }
    }

    fn unary(&self) -> Result<Option<Unary>, String> {
        Ok(Some(match self.node.kind.as_str() {
            "Relu" => Unary::Clip(0.0, f32::INFINITY),
            "LeakyRelu" => Unary::Leaky(self.float("alpha", 0.01)?),
            "Elu" => Unary::Elu(self.float("alpha", 1.0)?, 1.0),
            "Selu" => Unary::Elu(self.float("alpha", 1.673_263_2)?, self.float("gamma", 1.050_701)?),
            "Sigmoid" => Unary::Sigmoid,
            "HardSigmoid" => Unary::HardSigmoid(self.float("alpha", 0.2)?, self.float("beta", 0.5)?),
            "HardSwish" => Unary::HardSwish,
            "Tanh" => Unary::Tanh,
            "Softplus" => Unary::Softplus,
            "Softsign" => Unary::Softsign,
            "Exp" => Unary::Exp,
            "Log" => Unary::Log,
            "Sqrt" => Unary::Sqrt,
            "Abs" => Unary::Abs,
            "Neg" => Unary::Neg,
            "Reciprocal" => Unary::Reciprocal,
            "Clip" => {
                let end = |n: usize, name: &str, usual: f32| match self.inputs.get(n).and_then(Option::as_ref) {
                    Some(Input::Weights(one)) if one.values.len() == 1 => Ok(one.values[0]),
                    Some(_) => Err(self.wrong("an end that is no number")),
                    None => self.float(name, usual),
                };
                Unary::Clip(end(1, "min", f32::NEG_INFINITY)?, end(2, "max", f32::INFINITY)?)
            }
            _ => return Ok(None),
        }))
    }

    fn binary(&self) -> Option<Binary> {
        Some(match self.node.kind.as_str() {
            "Add" | "Sum" => Binary::Add,
            "Sub" => Binary::Sub,
            "Mul" => Binary::Mul,
            "Div" => Binary::Div,
            "Max" => Binary::Max,
            "Min" => Binary::Min,
            "PRelu" => Binary::Leaky,
            "Pow" => Binary::Pow,
            _ => return None,
        })
    }

    fn joined(&self, binary: Binary) -> Result<(Layer, Shape), String> {
        if self.inputs.len() != 2 {
            return Err(self.wrong(&format!("{} inputs; 2 are supported", self.inputs.len())));
        }
        let shapes = [self.shape(0)?, self.shape(1)?];
        let mut all = [0; 4];
        for a in 0..4 {
            all[a] = match [shapes[0][a], shapes[1][a]] {
                [m, n] if m == n || n == 1 => m,
                [1, n] => n,
                _ => return Err(self.wrong(&format!("inputs of shapes that do not go together, {shapes:?}"))),
            };
        }
        Ok((Layer::Binary(binary), all))
    }

    fn convolution(&self) -> Result<(Layer, Shape), String> {
        let image = self.image(0)?;
        let weights = self.weights(1)?;
        let [outputs, inputs, kernel @ ..] = self.five(weights)?;
        let groups = self.length("group", 1)?;
        if !outputs.is_multiple_of(groups) || image[0] != inputs * groups {
            let text = format!("weights for {inputs} × {groups} channels, the image has {}", image[0]);
            return Err(self.wrong(&text));
        }
        let steps = self.steps(kernel)?;
        let to = steps.result(self, image)?;
        let bias = self.bias(2, outputs)?;
        let each = outputs / groups;
        let one = |group: usize| {
            let part = |values: &[f32], n: usize| values[group * n..(group + 1) * n].to_vec();
            let weights = part(&weights.values, each * inputs * kernel.iter().product::<usize>());
            Convolution::new([each, inputs], kernel, &weights, &part(&bias, each)).stepping(
                steps.dilation,
                steps.stride,
                steps.before,
            )
        };
        Ok((Layer::Convolution((0..groups).map(one).collect()), [outputs, to[0], to[1], to[2]]))
    }

    fn transposed(&self) -> Result<(Layer, Shape), String> {
        let image = self.image(0)?;
        let weights = self.weights(1)?;
        let [inputs, outputs, kernel @ ..] = self.five(weights)?;
        let steps = self.steps(kernel)?;
        if self.length("group", 1)? != 1
            || steps.dilation != [1; 3]
            || self.node.attributes.contains_key("output_shape")
        {
            return Err(self.wrong("groups, dilations or a given shape"));
        }
        if inputs != image[0] {
            return Err(self.wrong(&format!("weights for {inputs} channels, the image has {}", image[0])));
        }
        let more = self.three("output_padding", [0; 3], 0)?;
        let mut to = [0; 3];
        for a in 0..3 {
            let full = (image[a + 1] - 1) * steps.stride[a] + kernel[a] + more[a];
            to[a] = full
                .checked_sub(steps.before[a] + steps.behind[a])
                .filter(|n| 0 < *n)
                .ok_or_else(|| self.wrong("pads larger than its result"))?;
        }
        let bias = self.bias(2, outputs)?;
        let layer =
            Transposed::new([outputs, inputs], kernel, steps.stride, steps.before, weights.values.clone(), bias);
        Ok((Layer::Transposed(layer), [outputs, to[0], to[1], to[2]]))
    }

    fn pool(&self, kind: PoolKind) -> Result<(Layer, Shape), String> {
        let image = self.image(0)?;
        let kernel = self.three("kernel_shape", [0; 3], 1)?;
        let steps = self.steps(kernel)?;
        if self.whole("ceil_mode", 0)? != 0 {
            return Err(self.wrong("ceil_mode"));
        }
        let to = steps.result(self, image)?;
        let count_outside = self.whole("count_include_pad", 0)? != 0;
        let Steps { stride, dilation, before, .. } = steps;
        Ok((
            Layer::Pool(Pool { kind, kernel, stride, dilation, before, count_outside }),
            [image[0], to[0], to[1], to[2]],
        ))
    }

    fn batch_normal(&self) -> Result<(Layer, Shape), String> {
        let image = self.image(0)?;
        let epsilon = self.float("epsilon", 1e-5)?;
        let [scale, shift, mean, variance] = [1, 2, 3, 4].map(|n| self.list(n, image[0]));
        let (scale, shift, mean, variance) = (scale?, shift?, mean?, variance?);
        let factor: Vec<f32> = scale.iter().zip(&variance).map(|(s, v)| s / (v + epsilon).sqrt()).collect();
        let shift: Vec<f32> = shift.iter().zip(&mean).zip(&factor).map(|((b, m), f)| b - m * f).collect();
        // A convolution of one voxel in groups of one channel.
        let one = |(factor, shift): (&f32, &f32)| Convolution::new([1, 1], [1; 3], &[*factor], &[*shift]);
        Ok((Layer::Convolution(factor.iter().zip(&shift).map(one).collect()), image))
    }

    fn normal(&self) -> Result<(Layer, Shape), String> {
        let image = self.image(0)?;
        let groups = if self.node.kind == "GroupNormalization" { self.length("num_groups", 0)? } else { image[0] };
        if groups == 0
            || !image[0].is_multiple_of(groups)
            || (self.node.kind == "GroupNormalization" && self.opset < 21)
        {
            return Err(self.wrong(&format!("{groups} groups of {} channels in operator set {}", image[0], self.opset)));
        }
        let (scale, shift) = (self.list(1, image[0])?, self.list(2, image[0])?);
        Ok((Layer::Normal { groups, epsilon: self.float("epsilon", 1e-5)?, scale, shift }, image))
    }

    fn concat(&self) -> Result<(Layer, Shape), String> {
        let axis = self.whole("axis", 1)?;
        if !matches!(axis, 1 | -4) {
            return Err(self.wrong(&format!("axis = {axis}; along channels, 1, is supported")));
        }
        let mut all = self.image(0)?;
        for n in 1..self.inputs.len() {
            let other = self.image(n)?;
            if other[1..] != all[1..] {
                return Err(self.wrong(&format!("images of different sizes, {:?} and {:?}", &all[1..], &other[1..])));
            }
            all[0] += other[0];
        }
        Ok((Layer::Concat, all))
    }

    fn resize(&self) -> Result<(Layer, Shape), String> {
        let image = self.image(0)?;
        let five = |n: usize| match self.inputs.get(n).and_then(Option::as_ref) {
            Some(Input::Weights(list)) if list.values.len() == 5 => Ok(Some(list.values.clone())),
            Some(Input::Weights(list)) if list.values.is_empty() => Ok(None),
            None => Ok(None),
            Some(_) => Err(self.wrong("a size that is computed; export it with a fixed one")),
        };
        let (scales, sizes) =
            if self.node.kind == "Upsample" || self.opset < 11 { (five(1)?, None) } else { (five(2)?, five(3)?) };
        let mut to = [0; 3];
        let mut factor = [1.0_f64; 3];
        for a in 0..3 {
            let from = image[a + 1] as f64;
            let (n, scale) = match (&sizes, &scales) {
                (Some(sizes), _) => (f64::from(sizes[a + 2]), f64::from(sizes[a + 2]) / from),
                (None, Some(scales)) => ((from * f64::from(scales[a + 2])).floor(), f64::from(scales[a + 2])),
                (None, None) => return Err(self.wrong("neither scales nor sizes")),
            };
            if !(1.0..=65536.0).contains(&n) {
                return Err(self.wrong(&format!("a result of {n} voxels along an edge; 1 to 65536 are supported")));
            }
            (to[a], factor[a]) = (n as usize, scale);
        }
        let usual = if self.opset < 11 { "asymmetric" } else { "half_pixel" };
        let layer = Resize::new(
            [image[1], image[2], image[3]],
            to,
            factor,
            &self.text("mode", "nearest"),
            &self.text("coordinate_transformation_mode", usual),
            &self.text("nearest_mode", if self.opset < 11 { "floor" } else { "round_prefer_floor" }),
        );
        Ok((Layer::Resize(layer.map_err(|what| self.wrong(&what))?), [image[0], to[0], to[1], to[2]]))
    }

    fn wrong(&self, what: &str) -> String {
        format!("the operator {} of the network has {what}, which is not supported", self.node.kind)
    }

    fn image(&self, n: usize) -> Result<Shape, String> {
        match self.inputs.get(n) {
            Some(Some(Input::Image(shape))) => Ok(*shape),
            _ => Err(self.wrong(&format!("no image as input {}", n + 1))),
        }
    }

    fn weights(&self, n: usize) -> Result<&Tensor, String> {
        match self.inputs.get(n) {
            Some(Some(Input::Weights(weights))) => Ok(weights),
            _ => Err(self.wrong(&format!("no weights as input {}", n + 1))),
        }
    }

    /// Of an image, or of weights that go with one: without the axis of images, ones for axes that are missing.
    fn shape(&self, n: usize) -> Result<Shape, String> {
        match self.inputs.get(n) {
            Some(Some(Input::Image(shape))) => Ok(*shape),
            Some(Some(Input::Weights(weights))) => {
                // The slopes of PRelu may be a list by channel.
                let by_channel = self.node.kind == "PRelu" && weights.dims.len() == 1;
                shape_of(&weights.dims, by_channel)
                    .ok_or_else(|| self.wrong(&format!("weights of shape {:?}", weights.dims)))
            }
            _ => Err(self.wrong("an input that is missing")),
        }
    }

    /// Weights of five axes, none of length 0.
    fn five(&self, weights: &Tensor) -> Result<[usize; 5], String> {
        let dims = <[usize; 5]>::try_from(weights.dims.as_slice()).ok().filter(|dims| !dims.contains(&0));
        dims.ok_or_else(|| self.wrong(&format!("weights of shape {:?}; three dimensions are supported", weights.dims)))
    }

    /// One number for each of so many channels.
    fn list(&self, n: usize, channels: usize) -> Result<Vec<f32>, String> {
        let values = &self.weights(n)?.values;
        if values.len() == channels {
            return Ok(values.clone());
        }
        Err(self.wrong(&format!("{} weights for {channels} channels", values.len())))
    }

    fn bias(&self, n: usize, channels: usize) -> Result<Vec<f32>, String> {
        match self.inputs.get(n) {
            None | Some(None) => Ok(vec![0.0; channels]),
            _ => self.list(n, channels),
        }
    }

    fn float(&self, name: &str, usual: f32) -> Result<f32, String> {
        match self.node.attributes.get(name) {
            None => Ok(usual),
            Some(Attribute::Float(value)) => Ok(*value),
            _ => Err(self.wrong(&format!("{name} that is no number"))),
        }
    }

    fn whole(&self, name: &str, usual: i64) -> Result<i64, String> {
        match self.node.attributes.get(name) {
            None => Ok(usual),
            Some(Attribute::Number(value)) => Ok(*value),
            _ => Err(self.wrong(&format!("{name} that is no whole number"))),
        }
    }

    /// A number from 1 to 65536 (or the usual one).
    fn length(&self, name: &str, usual: usize) -> Result<usize, String> {
        let value = self.whole(name, usual as i64)?;
        usize::try_from(value)
            .ok()
            .filter(|n| *n == usual || (1..=LENGTH_MAX).contains(n))
            .ok_or_else(|| self.wrong(&format!("{name} = {value}")))
    }

    fn text(&self, name: &str, usual: &str) -> String {
        match self.node.attributes.get(name) {
            Some(Attribute::Text(text)) => text.clone(),
            _ => usual.to_owned(),
        }
    }

    fn many<const N: usize>(&self, name: &str, usual: [usize; N], least: usize) -> Result<[usize; N], String> {
        let list = match self.node.attributes.get(name) {
            None => return Ok(usual),
            Some(Attribute::Numbers(list)) => list,
            _ => return Err(self.wrong(&format!("{name} that are no whole numbers"))),
        };
        let lengths: Option<Vec<usize>> =
            list.iter().map(|n| usize::try_from(*n).ok().filter(|n| (least..=LENGTH_MAX).contains(n))).collect();
        let lengths = lengths.and_then(|lengths| <[usize; N]>::try_from(lengths).ok());
        lengths.ok_or_else(|| self.wrong(&format!("{name} = {list:?}; {N} of {least} to {LENGTH_MAX} are needed")))
    }

    fn three(&self, name: &str, usual: [usize; 3], least: usize) -> Result<[usize; 3], String> {
        self.many(name, usual, least)
    }

    fn steps(&self, kernel: [usize; 3]) -> Result<Steps, String> {
        if kernel.contains(&0) || self.three("kernel_shape", kernel, 1)? != kernel {
            return Err(self.wrong("a kernel_shape other than that of its weights"));
        }
        let pads = self.many("pads", [0; 6], 0)?;
        match self.text("auto_pad", "NOTSET").as_str() {
            "NOTSET" | "VALID" => {}
            other => return Err(self.wrong(&format!("auto_pad = {other}"))),
        }
        Ok(Steps {
            kernel,
            stride: self.three("strides", [1; 3], 1)?,
            dilation: self.three("dilations", [1; 3], 1)?,
            before: [pads[0], pads[1], pads[2]],
            behind: [pads[3], pads[4], pads[5]],
        })
    }
}

/// Largest length of a kernel, stride, dilation or margin.
const LENGTH_MAX: usize = 1 << 16;

/// How a kernel goes over an image.
struct Steps {
    kernel: [usize; 3],
    stride: [usize; 3],
    dilation: [usize; 3],
    before: [usize; 3],
    behind: [usize; 3],
}

impl Steps {
    /// Edges of the result.
    fn result(&self, of: &Reading<'_>, image: Shape) -> Result<[usize; 3], String> {
        let mut to = [0; 3];
        for a in 0..3 {
            let reach = (self.kernel[a] - 1) * self.dilation[a] + 1;
            let room = (image[a + 1] + self.before[a] + self.behind[a]).checked_sub(reach);
            let room =
                room.ok_or_else(|| of.wrong(&format!("a kernel that reaches {reach} voxels, more than the image")))?;
            to[a] = room / self.stride[a] + 1;
        }
        Ok(to)
    }
}

/// The shape of weights that go with an image; `None` if they have an axis for several images.
pub(super) fn shape_of(dims: &[usize], by_channel: bool) -> Option<Shape> {
    let mut shape = [1; 4];
    match dims {
        [n] if by_channel => shape[0] = *n,
        [1, rest @ ..] if rest.len() == 4 => shape.copy_from_slice(rest),
        _ if dims.len() <= 4 => shape[4 - dims.len()..].copy_from_slice(dims),
        _ => return None,
    }
    (!shape.contains(&0)).then_some(shape)
}
