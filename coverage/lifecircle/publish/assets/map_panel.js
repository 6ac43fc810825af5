// The frame of the map: title block, and the panel that is legend and control in one.

function drawTitle(app) {
  const { data } = app;
  const made = el(
    "header",
    { class: "lc-title lc-card" },
    el("h1", {}, say(app, data.title)),
    say(app, data.subtitle) ? el("p", { class: "lc-subtitle" }, say(app, data.subtitle)) : null,
    el("p", { class: "lc-source" }, joined([`${word(app, "dataDate")} ${data.date}`, say(app, data.source)])),
  );
  app.titleBox.replaceWith(made);
  app.titleBox = made;
}

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
  const again = focused && made.querySelector(`[data-key="${focused}"]`);
  if (again) again.focus();
}

function panelHead(app, open) {
  const fold = el(
    "button",
    {
      type: "button",
      class: "lc-fold",
      "data-key": "fold",
      "aria-expanded": String(open),
      "aria-controls": "lc-panel-body",
      onclick: () => app.change({ open: !app.state.open }),
    },
    word(app, "legend"),
  );
  const other = app.state.lang === "zh" ? "en" : "zh";
  const swap = () => app.change({ lang: other });
  const named = { type: "button", class: "lc-language", "data-key": "language", lang: other, onclick: swap };
  const language = el("button", named, word(app, "other"));
  return el("div", { class: "lc-panel-head" }, fold, app.finder, app.finderNames, language);
}

// Buttons for a few choices, a list for many; both say which one is chosen.
function tierChoice(app) {
  const tiers = app.data.tiers.filter((tier) => app.unitsOf(tier.id).length > 0);
  const button = (tier) =>
    el(
      "button",
      {
        type: "button",
        "data-key": `tier-${tier.id}`,
        "aria-pressed": String(tier.id === app.state.tier),
        onclick: () => app.change({ tier: tier.id }),
      },
      say(app, tier),
    );
  return el("div", { class: "lc-tiers", role: "group", "aria-label": word(app, "tier") }, tiers.map(button));
}

function choice(app, key, options, chosen, onPick) {
  const item = ({ id, text }) => el("option", { value: id, selected: id === chosen }, text);
  const list = el("select", { "data-key": key, "aria-label": word(app, key), onchange: (event) => onPick(event.target.value) });
  const groups = new Map();
  options.forEach((option) => groups.set(option.group || "", [...(groups.get(option.group || "") || []), option]));
  for (const [name, members] of groups) {
    list.append(...(groups.size > 1 && name ? [el("optgroup", { label: name }, members.map(item))] : members.map(item)));
  }
  const text = (options.find((option) => option.id === chosen) || { text: "" }).text;
  list.title = text;
  return [list, el("p", { class: "lc-printed" }, text)];
}

function row(app, key, swatch, text, count, extra) {
  const box = el("input", {
    type: "checkbox",
    "data-key": `show-${key}`,
    checked: app.state.show[key],
    onchange: (event) => app.change({ show: { ...app.state.show, [key]: event.target.checked } }),
  });
  return el(
    "label",
    { class: `lc-row lc-switch lc-row-${key}${app.state.show[key] ? "" : " lc-off"}` },
    swatch ? drawing(swatch, "lc-swatch") : el("span", { class: "lc-swatch" }),
    el("span", { class: "lc-row-text" }, text, extra ? el("small", {}, extra) : null),
    el("span", { class: "lc-count" }, count),
    box,
  );
}

function plainRow(swatch, text, count) {
  return el(
    "div",
    { class: "lc-row" },
    drawing(swatch, "lc-swatch"),
    el("span", { class: "lc-row-text" }, text),
    el("span", { class: "lc-count" }, count),
  );
}

function heading(app, key, text, detail) {
  const title = el("h2", {}, text, detail ? el("small", {}, detail) : null);
  if (!key) return title;
  const box = el("input", {
    type: "checkbox",
    "data-key": `show-${key}`,
    "aria-label": text,
    checked: app.state.show[key],
    onchange: (event) => app.change({ show: { ...app.state.show, [key]: event.target.checked } }),
  });
  title.append(box);
  return title;
}

