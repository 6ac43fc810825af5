// Puts the map together: state, layers, controls, keyboard. Called once, with folium's map; the page holds the data.

const WIDE_PX = 760;

async function draw(map) {
  try {
    const packs = await Promise.all([opened("lifecircle-payload-0"), opened("lifecircle-payload-1")]);
    const basemap = JSON.parse(document.getElementById("lifecircle-basemap").textContent);
    const app = start(map, packs.filter(Boolean).map(unpacked), basemap);
    // Reasons are most of the text: they are opened when everything stands.
    for (const [i, pane] of app.panes.entries()) pane.reasons = await opened(`lifecircle-reasons-${i}`);
    if (app.state.unit) drawDetail(app);
  } catch (problem) {
    if (typeof DecompressionStream !== "undefined") throw problem;
    map.getContainer().append(el("p", { class: "lc-too-old", role: "alert" }, joined([WORDS.tooOld.zh, WORDS.tooOld.en], " ")));
  }
}

function start(map, [data, other], basemap) {
  const app = { map, data, basemap, state: firstState(data), panes: [] };
  app.main = app;
  app.panes.push(app);
  app.change = (changes) => change(app, changes);
  app.pin = (pinned) => pin(app, pinned);
  map.setMinZoom(3);
  if (other) makeTwin(app, other);
  if (other && window.innerWidth < 1600) app.state.open = false;
  makeFrame(app);
  app.panes.forEach(preparePane);
  nameTwins(app);
  drawTitle(app);
  drawPanel(app);
  app.panes.forEach(makeControls);
  showWhole(app);
  app.panes.forEach((pane) => (drawGround(pane), drawTiles(pane), followPointer(pane)));
  listenToKeys(app);
  listenToPrint(app);
  redraw(app);
  document.fonts.ready.then(() => (widths.clear(), app.panes.forEach(drawLabels)));
  const speak = (lang) => change(app, { lang });
  const print = (size) => toPaper(app, size);
  const placeOf = ({ x, y }) => [latOf(y), lonOf(x)];
  const paper = (name) => choosePaper(app, name);
  // For the page around the map, and for whoever tests it.
  window.lifecircle = { print, restore: () => fromPaper(app), speak, app, placeOf, gridded, choosePaper: paper, opened: performance.now() };
  return app;
}

function preparePane(app) {
  indexUnits(app);
  app.map.getContainer().setAttribute("aria-label", joined([say(app, app.data.title), word(app, "map")]));
  makePanes(app);
  app.outlines = L.layerGroup().addTo(app.map);
  // Names follow in a task of their own, so that a large map moves without a stop.
  let waiting = null;
  app.map.on("zoomstart", () => app.map.getPane("labels").replaceChildren());
  app.map.on("moveend", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => drawLabels(app), 40);
  });
}

function firstState(data) {
  const finest = [...data.tiers].reverse().find((tier) => data.units.some((unit) => unit.tier === tier.id));
  const tier = ((finest || data.tiers[0]) || { id: null }).id;
  return {
    lang: data.lang === "en" ? "en" : "zh",
    tier,
    rule: ruleFor(data, tier, null),
    kind: (data.kinds[0] || {}).id,
    walk: 0,
    mode: "reach",
    unit: null,
    facility: null,
    hovered: null,
    without: [],
    hidden: [],
    open: window.innerWidth > WIDE_PX,
    show: { units: true, facilities: true, r: true, n: true, u: true, b0: true, b1: true, b2: true, streets: true, circles: true, names: true, tiles: true },
  };
}

// The rule kept if this tier has it, otherwise the tier's first.
function ruleFor(data, tier, ruleId) {
  const rules = data.rules.filter((rule) => rule.tiers.includes(tier));
  return (rules.find((rule) => rule.id === ruleId) || rules[0] || { id: null }).id;
}

function indexUnits(app) {
  app.unitById = new Map(app.data.units.map((unit) => [unit.id, unit]));
  const byTier = new Map(app.data.tiers.map((tier) => [tier.id, []]));
  app.data.units.forEach((unit) => byTier.has(unit.tier) && byTier.get(unit.tier).push(unit));
  app.unitsOf = (tierId) => byTier.get(tierId) || [];
}

// Every change of what is shown goes through here.
function change(app, changes) {
  Object.assign(app.state, changes);
  app.state.rule = ruleFor(app.data, app.state.tier, app.state.rule);
  if ("lang" in changes) {
    app.panes.forEach(makeControls);
    nameSearch(app);
    nameTwins(app);
    drawTitle(app);
  }
  redraw(app);
}

function redraw(app) {
  const { state } = app;
  app.panes.forEach((pane) => (pane.pointed = null));
  document.documentElement.lang = state.lang === "zh" ? "zh-CN" : "en";
  for (const pane of app.panes) {
    pane.ground.repaint();
    if (pane.tiles) state.show.tiles ? pane.tiles.addTo(pane.map) : pane.tiles.remove();
    drawUnits(pane);
    drawDwellings(pane);
    drawFacilities(pane);
    drawLabels(pane);
  }
  drawPanel(app);
  drawDetail(app);
}

