// What the page holds as data: texts by number, tables by column (a row is its position), and reasons that are unpacked when somebody asks.
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const state = { lang: document.documentElement.lang.startsWith("zh") ? "zh" : "en", data: null, each: 1, reasons: [] };

async function unpacked(node) {
  const text = node.textContent;
  if (node.type === "application/json") return JSON.parse(text);
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}

// A text in the language that is shown; a plain value is the same in both.
const say = (value) => (Array.isArray(value) ? value[state.lang === "zh" ? 0 : 1] : value === null ? "" : String(value));
const word = (key) => say(state.data.words[key]);
const verdictWord = (id) => (state.data.verdicts[id] ? say(state.data.verdicts[id].slice(1)) : "");
const tierWord = (id) => (state.data.tiers[id] ? say(state.data.tiers[id]) : id);

function cellOf(grid, row, field) {
  return state.data.texts[grid.cells[grid.at[field]][row]];
}

async function readData() {
  state.data = await unpacked(document.getElementById("page-data"));
  for (const grid of Object.values(state.data.tables)) {
    grid.rows = Array.from({ length: grid.n }, (_, row) => row);
    grid.at = Object.fromEntries(grid.fields.map((field, n) => [field, n]));
  }
  const units = state.data.tables.units;
  state.units = new Map(units.rows.map((row, n) => [cellOf(units, row, "unit_id"), { row, n }]));
  const holders = all("script.reasons");
  state.plain = holders.every((node) => node.type === "application/json");
  if (state.plain) state.reasons = [holders.flatMap((node) => JSON.parse(node.textContent))];
}

// The reason of the verdict at a place of the order by unit.
async function reasonAt(place) {
  if (state.plain) return state.reasons[0][place];
  const holders = all("script.reasons");
  if (!state.reasons[0]) state.reasons[0] = await unpacked(holders[0]);
  const each = state.reasons[0].length;
  const n = Math.floor(place / each);
  if (!state.reasons[n]) state.reasons[n] = await unpacked(holders[n]);
  return state.reasons[n][place - n * each];
}

function unitName(id) {
  const found = state.units.get(id);
  return found ? cellOf(state.data.tables.units, found.row, "name") : id;
}

const unitLink = (id) => `#unit-${encodeURIComponent(id)}`;

// An element with attributes and children; texts are only ever texts.
function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== null && value !== undefined) node.setAttribute(name, value);
  node.append(...children.filter((child) => child !== null && child !== ""));
  return node;
}

function chip(id) {
  if (!state.data.verdicts[id]) return "";
  const sign = make("i", { "aria-hidden": "true" }, state.data.verdicts[id][0]);
  return make("span", { class: `chip is-${id}` }, sign, make("span", {}, verdictWord(id)));
}
