/* In the book figures to handle wait: each gets its controls as it comes near, or in a pause of the browser. States that are many lie in
   a script of their own, which comes when the figure is near or is touched, from file:// too. Loaded before explorer.js. */
(function () {
  "use strict";
  var AHEAD = "1200px 0px", waiting = [];
  var pause = window.requestIdleCallback || function (then) { setTimeout(then, 100); };

  function ready(figure) {
    var at = waiting.map(function (each) { return each.figure; }).indexOf(figure);
    if (at >= 0) { waiting.splice(at, 1)[0].then(); }
  }
  function states(figure) {
    var kept = figure.querySelector("script[data-states]");
    if (!kept || kept.asked) { return; }
    kept.asked = true;
    var script = document.createElement("script");
    script.src = document.documentElement.dataset.content_root + "_static/states/" + kept.dataset.states;
    document.head.appendChild(script);
  }
  function need(figure) { ready(figure); states(figure); }

  var near = new IntersectionObserver(function (entries) {
    entries.forEach(function (entry) {
      if (entry.isIntersecting) { near.unobserve(entry.target); need(entry.target); }
    });
  }, { rootMargin: AHEAD });
  ["focusin", "pointerdown"].forEach(function (kind) {
    document.addEventListener(kind, function (event) {
      var figure = event.target.closest("dln-explore, dln-live");
      if (figure) { need(figure); }
    });
  });
  function next() {
    if (waiting.length) { ready(waiting[0].figure); pause(next); }
  }
  if (document.readyState === "complete") { pause(next); } else { window.addEventListener("load", function () { pause(next); }); }

  /* explorer.js calls this with what gives a figure its controls; the scripts with the states call the other. Controls take room, so
     on a page that is opened at a place, or before a jump, none waits for them. */
  window.dlnWait = function (figure, then) {
    waiting.push({ figure: figure, then: then });
    near.observe(figure);
    if (!document.documentElement.classList.contains("late")) { ready(figure); }
  };
  document.addEventListener("dln-jump", function () { while (waiting.length) { ready(waiting[0].figure); } });
  window.dlnStates = function (name, all) {
    document.querySelector('script[data-states^="' + name + '.js"]').closest("dln-explore").fill(all);
  };
})();
