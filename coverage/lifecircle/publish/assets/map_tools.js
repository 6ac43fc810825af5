// Controls on the map: scale, north, zoom, whole, distances, full screen, paper.

function makeControls(app) {
  (app.controls || []).forEach((control) => control.remove());
  const first = app.main === app;
  app.controls = [
    L.control.attribution({ prefix: false, position: "bottomright" }).addAttribution(escapeText(app.data.attribution || "")),
    ...(first ? [toolBar(app)] : []),
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

const ICONS = {
  whole: "M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4",
  zoomIn: "M8 3v10M3 8h10",
  zoomOut: "M3 8h10",
  measure: "M1.5 11L11 1.5 14.5 5 5 14.5zM4 8.5l1.5 1.5M6.3 6.2L8.6 8.5M8.6 3.9l1.5 1.5",
  fullScreen: "M9 7l5-5M10 2h4v4M7 9l-5 5M6 14H2v-4",
  print: "M4 6V2h8v4M4 12H2V6h12v6h-2M4 10h8v4H4z",
};

function toolBar(app) {
  const bar = L.control({ position: "bottomright" });
  const uses = {
    whole: () => showWhole(app),
    zoomIn: () => app.map.zoomIn(),
    zoomOut: () => app.map.zoomOut(),
    measure: () => measure(app, !app.measuring),
    fullScreen: () => fullScreen(),
    print: () => (app.paperChoice.hidden = !app.paperChoice.hidden),
  };
  bar.onAdd = () => {
    const made = Object.keys(uses).map((key) => toolButton(app, key, uses[key]));
    app.paperChoice = paperChoice(app);
    const frame = el("div", { class: "leaflet-bar lc-tools", role: "toolbar", "aria-label": word(app, "tools") }, made, app.paperChoice);
    L.DomEvent.disableClickPropagation(frame);
    return frame;
  };
  return bar;
}

function toolButton(app, key, use) {
  const title = word(app, key);
  const pressed = key === "measure" ? { "aria-pressed": String(Boolean(app.measuring)) } : {};
  const icon = `<svg width="16" height="16" viewBox="0 0 16 16"><path d="${ICONS[key]}" fill="none" stroke="${INK}" stroke-width="1.5" stroke-linejoin="round"/></svg>`;
  return el("button", { type: "button", title, "aria-label": title, "data-tool": key, ...pressed, onclick: use }, drawing(icon));
}

function fullScreen() {
  if (document.fullscreenElement) document.exitFullscreen();
  else document.documentElement.requestFullscreen();
}

// Distances: from click to click, along the earth; ends with a double click or Esc.
function measure(app, on) {
  if (app.ruler) app.ruler.remove();
  app.ruler = null;
  app.measuring = on ? [] : null;
  app.map.getContainer().classList.toggle("lc-measuring", on);
  app.map.doubleClickZoom[on ? "disable" : "enable"]();
  app.frame.querySelectorAll(".lc-hint").forEach((hint) => hint.remove());
  app.tooltip.remove();
  if (on) app.frame.append(el("p", { class: "lc-hint lc-card", role: "status" }, word(app, "measureHow")));
  const button = app.map.getContainer().querySelector('[data-tool="measure"]');
  if (button) button.setAttribute("aria-pressed", String(on));
}

function addStop(app, latlng) {
  const stops = app.measuring;
  const last = stops[stops.length - 1];
  if (last && last.distanceTo(latlng) < 0.5) return endMeasure(app);
  stops.push(latlng);
  if (!app.ruler) app.ruler = L.layerGroup().addTo(app.map);
  app.ruler.clearLayers();
  const options = { renderer: app.renderers.outlines, pane: "outlines", interactive: false };
  app.ruler.addLayer(L.polyline(stops, { ...options, color: "#fff", weight: 5 }));
  app.ruler.addLayer(L.polyline(stops, { ...options, color: INK, weight: 2 }));
  stops.forEach((stop) => app.ruler.addLayer(L.circleMarker(stop, { ...options, radius: 3.5, color: INK, weight: 2, fillColor: "#fff", fillOpacity: 1 })));
  const metres = stops.slice(1).reduce((sum, stop, i) => sum + stops[i].distanceTo(stop), 0);
  const hint = app.frame.querySelector(".lc-hint");
  if (hint && stops.length > 1) hint.textContent = joined([lengthText(metres), word(app, "measureHow")]);
}

// The line and its length stay until the next click on the tool.
function endMeasure(app) {
  app.measuring = null;
  app.map.getContainer().classList.remove("lc-measuring");
  setTimeout(() => app.map.doubleClickZoom.enable(), 300);
  const button = app.map.getContainer().querySelector('[data-tool="measure"]');
  if (button) button.setAttribute("aria-pressed", "false");
}

function lengthText(metres) {
  return metres < 1000 ? `${Math.round(metres)} m` : `${(metres / 1000).toFixed(2)} km`;
}
