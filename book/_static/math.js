/* Formulas: one that is too wide is set smaller, down to two thirds, and then scrolls within reach of the keyboard;
   what is copied is TeX. Nothing here draws a formula. */
(function () {
  "use strict";
  var LEAST = 66; /* hundredths */
  var SHORT = 16; /* signs of TeX: what stands in a line and has no more is narrower than any phone */
  var texts = "p, li, td, th, dd, dt, figcaption, summary, div";

  function tex(math) { return math.querySelector("annotation").textContent; }

  /* Returns how a formula has to change: where it stands, its size in hundredths, whether it scrolls. Only reads. */
  function wanted(math, sizes) {
    var box = math.parentElement, shown = box.classList.contains("formula"), size = sizes.get(math) || 100;
    var room = shown ? box.clientWidth : box.closest(texts).clientWidth, width = math.getBoundingClientRect().width;
    if (!room || !width) { return null; } /* folded away */
    var natural = width * 100 / size, settled = size < 100 && width <= room && width > 0.94 * room;
    /* letters do not shrink quite in proportion: without a margin the size would swing to and fro */
    var next = settled ? size : shown && natural > room ? Math.max(LEAST, Math.floor(98 * room / natural)) : 100;
    return { math: math, box: box, shown: shown, size: next, scrolls: natural * next / 100 > room };
  }
  function change(to, sizes) {
    if ((sizes.get(to.math) || 100) !== to.size) { to.box.style.fontSize = to.size < 100 ? to.size + "%" : ""; }
    sizes.set(to.math, to.size);
    if (to.scrolls === to.box.hasAttribute("tabindex")) { return; }
    if (!to.shown) { to.box.classList.toggle("wide", to.scrolls); }
    if (to.scrolls) {
      to.box.tabIndex = 0;
      to.box.setAttribute("role", "group");
      to.box.setAttribute("aria-label", "Formula");
    } else {
      ["tabindex", "role", "aria-label"].forEach(function (name) { to.box.removeAttribute(name); });
    }
  }
  /* An observer tells of a formula when it is first laid out, its font arrives or a fold opens, and of the article when the
     window changes. All is read at once, and written in the next frame. */
  function fit() {
    var sizes = new Map(), article = document.querySelector("article");
    var formulas = Array.prototype.filter.call(article.querySelectorAll(".formula > math, span.math > math"), function (math) {
      return math.parentElement.classList.contains("formula") || tex(math).length > SHORT;
    });
    var column = 0; /* the article's width; its height says nothing */
    var observer = new ResizeObserver(function (entries) {
      var seen = entries.map(function (entry) { return entry.target; }).filter(function (element) { return element !== article; });
      if (article.clientWidth !== column) { column = article.clientWidth; seen = formulas; }
      var found = seen.map(function (math) { return wanted(math, sizes); }).filter(Boolean);
      requestAnimationFrame(function () { found.forEach(function (to) { change(to, sizes); }); });
    });
    [article].concat(formulas).forEach(function (element) { observer.observe(element); });
  }

  /* A passage that is copied holds $TeX$ where it holds formulas, and whole ones. */
  function whole(node) { return (node.nodeType === 1 ? node : node.parentElement).closest("math"); }
  function copied(event) {
    var selection = getSelection();
    if (!selection.rangeCount || selection.isCollapsed || !event.clipboardData) { return; }
    var range = selection.getRangeAt(0).cloneRange(), first = whole(range.startContainer), last = whole(range.endContainer);
    if (first) { range.setStartBefore(first); }
    if (last) { range.setEndAfter(last); }
    var part = document.createElement("div");
    part.appendChild(range.cloneContents());
    var formulas = part.querySelectorAll("math");
    if (!formulas.length) { return; }
    event.clipboardData.setData("text/html", part.innerHTML);
    part.querySelectorAll("script, style, svg, button, .headerlink, .eqno, details:not([open]) > :not(summary)").forEach(function (e) { e.remove(); });
    formulas.forEach(function (math) {
      var sign = math.getAttribute("display") === "block" ? "$$" : "$";
      math.replaceWith(sign + tex(math) + sign);
    });
    event.clipboardData.setData("text/plain", part.textContent.replace(/\n{3,}/g, "\n\n").trim());
    event.preventDefault();
  }

  document.addEventListener("copy", copied);
  fit();
})();
