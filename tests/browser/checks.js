/* Questions to an open page. An object of functions, evaluated in the page by page_checks.py;
   those that look for faults return at most five complaints. */
({
  overflow() {
    const root = document.documentElement;
    const found = [];
    if (root.scrollWidth > root.clientWidth) found.push(`the page is ${root.scrollWidth} px wide`);
    const scrolls = (e) => /auto|scroll/.test(getComputedStyle(e).overflowX);
    const inScroller = (e) => {
      for (let p = e.parentElement; p && p !== root; p = p.parentElement) if (scrolls(p)) return true;
      return false;
    };
    for (const e of document.querySelectorAll("main *, header *")) {
      const box = e.getBoundingClientRect();
      if (!box.width || !box.height || e.closest("annotation, .skip-link, details:not([open])")) continue;
      if ((box.right > root.clientWidth + 1 || box.left < -1) && !inScroller(e))
        found.push(`<${e.localName} class="${e.getAttribute("class") || ""}"> reaches from ${Math.round(box.left)} to ${Math.round(box.right)} px`);
    }
    return found.slice(0, 5);
  },

  clipped() {
    return [...document.querySelectorAll("article :is(p, li, td, th, dd, dt, figcaption, pre, .math)")]
      .filter((e) => e.clientWidth && e.scrollWidth > e.clientWidth + 1 && /hidden|clip/.test(getComputedStyle(e).overflowX))
      .map((e) => `<${e.localName}> is cut off: ${e.textContent.trim().slice(0, 60)}`)
      .slice(0, 5);
  },

  /* Figures and outputs stand on the page's own ground, in both themes. */
  boxes() {
    const ground = getComputedStyle(document.documentElement).backgroundColor;
    return [...document.querySelectorAll("figure, figure div, figure > img, figure > svg, .cell_output, .cell_output > div, .dln-figure")]
      .map((e) => [e, getComputedStyle(e).backgroundColor])
      .filter(([e, colour]) => ![ground, "rgba(0, 0, 0, 0)"].includes(colour))
      .map(([e, colour]) => `<${e.localName} class="${e.getAttribute("class") || ""}"> stands in a box of ${colour}`)
      .slice(0, 5);
  },

  /* Letters of drawings below ten pixels: text, or Matplotlib's outlines, scaled by a hundredth of their size. */
  small() {
    const found = [];
    for (const svg of document.querySelectorAll("article :is(svg.dln-fig, svg.dln-svg)")) {
      const part = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
      const sizes = [...svg.querySelectorAll("text")].filter((t) => t.textContent).map((t) => parseFloat(getComputedStyle(t).fontSize));
      for (const g of svg.querySelectorAll('g[transform*="scale(0."]')) sizes.push(100 * parseFloat(g.getAttribute("transform").split("scale(")[1]));
      const least = part * Math.min(...sizes);
      if (part && least < 9.95) found.push(`letters of ${least.toFixed(1)} px in ${svg.closest("figure")?.id || "a drawing"}`);
    }
    return found.slice(0, 5);
  },

  /* Code, outputs and displayed formulas that can only be read by moving them sideways. */
  sideways: () =>
    [...document.querySelectorAll("article :is(.highlight pre, .formula)")]
      .filter((e) => e.clientWidth && e.scrollWidth > e.clientWidth + 1 && !e.closest("details:not([open])"))
      .map((e) => `<${e.localName}> is ${e.scrollWidth} px wide in ${e.clientWidth}: ${e.textContent.trim().slice(0, 60)}`)
      .slice(0, 5),

  /* Figures to handle that leave a phone of 844 pixels no room; on a desk they keep to 600. */
  tall: () =>
    [...document.querySelectorAll("dln-explore")]
      .map((e) => Math.round(e.getBoundingClientRect().height))
      .filter((height) => height > 700)
      .map((height) => `a figure is ${height} px tall`)
      .slice(0, 5),

  maths() {
    const found = [];
    for (const e of document.querySelectorAll("article math")) {
      const box = e.getBoundingClientRect(), room = e.closest(".formula, .wide, .scroll, p, li, dd, figcaption, summary, div");
      const tex = e.querySelector("annotation").textContent.trim().slice(0, 60);
      if (!box.width || e.querySelector("merror")) { if (!e.closest("details:not([open])")) found.push(`formula not drawn: ${tex}`); }
      else if (box.width > room.clientWidth + 1 && !room.closest("[tabindex]")) found.push(`formula beyond the keyboard's reach: ${tex}`);
    }
    const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const node = walker.currentNode;
      if (node.parentElement.closest("pre, code, script, style, math, svg")) continue;
      if (/\\\(|\\\[|\$\$|\$[^$\s][^$\n]*\$|\\begin\{/.test(node.data)) found.push(`raw TeX in the text: ${node.data.trim().slice(0, 60)}`);
    }
    return found.slice(0, 5);
  },

  pictures() {
    const words = (text) => ((text || "").toLowerCase().match(/[\p{L}\p{N}]+/gu) || []).join(" ");
    const found = [];
    for (const e of document.querySelectorAll('main img, main svg:not([aria-hidden="true"])')) {
      if (e.closest("button") || e.querySelector('[role="button"][aria-label]')) continue; // made of parts with names
      const text = e.getAttribute(e.localName === "img" ? "alt" : "aria-label");
      const caption = e.closest("figure")?.querySelector(".caption-text")?.textContent;
      if (!words(text)) found.push(`<${e.localName}> without alternative text`);
      else if (words(text) === words(caption)) found.push(`alternative text repeats the caption: ${text}`);
      if (e.localName === "svg" && e.getAttribute("role") !== "img") found.push(`<svg> without role="img": ${text}`);
      if (e.localName === "img" && e.complete && !e.naturalWidth) found.push(`picture does not load: ${e.src}`);
    }
    return found.slice(0, 5);
  },

  /* Marks text that looks like text before it, and returns how many pieces are left: of one look the
     contrast is one. A look is all that axe reckons with: colour, size, weight, the ground and what
     is laid over it, whether the text is a lone sign or broken into lines. What hangs out of a box that scrolls, where
     axe may see no ground, stands for nothing but itself. */
  looks() {
    const seen = new Set(), grounds = new Map();
    const ground = (e) => {
      if (!e) return { key: "", box: null };
      if (grounds.has(e)) return grounds.get(e);
      const above = ground(e.parentElement), s = getComputedStyle(e);
      const own = [s.backgroundColor, s.backgroundImage, s.opacity, s.filter, s.mixBlendMode, s.position, s.display].join();
      const plain = own.startsWith("rgba(0, 0, 0, 0),none,1,none,normal,static");
      const found = { key: plain ? above.key : `${above.key}|${own}`, box: s.overflow === "visible" ? above.box : e };
      grounds.set(e, found);
      return found;
    };
    let left = 0;
    for (const e of document.querySelectorAll("body *")) {
      const text = [...e.childNodes].filter((n) => n.nodeType === 3).map((n) => n.data).join("").trim();
      if (!text || !e.getClientRects().length || !e.checkVisibility()) continue;
      if (e.closest("button, label, fieldset, svg, [aria-disabled]")) continue; // few, and not by their looks alone
      const { key, box } = ground(e), s = getComputedStyle(e), at = e.getBoundingClientRect();
      const room = (box || document.documentElement).getBoundingClientRect();
      const hangs = at.left < room.left || at.right > room.right || at.top < room.top || at.bottom > room.bottom;
      const kind = [text.length > 1, /[\p{L}\p{N}]/u.test(text), e.getClientRects().length > 1];
      const look = [key, e.localName, s.color, s.webkitTextFillColor, s.textShadow, s.fontSize, s.fontWeight, ...kind].join();
      if (hangs) left++;
      else if (seen.has(look)) e.dataset.alike = "";
      else left += seen.add(look) && 1;
    }
    return left;
  },

  resources: () => [location.href, ...performance.getEntriesByType("resource").map((e) => e.name)],
  /* The families that have been fetched, which the page uses. */
  letters: () => [...document.fonts].filter((f) => f.status === "loaded").map((f) => f.family.replaceAll('"', "")),
  theme: () => document.documentElement.dataset.theme,
  ground: () => getComputedStyle(document.documentElement).backgroundColor,
  paper: () => getComputedStyle(document.documentElement).getPropertyValue("--dln-paper").trim(),

  /* The colour of the first thing that a chart draws in ink. */
  ink() {
    const drawn = [...document.querySelectorAll('.dln-svg [style*="--dln-ink"]')];
    return getComputedStyle(drawn.find((e) => /fill: ?var\(--dln-ink/.test(e.getAttribute("style")))).fill;
  },

  /* What the keyboard stands on, when that cannot be seen; else nothing. */
  hiddenFocus() {
    const active = document.activeElement;
    const e = active.matches("label input[type=radio]") ? active.closest("label") : active; // a pill has the ring
    const style = getComputedStyle(e);
    const ring = style.outlineStyle !== "none" || getComputedStyle(e.closest(".search-form") || e).boxShadow !== "none";
    const seen = e.getBoundingClientRect().width > 0 && Number(style.opacity) > 0 && ring;
    return seen ? "" : e.outerHTML.slice(0, 120);
  },

  moving: () =>
    [...document.querySelectorAll("*")].filter((e) => {
      const style = getComputedStyle(e);
      return parseFloat(style.transitionDuration) > 0 || style.animationName !== "none";
    }).length,
});
