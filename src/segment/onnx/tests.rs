//! Networks written here byte by byte: what they compute, and files that are refused.

use super::*;
use crate::base::parallel;

#[path = "../../../tests/models/write.rs"]
mod write;
use write::{Message, blur, ints, model, node, tensor};

const ANY: [i64; 5] = [1, 1, 0, 0, 0];

fn refused(bytes: &[u8]) -> String {
    let ready = OnnxNetwork::read(bytes).and_then(|network| network.ready([4; 3]));
    ready.expect_err("it should be refused").to_string()
}

fn scores(bytes: &[u8], shape: [usize; 3], values: Vec<f32>) -> Scores {
    let network = OnnxNetwork::read(bytes).unwrap();
    network.ready(shape).unwrap().run(values, &Progress::default()).unwrap()
}

fn image([d, h, w]: [usize; 3]) -> Vec<f32> {
    (0..d * h * w).map(|n| ((n * 7919) % 1000) as f32 / 1000.0).collect()
}

#[test]
fn a_network_computes_what_its_graph_says() {
    let shape = [4, 5, 6];
    let found = scores(&blur(15, &ANY), shape, image(shape));
    assert_eq!((found.classes, found.values.len()), (2, 240));
    assert!(found.values[..120].iter().all(|value| *value == 0.5));
    let values = image(shape);
    for (n, value) in found.values[120..].iter().enumerate() {
        let at = [n / 30, n / 6 % 5, n % 6];
        let near = |x: usize, n: usize| x.saturating_sub(1)..(x + 2).min(n);
        let mut sum = 0.0;
        for z in near(at[0], 4) {
            for y in near(at[1], 5) {
                sum += near(at[2], 6).map(|x| values[(z * 5 + y) * 6 + x]).sum::<f32>();
            }
        }
        assert!((value - sum / 27.0).abs() < 1e-5, "voxel {at:?}: {value} against {}", sum / 27.0);
    }
}

/// Down by a stride of two, up by a transposed convolution, joined with the way across: the shape of most networks for
/// images. Every step keeps the mean of a constant image, so that the result is known.
fn u_net() -> Vec<u8> {
    let nodes = [
        node("Conv", &["x", "half", "zero"], "down", &[ints("kernel_shape", &[2; 3]), ints("strides", &[2; 3])]),
        node("InstanceNormalization", &["down", "scale", "zero"], "normal", &[]),
        node("Add", &["normal", "down"], "deep", &[]),
        node("LeakyRelu", &["deep"], "leaky", &[]),
        node("ConvTranspose", &["leaky", "ones"], "up", &[ints("kernel_shape", &[2; 3]), ints("strides", &[2; 3])]),
        node("Concat", &["x", "up"], "both", &[Message::default().text(1, "axis").number(3, 1).number(20, 2)]),
        node("Conv", &["both", "last", "bias"], "z", &[ints("kernel_shape", &[1; 3])]),
        node("Softmax", &["z"], "y", &[Message::default().text(1, "axis").number(3, 1).number(20, 2)]),
    ];
    let weights = [
        tensor("half", &[1, 1, 2, 2, 2], &[0.125; 8]),
        tensor("zero", &[1], &[0.0]),
        tensor("scale", &[1], &[1.0]),
        tensor("ones", &[1, 1, 2, 2, 2], &[1.0; 8]),
        tensor("last", &[2, 2, 1, 1, 1], &[1.0, 0.0, 0.0, 1.0]),
        tensor("bias", &[2], &[0.0, 1.0]),
    ];
    model(17, &ANY, &nodes, &weights)
}

#[test]
fn networks_that_halve_and_join_run_too() {
    let shape = [4, 6, 8];
    let found = scores(&u_net(), shape, vec![0.25; 192]);
    // 0.25 across, 0.25 + 1 by way of the deep: softmax.
    let wanted = 1.0 / (1.0 + 1.0_f32.exp());
    assert!(found.values[..192].iter().all(|value| (value - wanted).abs() < 1e-4), "{}", found.values[0]);
    let odd = OnnxNetwork::read(&u_net()).unwrap().ready([5, 6, 8]).unwrap_err().to_string();
    assert!(odd.contains("Concat of the network has images of different sizes"), "{odd}");
}

