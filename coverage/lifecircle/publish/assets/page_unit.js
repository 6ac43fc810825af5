// The page of one unit, made when somebody asks for it: verdicts with reasons, place, facilities, what closes the gap.
const SVG = "http://www.w3.org/2000/svg";
const LISTED = 300;

function drawing(tag, attributes) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}

const unitField = (id, field) => cellOf(state.data.tables.units, state.units.get(id).row, field);

// A unit among its neighbours: those of its tier whose boxes meet the window around it, and the facilities there.
function miniMap(id) {
  const shape = state.data.shapes[state.units.get(id).n];
  if (!shape) return "";
  const [, west, north, east, south] = shape;
  const margin = 0.45 * Math.max(east - west, south - north, 1);
  const box = { west: west - margin, north: north - margin, width: east - west + 2 * margin, height: south - north + 2 * margin };
  const svg = drawing("svg", { viewBox: `${box.west} ${box.north} ${box.width} ${box.height}`, role: "img", "aria-label": `${unitName(id)}: ${verdictWord(unitField(id, "verdict_id"))}` });
  const meets = ([, w, n, e, s]) => e >= box.west && w <= box.west + box.width && s >= box.north && n <= box.north + box.height;
  svg.append(patterns(Math.max(box.width, box.height) / 420));
  const tier = unitField(id, "tier_id");
  for (const [other, { n, row }] of state.units) {
    const near = state.data.shapes[n];
    if (!near || other === id || cellOf(state.data.tables.units, row, "tier_id") !== tier || !meets(near)) continue;
    const path = drawing("path", { d: near[0], class: `at-${cellOf(state.data.tables.units, row, "verdict_id")} near` });
    path.append(Object.assign(drawing("title", {}), { textContent: unitName(other) }));
    path.addEventListener("click", () => (location.hash = unitLink(other)));
    svg.append(path);
  }
  svg.append(drawing("path", { d: shape[0], class: `at-${unitField(id, "verdict_id")} own` }));
  for (const dot of dots(box)) svg.append(dot);
  return make("figure", { class: "mini" }, svg, miniLegend());
}

// Stripes that keep their width on the screen whatever the window.
function patterns(scale) {
  const defs = drawing("defs", {});
  for (const [name, ground, stripe, width] of [["cross", "#d1495b", "#f3ccd2", 1.8], ["hatch", "#eceef0", "#8b9298", 2.4]]) {
    const pattern = drawing("pattern", { id: `mini-${name}`, width: 8, height: 8, patternUnits: "userSpaceOnUse", patternTransform: `scale(${scale}) rotate(45)` });
    pattern.append(drawing("rect", { width: 8, height: 8, fill: ground }), drawing("rect", { width, height: 8, fill: stripe }));
    defs.append(pattern);
  }
  return defs;
}

function dots(box) {
  const grid = state.data.tables.facilities;
  const size = Math.max(box.width, box.height) / 75;
  return grid.rows
    .map((row) => ({ row, place: cellOf(grid, row, "place") }))
    .filter(({ place: [, x, y] }) => x > box.west && x < box.west + box.width && y > box.north && y < box.north + box.height)
    .map(({ row, place: [, x, y] }) => {
      const dot = drawing("circle", { cx: x, cy: y, r: size, class: cellOf(grid, row, "counted") ? "dot" : "dot other" });
      dot.append(Object.assign(drawing("title", {}), { textContent: cellOf(grid, row, "name") }));
      return dot;
    });
}

function miniLegend() {
  const key = (name) => {
    const svg = drawing("svg", { viewBox: "0 0 12 12", "aria-hidden": "true" });
    svg.append(drawing("circle", { cx: 6, cy: 6, r: 4, class: name }));
    return svg;
  };
  return make("figcaption", {}, word("neighbours"), make("ul", { class: "legend" }, make("li", {}, key("dot"), word("dot_counted")), make("li", {}, key("dot other"), word("dot_other"))));
}

// A unit and all that lie in it.
function within(id) {
  if (!state.children) {
    state.children = new Map();
    for (const [own, { row }] of state.units) {
      const parent = cellOf(state.data.tables.units, row, "parent_id");
      if (parent) state.children.set(parent, [...(state.children.get(parent) || []), own]);
    }
  }
  const found = new Set([id]);
  for (const one of found) (state.children.get(one) || []).forEach((child) => found.add(child));
  return found;
}

