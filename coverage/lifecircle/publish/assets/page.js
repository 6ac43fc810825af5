// The report: language, the way between report and unit, printing.
const frame = document.querySelector("iframe");
const unitSection = document.getElementById("unit");

function speak(lang) {
  state.lang = lang;
  document.documentElement.lang = lang === "zh" ? "zh-CN" : lang;
  all(`[data-${lang}]`).forEach((node) => (node.textContent = node.dataset[lang]));
  all("[data-only]").forEach((node) => (node.hidden = node.dataset.only !== lang));
  all("[data-label-zh]").forEach((node) => (node.label = node.getAttribute(`data-label-${lang}`)));
  all("[data-aria-zh]").forEach((node) => node.setAttribute("aria-label", node.getAttribute(`data-aria-${lang}`)));
  all("[data-search]").forEach((node) => (node.placeholder = node.getAttribute(`data-placeholder-${lang}`)));
  all("[data-lang-to]").forEach((node) => node.setAttribute("aria-pressed", String(node.dataset.langTo === lang)));
  if (frame) frame.title = `${say(state.data.title)} · ${document.querySelector("#map h2").textContent}`;
  labelSorting();
  all("main > section").forEach(filterSection);
  showAsked();
  const map = frame && frame.contentWindow && frame.contentWindow.lifecircle;
  if (map) map.speak(lang);
}

// The arrow beside a heading says what it sorts by.
function labelSorting() {
  all(".sortable thead button").forEach((button) => {
    const heading = button.parentNode;
    button.setAttribute("aria-label", `${word("sort")}: ${[...heading.childNodes].filter((node) => node !== button).map((node) => node.textContent).join("").trim()}`);
  });
}

function askedUnit() {
  if (!location.hash.startsWith("#unit-")) return null;
  const id = decodeURIComponent(location.hash.slice("#unit-".length));
  return state.units.has(id) ? id : null;
}

// Shows the unit that the address names, or the report.
function showAsked() {
  const id = askedUnit();
  const left = unitSection.dataset.unit;
  unitSection.hidden = id === null;
  document.body.classList.toggle("single", id !== null);
  unitSection.replaceChildren(...(id === null ? [] : [unitPage(id)]));
  if (id === null) delete unitSection.dataset.unit;
  else unitSection.dataset.unit = id;
  document.title = id === null ? say(state.data.title) : `${unitName(id)} · ${say(state.data.title)}`;
  return left;
}

function follow() {
  const left = showAsked();
  const heading = unitSection.querySelector("h2");
  if (heading) {
    window.scrollTo(0, 0);
    heading.focus({ preventScroll: true });
  } else if (left !== undefined) {
    const link = all("#units tbody a").find((node) => node.getAttribute("href") === unitLink(left));
    const target = document.getElementById(location.hash.slice(1)) || document.getElementById("units");
    target.scrollIntoView();
    (link || target).focus({ preventScroll: !link });
  }
}

function foldAll(folded) {
  const asked = folded ? "true" : "false";
  all(`#verdicts .opener[aria-expanded="${asked}"]`).forEach((button) => button.click());
}

function start() {
  all(".tools").forEach((node) => (node.hidden = false));
  all("table[data-grid]").forEach(makeTable);
  all("table.sortable:not([data-grid])").forEach(makeStatic);
  all(".filters").forEach((bar) => bar.addEventListener("input", () => filterSection(bar.closest("section"))));
  all("[data-lang-to]").forEach((button) => {
    button.addEventListener("click", () => speak(button.dataset.langTo));
    button.setAttribute("aria-pressed", String(button.dataset.langTo === state.lang));
  });
  document.querySelector("[data-open]").addEventListener("click", () => foldAll(false));
  document.querySelector("[data-close]").addEventListener("click", () => foldAll(true));
  document.querySelector("[data-print]").addEventListener("click", () => window.print());
  const full = document.querySelector("[data-full-screen]");
  if (full) full.addEventListener("click", () => frame.requestFullscreen());
  labelSorting();
  all("main > section").forEach(filterSection);
  window.addEventListener("hashchange", follow);
  if (askedUnit() !== null) follow();
}

if ("DecompressionStream" in window || document.getElementById("page-data").type === "application/json") readData().then(start);
