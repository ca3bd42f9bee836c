/* Moves the book's figures to handle (dlnotes.plotting.explore). A classic script without dependencies, for file:// and for JupyterLab.
   All states were computed in Python: here values are looked up by their codes and put into place, and nothing is computed. */
(function () {
  "use strict";
  if (!window.customElements || customElements.get("dln-explore")) { return; }
  var LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  var ICONS = {
    "To start": "M3 3h2v10H3zM13 3v10L6 8z",
    "Previous step": "M10.5 3v10L4 8z",
    "Play": "M4 2.5v11l9-5.5z",
    "Pause": "M4 2.5h3v11H4zM9 2.5h3v11H9z",
    "Next step": "M5.5 3v10L12 8z",
    "To end": "M11 3h2v10h-2zM3 3v10l7-5z"
  };
  var INK = "var(--dln-ink,#1d2733)", RULE = "var(--dln-rule,#cfd7de)", ACCENT = "var(--dln-accent,#0b6a8c)", PAPER = "var(--dln-paper,#fff)";
  var CSS = [
    "dln-explore,dln-live{display:block;color:" + INK + ";font:.9rem/1.45 var(--dln-figure-font,var(--jp-ui-font-family,system-ui,sans-serif))}",
    "body[data-jp-theme-light=false] :is(dln-explore,dln-live),.vscode-dark :is(dln-explore,dln-live),html[theme=dark] :is(dln-explore,dln-live){/*dark*/}",
    ".jp-OutputArea :is(dln-explore,dln-live){--dln-paper:var(--jp-layout-color0,#fff)}",
    "@media(max-width:30rem){.dln-panels{gap:12px 10px!important}}",
    ".dln-controls{display:flex;flex-wrap:wrap;gap:.35rem 1.4rem;align-items:center;justify-content:center;margin:.7rem auto 0;max-width:36rem}",
    ".dln-controls>*{margin:0;padding:0;border:0;min-width:0;display:flex;flex-wrap:wrap;gap:.25rem .4rem;align-items:center;font-variant-numeric:tabular-nums}",
    ".dln-slider{flex:1 1 13rem;max-width:24rem}.dln-slider>span{display:flex;justify-content:space-between;width:100%}",
    ".dln-slider output{font-weight:600}.dln-film{flex:1 1 100%;justify-content:center;flex-wrap:nowrap!important}",
    ".dln-controls input[type=range]{flex:1 1 5rem;min-width:4rem;max-width:24rem;height:2rem;margin:0;accent-color:" + ACCENT + "}",
    ".dln-film input{max-width:14rem!important}.dln-controls input[type=checkbox]{width:1.15rem;height:1.15rem;margin:0;accent-color:" + ACCENT + "}",
    ".dln-break{flex:0 0 100%}.dln-switch{min-height:2.25rem;cursor:pointer}.dln-choice legend{float:left;padding:0;margin-right:.3rem}",
    ".dln-controls button,.dln-choice label{display:inline-flex;align-items:center;justify-content:center;min-width:2.25rem;min-height:2.25rem;",
    "padding:0 .55rem;box-sizing:border-box;border:1px solid " + RULE + ";border-radius:.4rem;background:" + PAPER + ";color:" + INK + ";font:inherit;cursor:pointer}",
    ".dln-film button{padding:0}.dln-controls button:hover,.dln-choice label:hover{border-color:" + ACCENT + ";color:" + ACCENT + "}",
    ".dln-choice input{position:absolute;opacity:0;pointer-events:none}",
    ".dln-choice label:has(:checked){background:" + ACCENT + ";border-color:" + ACCENT + ";color:" + PAPER + "}",
    ".dln-choice label:has(:focus-visible){outline:2px solid " + ACCENT + ";outline-offset:2px}",
    ".dln-words{margin:.5rem auto 0!important;max-width:36rem;text-align:center!important;text-wrap:balance;font-variant-numeric:tabular-nums}",
    "@media(prefers-reduced-motion:no-preference){.dln-state :is(rect,circle,path,g){transition:.15s}}",
    ".dln-state text{pointer-events:none;user-select:none}.dln-state [data-pick]{cursor:pointer}",
    "@media print{.dln-controls{display:none}}"
  ].join("");
  var groups = 0;

  function make(parent, tag, attributes, text) {
    var e = document.createElement(tag);
    for (var name in attributes) { e.setAttribute(name, attributes[name]); }
    if (text) { e.textContent = text; }
    parent.appendChild(e);
    return e;
  }
  function draw(button, name) {
    button.setAttribute("aria-label", name);
    button.title = name;
    button.innerHTML = '<svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path fill="currentColor" d="' + ICONS[name] + '"/></svg>';
  }

  /* Each maker adds one control to the bar, calls set(index) when the reader moves it, and returns what shows an index. */
  var MAKERS = {
    slider: function (bar, control, set) {
      var box = make(bar, "label", { "class": "dln-slider" }), words = make(box, "span", {}, "");
      make(words, "span", {}, control.label);
      var output = make(words, "output", {});
      return range(box, control, set, function (words) { output.textContent = words; });
    },
    choice: function (bar, control, set) {
      var box = make(bar, "fieldset", { "class": "dln-choice" }), name = "dln-choice-" + ++groups;
      make(box, "legend", {}, control.label);
      var inputs = control.words.map(function (words, index) {
        var label = make(box, "label", {});
        var input = make(label, "input", { type: "radio", name: name });
        label.appendChild(document.createTextNode(words));
        input.onchange = function () { set(index); };
        return input;
      });
      return function (index) { inputs[index].checked = true; };
    },
    toggle: function (bar, control, set) {
      var label = make(bar, "label", { "class": "dln-switch" }), input = make(label, "input", { type: "checkbox" });
      label.appendChild(document.createTextNode(control.label));
      input.onchange = function () { set(+input.checked); };
      return function (index) { input.checked = index === 1; };
    },
    button: function (bar, control, set) {
      var box = make(bar, "div", {}), shown = 0;
      make(box, "button", { type: "button" }, control.label).onclick = function () { set((shown + 1) % control.words.length); };
      var count = make(box, "span", {});
      return function (index) { shown = index; count.textContent = control.words[index]; };
    },
    steps: function (bar, control, set, playing) {
      var box = make(bar, "div", { "class": "dln-film" }), last = control.words.length - 1, shown = 0, timer = null, play, slide;
      function go(index) { stop(); set(Math.max(0, Math.min(last, index))); }
      function stop() {
        if (timer) { clearInterval(timer); timer = null; draw(play, "Play"); playing(false); }
      }
      function start() {
        if (shown === last) { set(0); }
        playing(true);
        draw(play, "Pause");
        timer = setInterval(function () { if (shown === last || !box.isConnected) { stop(); } else { set(shown + 1); } }, control.pace);
      }
      [["To start", function () { go(0); }], ["Previous step", function () { go(shown - 1); }],
        ["Play", function () { if (timer) { stop(); } else { start(); } }],
        ["Next step", function () { go(shown + 1); }], ["To end", function () { go(last); }]].forEach(function (each) {
        var button = make(box, "button", { type: "button" });
        draw(button, each[0]);
        button.onclick = each[1];
        if (each[0] === "Play") { play = button; }
      });
      slide = range(box, control, go, function () {});
      return function (index) { shown = index; slide(index); };
    }
  };
  function range(box, control, set, said) {
    var input = make(box, "input", { type: "range", min: 0, max: control.words.length - 1, step: 1, "aria-label": control.label });
    input.oninput = function () { set(+input.value); };
    return function (index) {
      input.value = index;
      input.setAttribute("aria-valuetext", control.words[index]);
      said(control.words[index]);
    };
  }

  function put(element, what, value) {
    if (what === "text") { element.textContent = value; }
    else if (what === "inner") { element.innerHTML = value; }
    else if (value === null) { element.removeAttribute(what); }
    else { element.setAttribute(what, value); }
  }

  /* A notebook keeps the still inside of a script; the book has taken it out. */
  function unpack(figure) {
    var still = figure.querySelector('script[type="text/html"]'), word = figure.querySelector(".dln-untrusted");
    if (still) { still.outerHTML = still.textContent; }
    if (word) { word.remove(); }
    return JSON.parse(figure.querySelector('script[type="application/json"]').textContent);
  }
  function addBar(state, before) {
    var bar = document.createElement("div");
    bar.className = "dln-controls";
    bar.setAttribute("role", "group");
    bar.setAttribute("aria-label", "Controls of the figure");
    state.insertBefore(bar, before);
    return bar;
  }
  function keepKeys(bar) {
    bar.querySelectorAll("input,button,select").forEach(function (e) {
      e.setAttribute("data-lm-suppress-shortcuts", "true"); // or JupyterLab would take the arrow keys for itself
    });
  }
  /* An element with one of the book's figures: it is set up once, as soon as the page is read. */
  function define(name, setUp) {
    customElements.define(name, class extends HTMLElement {
      connectedCallback() {
        if (this.ready) { return; }
        this.ready = true;
        var figure = this;
        if (document.readyState !== "loading") { setUp(figure); }
        else { document.addEventListener("DOMContentLoaded", function () { setUp(figure); }); }
      }
    });
  }

  function setUp(figure) {
    var facts = unpack(figure), state = figure.querySelector(".dln-state"), controls = facts.controls;
    var elements = [state].concat(Array.prototype.slice.call(state.querySelectorAll("*")));
    var starts = controls.map(function (control) { return control.start; }), at = starts.slice(), seen = [];
    var sentences = state.querySelectorAll(".dln-words");

    function number(codes, index) {
      var found = 0;
      for (var i = index * facts.width; i < (index + 1) * facts.width; i++) { found = found * 64 + LETTERS.indexOf(codes[i]); }
      return found;
    }
    function show() {
      facts.slots.forEach(function (slot, s) {
        var index = 0;
        slot[2].forEach(function (k) { index = index * controls[k].words.length + at[k]; });
        var value = number(slot[3], index);
        if (seen[s] !== value) { put(elements[slot[0]], slot[1], facts.values[value]); }
        seen[s] = value;
      });
      at.forEach(function (index, k) { shows[k](index); });
    }
    function live(on) {
      sentences.forEach(function (p) { p.setAttribute("aria-live", on ? "polite" : "off"); });
    }
    var bar = addBar(state, sentences[0]);
    var shows = controls.map(function (control, k) {
      if (k && control.kind === "toggle" && controls[k - 1].kind === "slider") { make(bar, "span", { "class": "dln-break" }); }
      return MAKERS[control.kind](bar, control, function (index) { at[k] = index; show(); }, function (on) { live(!on); });
    });
    keepKeys(bar);
    /* a click on what carries data-pick="control index", or the mouse drawn over it, sets that control */
    function pick(event) {
      var cell = event.target.closest("[data-pick]");
      if (!cell || (event.type === "pointerover" && (event.pointerType !== "mouse" || event.buttons !== 1))) { return; }
      var words = cell.getAttribute("data-pick").split(" ");
      controls.forEach(function (control, k) { if (control.name === words[0]) { at[k] = +words[1]; } });
      show();
    }
    state.addEventListener("click", pick);
    state.addEventListener("pointerover", pick);
    show();
    live(true);
    var kept = null;
    window.addEventListener("beforeprint", function () { kept = at; at = starts.slice(); show(); });
    window.addEventListener("afterprint", function () { at = kept || at; show(); });
  }

  var style = document.createElement("style");
  style.textContent = CSS;
  document.head.appendChild(style);
  /* What the figures that compute in the page share with these (computing/core.js). */
  window.dlnFigures = { make: make, controls: MAKERS, unpack: unpack, addBar: addBar, keepKeys: keepKeys, define: define };
  define("dln-explore", setUp);
})();
