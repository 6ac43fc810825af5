// The panel that is legend and control in one; its counts are of what the map shows.

const MOST_KINDS = 14;

function drawPanel(app) {
  const focused = document.activeElement && document.activeElement.dataset ? document.activeElement.dataset.key : null;
  const scrolled = app.panel.querySelector(".lc-panel-body");
  const top = scrolled ? scrolled.scrollTop : 0;
  const { open } = app.state;
  const made = el(
    "section",
    { class: `lc-panel lc-card${open ? "" : " lc-folded"}`, "aria-label": word(app, "controls") },
    panelHead(app, open),
    el("div", { class: "lc-panel-body", id: "lc-panel-body" }, unitSection(app), reachSection(app), facilitySection(app), groundSection(app)),
  );
  app.panel.replaceWith(made);
  app.panel = made;
  made.querySelector(".lc-panel-body").scrollTop = top;
  const again = focused && made.querySelector(`[data-key="${CSS.escape(focused)}"]`);
  if (again) again.focus({ preventScroll: true });
}

function panelHead(app, open) {
  const told = { "aria-expanded": String(open), "aria-controls": "lc-panel-body" };
  const flip = () => app.change({ open: !app.state.open });
  const fold = el("button", { type: "button", class: "lc-fold", "data-key": "fold", ...told, onclick: flip }, word(app, "legend"));
  const other = app.state.lang === "zh" ? "en" : "zh";
  const swap = () => app.change({ lang: other });
  const named = { type: "button", class: "lc-language", "data-key": "language", lang: other, onclick: swap };
  const pair = app.twin ? el("span", { class: "lc-pair" }, app.panes.map((pane) => el("span", {}, pane.data.year))) : null;
  return el("div", { class: "lc-panel-head" }, fold, el("button", named, word(app, "other")), pair);
}

function verdictTally(app) {
  const tally = {};
  app.unitsOf(app.state.tier).forEach((unit) => {
    const found = verdictOf(app, unit);
    if (found) tally[found.verdict] = (tally[found.verdict] || 0) + 1;
  });
  return tally;
}

// A count for each map, printed alike.
function counts(app, tallyOf, key) {
  return app.panes.map((pane) => counted(tallyOf(pane)[key] || 0));
}

function unitSection(app) {
  const { data, state } = app;
  const rules = data.rules.filter((rule) => rule.tiers.includes(state.tier));
  const options = rules.map((rule) => ({ id: rule.id, text: say(app, rule), group: say(app, rule.group) }));
  const units = app.unitsOf(state.tier);
  const tallies = new Map(app.panes.map((pane) => [pane, verdictTally(pane)]));
  const occurs = (id) => [...tallies.values()].some((tally) => tally[id]);
  const needs = [...new Set(units.map((unit) => say(app, (verdictOf(app, unit) || {}).threshold)).filter(Boolean))];
  const shown = VERDICT_ORDER.filter((id) => occurs(id) || (!occurs("reference") && id !== "reference"));
  const tiers = data.tiers.filter((tier) => app.unitsOf(tier.id).length > 0).map((tier) => ({ id: tier.id, text: say(app, tier) }));
  const line = (id) =>
    listedRow(app, "without", id, {
      swatch: verdictSwatch(id),
      text: [drawing(verdictBadge(id, 13)), say(app, data.verdicts[id])],
      count: counts(app, (pane) => tallies.get(pane), id),
    });
  return el(
    "div",
    { class: "lc-section lc-units" },
    heading(app, "units", word(app, "verdict"), `${counted(units.length)} ${word(app, "units")}`),
    buttons(app, "tier", tiers, state.tier, (tier) => app.change({ tier })),
    options.length ? choice(app, "rule", options, state.rule, (rule) => app.change({ rule })) : el("p", {}, word(app, "noRule")),
    needs.length === 1 ? el("p", { class: "lc-need" }, `${word(app, "need")} ${needs[0]}`) : null,
    shown.map(line),
  );
}

