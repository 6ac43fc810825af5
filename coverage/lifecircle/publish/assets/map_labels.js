// Names and figures in the middle of units: the largest first, none over another, none where it does not fit.

const LABEL_FONT = '"Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", sans-serif';
const TEXT_PX = [15, 13, 12]; // by tier, the widest first
const NUDGES = [0, 13, 24].flatMap((y) => [0, 16, 28].flatMap((x) => [[x, y], [-x, y], [x, -y], [-x, -y]]));

const pen = document.createElement("canvas").getContext("2d");
const widths = new Map();

function textWidth(text, font) {
  const key = font + text;
  if (!widths.has(key)) {
    pen.font = font;
    widths.set(key, pen.measureText(text).width);
  }
  return widths.get(key);
}

// What a label says of a verdict: the figure, or the bounds where one figure is not known.
function labelFigure(found) {
  if (!found) return "";
  return found.shown || (found.range && found.range !== "—" ? found.range : "");
}

// The forms a label can take, the fullest first: smaller before shorter.
function labelForms(unit, found, largest) {
  const sizes = [largest, Math.max(10.5, largest - 1.5)];
  const whole = sizes.map((pixels) => {
    const font = `600 ${pixels}px ${LABEL_FONT}`;
    const name = textWidth(unit.name, font);
    if (!found) return { form: "name", pixels, width: name, height: pixels + 4 };
    return { form: "full", pixels, width: Math.max(name, figureWidth(found, pixels)), height: 2 * pixels + 7 };
  });
  if (!found) return whole;
  const pixels = sizes[1];
  return [
    ...whole,
    { form: "figure", pixels, width: figureWidth(found, pixels), height: pixels + 4 },
    { form: "badge", pixels, width: pixels + 2, height: pixels + 2 },
  ];
}

function figureWidth(found, pixels) {
  const figure = labelFigure(found);
  return pixels + 2 + (figure ? textWidth(figure, `600 ${pixels}px ${LABEL_FONT}`) + 4 : 0);
}

// Boxes already on the page, found through a grid of cells.
function boxGrid(cell) {
  const cells = new Map();
  const keys = (box) => {
    const found = [];
    for (let x = Math.floor(box.left / cell); x <= Math.floor(box.right / cell); x++) {
      for (let y = Math.floor(box.top / cell); y <= Math.floor(box.bottom / cell); y++) found.push(`${x},${y}`);
    }
    return found;
  };
  const meets = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  return {
    add: (box) => keys(box).forEach((key) => (cells.has(key) ? cells.get(key).push(box) : cells.set(key, [box]))),
    hits: (box) => new Set(keys(box).flatMap((key) => (cells.get(key) || []).filter((other) => meets(box, other)))).size,
  };
}

function boxAround(x, y, width, height, margin) {
  return {
    left: x - width / 2 - margin,
    right: x + width / 2 + margin,
    top: y - height / 2 - margin,
    bottom: y + height / 2 + margin,
  };
}

// Where a form goes: near the middle, inside the unit's frame, over no label, over as few facility symbols as can be; null if nowhere.
function placeFor(form, centre, frame, labels, symbols) {
  let best = null;
  for (const [dx, dy] of NUDGES) {
    const box = boxAround(centre.x + dx, centre.y + dy, form.width, form.height, 3);
    const nudged = dx !== 0 || dy !== 0;
    if (labels.hits(box) || (nudged && !frame.contains(L.bounds([box.left, box.top], [box.right, box.bottom])))) continue;
    const cost = symbols.hits(box);
    if (!best || cost < best.cost) best = { ...form, box, cost, x: centre.x + dx, y: centre.y + dy };
    if (best.cost === 0) break;
  }
  return best;
}

const LEAST_ROOM_PX = 22; // a unit narrower than this has no room for any form
const MOST_LABELS = 500;

function drawLabels(app) {
  const pane = app.map.getPane("labels");
  pane.replaceChildren();
  if (!app.state.show.names) return;
  const labels = boxGrid(90);
  const symbols = symbolBoxes(app);
  const view = viewOf(app, pixelFrame(app));
  const rank = app.data.tiers.findIndex((tier) => tier.id === app.state.tier);
  const pixels = app.map.getSize().x > WIDE_PX ? TEXT_PX[Math.min(rank, 2)] : 11;
  const shown = app.unitsOf(app.state.tier).filter((unit) => hasRoom(app, unit, view));
  shown.sort((a, b) => (b.households || 0) - (a.households || 0) || (a.id < b.id ? -1 : 1));
  for (const unit of shown.slice(0, MOST_LABELS)) placeLabel(app, unit, view, pixels, { pane, labels, symbols });
}

function hasRoom(app, { at }, view) {
  const { box } = app.data.shapes;
  return isSeen(app.data.shapes, at, view, LEAST_ROOM_PX) && (box[4 * at + 2] - box[4 * at]) * view.scale > LEAST_ROOM_PX;
}

function placeLabel(app, unit, view, pixels, { pane, labels, symbols }) {
  const verdict = verdictOf(app, unit);
  const found = isFilled(app, verdict) ? verdict : null;
  const { box } = app.data.shapes;
  const [west, north, east, south] = box.subarray(4 * unit.at, 4 * unit.at + 4);
  const point = (x, y) => L.point(x * view.scale - view.left, y * view.scale - view.top);
  const frame = L.bounds(point(west, north), point(east, south));
  const room = frame.getSize();
  const centre = point(unit.x, unit.y);
  for (const form of labelForms(unit, found, pixels)) {
    if (form.width > room.x * 1.12 || form.height > room.y * 1.05) continue;
    const place = placeFor(form, centre, frame, labels, symbols);
    if (!place) continue;
    labels.add(place.box);
    pane.append(labelAt(app, unit, found, place));
    return;
  }
}

function labelAt(app, unit, found, place) {
  const name = place.form === "full" || place.form === "name" ? el("span", { class: "lc-label-name" }, unit.name) : null;
  const figure = found && place.form !== "badge" ? el("b", { class: `lc-is-${found.verdict}` }, labelFigure(found)) : null;
  const badge = found ? drawing(verdictBadge(found.verdict, place.pixels + 2)) : null;
  const line = found ? el("span", { class: "lc-label-figure" }, badge, figure) : null;
  const label = el("div", { class: "lc-label leaflet-zoom-hide" }, name, line);
  const width = Math.ceil(place.width) + 12;
  Object.assign(label.style, { width: `${width}px`, height: `${place.height}px`, fontSize: `${place.pixels}px` });
  L.DomUtil.setPosition(label, L.point(place.x - width / 2, place.y - place.height / 2));
  return label;
}

// The facility symbols as boxes that a label had better not cover.
function symbolBoxes(app) {
  const grid = boxGrid(60);
  if (!app.state.show.facilities) return grid;
  const view = viewOf(app, pixelFrame(app));
  const size = symbolSize(view.zoom);
  for (const { x, y, members } of marksAt(app, view.zoom)) {
    if (x < view.west || x > view.east || y < view.north || y > view.south) continue;
    const side = members.length > 1 ? 2 * groupPx(members.length) : size;
    grid.add(boxAround(x * view.scale - view.left, y * view.scale - view.top, side, side, 0));
  }
  return grid;
}
