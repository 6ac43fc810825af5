// Dwellings as dots: one each where there is room, sums of a grid's cells where there is none. No household is lost on the way.

const CELL_PX = 22;
const FEW = 3000; // so many dots are drawn one by one at every zoom
const CROWD = 1.5; // dwellings in a cell, on average, from which they are drawn as one
const BIGGEST_PX = 10;

const DOTS = {
  o: { fill: "rgba(101,112,122,.28)" },
  r: { fill: "rgba(27,127,121,.6)" },
  b2: { fill: "#a9cbe6", line: "#3f7fb5", width: 0.8 },
  b1: { fill: "#4f8fc4", line: "#fff", width: 0.5 },
  b0: { fill: "#12406b", line: "#fff", width: 0.5 },
  u: { fill: "rgba(255,255,255,.85)", line: "#6b7279", width: 1.4, square: true },
  n: { fill: "rgba(255,255,255,.85)", line: "#d1495b", width: 1.9 },
};
const DOT_ORDER = Object.keys(DOTS);

function walkOf(app) {
  return app.data.dwellings.walks[app.state.walk] || app.data.dwellings.walks[0] || null;
}

// The class of every dwelling: its state of reach, or its band of minutes where that is shown.
function classesOf(app) {
  const { kind, mode, walk } = app.state;
  const key = joined([kind, mode, walk], "|");
  if (app.classes && app.classes.key === key) return app.classes.letters;
  const walks = walkOf(app);
  const states = (walks && walks.state[kind]) || "";
  const minutes = (walks && walks.minutes[kind]) || [];
  const bounds = app.data.bands.map((bound) => Math.round(bound * 10));
  const within = (tenths) => bounds.findIndex((bound) => tenths <= bound);
  const band = (tenths) => `b${within(tenths) < 0 ? bounds.length - 1 : within(tenths)}`; // minutes are cut upward
  const letters = Array.from(states, (state, i) => (mode === "minutes" && state === "r" && minutes[i] >= 0 ? band(minutes[i]) : state));
  app.classes = { key, letters };
  return letters;
}

// Households and dwellings without a count, by class.
function reachTally(app) {
  const tally = {};
  const letters = classesOf(app);
  app.data.dwellings.households.forEach((households, i) => {
    const cell = (tally[letters[i]] = tally[letters[i]] || [0, 0]);
    if (households === null) cell[1] += 1;
    else cell[0] += households;
  });
  return tally;
}

// What is drawn at a zoom: dots with place, class, households, dwellings without a count, and the one dwelling they stand for.
function dotsAt(app, zoom) {
  const letters = shownLetters(app);
  const step = Math.floor(zoom * 2) / 2;
  if (app.dotted && app.dotted.letters === letters && app.dotted.step === step) return app.dotted;
  const scale = 256 * 2 ** step;
  const cells = app.data.dwellings.n > FEW ? gridded(app.data.dwellings, letters, CELL_PX / scale) : null;
  const crowded = cells && app.data.dwellings.n > CROWD * cells.length;
  const dots = crowded ? cells : singly(app.data.dwellings, letters);
  const most = dots.reduce((most, dot) => Math.max(most, dot.households), 1);
  app.dotted = { letters, step, dots, crowded, most, byClass: byClass(dots) };
  return app.dotted;
}

function byClass(dots) {
  const found = Object.fromEntries(DOT_ORDER.map((letter) => [letter, []]));
  for (const dot of dots) if (found[dot.letter]) found[dot.letter].push(dot);
  return found;
}

function singly({ n, x, y, households }, letters) {
  const dots = new Array(n);
  for (let i = 0; i < n; i++) {
    const unknown = households[i] === null;
    dots[i] = { x: x[i], y: y[i], letter: letters[i], households: households[i] || 0, uncounted: Number(unknown), n: 1, at: i };
  }
  return dots;
}

// One dot for each cell and class, where its households live on average.
function gridded({ n, x, y, households }, letters, side) {
  const cells = new Map();
  for (let i = 0; i < n; i++) {
    const key = (Math.floor(x[i] / side) * 2 ** 24 + Math.floor(y[i] / side)) * 8 + DOT_ORDER.indexOf(letters[i]);
    let cell = cells.get(key);
    if (!cell) cells.set(key, (cell = { x: 0, y: 0, weight: 0, letter: letters[i], households: 0, uncounted: 0, n: 0, at: -1 }));
    const weight = households[i] || 1e-6;
    cell.x += x[i] * weight;
    cell.y += y[i] * weight;
    cell.weight += weight;
    cell.households += households[i] || 0;
    cell.uncounted += Number(households[i] === null);
    cell.n += 1;
    if (cell.n === 1) cell.at = i;
  }
  return [...cells.values()].map((cell) => ({ ...cell, x: cell.x / cell.weight, y: cell.y / cell.weight, at: cell.n === 1 ? cell.at : -1 }));
}

