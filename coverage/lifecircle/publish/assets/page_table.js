// Tables that sort, filter, search and show more: only the rows that are looked at are built.
const ROWS = 300;
const ORDER = ["unmet", "unknown", "met", "not_applicable", "reference"];
const TIER_ORDER = ["district", "subdistrict", "circle", "neighbourhood"];
const FIELDS = { tier: "tier_id", verdict: "verdict_id", rule: "rule_key" };
const NUMBERS = new Set(["number", "gap", "count", "projected"]);
const collator = new Intl.Collator("zh-CN", { numeric: true });
const tables = [];

// What a cell sorts by: its first number, its place in an order, or its text; null is not known and comes last.
function sortKey(value, look) {
  if (look === "chip") return ORDER.indexOf(value) < 0 ? null : ORDER.indexOf(value);
  if (look === "tier") return TIER_ORDER.indexOf(value);
  const text = look === "unit" ? unitName(value) : say(value);
  if (!NUMBERS.has(look)) return text === "" ? null : text;
  const number = /-?\d[\d,]*(\.\d+)?/.exec(text);
  return number ? Number(number[0].replace(/,/g, "")) : null;
}

function compareKeys(a, b, sign) {
  if (a === null || b === null) return (a === null) - (b === null);
  return sign * (typeof a === "number" && typeof b === "number" ? a - b : collator.compare(a, b));
}

function sortRows(table, column) {
  const sign = table.sorted && table.sorted.column === column ? -table.sorted.sign : 1;
  table.sorted = { column, sign };
  const [field, , look] = table.grid.columns[column];
  const keyed = table.rows.map((row, n) => ({ row, n, key: sortKey(cellOf(table.grid, row, field), look) }));
  keyed.sort((a, b) => compareKeys(a.key, b.key, sign) || a.n - b.n);
  table.rows = keyed.map(({ row }) => row);
  all("thead th", table.node).forEach((heading, n) => {
    if (n === column) heading.setAttribute("aria-sort", sign > 0 ? "ascending" : "descending");
    else heading.removeAttribute("aria-sort");
  });
}

// All that a row says, in both languages, as what a search looks at.
function haystack(grid, row) {
  grid.said = grid.said || new Map();
  if (!grid.said.has(row)) {
    const shown = grid.columns.flatMap(([field, small]) => [field, small].filter(Boolean)).concat("name" in grid.at ? "name" : []);
    grid.said.set(row, shown.map((field) => [cellOf(grid, row, field)].flat().join(" ")).join(" ").toLowerCase());
  }
  return grid.said.get(row);
}

// What the filters of a section ask of a row.
function asked(bar, grid) {
  if (!bar) return () => true;
  const lists = all("[data-filter]", bar).filter((list) => list.value);
  const text = bar.querySelector("[data-search]").value.trim().toLowerCase();
  const box = bar.querySelector("[data-reference]");
  const aside = !box || box.checked || lists.some((list) => list.dataset.filter === "rule" || list.value === "reference");
  return (row) =>
    (aside || cellOf(grid, row, "binds")) &&
    lists.every((list) => [cellOf(grid, row, FIELDS[list.dataset.filter] || list.dataset.filter)].flat().includes(list.value)) &&
    (text === "" || haystack(grid, row).includes(text));
}

function smallPrint(text) {
  return text === "" ? "" : make("small", { class: "near" }, text);
}

function cellNode(table, row, column, n) {
  const [field, small, look] = column;
  const value = cellOf(table.grid, row, field);
  const below = small ? say(cellOf(table.grid, row, small)) : "";
  const tag = n === 0 && look !== "text" ? "th" : "td";
  const classes = [`is-${look}`, look === "number" || look === "count" || look === "projected" ? "number" : "", table.wide[n] ? "wide" : ""];
  const node = make(tag, { class: classes.filter(Boolean).join(" "), scope: tag === "th" ? "row" : null, role: tag === "th" ? "rowheader" : "cell", "data-label": table.heads[n] });
  if (look === "unit") node.append(...unitCell(table, value, n));
  else if (look === "tier") node.append(tierWord(value));
  else if (look === "chip") node.append(chip(value));
  else if (look === "projected") node.append(say(value), ...projectedSign(table, row));
  else if (look === "named") node.append(say(value), below === say(value) ? "" : " ", below === say(value) ? "" : make("small", {}, below));
  else if (look === "closing") node.append(make("span", {}, say(value)));
  else node.append(look === "count" && value === 0 ? "" : say(value), smallPrint(below));
  return node;
}

// A unit by its name, with its key where that says more; a link to its page but in verdicts, which open themselves.
function unitCell(table, id, n) {
  const name = unitName(id);
  if (!state.units.has(id) || table.id === "verdicts") return [name];
  const link = make("a", { href: unitLink(id) }, name);
  return n === 0 && name !== id && id !== "district" ? [link, " ", make("small", {}, id)] : [link];
}

