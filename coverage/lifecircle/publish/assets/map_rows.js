// Parts of the panel: rows with a switch, lists to choose from, headings.

// Every switch goes through `flip`; a row says what it stands for, how many there are, and whether it is shown.
function row(app, { key, swatch, text, count, extra, on, flip }) {
  const box = el("input", { type: "checkbox", "data-key": key, checked: on, onchange: () => flip() });
  return el(
    "label",
    { class: `lc-row lc-switch${on ? "" : " lc-off"}` },
    swatch ? drawing(swatch, "lc-swatch") : el("span", { class: "lc-swatch" }),
    el("span", { class: "lc-row-text" }, text, extra ? el("small", {}, extra) : null),
    countCell(count),
    box,
  );
}

// One number, or one for each of two maps.
function countCell(count) {
  const counts = Array.isArray(count) ? count : [count];
  return el("span", { class: "lc-count" }, counts.length > 1 ? counts.map((one) => [" ", el("span", {}, one)]) : counts[0]);
}

function shownRow(app, key, rest) {
  const { show } = app.state;
  return row(app, { key: `show-${key}`, on: show[key], flip: () => app.change({ show: { ...show, [key]: !show[key] } }), ...rest });
}

// A row whose name is on a list of what is left out.
function listedRow(app, list, name, rest) {
  const names = app.state[list];
  const out = names.includes(name);
  const flip = () => app.change({ [list]: out ? names.filter((one) => one !== name) : [...names, name] });
  return row(app, { key: `${list}-${name}`, on: !out, flip, ...rest });
}

function heading(app, key, text, detail) {
  const title = el("h2", {}, text, detail ? el("small", {}, detail) : null);
  if (!key) return title;
  const { show } = app.state;
  const flip = () => app.change({ show: { ...show, [key]: !show[key] } });
  title.append(el("input", { type: "checkbox", "data-key": `show-${key}`, "aria-label": text, checked: show[key], onchange: flip }));
  return title;
}

// Buttons for a few choices, of which one is pressed.
function buttons(app, key, choices, chosen, onPick) {
  const button = ({ id, text }) =>
    el("button", { type: "button", "data-key": `${key}-${id}`, "aria-pressed": String(id === chosen), onclick: () => onPick(id) }, text);
  return el("div", { class: "lc-tiers", role: "group", "aria-label": word(app, key) }, choices.map(button));
}

// A list for many choices, in groups where there are several; what is chosen is printed beside it on paper.
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
