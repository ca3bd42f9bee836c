/* The frame's behaviour: theme, chapter menu, marks in the page's table of contents, keyboard access to what scrolls.
   A classic script without dependencies, so that the book reads from file:// as well. */
(function () {
  "use strict";
  var root = document.documentElement;

  function each(selector, action) { Array.prototype.forEach.call(document.querySelectorAll(selector), action); }

  function themeButton() {
    var button = document.querySelector(".theme-button");
    var system = window.matchMedia("(prefers-color-scheme: dark)");
    function stored() { try { return localStorage.getItem("dln-theme"); } catch (error) { return null; } }
    function show(theme) {
      root.dataset.theme = theme;
      button.setAttribute("aria-pressed", String(theme === "dark"));
    }
    button.addEventListener("click", function () {
      var theme = root.dataset.theme === "dark" ? "light" : "dark";
      show(theme);
      try { localStorage.setItem("dln-theme", theme); } catch (error) { /* it lasts for this page */ }
    });
    system.addEventListener("change", function () { if (!stored()) { show(system.matches ? "dark" : "light"); } });
    show(root.dataset.theme);
  }

  function chapterMenu() {
    var button = document.querySelector(".menu-button"), nav = document.getElementById("book-nav");
    function set(open) {
      root.classList.toggle("menu-open", open);
      button.setAttribute("aria-expanded", String(open));
      if (open) { (nav.querySelector(".current > a") || nav.querySelector("a")).focus(); }
    }
    button.addEventListener("click", function () { set(!root.classList.contains("menu-open")); });
    document.addEventListener("keydown", function (event) {
      if (event.key === "Escape" && root.classList.contains("menu-open")) { set(false); button.focus(); }
    });
    document.addEventListener("click", function (event) {
      if (root.classList.contains("menu-open") && !nav.contains(event.target) && !button.contains(event.target)) { set(false); }
    });
    var current = nav.querySelector("li.current > a");
    if (current && current.offsetTop > nav.clientHeight * 0.7) { nav.scrollTop = current.offsetTop - nav.clientHeight / 3; }
  }

  function searchKeys() {
    document.addEventListener("keydown", function (event) {
      var field = document.querySelector(".search-page input") || document.querySelector(".search-form input");
      var writing = /^(input|textarea|select)$/i.test(event.target.tagName) || event.target.isContentEditable;
      var slash = event.key === "/" && !writing && !event.ctrlKey && !event.metaKey && !event.altKey;
      if ((slash || (event.key === "k" && (event.ctrlKey || event.metaKey))) && field.offsetParent) {
        event.preventDefault();
        field.focus();
        field.select();
      }
    });
  }

  /* Mark the section that is being read in the table of contents. */
  function readingMark() {
    var links = {};
    each(".page-nav a", function (link) { links[decodeURIComponent(link.hash.slice(1))] = link; });
    var heads = Array.prototype.filter.call(document.querySelectorAll("article section[id]"), function (s) { return links[s.id]; });
    if (!heads.length) { return; }
    var marked = null;
    function mark() {
      var here = null;
      heads.forEach(function (section) { if (section.getBoundingClientRect().top < 140) { here = section; } });
      var link = here ? links[here.id] : null;
      if (link === marked) { return; }
      if (marked) { marked.removeAttribute("aria-current"); }
      if (link) { link.setAttribute("aria-current", "true"); }
      marked = link;
    }
    var waiting = false;
    window.addEventListener("scroll", function () {
      if (waiting) { return; }
      waiting = true;
      requestAnimationFrame(function () { waiting = false; mark(); });
    }, { passive: true });
    mark();
  }

  /* What scrolls sideways must be reachable with the keyboard; inline formulas wider than a phone scroll as well.
     Tables are reachable always, as they are written; the others as long as they have something to scroll to. */
  var boxes = "article pre, article .dln-figure, article mjx-container[display], article mjx-container.wide";
  function boxName(box) {
    if (box.localName === "mjx-container") { return "Formula"; }
    if (box.localName !== "pre") { return "Figure"; }
    return box.closest(".cell_output") ? "Output" : "Code";
  }
  function reach(box) {
    var scrolls = box.scrollWidth > box.clientWidth;
    if (scrolls === box.hasAttribute("tabindex")) { return; }
    if (scrolls) {
      box.tabIndex = 0;
      box.setAttribute("role", "group");
      box.setAttribute("aria-label", boxName(box));
    } else {
      ["tabindex", "role", "aria-label"].forEach(function (name) { box.removeAttribute(name); });
    }
  }
  function scrollers() {
    each("article mjx-container:not([display])", function (formula) {
      formula.classList.remove("wide");
      formula.classList.toggle("wide", formula.offsetWidth > formula.closest("p, li, td, dd, figcaption, div").clientWidth);
    });
    each(boxes, reach);
  }
  function watchScrollers() {
    var timer = null;
    function soon() { clearTimeout(timer); timer = setTimeout(scrollers, 150); }
    var sizes = new ResizeObserver(function (entries) {
      entries.forEach(function (entry) {
        var box = entry.target.closest(boxes);
        if (box) { reach(box); }
      });
    });
    /* a box itself keeps its width when a font arrives and its content grows, so both are watched */
    function watch() {
      scrollers();
      each(boxes, function (box) {
        sizes.observe(box);
        Array.prototype.forEach.call(box.children, function (child) { sizes.observe(child); });
      });
    }
    window.addEventListener("resize", soon);
    document.fonts.addEventListener("loadingdone", scrollers);
    window.addEventListener("load", function () {
      watch();
      if (window.MathJax && MathJax.startup && MathJax.startup.promise) { MathJax.startup.promise.then(watch); }
    });
    each("details", function (box) { box.addEventListener("toggle", soon); });
  }

  /* Paper cannot be clicked: hidden solutions and sources are printed open. */
  function printing() {
    var opened = [];
    window.addEventListener("beforeprint", function () {
      each("article details:not([open], .dln-proof, .dln-setup)", function (box) { box.open = true; opened.push(box); });
    });
    window.addEventListener("afterprint", function () {
      opened.forEach(function (box) { box.open = false; });
      opened = [];
    });
  }

  function run() { themeButton(); chapterMenu(); searchKeys(); readingMark(); watchScrollers(); printing(); }
  if (document.readyState === "loading") { document.addEventListener("DOMContentLoaded", run); } else { run(); }
})();
