// The map on paper: one sheet, A4 or A3 across, with title, legend, scale, source; controls stay behind.

const PAPERS = { A4: { width: 1122, height: 792 }, A3: { width: 1586, height: 1121 } };

function paperChoice(app) {
  const button = (name) => el("button", { type: "button", "data-paper": name, onclick: () => printOn(app, name) }, name);
  return el("div", { class: "lc-papers lc-card", role: "group", "aria-label": word(app, "print"), hidden: true }, Object.keys(PAPERS).map(button));
}

function printOn(app, name) {
  app.paperChoice.hidden = true;
  choosePaper(app, name);
  window.print();
}

function choosePaper(app, name) {
  app.paper = name;
  app.pageRule = app.pageRule || document.head.appendChild(el("style"));
  app.pageRule.textContent = `@page { size: ${name} landscape; margin: 0; }`;
}

// Alone, the map prints on one sheet; inside another page, that page says the size.
function listenToPrint(app) {
  window.addEventListener("beforeprint", () => window.top === window && toPaper(app, PAPERS[app.paper || "A4"]));
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
  const each = Math.floor(width / app.panes.length);
  app.panes.forEach((pane, i) => {
    const place = app.panes.length > 1 ? { left: `${i * each}px` } : {};
    Object.assign(pane.map.getContainer().style, { width: `${each}px`, height: `${height - legend}px`, ...place });
    pane.map.invalidateSize({ animate: false, pan: false });
  });
  showWhole(app);
  app.panes.forEach(drawLabels);
}

function fromPaper(app) {
  if (!app.before) return;
  const { center, zoom, retina, open } = app.before;
  app.before = null;
  L.Browser.retina = retina;
  document.body.classList.remove("lc-paper", "lc-narrow");
  Object.assign(app.frame.style, { width: "", height: "" });
  app.panes.forEach((pane) => {
    Object.assign(pane.map.getContainer().style, { width: "", height: "", left: "" });
    pane.map.invalidateSize({ animate: false, pan: false });
  });
  app.map.setView(center, zoom, { animate: false });
  app.change({ open });
}