function reachSection(app) {
  const { data, state } = app;
  const walk = walkOf(app);
  if (!walk) return null;
  const tallies = new Map(app.panes.map((pane) => [pane, reachTally(pane)]));
  const options = data.kinds.filter((kind) => walk.state[kind.id]).map((kind) => ({ id: kind.id, text: say(app, kind) }));
  const line = (id) => {
    const cells = app.panes.map((pane) => tallies.get(pane)[id] || [0, 0]);
    const unknown = cells[0][1] && !app.twin ? `${word(app, "also")} ${counted(cells[0][1])} ${word(app, "uncounted")}` : "";
    const text = id === "n" && state.mode === "minutes" ? joined([classWord(app, id)]) : classWord(app, id);
    return shownRow(app, id, { swatch: dotSwatch(id), text, count: cells.map(([households]) => counted(households)), extra: unknown });
  };
  const walks = data.dwellings.walks.map((one, i) => ({ id: String(i), text: say(app, one.walker) }));
  const modes = ["reach", "minutes"].map((id) => ({ id, text: word(app, id === "reach" ? "byReach" : "byMinutes") }));
  return el(
    "div",
    { class: "lc-section lc-reach-section" },
    heading(app, null, word(app, "reach"), joined([say(app, data.limit), say(app, walk.walker)])),
    choice(app, "kind", options, state.kind, (kind) => app.change({ kind })),
    walks.length > 1 ? choice(app, "walk", walks, String(state.walk), (walk) => app.change({ walk: Number(walk) })) : null,
    buttons(app, "mode", modes, state.mode, (mode) => app.change({ mode })),
    (state.mode === "minutes" ? ["b0", "b1", "b2", "n", "u"] : ["r", "n", "u"]).map(line),
    el("p", { class: "lc-note" }, word(app, "dots")),
  );
}

// Kinds with their symbols; beyond a handful, the rest is one row.
function facilitySection(app) {
  const tally = (pane) => pane.data.facilities.reduce((sum, { kind }) => ((sum[kind] = (sum[kind] || 0) + 1), sum), {});
  const tallies = new Map(app.panes.map((pane) => [pane, tally(pane)]));
  const used = app.data.kinds.filter((kind) => [...tallies.values()].some((one) => one[kind.id]));
  const listed = used.slice(0, MOST_KINDS);
  const others = used.slice(MOST_KINDS);
  const line = (kind) =>
    listedRow(app, "hidden", kind.id, {
      swatch: facilitySymbol(app, kind.id, true, 19),
      text: say(app, kind),
      count: counts(app, (pane) => tallies.get(pane), kind.id),
    });
  const rest = others.length ? el("p", { class: "lc-note" }, `+ ${counted(others.length)} ${word(app, "otherKinds")}`) : null;
  return el(
    "div",
    { class: "lc-section lc-kinds" },
    heading(app, "facilities", word(app, "facilities"), word(app, "notCounted")),
    listed.map(line),
    rest,
  );
}

function groundSection(app) {
  const patch = (color) =>
    `<svg width="30" height="18" viewBox="0 0 30 18"><rect x="1" y="2" width="28" height="14" rx="1.5" fill="${color}"/></svg>`;
  const streets =
    '<svg width="30" height="18" viewBox="0 0 30 18"><path d="M1 5h28" stroke="#c3beb3" stroke-width="3"/>' +
    '<path d="M1 11h13" stroke="#d3cfc6" stroke-width="1.5"/><rect x="17" y="9.5" width="9" height="6" fill="#e2ddd3"/></svg>';
  const letter = `<svg width="30" height="18" viewBox="0 0 30 18"><path d="M8 4.5h14M15 4.5V15" fill="none" stroke="${INK}" stroke-width="1.7"/></svg>`;
  const border = `<svg width="30" height="18" viewBox="0 0 30 18"><path d="M2 13L10 5l9 6 9-7" fill="none" stroke="#66717b" stroke-width="1.9"/></svg>`;
  const { ground } = app.data;
  const drawn = ground.buildings.n || Object.values(ground.streets).some((one) => one.n);
  const circles = app.unitsOf("circle").length > 0;
  const flat = [ground.water.n ? [drawing(patch("#cfe3ee"), "lc-swatch"), word(app, "water")] : null, ground.green.n ? [drawing(patch("#d5e3c5"), "lc-swatch"), word(app, "green")] : null];
  return el(
    "div",
    { class: "lc-section lc-ground" },
    heading(app, null, word(app, "ground")),
    app.basemap.urls ? shownRow(app, "tiles", { text: joined([word(app, "tiles"), say(app, app.basemap.name)]) }) : null,
    app.basemap.token === "" && !rememberedToken() ? tokenField(app) : null,
    drawn ? shownRow(app, "streets", { swatch: streets, text: word(app, "streets") }) : null,
    circles ? shownRow(app, "circles", { swatch: border, text: word(app, "circles") }) : null,
    shownRow(app, "names", { swatch: letter, text: word(app, "names") }),
    flat.some(Boolean) ? el("p", { class: "lc-note lc-inline" }, flat) : null,
  );
}

// Asks for the token that a basemap wants; it stays in this browser.
function tokenField(app) {
  const field = el("input", { type: "password", autocomplete: "off", "aria-label": word(app, "token"), placeholder: word(app, "token") });
  const use = () => {
    if (!field.value.trim()) return;
    rememberToken(field.value.trim());
    app.panes.forEach(drawTiles);
    app.change({});
  };
  const form = el("form", { class: "lc-token", onsubmit: (event) => (event.preventDefault(), use()) }, field, el("button", {}, word(app, "tokenUse")));
  return [form, el("p", { class: "lc-note" }, word(app, "tokenKept"))];
}
