//! Small ONNX files, written byte by byte (Protocol Buffers; numbers of fields in onnx.proto of ONNX 1.16).

/// A message: fields one after the other.
#[derive(Clone, Default)]
pub struct Message(pub Vec<u8>);

impl Message {
    fn varint(&mut self, mut value: u64) {
        while 0x7f < value {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    pub fn number(mut self, field: u64, value: i64) -> Self {
        self.varint(field << 3);
        self.varint(value as u64);
        self
    }

    pub fn bytes(mut self, field: u64, bytes: &[u8]) -> Self {
        self.varint(field << 3 | 2);
        self.varint(bytes.len() as u64);
        self.0.extend(bytes);
        self
    }

    pub fn text(self, field: u64, text: &str) -> Self {
        self.bytes(field, text.as_bytes())
    }

    pub fn message(self, field: u64, message: Self) -> Self {
        self.bytes(field, &message.0)
    }
}

/// Weights of float.
pub fn tensor(name: &str, dims: &[i64], values: &[f32]) -> Message {
    let raw: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    let message = dims.iter().fold(Message::default(), |message, n| message.number(1, *n));
    message.number(2, 1).text(8, name).bytes(9, &raw)
}

/// An attribute that is a list of whole numbers.
pub fn ints(name: &str, values: &[i64]) -> Message {
    let message = Message::default().text(1, name).number(20, 7);
    values.iter().fold(message, |message, value| message.number(8, *value))
}

/// An operator.
pub fn node(kind: &str, inputs: &[&str], output: &str, attributes: &[Message]) -> Message {
    let message = inputs.iter().fold(Message::default(), |message, name| message.text(1, name));
    let message = message.text(2, output).text(3, output).text(4, kind);
    attributes.iter().cloned().fold(message, |message, attribute| message.message(5, attribute))
}

/// The name, type (float) and shape of an input or output; 0 for any length.
pub fn value(name: &str, dims: &[i64]) -> Message {
    let dimension = |n: &i64| match n {
        0 => Message::default().text(2, "any"),
        n => Message::default().number(1, *n),
    };
    let shape = dims.iter().fold(Message::default(), |shape, n| shape.message(1, dimension(n)));
    let tensor = Message::default().number(1, 1).message(2, shape);
    Message::default().text(1, name).message(2, Message::default().message(1, tensor))
}

/// A file: image `x` to scores `y`.
pub fn model(opset: i64, image: &[i64], nodes: &[Message], weights: &[Message]) -> Vec<u8> {
    let graph = nodes.iter().cloned().fold(Message::default(), |graph, node| graph.message(1, node)).text(2, "graph");
    let graph = weights.iter().cloned().fold(graph, |graph, weights| graph.message(5, weights));
    let graph = graph.message(11, value("x", image)).message(12, value("y", &[0; 5]));
    let set = Message::default().text(1, "").number(2, opset);
    Message::default().number(1, 8).message(7, graph).message(8, set).0
}

/// Mean of three voxels along every axis, then what is brighter than a half: a network with two classes.
pub fn blur(opset: i64, image: &[i64]) -> Vec<u8> {
    let nodes = [
        node("Conv", &["x", "w", "b"], "mean", &[ints("kernel_shape", &[3, 3, 3]), ints("pads", &[1; 6])]),
        node("Relu", &["mean"], "positive", &[]),
        node("Conv", &["positive", "v", "c"], "y", &[ints("kernel_shape", &[1, 1, 1])]),
    ];
    let weights = [
        tensor("w", &[1, 1, 3, 3, 3], &[1.0 / 27.0; 27]),
        tensor("b", &[1], &[0.0]),
        tensor("v", &[2, 1, 1, 1, 1], &[0.0, 1.0]),
        tensor("c", &[2], &[0.5, 0.0]),
    ];
    model(opset, image, &nodes, &weights)
}
