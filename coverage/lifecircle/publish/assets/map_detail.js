// The pinned unit: every rule with its verdict, figure and reason, then the facilities inside.

function drawDetail(app) {
  const unit = app.unitById.get(app.state.unit);
  const made = unit ? detailOf(app, unit) : el("aside", { class: "lc-detail", hidden: true });
  app.detail.replaceWith(made);
  app.detail = made;
}

function detailOf(app, unit) {
  const tier = app.data.tiers.find((one) => one.id === unit.tier);
  const parent = app.unitById.get(unit.parent);
  const size = unit.households === null ? word(app, "countUnknown") : `${counted(unit.households)} ${word(app, "households")}`;
  const close = el(
    "button",
    { type: "button", class: "lc-close", "aria-label": word(app, "close"), title: word(app, "close"), onclick: () => app.pin(null) },
    "✕",
  );
  return el(
    "aside",
    { class: "lc-detail lc-card", "aria-label": joined([unit.name, word(app, "reason")]), tabindex: "-1" },
    el("div", { class: "lc-detail-head" }, el("h2", {}, unit.name), close),
    el("p", { class: "lc-quiet" }, joined([say(app, tier), parent && parent.name, size])),
    el("div", { class: "lc-detail-body" }, reasonsOf(app, unit), facilitiesOf(app, unit)),
  );
}

// The chosen rule first, then the others in the payload's order.
function reasonsOf(app, unit) {
  const rules = app.data.rules.filter((rule) => (unit.verdicts || {})[rule.id]);
  rules.sort((a, b) => (b.id === app.state.rule) - (a.id === app.state.rule));
  return rules.map((rule) => {
    const found = unit.verdicts[rule.id];
    return el(
      "article",
      { class: `lc-reason lc-edge-${found.verdict}` },
      el("h3", {}, say(app, rule)),
      verdictLine(app, found),
      figureLine(app, found),
      say(app, found.why) ? el("p", {}, say(app, found.why)) : null,
    );
  });
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
      el("span", {}, el("b", {}, facility.name), el("small", {}, joined([say(app, facility.area), say(app, facility.status), say(app, facility.ledger)]))),
    );
  return [
    el("h3", { class: "lc-list-head" }, word(app, "facilities"), el("small", {}, counted(inside.length))),
    inside.length ? el("ul", { class: "lc-facilities" }, inside.map(item)) : el("p", { class: "lc-quiet" }, word(app, "noFacility")),
  ];
}