/// What a network of these layers gives for an image: the first class.
fn through(shape: [usize; 3], values: &[f32], nodes: &[Message], weights: &[Message]) -> Vec<f32> {
    scores(&model(21, &ANY, nodes, weights), shape, values.to_vec()).values[..values.len()].to_vec()
}

fn near(found: &[f32], wanted: &[f32]) {
    assert_eq!(found.len(), wanted.len());
    let equal = found.iter().zip(wanted).all(|(a, b)| (a - b).abs() <= 1e-5 * b.abs().max(1.0));
    assert!(equal, "{found:?} against {wanted:?}");
}

fn float(name: &str, value: f32) -> Message {
    let mut message = Message::default().text(1, name);
    message.0.push(2 << 3 | 5);
    message.0.extend(value.to_le_bytes());
    message.number(20, 1)
}

fn text(name: &str, value: &str) -> Message {
    Message::default().text(1, name).text(4, value).number(20, 3)
}

#[test]
fn functions_of_one_value_are_those_of_the_standard() {
    let x = [-4.0, -1.0, -0.25, 0.0, 0.25, 1.0, 3.5, 8.0_f32];
    let check = |kind: &str, attributes: &[Message], f: fn(f32) -> f32| {
        let found = through([2, 2, 2], &x, &[node(kind, &["x"], "y", attributes)], &[]);
        near(&found, &x.map(f));
    };
    check("Relu", &[], |x| x.max(0.0));
    check("LeakyRelu", &[], |x| if x < 0.0 { 0.01 * x } else { x });
    check("LeakyRelu", &[float("alpha", 0.2)], |x| if x < 0.0 { 0.2 * x } else { x });
    check("Elu", &[], |x| if x < 0.0 { x.exp() - 1.0 } else { x });
    check("Selu", &[], |x| 1.050_701 * if x < 0.0 { 1.673_263_2 * (x.exp() - 1.0) } else { x });
    check("Sigmoid", &[], |x| 1.0 / (1.0 + (-x).exp()));
    check("HardSigmoid", &[], |x| (0.2 * x + 0.5).clamp(0.0, 1.0));
    check("HardSwish", &[], |x| x * ((x + 3.0) / 6.0).clamp(0.0, 1.0));
    check("Tanh", &[], f32::tanh);
    check("Softplus", &[], |x| (1.0 + x.exp()).ln());
    check("Softsign", &[], |x| x / (1.0 + x.abs()));
    check("Exp", &[], f32::exp);
    check("Abs", &[], f32::abs);
    check("Neg", &[], |x| -x);
    let clip = [node("Clip", &["x", "low", "high"], "y", &[])];
    let ends = [tensor("low", &[], &[-0.5]), tensor("high", &[], &[2.0])];
    near(&through([2, 2, 2], &x, &clip, &ends), &x.map(|x| x.clamp(-0.5, 2.0)));
}

#[test]
fn two_inputs_go_together_by_value_by_channel_or_as_one() {
    let x = [1.0, -2.0, 3.0, -4.0, 5.0, -6.0, 7.0, -8.0_f32];
    let with = |kind: &str, dims: &[i64], values: &[f32]| {
        through([2, 2, 2], &x, &[node(kind, &["x", "w"], "y", &[])], &[tensor("w", dims, values)])
    };
    near(&with("Add", &[], &[2.0]), &x.map(|x| x + 2.0));
    near(&with("Div", &[1, 1, 1, 1, 1], &[2.0]), &x.map(|x| x / 2.0));
    near(&with("Sub", &[2], &[1.0, 2.0]), &std::array::from_fn::<f32, 8, _>(|n| x[n] - [1.0, 2.0][n % 2]));
    near(&with("Mul", &[2, 1, 1], &[1.0, 3.0]), &std::array::from_fn::<f32, 8, _>(|n| x[n] * [1.0, 3.0][n / 4]));
    near(&with("PRelu", &[1], &[0.5]), &x.map(|x| if x < 0.0 { 0.5 * x } else { x }));
    near(&with("Max", &[1], &[0.0]), &x.map(|x| x.max(0.0)));
    near(&with("Min", &[1], &[0.0]), &x.map(|x| x.min(0.0)));
    near(&with("Pow", &[1], &[2.0]), &x.map(|x| x * x));
    // A weight for the whole channel, as squeeze and excitation has it.
    let nodes = [node("GlobalAveragePool", &["x"], "mean", &[]), node("Mul", &["x", "mean"], "y", &[])];
    near(&through([2, 2, 2], &x, &nodes, &[]), &x.map(|x| x * -0.5));
    let nodes = [node("GlobalMaxPool", &["x"], "top", &[]), node("Sub", &["x", "top"], "y", &[])];
    near(&through([2, 2, 2], &x, &nodes, &[]), &x.map(|x| x - 7.0));
}

