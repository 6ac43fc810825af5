// The ground, drawn from the inputs: land, water, greens, buildings, streets, walls; or a basemap, where one was asked for.

// From the bottom up; only symbols, labels and controls stand on top. Units and dwellings find the pointer by themselves.
const PANES = { ground: 210, units: 300, outlines: 340, dwellings: 420, places: 600, labels: 640 };

const STREETS = {
  path: { color: "#cdc8be", widths: [0, 0.7, 1.1], dash: [3, 3] },
  minor: { color: "#d3cfc6", widths: [0.7, 1.4, 3.2] },
  major: { color: "#c3beb3", widths: [1.7, 3, 6] },
};
const WALL = { color: "#a3988a", widths: [0, 0.6, 1.4] };

const BORDERS = [
  { rank: 2, color: "#8b949c", weight: 0.9, halo: 2.6 },
  { rank: 1, color: "#66717b", weight: 1.7, halo: 4.2 },
  { rank: 0, color: "#3d4852", weight: 2.8, halo: 6 },
];

function makePanes(app) {
  app.renderers = {};
  for (const [name, height] of Object.entries(PANES)) {
    const pane = app.map.createPane(name);
    pane.style.zIndex = height;
    pane.style.pointerEvents = "none";
    if (name === "labels") continue;
    app.renderers[name] = name === "outlines" ? L.svg({ pane: name, padding: 0.2 }) : L.canvas({ pane: name, padding: 0.15 });
  }
}

function drawGround(app) {
  app.ground = new Sheet(app, "ground", (context, view) => paintGround(app, context, view)).addTo(app.map);
}

function paintGround(app, context, view) {
  const { ground } = app.data;
  const { show } = app.state;
  if (app.tiles && show.tiles) return;
  fillAreas(context, view, ground.green, "#e3ecd9", 0.8);
  fillAreas(context, view, ground.water, "#cfe3ee", 0.5);
  if (!show.streets) return;
  if (view.zoom > 12) fillAreas(context, view, ground.buildings, "#e2ddd3", 1.6);
  for (const [name, style] of Object.entries(STREETS)) strokeLines(context, view, ground.streets[name], style);
  strokeLines(context, view, ground.barriers, WALL);
}

function fillAreas(context, view, shapes, color, leastPx) {
  context.fillStyle = color;
  for (let i = 0; i < shapes.n; i++) {
    if (!isSeen(shapes, i, view, leastPx)) continue;
    context.beginPath();
    traceArea(context, shapes, i, view);
    context.fill("evenodd");
  }
}

function strokeLines(context, view, shapes, { color, widths, dash }) {
  const width = widthAt(widths, view.zoom);
  if (width <= 0.15) return;
  Object.assign(context, { strokeStyle: color, lineWidth: width, lineJoin: "round", lineCap: dash ? "butt" : "round" });
  context.setLineDash(dash || []);
  context.beginPath();
  for (let i = 0; i < shapes.n; i++) {
    if (isSeen(shapes, i, view, 1)) traceLine(context, shapes, i, view, false);
  }
  context.stroke();
  context.setLineDash([]);
}

// A line's width at this zoom, between its widths at the zooms 13, 15 and 17.
function widthAt(widths, zoom) {
  if (zoom <= 13) return widths[0] * 2 ** (Math.max(zoom, 9) / 2 - 6.5);
  if (zoom >= 17) return widths[2];
  const [from, low, high] = zoom < 15 ? [13, widths[0], widths[1]] : [15, widths[1], widths[2]];
  return low + ((high - low) * (zoom - from)) / 2;
}

// A white veil over what lies outside the district, so that the eye stays inside.
function paintVeil(app, context, view) {
  const top = app.data.tiers[0];
  if (!top || (app.tiles && app.state.show.tiles)) return;
  const [left, above] = [view.west * view.scale - view.left, view.north * view.scale - view.top];
  context.beginPath();
  context.rect(left - 9, above - 9, (view.east - view.west) * view.scale + 18, (view.south - view.north) * view.scale + 18);
  for (const unit of app.unitsOf(top.id)) if (isSeen(app.data.shapes, unit.at, view)) traceArea(context, app.data.shapes, unit.at, view);
  context.fillStyle = "rgba(255,255,255,.5)";
  context.fill("evenodd");
}

// Finest tier first: halos of a tier, then its lines, so that a bold border covers a thin one. Where units are small on the
// screen, borders are thin and have no halo: they would be all that is seen.
function paintBorders(app, context, view) {
  const { shapes } = app.data;
  context.lineJoin = "round";
  for (const border of BORDERS) {
    const tier = app.data.tiers[border.rank];
    const seen = tier ? app.unitsOf(tier.id).filter((unit) => isSeen(shapes, unit.at, view, 1.5)) : [];
    if (!seen.length) continue;
    const size = typicalPx(shapes, seen, view);
    const share = Math.min(1, size / 45);
    const outline = tier.id === "circle" && !app.state.show.circles ? null : border;
    const paints = outline ? [{ color: border.color, weight: Math.max(0.25, border.weight * share) }] : [];
    if (outline && size > 26) paints.unshift({ color: "rgba(255,255,255,.75)", weight: border.halo * share });
    for (const { color, weight } of paints) strokeBorders(context, shapes, seen, view, { color, weight });
  }
}

function strokeBorders(context, shapes, seen, view, { color, weight }) {
  Object.assign(context, { strokeStyle: color, lineWidth: weight });
  for (let from = 0; from < seen.length; from += 150) {
    context.beginPath();
    for (const unit of seen.slice(from, from + 150)) traceLine(context, shapes, unit.at, view, true);
    context.stroke();
  }
}

// The side of a unit on the screen, taken as the middle one of those in view.
function typicalPx({ box }, seen, { scale }) {
  const sides = seen.map(({ at }) => Math.sqrt((box[4 * at + 2] - box[4 * at]) * (box[4 * at + 3] - box[4 * at + 1])));
  return sides.sort((a, b) => a - b)[sides.length >> 1] * scale;
}

// The tiles of a basemap; those of a map that wants a token wait until there is one.
function drawTiles(app) {
  const { basemap } = app;
  if (!basemap.urls) return;
  if (app.tiles) app.tiles.remove();
  const token = basemap.token === null ? null : basemap.token || rememberedToken();
  if (token === "") return;
  const { subdomains, deepest: maxNativeZoom, attribution } = basemap;
  const options = { subdomains, maxNativeZoom, maxZoom: 20, attribution: escapeText(attribution), token: encodeURIComponent(token || "") };
  app.tiles = L.layerGroup(basemap.urls.map((url) => L.tileLayer(url, options)));
  if (app.state.show.tiles) app.tiles.addTo(app.map);
}

const TOKEN_KEY = "lifecircle-tianditu";
let heldToken = "";

function rememberedToken() {
  try {
    return heldToken || localStorage.getItem(TOKEN_KEY) || "";
  } catch (refused) {
    return heldToken;
  }
}

function rememberToken(token) {
  heldToken = token;
  try {
    localStorage.setItem(TOKEN_KEY, token);
  } catch (refused) {
    /* a page without storage asks again next time */
  }
}
