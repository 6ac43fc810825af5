// Sheets: everything that there is much of is drawn by one function on a canvas, from arrays, in the pixels of the moment.

const LEAST_PX = 0.7;

// A layer of Leaflet's canvas whose drawing is a function of the context and the view.
const Sheet = L.Path.extend({
  initialize(app, pane, paint) {
    L.setOptions(this, { renderer: app.renderers[pane], pane, interactive: false });
    this.paint = paint;
    this.app = app;
  },

  _project() {
    this._pxBounds = L.bounds([-1e9, -1e9], [1e9, 1e9]);
  },

  _update() {},

  _updatePath() {
    if (!this._renderer._drawing) return;
    const context = this._renderer._ctx;
    context.save();
    this.paint(context, viewOf(this.app, this._renderer._bounds));
    context.restore();
  },

  _containsPoint: () => false,

  repaint() {
    if (this._map) this.setStyle({});
  },
});

// What is needed to draw a place of the world, a square of side 1, and the part of it that is seen.
function viewOf(app, bounds) {
  const zoom = app.map.getZoom();
  const scale = 256 * 2 ** zoom;
  const origin = app.map.getPixelOrigin();
  const { min, max } = bounds || pixelFrame(app);
  return {
    zoom,
    scale,
    left: origin.x,
    top: origin.y,
    west: (min.x + origin.x) / scale,
    north: (min.y + origin.y) / scale,
    east: (max.x + origin.x) / scale,
    south: (max.y + origin.y) / scale,
  };
}

function pixelFrame(app) {
  const corner = app.map.containerPointToLayerPoint([0, 0]);
  return L.bounds(corner, corner.add(app.map.getSize()));
}

// Whether a shape is in view; what is smaller than a fraction of a pixel is not.
function isSeen({ box }, i, view, leastPx) {
  const [west, north, east, south] = [box[4 * i], box[4 * i + 1], box[4 * i + 2], box[4 * i + 3]];
  if (!(west < view.east && east > view.west && north < view.south && south > view.north)) return false;
  return Math.max(east - west, south - north) * view.scale >= (leastPx === undefined ? 0.4 : leastPx);
}

// The rings of an area as subpaths; corners that fall on the same pixel are left out.
function traceArea(context, { x, y, ring, shape }, i, { scale, left, top }) {
  for (let r = shape[i]; r < shape[i + 1]; r++) {
    let [lastX, lastY] = [x[ring[r]] * scale - left, y[ring[r]] * scale - top];
    context.moveTo(lastX, lastY);
    for (let j = ring[r] + 1; j < ring[r + 1]; j++) {
      const [pixelX, pixelY] = [x[j] * scale - left, y[j] * scale - top];
      if (Math.abs(pixelX - lastX) < LEAST_PX && Math.abs(pixelY - lastY) < LEAST_PX) continue;
      context.lineTo(pixelX, pixelY);
      [lastX, lastY] = [pixelX, pixelY];
    }
    context.closePath();
  }
}

// Lines as subpaths, without the stretches that lie outside the view: dashes out there would be drawn one by one.
function traceLine(context, { x, y, ring, shape }, i, view, closed) {
  for (let r = shape[i]; r < shape[i + 1]; r++) {
    const [first, end] = [ring[r], ring[r + 1]];
    let drawn = false;
    let lastX = x[first] * view.scale - view.left;
    let lastY = y[first] * view.scale - view.top;
    for (let k = first + 1; k < end + (closed ? 1 : 0); k++) {
      const [j, before] = [k < end ? k : first, k - 1];
      const pixelX = x[j] * view.scale - view.left;
      const pixelY = y[j] * view.scale - view.top;
      if (k < end - 1 && Math.abs(pixelX - lastX) < LEAST_PX && Math.abs(pixelY - lastY) < LEAST_PX) continue;
      const outside =
        (x[j] < view.west && x[before] < view.west) || (x[j] > view.east && x[before] > view.east) ||
        (y[j] < view.north && y[before] < view.north) || (y[j] > view.south && y[before] > view.south);
      if (outside) drawn = false;
      else {
        if (!drawn) context.moveTo(lastX, lastY);
        context.lineTo(pixelX, pixelY);
        drawn = true;
      }
      [lastX, lastY] = [pixelX, pixelY];
    }
  }
}

// Whether a place of the world lies inside an area: an odd number of its sides lie to the west.
function holdsPlace({ x, y, ring, shape }, i, px, py) {
  let inside = false;
  for (let r = shape[i]; r < shape[i + 1]; r++) {
    for (let j = ring[r], k = ring[r + 1] - 1; j < ring[r + 1]; k = j++) {
      if (y[j] > py !== y[k] > py && px < ((x[k] - x[j]) * (py - y[j])) / (y[k] - y[j]) + x[j]) inside = !inside;
    }
  }
  return inside;
}

// Boxes found by a place in them, through a grid of cells; `boxAt(key)` is [west, north, east, south] of the world.
function boxFinder(keys, boxAt) {
  const boxes = keys.map((key) => [key, boxAt(key)]).filter(([, box]) => box[0] <= box[2]);
  const [west, north] = [0, 1].map((side) => boxes.reduce((least, [, box]) => Math.min(least, box[side]), Infinity));
  const [east, south] = [2, 3].map((side) => boxes.reduce((most, [, box]) => Math.max(most, box[side]), -Infinity));
  const n = Math.max(1, Math.min(200, Math.ceil(Math.sqrt(boxes.length))));
  const column = (x) => Math.min(n - 1, Math.max(0, Math.floor(((x - west) / (east - west || 1)) * n)));
  const row = (y) => Math.min(n - 1, Math.max(0, Math.floor(((y - north) / (south - north || 1)) * n)));
  const cells = new Map();
  for (const [key, box] of boxes) {
    for (let i = column(box[0]); i <= column(box[2]); i++) {
      for (let j = row(box[1]); j <= row(box[3]); j++) {
        const cell = i * n + j;
        if (cells.has(cell)) cells.get(cell).push(key);
        else cells.set(cell, [key]);
      }
    }
  }
  return (x, y) => cells.get(column(x) * n + row(y)) || [];
}
