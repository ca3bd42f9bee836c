/* What the press asks of the page. An object of functions, evaluated by pdf_press.py. */
({
  /* Formulas, tables and figures wider than the column are set smaller, down to three fifths; returns what still hangs over. */
  fit() {
    const column = document.documentElement.clientWidth, found = [];
    const wide = "article :is(div.math, .scroll, .dln-figure)";
    const boxes = [...document.querySelectorAll(wide)].map((box) => [box, box.scrollWidth / box.clientWidth]);
    for (const [box, part] of boxes) if (part > 1) box.style.zoom = Math.max(0.6, Math.floor(98 / part) / 100);
    for (const e of document.querySelectorAll("body *")) {
      const box = e.getBoundingClientRect();
      if (box.width && box.height && (box.right > column + 1 || box.left < -1) && !e.ownerSVGElement && !e.closest("mjx-assistive-mml"))
        found.push(`<${e.localName} class="${e.getAttribute("class") || ""}"> of ${e.closest("article")?.id} reaches from ${Math.round(box.left)} to ${Math.round(box.right)} of ${column} px: ${e.textContent.trim().slice(0, 60)}`);
    }
    return found;
  },

  /* Writes the pages' numbers where they belong; returns the places that have none. */
  number(numbers) {
    const lost = new Set();
    for (const e of document.querySelectorAll("[data-page-of]")) {
      const number = numbers[e.dataset.pageOf];
      if (number) e.textContent = number;
      else lost.add(e.dataset.pageOf);
    }
    return [...lost];
  },
});
