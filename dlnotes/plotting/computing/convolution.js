/* A small convolution, ordinary or transposed, whose every number can be changed; sizes come from sizes.js. */
(function () {
  "use strict";
  var live = window.dlnLive;
  if (!live || !live.sizes || (live.kinds && live.kinds.convolution)) { return; }
  var make = live.make, KINDS = ["convolution", "transposed"], LARGEST = 12, DIGIT = 9, ROOM = { x: [6, 6], w: [4, 4] };
  var FIELDS = [["s", "stride", 1, 3], ["p", "padding", 0, 3], ["d", "dilation", 1, 3], ["e", "output padding", 0, 2]];
  var SIZES = [["x", "input"], ["w", "kernel"]];

  /* Which input meets which weight in output (p, q): [channel, input row, column, kernel row, column] of each product. */
  function products(kind, x, w, set, axes, p, q) {
    var found = [];
    function meet(out, n, k, before) {
      var pairs = [], r, i;
      for (r = 0; r < k; r++) {
        if (kind === "convolution") { i = out * set.s - before + r * set.d; }
        else { i = (out + before - r * set.d) / set.s; }
        if (Number.isInteger(i) && i >= 0 && i < n) { pairs.push([i, r]); }
      }
      return pairs;
    }
    var rows = meet(p, x[0].length, w[0].length, axes[0].before), columns = meet(q, x[0][0].length, w[0][0].length, axes[1].before);
    x.forEach(function (_, c) {
      rows.forEach(function (row) {
        columns.forEach(function (column) { found.push([c, row[0], column[0], row[1], column[1]]); });
      });
    });
    return found;
  }
  function total(x, w, found) {
    return found.reduce(function (sum, m) { return sum + x[m[0]][m[1]][m[2]] * w[m[0]][m[3]][m[4]]; }, 0);
  }
  function partial(x, w, found) {
    return x.map(function (_, c) { return total(x, w, found.filter(function (m) { return m[0] === c; })); });
  }
  function outputs(kind, x, w, set, axes) {
    var y = [];
    for (var p = 0; p < axes[0].out; p++) {
      for (var q = 0, row = []; q < axes[1].out; q++) { row.push(total(x, w, products(kind, x, w, set, axes, p, q))); }
      y.push(row);
    }
    return y;
  }
  function rules(kind, x, w, set) {
    var axes = [[x[0].length, w[0].length], [x[0][0].length, w[0][0].length]].map(function (one) {
      return { n: one[0], k: one[1], s: set.s, p: set.p, d: set.d, e: kind === "transposed" ? set.e : 0 };
    });
    var rows = live.sizes.rows(kind, axes);
    if (kind === "transposed" || (set.s > 1 && set.d > 1)) { return rows; }
    rows[2].name = "TensorFlow and Keras, VALID"; // they differ in what they refuse alone
    rows[3].name = "TensorFlow and Keras, SAME";
    return rows.slice(0, 4);
  }
  function written(value) { return String(value).replace("-", "−"); }
  function bracketed(value) { return value < 0 ? "(" + written(value) + ")" : written(value); }
  /* The sum of one output cell, channel by channel; what is multiplied by zero is counted only. */
  function told(x, w, found, names, p, q, all) {
    var sums = x.map(function (_, c) {
      return found.filter(function (m) { return m[0] === c && x[c][m[1]][m[2]] && w[c][m[3]][m[4]]; }).map(function (m) {
        return written(x[c][m[1]][m[2]]) + "·" + bracketed(w[c][m[3]][m[4]]);
      });
    });
    var used = sums.reduce(function (n, terms) { return n + terms.length; }, 0), parts = partial(x, w, found).map(written), words = "y[" + p + ", " + q + "] = ";
    if (x.length === 1) { words += (used ? sums[0].join(" + ") + " = " : "") + parts[0]; }
    else {
      words = sums.map(function (terms, c) { return names[c] + " " + (terms.length ? terms.join(" + ") + " = " : "") + parts[c]; }).join("; ") + "; together " + words + written(total(x, w, found));
    }
    words += ".";
    if (all > used) { words += " " + (used ? all - used + (all - used === 1 ? " more product is 0." : " more products are 0.") : "All products are 0."); }
    return words;
  }

  /* One table of numbers as a picture: look(i, j) says of each cell its words, colours, and, where it can be chosen, key and label. */
  function table(parent, name, rows, columns, cell, wide, look, frames, at) {
    var width = Math.max(columns * wide + 4, 6.6 * name.length), height = rows * cell + 27, left = (width - columns * wide) / 2;
    var box = make(parent, "div", { "class": "dln-table", role: "group", "aria-label": name });
    var svg = live.svg(box, "svg", { width: width, height: height, viewBox: "0 0 " + width + " " + height });
    live.svg(svg, "text", { x: width / 2, y: 14, "aria-hidden": "true", style: "fill:var(--dln-muted);font-size:12.5px;text-anchor:middle" }, name);
    for (var i = 0; i < rows; i++) {
      for (var j = 0; j < columns; j++) {
        var of = look(i, j), group = live.svg(svg, "g", of.key ? { role: "button", tabindex: of.key === at ? 0 : -1, "data-key": of.key, "aria-label": of.label } : { "aria-hidden": "true" });
        live.svg(group, "rect", { x: left + j * wide, y: 24 + i * cell, width: wide, height: cell, style: "fill:var(--dln-" + of.fill + ");stroke:var(--dln-rule)" + (of.dash ? ";stroke-dasharray:2 2" : "") });
        live.svg(group, "text", { x: left + (j + 0.5) * wide, y: 24 + (i + 0.5) * cell + 4, style: "fill:var(--dln-" + (of.ink || "ink") + ");font-size:" + Math.max(10.2, 0.46 * cell) + "px;text-anchor:middle" }, of.words);
      }
    }
    frames.forEach(function (f) {
      if (f.rows > 0 && f.columns > 0) {
        live.svg(svg, "rect", { x: left + f.j * wide, y: 24 + f.i * cell, width: f.columns * wide, height: f.rows * cell, "pointer-events": "none",
          style: "fill:none;stroke:var(--dln-" + f.colour + ");stroke-width:2.5" + (f.dash ? ";stroke-dasharray:4 3" : "") });
      }
    });
    return box;
  }
  function sign(value) { return value > 0 ? "accent-soft" : value < 0 ? "warm-soft" : "paper"; }

  /* Cells of one axis of the sheet that stamps make, with what output padding adds. A view v is all that is drawn: kind, set, size, x, w,
     names, at, chosen, and axes, the sizes' answer, or null where they refuse. */
  function extent(v, axis, which) {
    var sheet = v.set.s * (v.size.x[which] - 1) + v.set.d * (v.size.w[which] - 1) + 1;
    return v.kind === "transposed" ? Math.max(sheet, axis.before + axis.out) : axis.out;
  }
  function reaches(v) { return [0, 1].map(function (which) { return v.set.d * (v.size.w[which] - 1) + 1; }); }
  function chosenFrame(v, what, c, i, j) {
    var mine = v.chosen && v.chosen[0] === what && v.chosen[1] === c;
    return mine ? [{ i: v.chosen[2] + i, j: v.chosen[3] + j, rows: 1, columns: 1, colour: "warm" }] : [];
  }
  function entry(v, what, c) { return v.chosen && v.chosen[0] === what && v.chosen[1] === c ? v.chosen.join(",") : [what, c, 0, 0].join(","); }

  function draw(box, v, used) {
    var none = [{ before: 0, after: 0 }, { before: 0, after: 0 }], pads = v.kind === "convolution" && v.axes || none, avail = box.clientWidth || 600;
    var room = Math.floor((avail - (v.size.c > 1 ? 112 : 48)) / (v.size.x[1] + pads[1].before + pads[1].after + v.size.w[1]));
    var cell = Math.max(22, Math.min(avail < 480 ? 26 : 30, room)), lit = { x: {}, w: {} }, sums = partial(v.x, v.w, used);
    used.forEach(function (m) { lit.x[m.slice(0, 3)] = lit.w[[m[0], m[3], m[4]]] = true; });
    box.textContent = "";
    var left = make(box, "div", { "class": "dln-channels" });
    v.x.forEach(function (_, c) {
      var line = make(left, "div", {});
      drawInput(line, v, c, pads, cell, lit.x);
      make(line, "span", { "aria-hidden": "true" }, "⋆");
      drawKernel(line, v, c, cell, lit.w);
      if (v.size.c > 1 && v.axes) { make(line, "span", { "aria-hidden": "true", "class": "dln-part" }, "→ " + written(sums[c])); }
    });
    if (v.axes) { drawOutput(box, v, cell); }
    box.querySelectorAll("[data-key]").forEach(function (e) { e.setAttribute("data-lm-suppress-shortcuts", "true"); });
  }
  function drawInput(line, v, c, pads, cell, lit) {
    var up = pads[0].before, over = pads[1].before, rows = v.size.x[0], columns = v.size.x[1], s = v.set.s, d = v.set.d, name = v.size.c > 1 ? v.names[c] : "input";
    var window_ = v.kind === "convolution" && v.axes ? [{ i: v.at[0] * s, j: v.at[1] * s, rows: reaches(v)[0], columns: reaches(v)[1], colour: "accent" }] : [];
    function covered(i, j) {
      var r = i - v.at[0] * s, t = j - v.at[1] * s;
      return r >= 0 && t >= 0 && r % d === 0 && t % d === 0 && r / d < v.size.w[0] && t / d < v.size.w[1];
    }
    table(line, name, rows + up + pads[0].after, columns + over + pads[1].after, cell, cell, function (i, j) {
      var r = i - up, t = j - over;
      if (r < 0 || t < 0 || r >= rows || t >= columns) { return { words: "0", fill: covered(i, j) ? "accent-soft" : "wash", ink: "muted", dash: true }; }
      return {
        words: written(v.x[c][r][t]), fill: lit[[c, r, t]] ? "accent-soft" : "paper", key: ["x", c, r, t].join(","),
        label: name + " [" + r + ", " + t + "]: " + written(v.x[c][r][t])
      };
    }, window_.concat(chosenFrame(v, "x", c, up, over)), entry(v, "x", c));
  }
  function drawKernel(line, v, c, cell, lit) {
    var name = v.size.c > 1 ? "slice for " + v.names[c] : "kernel", frames = [];
    if (v.kind === "transposed") {
      Object.keys(lit).map(function (key) { return key.split(",").map(Number); }).filter(function (at) { return at[0] === c; }).forEach(function (at) {
        frames.push({ i: at[1], j: at[2], rows: 1, columns: 1, colour: "accent" });
      });
    }
    table(line, v.size.c > 1 ? "slice" : "kernel", v.size.w[0], v.size.w[1], cell, cell, function (r, t) {
      var value = v.w[c][r][t];
      return { words: written(value), fill: sign(value), ink: value ? "ink" : "muted", key: ["w", c, r, t].join(","), label: name + " [" + r + ", " + t + "]: " + written(value) };
    }, frames.concat(chosenFrame(v, "w", c, 0, 0)), entry(v, "w", c));
  }
  function drawOutput(box, v, cell) {
    var back = v.kind === "transposed", up = back ? v.axes[0].before : 0, over = back ? v.axes[1].before : 0, s = v.set.s;
    var whole = v.axes.map(function (axis, which) { return { out: extent(v, axis, which), before: 0 }; });
    var y = outputs(v.kind, v.x, v.w, v.set, back ? whole : v.axes), frames = [{ i: v.at[0] + up, j: v.at[1] + over, rows: 1, columns: 1, colour: "accent" }];
    var longest = Math.max.apply(null, y.map(function (row) { return Math.max.apply(null, row.map(function (value) { return written(value).length; })); }));
    if (back) {
      frames.unshift({ i: up, j: over, rows: v.axes[0].out, columns: v.axes[1].out, colour: "ink" });
      if (v.chosen && v.chosen[0] === "x") { // its stamp
        frames.push({ i: v.chosen[2] * s, j: v.chosen[3] * s, rows: reaches(v)[0], columns: reaches(v)[1], colour: "warm", dash: true });
      }
    }
    table(box, "output, " + v.axes[0].out + " × " + v.axes[1].out, y.length, y[0].length, cell, Math.max(cell, 6.4 * longest + 6), function (i, j) {
      var p = i - up, q = j - over, value = y[i][j], kept = p >= 0 && q >= 0 && p < v.axes[0].out && q < v.axes[1].out;
      if (!kept) { return { words: written(value), fill: "wash", ink: "muted", dash: true }; }
      return { words: written(value), fill: sign(value), ink: value ? "ink" : "muted", key: ["y", 0, p, q].join(","), label: "output [" + p + ", " + q + "]: " + written(value) };
    }, frames, ["y", 0, v.at[0], v.at[1]].join(","));
  }

  /* Mouse, touch and keys on the tables: go(key) chooses a cell, type(letter) changes a number that was chosen. */
  function listen(box, go, type) {
    function keyOf(event) {
      var cell = event.target.closest("[data-key]");
      return cell && cell.dataset.key;
    }
    box.addEventListener("click", function (event) { if (keyOf(event)) { go(keyOf(event)); } });
    box.addEventListener("pointerover", function (event) {
      var key = keyOf(event);
      if (key && event.pointerType === "mouse" && event.buttons === 1 && key[0] === "y") { go(key); }
    });
    box.addEventListener("keydown", function (event) {
      var key = keyOf(event), move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
      if (!key || event.ctrlKey || event.altKey || event.metaKey) { return; }
      if (move) {
        var parts = key.split(","), there = [parts[0], parts[1], +parts[2] + move[0], +parts[3] + move[1]].join(",");
        if (box.querySelector('[data-key="' + there + '"]')) { go(there); }
      } else if (event.key === "Enter" || event.key === " ") { go(key); }
      else if (key[0] !== "y" && /^[-+0-9]$/.test(event.key)) { go(key); type(event.key); }
      else { return; }
      event.preventDefault();
      event.stopPropagation();
    });
  }
  /* More numbers than are seen at first, for tables that the reader makes larger. */
  function grown(given, room) {
    return [0, 1, 2].map(function (c) {
      return Array.from({ length: room[0] }, function (_, i) {
        return Array.from({ length: room[1] }, function (_, j) {
          return given[c] && given[c][i] && given[c][i][j] !== undefined ? given[c][i][j] : (3 * i + 5 * j + 2 * c + 1) % 4;
        });
      });
    });
  }

  function start(state, facts) {
    var words = state.querySelector(".dln-words"), old = state.querySelector(".dln-panels"), box = document.createElement("div");
    var kind = facts.kind, set = { s: facts.s, p: facts.p, d: facts.d, e: facts.e }, rule = { convolution: 0, transposed: 0 }, at = facts.at.slice();
    var size = { c: facts.x.length, x: [facts.x[0].length, facts.x[0][0].length], w: [facts.w[0].length, facts.w[0][0].length] };
    var full = { x: grown(facts.x, ROOM.x), w: grown(facts.w, ROOM.w) }, chosen = null, kernels = Object.keys(facts.kernels);
    box.className = "dln-conv";
    old.replaceWith(box);

    function shown(what) {
      return full[what].slice(0, size.c).map(function (rows) {
        return rows.slice(0, size[what][0]).map(function (row) { return row.slice(0, size[what][1]); });
      });
    }
    function name(c) { return facts.names[c] || "channel " + c; }

    /* The controls. */
    var bar = live.addBar(state, null), preset = null, more = make(state, "details", { "class": "dln-more" });
    more.open = facts.settings;
    make(more, "summary", {}, "Stride, padding and other rules");
    var settings = make(more, "div", { "class": "dln-controls" });
    if (kernels.length) {
      preset = live.select(bar, "kernel", kernels.concat("your own"), 0, function (index) {
        if (index < kernels.length) { full.w = grown(facts.kernels[kernels[index]], ROOM.w); }
        show();
      });
    }
    live.control(settings, "choice", "", ["ordinary", "transposed"], KINDS.indexOf(kind), function (index) { kind = KINDS[index]; show(); });
    settings.firstElementChild.setAttribute("aria-label", "kind of convolution");
    var fields = {}, wrong = {};
    function field(where, key, label, least, most, from, put) {
      fields[key] = live.numberField(where, label, { min: least, max: most, start: from }, function (value) {
        wrong[key] = value === null ? label + ": give a whole number from " + least + " to " + most + "." : "";
        if (value !== null) { put(value); }
        show();
      });
      return fields[key].element;
    }
    FIELDS.forEach(function (one) {
      field(settings, one[0], one[1], one[2], one[3], set[one[0]], function (value) { set[one[0]] = value; });
    });
    var hint = make(bar, "p", { "class": "dln-hint" }, "Change a number, or choose an output.");
    var editor = make(bar, "div", { "class": "dln-edit" }), step = live.numberField(editor, "", { min: -DIGIT, max: DIGIT, start: 0 }, function (value) {
      wrong.step = value === null ? "Give a whole number from −9 to 9." : "";
      if (value !== null) { put(value); } else { show(); }
    });
    var editing = step.element.querySelector("span");
    [["−", "one less", -1], ["+", "one more", 1]].forEach(function (one) {
      make(editor, "button", { type: "button", "aria-label": one[1] }, one[0]).onclick = function () { put(value() + one[2]); };
    });
    var tables = make(more, "details", {}), inside;
    make(tables, "summary", {}, "Sizes of input and kernel");
    inside = make(tables, "div", { "class": "dln-controls" });
    SIZES.forEach(function (one) {
      ["rows", "columns"].forEach(function (axis, which) {
        field(inside, one[0] + which, one[1] + ", " + axis, 1, ROOM[one[0]][which], size[one[0]][which], function (value) { size[one[0]][which] = value; });
      });
    });
    field(inside, "c", "channels", 1, Math.max(2, size.c), size.c, function (value) { size.c = value; });
    var picker = live.sizes.picker(more, "The size, by each library's rule:", function (index) { rule[kind] = index; show(); });
    var refusal = make(state, "p", { "class": "dln-refusal", role: "status" });

    function value() { return full[chosen[0]][chosen[1]][chosen[2]][chosen[3]]; }
    function put(to) {
      full[chosen[0]][chosen[1]][chosen[2]][chosen[3]] = Math.max(-DIGIT, Math.min(DIGIT, to));
      if (chosen[0] === "w" && preset) { preset.set(kernels.length); }
      wrong.step = "";
      show();
    }
    /* Where a key of a table leads: x and w are for change, y is the cell whose sum is told. */
    function go(key) {
      var parts = key.split(",");
      if (parts[0] === "y") { at = [+parts[2], +parts[3]]; }
      else { chosen = [parts[0], +parts[1], +parts[2], +parts[3]]; }
      show(key);
    }
    listen(box, go, function (letter) { put(letter === "-" ? -value() : letter === "+" ? Math.abs(value()) : +letter); });

    function show(key) {
      var x = shown("x"), w = shown("w"), found = rules(kind, x, w, set), complaint = Object.keys(wrong).filter(function (k) {
        return wrong[k] && (k !== "e" || kind === "transposed");
      }).map(function (k) { return wrong[k]; })[0];
      fields.e.element.style.display = kind === "transposed" ? "" : "none";
      refusal.textContent = complaint || "";
      if (complaint) { return; }
      if (rule[kind] >= found.length) { rule[kind] = 0; }
      if (chosen && (chosen[1] >= size.c || chosen[2] >= size[chosen[0]][0] || chosen[3] >= size[chosen[0]][1])) { chosen = null; }
      hint.hidden = !!chosen;
      editor.hidden = !chosen;
      if (chosen) {
        editing.textContent = (chosen[0] === "x" ? "input " : "kernel ") + (size.c > 1 ? name(chosen[1]) + " " : "") + "[" + chosen[2] + ", " + chosen[3] + "]";
        if (document.activeElement !== step.element.querySelector("input")) { step.set(value()); }
      }
      picker.show(found, rule[kind]);
      var row = found[rule[kind]], names = x.map(function (_, c) { return name(c); });
      var view = { kind: kind, set: set, size: size, x: x, w: w, names: names, chosen: chosen, axes: row.refusal ? null : row.axes };
      var no = row.refusal ? row.name + ": " + row.refusal + "." : tooLarge(view);
      if (no) { view.axes = null; } else { at = [Math.min(at[0], row.size[0] - 1), Math.min(at[1], row.size[1] - 1)]; }
      view.at = at;
      var used = no ? [] : products(kind, x, w, set, row.axes, at[0], at[1]), all = kind === "transposed" ? used.length : size.c * size.w[0] * size.w[1];
      words.textContent = no || told(x, w, used, names, at[0], at[1], all);
      words.classList.toggle("dln-no", !!no);
      var kept = key || (box.contains(document.activeElement) && document.activeElement.dataset.key);
      draw(box, view, used);
      var focus = kept && box.querySelector('[data-key="' + kept + '"]');
      if (focus) { focus.focus({ preventScroll: true }); }
    }
    function tooLarge(view) {
      var sides = view.axes.map(function (axis, which) { return extent(view, axis, which); });
      return Math.max(sides[0], sides[1]) <= LARGEST ? "" : "The sheet would have " + sides.join(" × ") + " cells, and at most " + LARGEST + " × " + LARGEST +
        " are drawn: use a smaller stride, dilation or input.";
    }
    var wide = 0;
    window.addEventListener("resize", function () { if (box.isConnected && box.clientWidth !== wide) { wide = box.clientWidth; show(); } });
    show();
  }
  make(document.head, "style", {}).textContent = [
    ".dln-conv,.dln-conv .dln-channels>div{display:flex;flex-wrap:wrap;gap:6px 20px;justify-content:center;align-items:center}.dln-conv .dln-channels>div{gap:2px 6px}",
    ".dln-conv svg{display:block;max-width:none;font-family:var(--dln-figure-font,system-ui,sans-serif)}.dln-table{max-width:100%;overflow-x:auto}",
    ".dln-conv [data-key]{cursor:pointer;outline:none}.dln-conv [data-key]:focus-visible rect{stroke:var(--dln-ink)!important;stroke-width:2px!important}",
    ".dln-edit{flex-wrap:nowrap!important;min-height:2.25rem}:is(.dln-edit,.dln-hint)[hidden]{display:none!important}.dln-hint{min-height:2.25rem;justify-content:center;text-align:center!important;color:var(--dln-muted)}",
    ".dln-conv~* .dln-number input{width:3.2rem}.dln-part{min-width:3rem;font-variant-numeric:tabular-nums}",
    ".dln-more{max-width:36rem;margin:.5rem auto 0}.dln-more :is(details,summary){margin:0!important;padding:0!important;border:0}.dln-more summary{cursor:pointer;text-align:center;line-height:1.9rem}.dln-more .dln-controls,.dln-more .dln-rules{margin-top:.2rem}.dln-more>.dln-rules{max-width:26rem}",
    ".dln-words.dln-no{color:var(--dln-warm,#b04a12)}@media print{.dln-more{display:none}}"
  ].join("");
  live.kinds = live.kinds || {};
  live.kinds.convolution = { rules: rules, outputs: outputs, products: products, told: told };
  live.add("convolution", start);
})();
