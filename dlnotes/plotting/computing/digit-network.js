/* The arithmetic of the figure in which a digit is drawn: the ladder's rung-5 network, and how a drawing becomes 28 × 28 numbers.
   The book serves it with the weights in it, and a page loads it when the figure is first used. A classic script, without the page. */
(function () {
  "use strict";
  if (window.dlnDigit) { return; }
  var SIDE = 28, BOX = 20, MIDDLE = 14.5; // MNIST: longest side 20 pixels, centre of mass in the middle of pixel 14, counted from 0
  var LARGEST = 6; // times that a drawing is enlarged at most

  /* Weights as whole numbers of 16 bits, each row (output) with its own step; biases as they are. */
  function layer(packed) {
    var bytes = atob(packed.codes), many = bytes.length / 2, row = many / packed.steps.length, w = new Float32Array(many);
    for (var i = 0; i < many; i++) {
      var code = bytes.charCodeAt(2 * i) | bytes.charCodeAt(2 * i + 1) << 8;
      w[i] = (code << 16 >> 16) * packed.steps[Math.floor(i / row)];
    }
    return { w: w, b: Float32Array.from(packed.bias), rows: packed.steps.length };
  }
  function decode(packed) {
    var net = {};
    Object.keys(packed).forEach(function (name) { net[name] = layer(packed[name]); });
    return net;
  }
  /* The same network before any training: normal weights by He's rule, no bias. */
  function random(net, seed) {
    function uniform() { // mulberry32
      seed = seed + 0x6D2B79F5 | 0;
      var t = Math.imul(seed ^ seed >>> 15, 1 | seed);
      t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t;
      return ((t ^ t >>> 14) >>> 0) / 4294967296;
    }
    var drawn = {};
    Object.keys(net).forEach(function (name) {
      var many = net[name].w.length, rows = net[name].rows, wide = Math.sqrt(2 * rows / many);
      var w = new Float32Array(many);
      for (var i = 0; i < many; i++) { w[i] = wide * Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()); }
      drawn[name] = { w: w, b: new Float32Array(rows), rows: rows };
    });
    return drawn;
  }

  function convolve(x, side, layer, k) { // x: channels × side × side, stride 1, no padding; then ReLU
    var out = side - k + 1, area = out * out, channels = x.length / (side * side), y = new Float64Array(layer.rows * area), at = 0;
    for (var m = 0; m < layer.rows; m++) {
      y.fill(layer.b[m], m * area, (m + 1) * area);
      for (var c = 0; c < channels; c++) {
        for (var i = 0; i < k; i++) {
          for (var j = 0; j < k; j++) {
            var weight = layer.w[at++];
            for (var p = 0; p < out; p++) {
              var to = m * area + p * out, from = (c * side + p + i) * side + j;
              for (var q = 0; q < out; q++) { y[to + q] += weight * x[from + q]; }
            }
          }
        }
      }
    }
    return relu(y);
  }
  function relu(y) {
    for (var i = 0; i < y.length; i++) { if (y[i] < 0) { y[i] = 0; } }
    return y;
  }
  function pool(x, side) { // the largest of 2 × 2
    var half = side / 2, y = new Float64Array(x.length / 4);
    for (var i = 0; i < y.length; i++) {
      var row = Math.floor(i / half), at = 2 * row * side + 2 * (i % half);
      y[i] = Math.max(x[at], x[at + 1], x[at + side], x[at + side + 1]);
    }
    return y;
  }
  function dense(x, layer) {
    return Float64Array.from(layer.b, function (bias, row) {
      var sum = bias, at = row * x.length;
      for (var i = 0; i < x.length; i++) { sum += layer.w[at + i] * x[i]; }
      return sum;
    });
  }
  function softmax(scores) {
    var top = Math.max.apply(null, scores), all = Array.from(scores, function (s) { return Math.exp(s - top); });
    var sum = all.reduce(function (a, b) { return a + b; });
    return all.map(function (e) { return e / sum; });
  }
  /* All layers of one picture of 28 × 28 numbers from 0 to 1. */
  function read(net, pixels) {
    var seen = { relu1: convolve(pixels, SIDE, net.conv1, 5) };
    seen.pool1 = pool(seen.relu1, 24);
    seen.relu2 = convolve(seen.pool1, 12, net.conv2, 5);
    seen.pool2 = pool(seen.relu2, 8);
    seen.relu3 = relu(dense(seen.pool2, net.linear1));
    seen.scores = dense(seen.relu3, net.linear2);
    seen.shares = softmax(seen.scores);
    return seen;
  }

  /* How like the hundred units of a drawing are to those of the sample digit nearest to them: the largest cosine. */
  function alike(units) {
    var length = Math.sqrt(units.reduce(function (sum, u) { return sum + u * u; }, 0));
    return length && Math.max.apply(null, dense(units, samples)) / length;
  }

  /* Occlusion: the picture with a blank square of 7 × 7 at each of 8 × 8 places, three pixels apart. */
  function covered(net, pixels, place) {
    var top = 3 * Math.floor(place / 8), left = 3 * (place % 8), some = Float64Array.from(pixels);
    for (var i = top; i < top + 7; i++) { some.fill(0, i * SIDE + left, i * SIDE + left + 7); }
    return read(net, some);
  }

  /* How much of each pixel a line covers: full to its radius, then falling to nothing over one pixel. */
  function line(points, radius) {
    var ink = new Float64Array(SIDE * SIDE);
    for (var n = 0; n < points.length; n++) {
      var a = points[n], b = points[Math.min(n + 1, points.length - 1)], reach = radius + 1;
      var ux = b[0] - a[0], uy = b[1] - a[1], long = ux * ux + uy * uy;
      var low = Math.max(0, Math.floor(Math.min(a[1], b[1]) - reach)), high = Math.min(SIDE - 1, Math.max(a[1], b[1]) + reach);
      var left = Math.max(0, Math.floor(Math.min(a[0], b[0]) - reach)), right = Math.min(SIDE - 1, Math.max(a[0], b[0]) + reach);
      for (var i = low; i <= high; i++) {
        for (var j = left; j <= right; j++) {
          var x = j + 0.5 - a[0], y = i + 0.5 - a[1];
          var t = long > 0 ? Math.max(0, Math.min(1, (x * ux + y * uy) / long)) : 0;
          var part = Math.max(0, Math.min(1, radius + 0.5 - Math.hypot(x - t * ux, y - t * uy)));
          ink[i * SIDE + j] = Math.max(ink[i * SIDE + j], part);
        }
      }
    }
    return ink;
  }
  /* Strokes { points, radius, rubber } onto a picture, in their order: the pen adds ink, the rubber takes it away. */
  function onto(base, strokes, scale, dx, dy) {
    var ink = Float64Array.from(base || new Float64Array(SIDE * SIDE));
    strokes.forEach(function (stroke) {
      var points = stroke.points.map(function (p) { return [scale * p[0] + dx, scale * p[1] + dy]; });
      var part = line(points, stroke.rubber ? stroke.radius * scale : stroke.radius);
      for (var i = 0; i < ink.length; i++) {
        ink[i] = stroke.rubber ? Math.min(ink[i], 1 - part[i]) : Math.max(ink[i], part[i]);
      }
    });
    return ink;
  }
  function near(p, points, reach) {
    return points.some(function (a, n) {
      var b = points[Math.min(n + 1, points.length - 1)], ux = b[0] - a[0], uy = b[1] - a[1], long = ux * ux + uy * uy;
      var t = long > 0 ? Math.max(0, Math.min(1, ((p[0] - a[0]) * ux + (p[1] - a[1]) * uy) / long)) : 0;
      return Math.hypot(p[0] - a[0] - t * ux, p[1] - a[1] - t * uy) < reach;
    });
  }
  /* As MNIST's digits are: the longest side 20 pixels, the centre of mass in the middle; only lines are scaled, not their breadth. */
  function fitted(strokes) {
    var kept = [], pen = 0;
    strokes.forEach(function (stroke, n) {
      var later = strokes.slice(n + 1).filter(function (other) { return other.rubber; });
      if (!stroke.rubber) {
        pen = stroke.radius;
        kept = kept.concat(stroke.points.filter(function (p) {
          return !later.some(function (other) { return near(p, other.points, other.radius); });
        }));
      }
    });
    if (!kept.length) { return new Float64Array(SIDE * SIDE); }
    var xs = kept.map(function (p) { return p[0]; }), ys = kept.map(function (p) { return p[1]; });
    var x0 = Math.min.apply(null, xs), x1 = Math.max.apply(null, xs), y0 = Math.min.apply(null, ys), y1 = Math.max.apply(null, ys);
    var scale = Math.min(LARGEST, (BOX - 2 * pen) / Math.max(x1 - x0, y1 - y0, 1e-9));
    var dx = SIDE / 2 - scale * (x0 + x1) / 2, dy = SIDE / 2 - scale * (y0 + y1) / 2;
    var ink = onto(null, strokes, scale, dx, dy), sum = 0, mx = 0, my = 0;
    for (var i = 0; i < ink.length; i++) {
      sum += ink[i];
      mx += ink[i] * (i % SIDE + 0.5);
      my += ink[i] * (Math.floor(i / SIDE) + 0.5);
    }
    if (!sum) { return ink; }
    var room = (SIDE - BOX) / 2; // so that nothing leaves the picture
    function shift(mass) { return Math.max(-room, Math.min(room, MIDDLE - mass / sum)); }
    return onto(null, strokes, scale, dx + shift(mx), dy + shift(my));
  }
  /* What the network sees: a drawing as it stands or fitted; one on top of a sample stays as it stands. */
  function seen(base, strokes, fit) {
    return fit && !base ? fitted(strokes) : onto(base, strokes, 1, 0, 0);
  }

  var samples = layer(/*samples*/0);
  window.dlnDigit = {
    net: decode(/*weights*/0), random: random, read: read, covered: covered, seen: seen,
    alike: alike, least: /*least*/0
  };
})();
