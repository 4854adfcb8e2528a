// Shows the scene of a report: reads the GLB beside it, draws it with WebGL, knows no library and no network.
// Vertices are LPS millimetres: x to the patient's left, y to the back, z to the head.
(function () {
  "use strict";
  const stage = document.querySelector(".scene .stage"), canvas = stage.querySelector("canvas");
  const list = document.querySelector(".scene .parts"), sorry = stage.querySelector(".sorry");
  const words = JSON.parse(document.getElementById("scene-words").textContent);

  function refuse(sentence) {
    canvas.hidden = true;
    sorry.hidden = false;
    sorry.textContent = sentence;
    stage.classList.add("without");
  }

  // The meshes of a GLB file: header of 12 bytes, a chunk of JSON, a chunk of arrays.
  function read(text) {
    const bytes = Uint8Array.from(atob(text.trim()), (letter) => letter.charCodeAt(0));
    const view = new DataView(bytes.buffer);
    if (view.getUint32(0, true) !== 0x46546c67) throw new Error("no GLB");
    const length = view.getUint32(12, true), start = 20 + length + 8;
    const root = JSON.parse(new TextDecoder().decode(bytes.subarray(20, 20 + length)));
    const array = (number, type) => {
      const accessor = root.accessors[number], part = root.bufferViews[accessor.bufferView];
      const each = { SCALAR: 1, VEC3: 3, VEC4: 4 }[accessor.type];
      return new type(bytes.buffer, start + (part.byteOffset || 0), accessor.count * each);
    };
    return root.meshes.map((mesh) => {
      const primitive = mesh.primitives[0], material = root.materials[primitive.material];
      const colour = primitive.attributes.COLOR_0;
      return {
        name: mesh.name,
        places: array(primitive.attributes.POSITION, Float32Array),
        normals: array(primitive.attributes.NORMAL, Float32Array),
        colours: colour === undefined ? null : array(colour, Uint8Array),
        corners: array(primitive.indices, Uint32Array),
        base: material.pbrMetallicRoughness.baseColorFactor.slice(0, 3),
        opacity: material.pbrMetallicRoughness.baseColorFactor[3],
        shown: true,
      };
    });
  }

  let parts;
  try {
    parts = read(document.getElementById("scene-data").textContent);
  } catch (error) {
    return refuse(words.broken);
  }
  const gl = canvas.getContext("webgl", { antialias: true, preserveDrawingBuffer: true });
  if (!gl || !gl.getExtension("OES_element_index_uint")) return refuse(words.noGl);

  const shader = (kind, text) => {
    const own = gl.createShader(kind);
    gl.shaderSource(own, text);
    gl.compileShader(own);
    return own;
  };
  const program = gl.createProgram();
  gl.attachShader(program, shader(gl.VERTEX_SHADER,
    "attribute vec3 place, normal; attribute vec4 colour; uniform mat4 clip; uniform mat3 turn;" +
    "varying vec3 n; varying vec3 c; void main() { gl_Position = clip * vec4(place, 1.0); n = turn * normal; c = colour.rgb; }"));
  // Colours are linear light; what is seen is lit from the eye and a little from above, then made sRGB.
  gl.attachShader(program, shader(gl.FRAGMENT_SHADER,
    "precision mediump float; uniform vec3 base; uniform float opacity; varying vec3 n; varying vec3 c;" +
    "void main() { vec3 m = normalize(n); if (m.z < 0.0) m = -m;" +
    "float light = 0.22 + 0.62 * m.z + 0.16 * max(0.0, dot(m, vec3(-0.35, 0.8, 0.48)));" +
    "float gleam = (gl_FrontFacing ? 0.16 : 0.0) * pow(max(0.0, dot(m, normalize(vec3(-0.2, 0.4, 1.0)))), 40.0);" +
    "gl_FragColor = vec4(pow(base * c * light + gleam, vec3(1.0 / 2.2)), opacity); }"));
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) return refuse(words.noGl);
  gl.useProgram(program);
  const at = (name) => gl.getUniformLocation(program, name);
  const uniforms = { clip: at("clip"), turn: at("turn"), base: at("base"), opacity: at("opacity") };
  const slots = ["place", "normal", "colour"].map((name) => gl.getAttribLocation(program, name));
  const buffer = (target, data) => {
    const own = gl.createBuffer();
    gl.bindBuffer(target, own);
    gl.bufferData(target, data, gl.STATIC_DRAW);
    return own;
  };

  const low = [Infinity, Infinity, Infinity], high = [-Infinity, -Infinity, -Infinity];
  for (const part of parts) {
    const own = [[Infinity, Infinity, Infinity], [-Infinity, -Infinity, -Infinity]];
    for (let n = 0; n < part.places.length; n++) {
      own[0][n % 3] = Math.min(own[0][n % 3], part.places[n]);
      own[1][n % 3] = Math.max(own[1][n % 3], part.places[n]);
    }
    part.middle = [0, 1, 2].map((a) => (own[0][a] + own[1][a]) / 2);
    for (let a = 0; a < 3; a++) {
      low[a] = Math.min(low[a], own[0][a]);
      high[a] = Math.max(high[a], own[1][a]);
    }
    part.placesBuffer = buffer(gl.ARRAY_BUFFER, part.places);
    part.normalsBuffer = buffer(gl.ARRAY_BUFFER, part.normals);
    part.coloursBuffer = part.colours && buffer(gl.ARRAY_BUFFER, part.colours);
    part.cornersBuffer = buffer(gl.ELEMENT_ARRAY_BUFFER, part.corners);
  }
  const reach = Math.max(1, Math.hypot(high[0] - low[0], high[1] - low[1], high[2] - low[2]) / 2);
  const first = () => ({ turn: 34, lift: 14, size: 0.85, middle: [0, 1, 2].map((a) => (low[a] + high[a]) / 2) });
  let eye = first();

  // Directions to the right, up and to the viewer, as in the pictures of the report.
  function axes() {
    const a = eye.turn * Math.PI / 180, e = eye.lift * Math.PI / 180;
    const toward = [Math.sin(a) * Math.cos(e), -Math.cos(a) * Math.cos(e), Math.sin(e)];
    const right = [Math.cos(a), Math.sin(a), 0];
    const up = [-Math.sin(a) * Math.sin(e), Math.cos(a) * Math.sin(e), Math.cos(e)];
    return [right, up, toward];
  }
  const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

  function draw() {
    const scale = window.devicePixelRatio || 1;
    const width = Math.round(canvas.clientWidth * scale), height = Math.round(canvas.clientHeight * scale);
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
    gl.viewport(0, 0, width, height);
    gl.clearColor(24 / 255, 28 / 255, 34 / 255, 1);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    gl.enable(gl.DEPTH_TEST);
    const [right, up, toward] = axes(), half = reach * eye.size, aspect = width / Math.max(1, height);
    const sides = [half * Math.max(1, aspect), half * Math.max(1, 1 / aspect)];
    const rows = [right.map((x) => x / sides[0]), up.map((x) => x / sides[1]), toward.map((x) => -x / (6 * reach))];
    const shift = rows.map((row) => -dot(row, eye.middle));
    const clip = [0, 1, 2].flatMap((c) => [rows[0][c], rows[1][c], rows[2][c], 0]).concat(shift, 1);
    gl.uniformMatrix4fv(uniforms.clip, false, clip);
    gl.uniformMatrix3fv(uniforms.turn, false, [0, 1, 2].flatMap((c) => [right[c], up[c], toward[c]]));
    const shown = parts.filter((part) => part.shown && 0 < part.opacity);
    gl.disable(gl.BLEND);
    gl.disable(gl.CULL_FACE);
    gl.depthMask(true);
    shown.filter((part) => 0.999 <= part.opacity).forEach(triangles);
    // Translucent shapes from the farthest to the nearest, of each the inner side before the outer one.
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.SRC_ALPHA, gl.ONE_MINUS_SRC_ALPHA);
    gl.enable(gl.CULL_FACE);
    gl.depthMask(false);
    const clear = shown.filter((part) => part.opacity < 0.999);
    clear.sort((a, b) => dot(toward, a.middle) - dot(toward, b.middle) || b.corners.length - a.corners.length);
    for (const side of [gl.FRONT, gl.BACK]) {
      gl.cullFace(side);
      clear.forEach(triangles);
    }
    gl.depthMask(true);
  }

  function triangles(part) {
    const set = (slot, own, count, type, whole) => {
      gl.bindBuffer(gl.ARRAY_BUFFER, own);
      gl.enableVertexAttribArray(slot);
      gl.vertexAttribPointer(slot, count, type, whole, 0, 0);
    };
    set(slots[0], part.placesBuffer, 3, gl.FLOAT, false);
    set(slots[1], part.normalsBuffer, 3, gl.FLOAT, false);
    if (part.coloursBuffer) set(slots[2], part.coloursBuffer, 4, gl.UNSIGNED_BYTE, true);
    else {
      gl.disableVertexAttribArray(slots[2]);
      gl.vertexAttrib4f(slots[2], 1, 1, 1, 1);
    }
    gl.uniform3fv(uniforms.base, part.base);
    gl.uniform1f(uniforms.opacity, part.opacity);
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, part.cornersBuffer);
    gl.drawElements(gl.TRIANGLES, part.corners.length, gl.UNSIGNED_INT, 0);
  }

  // Pixels of the picture that are not the ground.
  function seen() {
    const pixels = new Uint8Array(4 * canvas.width * canvas.height);
    gl.readPixels(0, 0, canvas.width, canvas.height, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
    let count = 0;
    for (let n = 0; n < pixels.length; n += 4) {
      if (3 < Math.abs(pixels[n] - 24) + Math.abs(pixels[n + 1] - 28) + Math.abs(pixels[n + 2] - 34)) count++;
    }
    return count;
  }

  let asked = false;
  function redraw() {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      draw();
    });
  }

  function move(dx, dy) {
    const [right, up] = axes(), mm = 2 * reach * eye.size / Math.min(canvas.clientWidth, canvas.clientHeight);
    eye.middle = eye.middle.map((x, a) => x - right[a] * dx * mm + up[a] * dy * mm);
  }
  const zoom = (factor) => { eye.size = Math.min(8, Math.max(0.02, eye.size * factor)); };

  // One pointer turns, two zoom and move.
  const held = new Map();
  // The wheel scrolls the page until the scene was touched.
  let used = false;
  canvas.addEventListener("pointerleave", () => { used = false; });
  canvas.addEventListener("pointerdown", (event) => {
    used = true;
    held.set(event.pointerId, [event.clientX, event.clientY]);
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    const last = held.get(event.pointerId);
    if (!last) return;
    const dx = event.clientX - last[0], dy = event.clientY - last[1];
    if (held.size === 2) {
      const other = [...held].find(([id]) => id !== event.pointerId)[1];
      const before = Math.hypot(last[0] - other[0], last[1] - other[1]);
      const after = Math.hypot(event.clientX - other[0], event.clientY - other[1]);
      zoom(before / Math.max(1, after));
      move(dx / 2, dy / 2);
    } else if (event.shiftKey || event.buttons & 2) move(dx, dy);
    else {
      eye.turn -= dx * 0.4;
      eye.lift = Math.min(89, Math.max(-89, eye.lift + dy * 0.4));
    }
    held.set(event.pointerId, [event.clientX, event.clientY]);
    redraw();
  });
  ["pointerup", "pointercancel"].forEach((end) => canvas.addEventListener(end, (event) => held.delete(event.pointerId)));
  canvas.addEventListener("wheel", (event) => {
    if (!used) return;
    event.preventDefault();
    zoom(Math.exp(event.deltaY * 0.001));
    redraw();
  }, { passive: false });
  canvas.addEventListener("contextmenu", (event) => event.preventDefault());
  canvas.addEventListener("dblclick", () => { eye = first(); redraw(); });
  canvas.addEventListener("webglcontextlost", () => refuse(words.noGl));
  window.addEventListener("resize", redraw);

  const bar = document.createElement("div");
  bar.className = "views";
  for (const [name, turn, lift] of words.views) {
    const button = document.createElement("button");
    button.textContent = name;
    button.addEventListener("click", () => { eye = Object.assign(first(), { turn, lift }); redraw(); });
    bar.append(button);
  }
  stage.append(bar);
  for (const part of parts) {
    const label = document.createElement("label"), box = document.createElement("input");
    const chip = document.createElement("i"), name = document.createElement("span"), slide = document.createElement("input");
    box.type = "checkbox";
    box.checked = true;
    box.addEventListener("change", () => { part.shown = box.checked; redraw(); });
    const seen = part.base.map((x) => Math.round(255 * Math.pow(x, 1 / 2.2)));
    chip.className = "chip";
    chip.style.background = part.colours ? "linear-gradient(90deg,#30508c,#c8c8c8,#b03030)" : `rgb(${seen})`;
    name.textContent = part.name;
    Object.assign(slide, { type: "range", min: 0, max: 100, value: Math.round(100 * part.opacity), title: words.opacity });
    slide.setAttribute("aria-label", `${part.name}: ${words.opacity}`);
    slide.addEventListener("input", () => { part.opacity = slide.value / 100; redraw(); });
    label.append(box, chip, name);
    const row = document.createElement("div");
    row.append(label, slide);
    list.append(row);
  }
  draw();
  // What came of it stands on the stage for whoever checks the page; a driver that draws nothing is told of.
  const drawn = seen();
  stage.dataset.parts = parts.length;
  stage.dataset.triangles = parts.reduce((sum, part) => sum + part.corners.length / 3, 0);
  stage.dataset.pixels = drawn;
  if (drawn === 0 && 0 < canvas.width * canvas.height) refuse(words.noGl);
})();
