// What lies under the pointer: a facility before a dwelling, a dwelling before its unit. One tooltip for all.

function followPointer(app) {
  app.tooltip = L.tooltip({ direction: "auto", offset: [12, 0], opacity: 1, className: "lc-tooltip" });
  let last = null;
  app.map.on("mousemove", (event) => {
    const waiting = last !== null;
    last = event;
    if (!waiting) requestAnimationFrame(() => (look(app, last), (last = null)));
  });
  app.map.on("mouseout", () => (hover(app, null), app.tooltip.remove()));
  app.map.on("zoomstart movestart", () => app.tooltip.remove());
  app.map.on("click", (event) => press(app, event));
}

function look(app, { latlng, layerPoint }) {
  if (app.main.measuring) return null;
  const mark = markAt(app, layerPoint);
  const dot = mark ? null : dotAt(app, layerPoint);
  const unit = unitAt(app, latlng);
  hover(app, mark ? null : unit);
  app.map.getContainer().style.cursor = mark || unit ? "pointer" : "";
  const target = mark || dot || unit;
  if (!target) return app.tooltip.remove();
  // The same thing under the pointer keeps its tooltip, which only moves along.
  if (target === app.pointed && app.map.hasLayer(app.tooltip)) return app.tooltip.setLatLng(latlng);
  app.pointed = target;
  const tell = mark ? markTooltip : dot ? dotTooltip : unitTooltip;
  return showTooltip(app, latlng, tell(app, target));
}

function hover(app, unit) {
  const id = unit ? unit.id : null;
  if (id === app.state.hovered) return;
  app.state.hovered = id;
  app.main.panes.forEach(outlineUnits);
}

function press(app, { latlng, layerPoint }) {
  if (app.main.measuring) return addStop(app.main, latlng);
  const mark = markAt(app, layerPoint);
  if (mark && mark.members.length > 1) return spreadGroup(app, mark, latlng);
  if (mark) return app.main === app ? app.main.pin({ facility: mark.members[0].at }) : showTooltip(app, latlng, markTooltip(app, mark));
  const unit = unitAt(app, latlng);
  app.main.pin({ unit: unit ? unit.id : null });
  const dot = dotAt(app, layerPoint);
  if (dot) showTooltip(app, latlng, dotTooltip(app, dot));
}

// Closer, until the facilities stand apart; where they share a place, their names.
function spreadGroup(app, mark, latlng) {
  const bounds = L.latLngBounds(mark.members.map(({ lat, lon }) => [lat, lon]));
  const zoom = app.map.getBoundsZoom(bounds, false, L.point(80, 80));
  if (app.map.getZoom() >= app.map.getMaxZoom() || bounds.getNorthEast().equals(bounds.getSouthWest(), 1e-6)) {
    return showTooltip(app, latlng, markTooltip(app, mark));
  }
  return app.map.setView(bounds.getCenter(), Math.min(app.map.getMaxZoom(), Math.max(zoom, app.map.getZoom() + 1)), { animate: false });
}

function showTooltip(app, latlng, content) {
  app.tooltip.setContent(content).setLatLng(latlng).addTo(app.map);
}