#[test]
fn channels_are_brought_to_mean_and_variance() {
    let x = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0_f32];
    let list = |name: &str, value: f32| tensor(name, &[1], &[value]);
    // Mean 4.5, variance 5.25.
    let normal = x.map(|x| 2.0 * (x - 4.5) / (5.25_f32 + 1e-5).sqrt() + 1.0);
    let weights = [list("scale", 2.0), list("shift", 1.0)];
    near(
        &through([2, 2, 2], &x, &[node("InstanceNormalization", &["x", "scale", "shift"], "y", &[])], &weights),
        &normal,
    );
    let groups = [Message::default().text(1, "num_groups").number(3, 1).number(20, 2)];
    near(
        &through([2, 2, 2], &x, &[node("GroupNormalization", &["x", "scale", "shift"], "y", &groups)], &weights),
        &normal,
    );
    let weights = [list("s", 2.0), list("b", 1.0), list("m", 3.0), list("v", 4.0)];
    let batch = [node("BatchNormalization", &["x", "s", "b", "m", "v"], "y", &[float("epsilon", 0.0)])];
    near(&through([2, 2, 2], &x, &batch, &weights), &x.map(|x| x - 2.0));
}

/// The numbers are those of the standard, and of ONNX Runtime 1.32 on the same networks.
#[test]
fn images_shrink_by_pooling_and_grow_by_interpolation() {
    let two = [ints("kernel_shape", &[1, 1, 2]), ints("strides", &[1, 1, 2])];
    let x = [1.0, 3.0, 5.0, 11.0, 2.0, 4.0, 8.0, 0.0_f32];
    let grow = |pool: &str, attributes: &[Message]| {
        let nodes = [node(pool, &["x"], "half", &two), node("Resize", &["half", "", "scales"], "y", attributes)];
        through([1, 1, 8], &x, &nodes, &[tensor("scales", &[5], &[1.0, 1.0, 1.0, 1.0, 2.0])])
    };
    let nearest = [text("mode", "nearest")];
    near(&grow("MaxPool", &nearest), &[3.0, 3.0, 11.0, 11.0, 4.0, 4.0, 8.0, 8.0]);
    near(&grow("AveragePool", &nearest), &[2.0, 2.0, 8.0, 8.0, 3.0, 3.0, 4.0, 4.0]);
    let floor = [text("mode", "nearest"), text("nearest_mode", "floor")];
    near(&grow("MaxPool", &floor), &[3.0, 3.0, 3.0, 11.0, 11.0, 4.0, 4.0, 8.0]);
    // Means 2, 8, 3, 4; voxel centres of the result lie a quarter off those of the half.
    near(&grow("AveragePool", &[text("mode", "linear")]), &[2.0, 3.5, 6.5, 6.75, 4.25, 3.25, 3.75, 4.0]);
    let corners = [text("mode", "linear"), text("coordinate_transformation_mode", "align_corners")];
    let step = |at: f32| {
        let means = [2.0, 8.0, 3.0, 4.0_f32];
        let low = (at.floor() as usize).min(2);
        means[low] + (at - low as f32) * (means[low + 1] - means[low])
    };
    near(&grow("AveragePool", &corners), &std::array::from_fn::<f32, 8, _>(|n| step(n as f32 * 3.0 / 7.0)));
    // With zeros around that do not count, then with zeros that do.
    let three = |count: i64| {
        let count = Message::default().text(1, "count_include_pad").number(3, count).number(20, 2);
        let pool = [ints("kernel_shape", &[1, 1, 3]), ints("pads", &[0, 0, 1, 0, 0, 1]), count];
        through([1, 1, 8], &x, &[node("AveragePool", &["x"], "y", &pool)], &[])
    };
    let third = 1.0 / 3.0;
    near(&three(0), &[2.0, 3.0, 19.0 * third, 6.0, 17.0 * third, 14.0 * third, 4.0, 4.0]);
    near(&three(1), &[4.0 * third, 3.0, 19.0 * third, 6.0, 17.0 * third, 14.0 * third, 4.0, 8.0 * third]);
}

