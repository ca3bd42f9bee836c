/* Narrows the list of errata to words and to a note. A classic script, so that it works from file://. */
(function () {
  "use strict";
  var form = document.querySelector(".errata-filter");
  var field = form.querySelector("input"), note = form.querySelector("select"), told = form.querySelector("output");
  var sections = Array.prototype.slice.call(document.querySelectorAll("article section section")).reverse(); // inner ones first
  var entries = Array.prototype.filter.call(document.querySelectorAll("article p"), function (paragraph) {
    return /^Note \d+,/.test(paragraph.textContent);
  });

  function narrow() {
    var words = field.value.toLowerCase().split(/\s+/), shown = 0;
    entries.forEach(function (entry) {
      var text = entry.textContent.toLowerCase();
      var fits = (!note.value || text.indexOf("note " + note.value + ",") === 0) &&
        words.every(function (word) { return text.indexOf(word) >= 0; });
      entry.hidden = !fits;
      shown += fits;
    });
    sections.forEach(function (section) { section.hidden = !section.querySelector("p:not([hidden])"); });
    told.textContent = shown === entries.length ? shown + " entries" : shown + " of " + entries.length + " entries";
  }

  form.addEventListener("input", narrow);
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  narrow();
})();
