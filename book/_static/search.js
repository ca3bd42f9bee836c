/* The search: a scan over the book's sections, terms and names, which search-records.js brings. Loaded at the first letter, a classic
   script without dependencies. dlnSearch.find(words) answers, dlnSearch.show(words, box) writes the answers into a box. */
(function () {
  "use strict";
  var KINDS = ["In the chapters", "Glossary and reference", "The package"];
  var LITTLE = /^(?:a|an|and|are|do|does|for|how|in|is|of|on|or|the|to|what|when|which|why|with)$/;
  var HAN = /\p{Script=Han}+/gu;
  var WORD = /[\p{L}\p{N}]+(?:['’\-‑][\p{L}\p{N}]+)*/gu;

  /* Back-propagation, backpropagation and back propagation are to meet, and so are plurals and both spellings of -ise. */
  function stem(word) {
    word = word.toLowerCase().normalize("NFKD").replace(/[\u0300-\u036f'’\-‑]/g, "");
    word = word.replace(/is(e|ed|es|ing|ation|ations|er)$/, "iz$1");
    return word.length > 3 && /[^s]s$/.test(word) ? word.slice(0, -1) : word;
  }
  function tokens(text) {
    var found = [];
    (text.replace(/×/g, "x").match(WORD) || []).forEach(function (word) {
      if (/[-‑]/.test(word)) { word.split(/[-‑]/).forEach(function (part) { found.push(stem(part)); }); }
      found.push(stem(word));
    });
    return found;
  }
  function line(text) { return " " + tokens(text).join(" ") + " "; }

  var data = window.dlnSearchRecords;
  var pages = data.pages.map(function (page) { return { url: page[0], kind: page[1], title: page[2], line: line(page[2]) }; });
  var records = data.records.map(function (row) {
    var page = pages[row[0]];
    return { page: page, first: page.title.replace(/^\d+ /, "") === row[2], anchor: row[1], heading: row[2], names: row[3], text: row[4], head: line(row[2]), also: row[3].split("; ").map(line), body: null };
  });

  /* A Chinese name stands for the English names of its entry; what no entry has is looked for as it is. */
  function translated(query) {
    return query.replace(HAN, function (run) {
      var best = null, length = 0;
      data.terms.forEach(function (names) {
        names.forEach(function (name) {
          var here = name === run ? 99 : run.indexOf(name) >= 0 ? name.length : run.length > 1 && name.indexOf(run) >= 0 ? 0.5 : 0;
          if (here > length && /\p{Script=Han}/u.test(name)) { best = names[0]; length = here; }
        });
      });
      return best ? " " + best + " " : run;
    });
  }

  function count(text, word) {
    var found = 0, at = -1;
    while ((at = text.indexOf(" " + word, at + 1)) >= 0) { found += text[at + word.length + 1] === " " ? 1 : word.length > 2 ? 0.4 : 0; }
    return found;
  }

  function weight(record, words, whole) {
    if (record.body === null) { record.body = line(record.text); }
    var sum = 0, met = 0, long = 1 + record.body.length / 4000;
    words.forEach(function (word) {
      var head = Math.min(1, count(record.head, word)), also = Math.min(1, count(record.also.join(""), word));
      var body = count(record.body, word), title = Math.min(1, count(record.page.line, word));
      if (head + also + body + title > 0) { met += 1; }
      sum += 6 * head + 4 * also + 2 * title + 5 * body / (body + 2 * long);
    });
    if (record.head === whole) { sum += 12; }
    if (record.also.indexOf(whole) >= 0) { sum += 8; }
    if (words.length > 1 && record.body.indexOf(whole) >= 0) { sum += 3; }
    if (record.first) { sum *= 1.5; }
    if (/^(?:In short|Exercises)$/.test(record.heading)) { sum /= 2; }
    return { met: met, sum: sum };
  }

  /* Max-pooling is asked for as two words and as one; what finds more counts. Kinds stand one after the other, the best of each first. */
  function find(query) {
    query = translated(String(query).slice(0, 200));
    var apart = scan(query.replace(/[-‑]/g, " ")), joined = /[-‑]/.test(query) ? scan(query.replace(/[-‑]/g, "")) : [];
    return [apart, joined].sort(function (a, b) { return rank(b) - rank(a); })[0];
  }
  function rank(found) { return found.length ? found[0].sum - 1000 * found[0].record.page.kind : -Infinity; }
  function scan(query) {
    var all = tokens(query), words = all.filter(function (word) { return !LITTLE.test(word); });
    if (!words.length) { words = all; }
    words = words.filter(function (word, at) { return words.indexOf(word) === at; });
    if (!words.length) { return []; }
    var whole = " " + all.join(" ") + " ", most = 1;
    var found = records.map(function (record) {
      var w = weight(record, words, whole);
      most = Math.max(most, w.met);
      return { record: record, words: words, met: w.met, sum: w.sum };
    });
    return found.filter(function (one) { return one.met === most; })
      .sort(function (a, b) { return a.record.page.kind - b.record.page.kind || b.sum - a.sum; });
  }

  /* Some twenty words around the place where most of the words stand. */
  function excerpt(text, words) {
    var parts = text.split(" "), hits = parts.map(function (part) {
      return tokens(part).some(function (token) { return words.some(function (word) { return token.indexOf(word) === 0; }); });
    });
    var start = 0, best = -1;
    for (var at = 0; at < parts.length; at += 1) {
      if (!hits[at]) { continue; }
      var here = hits.slice(at, at + 14).filter(Boolean).length;
      if (here > best) { best = here; start = Math.max(0, at - 6); }
    }
    return { before: start > 0, after: start + 24 < parts.length, parts: parts.slice(start, start + 24), hits: hits.slice(start, start + 24) };
  }

  function element(name, text, parent) {
    var made = document.createElement(name);
    if (text) { made.textContent = text; }
    parent.appendChild(made);
    return made;
  }

  function item(one, list, query) {
    var record = one.record, root = document.documentElement.dataset.content_root || "";
    var row = element("li", "", list), link = element("a", "", row);
    link.href = root + record.page.url + "?q=" + encodeURIComponent(query) + "#" + record.anchor;
    element("span", record.first ? record.page.title : record.heading, link);
    if (!record.first) { element("small", record.page.title, link); }
    if (!record.text) { return; }
    var said = excerpt(record.text, one.words), p = element("p", "", row);
    if (said.before) { p.append("… "); }
    said.parts.forEach(function (part, at) { if (said.hits[at]) { element("mark", part, p); p.append(" "); } else { p.append(part + " "); } });
    if (said.after) { p.append("…"); }
  }

  function show(query, box, most) {
    box.textContent = "";
    if (!query.trim()) { return; }
    var found = find(query), shown = query.length > 60 ? query.slice(0, 60) + "…" : query;
    if (!found.length) {
      element("p", "Nothing in the book answers to “" + shown + "”. The glossary and the index of concepts have all its terms.", box);
      return;
    }
    KINDS.forEach(function (name, kind) {
      var here = found.filter(function (one) { return one.record.page.kind === kind; });
      if (!here.length) { return; }
      element("h2", name, box);
      var list = element("ul", "", box);
      here.slice(0, most[kind]).forEach(function (one) { item(one, list, query.slice(0, 200)); });
    });
  }

  window.dlnSearch = { find: find, show: show };
})();