// Pins a unit, a facility or nothing.
function pin(app, { unit = null, facility = null }) {
  const before = app.state.unit !== null || app.state.facility !== null;
  Object.assign(app.state, { unit, facility });
  const had = app.catchment;
  app.catchment = facility === null ? null : catchmentOf(app, app.data.facilities[facility]);
  document.body.classList.toggle("lc-pinned", unit !== null || facility !== null);
  app.panes.forEach(outlineUnits);
  if (had || app.catchment) drawDwellings(app);
  drawFacilities(app);
  drawDetail(app);
  if (unit !== null || facility !== null) showPinned(app);
  else if (before) app.map.getContainer().focus({ preventScroll: true });
}

// The card takes the focus; on a narrow screen what it tells of moves to the part of the map that it leaves free.
function showPinned(app) {
  app.detail.focus({ preventScroll: true });
  if (app.map.getSize().x > WIDE_PX || app.before) return;
  const { x, y } = app.unitById.get(app.state.unit) || app.data.facilities[app.state.facility];
  const place = app.map.latLngToContainerPoint([latOf(y), lonOf(x)]);
  const middle = (app.titleBox.offsetHeight + app.map.getSize().y - app.detail.offsetHeight) / 2;
  app.map.panBy([place.x - app.map.getSize().x / 2, place.y - middle], { animate: false });
}

function makeFrame(app) {
  makeSearch(app);
  app.titleBox = el("header", {});
  app.panel = el("section", {});
  app.detail = el("aside", {});
  const left = el("div", { class: "lc-left" }, app.titleBox, app.detail);
  app.frame = el("div", { class: "lc-frame" }, left, app.panel);
  app.map.getContainer().before(app.frame);
}

function drawTitle(app) {
  const { data } = app;
  const made = el(
    "header",
    { class: "lc-title lc-card" },
    el("h1", {}, app.twin ? joined([data.name, word(app, "beside")]) : say(app, data.title)),
    say(app, data.subtitle) ? el("p", { class: "lc-subtitle" }, say(app, data.subtitle)) : null,
    el("p", { class: "lc-source" }, joined([`${word(app, "dataDate")} ${app.panes.map((pane) => pane.data.date).join(" / ")}`, say(app, data.source)])),
    app.search.box,
  );
  app.titleBox.replaceWith(made);
  app.titleBox = made;
}

// Free margins beside the panel, and below or beside the title, whichever leaves the district larger.
function roomForFrame(app, [left, top] = [0, 0]) {
  const width = app.map.getSize().x;
  if (width <= WIDE_PX && !app.twin) {
    return app.before
      ? { paddingTopLeft: [22, 12], paddingBottomRight: [22, 24] }
      : { paddingTopLeft: [8, app.titleBox.offsetHeight + 20], paddingBottomRight: [8, 40] };
  }
  if (app.twin) return { paddingTopLeft: [16, app.titleBox.offsetHeight + 30], paddingBottomRight: [16, 70] };
  const panel = app.state.open ? 306 : 0;
  return { paddingTopLeft: [24 + left, 24 + top], paddingBottomRight: [panel + 24, 58] };
}

// The whole district as large as it goes, between two steps of the zoom if need be, and not under the title.
function showWhole(app) {
  const { options } = app.map;
  const step = options.zoomSnap;
  options.zoomSnap = 0;
  const box = app.titleBox;
  const places = [[0, 0], [box.offsetWidth + 16, 0], [0, box.offsetHeight + 16]].map((aside) => {
    const room = roomForFrame(app, aside);
    const { center, zoom } = app.map._getBoundsCenterZoom(L.latLngBounds(app.data.bounds), room);
    return { room, zoom, clear: !isUnderTitle(app, center, zoom) };
  });
  const best = places.filter(({ clear }) => clear).sort((a, b) => b.zoom - a.zoom)[0] || places[0];
  app.map.fitBounds(app.data.bounds, { ...best.room, animate: false });
  options.zoomSnap = step;
}

// Whether any corner would lie in the upper left, where the title is.
function isUnderTitle(app, center, zoom) {
  const { shapes } = app.data;
  const scale = 256 * 2 ** zoom;
  const { x: width, y: height } = app.map.getSize();
  const { offsetWidth, offsetHeight } = app.titleBox;
  const east = worldX(center.lng) + (14 + offsetWidth + 12 - width / 2) / scale;
  const south = worldY(center.lat) + (14 + offsetHeight + 12 - height / 2) / scale;
  for (let i = 0; i < shapes.x.length; i++) if (shapes.x[i] < east && shapes.y[i] < south) return true;
  return false;
}

function listenToKeys(app) {
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && (app.measuring || app.ruler)) measure(app, false);
    else if (event.key === "Escape") app.pin({});
    else if (event.key === "/" && !/INPUT|SELECT|TEXTAREA/.test(event.target.tagName)) (event.preventDefault(), app.search.input.focus());
  });
}
