// Dwellings as sized dots on one canvas path, facilities as symbols, and the tooltip that follows the pointer.

const CELL_PX = 32;

// All dwellings as one path: projected once per zoom, drawn state by state, found again through a grid.
const Dots = L.Path.extend({
  initialize(app, options) {
    L.setOptions(this, options);
    this.app = app;
    const { lon, lat } = app.data.dwellings;
    this.base = lon.map((x, index) => L.CRS.EPSG3857.latLngToPoint(L.latLng(lat[index], x), 0));
  },

  _project() {
    const zoom = this._map.getZoom();
    const origin = this._map.getPixelOrigin();
    const scale = 2 ** zoom;
    this.points = this.base.map(({ x, y }) => ({ x: x * scale - origin.x, y: y * scale - origin.y }));
    this.radii = this.app.data.dwellings.households.map((households) => dotRadius(households, zoom));
    this.cells = null;
    this._pxBounds = L.bounds([-1e9, -1e9], [1e9, 1e9]);
  },

  _update() {
    if (this._map) this._updatePath();
  },

  _updatePath() {
    if (!this._renderer._drawing) return;
    const { show } = this.app.state;
    const view = this._renderer._bounds;
    for (const state of ["r", "u", "n"]) if (show[state]) this._drawState(this._renderer._ctx, view, state);
  },

  _drawState(context, view, state) {
    const states = this.app.reachStates();
    context.beginPath();
    this.points.forEach(({ x, y }, index) => {
      if (states[index] !== state || x < view.min.x || x > view.max.x || y < view.min.y || y > view.max.y) return;
      const radius = this.radii[index] * (state === "r" ? 0.8 : 1);
      if (state === "u") context.rect(x - radius * 0.9, y - radius * 0.9, radius * 1.8, radius * 1.8);
      else {
        context.moveTo(x + radius, y);
        context.arc(x, y, radius, 0, 2 * Math.PI);
      }
    });
    context.fillStyle = state === "r" ? `rgba(27,127,121,${this._map.getZoom() < 14.5 ? 0.5 : 0.65})` : "rgba(255,255,255,.85)";
    context.fill();
    if (state === "r") return;
    context.setLineDash([]);
    context.strokeStyle = REACH[state].color;
    context.lineWidth = Math.min(state === "n" ? 1.9 : 1.4, 0.5 + 0.09 * this._map.getZoom());
    context.stroke();
  },

  _containsPoint: () => false,

  // Index of the shown dwelling under a point, the nearest one; -1 if none.
  at(point) {
    if (!this._map || !this.points) return -1;
    const states = this.app.reachStates();
    let best = -1;
    let least = Infinity;
    for (const index of this._near(point)) {
      const distance = Math.hypot(this.points[index].x - point.x, this.points[index].y - point.y);
      if (distance > this.radii[index] + 3 || distance >= least || !this.app.state.show[states[index]]) continue;
      [best, least] = [index, distance];
    }
    return best;
  },

  _near(point) {
    if (!this.cells) {
      this.cells = new Map();
      this.points.forEach(({ x, y }, index) => {
        const key = `${Math.floor(x / CELL_PX)},${Math.floor(y / CELL_PX)}`;
        if (this.cells.has(key)) this.cells.get(key).push(index);
        else this.cells.set(key, [index]);
      });
    }
    const found = [];
    const [column, row] = [Math.floor(point.x / CELL_PX), Math.floor(point.y / CELL_PX)];
    for (let x = column - 1; x <= column + 1; x++) {
      for (let y = row - 1; y <= row + 1; y++) found.push(...(this.cells.get(`${x},${y}`) || []));
    }
    return found;
  },
});

// The dot's area goes with its households, and grows with the zoom.
function dotRadius(households, zoom) {
  const scale = 0.36 * 2 ** ((Math.min(zoom, 18) - 14) * 0.5);
  return Math.min(14, Math.max(1.5, scale * Math.sqrt(households === null ? 12 : households)));
}

function dwellingTooltip(app, index) {
  const { name, households, minutes } = app.data.dwellings;
  const state = app.reachStates()[index];
  const kind = app.data.kinds.find((one) => one.id === app.state.kind);
  const size = households[index] === null ? word(app, "countUnknown") : `${counted(households[index])} ${word(app, "households")}`;
  const walked = ((minutes || {})[app.state.kind] || [])[index];
  const walk = walked ? `${walked} ${word(app, "minutes")}` : "";
  return el(
    "div",
    { class: "lc-tip" },
    el("strong", {}, (name || [])[index] || word(app, "dwelling")),
    el("span", { class: "lc-quiet" }, size),
    el("span", { class: `lc-reach lc-reach-${state}` }, el("b", {}, word(app, REACH[state].word)), joined([say(app, kind), walk])),
  );
}

function facilityTooltip(app, facility) {
  const kind = app.data.kinds.find((one) => one.id === facility.kind);
  return el(
    "div",
    { class: "lc-tip" },
    el("strong", {}, facility.name),
    el("span", { class: "lc-quiet" }, joined([say(app, kind), say(app, facility.area), say(app, facility.status)])),
    say(app, facility.ledger) ? el("span", {}, say(app, facility.ledger)) : null,
  );
}

function symbolSize(zoom) {
  return Math.round(Math.max(11, Math.min(24, 11 + (zoom - 13) * 4)));
}

function drawFacilities(app) {
  const size = symbolSize(app.map.getZoom());
  const key = joined([size, app.state.kind, app.state.show.facilities], "|");
  if (key === app.facilityKey) return;
  app.facilityKey = key;
  app.places.clearLayers();
  if (!app.state.show.facilities) return;
  for (const facility of app.data.facilities) {
    const chosen = facility.kind === app.state.kind;
    const pixels = chosen ? size : Math.round(size * 0.86);
    const icon = L.divIcon({
      className: "lc-facility",
      html: facilitySymbol(app, facility.kind, facility.counted, pixels),
      iconSize: [pixels, pixels],
    });
    const marker = L.marker([facility.lat, facility.lon], { icon, pane: "places", keyboard: false, zIndexOffset: chosen ? 500 : 0 });
    marker.on("mouseover", () => (app.overFacility = facility));
    marker.on("mouseout", () => ((app.overFacility = null), app.tooltip.remove()));
    marker.on("click", () => showTooltip(app, marker.getLatLng(), facilityTooltip(app, facility)));
    app.places.addLayer(marker);
  }
}

function showTooltip(app, latlng, content) {
  app.tooltip.setContent(content).setLatLng(latlng).addTo(app.map);
}

// True if a dwelling is drawn there, and then its tooltip is open.
function showDwellingAt(app, point, latlng) {
  const index = app.dots.at(point);
  if (index < 0) return false;
  showTooltip(app, latlng, dwellingTooltip(app, index));
  return true;
}

// One tooltip for all: a facility before a dwelling, a dwelling before its unit.
function followPointer(app) {
  app.tooltip = L.tooltip({ direction: "auto", offset: [12, 0], opacity: 1, className: "lc-tooltip" });
  app.map.on("mousemove", ({ latlng, layerPoint }) => {
    if (app.overFacility) showTooltip(app, latlng, facilityTooltip(app, app.overFacility));
    else if (showDwellingAt(app, layerPoint, latlng)) return;
    else if (app.hovered) showTooltip(app, latlng, unitTooltip(app, app.hovered));
    else app.tooltip.remove();
  });
  app.map.on("mouseout zoomstart", () => app.tooltip.remove());
}
