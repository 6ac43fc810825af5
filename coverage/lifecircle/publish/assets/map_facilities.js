// Facilities as symbols on one canvas: shape and character by kind, hollow where they do not count, a number where many stand together.

const CLUSTER_PX = 32;
const CROWDED_PX = 46;
const LEAST_TOGETHER = 5;
const CROWDED = 250; // from so many in a district, two that overlap are drawn as one

function symbolSize(zoom) {
  return Math.round(Math.max(14, Math.min(24, 14 + (zoom - 13) * 3)));
}

function isListed(app, facility) {
  return app.state.show.facilities && !app.state.hidden.includes(facility.kind);
}

// What is drawn at a zoom: single facilities and groups, in cells of a grid that stays where it is when the map moves.
function marksAt(app, zoom) {
  const key = joined([zoom, app.state.kind, app.state.hidden.join(" "), app.state.show.facilities, app.state.facility], "|");
  if (app.marked && app.marked.key === key) return app.marked.marks;
  const crowded = app.data.facilities.length > CROWDED;
  const side = (crowded ? CROWDED_PX : CLUSTER_PX) / (256 * 2 ** zoom);
  const cells = new Map();
  for (const facility of app.data.facilities.filter((one) => isListed(app, one))) {
    const cell = `${Math.floor(facility.x / side)},${Math.floor(facility.y / side)}`;
    if (cells.has(cell)) cells.get(cell).push(facility);
    else cells.set(cell, [facility]);
  }
  const least = crowded ? 2 : LEAST_TOGETHER;
  const marks = [...cells.values()].flatMap((members) => (members.length < least ? members.map(single) : [together(members)]));
  marks.sort((a, b) => rankOf(app, a) - rankOf(app, b));
  app.marked = { key, marks };
  return marks;
}

const single = (facility) => ({ x: facility.x, y: facility.y, members: [facility] });

function together(members) {
  const mean = (axis) => members.reduce((sum, one) => sum + one[axis], 0) / members.length;
  return { x: mean("x"), y: mean("y"), members };
}

// The chosen kind is drawn last, and the pinned facility after all.
function rankOf(app, { members }) {
  if (members.some((one) => one.at === app.state.facility)) return 3;
  return members.length > 1 ? 2 : Number(members[0].kind === app.state.kind);
}

function drawFacilities(app) {
  if (!app.marks) app.marks = new Sheet(app, "places", (context, view) => paintFacilities(app, context, view)).addTo(app.map);
  app.marks.repaint();
}

function paintFacilities(app, context, view) {
  const margin = 20 / view.scale;
  const size = symbolSize(view.zoom);
  for (const mark of marksAt(app, view.zoom)) {
    if (mark.x < view.west - margin || mark.x > view.east + margin || mark.y < view.north - margin || mark.y > view.south + margin) continue;
    const [x, y] = [mark.x * view.scale - view.left, mark.y * view.scale - view.top];
    if (mark.members.length > 1) paintGroup(context, x, y, mark.members.length);
    else paintSymbol(app, context, x, y, mark.members[0], size);
    if (mark.members.some((one) => one.at === app.state.facility)) paintRing(context, x, y, size);
  }
}

function paintSymbol(app, context, x, y, facility, size) {
  const pixels = markPx(app, facility, size);
  const sprite = spriteOf(app, facility, pixels);
  context.drawImage(sprite, x - pixels / 2 - 1, y - pixels / 2 - 1, pixels + 2, pixels + 2);
}

function markPx(app, facility, size) {
  return facility.kind === app.state.kind ? size : Math.round(size * 0.9);
}

function paintGroup(context, x, y, n) {
  const radius = groupPx(n);
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  Object.assign(context, { fillStyle: "rgba(255,255,255,.94)", strokeStyle: "#4a5560", lineWidth: 1.6 });
  context.fill();
  context.stroke();
  Object.assign(context, { fillStyle: INK, font: `600 11px ${LABEL_FONT}`, textAlign: "center", textBaseline: "middle" });
  context.fillText(String(n), x, y + 0.5);
}

