// Puts the map together: state, layers, controls, keyboard, print. Called once, with folium's map and the payload.

const WIDE_PX = 760;
const PAPER_PX = { width: 1122, height: 792 };

function draw(map, data) {
  const app = { map, data, state: firstState(data), tierLayers: {}, hovered: null, overFacility: null };
  window.lifecircle = {
    print: (size) => toPaper(app, size),
    restore: () => fromPaper(app),
    speak: (lang) => change(app, { lang }),
  };
  indexUnits(app);
  app.reachStates = () => ((data.dwellings || {}).state || {})[app.state.kind] || "";
  app.change = (changes) => change(app, changes);
  app.pin = (unitId) => pin(app, unitId);
  map.getContainer().setAttribute("aria-label", joined([say(app, data.title), word(app, "map")]));
  makePanes(app);
  makeFrame(app);
  makeControls(app);
  map.setMinZoom(3);
  showWhole(app);
  drawGround(app);
  app.places = L.layerGroup().addTo(map);
  app.outlines = L.layerGroup().addTo(map);
  app.dots = new Dots(app, { renderer: app.renderers.dwellings, pane: "dwellings", interactive: false }).addTo(map);
  followPointer(app);
  map.on("zoomend", () => (widenStreets(app), drawFacilities(app)));
  map.on("moveend", () => drawLabels(app));
  listenToKeys(app);
  listenToPrint(app);
  redraw(app);
  document.fonts.ready.then(() => (widths.clear(), drawLabels(app)));
}

function firstState(data) {
  const finest = [...data.tiers].reverse().find((tier) => data.units.some((unit) => unit.tier === tier.id));
  const tier = (finest || data.tiers[0]).id;
  return {
    lang: data.lang === "en" ? "en" : "zh",
    tier,
    rule: ruleFor(data, tier, null),
    kind: (data.kinds[0] || {}).id,
    unit: null,
    open: window.innerWidth > WIDE_PX,
    show: { units: true, facilities: true, r: true, n: true, u: true, streets: true, names: true },
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
  if ("lang" in changes) makeControls(app);
  redraw(app);
}

function redraw(app) {
  const { show } = app.state;
  document.documentElement.lang = app.state.lang === "zh" ? "zh-CN" : "en";
  for (const layer of [app.buildings, app.streets]) show.streets ? layer.addTo(app.map) : layer.remove();
  widenStreets(app);
  drawUnits(app);
  app.dots.redraw();
  drawFacilities(app);
  drawLabels(app);
  drawTitle(app);
  drawPanel(app);
  drawDetail(app);
}

function pin(app, unitId) {
  const before = app.state.unit;
  app.state.unit = unitId;
  document.body.classList.toggle("lc-pinned", Boolean(unitId));
  outlineUnits(app);
  drawDetail(app);
  if (unitId) app.detail.focus({ preventScroll: true });
  else if (before) app.finder.focus({ preventScroll: true });
}

function makeFrame(app) {
  app.titleBox = el("header", {});
  app.panel = el("section", {});
  app.detail = el("aside", {});
  app.finder = el("input", { type: "search", class: "lc-find", list: "lc-units", onchange: (event) => find(app, event.target) });
  app.finderNames = el("datalist", { id: "lc-units" }, app.data.units.map((unit) => el("option", { value: unit.name })));
  const left = el("div", { class: "lc-left" }, app.titleBox, app.detail);
  app.frame = el("div", { class: "lc-frame" }, left, app.panel);
  app.map.getContainer().before(app.frame);
}

// Goes to the unit of that name or, failing that, the first whose name holds it, in its own tier, and pins it.
function find(app, input) {
  const wanted = input.value.trim();
  const unit =
    wanted &&
    (app.data.units.find((one) => one.name === wanted || one.id === wanted) ||
      app.data.units.find((one) => one.name.includes(wanted)));
  if (!unit) return;
  input.value = "";
  if (unit.tier !== app.state.tier) change(app, { tier: unit.tier });
  const { bounds } = layersOfTier(app, unit.tier).find((layer) => layer.unit === unit);
  app.map.fitBounds(bounds, { ...roomForFrame(app), maxZoom: 16, animate: false });
  pin(app, unit.id);
}

function makeControls(app) {
  (app.controls || []).forEach((control) => control.remove());
  app.finder.placeholder = word(app, "find");
  app.finder.setAttribute("aria-label", word(app, "find"));
  app.controls = [
    L.control.attribution({ prefix: false, position: "bottomright" }).addAttribution(escapeText(app.data.attribution || "")),
    L.control.zoom({ position: "bottomright", zoomInTitle: word(app, "zoomIn"), zoomOutTitle: word(app, "zoomOut") }),
    wholeButton(app),
    L.control.scale({ imperial: false, maxWidth: 150, position: "bottomleft" }),
    northArrow(app),
  ];
  app.controls.forEach((control) => control.addTo(app.map));
}

function northArrow(app) {
  const north = L.control({ position: "bottomleft" });
  const letter = `<text x="15" y="10.5" text-anchor="middle" font-size="11" font-weight="700">${word(app, "north")}</text>`;
  const needle =
    `<path d="M15 13l6.5 20L15 28.5 8.5 33z" fill="#fff" stroke="${INK}" stroke-width="1.2" stroke-linejoin="round"/>` +
    '<path d="M15 13v15.5L8.5 33z"/>';
  north.onAdd = () =>
    drawing(`<svg width="30" height="40" viewBox="0 0 30 40" fill="${INK}">${needle}${letter}</svg>`, "lc-north");
  return north;
}

function wholeButton(app) {
  const whole = L.control({ position: "bottomright" });
  const corners =
    '<svg width="14" height="14" viewBox="0 0 14 14"><path d="M1 5V1h4M9 1h4v4M13 9v4H9M5 13H1V9" fill="none"' +
    ` stroke="${INK}" stroke-width="1.6"/></svg>`;
  whole.onAdd = () => {
    const title = word(app, "whole");
    const press = { type: "button", title, "aria-label": title, onclick: () => showWhole(app) };
    const button = el("button", press, drawing(corners));
    L.DomEvent.disableClickPropagation(button);
    return el("div", { class: "leaflet-bar lc-whole" }, button);
  };
  return whole;
}

// Free margins beside the title and the panel, where the screen is wide enough for both.
function roomForFrame(app) {
  const width = app.map.getSize().x;
  if (width <= WIDE_PX) {
    return app.before
      ? { paddingTopLeft: [22, 12], paddingBottomRight: [22, 24] }
      : { paddingTopLeft: [8, 84], paddingBottomRight: [8, 30] };
  }
  const panel = app.state.open ? 290 : 0;
  return { paddingTopLeft: [24, width < 1200 ? 90 : 24], paddingBottomRight: [panel + 24, 30] };
}

// The whole district as large as it goes, between two steps of the zoom if need be.
function showWhole(app) {
  const { options } = app.map;
  const step = options.zoomSnap;
  options.zoomSnap = 0;
  app.map.fitBounds(app.data.bounds, { ...roomForFrame(app), animate: false });
  options.zoomSnap = step;
}

function listenToKeys(app) {
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && app.state.unit) app.pin(null);
  });
}

