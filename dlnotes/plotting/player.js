/* Plays the book's step-by-step figures and runs its calculator. A classic script without dependencies, so that it works from file://.
   In a figure, data-from="n" is shown from step n on (to before data-until), data-only="n" in step n alone, and data-move holds one
   [x, y] shift for each step. Without this script the figure stays at its still, the step in data-still. */
(function () {
  "use strict";
  var icons = {
    play: "M4 2.5v11l9-5.5z",
    pause: "M4 2.5h3v11H4zM9 2.5h3v11H9z",
    back: "M3 3h2v10H3zM13 3v10L6 8z",
    next: "M11 3h2v10h-2zM3 3v10l7-5z"
  };

  function button(label, icon) {
    var b = document.createElement("button");
    b.type = "button";
    draw(b, label, icon);
    return b;
  }

  function draw(b, label, icon) {
    b.setAttribute("aria-label", label);
    b.title = label;
    b.innerHTML = '<svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path fill="currentColor" d="' +
      icons[icon] + '"/></svg>';
  }

  function show(player, step) {
    player.querySelectorAll("[data-from]").forEach(function (g) {
      var until = g.getAttribute("data-until");
      var shown = step >= +g.getAttribute("data-from") && (until === null || step < +until);
      g.style.display = shown ? "" : "none";
    });
    player.querySelectorAll("[data-only]").forEach(function (g) {
      g.style.display = step === +g.getAttribute("data-only") ? "" : "none";
    });
    player.querySelectorAll("[data-move]").forEach(function (g) {
      var at = JSON.parse(g.getAttribute("data-move"))[step];
      g.setAttribute("transform", "translate(" + at[0] + " " + at[1] + ")");
    });
  }

  function setUp(player) {
    player.setAttribute("data-ready", "");
    var count = +player.getAttribute("data-steps");
    var notes = JSON.parse(player.getAttribute("data-notes"));
    var name = player.getAttribute("aria-label") || "figure";
    var step = 0, timer = null;
    var calm = window.matchMedia && window.matchMedia("(prefers-reduced-motion: reduce)").matches;

    var bar = document.createElement("div");
    bar.className = "dln-controls";
    var back = button("Previous step", "back"), play = button("Play", "play"), next = button("Next step", "next");
    var slider = document.createElement("input");
    slider.type = "range";
    slider.min = 1;
    slider.max = count;
    slider.setAttribute("aria-label", "Step of: " + name.slice(0, 60));
    var note = document.createElement("p");
    note.className = "dln-note";
    [back, play, next, slider].forEach(function (e) { bar.appendChild(e); });
    player.appendChild(bar);
    player.appendChild(note);

    function go(to) {
      step = (to + count) % count;
      show(player, step);
      slider.value = step + 1;
      slider.setAttribute("aria-valuetext", "step " + (step + 1) + " of " + count);
      note.textContent = "Step " + (step + 1) + " of " + count + (notes[step] ? ": " + notes[step] : "");
    }
    function stop() {
      clearInterval(timer);
      timer = null;
      draw(play, "Play", "play");
      note.setAttribute("aria-live", "polite");
    }
    function start() {
      note.removeAttribute("aria-live");
      draw(play, "Pause", "pause");
      timer = setInterval(function () { go(step + 1); }, +player.getAttribute("data-pace"));
    }
    back.onclick = function () { stop(); go(step - 1); };
    next.onclick = function () { stop(); go(step + 1); };
    play.onclick = function () { if (timer) { stop(); } else { start(); } };
    slider.oninput = function () { stop(); go(slider.value - 1); };

    window.addEventListener("beforeprint", function () { stop(); go(+player.getAttribute("data-still")); });
    if (player.hasAttribute("data-autoplay") && !calm && "IntersectionObserver" in window) {
      var touched = false;
      bar.addEventListener("click", function () { touched = true; });
      bar.addEventListener("input", function () { touched = true; });
      new IntersectionObserver(function (seen) {
        if (touched) { return; }
        if (seen[0].isIntersecting && !timer) { start(); } else if (!seen[0].isIntersecting && timer) { stop(); }
      }, { threshold: 0.6 }).observe(player);
    }
    go(0);
  }

  /* The calculator of sizes: the same picture as dlnotes.plotting.axis_windows, drawn anew at every change. */
  function windows(v) {
    var reach = v.d * (v.k - 1) + 1, padded = v.n + 2 * v.p, starts = [];
    for (var at = 0; at + reach <= padded; at += v.s) { starts.push(at - v.p); }
    return { reach: reach, padded: padded, starts: starts };
  }
  function sentence(v, w) {
    if (w.reach > w.padded) {
      return "The kernel covers " + w.reach + " cells, and there are only " + w.padded + ": no place.";
    }
    return "⌊(" + v.n + " + 2·" + v.p + " − " + w.reach + ") / " + v.s + "⌋ + 1 = " + w.starts.length;
  }
  function cellsAndLines(v, w) {
    var cell = 26, line = 15, left = 18, top = 2, read = {}, parts = [], at, x;
    w.starts.forEach(function (start) { for (var t = 0; t < v.k; t++) { read[start + t * v.d] = true; } });
    for (at = -v.p; at < v.n + v.p; at++) {
      x = left + (at + v.p) * cell;
      var own = at >= 0 && at < v.n;
      var fill = !own ? "wash" : read[at] ? "accent-soft" : "warm-soft";
      parts.push('<rect x="' + x + '" y="' + top + '" width="' + cell + '" height="' + cell + '" style="fill:var(--dln-' + fill +
        ",#edf1f4);stroke:var(--dln-rule,#cfd7de)" + (own ? "" : ";stroke-dasharray:2 2") + '"/>');
      if (own) {
        parts.push('<text x="' + (x + cell / 2) + '" y="' + (top + cell / 2 + 4.2) +
          '" style="fill:var(--dln-ink,#1d2733);font-size:12px;text-anchor:middle">' + at + "</text>");
      }
    }
    w.starts.forEach(function (start, i) {
      var y = top + cell + 12 + line * i, colour = "var(--dln-" + (i % 2 ? "violet,#6b469c" : "accent,#0b6a8c") + ")";
      var first = left + (start + v.p + 0.5) * cell;
      parts.push('<path d="M' + first + " " + y + "h" + (w.reach - 1) * cell + '" style="stroke:' + colour + ';stroke-width:2"/>');
      for (var t = 0; t < v.k; t++) {
        parts.push('<circle cx="' + (first + t * v.d * cell) + '" cy="' + y + '" r="3.6" style="fill:' + colour + '"/>');
      }
      parts.push('<text x="' + (first - 12) + '" y="' + (y + 3.85) + '" style="fill:' + colour +
        ';font-size:11px;text-anchor:end">' + i + "</text>");
    });
    return { inside: parts.join(""), width: w.padded * cell + 36, height: top + cell + 10 + line * Math.max(6, w.starts.length) };
  }
  function setUpCalculator(box) {
    box.setAttribute("data-ready", "");
    var svg = box.querySelector("svg"), inputs = box.querySelectorAll("input");
    function update() {
      var v = {};
      inputs.forEach(function (input) {
        v[input.name] = +input.value;
        input.parentNode.querySelector("output").textContent = input.value;
      });
      var w = windows(v), drawn = cellsAndLines(v, w);
      box.querySelector(".dln-result").textContent = sentence(v, w);
      svg.innerHTML = drawn.inside;
      svg.setAttribute("viewBox", "0 0 " + drawn.width + " " + drawn.height);
      svg.setAttribute("width", drawn.width);
      svg.setAttribute("height", drawn.height);
    }
    inputs.forEach(function (input) { input.addEventListener("input", update); });
    update();
  }

  var css = ".dln-controls{display:flex;gap:.4rem;align-items:center;justify-content:center;margin:.5rem auto 0;max-width:24rem}" +
    ".dln-controls button{display:inline-flex;align-items:center;justify-content:center;min-width:2.25rem;height:2.25rem;" +
    "border:1px solid var(--dln-rule,#cfd7de);border-radius:.4rem;background:var(--dln-paper,#fff);color:var(--dln-ink,#1d2733);cursor:pointer}" +
    ".dln-controls button:hover{border-color:var(--dln-accent,#0b6a8c);color:var(--dln-accent,#0b6a8c)}" +
    ".dln-controls input{flex:1;min-width:6rem;height:2.25rem;accent-color:var(--dln-accent,#0b6a8c)}" +
    ".dln-note{margin:.3rem 0 0;text-align:center;font-size:.9em;font-variant-numeric:tabular-nums;min-height:2.9em}" +
    ".dln-sliders{display:grid;grid-template-columns:repeat(auto-fit,minmax(6.2rem,1fr));gap:.3rem 1.2rem}" +
    ".dln-sliders label{display:block;font-size:.9em;font-variant-numeric:tabular-nums}" +
    ".dln-sliders input{width:100%;margin:0;height:2rem;accent-color:var(--dln-accent,#0b6a8c)}" +
    ".dln-result{text-align:center;font-size:1.1em;margin:.6rem 0;font-variant-numeric:tabular-nums;min-height:1.6em}" +
    "@media print{.dln-controls,.dln-note{display:none}}";

  function run() {
    if (!document.getElementById("dln-player-style")) {
      var style = document.createElement("style");
      style.id = "dln-player-style";
      style.textContent = css;
      document.head.appendChild(style);
    }
    document.querySelectorAll(".dln-player:not([data-ready])").forEach(setUp);
    document.querySelectorAll(".dln-calculator:not([data-ready])").forEach(setUpCalculator);
  }
  if (document.readyState === "loading") { document.addEventListener("DOMContentLoaded", run); } else { run(); }
})();