function rowsOf(name, id, field = "unit_id") {
  const grid = state.data.tables[name];
  if (!grid) return [];
  if (!grid.byUnit) {
    grid.byUnit = new Map();
    for (const row of grid.rows) {
      const key = cellOf(grid, row, field);
      if (!grid.byUnit.has(key)) grid.byUnit.set(key, []);
      grid.byUnit.get(key).push(row);
    }
  }
  return grid.byUnit.get(id) || [];
}

// Facilities that lie in a unit or serve it; the study as a whole has all.
function facilitiesOf(id) {
  const grid = state.data.tables.facilities;
  if (unitField(id, "tier_id") === "district") return grid.rows;
  const own = within(id);
  return grid.rows.filter((row) => own.has(cellOf(grid, row, "unit")) || cellOf(grid, row, "serves").some((one) => own.has(one)));
}

function plainTable(title, heads, rows) {
  const cells = (row) => row.map((cell, n) => {
    const node = cell instanceof Node && cell.matches("td, th") ? cell : make(n === 0 ? "th" : "td", n === 0 ? { scope: "row" } : {}, cell);
    node.dataset.label = heads[n][0];
    node.setAttribute("role", n === 0 ? "rowheader" : "cell");
    if (heads[n][1]) node.classList.add("number");
    return node;
  });
  const head = make("thead", {}, make("tr", {}, ...heads.map(([text, number]) => make("th", { scope: "col", class: number ? "number" : null }, text))));
  const body = make("tbody", { role: "rowgroup" }, ...rows.map((row) => make("tr", { role: "row" }, ...cells(row))));
  const table = make("table", { class: "grid" }, make("caption", { class: "unseen" }, title), head, body);
  return make("div", { class: "table", role: "region", tabindex: "0", "aria-label": title }, table);
}

function verdictList(id, binds) {
  const grid = state.data.tables.verdicts;
  const rows = rowsOf("verdicts", id).filter((row) => Boolean(cellOf(grid, row, "binds")) === binds);
  if (!rows.length) return [];
  const items = rows.map((row) => {
    const read = (field) => say(cellOf(grid, row, field));
    const why = make("p", { class: "reason" });
    reasonAt(cellOf(grid, row, "place")).then((found) => (why.textContent = say(found)));
    const needed = read("threshold") === "—" ? "" : `${word("threshold")} ${read("threshold")} ${read("measured_in")}`;
    const figure = make("p", { class: "figure" }, make("b", {}, read("shown")), " ", make("span", { class: "quiet" }, needed), smallPrint(read("edge")));
    const title = make("h4", {}, read("rule"), read("basis") ? make("small", {}, ` ${read("basis")}`) : "");
    return make("li", { class: `edge-${cellOf(grid, row, "verdict_id")}` }, make("div", { class: "line" }, title, chip(cellOf(grid, row, "verdict_id"))), figure, why);
  });
  return [make("h3", {}, word(binds ? "binding_rules" : "reference_rules")), make("ul", { class: "told-verdicts" }, ...items)];
}

// What would close each gap of the rules that bind.
function closingList(id) {
  const grid = state.data.tables.verdicts;
  const rows = rowsOf("verdicts", id).filter((row) => cellOf(grid, row, "binds") && say(cellOf(grid, row, "gap")) !== "");
  const read = (row, field) => say(cellOf(grid, row, field));
  const items = rows.map((row) => {
    const short = read(row, "short");
    return make("li", {}, make("b", {}, read(row, "gap")), short ? ` · ${short}` : "", make("small", { class: "near" }, read(row, "rule")), read(row, "closing") ? make("p", {}, read(row, "closing")) : "");
  });
  const told = items.length ? make("ul", { class: "closing-list" }, ...items) : make("p", { class: "quiet" }, word("nothing_to_close"));
  return [make("h3", {}, word("to_close")), told];
}

