/* A digit is drawn, and the ladder's rung-5 network answers in the page. Its arithmetic and weights (digit-network.js) and what shows
   its maps (digit-inside.js) lie beside this script and are loaded when the figure is first used; a notebook has neither and keeps the still. */
(function () {
  "use strict";
  var live = window.dlnLive, script = document.currentScript, source = script && script.src;
  if (!live) { return; }
  var make = live.make, SIDE = 28, PAD = 190, SMALL = 84, SHARP = 2; // SHARP: pixels of a canvas for one of the page
  var PEN = 1.2, RUBBER = 2.2; // radii, in pixels of the 28; with this pen drawings have as much ink as MNIST's digits
  var WARM = [214, 104, 40], COLD = [30, 128, 168];
  var LOST = "The network did not load: its files digit-network.js and digit-inside.js belong beside this page's scripts; reload the page, or build the book again.";
  var CSS = [
    ".dln-desk{display:flex;flex-wrap:wrap;gap:.9rem 1.5rem;justify-content:center;align-items:flex-start}.dln-desk>div{min-width:0}",
    ".dln-desk .dln-controls{gap:.35rem .6rem}.dln-hand .dln-words{max-width:284px}.dln-hand{flex:0 1 284px}.dln-answer{flex:1 1 284px;max-width:400px}.dln-pads{display:flex;gap:10px;justify-content:center}",
    ".dln-pads canvas,.dln-answer canvas{display:block;image-rendering:pixelated}.dln-pads figure{margin:0 0 .3rem}",
    ".dln-pads figcaption,.dln-told{margin:.15rem 0 0!important;font-size:.75rem;line-height:1.25;text-align:left!important;color:var(--dln-muted,#596673)}",
    ".dln-pad{width:190px;height:190px;flex:none;touch-action:none;cursor:crosshair;border-radius:.3rem;background:#000}",
    ".dln-samples{display:grid!important;grid-template-columns:repeat(10,1fr);gap:2px!important}",
    ".dln-samples button{min-width:0!important;min-height:26px!important;padding:0!important;overflow:hidden;background:#000!important}",
    ".dln-samples canvas{width:100%;display:block}.dln-sheet{width:100%}.dln-answer svg{width:100%}.dln-answer legend{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}.dln-choice label{padding:0 .4rem}",
    ".dln-maps{min-height:124px;margin-top:.4rem}.dln-tiles{display:flex;gap:6px;align-items:flex-start}.dln-answer>.dln-tiles{flex-wrap:wrap;min-height:60px;margin-top:.4rem}",
    ".dln-tiles .dln-told{flex:1 1 10rem;margin:0!important}@media print{.dln-samples{display:none!important}}",
    ".dln-tiles canvas{width:56px;height:56px;flex:none}"
  ].join("");
  make(document.head, "style", {}).textContent = CSS;

  /* Numbers as a picture: signed ones in orange and blue on nothing, others from black to white. */
  function image(values, wide, low, high, signed) {
    var canvas = document.createElement("canvas"), tall = values.length / wide;
    canvas.width = wide;
    canvas.height = tall;
    var data = new ImageData(wide, tall);
    for (var i = 0; i < values.length; i++) {
      var part = Math.max(signed ? -1 : 0, Math.min(1, (values[i] - low) / (high - low || 1))), colour = part < 0 ? WARM : COLD;
      for (var c = 0; c < 3; c++) { data.data[4 * i + c] = signed ? colour[c] : 255 * part; }
      data.data[4 * i + 3] = signed ? 255 * Math.abs(part) : 255;
    }
    canvas.getContext("2d").putImageData(data, 0, 0);
    return canvas;
  }
  function show(canvas, picture, square) { // square: x, y and side in the picture's own pixels
    var g = canvas.getContext("2d"), one = canvas.width / picture.width;
    g.imageSmoothingEnabled = false;
    g.clearRect(0, 0, canvas.width, canvas.height);
    g.drawImage(picture, 0, 0, canvas.width, picture.height * one);
    if (square) {
      g.strokeStyle = "rgb(" + WARM + ")";
      g.lineWidth = 2 * SHARP;
      g.strokeRect(square[0] * one, square[1] * one, square[2] * one, square[2] * one);
    }
  }
  function unpack(facts) {
    var bytes = atob(facts.pixels);
    return facts.digits.map(function (digit, n) {
      var pixels = new Float64Array(SIDE * SIDE);
      for (var i = 0; i < pixels.length; i++) { pixels[i] = bytes.charCodeAt(n * pixels.length + i) / 255; }
      return { digit: digit, pixels: pixels };
    });
  }
  function percent(share) { return share > 0.999 ? "over 99.9 %" : (100 * share).toFixed(share > 0.99 ? 1 : 0) + " %"; }

  live.add("digit", function (state, facts) {
    var words = state.querySelector(".dln-words");
    if (!source) { // in a notebook
      words.textContent += " You can draw your own on the page of the book: a notebook does not carry the network's weights.";
      return;
    }
    var still = state.querySelector(".dln-panels"), drawings = still.querySelectorAll("svg"), samples = unpack(facts);
    var base = samples[facts.start].pixels, shown = true, strokes = [], before = [], fit = true, rubber = false, asked = false;
    var brush = { x: 14, y: 14, down: false, keys: false }, seen = null, pixels = base, net = null, job = 0, maps = null;

    /* ---- what stands where ---- */
    var desk = document.createElement("div");
    desk.className = "dln-desk";
    state.insertBefore(desk, words);
    var hand = make(desk, "div", { "class": "dln-hand" }), answer = make(desk, "div", { "class": "dln-answer" });
    var pads = make(hand, "div", { "class": "dln-pads" }), pad = make(pads, "canvas", {
      "class": "dln-pad", width: SHARP * PAD, height: SHARP * PAD, tabindex: 0, role: "application", "data-lm-suppress-shortcuts": "true",
      "aria-label": "Drawing pad. Arrow keys move the brush, with Shift a quarter as far; Space puts it down and lifts it."
    });
    var small = make(pads, "div", {}), eye = little("what it sees"), heat = facts.inside ? little("what mattered") : null;
    function little(name) {
      var figure = make(small, "figure", {}), canvas = make(figure, "canvas", { width: SHARP * SMALL, height: SHARP * SMALL, role: "img", "aria-label": name });
      canvas.style.width = canvas.style.height = SMALL + "px";
      make(figure, "figcaption", {}, name);
      return canvas;
    }
    var bar = live.addBar(hand, null), row = make(hand, "div", { "class": "dln-controls dln-samples", role: "group", "aria-label": "Sample digits" });
    button("Clear", function () { begin(null); pad.focus({ preventScroll: true }); });
    button("Undo", function () {
      var last = strokes.length ? null : before.pop(); // without strokes: what Clear, a sample or the first stroke put away
      if (last) { base = last[0]; strokes = last[1]; } else { strokes.pop(); }
      changed(true);
    });
    live.control(bar, "toggle", "rubber", ["off", "on"], 0, function (on) { rubber = on === 1; });
    live.control(bar, "toggle", "centred", ["off", "on"], 1, function (on) { fit = on === 1; changed(true); });
    function button(name, act) { make(bar, "button", { type: "button" }, name).onclick = act; }
    var shares = drawings[1], rest = drawings[2];
    shares.removeAttribute("aria-hidden");
    shares.setAttribute("role", "img");
    shares.setAttribute("aria-label", words.textContent);
    answer.appendChild(shares);
    for (var digit = 0; digit < 10; digit++) { sample(digit); }
    if (facts.inside) { answer.appendChild(rest); }
    still.remove();
    (facts.inside ? hand : answer).appendChild(words);

    function sample(digit) {
      var some = samples.filter(function (one) { return one.digit === digit; }), at = 0;
      var box = make(row, "button", { type: "button", "aria-label": "a sample " + digit, title: "a sample " + digit });
      var picture = box.appendChild(image(some[0].pixels, SIDE, 0, 1));
      box.onclick = function () {
        begin(some[at++ % some.length].pixels);
        picture.getContext("2d").drawImage(image(some[at % some.length].pixels, SIDE, 0, 1), 0, 0);
      };
    }
    function begin(picture) {
      before.push([base, strokes]);
      base = picture;
      strokes = [];
      shown = brush.down = false;
      changed(true);
    }

    /* ---- the pad ---- */
    function paint() {
      var g = pad.getContext("2d"), one = pad.width / SIDE;
      g.setTransform(one, 0, 0, one, 0, 0);
      g.fillStyle = "#000";
      g.fillRect(0, 0, SIDE, SIDE);
      g.imageSmoothingEnabled = false;
      if (base) { g.drawImage(image(base, SIDE, 0, 1), 0, 0); }
      g.lineCap = g.lineJoin = "round";
      strokes.forEach(function (stroke) {
        var first = stroke.points[0];
        g.strokeStyle = stroke.rubber ? "#000" : "#fff";
        g.lineWidth = 2 * stroke.radius;
        g.beginPath();
        g.moveTo(first[0] + 0.01, first[1]); // a dot has a length, too
        stroke.points.forEach(function (p) { g.lineTo(p[0], p[1]); });
        g.stroke();
      });
      if (brush.keys) {
        g.lineWidth = 0.35;
        g.strokeStyle = brush.down ? "#f09a62" : "#6cc3e3";
        g.beginPath();
        g.arc(brush.x, brush.y, 1.7, 0, 7);
        g.stroke();
      }
    }
    function put(x, y, first) { // a point of the present stroke, or the first of a new one; long ways get points between
      var last = !first && strokes[strokes.length - 1];
      if (!last) {
        if (shown && !rubber) { before.push([base, strokes]); base = null; strokes = []; }
        shown = false;
        strokes.push({ rubber: rubber, radius: rubber ? RUBBER : PEN, points: [[x, y]] });
        return;
      }
      var from = last.points[last.points.length - 1], steps = Math.ceil(2 * Math.hypot(x - from[0], y - from[1]));
      for (var n = 1; n <= steps; n++) { last.points.push([from[0] + (x - from[0]) * n / steps, from[1] + (y - from[1]) * n / steps]); }
    }
    function place(event) {
      var box = pad.getBoundingClientRect();
      return [event.clientX, event.clientY].map(function (at, axis) {
        var part = (at - (axis ? box.top : box.left)) / box.width * SIDE;
        return Math.max(0, Math.min(SIDE, part));
      });
    }
    var held = null;
    pad.addEventListener("pointerdown", function (event) {
      if (held !== null || event.button) { return; }
      held = event.pointerId;
      pad.setPointerCapture(held);
      brush.keys = brush.down = false;
      var at = place(event);
      put(at[0], at[1], true);
      changed(false);
    });
    pad.addEventListener("pointermove", function (event) {
      if (event.pointerId !== held) { return; }
      var all = event.getCoalescedEvents ? event.getCoalescedEvents() : [];
      (all.length ? all : [event]).forEach(function (one) { var at = place(one); put(at[0], at[1], false); });
      changed(false);
    });
    ["pointerup", "pointercancel"].forEach(function (name) {
      pad.addEventListener(name, function (event) { if (event.pointerId === held) { held = null; changed(true); } });
    });
    pad.addEventListener("keydown", function (event) {
      var way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
      if (!way && event.key !== " ") { return; }
      event.preventDefault();
      brush.keys = true;
      if (way) {
        var step = event.shiftKey ? 0.25 : 1;
        brush.x = Math.max(1, Math.min(SIDE - 1, brush.x + step * way[0]));
        brush.y = Math.max(1, Math.min(SIDE - 1, brush.y + step * way[1]));
        if (brush.down) { put(brush.x, brush.y, false); changed(false); } else { paint(); }
      } else if (brush.down) {
        brush.down = false;
        changed(true);
      } else {
        brush.down = true;
        put(brush.x, brush.y, true);
        changed(false);
        words.textContent = "The brush is down. Space lifts it.";
      }
    });
    pad.addEventListener("blur", function () {
      if (brush.keys) { brush.keys = false; if (brush.down) { brush.down = false; changed(true); } else { paint(); } }
    });

    /* ---- the answer ---- */
    var due = false, last = false;
    function changed(ended) { // at most once for each frame; what takes longer, and the words, when a stroke has ended
      last = last || ended;
      if (due) { return; }
      due = true;
      requestAnimationFrame(function () {
        due = false;
        paint();
        load();
        if (net) { compute(last); last = false; }
      });
    }
    function compute(ended) {
      var D = window.dlnDigit;
      job++;
      pixels = D.seen(base, strokes, fit);
      var blank = pixels.every(function (ink) { return ink < 0.02; });
      seen = D.read(net, pixels);
      showShares(blank ? null : seen.shares);
      show(eye, image(pixels, SIDE, 0, 1));
      if (maps) { maps(ended); }
      if (heat) { show(heat, image(pixels, SIDE, 0, 2)); }
      if (!ended) { return; }
      words.textContent = blank ? "Nothing is drawn, so there is no answer. Draw a digit, or take one from the row." : told(D);
      if (heat && !blank) { occlude(D, job, 0, []); }
    }
    function told(D) {
      var order = seen.shares.map(function (share, k) { return [share, k]; }).sort(function (a, b) { return b[0] - a[0]; });
      var said = "Read as " + order[0][1] + " with " + percent(order[0][0]);
      if (order[1][0] >= 0.005) { said += ", " + order[1][1] + " with " + percent(order[1][0]); }
      if (net !== D.net) { return said + ", by a network that has learned nothing."; }
      if (D.alike(seen.relu3) >= D.least) { return said + "."; }
      return said + ". This may mean little: to its last hidden layer nothing among a hundred sample digits looks like it. It knows ten answers, "
        + "must give one, and the shares always add up to 100 %.";
    }
    function showShares(found) {
      var top = found ? Math.max.apply(null, found) : 0, list = [];
      for (var k = 0; k < 10; k++) {
        var share = found ? found[k] : 0, group = shares.querySelector('[data-share="' + k + '"]'), high = 62 * share;
        var rect = group.querySelector("rect"), text = group.querySelector("text");
        rect.setAttribute("y", 78 - high);
        rect.setAttribute("height", high);
        rect.style.fill = share === top ? "var(--dln-accent,#0b6a8c)" : "var(--dln-accent-soft,#cde6f0)";
        text.setAttribute("y", 74.85 - high);
        text.textContent = share >= 0.005 ? percent(share).replace("over ", "> ") : "";
        if (share >= 0.005) { list.push(k + ": " + Math.round(100 * share) + " %"); }
      }
      shares.setAttribute("aria-label", found ? "Shares of the ten digits. " + list.join(", ") : "No shares: nothing is drawn.");
    }
    /* Cover a square at each of 64 places, a few at a time; a pixel counts what the squares on it did to the score, on the mean. */
    function occlude(D, mine, at, falls) {
      if (mine !== job) { return; }
      var top = seen.shares.indexOf(Math.max.apply(null, seen.shares)), sum = new Float64Array(SIDE * SIDE), many = new Float64Array(SIDE * SIDE);
      for (var n = 0; n < 4; n++, at++) { falls.push(D.covered(net, pixels, at).scores); }
      if (at < 64) { setTimeout(occlude, 0, D, mine, at, falls); return; }
      var other = [];
      falls.forEach(function (scores, place) {
        var read = scores.indexOf(Math.max.apply(null, scores)), y = 3 * Math.floor(place / 8), x = 3 * (place % 8);
        if (read !== top) { other.push(read); }
        for (var i = 0; i < 49; i++) {
          var pixel = (y + Math.floor(i / 7)) * SIDE + x + i % 7;
          sum[pixel] += seen.scores[top] - scores[top];
          many[pixel]++;
        }
      });
      var mean = sum.map(function (s, i) { return s / many[i]; }), most = Math.max(3, Math.max.apply(null, mean.map(Math.abs)));
      show(heat, image(pixels, SIDE, 0, 2));
      heat.getContext("2d").globalAlpha = 0.8;
      heat.getContext("2d").drawImage(image(mean, SIDE, 0, most, true), 0, 0, heat.width, heat.height);
      heat.getContext("2d").globalAlpha = 1;
      var kinds = other.filter(function (k, n) { return other.indexOf(k) === n; }).sort();
      words.textContent += other.length ? " A blank square of 7 × 7 changes the answer at " + other.length + " of 64 places, to " + kinds.join(" or ") + "."
        : " No blank square of 7 × 7 changes the answer.";
    }

    /* ---- the network comes when it is needed ---- */
    function load() {
      if (asked) { return; }
      asked = true;
      var names = facts.inside ? ["digit-network.js", "digit-inside.js"] : ["digit-network.js"];
      names.forEach(function (name, n) {
        var file = document.createElement("script");
        file.src = new URL(name, source).href;
        file.async = false; // in this order
        file.onerror = function () { words.textContent = LOST; };
        if (n === names.length - 1) { file.onload = ready; }
        document.head.appendChild(file);
      });
    }
    function ready() {
      net = window.dlnDigit.net;
      if (facts.inside) { maps = window.dlnDigit.inside(answer, rest, view); }
      changed(held === null); // in the middle of a stroke the words wait for its end
    }
    var view = { // what digit-inside.js gets
      samples: samples, image: image, show: show, eye: eye,
      now: function () { return { net: net, seen: seen, pixels: pixels }; },
      use: function (other) { net = other; changed(true); }
    };
    ["pointerdown", "focusin"].forEach(function (name) { state.addEventListener(name, load, { once: true }); });
    if (facts.inside && window.IntersectionObserver) {
      var watch = new IntersectionObserver(function (entries) {
        if (entries[0].isIntersecting) { watch.disconnect(); load(); }
      }, { rootMargin: "300px" });
      watch.observe(state);
    }
    words.textContent += " Draw your own, with mouse, finger or keys.";
    paint();
    show(eye, image(base, SIDE, 0, 1));
    if (heat) { show(heat, image(base, SIDE, 0, 2)); }
  });
})();
