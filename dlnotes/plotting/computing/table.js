/* The table of layers that the reader builds (dlnotes.plotting.layer_builder). layers.js counts; here it is shown and handled. */
(function () {
  "use strict";
  var live = window.dlnLive;
  if (!live || !live.layers || live.layers.shown) { return; }
  live.layers.shown = true;
  var L = live.layers, make = live.make;
  var TONES = { filter: ["accent", "#0b6a8c", "#cde6f0"], pool: ["warm", "#b04a12", "#fbddca"], dense: ["violet", "#6b469c", "#e5daf2"],
    other: ["muted", "#596673", "#edf1f4"] };
  var FIELDS = ["channels", "units", "kernel", "stride", "padding", "dilation", "groups", "size", "p", "bias", "function"];
  var RULE = "var(--dln-rule,#cfd7de)", PAPER = "var(--dln-paper,#fff)", WASH = "var(--dln-wash,#edf1f4)", MUTED = "var(--dln-muted,#596673)";
  var WARM = "var(--dln-warm,#b04a12)", INK = "var(--dln-ink,#1d2733)", ACCENT = "var(--dln-accent,#0b6a8c)";
  var CSS = [ // the class stands twice: JupyterLab has rules of its own for tables
    ".dln-tb.dln-tb [hidden]{display:none!important}.dln-tb{container-type:inline-size;text-align:left}.dln-tb.dln-tb .dln-controls{max-width:none;margin:.5rem 0 0;gap:.35rem .8rem}",
    ".dln-tb.dln-tb .dln-number input{width:4.4rem}.dln-tb.dln-tb .dln-slim input{width:3.4rem}.dln-tb.dln-tb .dln-controls button{min-width:2.25rem}",
    ".dln-tb.dln-tb .dln-controls button:disabled{opacity:.45;cursor:default}",
    ".dln-tb-lanes{display:grid;grid-template-columns:repeat(3,1fr);gap:.2rem 1.2rem;margin:.7rem 0 .2rem}",
    ".dln-tb-lanes p{margin:0!important;font-size:.8rem;line-height:1.3;text-align:left!important}.dln-tb-lanes b{font-variant-numeric:tabular-nums}",
    ".dln-tb-bars{display:flex;align-items:stretch;height:2.9rem;border-bottom:1px solid " + RULE + ";cursor:pointer}",
    ".dln-tb-bars>span{flex:1 1 0;min-width:0;display:flex;align-items:flex-end;padding:0 .5px}.dln-tb-bars>.on{background:" + WASH + "}",
    ".dln-tb-bars i{display:block;width:100%;print-color-adjust:exact;-webkit-print-color-adjust:exact}",
    ".dln-tb-box{max-height:14.5rem;overflow:auto;margin:.5rem 0 0;border:1px solid " + RULE + ";border-radius:.4rem;overscroll-behavior:contain}",
    ".dln-tb.dln-tb table{width:100%;min-width:0;margin:0;border:0;border-collapse:separate;border-spacing:0;display:table;table-layout:auto;font:inherit;font-size:.8rem;line-height:1.3;",
    "font-variant-numeric:tabular-nums;background:none;color:inherit}",
    ".dln-tb.dln-tb :is(th,td){padding:.28rem .45rem;border:0;border-bottom:1px solid " + RULE + ";text-align:left;white-space:nowrap;vertical-align:middle;background:none}",
    ".dln-tb.dln-tb th{position:sticky;top:0;z-index:2;background:" + PAPER + ";color:" + MUTED + ";font-weight:400}",
    ".dln-tb.dln-tb tfoot :is(td,th){position:sticky;top:auto;bottom:0;background:" + PAPER + ";color:inherit;font-weight:600;border-top:1px solid " + RULE + ";border-bottom:0}",
    ".dln-tb.dln-tb .less{display:none}.dln-tb.dln-tb .num{text-align:right}.dln-tb.dln-tb tbody .bar{background:linear-gradient(to left,var(--soft) var(--part),transparent var(--part));",
    "print-color-adjust:exact;-webkit-print-color-adjust:exact}",
    ".dln-tb.dln-tb tbody tr{cursor:pointer;background:none}.dln-tb.dln-tb tbody tr:hover{background:" + WASH + "}.dln-tb.dln-tb tbody .on>td{box-shadow:inset 0 2px " + ACCENT + ",inset 0 -2px " + ACCENT + "}",
    ".dln-tb.dln-tb td button{all:unset;cursor:pointer;display:block;padding-left:.5rem;border-left:.25rem solid var(--tone);overflow:hidden;text-overflow:ellipsis}",
    ".dln-tb.dln-tb td button:focus-visible{outline:2px solid " + ACCENT + ";outline-offset:2px}.dln-tb.dln-tb .on td button{font-weight:600}",
    ".dln-tb.dln-tb .wrong .why{color:" + WARM + ";white-space:normal}.dln-tb.dln-tb .waits{color:" + MUTED + "}",
    ".dln-tb-edit{border:1px solid " + RULE + "!important;border-radius:.4rem;padding:.4rem .6rem!important;justify-content:flex-start!important;align-items:center}",
    ".dln-tb-edit>b{flex:1 1 0;display:block!important;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}.dln-tb-edit .dln-tb-move{display:flex;gap:.3rem;flex-wrap:nowrap}",
    ".dln-tb-edit .dln-number{flex-direction:column;align-items:flex-start;gap:0;font-size:.8rem;line-height:1.3}.dln-tb-edit .dln-number input{min-height:2rem}.dln-tb-edit .dln-switch{align-self:flex-end;min-height:2rem;font-size:.8rem}",
    ".dln-tb-work{flex:1 1 20rem;min-width:0;display:flex;flex-wrap:wrap;gap:0 1.2rem!important;color:" + MUTED + ";font-size:.8rem}",
    ".dln-tb-note .dln-number input{min-height:1.8rem;width:4rem}.dln-tb-note{margin:.3rem auto 0!important;max-width:36rem;font-size:.8rem;text-align:center!important;color:" + MUTED + ";font-variant-numeric:tabular-nums}",
    ".dln-tb.dln-tb :is(.dln-refusal,.dln-tb-note):empty,.dln-tb-code[hidden]{display:none}.dln-tb-code{margin:.5rem 0 0;max-height:16rem;overflow:auto;font-size:.75rem;line-height:1.4;padding:.5rem .7rem;",
    "border:1px solid " + RULE + ";border-radius:.4rem;background:" + WASH + ";color:" + INK + ";white-space:pre;tab-size:4}",
    "@container(max-width:40rem){.dln-tb.dln-tb thead{display:none}.dln-tb.dln-tb :is(table,tbody,tfoot){display:block}.dln-tb.dln-tb tfoot{position:sticky;bottom:0;background:" + PAPER + "}",
    ".dln-tb.dln-tb :is(tbody,tfoot) tr{display:grid;grid-template-columns:1.8rem 1.1fr 1.25fr 1fr .9fr;border-top:1px solid " + RULE + ";padding:.12rem 0}",
    ".dln-tb.dln-tb :is(tbody,tfoot) td{position:static;border:0;padding:.08rem .3rem;min-width:0}.dln-tb.dln-tb td.num:not(.n){text-align:left}.dln-tb.dln-tb .n{grid-row:1/3}.dln-tb.dln-tb .layer{grid-column:2/4;white-space:normal}",
    ".dln-tb.dln-tb .out{grid-column:4/6}.dln-tb.dln-tb .why{grid-column:2/6}.dln-tb.dln-tb tbody .on>td{box-shadow:none}.dln-tb.dln-tb tbody .on{box-shadow:inset 0 0 0 2px " + ACCENT + "}",
    ".dln-tb.dln-tb .less{display:inline}.dln-tb.dln-tb .full{display:none}.dln-tb.dln-tb .num{font-size:.72rem}.dln-tb.dln-tb tbody .bar{background:linear-gradient(to right,var(--soft) var(--part),transparent var(--part))}",
    ".dln-tb.dln-tb .field:not(:empty)::before{content:\"sees \"}.dln-tb.dln-tb .dln-controls{gap:.35rem .5rem}.dln-tb-box{max-height:12.5rem}}",
    "@container(max-width:26rem){.dln-tb-lanes{gap:.2rem .6rem}.dln-tb-lanes b{display:block}.dln-tb-as{display:none!important}}",
    ".dln-tb-box:not(:has(:focus-visible))+.dln-tb-keys{visibility:hidden}@media(hover:none){.dln-tb.dln-tb .dln-tb-keys{display:none}}.dln-tb.dln-tb .dln-controls>span{flex-wrap:nowrap}",
    "@media print{.dln-tb.dln-tb .dln-tb-keys{display:none!important}.dln-tb-box{max-height:none;overflow:visible}.dln-tb.dln-tb th,.dln-tb.dln-tb tfoot :is(td,th){position:static!important}}"
  ].join("");

  function copy(value) { return JSON.parse(JSON.stringify(value)); }
  function tone(row, soft) { var t = TONES[L.KINDS[row.kind].family]; return "var(--dln-" + (soft ? (t[0] === "muted" ? "wash" : t[0] + "-soft") : t[0]) + "," + t[soft ? 2 : 1] + ")"; }
  function bound(key) {
    var limit = L.LIMITS[key];
    return key + ": a " + (key === "p" ? "number" : "whole number") + " from " + limit[0] + " to " + L.commas(limit[1]) + "; the last one that was counts.";
  }

  function start(state, facts) {
    var words = state.querySelector(".dln-words"), still = state.querySelector(".dln-panels");
    var root = document.createElement("div"), past = [], key = null, now = null, found = null, from = facts.start, batch = facts.batch, shown = "";
    root.className = "dln-tb";
    root.setAttribute("data-lm-suppress-shortcuts", "true");
    state.insertBefore(root, words);
    if (still) { still.remove(); }

    var top = live.addBar(root, null), names = facts.networks.map(function (one) { return one.name; });
    var starts = live.select(top, "start from", names, from, function (index) { from = index; load(); });
    var input = make(top, "span", {});
    var sizes = ["channels C", "height H", "width W"].map(function (label, j) {
      var field = live.numberField(input, ["input C", "H", "W"][j], { min: 1, max: L.LIMITS.input[1], start: 1 }, function (value) {
        if (value === null) { complain(bound("input")); return; }
        change("input" + j, function () { now.input[j] = value; });
      });
      field.element.querySelector("input").setAttribute("aria-label", "input " + label);
      field.element.classList.add("dln-slim");
      return field;
    });
    var lanes = make(root, "div", { "class": "dln-tb-lanes", "aria-hidden": "true" }), bars = ["memory", "multiply-adds", "parameters"].map(function (name) {
      var box = make(lanes, "div", {}), p = make(box, "p", {}, name + " "), total = make(p, "b", {});
      var lane = make(box, "div", { "class": "dln-tb-bars" });
      lane.addEventListener("click", function (event) { var one = event.target.closest("[data-at]"); if (one) { select(+one.dataset.at); } });
      return { total: total, lane: lane };
    });
    var box = make(root, "div", { "class": "dln-tb-box" });
    var table = make(box, "table", { role: "table", "aria-label": "Layers. Up and down choose a row, Alt with them moves it, Enter edits it, Delete removes it." });
    var head = make(make(table, "thead", { role: "rowgroup" }), "tr", { role: "row" });
    [["", "n"], ["layer", "layer"], ["output", "out"], ["parameters", "num"], ["multiply-adds", "num"], ["memory", "num"], ["sees", "num"]].forEach(function (one) {
      make(head, "th", { role: "columnheader", scope: "col", "class": one[1] }, one[0]);
    });
    make(root, "p", { "class": "dln-tb-note dln-tb-keys", "aria-hidden": "true" }, "↑ ↓ choose · Alt + ↑ ↓ move · Enter edit · Delete remove · Ctrl + Z undo");
    var body = make(table, "tbody", { role: "rowgroup" }), foot = make(make(table, "tfoot", { role: "rowgroup" }), "tr", { role: "row" });
    var refusal = make(root, "p", { "class": "dln-refusal", role: "status" }), mends = live.addBar(root, null);
    var edit = live.addBar(root, null), fields = {}, tools = live.addBar(root, null);
    mends.setAttribute("aria-label", "Remedies");
    edit.classList.add("dln-tb-edit");
    var kinds = Object.keys(L.KINDS), kind = live.select(tools, "insert", kinds, 0, function () {});
    function press(bar, words, does, name) {
      var button = make(bar, "button", { type: "button" }, words);
      if (name) { button.setAttribute("aria-label", name); button.title = name; }
      button.addEventListener("click", does);
      return button;
    }
    press(tools, "below", function () { insert(now.at + 1, kinds[kind.get()]); }, "insert below the chosen row");
    var undo = press(tools, "undo", back);
    press(tools, "reset", load, "start again");
    make(tools, "span", { "class": "dln-tb-as" }, "copy as");
    press(tools, "PyTorch", function () { show("PyTorch"); }, "copy as PyTorch");
    press(tools, "Keras", function () { show("Keras"); }, "copy as Keras");
    var told = make(root, "p", { "class": "dln-tb-note", role: "status" });
    var note = make(root, "p", { "class": "dln-tb-note" });
    state.insertBefore(note, words.nextSibling);
    live.numberField(note, "A batch of", { min: 1, max: L.LIMITS.batch[1], start: batch }, function (value) {
      if (value === null) { complain(bound("batch")); return; }
      batch = value;
      complain("");
      tell();
    }).element.classList.add("dln-slim");
    var kept = make(note, "span", {}), program = make(state, "pre", { "class": "dln-tb-code", tabindex: "0", "aria-label": "program" });
    program.hidden = true;

    /* Every change goes through here, so that it can be undone; what is typed into one field is one change. */
    function change(what, does) {
      if (what === null || what !== key) { past.push(JSON.stringify(now)); }
      key = what;
      does();
      now.at = Math.max(-1, Math.min(now.at, now.rows.length - 1));
      complain("");
      draw(what === null);
    }
    function load() {
      var chosen = facts.networks[from];
      if (now) { past.push(JSON.stringify(now)); }
      key = null;
      now = { from: from, input: copy(chosen.input), rows: copy(chosen.rows), at: 0 };
      now.at = heaviest();
      draw(true);
    }
    function back() {
      if (!past.length) { return; }
      now = JSON.parse(past.pop());
      from = now.from;
      key = null;
      draw(true);
    }
    function heaviest() {
      var rows = L.count(now.input, now.rows).rows;
      return rows.reduce(function (best, one, at) { return one.trainable > rows[best].trainable ? at : best; }, 0);
    }
    function select(at) {
      if (at < 0 || at >= now.rows.length) { return; }
      now.at = at;
      key = null;
      draw(true);
    }
    function insert(at, name) {
      var before = at ? found.rows[at - 1].output : now.input;
      change(null, function () { now.rows.splice(at, 0, L.added(name, before)); now.at = at; });
    }
    function remove(at) { change(null, function () { now.rows.splice(at, 1); if (at < now.at) { now.at -= 1; } }); }
    function move(at, to) {
      if (to < 0 || to >= now.rows.length) { return; }
      change(null, function () { now.rows.splice(to, 0, now.rows.splice(at, 1)[0]); now.at = to; });
    }
    function mend(at, one) {
      change(null, function () { now.rows = L.mended(now.rows, at, one); now.at = at; });
    }
    function complain(words) { refusal.textContent = words; }

    function draw(fresh) {
      var wrong = found && found.wrong;
      found = L.count(now.input, now.rows);
      sizes.forEach(function (field, j) { if (fresh) { field.set(now.input[j]); } });
      starts.set(from);
      drawLanes();
      drawRows();
      drawFoot();
      scroll(found.wrong === null || found.wrong === wrong ? now.at : found.wrong);
      if (fresh) { drawEditor(); }
      drawWork();
      mends.textContent = "";
      if (found.wrong !== null) {
        make(mends, "span", {}, "Row " + (found.wrong + 1));
        found.rows[found.wrong].mends.forEach(function (one) { press(mends, one[0], mend.bind(null, found.wrong, one)); });
      }
      mends.hidden = found.wrong === null;
      undo.disabled = !past.length;
      if (!program.hidden) { write(); }
      told.textContent = "";
      tell();
    }
    function drawLanes() {
      [["values", 4], ["products", 1], ["trainable", 1]].forEach(function (one, j) {
        var lane = bars[j].lane, most = Math.max.apply(null, found.rows.map(function (row) { return row[one[0]] || 0; }).concat(1));
        bars[j].total.textContent = j ? L.commas(found[one[0]]) : L.bytes(4 * found.values);
        lane.textContent = "";
        now.rows.forEach(function (row, at) {
          var value = found.rows[at][one[0]] || 0, column = make(lane, "span", { "data-at": at, "class": at === now.at ? "on" : "" });
          column.title = at + 1 + " " + L.named(row);
          make(column, "i", { style: "height:" + (value ? Math.max(2, 100 * value / most) : 0) + "%;background:" + tone(row) });
        });
      });
    }
    function number(line, name, value, unit, style) {
      var td = cell(line, "num " + name, "", style ? { style: style } : {});
      if (value) {
        make(td, "span", { "class": "full" }, L.commas(value));
        make(td, "span", { "class": "less" }, L.short(value) + unit);
      }
    }
    function cell(line, name, words, extra) { return make(line, "td", Object.assign({ role: "cell", "class": name }, extra || {}), words); }
    function drawRows() {
      var held = body.contains(document.activeElement);
      body.textContent = "";
      now.rows.forEach(function (row, at) {
        var made = found.rows[at], name = (at === now.at ? "on" : "") + (made.why ? " wrong" : made.waits ? " waits" : "");
        var line = make(body, "tr", { role: "row", "data-at": at, "class": name, style: "--tone:" + tone(row) + ";--soft:" + tone(row, true) });
        cell(line, "n num", String(at + 1));
        make(cell(line, "layer"), "button", { type: "button", tabindex: at === now.at ? 0 : -1, "aria-pressed": String(at === now.at) }, L.named(row));
        if (!made.output) { cell(line, "why", made.why || "waits", { colspan: 5 }); return; }
        cell(line, "out", L.times(made.output));
        [["trainable", " par"], ["products", " MAC"]].forEach(function (one) {
          number(line, "bar", made[one[0]], one[1], "--part:" + (found[one[0]] ? 100 * made[one[0]] / found[one[0]] : 0) + "%");
        });
        cell(line, "num mem", made.values ? L.bytes(4 * made.values) : "");
        cell(line, "num field", made.field ? (made.field[0] === made.field[1] ? String(made.field[0]) : made.field.join("×")) : "");
      });
      var on = body.children[now.at];
      if (on && held) { on.querySelector("button").focus({ preventScroll: true }); }
    }
    function scroll(at) {
      var on = body.children[at];
      if (!on) { return; }
      var above = table.tHead.offsetHeight, below = foot.offsetHeight, y = on.getBoundingClientRect().top - box.getBoundingClientRect().top;
      if (y < above) { box.scrollTop += y - above; }
      if (y + on.offsetHeight > box.clientHeight - below) { box.scrollTop += y + on.offsetHeight - box.clientHeight + below; }
    }
    function drawFoot() {
      foot.textContent = "";
      cell(foot, "n", "");
      cell(foot, "layer", found.wrong === null ? "total" : "so far");
      cell(foot, "out", L.times(found.output));
      number(foot, "", found.trainable, " par");
      number(foot, "", found.products, " MAC");
      cell(foot, "num mem", L.bytes(4 * found.values));
      cell(foot, "num", "");
    }
    function drawEditor() {
      edit.textContent = "";
      fields = {};
      edit.hidden = now.at < 0;
      if (now.at < 0) { return; }
      var at = now.at, row = now.rows[at];
      fields.name = make(edit, "b", {});
      var moves = make(edit, "span", { "class": "dln-tb-move" });
      press(moves, "↑", function () { move(at, at - 1); }, "move row " + (at + 1) + " up").disabled = at === 0;
      press(moves, "↓", function () { move(at, at + 1); }, "move row " + (at + 1) + " down").disabled = at === now.rows.length - 1;
      press(moves, "copy", function () { change(null, function () { now.rows.splice(at + 1, 0, copy(row)); now.at = at + 1; }); }, "copy row " + (at + 1));
      press(moves, "×", function () { remove(at); }, "remove row " + (at + 1));
      make(edit, "span", { "class": "dln-break" });
      edit.setAttribute("aria-label", "Row " + (at + 1) + ": " + row.kind);
      FIELDS.filter(function (name) { return name in row; }).forEach(function (name) {
        if (name === "bias") {
          live.control(edit, "toggle", "bias", ["no", "yes"], +row.bias, function (index) { change("bias" + at, function () { row.bias = index === 1; }); });
        } else if (name === "function") {
          live.select(edit, "function", L.FUNCTIONS, L.FUNCTIONS.indexOf(row.function), function (index) { change(null, function () { row.function = L.FUNCTIONS[index]; }); });
        } else {
          var limit = L.LIMITS[name];
          live.numberField(edit, name, { min: limit[0], max: limit[1], step: limit[2], start: row[name] }, function (value) {
            if (value === null) { complain(bound(name)); return; }
            change(name + at, function () { now.rows[at][name] = value; });
          }).element.classList.add(name === "channels" || name === "units" || name === "groups" ? "dln-wide" : "dln-slim");
        }
      });
      fields.work = make(edit, "div", { "class": "dln-tb-work" });
    }
    function drawWork() {
      if (now.at < 0) { return; }
      fields.name.textContent = "Row " + (now.at + 1) + ": " + L.named(now.rows[now.at]);
      fields.work.textContent = "";
      L.worked(now.rows[now.at], found.rows[now.at]).forEach(function (line) { make(fields.work, "span", {}, line); });
    }
    function tell() {
      var text = L.sentence(now.rows, found), chosen = facts.networks[from];
      if (found.wrong === null && now.rows.length && JSON.stringify([now.input, now.rows]) !== JSON.stringify([chosen.input, chosen.rows])) {
        var first = L.count(chosen.input, chosen.rows);
        text = "Against " + chosen.name + ": " + [["parameters", "trainable"], ["multiply-adds", "products"], ["memory", "values"]].map(function (one) {
          return one[0] + " " + L.change(found[one[1]], first[one[1]]);
        }).join(", ") + ". " + text;
      }
      if (text !== shown) { words.textContent = shown = text; } // said aloud once
      kept.textContent = (" keeps " + L.bytes(4 * batch * found.values) + " of outputs; parameters, gradients and momentum take " +
        L.bytes(12 * found.trainable) + ".").replace(/(\d) (?=.?B)/g, "$1\u00a0");
    }
    function write() {
      var made = L.code(program.dataset.language, now.input, now.rows);
      program.textContent = made.why || made;
      return !made.why;
    }
    function show(language) {
      if (!program.hidden && program.dataset.language === language) { program.hidden = true; told.textContent = ""; return; }
      program.dataset.language = language;
      program.hidden = false;
      var written = write();
      program.classList.toggle("dln-refusal", !written);
      told.textContent = "";
      if (!written) { return; }
      function done() { told.textContent = language + " program copied; press again to hide it."; }
      function byHand() {
        var range = document.createRange(), chosen = window.getSelection();
        range.selectNodeContents(program);
        chosen.removeAllRanges();
        chosen.addRange(range);
        if (document.execCommand && document.execCommand("copy")) { done(); } else { told.textContent = "The program is marked: copy it with Ctrl+C."; }
      }
      if (navigator.clipboard) { navigator.clipboard.writeText(program.textContent).then(done, byHand); } else { byHand(); }
    }

    body.addEventListener("click", function (event) { var line = event.target.closest("tr"); if (line) { select(+line.dataset.at); } });
    body.addEventListener("keydown", function (event) {
      var at = +event.target.closest("tr").dataset.at, last = now.rows.length - 1;
      var to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: last }[event.key];
      if (to !== undefined) {
        if (event.altKey) { move(at, to); } else { select(to); }
      } else if (event.key === "Delete" || event.key === "Backspace") { remove(at); }
      else if (event.key === "Enter") {
        select(at);
        var first = edit.querySelector("input,select") || edit.querySelector("button:enabled");
        first.focus();
        if (first.type === "number") { first.select(); }
      }
      else { return; }
      event.preventDefault();
    });
    root.addEventListener("keydown", function (event) {
      if ((event.ctrlKey || event.metaKey) && event.key === "z" && event.target.tagName !== "INPUT") { back(); event.preventDefault(); }
    });
    load();
  }

  make(document.head, "style", {}).textContent = CSS;
  live.add("table", start);
})();
