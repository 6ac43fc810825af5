// The ground, drawn from the inputs: land, water, greens, buildings, streets, walls; above it the borders of every tier.

const PANES = {
  ground: 210,
  buildings: 220,
  streets: 230,
  units: 300,
  borders: 320,
  bands: 330,
  outlines: 340,
  dwellings: 420,
  places: 600,
  labels: 640,
};

const STREETS = {
  path: { color: "#cdc8be", widths: [0, 0.7, 1.1], dashArray: "3 3" },
  minor: { color: "#d3cfc6", widths: [0.7, 1.4, 3.2] },
  major: { color: "#c3beb3", widths: [1.7, 3, 6] },
};

const BORDERS = [
  { rank: 2, color: "#8b949c", weight: 0.9, halo: 2.6 },
  { rank: 1, color: "#66717b", weight: 1.7, halo: 4.2 },
  { rank: 0, color: "#3d4852", weight: 2.8, halo: 6 },
];

// Panes in drawing order; only units and facility symbols take the pointer.
function makePanes(app) {
  app.renderers = {};
  for (const [name, height] of Object.entries(PANES)) {
    const pane = app.map.createPane(name);
    pane.style.zIndex = height;
    if (name !== "units" && name !== "places") pane.style.pointerEvents = "none";
    if (name === "places" || name === "labels") continue;
    const options = { pane: name, padding: 0.25 };
    app.renderers[name] = name === "units" || name === "outlines" ? L.svg(options) : L.canvas(options);
  }
}

function polygonOf(geometry, options) {
  const depth = geometry.type === "MultiPolygon" ? 2 : 1;
  return L.polygon(L.GeoJSON.coordsToLatLngs(geometry.coordinates, depth), { interactive: false, ...options });
}

function linesOf(geometry, options) {
  const depth = geometry.type === "MultiLineString" ? 1 : 0;
  return L.polyline(L.GeoJSON.coordsToLatLngs(geometry.coordinates, depth), { interactive: false, ...options });
}

// Areas and lines of a geometry of any type, drawn alike.
function shapesOf(geometry, options) {
  if (!geometry) return [];
  if (geometry.type === "GeometryCollection") return geometry.geometries.flatMap((part) => shapesOf(part, options));
  if (/Polygon$/.test(geometry.type)) return [polygonOf(geometry, options)];
  return /LineString$/.test(geometry.type) ? [linesOf(geometry, { ...options, fill: false })] : [];
}

function drawGround(app) {
  const { ground } = app.data;
  const flat = (pane, color) => ({ renderer: app.renderers[pane], pane, stroke: false, fillColor: color, fillOpacity: 1 });
  const areas = [
    ...shapesOf(ground.green, flat("ground", "#e3ecd9")),
    ...shapesOf(ground.water, { ...flat("ground", "#cfe3ee"), color: "#cfe3ee" }),
  ];
  areas.forEach((area) => area.addTo(app.map));
  app.buildings = L.layerGroup(shapesOf(ground.buildings, flat("buildings", "#e2ddd3")));
  app.streets = drawStreets(app);
  drawVeil(app);
  drawBorders(app);
}

function drawStreets(app) {
  const streets = app.data.ground.streets || {};
  const group = L.layerGroup();
  app.streetLines = [];
  for (const [name, style] of Object.entries(STREETS)) {
    const options = { renderer: app.renderers.streets, pane: "streets", color: style.color, dashArray: style.dashArray };
    for (const line of shapesOf(streets[name], options)) {
      app.streetLines.push({ line, widths: style.widths });
      group.addLayer(line);
    }
  }
  const wall = { renderer: app.renderers.streets, pane: "streets", color: "#a3988a" };
  for (const line of shapesOf(app.data.ground.barriers, wall)) {
    app.streetLines.push({ line, widths: [0, 0.6, 1.4] });
    group.addLayer(line);
  }
  return group;
}

// A line's width at this zoom, between its widths at the zooms 13, 15 and 17.
function widthAt(widths, zoom) {
  if (zoom <= 13) return widths[0];
  if (zoom >= 17) return widths[2];
  const [from, low, high] = zoom < 15 ? [13, widths[0], widths[1]] : [15, widths[1], widths[2]];
  return low + ((high - low) * (zoom - from)) / 2;
}

function widenStreets(app) {
  const zoom = app.map.getZoom();
  for (const { line, widths } of app.streetLines) {
    const weight = widthAt(widths, zoom);
    line.setStyle({ weight, stroke: weight > 0.15 });
  }
}

// A white veil over what lies outside the district, so that the eye stays inside.
function drawVeil(app) {
  const top = app.data.tiers.find((tier) => app.unitsOf(tier.id).length > 0);
  if (!top) return;
  const world = [[[-89, -360], [-89, 360], [89, 360], [89, -360]]];
  const holes = app.unitsOf(top.id).flatMap(({ geometry }) => {
    const parts = geometry.type === "MultiPolygon" ? geometry.coordinates : [geometry.coordinates];
    return parts.map((part) => L.GeoJSON.coordsToLatLngs(part[0], 0));
  });
  const options = { renderer: app.renderers.borders, pane: "borders", interactive: false };
  L.polygon([...world, ...holes], { ...options, stroke: false, fillColor: "#fff", fillOpacity: 0.5 }).addTo(app.map);
}

// Finest tier first: halos of a tier, then its lines, so that a bold border covers a thin one. One path per tier, however many units.
function drawBorders(app) {
  const options = { renderer: app.renderers.borders, pane: "borders", fill: false, lineJoin: "round" };
  for (const border of BORDERS) {
    const tier = app.data.tiers[border.rank];
    const parts = (tier ? app.unitsOf(tier.id) : []).flatMap(({ geometry }) =>
      geometry.type === "MultiPolygon" ? geometry.coordinates : [geometry.coordinates],
    );
    if (!parts.length) continue;
    const all = { type: "MultiPolygon", coordinates: parts };
    for (const paint of [{ color: "#fff", weight: border.halo, opacity: 0.75 }, { color: border.color, weight: border.weight }]) {
      polygonOf(all, { ...options, ...paint }).addTo(app.map);
    }
  }
}
