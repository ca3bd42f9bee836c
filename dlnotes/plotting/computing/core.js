/* What the book's figures that compute in the page share. After explorer.js; each figure's own script comes after this one
   and calls dlnLive.add(kind, start): start(state, facts, figure) gets the element that holds still and sentence. */
(function () {
  "use strict";
  if (window.dlnLive || !window.dlnFigures) { return; }
  var base = window.dlnFigures, make = base.make, starts = {}, waiting = [];
  var INK = "var(--dln-ink,#1d2733)", RULE = "var(--dln-rule,#cfd7de)", ACCENT = "var(--dln-accent,#0b6a8c)", PAPER = "var(--dln-paper,#fff)";
  var CSS = [
    ":where(html){/*light*/}", // where no style sheet of the book gives the colours
    ".dln-number{display:inline-flex;align-items:center;gap:.4rem}",
    ".dln-number input{width:4.2rem}.dln-number input,.dln-select select{min-height:2.25rem;box-sizing:border-box;padding:0 .4rem;border:1px solid " + RULE,
    ";border-radius:.4rem;background:" + PAPER + ";color:" + INK + ";font:inherit;font-variant-numeric:tabular-nums}",
    ".dln-number input:invalid,.dln-number input[aria-invalid=true]{border-color:var(--dln-warm,#b04a12)}",
    ".dln-refusal{margin:.5rem auto 0!important;max-width:36rem;text-align:center!important;color:var(--dln-warm,#b04a12)}"
  ].join("");

  /* Each of these adds a control to a bar and returns { get, set }; changed() is called when the reader moves it. */
  function numberField(bar, label, options, changed) {
    var box = make(bar, "label", { "class": "dln-number" });
    make(box, "span", {}, label);
    var input = make(box, "input", { type: "number", min: options.min, max: options.max, step: options.step || 1, inputmode: "decimal" });
    input.value = options.start;
    function get() {
      var value = input.value === "" ? NaN : +input.value;
      var good = value >= options.min && value <= options.max && (options.step || Number.isInteger(value));
      input.setAttribute("aria-invalid", String(!good));
      return good ? value : null;
    }
    input.addEventListener("input", function () { changed(get()); });
    return { get: get, set: function (value) { input.value = value; get(); }, element: box };
  }
  function select(bar, label, words, start, changed) {
    var box = make(bar, "label", { "class": "dln-number dln-select" });
    make(box, "span", {}, label);
    var list = make(box, "select", {});
    words.forEach(function (word, index) { make(list, "option", { value: index }, word); });
    list.value = start;
    list.addEventListener("change", function () { changed(+list.value); });
    return { get: function () { return +list.value; }, set: function (index) { list.value = index; }, element: box };
  }
  /* The controls of explorer.js (slider, choice, toggle, button, steps), with words and a start. */
  function control(bar, kind, label, words, start, changed) {
    var at = start, show = base.controls[kind](bar, { label: label, words: words, start: start, name: label, pace: 700 }, function (index) {
      at = index;
      show(index);
      changed(index);
    }, function () {});
    show(at);
    return { get: function () { return at; }, set: function (index) { at = index; show(index); } };
  }
  function svg(parent, tag, attributes, text) {
    var e = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (var name in attributes) { e.setAttribute(name, attributes[name]); }
    if (text !== undefined) { e.textContent = text; }
    parent.appendChild(e);
    return e;
  }

  function begin(figure) {
    if (figure.begun) { return; }
    figure.begun = true;
    var facts = base.unpack(figure), state = figure.querySelector(".dln-state");
    state.querySelectorAll(".dln-words").forEach(function (p) { p.setAttribute("aria-live", "polite"); });
    starts[figure.dataset.kind](state, facts, figure);
    base.keepKeys(state);
  }
  window.dlnLive = {
    make: make, svg: svg, addBar: base.addBar, numberField: numberField, select: select, control: control,
    add: function (kind, start) {
      if (starts[kind]) { return; }
      starts[kind] = start;
      waiting = waiting.filter(function (figure) {
        if (figure.dataset.kind === kind) { begin(figure); return false; }
        return true;
      });
    }
  };
  var style = make(document.head, "style", {});
  style.textContent = CSS;
  base.define("dln-live", function (figure) {
    if (starts[figure.dataset.kind]) { begin(figure); } else { waiting.push(figure); }
  });
})();
