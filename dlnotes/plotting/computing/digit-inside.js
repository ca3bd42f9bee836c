/* What a digit's figure shows of the network's inside: the maps of a layer, and what one of them answers to.
   Loaded late, after digit-network.js, by the same figure. */
(function () {
  "use strict";
  var D = window.dlnDigit, live = window.dlnLive, SIDE = 28;
  if (!D || D.inside) { return; }
  var LAYERS = [ // across: maps in a row of the sheet; field and step: pixels that one number sees, and their distance
    { name: "relu1", maps: 20, side: 24, across: 7, field: 5, step: 1 },
    { name: "pool1", maps: 20, side: 12, across: 7, field: 6, step: 2 },
    { name: "relu2", maps: 40, side: 8, across: 10, field: 14, step: 2 },
    { name: "pool2", maps: 40, side: 4, across: 10, field: 16, step: 4 },
    { name: "relu3", maps: 100, side: 1, across: 20, field: 28, step: 0 }
  ];

  /* The largest number of a map, and the square of pixels that it sees. */
  function peak(values, L, map) {
    var area = L.side * L.side, best = map * area;
    for (var i = best; i < (map + 1) * area; i++) { if (values[i] > values[best]) { best = i; } }
    var row = Math.floor(best % area / L.side), column = best % L.side;
    return { map: map, value: values[best], square: [L.step * column, L.step * row, L.field] };
  }
  function strongest(values, L) {
    var best = peak(values, L, 0);
    for (var map = 1; map < L.maps; map++) {
      var other = peak(values, L, map);
      if (other.value > best.value) { best = other; }
    }
    return best;
  }

  /* Builds what belongs to it into the element `answer`; returns what draws it anew, with words when a stroke has ended. */
  D.inside = function (answer, still, view) {
    var L = LAYERS[0], map = 0, samples = { net: null, read: [] };
    var top = live.addBar(answer, null), box = live.make(answer, "div", { "class": "dln-maps" }), pick = live.addBar(answer, null);
    var row = live.make(answer, "div", { "class": "dln-tiles" }), tiles = live.make(row, "div", { "class": "dln-tiles" });
    var words = live.make(row, "p", { "class": "dln-told", "aria-live": "polite" });
    var sheet = live.make(box, "canvas", { "class": "dln-sheet", role: "img", width: 800 });
    live.control(top, "choice", "layer", LAYERS.map(function (one) { return one.name; }), 0, function (at) { L = LAYERS[at]; choose(0); });
    live.control(top, "toggle", "trained weights", ["off", "on"], 1, function (on) { view.use(on ? D.net : D.random(D.net, 1)); });
    top.querySelectorAll("input").forEach(keep);
    still.remove();
    sheet.addEventListener("click", function (event) {
      var at = sheet.getBoundingClientRect(), one = at.width / L.across;
      var chosen = L.across * Math.floor((event.clientY - at.top) / one) + Math.floor((event.clientX - at.left) / one);
      if (chosen < L.maps) { choose(chosen + 1); }
    });
    choose(0);

    function keep(input) { input.setAttribute("data-lm-suppress-shortcuts", "true"); }
    function choose(chosen) { // a map from 1, or 0 for the strongest
      var names = ["strongest"], what = L.side > 1 ? "map" : "unit";
      for (var k = 1; k <= L.maps; k++) { names.push(k + " of " + L.maps); }
      map = chosen;
      pick.textContent = "";
      live.control(pick, "slider", what, names, map, function (at) { map = at; draw(true); });
      keep(pick.querySelector("input"));
      sheet.setAttribute("aria-label", L.name + ": " + L.maps + " " + what + "s");
      draw(true);
    }
    function draw(ended) {
      var now = view.now();
      if (!now.seen) { return; }
      var values = now.seen[L.name], found = map ? peak(values, L, map - 1) : strongest(values, L);
      var cell = L.side + 1, wide = L.across * cell - 1, tall = Math.ceil(L.maps / L.across) * cell - 1;
      var all = new Float64Array(wide * tall).fill(0.35), most = Math.max(1e-9, strongest(values, L).value);
      values.forEach(function (value, i) {
        var k = Math.floor(i / (L.side * L.side)), p = Math.floor(i / L.side) % L.side, q = i % L.side;
        all[(Math.floor(k / L.across) * cell + p) * wide + k % L.across * cell + q] = value / most;
      });
      sheet.height = sheet.width * tall / wide;
      view.show(sheet, view.image(all, wide, 0, 1), [found.map % L.across * cell - 0.5, Math.floor(found.map / L.across) * cell - 0.5, cell]);
      view.show(view.eye, view.image(now.pixels, SIDE, 0, 1), found.value > 0 && L.step ? found.square : null);
      if (ended) { tell(now, found); }
    }
    function tell(now, found) {
      var name = (L.side > 1 ? "Map " : "Unit ") + (found.map + 1), size = L.field + " × " + L.field + " pixels";
      tiles.textContent = "";
      var values = now.seen[L.name], zeros = values.filter(function (value) { return value === 0; }).length / values.length;
      var rest = " Of all numbers of " + L.name + ", " + Math.round(100 * zeros) + " % are zero.";
      if (found.value <= 0) { words.textContent = name + " is zero everywhere." + rest; return; }
      tile(now.pixels, found.square);
      var value = found.value.toPrecision(2);
      var said = map ? name + ": its largest number here is " + value + ", where it sees " + size + "."
        : name + " is strongest here (" + value + "), where it sees " + size + ".";
      if (L.step > 2 || L.field > 6) {
        exciting(now.net, found.map).forEach(function (one) { tile(one.pixels, one.square); });
        said += " Then what excites it most in three of " + view.samples.length + " samples.";
      } else {
        var kernel = Array.from(now.net.conv1.w.subarray(25 * found.map, 25 * found.map + 25));
        tiles.appendChild(view.image(kernel, 5, 0, Math.max.apply(null, kernel.map(Math.abs)), true));
        said += " Then its weights, blue positive, orange negative.";
      }
      words.textContent = said + rest;
    }
    function tile(picture, square) {
      var canvas = live.make(tiles, "canvas", { width: square[2], height: square[2], "aria-hidden": "true" });
      canvas.getContext("2d").drawImage(view.image(picture, SIDE, 0, 1), -square[0], -square[1]);
    }
    function exciting(net, map) {
      if (samples.net !== net) {
        samples = { net: net, read: view.samples.map(function (one) { return D.read(net, one.pixels); }) };
      }
      return samples.read.map(function (seen, n) {
        var found = peak(seen[L.name], L, map);
        found.pixels = view.samples[n].pixels;
        return found;
      }).sort(function (a, b) { return b.value - a.value; }).slice(0, 3);
    }
    return draw;
  };
})();