// Classes, with all dwellings but those of the pinned facility pushed back.
function shownLetters(app) {
  const letters = classesOf(app);
  const near = app.catchment;
  if (!near) return letters;
  if (!near.letters || near.of !== letters) Object.assign(near, { of: letters, letters: letters.map((letter, i) => (near.members[i] ? letter : "o")) });
  return near.letters;
}

// The dot's area goes with its households; one by one it grows with the zoom, in a crowd the largest has the same size always.
function radiusOf({ households, n, uncounted }, { crowded, most }, zoom) {
  if (crowded) return Math.max(1.2, BIGGEST_PX * Math.sqrt(households / most));
  const scale = 0.36 * 2 ** ((Math.min(zoom, 18) - 14) * 0.5);
  return Math.min(14, Math.max(1.5, scale * Math.sqrt(uncounted === n ? 12 : households)));
}

function drawDwellings(app) {
  if (!app.dots) app.dots = new Sheet(app, "dwellings", (context, view) => paintDwellings(app, context, view)).addTo(app.map);
  app.dots.repaint();
}

function paintDwellings(app, context, view) {
  if (!app.data.dwellings.n) return;
  const found = dotsAt(app, view.zoom);
  for (const letter of DOT_ORDER) if (letter === "o" || app.state.show[letter]) paintDots(context, view, found, letter);
}

function paintDots(context, view, found, letter) {
  const { fill, line, width, square } = DOTS[letter];
  const margin = 16 / view.scale;
  context.beginPath();
  for (const dot of found.byClass[letter]) {
    if (dot.x < view.west - margin || dot.x > view.east + margin || dot.y < view.north - margin || dot.y > view.south + margin) continue;
    const [x, y] = [dot.x * view.scale - view.left, dot.y * view.scale - view.top];
    const radius = radiusOf(dot, found, view.zoom) * (letter === "r" ? 0.85 : 1);
    if (square) context.rect(x - radius * 0.9, y - radius * 0.9, radius * 1.8, radius * 1.8);
    else {
      context.moveTo(x + radius, y);
      context.arc(x, y, radius, 0, 2 * Math.PI);
    }
  }
  context.fillStyle = fill;
  context.fill();
  if (!line) return;
  Object.assign(context, { strokeStyle: line, lineWidth: Math.min(width, 0.5 + 0.09 * view.zoom) });
  context.stroke();
}

// The dot under a point of the layer, the nearest; null if none.
function dotAt(app, point) {
  if (!app.data.dwellings.n) return null;
  const view = viewOf(app);
  const found = dotsAt(app, view.zoom);
  const [x, y] = [(point.x + view.left) / view.scale, (point.y + view.top) / view.scale];
  let best = null;
  let least = Infinity;
  for (const dot of found.dots) {
    const distance = Math.hypot(dot.x - x, dot.y - y) * view.scale;
    if (distance < least && app.state.show[dot.letter] && distance <= radiusOf(dot, found, view.zoom) + 3) [best, least] = [dot, distance];
  }
  return best;
}

function classWord(app, letter) {
  const { bands } = app.data;
  const unit = word(app, "minutes");
  if (letter === "b0") return `≤ ${bands[0]} ${unit}`;
  if (letter[0] === "b") return `${bands[letter[1] - 1]}–${bands[letter[1]]} ${unit}`;
  return word(app, { r: "reached", n: "not_reached", u: "reach_unknown" }[letter]);
}

function dotTooltip(app, dot) {
  const kind = app.data.kinds.find((one) => one.id === app.state.kind);
  const single = dot.n === 1;
  const walk = walkOf(app);
  const tenths = single ? ((walk && walk.minutes[app.state.kind]) || [])[dot.at] : -1;
  const minutes = tenths >= 0 ? `${(tenths / 10).toFixed(1)} ${word(app, "minutes")}` : "";
  const size = single
    ? householdsText(app, app.data.dwellings.households[dot.at])
    : joined([`${counted(dot.households)} ${word(app, "households")}`, `${counted(dot.n)} ${word(app, "places")}`, dot.uncounted ? `${word(app, "also")} ${counted(dot.uncounted)} ${word(app, "uncounted")}` : ""]);
  const state = dot.letter[0] === "b" ? "r" : dot.letter;
  return el(
    "div",
    { class: "lc-tip" },
    el("strong", {}, single ? say(app, app.data.dwellings.name(dot.at)) || word(app, "dwelling") : word(app, "together")),
    el("span", { class: "lc-quiet" }, size),
    el("span", { class: `lc-reach lc-reach-${state}` }, el("b", {}, classWord(app, dot.letter)), joined([say(app, kind), minutes])),
  );
}
