/* In a notebook: puts drawings in the place of the words that a notebook shows which is not trusted, and lets them follow a dark theme. */
(function () {
  "use strict";
  document.querySelectorAll('.dln-untrusted + script[type="text/html"]').forEach(function (kept) {
    if (/^dln-/.test(kept.parentNode.localName)) { return; } // it does so itself
    kept.previousElementSibling.remove();
    kept.outerHTML = kept.textContent;
  });
  if (document.getElementById("dln-dark")) { return; }
  var style = document.createElement("style");
  style.id = "dln-dark";
  style.textContent = ":is(body[data-jp-theme-light=false],.vscode-dark,html[theme=dark]) :is(.dln-panels,.dln-fig){/*dark*/}";
  document.head.appendChild(style);
})();