function unitSection(app) {
  const { data, state } = app;
  const rules = data.rules.filter((rule) => rule.tiers.includes(state.tier));
  const options = rules.map((rule) => ({ id: rule.id, text: say(app, rule), group: say(app, rule.group) }));
  const units = app.unitsOf(state.tier);
  const tally = {};
  units.forEach((unit) => {
    const found = verdictOf(app, unit);
    if (found) tally[found.verdict] = (tally[found.verdict] || 0) + 1;
  });
  const needs = [...new Set(units.map((unit) => say(app, (verdictOf(app, unit) || {}).threshold)).filter(Boolean))];
  const shown = VERDICT_ORDER.filter((id) => tally[id] || (!tally.reference && id !== "reference"));
  return el(
    "div",
    { class: "lc-section" },
    heading(app, "units", word(app, "verdict"), `${counted(units.length)} ${word(app, "units")}`),
    tierChoice(app),
    options.length ? choice(app, "rule", options, state.rule, (rule) => app.change({ rule })) : el("p", {}, word(app, "noRule")),
    needs.length === 1 ? el("p", { class: "lc-need" }, `${word(app, "need")} ${needs[0]}`) : null,
    shown.map((id) => plainRow(verdictSwatch(id), [drawing(verdictBadge(id, 13)), say(app, data.verdicts[id])], counted(tally[id] || 0))),
  );
}

// Households by state of reach; dwellings without a count are told beside it.
function reachTally(app) {
  const tally = { r: [0, 0], n: [0, 0], u: [0, 0] };
  const states = app.reachStates();
  app.data.dwellings.households.forEach((households, index) => {
    const cell = tally[states[index]];
    if (!cell) return;
    if (households === null) cell[1] += 1;
    else cell[0] += households;
  });
  return tally;
}

function reachSection(app) {
  const { data, state } = app;
  if (!data.dwellings || !Object.keys(data.dwellings.state || {}).length) return null;
  const tally = reachTally(app);
  const options = data.kinds.filter((kind) => data.dwellings.state[kind.id]).map((kind) => ({ id: kind.id, text: say(app, kind) }));
  const line = (id) => {
    const [households, dwellings] = tally[id];
    const unknown = dwellings ? `${word(app, "also")} ${counted(dwellings)} ${word(app, "uncounted")}` : "";
    return row(app, id, reachSwatch(id), word(app, REACH[id].word), counted(households), unknown);
  };
  return el(
    "div",
    { class: "lc-section" },
    heading(app, null, word(app, "reach"), joined([say(app, data.limit), say(app, data.walker)])),
    choice(app, "kind", options, state.kind, (kind) => app.change({ kind })),
    ["r", "n", "u"].map(line),
    el("p", { class: "lc-note" }, word(app, "dots")),
  );
}

function facilitySection(app) {
  const used = app.data.kinds.filter((kind) => app.data.facilities.some((facility) => facility.kind === kind.id));
  const item = (kind) => el("li", {}, drawing(facilitySymbol(app, kind.id, true, 20), "lc-swatch"), el("span", {}, say(app, kind)));
  return el(
    "div",
    { class: "lc-section" },
    heading(app, "facilities", word(app, "facilities"), word(app, "notCounted")),
    el("ul", { class: "lc-kinds" }, used.map(item)),
  );
}

function groundSection(app) {
  const patch = (color) =>
    `<svg width="30" height="18" viewBox="0 0 30 18"><rect x="1" y="2" width="28" height="14" rx="1.5" fill="${color}"/></svg>`;
  const streets =
    '<svg width="30" height="18" viewBox="0 0 30 18"><path d="M1 5h28" stroke="#c3beb3" stroke-width="3"/>' +
    '<path d="M1 11h13" stroke="#d3cfc6" stroke-width="1.5"/><rect x="17" y="9.5" width="9" height="6" fill="#e2ddd3"/></svg>';
  const letter = `<svg width="30" height="18" viewBox="0 0 30 18"><path d="M8 4.5h14M15 4.5V15" fill="none" stroke="${INK}" stroke-width="1.7"/></svg>`;
  const { ground } = app.data;
  const drawn = ground.buildings || Object.values(ground.streets).some(Boolean);
  return el(
    "div",
    { class: "lc-section lc-ground" },
    heading(app, null, word(app, "ground")),
    drawn ? row(app, "streets", streets, word(app, "streets"), "") : null,
    row(app, "names", letter, word(app, "names"), ""),
    el(
      "p",
      { class: "lc-note lc-inline" },
      ground.water ? [drawing(patch("#cfe3ee"), "lc-swatch"), word(app, "water")] : null,
      ground.green ? [drawing(patch("#d5e3c5"), "lc-swatch"), word(app, "green")] : null,
    ),
  );
}
