// Units of the chosen tier: filled by the verdict on the chosen rule, outlined by a band inside the border.

// A polygon on canvas whose outline stays inside it, so that neighbours never paint over each other.
const Band = L.Polygon.extend({
  _updatePath() {
    const renderer = this._renderer;
    if (!renderer._drawing || !this._parts.length) return;
    const context = renderer._ctx;
    context.save();
    context.beginPath();
    for (const ring of this._parts) {
      ring.forEach((point, index) => (index ? context.lineTo(point.x, point.y) : context.moveTo(point.x, point.y)));
      context.closePath();
    }
    context.clip("evenodd");
    context.lineCap = "round";
    renderer._updatePoly(this, true);
    context.restore();
  },
});

function verdictOf(app, unit) {
  return (unit.verdicts || {})[app.state.rule] || null;
}

function layersOfTier(app, tierId) {
  if (!app.tierLayers[tierId]) {
    const units = app.unitsOf(tierId).map((unit) => {
      const fill = polygonOf(unit.geometry, {
        renderer: app.renderers.units,
        pane: "units",
        interactive: true,
        stroke: false,
        className: "lc-unit",
      });
      const depth = unit.geometry.type === "MultiPolygon" ? 2 : 1;
      const rings = L.GeoJSON.coordsToLatLngs(unit.geometry.coordinates, depth);
      const band = new Band(rings, { renderer: app.renderers.bands, pane: "bands", fill: false, interactive: false });
      listenToUnit(app, unit, fill);
      return { unit, fill, band, bounds: fill.getBounds() };
    });
    app.tierLayers[tierId] = units;
  }
  return app.tierLayers[tierId];
}

function listenToUnit(app, unit, fill) {
  fill.on("mouseover", () => hoverUnit(app, unit));
  fill.on("mouseout", () => hoverUnit(app, null));
  fill.on("click", (event) => {
    if (!showDwellingAt(app, event.layerPoint, event.latlng)) app.pin(unit.id);
  });
}

function hoverUnit(app, unit) {
  app.hovered = unit;
  outlineUnits(app);
  if (!unit) app.tooltip.remove();
}

// The hovered and the pinned unit in ink, above everything painted of units.
function outlineUnits(app) {
  app.outlines.clearLayers();
  const pinned = app.unitById.get(app.state.unit);
  for (const [unit, weight] of [[app.hovered, 2], [pinned, 3.2]]) {
    if (!unit) continue;
    const options = { renderer: app.renderers.outlines, pane: "outlines", fill: false, color: INK, weight, lineJoin: "round" };
    app.outlines.addLayer(polygonOf(unit.geometry, options));
  }
}

function drawUnits(app) {
  const { tier, show } = app.state;
  if (app.shownTier && app.shownTier !== tier) {
    layersOfTier(app, app.shownTier).forEach(({ fill, band }) => (fill.remove(), band.remove()));
  }
  app.shownTier = tier;
  for (const { unit, fill, band } of layersOfTier(app, tier)) {
    const found = verdictOf(app, unit);
    const look = found && show.units ? VERDICTS[found.verdict] || VERDICTS.unknown : null;
    fill.setStyle({ fillColor: look ? look.fill : "#fff", fillOpacity: look ? look.opacity : 0 }).addTo(app.map);
    paintBand(app, band, look);
  }
  addHatch(app);
  outlineUnits(app);
}

// Canvas strokes are centred on the border and half of them is clipped, hence twice the width.
function paintBand(app, band, look) {
  if (!look) return band.remove();
  const { width, opacity, dash } = look.band;
  band.options.dashArray = dash || null;
  return band.setStyle({ color: look.color, weight: width * 2, opacity }).addTo(app.map);
}

function addHatch(app) {
  const frame = app.renderers.units._container;
  if (!frame || frame.querySelector("#lc-hatch")) return;
  const definitions = document.createElementNS("http://www.w3.org/2000/svg", "defs");
  definitions.innerHTML = HATCH;
  frame.prepend(definitions);
}

function unitTooltip(app, unit) {
  const found = verdictOf(app, unit);
  const tier = app.data.tiers.find((one) => one.id === unit.tier);
  const size = unit.households === null ? word(app, "countUnknown") : `${counted(unit.households)} ${word(app, "households")}`;
  return el(
    "div",
    { class: "lc-tip" },
    el("strong", {}, unit.name),
    el("span", { class: "lc-quiet" }, joined([say(app, tier), size])),
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