// Alone, the map prints on one sheet; inside another page, that page says the size.
function listenToPrint(app) {
  window.addEventListener("beforeprint", () => window.top === window && toPaper(app, PAPER_PX));
  window.addEventListener("afterprint", () => window.top === window && fromPaper(app));
}

// A wide sheet has the legend beside the map, a narrow one below it.
function toPaper(app, { width, height }) {
  if (app.before) return;
  const narrow = width <= WIDE_PX;
  app.before = { center: app.map.getCenter(), zoom: app.map.getZoom(), retina: L.Browser.retina, open: app.state.open };
  L.Browser.retina = true;
  document.body.classList.add("lc-paper");
  document.body.classList.toggle("lc-narrow", narrow);
  Object.assign(app.frame.style, { width: `${width}px`, height: `${height}px` });
  app.change({ open: true });
  const legend = narrow ? app.panel.offsetHeight : 0;
  Object.assign(app.map.getContainer().style, { width: `${width}px`, height: `${height - legend}px` });
  app.map.invalidateSize({ animate: false, pan: false });
  showWhole(app);
}

function fromPaper(app) {
  if (!app.before) return;
  const { center, zoom, retina, open } = app.before;
  app.before = null;
  L.Browser.retina = retina;
  document.body.classList.remove("lc-paper", "lc-narrow");
  for (const one of [app.map.getContainer(), app.frame]) Object.assign(one.style, { width: "", height: "" });
  app.map.invalidateSize({ animate: false, pan: false });
  app.map.setView(center, zoom, { animate: false });
  app.change({ open });
}
