/* What the press asks of the page. An object of functions, evaluated by pdf_press.py. */
({
  /* Formulas, tables and figures wider than the column are set smaller, down to three fifths; returns what still does not fit. */
  fit(height) {
    const column = document.documentElement.clientWidth, found = [];
    const boxes = [...document.querySelectorAll("article :is(div.math, .scroll, .dln-figure)")];
    const parts = boxes.map((box) => box.scrollWidth / box.clientWidth);
    boxes.forEach((box, at) => { if (parts[at] > 1) box.style.zoom = Math.max(0.6, Math.floor(98 / parts[at]) / 100); });
    for (const e of document.querySelectorAll("body *")) {
      const box = e.getBoundingClientRect();
      if (!box.width || !box.height || e.parentElement.closest("svg, math")) continue;
      const right = Math.max(box.right, box.left + (e.clientWidth && e.scrollWidth) * e.currentCSSZoom), picture = /^(svg|img)$/.test(e.localName);
      if (right > column + 1 || box.left < -1 || (picture && box.height > height))
        found.push(`<${e.localName}> in ${e.closest("article")?.id}, from ${Math.round(box.left)} to ${Math.round(right)} of ${column} px, ${Math.round(box.height)} px high: ${e.textContent.trim().slice(0, 60)}`);
    }
    return found;
  },

  /* Writes the pages' numbers where they belong; returns the places that have none. */
  number(numbers) {
    const lost = new Set();
    for (const e of document.querySelectorAll("[data-page-of]")) {
      const number = numbers[e.dataset.pageOf];
      if (number) e.textContent = number;
      else if (e.offsetParent) lost.add(e.dataset.pageOf); // hidden, it is on no page itself
    }
    return [...lost];
  },
});
