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
    if (current && window.matchMedia("(min-width: 60rem)").matches) { // on narrower screens the menu is closed
      requestAnimationFrame(function () {
        if (current.offsetTop > nav.clientHeight * 0.7) { nav.scrollTop = current.offsetTop - nav.clientHeight / 3; }
      });
    }
  }

  /* The menu opens by itself; a script closes it as other menus close. */
  function runMenu() {
    var menu = document.querySelector(".run-menu");
    if (!menu) { return; }
    document.addEventListener("click", function (event) { if (!menu.contains(event.target)) { menu.open = false; } });
    menu.addEventListener("keydown", function (event) {
      if (event.key === "Escape" && menu.open) { menu.open = false; menu.querySelector("summary").focus(); }
    });
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

  /* The search comes at the first letter: its records, then its script. */
  var searching = null;
  function withSearch(then) {
    function load(name) {
      return new Promise(function (done, failed) {
        var script = document.createElement("script");
        script.src = (root.dataset.content_root || "") + "_static/" + name;
        script.onload = done;
        script.onerror = failed;
        document.head.appendChild(script);
      });
    }
    if (!searching) { searching = load("search-records.js").then(function () { return load("search.js"); }); }
    searching.then(then);
  }
  function search() {
    var form = document.querySelector(".search-form"), panel = form.querySelector(".search-panel"), field = form.querySelector("input");
    function links() { return Array.prototype.slice.call(panel.querySelectorAll("a")); }
    field.addEventListener("input", function () {
      withSearch(function () {
        window.dlnSearch.show(field.value, panel, [6, 2, 2]);
        panel.hidden = !field.value.trim();
      });
    });
    form.addEventListener("keydown", function (event) {
      var step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (event.key === "Escape") { panel.hidden = true; field.focus(); }
      if (!step || panel.hidden) { return; }
      var all = [field].concat(links()), next = all[all.indexOf(document.activeElement) + step];
      event.preventDefault();
      if (next) { next.focus(); }
    });
    document.addEventListener("click", function (event) { if (!form.contains(event.target)) { panel.hidden = true; } });
    form.addEventListener("focusout", function (event) { if (event.relatedTarget && !form.contains(event.relatedTarget)) { panel.hidden = true; } });
    searchPage();
  }
  function searchPage() {
    var form = document.querySelector(".search-page");
    if (!form) { return; }
    var field = form.querySelector("input"), box = document.getElementById("search-results");
    function answer() { withSearch(function () { window.dlnSearch.show(field.value, box, [20, 8, 12]); }); }
    field.value = new URLSearchParams(location.search).get("q") || "";
    if (field.value) { answer(); }
    field.addEventListener("input", answer);
    form.addEventListener("submit", function (event) { event.preventDefault(); answer(); });
  }

  /* On the page that a search led to, the words are marked in the section that was found. */
  function foundWords() {
    var query = new URLSearchParams(location.search).get("q"), place = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!query || !place || !window.CSS || !CSS.highlights) { return; }
    var words = query.match(/[\p{L}\p{N}]{2,}/gu) || [];
    var form = new RegExp("(?<![\\p{L}\\p{N}])(?:" + words.join("|") + ")", "giu"), ranges = [];
    var walk = document.createTreeWalker(place, NodeFilter.SHOW_TEXT), node, match;
    while (words.length && (node = walk.nextNode())) {
      if (node.parentElement.closest("section, dt") !== place && place.localName === "section") { continue; }
      while ((match = form.exec(node.data))) {
        var range = new Range();
        range.setStart(node, match.index);
        range.setEnd(node, match.index + match[0].length);
        ranges.push(range);
      }
    }
    CSS.highlights.set("found", new Highlight(...ranges));
  }

  /* What is far from view is not laid out (html.late, which a page opened at a place or opened again does not get). A jump has to know
     how tall all is. */
  function jumps() {
    function layOut() {
      root.classList.remove("late");
      document.dispatchEvent(new Event("dln-jump"));
    }
    document.addEventListener("click", function (event) { if (event.target.closest('a[href*="#"]')) { layOut(); } }, true);
    document.addEventListener("keydown", function (event) { if (event.key === "End") { layOut(); } });
    window.addEventListener("hashchange", function () {
      var place = root.classList.contains("late") && document.getElementById(decodeURIComponent(location.hash.slice(1)));
      layOut();
      if (place) { place.scrollIntoView(); }
    });
  }

  /* Mark the section that is being read in the table of contents. */
  function readingMark() {
    var links = {};
    each(".page-nav a", function (link) { links[decodeURIComponent(link.hash.slice(1))] = link; });
    var heads = Array.prototype.filter.call(document.querySelectorAll("article section[id]"), function (s) { return links[s.id]; });
    if (!heads.length) { return; }
    var marked = null, beside = window.matchMedia("(min-width: 75rem)");
    function mark() {
      if (!beside.matches) { return; }
      var here = null;
      heads.forEach(function (section) { if (section.getBoundingClientRect().top < 140) { here = section; } });
      var link = here ? links[here.id] : null;
      if (link === marked) { return; }
      if (marked) { marked.removeAttribute("aria-current"); }
      if (link) { link.setAttribute("aria-current", "true"); }
      marked = link;
    }
    var waiting = false;
    function soon() {
      if (waiting) { return; }
      waiting = true;
      requestAnimationFrame(function () { waiting = false; mark(); });
    }
    window.addEventListener("scroll", soon, { passive: true });
    soon();
  }

  /* A figure that scrolls sideways must be reachable with the keyboard (formulas: math.js; tables always are; code goes on below). It is
     looked at when it is laid out first and when its size or that of what it holds changes; all is read before anything is written. */
  function watchFigures() {
    function reach(box, scrolls) {
      if (scrolls === box.hasAttribute("tabindex")) { return; }
      var words = { tabindex: "0", role: "group", "aria-label": "Figure" };
      Object.keys(words).forEach(function (name) { if (scrolls) { box.setAttribute(name, words[name]); } else { box.removeAttribute(name); } });
    }
    var sizes = new ResizeObserver(function (entries) {
      var found = Array.from(new Set(entries.map(function (entry) { return entry.target.closest(".dln-figure"); })));
      var scrolls = found.map(function (box) { return box.scrollWidth > box.clientWidth; });
      found.forEach(function (box, at) { reach(box, scrolls[at]); });
    });
    each("article .dln-figure, article .dln-figure > *", function (part) { sizes.observe(part); });
  }

  /* One listener for the buttons of all code. Prompts and answers are not copied; where copying is not allowed, the code is selected. */
  function copying() {
    document.addEventListener("click", function (event) {
      var button = event.target.closest(".copybtn");
      if (!button) { return; }
      var code = button.parentNode.querySelector("pre"), bare = code.cloneNode(true);
      bare.querySelectorAll(".gp, .go").forEach(function (part) { part.remove(); });
      function done(words) {
        button.classList.toggle("success", words === "Copied");
        button.setAttribute("aria-label", words);
      }
      function select() { getSelection().selectAllChildren(code); }
      if (!navigator.clipboard) { select(); return; }
      navigator.clipboard.writeText(bare.textContent.replace(/\n$/, "")).then(function () {
        done("Copied");
        setTimeout(function () { done("Copy"); }, 1500);
      }, select);
    });
  }

  /* Paper cannot be clicked: solutions are printed open; the code that draws figures stays as it is. */
  function printing() {
    var opened = [];
    window.addEventListener("beforeprint", function () {
      each("article details:not([open], .hide, .dln-proof, .dln-setup)", function (box) { box.open = true; opened.push(box); });
    });
    window.addEventListener("afterprint", function () {
      opened.forEach(function (box) { box.open = false; });
      opened = [];
    });
  }

  function run() { themeButton(); chapterMenu(); runMenu(); searchKeys(); search(); foundWords(); jumps(); readingMark(); watchFigures(); copying(); printing(); }
  if (document.readyState === "loading") { document.addEventListener("DOMContentLoaded", run); } else { run(); }
})();