const groupPx = (n) => 7.5 + 1.3 * Math.log2(n);

function paintRing(context, x, y, size) {
  context.beginPath();
  context.arc(x, y, size / 2 + 4, 0, 2 * Math.PI);
  Object.assign(context, { strokeStyle: INK, lineWidth: 2.4 });
  context.stroke();
}

// A symbol painted once for each kind, size and look.
function spriteOf(app, facility, pixels) {
  const chosen = facility.kind === app.state.kind;
  const ratio = L.Browser.retina ? 2 : 1;
  const key = joined([facility.kind, facility.counted, chosen, pixels, ratio], "|");
  app.sprites = app.sprites || new Map();
  if (app.sprites.has(key)) return app.sprites.get(key);
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = (pixels + 2) * ratio;
  const context = canvas.getContext("2d");
  context.scale((ratio * pixels) / 20, (ratio * pixels) / 20);
  context.translate(20 / pixels, 20 / pixels);
  const { index, color, text } = symbolLook(app, facility.kind);
  Object.assign(context, { fillStyle: facility.counted ? color : "#fff", strokeStyle: facility.counted ? "#fff" : color, lineWidth: 1.5, lineJoin: "round" });
  if (!facility.counted) context.setLineDash([2.6, 1.7]);
  const outline = new Path2D(SHAPES[index % SHAPES.length]);
  context.fill(outline);
  context.stroke(outline);
  Object.assign(context, { fillStyle: facility.counted ? "#fff" : color, font: `600 10px ${LABEL_FONT}`, textAlign: "center", textBaseline: "alphabetic" });
  context.fillText(text, 10, 13.6);
  app.sprites.set(key, canvas);
  return canvas;
}

// The mark under a point of the layer, the uppermost; null if none.
function markAt(app, point) {
  const view = viewOf(app);
  const size = symbolSize(view.zoom);
  const marks = marksAt(app, view.zoom);
  for (let i = marks.length - 1; i >= 0; i--) {
    const { x, y, members } = marks[i];
    const radius = members.length > 1 ? groupPx(members.length) : markPx(app, members[0], size) / 2 + 1;
    if (Math.hypot(x * view.scale - view.left - point.x, y * view.scale - view.top - point.y) <= radius) return marks[i];
  }
  return null;
}

function markTooltip(app, { members }) {
  if (members.length === 1) return facilityTooltip(app, members[0]);
  const names = members.slice(0, 6).map((one) => el("span", {}, one.name));
  const more = members.length > 6 ? el("span", { class: "lc-quiet" }, `+ ${members.length - 6}`) : null;
  return el("div", { class: "lc-tip" }, el("strong", {}, `${counted(members.length)} ${word(app, "facilities")}`), names, more);
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

// The dwellings that reach this kind and have no nearer facility of it as the crow flies; null without walks.
function catchmentOf(app, facility) {
  const { dwellings, facilities } = app.data;
  const walk = walkOf(app);
  const states = walk && walk.state[facility.kind];
  const serves = (one) => one.kind === facility.kind && one.inReach !== "" && one.inReach !== "0";
  if (!states || !serves(facility)) return null;
  const others = facilities.filter((one) => serves(one) && one.at !== facility.at);
  const members = new Uint8Array(dwellings.n);
  for (let i = 0; i < dwellings.n; i++) {
    if (states[i] !== "r") continue;
    const far = (one) => (one.x - dwellings.x[i]) ** 2 + (one.y - dwellings.y[i]) ** 2;
    const own = far(facility);
    members[i] = Number(!others.some((one) => far(one) < own));
  }
  const households = dwellings.households.reduce((sum, number, i) => sum + (members[i] ? number || 0 : 0), 0);
  return { members, households, n: members.reduce((sum, one) => sum + one, 0) };
}
