/* Counts layers as dlnotes.counting does (shapes without the batch, channels first, multiply-adds, float32), says why one cannot
   follow, and writes them as PyTorch and Keras. It needs no page; table.js shows it. */
(function () {
  "use strict";
  var live = window.dlnLive;
  if (!live || live.layers) { return; }
  var MOST = 1e15; // beyond it whole numbers are not exact for sure
  var KINDS = {
    "conv": { family: "filter", start: { channels: 16, kernel: 3, stride: 1, padding: 1, dilation: 1, groups: 1, bias: true } },
    "max-pool": { family: "pool", start: { kernel: 2, stride: 2, padding: 0 } },
    "mean-pool": { family: "pool", start: { kernel: 2, stride: 2, padding: 0 } },
    "global mean": { family: "pool", start: {} },
    "flatten": { family: "other", start: {} },
    "dense": { family: "dense", start: { units: 10, bias: true } },
    "batch norm": { family: "other", start: {} },
    "activation": { family: "other", start: { function: "relu" } },
    "dropout": { family: "other", start: { p: 0.5 } },
    "response norm": { family: "other", start: { size: 5, alpha: 0.0001, beta: 0.75, k: 1 } }
  };
  var LIMITS = { channels: [1, 65536], units: [1, 65536], groups: [1, 65536], kernel: [1, 99], stride: [1, 99], padding: [0, 99],
    dilation: [1, 99], size: [1, 99], p: [0, 1, 0.1], input: [1, 4096], batch: [1, 65536] };
  var FUNCTIONS = { relu: ["nn.ReLU()", "layers.ReLU()"], leaky_relu: ["nn.LeakyReLU(0.01)", "layers.LeakyReLU(negative_slope=0.01)"],
    elu: ["nn.ELU()", "layers.ELU()"], sigmoid: ["nn.Sigmoid()", 'layers.Activation("sigmoid")'], tanh: ["nn.Tanh()", 'layers.Activation("tanh")'],
    softmax: ["nn.Softmax(dim=1)", "layers.Softmax()"] };

  function product(numbers) { return numbers.reduce(function (a, b) { return a * b; }, 1); }
  function sum(numbers) { return numbers.reduce(function (a, b) { return a + b; }, 0); }
  function divisor(a, b) { return b ? divisor(b, a % b) : a; }
  function commas(n) { return String(n).replace(/\B(?=(\d{3})+$)/g, ","); }
  function times(shape) { return shape.length === 1 ? commas(shape[0]) : shape.join("×"); }
  function reach(row) { return (row.dilation || 1) * (row.kernel - 1) + 1; }

  /* What a row makes of a shape. { why, mends } where it cannot follow; a mend is [words, setting, value] or [words, what to do]. */
  function refusal(row, shape, before) {
    var space = shape.length === 3, slides = row.kernel !== undefined, c = shape[0];
    if (!space && (slides || row.kind === "global mean" || row.kind === "response norm")) {
      var at = before.findIndex(function (one) { return one.kind === "flatten" || one.kind === "global mean"; });
      var mends = [], dense = before.slice(at).some(function (one) { return one.kind === "dense"; });
      if (row.kind !== "global mean" || before[at].kind !== row.kind) { mends.push(["Move it before row " + (at + 1), "move", at]); }
      mends.push(dense ? ["Remove it", "remove", before.length] : ["Remove row " + (at + 1), "remove", at]);
      return { why: "It needs channels, height and width; " + commas(c) + " numbers without a place come in, since row " + (at + 1) + " (" +
        before[at].kind + ").", mends: mends };
    }
    if (row.kind === "dense" && space) {
      return { why: "It takes numbers in a row; " + times(shape) + " come in.", mends: [["Put flatten before it", "insert", "flatten"],
        ["Put global mean before it", "insert", "global mean"]] };
    }
    if (row.kind === "conv" && (c % row.groups || row.channels % row.groups)) {
      var fits = divisor(divisor(c, row.channels), row.groups);
      return { why: "groups = " + row.groups + " must divide the " + c + " channels that come in and the " + row.channels + " that go out.",
        mends: [["Set groups to " + fits, "groups", fits]] };
    }
    if (row.kind !== "conv" && slides && 2 * row.padding > row.kernel) {
      var half = Math.floor(row.kernel / 2);
      return { why: "padding = " + row.padding + " is more than half of the kernel's " + row.kernel + " cells: a window could lie outside of the picture.",
        mends: [["Set padding to " + half, "padding", half]] };
    }
    var small = Math.min(shape[1], shape[2]);
    if (slides && reach(row) > small + 2 * row.padding) {
      var pad = Math.ceil((reach(row) - small) / 2), remedies = [["Remove it", "remove", before.length]];
      if (row.kind === "conv" && pad <= LIMITS.padding[1]) { remedies.unshift(["Set padding to " + pad, "padding", pad]); }
      if (row.kind !== "conv" && !row.padding) { remedies.unshift(["Set kernel to " + small, "kernel", small]); }
      return { why: "The kernel covers " + reach(row) + " cells, and the padded input has " + (small + 2 * row.padding) + ": no place.", mends: remedies };
    }
    return null;
  }
  function slid(n, row) { return Math.floor((n + 2 * row.padding - reach(row)) / row.stride) + 1; }
  function output(row, shape) {
    if (row.kind === "global mean") { return [shape[0]]; }
    if (row.kind === "flatten") { return [product(shape)]; }
    if (row.kind === "dense") { return [row.units]; }
    return row.kernel === undefined ? shape : [row.channels || shape[0], slid(shape[1], row), slid(shape[2], row)];
  }
  /* Size and jump on each axis; null where one value has no single field, as after flatten. */
  function seen(row, shape, field) {
    if (!field || row.kind === "flatten") { return null; }
    if (row.kernel === undefined && row.kind !== "global mean") { return field; }
    return field.map(function (axis, j) {
      var n = row.kernel === undefined ? shape[j + 1] : reach(row);
      return { size: axis.size + (n - 1) * axis.jump, jump: axis.jump * (row.kernel === undefined ? n : row.stride) };
    });
  }
  function counted(row, shape) {
    var y = output(row, shape), c = shape[0], made = { input: shape, output: y, trainable: 0, fixed: 0, products: 0 };
    made.values = row.kind === "flatten" ? 0 : product(y);
    if (row.kind === "conv") {
      var weights = row.channels * (c / row.groups) * row.kernel * row.kernel;
      made.trainable = weights + (row.bias ? row.channels : 0);
      made.products = weights * y[1] * y[2];
    } else if (row.kind === "dense") {
      made.products = c * row.units;
      made.trainable = made.products + (row.bias ? row.units : 0);
    } else if (row.kind === "batch norm") { made.trainable = made.fixed = 2 * c; }
    return made;
  }
  /* The whole table. The first row that cannot follow has `why` and `mends`; the rows after it wait. */
  function count(input, rows) {
    var shape = input, field = [{ size: 1, jump: 1 }, { size: 1, jump: 1 }], found = { rows: [], wrong: null };
    rows.forEach(function (row, at) {
      if (found.wrong !== null) { found.rows.push({ waits: true }); return; }
      var made = refusal(row, shape, rows.slice(0, at)) || counted(row, shape);
      if (!made.why && Math.max(product(made.output), made.products, made.trainable) > MOST) {
        made = { why: "It would count more than 10¹⁵ of something, beyond what is exact here.", mends: [["Remove it", "remove", at]] };
      }
      found.rows.push(made);
      if (made.why) { found.wrong = at; return; }
      field = seen(row, shape, field);
      shape = made.output;
      made.field = field && field.map(function (axis) { return axis.size; });
    });
    ["trainable", "fixed", "products", "values"].forEach(function (key) {
      found[key] = sum(found.rows.map(function (one) { return one[key] || 0; }));
    });
    found.output = shape;
    return found;
  }

  /* A row of this kind for a place where `shape` comes in. */
  function added(kind, shape) {
    var row = Object.assign({ kind: kind }, KINDS[kind].start);
    if (kind === "conv" && shape && shape.length === 3) { row.channels = shape[0]; }
    return row;
  }
  /* The rows after a remedy for row `at`; `rows` is not changed. */
  function mended(rows, at, mend) {
    var made = rows.slice(), what = mend[1], value = mend[2];
    if (what === "insert") { made.splice(at, 0, added(value)); }
    else if (what === "remove") { made.splice(value, 1); }
    else if (what === "move") { made.splice(value, 0, made.splice(at, 1)[0]); }
    else { made[at] = Object.assign({}, made[at]); made[at][what] = value; }
    return made;
  }

  function named(row) {
    if (row.kind === "activation") { return row.function.replace("_", " "); }
    if (row.kernel === undefined) { return row.kind + (row.units ? ", " + commas(row.units) : ""); }
    var words = row.kind + " " + row.kernel + "×" + row.kernel;
    if (row.stride !== (row.kind === "conv" ? 1 : row.kernel)) { words += ", stride " + row.stride; }
    if (row.dilation > 1) { words += ", dilation " + row.dilation; }
    if (row.groups > 1) { words += ", " + row.groups + " groups"; }
    return words + (row.channels ? ", " + commas(row.channels) : "");
  }
  function share(part, whole) {
    var percent = whole ? 100 * part / whole : 0;
    if (percent >= 9.95) { return Math.floor(percent + 0.5) + "\u00a0%"; }
    if (part && percent < 0.001) { return "under 0.001\u00a0%"; }
    return (part ? percent.toFixed(percent >= 0.995 ? 1 : percent >= 0.0995 ? 2 : 3) : 0) + "\u00a0%";
  }
  function change(now, first) {
    if (!first || now === first) { return now === first ? "the same" : "more"; }
    if (now > 2 * first) { return "×" + (now / first).toFixed(1); }
    return (now > first ? "+" : "−") + share(Math.abs(now - first), first);
  }
  function short(n) {
    var unit = [[1e12, " T"], [1e9, " G"], [1e6, " M"], [1e3, " k"]].find(function (one) { return n >= one[0] * (1 - 5e-4); });
    if (!unit) { return String(n); }
    var part = n / unit[0];
    return part.toFixed(part < 9.995 ? 2 : part < 99.95 ? 1 : 0) + unit[1];
  }
  function bytes(n) {
    if (n < 1000) { return n + " B"; }
    var unit = [[1e15, " PB"], [1e12, " TB"], [1e9, " GB"], [1e6, " MB"]].find(function (one) { return n >= one[0]; }) || [1e3, " kB"];
    var parts = (n / unit[0]).toFixed(1).split(".");
    return commas(parts[0]) + "." + parts[1] + unit[1];
  }
  function sentence(rows, found) {
    if (!rows.length) { return "No row yet: insert one."; }
    if (found.wrong !== null) {
      var wrong = found.rows[found.wrong];
      return "Row " + (found.wrong + 1) + " (" + named(rows[found.wrong]) + ") cannot follow. " + wrong.why +
        (found.wrong ? " The rows above it are counted." : "");
    }
    if (!found.trainable) { return "No row has parameters: there is nothing to train."; }
    function top(key) { return found.rows.reduce(function (best, one, at) { return one[key] > found.rows[best][key] ? at : best; }, 0); }
    function name(at) { return "Row " + (at + 1) + " (" + named(rows[at]) + ") "; }
    function shares(at) {
      return "has " + share(found.rows[at].trainable, found.trainable) + " of the parameters and does " +
        share(found.rows[at].products, found.products) + " of the multiply-adds";
    }
    var heavy = top("trainable"), busy = top("products"), made = 0;
    var half = found.rows.findIndex(function (one) { made += one.values; return 2 * made >= found.values; }) + 1;
    return name(heavy) + shares(heavy) + (heavy === busy ? ", more than any other. " : ". " + name(busy) + shares(busy) + ". ") +
      (half === 1 ? "Row 1 alone makes" : "Rows 1 to " + half + " make") + " half of the memory.";
  }
  /* How the selected row comes to its numbers. */
  function worked(row, made) {
    if (made.waits) { return ["Waits for the row that cannot follow."]; }
    if (made.why) { return []; }
    var x = made.input, y = made.output, k = row.kernel, lines = [];
    if (k !== undefined) {
      var sizes = x[1] === x[2] ? [1] : [1, 2];
      lines.push("size " + sizes.map(function (j) {
        return "⌊(" + x[j] + " + 2·" + row.padding + " − " + reach(row) + ") / " + row.stride + "⌋ + 1 = " + y[j];
      }).join(", "));
    } else if (row.kind === "flatten") { lines.push("size " + x.join("·") + " = " + commas(y[0])); }
    var inside = row.kind === "conv" ? [x[0] / row.groups, k, k].join("·") : row.kind === "dense" ? commas(x[0]) : "";
    var wide = commas(row.channels || row.units || 0);
    if (inside) {
      lines.push("parameters " + wide + " · " + (row.bias ? "(" + inside + " + 1)" : inside) + " = " + commas(made.trainable));
      lines.push("multiply-adds " + (row.kind === "conv" ? y[1] + "·" + y[2] + " · " : "") + wide + " · " + inside + " = " + commas(made.products));
    } else if (made.fixed) { lines.push("parameters 2 · " + x[0] + " trained, 2 · " + x[0] + " kept"); }
    lines.push(made.values ? "memory " + y.map(commas).join("·") + " · 4 bytes = " + bytes(4 * made.values) : "the same numbers read in another way: no memory");
    return lines;
  }

  function options(pairs) {
    return pairs.filter(function (one) { return one[2] !== false; }).map(function (one) { return (one[0] ? one[0] + "=" : "") + one[1]; }).join(", ");
  }
  function torchLines(row, made) {
    var c = made.input[0], k = row.kernel, space = made.input.length === 3;
    switch (row.kind) {
    case "conv": return ["nn.Conv2d(" + options([["", c], ["", row.channels], ["", k], ["stride", row.stride, row.stride > 1],
      ["padding", row.padding, row.padding > 0], ["dilation", row.dilation, row.dilation > 1], ["groups", row.groups, row.groups > 1],
      ["bias", "False", !row.bias]]) + ")"];
    case "max-pool": case "mean-pool": return ["nn." + (row.kind === "max-pool" ? "Max" : "Avg") + "Pool2d(" + options([["", k],
      ["stride", row.stride, row.stride !== k], ["padding", row.padding, row.padding > 0]]) + ")"];
    case "global mean": return ["nn.AdaptiveAvgPool2d(1)", "nn.Flatten()"];
    case "flatten": return ["nn.Flatten()"];
    case "dense": return ["nn.Linear(" + options([["", c], ["", row.units], ["bias", "False", !row.bias]]) + ")"];
    case "batch norm": return ["nn.BatchNorm" + (space ? 2 : 1) + "d(" + c + ")"];
    case "response norm": return ["nn.LocalResponseNorm(" + options([["", row.size], ["alpha", row.alpha], ["beta", row.beta], ["k", row.k]]) + ")"];
    case "activation": return [FUNCTIONS[row.function][0]];
    default: return ["nn.Dropout(" + row.p + ")"];
    }
  }
  /* Whether Keras's padding="same" puts as many zeros on each side of both axes. */
  function isSame(row, made) {
    return row.padding > 0 && [1, 2].every(function (j) {
      return (Math.ceil(made.input[j] / row.stride) - 1) * row.stride + reach(row) - made.input[j] === 2 * row.padding;
    });
  }
  function kerasLines(row, made) {
    var k = row.kernel, same = k !== undefined && row.kind !== "mean-pool" && isSame(row, made), lines = [];
    if (row.padding && !same) {
      lines.push("layers.ZeroPadding2D(" + row.padding + ")" + (row.kind === "max-pool" ? ",  # after a ReLU as good as PyTorch's −∞" : ""));
    }
    switch (row.kind) {
    case "conv": lines.push("layers.Conv2D(" + options([["", row.channels], ["", k], ["strides", row.stride, row.stride > 1],
      ["padding", '"same"', same], ["dilation_rate", row.dilation, row.dilation > 1], ["groups", row.groups, row.groups > 1],
      ["use_bias", "False", !row.bias]]) + ")"); break;
    case "max-pool": case "mean-pool": lines.push("layers." + (row.kind === "max-pool" ? "Max" : "Average") + "Pooling2D(" + options([["", k],
      ["strides", row.stride, row.stride !== k], ["padding", '"same"', same]]) + ")"); break;
    case "global mean": lines.push("layers.GlobalAveragePooling2D()"); break;
    case "flatten": lines.push("layers.Flatten()"); break;
    case "dense": lines.push("layers.Dense(" + options([["", row.units], ["use_bias", "False", !row.bias]]) + ")"); break;
    case "batch norm": lines.push("layers.BatchNormalization()"); break;
    case "response norm": lines.push("# LocalResponseNorm(" + row.size + ") is not in Keras; it has no parameters"); break;
    case "activation": lines.push(FUNCTIONS[row.function][1]); break;
    default: lines.push("layers.Dropout(" + row.p + ")");
    }
    return lines;
  }
  /* The program, or { why } where it cannot be written. */
  function code(language, input, rows) {
    var found = count(input, rows), keras = language === "Keras";
    if (found.wrong !== null) { return { why: sentence(rows, found) }; }
    var both = rows.findIndex(function (row) { return row.kind === "conv" && row.stride > 1 && row.dilation > 1; });
    if (keras && both >= 0) {
      return { why: "Row " + (both + 1) + " has stride " + rows[both].stride + " and dilation " + rows[both].dilation +
        "; Keras takes only one of them above 1. Set one to 1, or copy PyTorch." };
    }
    var lines = [];
    rows.forEach(function (row, at) {
      var own = (keras ? kerasLines : torchLines)(row, found.rows[at]), last = own.length - 1;
      own.forEach(function (line, j) {
        var comma = /#/.test(line) ? "" : ",";
        lines.push("    " + line + comma + (j === last && comma && row.kind !== "activation" ? "  # " + times(found.rows[at].output) : ""));
      });
    });
    var totals = ["# " + commas(found.trainable) + " parameters" + (found.fixed ? ", " + commas(found.fixed) + " kept besides" : "") + "; " +
      commas(found.products) + " multiply-adds"];
    if (keras) {
      var shape = "(" + [input[1], input[2], input[0]].join(", ") + ")";
      return ["import keras", "from keras import layers", ""].concat(totals, ["model = keras.Sequential(["], ["    keras.Input(" + shape + "),"], lines,
        ["])", "model.summary()", ""]).join("\n");
    }
    return ["import torch", "from torch import nn", ""].concat(totals, ["model = nn.Sequential("], lines, [")",
      "print(sum(p.numel() for p in model.parameters()))", "print(model(torch.zeros(2, " + input.join(", ") + ")).shape)", ""]).join("\n");
  }
  live.layers = { KINDS: KINDS, LIMITS: LIMITS, FUNCTIONS: Object.keys(FUNCTIONS), count: count, added: added, mended: mended, code: code, sentence: sentence, named: named,
    worked: worked, share: share, change: change, short: short, commas: commas, bytes: bytes, times: times };
})();