#[test]
fn a_kernel_larger_than_its_step_spreads_over_neighbours() {
    // Along x: each voxel adds 1, 2, 3 from one before its place, two apart; cut to eight.
    let nodes = [
        node("MaxPool", &["x"], "half", &[ints("kernel_shape", &[1, 1, 1]), ints("strides", &[1, 1, 2])]),
        node(
            "ConvTranspose",
            &["half", "w", "b"],
            "y",
            &[
                ints("kernel_shape", &[1, 1, 3]),
                ints("strides", &[1, 1, 2]),
                ints("pads", &[0, 0, 1, 0, 0, 1]),
                ints("output_padding", &[0, 0, 1]),
            ],
        ),
    ];
    let weights = [tensor("w", &[1, 1, 1, 1, 3], &[1.0, 2.0, 3.0]), tensor("b", &[1], &[0.5])];
    let x = [1.0, 0.0, 10.0, 0.0, 100.0, 0.0, 1000.0, 0.0_f32];
    let wanted = [2.5, 13.5, 20.5, 130.5, 200.5, 1300.5, 2000.5, 3000.5];
    near(&through([1, 1, 8], &x, &nodes, &weights), &wanted);
}

#[test]
fn channels_in_groups_do_not_see_each_other() {
    let group = Message::default().text(1, "group").number(3, 2).number(20, 2);
    let nodes = [
        node("Concat", &["x", "x"], "two", &[Message::default().text(1, "axis").number(3, 1).number(20, 2)]),
        node("Conv", &["two", "w"], "y", &[group]),
    ];
    let network = model(15, &ANY, &nodes, &[tensor("w", &[2, 1, 1, 1, 1], &[2.0, 5.0])]);
    let found = scores(&network, [1, 1, 2], vec![1.0, 3.0]);
    near(&found.values, &[2.0, 6.0, 5.0, 15.0]);
}

#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    let shape = [9, 10, 33];
    let run = |threads| parallel::with_threads(threads, || scores(&blur(15, &ANY), shape, image(shape)));
    assert_eq!(run(1), run(3));
}

#[test]
fn the_memory_is_known_before_and_grows_with_the_image() {
    let network = OnnxNetwork::read(&blur(15, &ANY)).unwrap();
    let bytes = |n: usize| network.ready([n; 3]).unwrap().peak_bytes();
    let voxel = (bytes(128) - bytes(64)) as f64 / f64::from(128 * 128 * 128 - 64 * 64 * 64);
    // One channel in and one out, or one in and two out; then the two once more.
    assert!((8.0..=20.0).contains(&voxel), "{voxel} bytes a voxel");
    // Made ready without computing: nobody has these terabytes.
    assert!(1 << 42 < network.ready([1 << 13; 3]).unwrap().peak_bytes());
}

#[test]
fn a_cancelled_network_stops() {
    let network = OnnxNetwork::read(&blur(15, &ANY)).unwrap();
    let progress = Progress::default();
    progress.cancel();
    let stopped = network.ready([4; 3]).unwrap().run(vec![0.0; 64], &progress);
    assert!(matches!(stopped, Err(ModelError::Cancelled(_))), "{stopped:?}");
}

#[test]
fn a_file_cut_off_anywhere_is_refused() {
    let whole = blur(15, &ANY);
    for n in 0..whole.len() {
        let said = refused(&whole[..n]);
        assert!(said.contains("the network") || said.contains("no network in ONNX form"), "{n}: {said}");
    }
    assert!(refused(b"not a network at all").contains("no network in ONNX form"));
}

#[test]
fn a_file_with_any_byte_changed_is_refused_or_computed() {
    let whole = blur(15, &ANY);
    for n in 0..whole.len() {
        for flip in [0x01, 0x80, 0xff] {
            let mut bytes = whole.clone();
            bytes[n] ^= flip;
            if let Ok(network) = OnnxNetwork::read(&bytes)
                && let Ok(ready) = network.ready([4; 3])
                && ready.peak_bytes() < 1 << 20
            {
                let _ = ready.run(vec![0.5; 64], &Progress::default());
            }
        }
    }
}

