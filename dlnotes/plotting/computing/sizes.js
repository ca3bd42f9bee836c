/* Sizes on one axis by the rules of PyTorch, TensorFlow and Keras; what dlnotes.shapes answers, and its refusals in a reader's words.
   An axis is { n, k, s, p, d, e }: input, kernel, stride, padding, dilation, output padding. An answer is { out, before, after, extra, formula }:
   zeros added (or, transposed, cells cut) on the two sides, and cells added at the end; or { refusal }. */
(function () {
  "use strict";
  var live = window.dlnLive;
  if (!live || live.sizes) { return; }

  function cells(n) { return n === 1 ? "1 cell" : n + " cells"; }
  function reach(a) { return a.d * (a.k - 1) + 1; }
  function refuse(words) { return { refusal: words }; }
  function answer(out, before, after, extra, formula) {
    return { out: out, before: before, after: after, extra: extra, formula: formula + " = " + out };
  }
  function tooLarge(a, there, remedy) {
    return refuse("the kernel covers " + cells(reach(a)) + " and there " + (there === 1 ? "is " : "are ") + "only " + there + ": " + remedy);
  }

  function torchConv(a) {
    var there = a.n + 2 * a.p, out = Math.floor((there - reach(a)) / a.s) + 1;
    if (reach(a) > there) { return tooLarge(a, there, "use a larger input, more padding or a smaller kernel"); }
    return answer(out, a.p, a.p, 0, "⌊(" + a.n + " + 2·" + a.p + " − " + reach(a) + ") / " + a.s + "⌋ + 1");
  }
  function torchSame(a) {
    if (a.s > 1) { return refuse("PyTorch refuses padding=\"same\" with stride " + a.s + ": use stride 1, or padding in numbers"); }
    var zeros = reach(a) - 1, before = Math.floor(zeros / 2);
    return answer(a.n, before, zeros - before, 0, a.n + " + " + zeros + " − " + reach(a) + " + 1");
  }
  function valid(a) {
    if (reach(a) > a.n) { return tooLarge(a, a.n, "use a larger input, a smaller kernel or SAME"); }
    return answer(Math.ceil((a.n - reach(a) + 1) / a.s), 0, 0, 0, "⌈(" + a.n + " − " + reach(a) + " + 1) / " + a.s + "⌉");
  }
  function same(a) {
    var out = Math.ceil(a.n / a.s), zeros = Math.max((out - 1) * a.s + reach(a) - a.n, 0), before = Math.floor(zeros / 2);
    return answer(out, before, zeros - before, 0, "⌈" + a.n + " / " + a.s + "⌉");
  }
  /* Keras's layers take a stride or a dilation, not both. */
  function keras(rule) {
    return function (a) {
      if (a.s > 1 && a.d > 1) { return refuse("Keras refuses stride " + a.s + " with dilation " + a.d + ": set one of them to 1"); }
      return rule(a);
    };
  }

  function torchPool(ceil) {
    return function (a) {
      var there = a.n + 2 * a.p, room = there - reach(a), half = Math.floor(a.k / 2);
      var out = (ceil ? Math.ceil(room / a.s) : Math.floor(room / a.s)) + 1;
      if (a.p > half) {
        return refuse("padding " + a.p + " is more than half the window, ⌊" + a.k + " / 2⌋ = " + half + ": pad the input first, or use at most " + half);
      }
      var dropped = ceil && (out - 1) * a.s >= a.n + a.p;
      if (dropped) { out -= 1; }
      if (out < 1) { return tooLarge(a, there, "use a larger input or a smaller window"); }
      var bars = ceil ? ["⌈", "⌉"] : ["⌊", "⌋"];
      var formula = bars[0] + "(" + a.n + " + 2·" + a.p + " − " + reach(a) + ") / " + a.s + bars[1] + " + 1";
      return answer(out, a.p, a.p, 0, formula + (dropped ? " − 1 (a window on padding alone)" : ""));
    };
  }
  function noDilation(rule) {
    return function (a) {
      return a.d > 1 ? refuse("pooling in Keras has no dilation, and here it is " + a.d + ": set it to 1") : rule(a);
    };
  }

  /* Transposed: of the whole sheet of stamps, s (n − 1) + reach long, cells are cut off or added until `out` are left. */
  function sheet(a) { return a.s * (a.n - 1) + reach(a); }
  function torchTransposed(a) {
    var most = Math.max(a.s, a.d) - 1, out = sheet(a) - 2 * a.p + a.e;
    if (a.e > most) {
      return refuse("output padding " + a.e + " is not below the larger of stride and dilation, " + (most + 1) + ": use at most " + most);
    }
    if (out < 1) { return refuse("padding " + a.p + " on each side leaves " + out + " of " + cells(sheet(a)) + ": use less padding"); }
    return answer(out, a.p, a.p, a.e, a.s + "·(" + a.n + " − 1) + " + reach(a) + " − 2·" + a.p + " + " + a.e);
  }
  function legal(a, isSame) {
    var least = isSame ? a.s * (a.n - 1) + 1 : sheet(a);
    return [least, least + a.s - 1];
  }
  /* TensorFlow is told the size; here the smallest it allows, and e more. */
  function tfTransposed(isSame) {
    return function (a) {
      var allowed = legal(a, isSame), out = allowed[0] + a.e, pads = isSame ? same({ n: out, k: a.k, s: a.s, d: a.d }) : { before: 0, after: 0 };
      var word = isSame ? "SAME" : "VALID", range = allowed[0] === allowed[1] ? allowed[0] : allowed[0] + " to " + allowed[1];
      if (out > allowed[1]) {
        return refuse(word + " allows the size " + range + " and here " + out + " is asked for: use an output padding of at most " + (a.s - 1));
      }
      var made = answer(out, pads.before, pads.after, out - (sheet(a) - pads.before - pads.after), "output_shape, allowed " + range + ", asked for " + allowed[0] + " + " + a.e);
      made.legal = allowed;
      return made;
    };
  }
  function cut(a, out, formula) {
    var off = sheet(a) - out, before = Math.max(Math.floor(off / 2), 0);
    return answer(out, before, Math.max(off - before, 0), Math.max(-off, 0), formula);
  }
  function kerasValid(a) { return cut(a, a.s * a.n + Math.max(reach(a) - a.s, 0), a.s + "·" + a.n + " + max(" + reach(a) + " − " + a.s + ", 0)"); }
  function kerasSame(a) { return cut(a, a.s * a.n, a.s + "·" + a.n); }
  function kerasTold(a) {
    var p = Math.floor(reach(a) / 2), out = sheet(a) - 2 * p + a.e;
    if (a.e >= a.s) { return refuse("output_padding " + a.e + " is not below the stride, " + a.s + ": use at most " + (a.s - 1)); }
    if (out < 1) { return refuse("output_padding " + a.e + " leaves " + cells(out) + ": use a larger one, or leave it out"); }
    return cut(a, out, a.s + "·(" + a.n + " − 1) + " + reach(a) + " − 2·" + p + " + " + a.e);
  }

  function pair(axes, name) { return axes[0][name] === axes[1][name] ? axes[0][name] : "(" + axes[0][name] + ", " + axes[1][name] + ")"; }
  var RULES = {
    convolution: [
      [function (axes) { return "PyTorch, padding=" + pair(axes, "p"); }, torchConv], ["PyTorch, padding=\"same\"", torchSame],
      ["TensorFlow, VALID", valid], ["TensorFlow, SAME", same], ["Keras, valid", keras(valid)], ["Keras, same", keras(same)]
    ],
    pooling: [
      [function (axes) { return "PyTorch, padding=" + pair(axes, "p"); }, torchPool(false)], ["PyTorch, ceil_mode=True", torchPool(true)],
      ["Keras, valid", noDilation(valid)], ["Keras, same", noDilation(same)]
    ],
    transposed: [
      [function (axes) { return "PyTorch, padding=" + pair(axes, "p") + ", output_padding=" + pair(axes, "e"); }, torchTransposed],
      ["TensorFlow, VALID", tfTransposed(false)], ["TensorFlow, SAME", tfTransposed(true)],
      ["Keras, valid, output_padding=None", keras(kerasValid)], ["Keras, same, output_padding=None", keras(kerasSame)],
      [function (axes) { return "Keras, same, output_padding=" + pair(axes, "e"); }, keras(kerasTold)]
    ]
  };
  var AXES = ["height", "width"];
  /* Every convention's answer for two axes: { name, axes, size } or { name, axes, refusal }. */
  function rows(kind, axes) {
    return RULES[kind].map(function (rule) {
      var name = typeof rule[0] === "string" ? rule[0] : rule[0](axes), found = axes.map(rule[1]), words = [];
      found.forEach(function (one, at) { if (one.refusal) { words.push([AXES[at], one.refusal]); } });
      if (!words.length) { return { name: name, axes: found, size: found.map(function (one) { return one.out; }) }; }
      var alike = words.length === 2 && words[0][1] === words[1][1];
      return { name: name, axes: found, refusal: alike ? words[0][1] : words.map(function (w) { return w.join(": "); }).join("; ") };
    });
  }

  live.make(document.head, "style", {}).textContent = [
    ".dln-rules{border:0;margin:.6rem auto 0;padding:0;max-width:30rem;flex:1 1 16rem;min-width:0}.dln-rules legend{padding:0;color:var(--dln-muted,#596673)}",
    ".dln-rules label{display:flex;gap:.5rem;align-items:center;min-height:1.9rem;padding:.1rem .4rem;border-radius:.4rem;cursor:pointer;line-height:1.25}",
    ".dln-rules label:has(:checked){background:var(--dln-accent-soft,#cde6f0)}.dln-rules label:has(:focus-visible){outline:2px solid var(--dln-accent,#0b6a8c)}",
    ".dln-rules input{margin:0;flex:none;accent-color:var(--dln-accent,#0b6a8c)}.dln-rules span{flex:1;min-width:0;overflow-wrap:anywhere}",
    ".dln-rules b{font-variant-numeric:tabular-nums;white-space:nowrap}.dln-rules .dln-no{color:var(--dln-warm,#b04a12)}"
  ].join("");
  var groups = 0;
  /* Radio buttons with a convention and its size each; show(rows, at) fills them. */
  function picker(parent, words, changed) {
    var box = live.make(parent, "fieldset", { "class": "dln-rules" }), name = "dln-rules-" + ++groups, labels = [];
    live.make(box, "legend", {}, words);
    return {
      element: box,
      show: function (found, at) {
        while (labels.length > found.length) { labels.pop().box.remove(); }
        found.forEach(function (row, index) {
          if (!labels[index]) {
            var label = live.make(box, "label", {}), input = live.make(label, "input", { type: "radio", name: name, "data-lm-suppress-shortcuts": "true" });
            input.addEventListener("change", function () { changed(index); });
            labels.push({ box: label, input: input, name: live.make(label, "span", {}), size: live.make(label, "b", {}) });
          }
          labels[index].input.checked = index === at;
          labels[index].name.textContent = row.name;
          labels[index].size.textContent = row.size ? row.size.join(" × ") : "refused";
          labels[index].size.className = row.size ? "" : "dln-no";
        });
      }
    };
  }
  live.sizes = { rows: rows, reach: reach, cells: cells, picker: picker };
})();
