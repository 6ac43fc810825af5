// What is pinned: a unit with every rule's verdict, figure and reason and its facilities, or one facility.

function drawDetail(app) {
  const unit = app.unitById.get(app.state.unit);
  const facility = app.state.facility === null ? null : app.data.facilities[app.state.facility];
  const made = unit ? detailOfUnit(app, unit) : facility ? detailOfFacility(app, facility) : el("aside", { class: "lc-detail", hidden: true });
  app.detail.replaceWith(made);
  app.detail = made;
}

function card(app, title, under, body) {
  const name = word(app, "close");
  const close = el("button", { type: "button", class: "lc-close", "aria-label": name, title: name, onclick: () => app.pin({}) }, "✕");
  return el(
    "aside",
    { class: "lc-detail lc-card", "aria-label": joined([title, word(app, "reason")]), tabindex: "-1" },
    el("div", { class: "lc-detail-head" }, el("h2", {}, title), close),
    el("p", { class: "lc-quiet" }, under),
    el("div", { class: "lc-detail-body" }, body),
  );
}

function detailOfUnit(app, unit) {
  const tier = app.data.tiers.find((one) => one.id === unit.tier);
  const parent = app.unitById.get(unit.parent);
  const under = joined([say(app, tier), parent && parent.name, householdsText(app, unit.households)]);
  return card(app, unit.name, under, [reasonsOf(app, unit), facilitiesOf(app, unit)]);
}

// The chosen rule first, then the others in the payload's order.
function reasonsOf(app, unit) {
  const rules = app.data.rules.filter((rule) => app.data.found(rule.id)[unit.at]);
  rules.sort((a, b) => (b.id === app.state.rule) - (a.id === app.state.rule));
  return rules.map((rule) => {
    const found = app.data.found(rule.id)[unit.at];
    const why = reasonOf(app, rule.id, found);
    return el(
      "article",
      { class: `lc-reason lc-edge-${found.verdict}`, "data-rule": rule.id },
      el("h3", {}, say(app, rule)),
      verdictLine(app, found),
      figureLine(app, found),
      why ? el("p", {}, why) : null,
      besideLine(app, unit.id, rule.id),
    );
  });
}

// Reasons are opened after the first drawing; who clicks before that waits a moment.
function reasonOf(app, rule, { at }) {
  const { reasons } = app;
  return reasons ? (reasons[rule][app.state.lang] || [])[at] || "" : "…";
}

// The same unit and rule in the other map.
function besideLine(app, unitId, rule) {
  const other = app.twin && app.twin.unitById.get(unitId);
  const found = other && app.twin.data.found(rule)[other.at];
  if (!found) return null;
  return el("div", { class: "lc-beside-line" }, el("small", {}, app.twin.data.year), verdictLine(app.twin, found), figureLine(app.twin, found));
}

function isInside(app, unitId, outerId) {
  for (let id = unitId; id; id = (app.unitById.get(id) || {}).parent) if (id === outerId) return true;
  return false;
}

function facilitiesOf(app, unit) {
  const inside = app.data.facilities.filter((facility) => isInside(app, facility.unit, unit.id));
  const item = (facility) =>
    el(
      "li",
      { class: facility.counted ? "" : "lc-not-counted" },
      drawing(facilitySymbol(app, facility.kind, facility.counted, 18), "lc-swatch"),
      el(
        "span",
        {},
        el("button", { type: "button", class: "lc-link", onclick: () => app.pin({ facility: facility.at }) }, facility.name),
        el("small", {}, joined([say(app, facility.area), say(app, facility.status), say(app, facility.ledger)])),
      ),
    );
  return [
    el("h3", { class: "lc-list-head" }, word(app, "facilities"), el("small", {}, counted(inside.length))),
    inside.length ? el("ul", { class: "lc-facilities" }, inside.map(item)) : el("p", { class: "lc-quiet" }, word(app, "noFacility")),
  ];
}

function detailOfFacility(app, facility) {
  const kind = app.data.kinds.find((one) => one.id === facility.kind);
  const unit = app.unitById.get(facility.unit);
  const fact = (name, ...texts) => el("article", { class: "lc-reason" }, el("h3", {}, name), texts.map((text) => el("p", {}, text)));
  const near = app.catchment;
  const households = (number) => `${number} ${word(app, "households")}`;
  const body = [
    say(app, facility.ledger) ? el("p", { class: "lc-fact" }, say(app, facility.ledger)) : null,
    facility.inReach === "" ? null : fact(word(app, "inReach"), households(counted(facility.inReach))),
    near ? fact(word(app, "nearest"), joined([households(counted(near.households)), `${counted(near.n)} ${word(app, "places")}`])) : null,
    unit ? el("button", { type: "button", class: "lc-link", onclick: () => app.pin({ unit: unit.id }) }, `${unit.name} ›`) : null,
  ];
  return card(app, facility.name, joined([say(app, kind), say(app, facility.area), say(app, facility.status)]), body);
}
