/* Sizes of a layer by the rules of three libraries; the arithmetic is in sizes.js. */
(function () {
  "use strict";
  var live = window.dlnLive;
  if (!live || !live.sizes || (live.kinds && live.kinds.size)) { return; }
  var make = live.make, sizes = live.sizes, KINDS = ["convolution", "pooling", "transposed"], AXES = ["height", "width"];
  var FIELDS = [["n", "size", 1, 1024], ["k", "kernel", 1, 64], ["s", "stride", 1, 64], ["p", "padding", 0, 64], ["d", "dilation", 1, 64], ["e", "output padding", 0, 63]];
  var SPAN = 13, CELL = 24, LINE = 15, SIDE = 16; /* of the drawing: cells at most, and pixels as in windows.py */
  function paint(name) { return "var(--dln-" + name + ")"; }

  /* The windows (or stamps) of one axis, each a list of places; cells from 0 to n, what is outside is padding or cut off. */
  function layout(kind, axis, found) {
    var count = kind === "transposed" ? axis.n : found.out, windows = [];
    for (var j = 0; j < count; j++) {
      for (var first = j * axis.s - found.before, window = [], t = 0; t < axis.k; t++) { window.push(first + t * axis.d); }
      windows.push(window);
    }
    var last = windows[count - 1][axis.k - 1];
    if (kind === "transposed") { return { n: found.out, from: -found.before, to: Math.max(last + 1, found.out), windows: windows }; }
    return { n: axis.n, from: -found.before, to: Math.max(last + 1, axis.n + found.after), windows: windows };
  }
  function unread(plan) {
    var read = {}, count = 0;
    plan.windows.forEach(function (window) { window.forEach(function (at) { read[at] = true; }); });
    for (var at = 0; at < plan.n; at++) { count += read[at] ? 0 : 1; }
    return { read: read, count: count };
  }
  /* What windows.py draws; of a long axis its end. */
  function draw(svg, name, plan) {
    var from = Math.max(plan.from, plan.to - SPAN), cut = from > plan.from, read = unread(plan).read, cells = plan.to - from;
    var seen = plan.windows.map(function (window, at) { return [at, window]; }).filter(function (one) { return one[1][one[1].length - 1] >= from; });
    var width = cells * CELL + 2 * SIDE + 4, left = SIDE + 2, top = 24, height = Math.max(top + CELL + 10 + LINE * seen.length, 130);
    function x(at) { return left + (at - from) * CELL; }
    svg.textContent = "";
    svg.setAttribute("viewBox", "0 0 " + width + " " + height);
    svg.setAttribute("width", width);
    svg.setAttribute("height", height);
    live.svg(svg, "text", { x: width / 2, y: 15, style: "fill:" + paint("muted") + ";font-size:12.5px;text-anchor:middle" },
      name + (cut ? ", the last " + cells + " of " + (plan.to - plan.from) + " cells" : ", " + sizes.cells(plan.n)));
    for (var at = from; at < plan.to; at++) {
      var inside = at >= 0 && at < plan.n, fill = !inside ? "wash" : read[at] ? "accent-soft" : "warm-soft";
      live.svg(svg, "rect", { x: x(at), y: top, width: CELL, height: CELL, style: "fill:" + paint(fill) + ";stroke:" + paint("rule") + (inside ? "" : ";stroke-dasharray:2 2") });
      if (inside) {
        live.svg(svg, "text", { x: x(at) + CELL / 2, y: top + CELL / 2 + 4.4, style: "fill:" + paint("ink") + ";font-size:12.5px;text-anchor:middle" }, at);
      }
    }
    seen.forEach(function (one, row) {
      var y = top + CELL + 12 + LINE * row, places = one[1].filter(function (at) { return at >= from; }), starts = one[1][0] >= from;
      var colour = paint(one[0] % 2 ? "violet" : "accent"), begin = starts ? x(one[1][0]) + CELL / 2 : x(from) - 2, end = x(one[1][one[1].length - 1]) + CELL / 2;
      live.svg(svg, "path", { d: "M" + begin + " " + y + "H" + end, style: "stroke:" + colour + ";stroke-width:2;fill:none" });
      places.forEach(function (at) { live.svg(svg, "circle", { cx: x(at) + CELL / 2, cy: y, r: 3.6, style: "fill:" + colour }); });
      if (starts) { live.svg(svg, "text", { x: begin - 12, y: y + 4.4, style: "fill:" + colour + ";font-size:12.5px;text-anchor:end" }, one[0]); }
    });
  }
  /* What the chosen convention does, in words. */
  function told(kind, axes, row) {
    var square = JSON.stringify(axes[0]) === JSON.stringify(axes[1]), words = [];
    if (row.refusal) { return row.name + ": " + row.refusal + "."; }
    (square ? [0] : [0, 1]).forEach(function (at) {
      var a = axes[at], found = row.axes[at], plan = layout(kind, a, found), rest = unread(plan).count;
      var line = (square ? "" : AXES[at] + ": ") + found.formula + ".";
      if (a.d > 1) { line += " " + sizes.reach(a) + " = " + a.d + "·(" + a.k + " − 1) + 1 is what the dilated kernel covers."; }
      if (found.before !== found.after) {
        line += kind === "transposed" ? " Cut off: " + found.before + " before, " + found.after + " after." : " Zeros: " + found.before + " before, " + found.after + " after.";
      }
      if (rest) { line += " " + sizes.cells(rest) + (kind === "transposed" ? " no stamp reaches." : " no window reads."); }
      words.push(line[0].toUpperCase() + line.slice(1));
    });
    return words.join(" ");
  }

  function start(state, facts, figure) {
    var words = state.querySelector(".dln-words"), panels = state.querySelector(".dln-panels"), svg = panels.querySelector("svg");
    var kind = 0, at = [0, 0, 0], axis = 0, inputs = [{}, {}], rows = {};
    svg.removeAttribute("style");
    svg.style.cssText = "display:block;margin:auto;max-width:100%;height:auto;font-family:var(--dln-figure-font,system-ui,sans-serif)";
    panels.firstElementChild.style.flex = "0 1 auto";
    var bar = live.addBar(state, null);
    live.control(bar, "choice", "", KINDS, 0, function (index) { kind = index; show(); });
    bar.firstElementChild.setAttribute("aria-label", "kind of layer");
    var square = live.control(bar, "toggle", "width as height", ["", ""], +facts.square, function (on) {
      FIELDS.forEach(function (field) { // a width of its own begins as the height is
        var value = inputs[0][field[0]].get();
        if (!on && value !== null) { inputs[1][field[0]].set(value); }
      });
      show();
    });
    var both = make(state, "div", { "class": "dln-both" }), table = make(both, "div", { "class": "dln-sizes" });
    var head = make(table, "div", { "class": "dln-axes", "aria-hidden": "true" });
    ["", "height", "width"].forEach(function (name) { make(head, "span", {}, name); });
    FIELDS.forEach(function (field) {
      var row = rows[field[0]] = make(table, "div", {});
      AXES.forEach(function (name, which) {
        inputs[which][field[0]] = live.numberField(row, field[1], { min: field[2], max: field[3], start: facts.axes[which][field[0]] }, function () {
          axis = which;
          show();
        });
      });
    });
    var right = make(both, "div", { "class": "dln-right" });
    var picker = sizes.picker(right, "What each library makes of it:", function (index) { at[kind] = index; show(); });
    var refusal = make(right, "p", { "class": "dln-refusal", "role": "status" });
    function name(one) {
      table.classList.toggle("dln-one", !!one);
      FIELDS.forEach(function (field) {
        AXES.forEach(function (word, which) {
          inputs[which][field[0]].element.querySelector("input").setAttribute("aria-label", field[1] + (one && !which ? "" : ", " + word));
        });
      });
    }

    /* The two axes as the fields say, or the first field that is out of range, in words. */
    function read() {
      var wrong = null, one = square.get(), axes = AXES.map(function (name, which) {
        var values = {};
        FIELDS.forEach(function (field) {
          if (field[0] === "e" && kind !== 2) { values.e = 0; return; }
          values[field[0]] = inputs[one ? 0 : which][field[0]].get();
          if (values[field[0]] === null && !wrong) {
            wrong = (one ? "" : name + ", ") + field[1] + ": give a whole number from " + field[2] + " to " + field[3] + ".";
          }
        });
        return values;
      });
      return wrong ? { wrong: wrong } : { axes: axes };
    }
    function show() {
      var given = read(), one = square.get();
      name(one);
      rows.e.hidden = kind !== 2;
      if (one) { axis = 0; }
      refusal.textContent = given.wrong || "";
      state.classList.toggle("dln-stale", !!given.wrong);
      if (given.wrong) { return; }
      var found = sizes.rows(KINDS[kind], given.axes), row = found[at[kind]];
      picker.show(found, at[kind]);
      words.textContent = told(KINDS[kind], given.axes, row);
      words.classList.toggle("dln-no", !!row.refusal);
      panels.style.visibility = row.refusal ? "hidden" : "";
      if (!row.refusal) { draw(svg, one ? "one axis" : AXES[axis], layout(KINDS[kind], given.axes[axis], row.axes[axis])); }
    }
    show();
  }
  make(document.head, "style", {}).textContent = [
    ".dln-both{display:flex;flex-wrap:wrap;gap:.4rem 2rem;align-items:flex-start;justify-content:center;max-width:44rem;margin:.5rem auto 0}",
    ".dln-right{flex:1 1 17rem;max-width:26rem;min-width:0}.dln-both .dln-rules{margin:0}",
    ".dln-sizes>div{display:flex;gap:.4rem;margin-bottom:.25rem}.dln-sizes>div[hidden],.dln-one>.dln-axes,.dln-one .dln-number+.dln-number{display:none}",
    ".dln-sizes span{width:5.2rem;line-height:1.1}.dln-sizes .dln-number+.dln-number span{display:none}.dln-axes span+span{width:4.2rem}",
    "@media(max-width:35rem){.dln-one{display:grid;grid-template-columns:auto auto;gap:0 .9rem}.dln-one span{width:4.2rem}.dln-one input{width:3.6rem}}",
    ".dln-stale .dln-rules,.dln-stale .dln-words,.dln-stale .dln-panels{opacity:.3}",
    ".dln-words.dln-no{color:var(--dln-warm,#b04a12)}"
  ].join("");
  live.kinds = live.kinds || {};
  live.kinds.size = { rows: sizes.rows, layout: layout };
  live.add("size", start);
})();