function projectedSign(table, row) {
  const id = cellOf(table.grid, row, "projected_id");
  if (!state.data.verdicts[id]) return [];
  const sign = make("i", { class: `sign is-${id}`, "aria-hidden": "true" }, state.data.verdicts[id][0]);
  return [" ", sign, make("span", { class: "unseen" }, verdictWord(id))];
}

function rowNode(table, row) {
  return make("tr", { role: "row" }, ...table.grid.columns.map((column, n) => cellNode(table, row, column, n)));
}

// A verdict and, under it, its reason: a body of two rows that opens with a press or with its button.
function foldedNode(table, row) {
  const first = rowNode(table, row);
  const read = (field) => cellOf(table.grid, row, field);
  Object.assign(first.dataset, { standard: read("standard"), tier: read("tier_id"), verdict: read("verdict_id"), rule: read("rule_key"), binds: read("binds") ? "yes" : "no" });
  const told = make("p");
  const link = make("a", { href: unitLink(read("unit_id")) }, `${unitName(read("unit_id"))} →`);
  const cell = make("td", { colspan: table.grid.columns.length, class: `edge-${read("verdict_id")}`, role: "cell" }, told, make("p", { class: "goes" }, link));
  const body = make("tbody", { role: "rowgroup" }, first, make("tr", { class: "why", role: "row" }, cell));
  const button = make("button", { type: "button", class: "opener", "aria-label": `${word("reason")}: ${unitName(read("unit_id"))}, ${say(read("rule"))}` });
  first.cells[0].prepend(button);
  const fold = (folded) => {
    body.classList.toggle("folded", folded);
    button.setAttribute("aria-expanded", String(!folded));
    table.open[folded ? "delete" : "add"](row);
    if (!folded && !told.textContent) reasonAt(read("place")).then((found) => (told.textContent = say(found)));
  };
  if (state.plain) told.textContent = say(state.reasons[0][read("place")]);
  first.addEventListener("click", () => fold(!body.classList.contains("folded")));
  fold(!table.open.has(row));
  return body;
}

function render(table) {
  const shown = table.found.slice(0, table.limit);
  table.heads = all("thead th", table.node).map((heading) => heading.firstChild.textContent.trim());
  [...table.node.tBodies].forEach((body) => body.remove());
  if (table.foldable) table.node.append(...shown.map((row) => foldedNode(table, row)));
  else table.node.append(make("tbody", { role: "rowgroup" }, ...shown.map((row) => rowNode(table, row))));
  const rest = table.found.length - shown.length;
  table.more.hidden = rest <= 0;
  table.more.firstChild.textContent = `${word("more")} ${Math.min(ROWS, rest)} / ${rest.toLocaleString("en")} ${word("rows")}`;
  table.more.dataset.printed = word("printed_in_part");
}

// One bar filters every table of its section; a table without a row left goes with its heading.
function filterSection(section) {
  const bar = section.querySelector(".filters");
  const own = tables.filter((table) => table.section === section);
  for (const table of own) {
    table.found = table.rows.filter(asked(bar, table.grid));
    const article = table.node.closest("article");
    if (article) article.hidden = table.found.length === 0;
    render(table);
  }
  if (!bar) return;
  const sum = (list) => own.reduce((total, table) => total + table[list].length, 0).toLocaleString("en");
  bar.querySelector("output").textContent = `${sum("found")} / ${sum("rows")} ${word("rows")}`;
}

function sortButton(heading, act) {
  const button = make("button", { type: "button" });
  heading.append(button);
  heading.addEventListener("click", act);
  return button;
}

function makeTable(node) {
  const id = node.dataset.grid;
  const grid = state.data.tables[id];
  const where = node.dataset.where;
  const rows = where ? grid.rows.filter((row) => cellOf(grid, row, "standard") === where) : grid.rows;
  const more = node.closest(".table").nextElementSibling;
  const table = { id, node, grid, rows, found: rows, limit: ROWS, more, open: new Set(), foldable: node.matches(".foldable"), section: node.closest("section") };
  table.wide = all("thead th", node).map((heading) => heading.matches(".wide"));
  all("thead th", node).forEach((heading, column) => sortButton(heading, () => (sortRows(table, column), filterSection(table.section))));
  more.firstChild.addEventListener("click", () => ((table.limit += ROWS), render(table)));
  tables.push(table);
}

// A short table that is written out: its rows change places.
function makeStatic(node) {
  all("thead th", node).forEach((heading, column) =>
    sortButton(heading, () => {
      const sign = heading.getAttribute("aria-sort") === "ascending" ? -1 : 1;
      all("thead th", node).forEach((other) => other.removeAttribute("aria-sort"));
      heading.setAttribute("aria-sort", sign > 0 ? "ascending" : "descending");
      const look = heading.matches(".number") ? "number" : "text";
      const keyed = [...node.tBodies[0].rows].map((row) => ({ row, key: sortKey(row.cells[column].textContent.trim(), look) }));
      keyed.sort((a, b) => compareKeys(a.key, b.key, sign));
      node.tBodies[0].append(...keyed.map(({ row }) => row));
    }),
  );
}
