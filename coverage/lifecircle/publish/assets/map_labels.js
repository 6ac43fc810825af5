// Names and figures in the middle of units: the largest first, none over another, none where it does not fit.

const LABEL_FONT = '"Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", sans-serif';
const TEXT_PX = [15, 13, 12]; // by tier, the widest first
const NUDGES = [[0, 0], [0, -13], [0, 13], [-16, 0], [16, 0], [-16, -13], [16, -13], [-16, 13], [16, 13]];

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

// The forms a label can take, the fullest first.
function labelForms(unit, found, pixels) {
  const font = `600 ${pixels}px ${LABEL_FONT}`;
  const name = textWidth(unit.name, font);
  if (!found) return [{ form: "name", pixels, width: name, height: pixels + 4 }];
  const badge = pixels + 2;
  const figure = labelFigure(found);
  const line = badge + (figure ? textWidth(figure, font) + 4 : 0);
  return [
    { form: "full", pixels, width: Math.max(name, line), height: 2 * pixels + 7 },
    { form: "figure", pixels, width: line, height: pixels + 4 },
    { form: "badge", pixels, width: badge, height: badge },
  ];
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

function drawLabels(app) {
  const pane = app.map.getPane("labels");
  pane.replaceChildren();
  if (!app.state.show.names) return;
  const labels = boxGrid(90);
  const symbols = symbolBoxes(app);
  const view = app.map.getBounds();
  const rank = app.data.tiers.findIndex((tier) => tier.id === app.state.tier);
  const pixels = app.map.getSize().x > WIDE_PX ? TEXT_PX[Math.min(rank, 2)] : 11;
  const shown = layersOfTier(app, app.state.tier).filter(({ bounds }) => view.intersects(bounds));
  shown.sort((a, b) => (b.unit.households || 0) - (a.unit.households || 0) || (a.unit.id < b.unit.id ? -1 : 1));
  for (const { unit, bounds } of shown) {
    const found = app.state.show.units ? verdictOf(app, unit) : null;
    const frame = L.bounds(app.map.latLngToLayerPoint(bounds.getNorthWest()), app.map.latLngToLayerPoint(bounds.getSouthEast()));
    const room = frame.getSize();
    const centre = app.map.latLngToLayerPoint(unit.label);
    for (const form of labelForms(unit, found, pixels)) {
      if (form.width > room.x * 0.95 || form.height > room.y * 0.9) continue;
      const place = placeFor(form, centre, frame, labels, symbols);
      if (!place) continue;
      labels.add(place.box);
      pane.append(labelAt(app, unit, found, place));
      break;
    }
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
  const size = symbolSize(app.map.getZoom());
  for (const facility of app.data.facilities) {
    const point = app.map.latLngToLayerPoint([facility.lat, facility.lon]);
    grid.add(boxAround(point.x, point.y, size, size, 0));
  }
  return grid;
}
