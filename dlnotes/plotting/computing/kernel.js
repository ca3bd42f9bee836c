/* Nine weights to be set, and what they make of a picture. */
(function () {
  "use strict";
  var live = window.dlnLive;
  if (!live || (live.kinds && live.kinds.kernel)) { return; }
  var make = live.make, STEPS = [];
  for (var w = -8; w <= 8; w += 0.5) { STEPS.push(w); }

  /* The kernel laid on wherever it fits, as conv2d does; pixels and answer row by row. */
  function convolve(pixels, rows, columns, weights, divisor) {
    var out = new Float64Array((rows - 2) * (columns - 2)), used = [];
    weights.forEach(function (weight, at) {
      if (weight) { used.push([weight / divisor, Math.floor(at / 3) * columns + at % 3]); }
    });
    for (var p = 0, to = 0; p < rows - 2; p++) {
      for (var q = 0, from = p * columns; q < columns - 2; q++, from++, to++) {
        for (var k = 0, sum = 0; k < used.length; k++) { sum += used[k][0] * pixels[from + used[k][1]]; }
        out[to] = sum;
      }
    }
    return out;
  }
  function sumOf(weights) { return Math.round(weights.reduce(function (a, b) { return a + b; }, 0) * 1e6) / 1e6; }
  /* What is black and what is white: around zero where the weights cancel, as the picture's own otherwise. */
  function limits(weights, divisor) {
    if (sumOf(weights)) { return [0, 255]; }
    var size = weights.reduce(function (a, b) { return a + Math.abs(b); }, 0), far = 51 * size / divisor || 1;
    return [-far, far];
  }
  function written(value) { return String(Math.round(value * 1000) / 1000).replace("-", "−"); }
  function told(weights, divisor, note) {
    var sum = sumOf(weights), whole = sum / divisor, words = "The weights add up to " + written(sum);
    if (divisor !== 1 && sum) { words += ", and divided by " + divisor + " to " + written(whole); }
    if (!weights.some(Boolean)) { words = "All weights are 0, and so is every answer"; }
    else if (!sum) { words += ": a plain wall gives 0, however bright it is. Middle grey stands for 0"; }
    else if (whole === 1) { words += ": a plain wall keeps its brightness"; }
    else if (whole < 0) { words += ": a plain wall turns negative, which is drawn black"; }
    else { words += ": a plain wall comes out " + written(whole) + " times as bright" + (whole > 1 ? ", cut off at white" : ""); }
    return words + "." + (note ? " " + note : "");
  }

  function start(state, facts) {
    var words = state.querySelector(".dln-words"), panels = state.querySelector(".dln-panels"), text = atob(facts.pixels), names = Object.keys(facts.kernels);
    var pixels = new Uint8Array(text.length), rows = facts.rows, columns = facts.columns, frame = 0, chosen = 0;
    for (var i = 0; i < text.length; i++) { pixels[i] = text.charCodeAt(i); }
    var box = document.createElement("div"), left = make(box, "div", { "class": "dln-nine", role: "group", "aria-label": "The nine weights" });
    box.className = "dln-kernel";
    var fields = facts.kernels[facts.start].weights.map(function (weight, at) {
      var field = live.numberField(left, "weight, " + place(at), { min: -99, max: 99, step: "any", start: weight }, function () { pick(at); own(); });
      field.input = field.element.querySelector("input");
      field.input.addEventListener("focus", function () { pick(at); });
      return field;
    });
    var divisor = live.numberField(left, "divided by", { min: 1, max: 999, start: facts.kernels[facts.start].divisor }, own);
    var canvas = make(box, "canvas", { width: columns - 2, height: rows - 2, role: "img", "aria-label": "The picture as the kernel changes it; the sentence says how." });
    var paper = canvas.getContext("2d"), image = paper.createImageData(columns - 2, rows - 2);
    panels.replaceWith(box);
    var bar = live.addBar(state, null);
    var slider = live.control(bar, "slider", "weight", STEPS.map(written), 16, function (index) { fields[chosen].set(STEPS[index]); own(); });
    var label = bar.querySelector(".dln-slider span span"), handle = bar.querySelector("input[type=range]"), output = bar.querySelector("output");
    var preset = live.select(bar, "kernel", names.concat("your own"), names.indexOf(facts.start), function (index) { take(index); });
    make(make(bar, "div", {}), "button", { type: "button" }, "turn by a quarter").onclick = function () {
      var old = weights();
      if (!old) { return; }
      fields.forEach(function (field, at) { field.set(old[(2 - at % 3) * 3 + Math.floor(at / 3)]); });
      pick(chosen);
      own();
    };
    var refusal = make(state, "p", { "class": "dln-refusal", role: "status" });

    function place(at) { return "row " + (Math.floor(at / 3) + 1) + ", column " + (at % 3 + 1); }
    function weights() {
      var found = fields.map(function (field) { return field.get(); });
      return found.indexOf(null) < 0 && divisor.get() !== null ? found : null;
    }
    function pick(at) {
      var value = fields[at].get();
      fields[chosen].input.classList.remove("dln-chosen");
      fields[at].input.classList.add("dln-chosen");
      chosen = at;
      label.textContent = "weight in " + place(at);
      handle.setAttribute("aria-label", label.textContent);
      if (value !== null) { slider.set(Math.max(0, Math.min(STEPS.length - 1, Math.round(2 * value + 16)))); }
    }
    function own() { preset.set(names.length); show(); }
    function take(index) {
      if (index < names.length) {
        var kernel = facts.kernels[names[index]];
        fields.forEach(function (field, at) { field.set(kernel.weights[at]); });
        divisor.set(kernel.divisor);
        pick(chosen);
      }
      show();
    }
    function show() {
      var now = weights();
      refusal.textContent = now ? "" : "Give every weight a number from −99 to 99, and divide by a whole number from 1 to 999.";
      if (!now) { return; }
      output.textContent = written(now[chosen]);
      handle.setAttribute("aria-valuetext", output.textContent);
      var chosenName = names[preset.get()];
      words.textContent = told(now, divisor.get(), chosenName === undefined ? "" : facts.kernels[chosenName].words);
      fields.forEach(function (field, at) { field.input.dataset.sign = Math.sign(now[at]); });
      if (!frame) { frame = requestAnimationFrame(draw); }
    }
    function draw() {
      var now = weights(), by = divisor.get();
      frame = 0;
      if (!now) { return; }
      var ends = limits(now, by), out = convolve(pixels, rows, columns, now, by), scale = 255 / (ends[1] - ends[0]);
      for (var at = 0, to = 0; at < out.length; at++, to += 4) {
        image.data[to] = image.data[to + 1] = image.data[to + 2] = (out[at] - ends[0]) * scale; // clamped to 0 and 255 by the array
        image.data[to + 3] = 255;
      }
      paper.putImageData(image, 0, 0);
    }
    pick(0);
    show();
  }
  make(document.head, "style", {}).textContent = [
    ".dln-kernel{display:flex;flex-wrap:wrap;gap:14px 24px;justify-content:center;align-items:center}",
    ".dln-kernel canvas{width:320px;max-width:100%;height:auto}@media screen{html[data-theme=dark] .dln-kernel canvas{filter:brightness(.85)}}",
    ".dln-nine{display:grid;grid-template-columns:repeat(3,auto);gap:3px;justify-content:center}.dln-nine .dln-number span{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}",
    ".dln-nine .dln-number input{width:3.6rem;height:2.6rem;text-align:center;border-radius:0;appearance:textfield}",
    ".dln-nine input[data-sign=\"1\"]{background:var(--dln-accent-soft,#cde6f0)}.dln-nine input[data-sign=\"-1\"]{background:var(--dln-warm-soft,#fbddca)}",
    ".dln-nine .dln-chosen{outline:2px solid var(--dln-accent,#0b6a8c);outline-offset:-2px}.dln-nine ::-webkit-inner-spin-button{display:none}",
    ".dln-nine .dln-number:last-child{grid-column:1/4;justify-content:end;margin-top:.3rem}.dln-nine .dln-number:last-child span{position:static;width:auto;height:auto;clip-path:none}"
  ].join("");
  live.kinds = live.kinds || {};
  live.kinds.kernel = { convolve: convolve, told: told, limits: limits };
  live.add("kernel", start);
})();
