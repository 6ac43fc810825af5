// The report without this script is a plain page; with it, tables sort and filter, and the language changes.
(() => {
  "use strict";
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const frame = document.querySelector("iframe");
  const PAPER = { width: 694, height: 575 }; // what the answer leaves of an A4 page, in CSS pixels

  function speak(lang) {
    document.documentElement.lang = lang === "zh" ? "zh-CN" : lang;
    all(`[data-${lang}]`).forEach((node) => (node.textContent = node.dataset[lang]));
    all("[data-only]").forEach((node) => (node.hidden = node.dataset.only !== lang));
    all("[data-search]").forEach((node) => (node.placeholder = node.getAttribute(`data-placeholder-${lang}`)));
    all("[data-lang-to]").forEach((node) => node.setAttribute("aria-pressed", String(node.dataset.langTo === lang)));
    all(".filters").forEach(filter);
    const map = frame && frame.contentWindow && frame.contentWindow.lifecircle;
    if (map) map.speak(lang);
  }

  // What a cell sorts by: a number where it has one, otherwise its text; nothing known comes last.
  function sortKey(cell) {
    const text = "sort" in cell.dataset ? cell.dataset.sort : cell.textContent.trim();
    const number = Number(text.replace(/[,%]/g, ""));
    return { empty: text === "", number: Number.isNaN(number) ? null : number, text };
  }

  function compare(a, b, sign) {
    if (a.empty || b.empty) return a.empty - b.empty;
    if (a.number !== null && b.number !== null) return sign * (a.number - b.number);
    return sign * a.text.localeCompare(b.text, "zh-CN");
  }

  function sortBy(table, column) {
    const headings = all("thead th", table);
    const sign = headings[column].getAttribute("aria-sort") === "ascending" ? -1 : 1;
    headings.forEach((heading) => heading.removeAttribute("aria-sort"));
    headings[column].setAttribute("aria-sort", sign > 0 ? "ascending" : "descending");
    const body = table.tBodies[0];
    const keyed = [...body.rows].map((row) => ({ row, key: sortKey(row.cells[column]) }));
    keyed.sort((a, b) => compare(a.key, b.key, sign));
    body.append(...keyed.map(({ row }) => row));
  }

  // The heading stays plain text, so that it is printed on every page; the button is the arrow beside it.
  function makeSortable(table) {
    all("thead th", table).forEach((heading, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.setAttribute("aria-label", `↕ ${heading.textContent}`);
      heading.append(button);
      heading.addEventListener("click", () => sortBy(table, column));
    });
  }

  function filter(bar) {
    const table = bar.nextElementSibling.querySelector("table");
    const wanted = all("[data-filter]", bar).filter((list) => list.value);
    const text = bar.querySelector("[data-search]").value.trim().toLowerCase();
    let shown = 0;
    for (const row of table.tBodies[0].rows) {
      const kept = wanted.every((list) => row.dataset[list.dataset.filter] === list.value);
      row.hidden = !kept || (text !== "" && !row.textContent.toLowerCase().includes(text));
      if (!row.hidden) shown += 1;
    }
    const zh = document.documentElement.lang.startsWith("zh");
    bar.querySelector("output").textContent = `${shown} / ${table.tBodies[0].rows.length} ${zh ? "行" : "rows"}`;
  }

  function openAll(open) {
    all("#reasons details").forEach((details) => (details.open = open));
  }

  // A link into a closed reason opens it.
  function openTarget() {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target && target.tagName === "DETAILS") target.open = true;
  }

  let closed = [];
  function beforePrint() {
    closed = all("#reasons details:not([open])");
    openAll(true);
    const map = frame.contentWindow.lifecircle;
    if (!map) return;
    Object.assign(frame.style, { width: `${PAPER.width}px`, height: `${PAPER.height}px` });
    map.print(PAPER);
  }

  function afterPrint() {
    closed.forEach((details) => (details.open = false));
    Object.assign(frame.style, { width: "", height: "" });
    if (frame.contentWindow.lifecircle) frame.contentWindow.lifecircle.restore();
  }

  all(".tools").forEach((node) => (node.hidden = false));
  all("table.sortable").forEach(makeSortable);
  all(".filters").forEach((bar) => (bar.addEventListener("input", () => filter(bar)), filter(bar)));
  all("[data-lang-to]").forEach((button) => button.addEventListener("click", () => speak(button.dataset.langTo)));
  document.querySelector("[data-open]").addEventListener("click", () => openAll(true));
  document.querySelector("[data-close]").addEventListener("click", () => openAll(false));
  document.querySelector("[data-print]").addEventListener("click", () => window.print());
  document.querySelector("[data-full-screen]").addEventListener("click", () => frame.requestFullscreen());
  window.addEventListener("hashchange", openTarget);
  window.addEventListener("beforeprint", beforePrint);
  window.addEventListener("afterprint", afterPrint);
  openTarget();
  const lang = document.documentElement.lang.startsWith("zh") ? "zh" : "en";
  all("[data-lang-to]").forEach((node) => node.setAttribute("aria-pressed", String(node.dataset.langTo === lang)));
})();