function facilityTable(id) {
  const grid = state.data.tables.facilities;
  const rows = facilitiesOf(id);
  const title = make("h3", {}, word("its_facilities"), " ", make("span", { class: "quiet" }, rows.length.toLocaleString("en")));
  if (!rows.length) return [title, make("p", { class: "quiet" }, word("no_facilities"))];
  const heads = [[word("facility")], [word("kind")], [word("area"), true], [word("counted"), true], [word("ledger")]];
  const read = (row, field) => say(cellOf(grid, row, field));
  const named = (row) => (read(row, "name") === read(row, "id") ? read(row, "name") : make("th", { scope: "row" }, read(row, "name"), " ", make("small", {}, read(row, "id"))));
  const ledger = (row) => make("td", {}, read(row, "ledger"), smallPrint(read(row, "projected")));
  const shown = rows.slice(0, LISTED).map((row) => [named(row), read(row, "kind"), read(row, "area"), read(row, "counted_m2"), ledger(row)]);
  return [title, plainTable(word("its_facilities"), heads, shown), rows.length > LISTED ? make("p", { class: "quiet" }, `${LISTED} / ${rows.length}`) : ""];
}

function unreachedTable(id) {
  const grid = state.data.tables.unreached;
  const rows = rowsOf("unreached", id);
  if (!rows.length) return [];
  const heads = [[word("kind")], [word("not_reached"), true], [word("unknown"), true], [word("households"), true]];
  const read = (row) => ["kind", "not_reached", "unknown", "households"].map((field) => say(cellOf(grid, row, field)));
  return [make("h3", {}, word("unreached")), plainTable(word("unreached"), heads, rows.map(read))];
}

function memberList(id) {
  const below = unitField(id, "tier_id") === "district" ? [...state.units.keys()].filter((one) => one !== id && !state.units.has(unitField(one, "parent_id"))) : [...within(id)].filter((one) => one !== id && unitField(one, "parent_id") === id);
  if (!below.length) return [];
  const items = below.map((one) => make("li", {}, make("a", { href: unitLink(one) }, unitName(one)), " ", chip(unitField(one, "verdict_id"))));
  return [make("h3", {}, word("members")), make("ul", { class: "members" }, ...items)];
}

function stepLinks(id) {
  const same = [...state.units.keys()].filter((one) => unitField(one, "tier_id") === unitField(id, "tier_id"));
  const at = same.indexOf(id);
  const step = (other, key, sign) => (other === undefined ? "" : make("a", { href: unitLink(other), rel: key === "next" ? "next" : "prev" }, key === "next" ? `${word(key)}: ${unitName(other)} ${sign}` : `${sign} ${word(key)}: ${unitName(other)}`));
  const print = make("button", { type: "button" }, word("print"));
  print.addEventListener("click", () => window.print());
  const steps = make("span", { class: "steps" }, step(same[at - 1], "previous", "‹"), step(same[at + 1], "next", "›"), print);
  return make("nav", { class: "line steps-bar", "aria-label": word("unit_page") }, make("a", { href: "#units" }, `← ${word("back")}`), steps);
}

function unitPage(id) {
  const parent = unitField(id, "parent_id");
  const about = [tierWord(unitField(id, "tier_id")), `${word("households")} ${say(unitField(id, "households"))}`];
  const line = make("p", { class: "quiet" }, about.join(" · "), state.units.has(parent) ? " · " : "", state.units.has(parent) ? make("a", { href: unitLink(parent) }, unitName(parent)) : "");
  const name = make("h2", { tabindex: "-1" }, unitName(id), unitName(id) === id || id === "district" ? "" : make("small", {}, ` ${id}`));
  const verdict = unitField(id, "verdict_id");
  const led = verdict ? make("p", { class: "led" }, chip(verdict), " ", make("b", {}, say(unitField(id, "shown"))), " ", make("span", { class: "quiet" }, say(state.data.lead))) : "";
  const told = make("div", {}, led, ...closingList(id), ...verdictList(id, true));
  const top = make("div", { class: "beside" }, told, miniMap(id));
  return make("article", { id: `unit-${id}` }, stepLinks(id), name, line, top, ...facilityTable(id), ...unreachedTable(id), ...memberList(id), ...verdictList(id, false));
}