#[test]
fn what_cannot_be_or_leads_elsewhere_is_refused_in_words() {
    let conv = |weights: &str| node("Conv", &["x", weights], "y", &[]);
    let one = tensor("w", &[2, 1, 1, 1, 1], &[0.0, 1.0]);
    let of = |nodes: &[Message], weights: &[Message]| refused(&model(15, &ANY, nodes, weights));
    let old = refused(&blur(4, &ANY));
    assert!(old.contains("operator set 4; 9 to 22 are supported"), "{old}");
    let huge = of(&[conv("w")], &[tensor("w", &[1 << 30, 1 << 20, 1, 1, 1], &[0.0])]);
    assert!(huge.contains("impossible shape"), "{huge}");
    let short = of(&[conv("w")], &[tensor("w", &[2, 1, 3, 3, 3], &[0.0; 53])]);
    assert!(short.contains("should have 54 values by their shape, the file has 53"), "{short}");
    let path = Message::default().text(1, "location").text(2, "../../secret");
    let outside = of(&[conv("w")], &[one.clone().message(13, path).number(14, 1)]);
    assert!(outside.contains("weights in other files"), "{outside}");
    let loops =
        of(&[node("Loop", &["x"], "y", &[Message::default().text(1, "body").message(6, Message::default())])], &[]);
    assert!(loops.contains("loops or branches"), "{loops}");
    let unknown = of(&[node("Expand", &["x", "w"], "y", &[])], std::slice::from_ref(&one));
    assert!(unknown.contains("the operator Expand, which is not supported"), "{unknown}");
    let pads = of(&[node("Conv", &["x", "w"], "y", &[ints("pads", &[-1; 6])])], std::slice::from_ref(&one));
    assert!(pads.contains("pads = [-1, -1, -1, -1, -1, -1]; 6 of 0 to 65536 are needed"), "{pads}");
    let colour = refused(&model(15, &[1, 3, 0, 0, 0], &[conv("w")], std::slice::from_ref(&one)));
    assert!(colour.contains("takes 3 channels; 1 is supported"), "{colour}");
    let flat = refused(&model(15, &[1, 1, 0, 0], &[conv("w")], std::slice::from_ref(&one)));
    assert!(flat.contains("has 4 axes"), "{flat}");
}

/// Each image is the last twice over: sixty lines of a file for 2⁶⁶ values.
#[test]
fn images_and_weights_that_grow_without_end_are_refused_before_they_are_computed() {
    let concat = |n: usize| {
        let (from, to) = (if n == 0 { "x".into() } else { format!("c{n}") }, format!("c{}", n + 1));
        node("Concat", &[&from, &from], &to, &[Message::default().text(1, "axis").number(3, 1).number(20, 2)])
    };
    let mut nodes: Vec<Message> = (0..60).map(concat).collect();
    nodes.push(node("Identity", &["c60"], "y", &[]));
    let said = refused(&model(15, &ANY, &nodes, &[]));
    assert!(said.contains("Concat of the network gives") && said.contains("are supported"), "{said}");
    // The same weights in every layer.
    let convolution = |n: usize| {
        let (from, to) = (if n == 0 { "x".into() } else { format!("c{n}") }, format!("c{}", n + 1));
        node("Conv", &[&from, "w"], &to, &[ints("pads", &[20; 6])])
    };
    let mut nodes: Vec<Message> = (0..60).map(convolution).collect();
    nodes.push(node("Identity", &["c60"], "y", &[]));
    let said = refused(&model(15, &ANY, &nodes, &[tensor("w", &[1, 1, 41, 41, 41], &[0.0; 68_921])]));
    assert!(said.contains("the same weights more than four times"), "{said}");
}

#[test]
fn a_network_for_images_of_one_size_says_which() {
    let network = OnnxNetwork::read(&blur(15, &[1, 1, 8, 8, 8])).unwrap();
    assert!(network.ready([8, 8, 8]).is_ok());
    let said = network.ready([8, 8, 9]).unwrap_err().to_string();
    assert!(said.contains("takes images of 8 × 8 × 8 voxels, the tiles have 8 × 8 × 9"), "{said}");
}
