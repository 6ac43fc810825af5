// Units of the chosen tier: filled by the verdict on the chosen rule, outlined by a band inside the border.

const MOST_BANDS = 250;
const LEAST_BAND_PX = 14;

function verdictOf(app, unit) {
  return app.data.found(app.state.rule)[unit.at] || null;
}

// Whether the verdict's row in the legend is on; units without a verdict are never filled.
function isFilled(app, found) {
  return Boolean(found) && app.state.show.units && !app.state.without.includes(found.verdict);
}

function drawUnits(app) {
  if (!app.sheet) {
    app.sheet = new Sheet(app, "units", (context, view) => {
      const filled = paintUnits(app, context, view);
      paintVeil(app, context, view);
      paintBorders(app, context, view);
      for (const unit of filled) paintBand(context, app.data.shapes, unit.at, view, VERDICTS[verdictOf(app, unit).verdict]);
    }).addTo(app.map);
  }
  app.sheet.repaint();
  outlineUnits(app);
}

// Fills them, and says which are large enough for a band.
function paintUnits(app, context, view) {
  const { shapes } = app.data;
  const seen = app.unitsOf(app.state.tier).filter((unit) => isSeen(shapes, unit.at, view) && isFilled(app, verdictOf(app, unit)));
  const small = seen.length > 0 && (seen.length > MOST_BANDS || typicalPx(shapes, seen, view) < LEAST_BAND_PX);
  const byVerdict = {};
  for (const unit of seen) {
    const { verdict } = verdictOf(app, unit);
    (byVerdict[verdict] = byVerdict[verdict] || []).push(unit);
  }
  for (const id of VERDICT_ORDER) {
    const look = VERDICTS[id];
    const members = byVerdict[id] || [];
    context.fillStyle = look.fill === "hatch" ? hatchOf(context) : look.fill;
    context.globalAlpha = small ? look.plain : look.opacity;
    for (const unit of members) {
      context.beginPath();
      traceArea(context, shapes, unit.at, view);
      context.fill("evenodd");
    }
    context.globalAlpha = 1;
  }
  return small ? [] : seen;
}

// Strokes are centred on the border and half of them is clipped, hence twice the width: neighbours never paint over each other.
function paintBand(context, shapes, at, view, { color, band }) {
  context.save();
  context.beginPath();
  traceArea(context, shapes, at, view);
  context.clip("evenodd");
  Object.assign(context, { strokeStyle: color, lineWidth: band.width * 2, globalAlpha: band.opacity, lineCap: "round", lineJoin: "round" });
  context.setLineDash(band.dash || []);
  context.beginPath();
  traceLine(context, shapes, at, view, true);
  context.stroke();
  context.restore();
}

// The unit of the chosen tier at a place, the smallest if several overlap.
function unitAt(app, latlng) {
  const { shapes } = app.data;
  const tier = app.state.tier;
  app.finders = app.finders || {};
  const { box } = shapes;
  app.finders[tier] = app.finders[tier] || boxFinder(app.unitsOf(tier), ({ at }) => box.subarray(4 * at, 4 * at + 4));
  const [x, y] = [worldX(latlng.lng), worldY(latlng.lat)];
  const size = ({ at }) => (box[4 * at + 2] - box[4 * at]) * (box[4 * at + 3] - box[4 * at + 1]);
  const found = app.finders[tier](x, y).filter(({ at }) => holdsPlace(shapes, at, x, y));
  return found.sort((a, b) => size(a) - size(b))[0] || null;
}

// The hovered and the pinned unit in ink, above everything painted of units; the same unit in the map beside.
function outlineUnits(app) {
  app.outlines.clearLayers();
  const { hovered, unit } = app.state;
  for (const [id, weight] of [[hovered, 2], [unit, 3.2]]) {
    const one = id && app.unitById.get(id);
    if (!one) continue;
    const options = { renderer: app.renderers.outlines, pane: "outlines", fill: false, color: INK, weight, lineJoin: "round", interactive: false };
    app.outlines.addLayer(L.polygon(ringsOf(app.data.shapes, one.at), options));
  }
}

function ringsOf({ x, y, ring, shape }, at) {
  const rings = [];
  for (let r = shape[at]; r < shape[at + 1]; r++) {
    const places = [];
    for (let j = ring[r]; j < ring[r + 1]; j++) places.push([latOf(y[j]), lonOf(x[j])]);
    rings.push([places]);
  }
  return rings;
}

function boundsOfUnit(app, { at, x, y }) {
  const [west, north, east, south] = app.data.shapes.box.subarray(4 * at, 4 * at + 4);
  if (!(west <= east)) return L.latLngBounds([latOf(y), lonOf(x)], [latOf(y), lonOf(x)]);
  return L.latLngBounds([latOf(south), lonOf(west)], [latOf(north), lonOf(east)]);
}

function householdsText(app, households) {
  return households === null ? word(app, "countUnknown") : `${counted(households)} ${word(app, "households")}`;
}

function unitTooltip(app, unit) {
  const found = verdictOf(app, unit);
  const tier = app.data.tiers.find((one) => one.id === unit.tier);
  return el(
    "div",
    { class: "lc-tip" },
    el("strong", {}, unit.name),
    el("span", { class: "lc-quiet" }, joined([say(app, tier), householdsText(app, unit.households)])),
    found ? verdictLine(app, found) : null,
    found ? figureLine(app, found) : null,
  );
}

function verdictLine(app, found) {
  const badge = drawing(verdictBadge(found.verdict, 15));
  const name = say(app, app.data.verdicts[found.verdict]) || found.verdict;
  const line = el("span", { class: `lc-verdict lc-is-${found.verdict}` }, badge, el("b", {}, name));
  const gap = say(app, found.gap);
  if (gap) line.append(el("span", { class: "lc-gap" }, gap));
  return line;
}

function figureLine(app, found) {
  const bounds = found.range && found.range !== found.shown ? `${word(app, "bounds")} ${found.range}` : "";
  const threshold = say(app, found.threshold);
  const need = threshold ? `${word(app, "need")} ${threshold}` : "";
  return el("span", { class: "lc-figures" }, found.shown ? el("b", {}, found.shown) : null, el("span", {}, joined([need, bounds, say(app, found.projected)])));
}
