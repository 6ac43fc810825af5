// Search by name: any part of it, its first sounds (sl) or its spelling (shili).

const MOST_FOUND = 12;

function makeSearch(app) {
  const input = el("input", {
    type: "search", class: "lc-find", role: "combobox", autocomplete: "off", "aria-expanded": "false", "aria-controls": "lc-found", "aria-autocomplete": "list",
    oninput: () => suggest(app), onkeydown: (event) => steer(app, event), onblur: () => setTimeout(() => closeList(app), 150), onfocus: () => suggest(app),
  });
  const list = el("ul", { id: "lc-found", class: "lc-found lc-card", role: "listbox", hidden: true });
  app.search = { input, list, found: [], chosen: -1, box: el("div", { class: "lc-search" }, input, list) };
  nameSearch(app);
}

function nameSearch(app) {
  const { input, list } = app.search;
  input.placeholder = word(app, "find");
  input.setAttribute("aria-label", word(app, "find"));
  list.setAttribute("aria-label", word(app, "found"));
}

function entriesOf(app) {
  if (app.entries) return app.entries;
  const { data } = app;
  const entry = (kind, name, spelt, at) => {
    const sounds = spelt ? spelt.split(" ") : [];
    return { kind, name, at, plain: name.toLowerCase(), short: sounds.map((sound) => sound[0]).join(""), full: sounds.join("") };
  };
  app.entries = [
    entry("district", data.name, data.spelt, -1),
    ...data.units.map((unit) => entry("unit", unit.name, unit.spelt, unit.at)),
    ...data.facilities.map((one) => entry("facility", one.name, one.spelt, one.at)),
  ];
  return app.entries;
}

// How well an entry fits, 0 best; -1 not at all. Names before first sounds before spellings, beginnings before middles.
function fitOf({ plain, short, full }, asked) {
  const fits = [plain === asked, plain.startsWith(asked), plain.includes(asked), short.startsWith(asked), full.startsWith(asked), short.includes(asked), asked.length > 2 && full.includes(asked)];
  return fits.indexOf(true);
}

function foundOf(app, text) {
  const asked = text.trim().toLowerCase().replace(/\s+/g, " ");
  if (!asked) return [];
  const ranked = entriesOf(app).map((entry, order) => ({ entry, order, fit: fitOf(entry, asked) })).filter(({ fit }) => fit >= 0);
  return ranked.sort((a, b) => a.fit - b.fit || a.order - b.order).slice(0, MOST_FOUND).map(({ entry }) => entry);
}

function suggest(app) {
  const { input, list } = app.search;
  app.search.found = foundOf(app, input.value);
  app.search.chosen = app.search.found.length ? 0 : -1;
  const asked = input.value.trim() !== "";
  list.hidden = !asked;
  input.setAttribute("aria-expanded", String(asked));
  const none = el("li", { class: "lc-quiet", role: "option", "aria-disabled": "true" }, word(app, "nothing"));
  list.replaceChildren(...(app.search.found.length ? app.search.found.map((entry, i) => option(app, entry, i)) : [none]));
  mark(app);
}

function option(app, entry, i) {
  const pick = (event) => (event.preventDefault(), go(app, entry));
  return el("li", { role: "option", id: `lc-found-${i}`, onmousedown: pick }, el("span", {}, entry.name), el("small", {}, kindOfEntry(app, entry)));
}

function kindOfEntry(app, { kind, at }) {
  if (kind === "district") return word(app, "district");
  if (kind === "unit") return say(app, app.data.tiers.find((tier) => tier.id === app.data.units[at].tier));
  return say(app, app.data.kinds.find((one) => one.id === app.data.facilities[at].kind)) || word(app, "facility");
}

function mark(app) {
  const { input, list, chosen } = app.search;
  [...list.children].forEach((item, i) => item.setAttribute("aria-selected", String(i === chosen)));
  if (chosen >= 0) input.setAttribute("aria-activedescendant", `lc-found-${chosen}`);
  else input.removeAttribute("aria-activedescendant");
}

function steer(app, event) {
  const { found } = app.search;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && found.length) {
    event.preventDefault();
    app.search.chosen = (app.search.chosen + step + found.length) % found.length;
    mark(app);
  } else if (event.key === "Enter" && found.length) go(app, found[app.search.chosen]);
  else if (event.key === "Escape" && !app.search.list.hidden) {
    event.stopPropagation();
    app.search.input.value = "";
    closeList(app);
  }
}

function closeList(app) {
  app.search.list.hidden = true;
  app.search.input.setAttribute("aria-expanded", "false");
}

// Goes there, in its own tier or with its kind shown, and pins it.
function go(app, { kind, at }) {
  app.search.input.value = "";
  closeList(app);
  if (kind === "district") return showWhole(app);
  if (kind === "unit") {
    const unit = app.data.units[at];
    if (unit.tier && unit.tier !== app.state.tier) app.change({ tier: unit.tier });
    app.map.fitBounds(boundsOfUnit(app, unit), { ...roomForFrame(app), maxZoom: 16, animate: false });
    return app.pin({ unit: unit.id });
  }
  const one = app.data.facilities[at];
  app.change({ hidden: app.state.hidden.filter((id) => id !== one.kind), show: { ...app.state.show, facilities: true } });
  app.map.setView([one.lat, one.lon], Math.max(16, app.map.getZoom()), { animate: false });
  return app.pin({ facility: at });
}
