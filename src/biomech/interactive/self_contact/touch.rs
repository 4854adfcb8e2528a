//! A vertex inside tissue of others, and the spring between it and the triangle it came through.

use crate::biomech::interactive::matrix::Four;
use crate::biomech::interactive::tools::CREEP_M_S;
use crate::geom::Vector;
use nalgebra::Matrix3;

/// A vertex inside other tissue.
#[derive(Debug, Clone, Copy, Default)]
pub struct Touch {
    /// The vertex, then the corners of the triangle.
    pub vertices: [u32; 4],
    /// 1, then minus the weights of the nearest point; their sum is 0.
    pub weights: [f64; 4],
    /// Out of the other tissue, for the vertex.
    pub normal: Vector,
    /// Depth where vertex and point of the triangle coincide, m: sides of cuts are smoothed.
    pub offset: f64,
    /// Depth that is left to it in this frame, m.
    pub allowed: f64,
    /// How deep the vertex is, m.
    pub depth: f64,
    /// How far the spring is pressed, m: less than the depth while an overlap is being undone.
    pub pressed: f64,
    /// Stiffness along the normal, N/m.
    pub stiffness: f64,
    /// Stiffness across the normal, N/m, where the force turns as the vertices move.
    pub aside: f64,
    /// Stiffness of friction across the normal, N/m.
    pub rub: f64,
    /// Number of the vertex on the surface.
    pub number: u32,
}

impl Touch {
    /// Σ weight × value, the movement of the vertex against the triangle if values are movements.
    pub fn against(&self, values: impl Fn(usize) -> Vector) -> Vector {
        self.vertices.iter().zip(self.weights).map(|(v, weight)| values(*v as usize) * weight).sum()
    }

    /// Depth and how far the spring is pressed where `place` says the vertices are, m.
    pub fn press(&mut self, place: impl Fn(u32) -> Vector) {
        self.depth = self.offset - self.normal.dot(&self.against(|v| place(v as u32)));
        self.pressed = self.depth - self.allowed;
    }

    /// Force along the normal on the vertex, N; on the corners it is spread with the opposite sign.
    pub fn push(&self) -> Vector {
        self.normal * (self.stiffness * self.pressed)
    }

    /// Energy of the spring, J.
    pub fn push_energy(&self) -> f64 {
        0.5 * self.stiffness * self.pressed * self.pressed
    }

    fn across(&self, slip: &Vector) -> Vector {
        slip - self.normal * self.normal.dot(slip)
    }

    /// Friction on the vertex, N, if it came by `slip` m along the triangle since the start of the frame.
    pub fn drag(&self, slip: &Vector) -> Vector {
        self.across(slip) * -self.rub
    }

    /// What friction takes, J.
    pub fn drag_energy(&self, slip: &Vector) -> f64 {
        0.5 * self.rub * self.across(slip).norm_squared()
    }

    /// Fix the friction of this frame as tools do: the spring was `pressed` m at the end of the last frame.
    pub fn set_friction(&mut self, coefficient: f64, pressed: f64, slip: &Vector, step_s: f64) {
        let most = coefficient * self.stiffness * pressed;
        self.rub = (most / self.across(slip).norm().max(CREEP_M_S * step_s)).min(self.stiffness);
    }

    /// Stiffness of the spring and of friction for a movement of the vertex against the triangle, N/m; never negative.
    pub fn block(&self) -> Matrix3<f64> {
        let along = self.normal * self.normal.transpose();
        let across = self.rub + self.aside;
        along * (self.stiffness - across) + Matrix3::from_diagonal_element(across)
    }
}

/// What couples a vertex to the corners of a triangle that are not its neighbours in the mesh.
#[derive(Debug, Clone, Copy)]
pub struct Link {
    /// The vertex, then the corners.
    pub vertices: [u32; 4],
    /// 1, then minus the weights of a point of the triangle.
    pub weights: [f32; 4],
    /// Columns, N/m.
    pub block: [Four; 3],
}

impl Link {
    /// That of `touch`.
    pub fn new(touch: &Touch) -> Self {
        let block = touch.block();
        let column = |j: usize| [block[(0, j)] as f32, block[(1, j)] as f32, block[(2, j)] as f32, 0.0];
        Self {
            vertices: touch.vertices,
            weights: touch.weights.map(|weight| weight as f32),
            block: [column(0), column(1), column(2)],
        }
    }

    /// Add what couples the vertex and the corners under the movement `x` to `out`, N, where they are `free`; x · A x of
    /// it, J. What couples each to itself and corners to corners is in the stiffness of the body.
    pub fn add_product(&self, x: &[Four], free: &[Four], out: &mut [Four]) -> f64 {
        let [v, corners @ ..] = self.vertices.map(|v| v as usize);
        let mut other = [0.0_f32; 3];
        for (corner, weight) in corners.iter().zip(&self.weights[1..]) {
            (0..3).for_each(|i| other[i] += weight * x[*corner][i]);
        }
        let times = |y: &[f32]| -> [f32; 3] {
            std::array::from_fn(|i| self.block[0][i] * y[0] + self.block[1][i] * y[1] + self.block[2][i] * y[2])
        };
        let (on_vertex, on_corners) = (times(&other), times(&x[v][..3]));
        let mut work = 0.0;
        for i in 0..3 {
            out[v][i] += on_vertex[i] * free[v][i];
            work += 2.0 * f64::from(on_vertex[i]) * f64::from(x[v][i]);
        }
        for (corner, weight) in corners.iter().zip(&self.weights[1..]) {
            (0..3).for_each(|i| out[*corner][i] += weight * on_corners[i] * free[*corner][i]);
        }
        work
    }
}
