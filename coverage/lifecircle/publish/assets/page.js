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
    all("[data-label-zh]").forEach((node) => (node.label = node.getAttribute(`data-label-${lang}`)));
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

  // What sorts and hides as one: a row or, where each has its reason under it, a body of two rows.
  const items = (table) => (table.matches(".foldable") ? [...table.tBodies] : [...table.tBodies[0].rows]);
  const firstRow = (item) => (item.rows ? item.rows[0] : item);

  function sortBy(table, column) {
    const headings = all("thead th", table);
    const sign = headings[column].getAttribute("aria-sort") === "ascending" ? -1 : 1;
    headings.forEach((heading) => heading.removeAttribute("aria-sort"));
    headings[column].setAttribute("aria-sort", sign > 0 ? "ascending" : "descending");
    const keyed = items(table).map((item) => ({ item, key: sortKey(firstRow(item).cells[column]) }));
    keyed.sort((a, b) => compare(a.key, b.key, sign));
    const parent = keyed[0].item.parentNode;
    parent.append(...keyed.map(({ item }) => item));
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

  // One bar filters every table of its section; a table without a row left goes with its heading.
  function filter(bar) {
    const lists = all("[data-filter]", bar).filter((list) => list.value);
    const text = bar.querySelector("[data-search]").value.trim().toLowerCase();
    const reference = bar.querySelector("[data-reference]");
    const aside = !reference || reference.checked || lists.some((list) => list.dataset.filter === "rule" || list.value === "reference");
    const kept = (item) => {
      const row = firstRow(item);
      const asked = lists.every((list) => row.dataset[list.dataset.filter] === list.value);
      return asked && (aside || row.dataset.binds === "yes") && (text === "" || row.textContent.toLowerCase().includes(text));
    };
    let shown = 0;
    let total = 0;
    for (const table of all("table.sortable", bar.parentNode)) {
      const found = items(table);
      found.forEach((item) => (item.hidden = !kept(item)));
      const left = found.filter((item) => !item.hidden).length;
      const article = table.closest("article");
      if (article) article.hidden = left === 0;
      shown += left;
      total += found.length;
    }
    const zh = document.documentElement.lang.startsWith("zh");
    bar.querySelector("output").textContent = `${shown} / ${total} ${zh ? "行" : "rows"}`;
  }

  function fold(body, folded) {
    body.classList.toggle("folded", folded);
    body.querySelector("[aria-expanded]").setAttribute("aria-expanded", String(!folded));
  }

  // A press on a verdict opens the reason under it; the button is there for the keyboard.
  function makeFoldable(table) {
    for (const body of table.tBodies) {
      const heading = firstRow(body).cells[0];
      const button = document.createElement("button");
      button.type = "button";
      button.className = "opener";
      button.setAttribute("aria-label", heading.textContent);
      button.setAttribute("aria-expanded", "false");
      heading.prepend(button);
      firstRow(body).addEventListener("click", () => fold(body, !body.classList.contains("folded")));
      fold(body, true);
    }
  }

  function foldAll(folded) {
    all("table.foldable").forEach((table) => [...table.tBodies].forEach((body) => fold(body, folded)));
  }

  function beforePrint() {
    const map = frame.contentWindow.lifecircle;
    if (!map) return;
    Object.assign(frame.style, { width: `${PAPER.width}px`, height: `${PAPER.height}px` });
    map.print(PAPER);
  }

  function afterPrint() {
    Object.assign(frame.style, { width: "", height: "" });
    if (frame.contentWindow.lifecircle) frame.contentWindow.lifecircle.restore();
  }

  all(".tools").forEach((node) => (node.hidden = false));
  all("table.sortable").forEach(makeSortable);
  all("table.foldable").forEach(makeFoldable);
  all(".filters").forEach((bar) => (bar.addEventListener("input", () => filter(bar)), filter(bar)));
  all("[data-lang-to]").forEach((button) => button.addEventListener("click", () => speak(button.dataset.langTo)));
  document.querySelector("[data-open]").addEventListener("click", () => foldAll(false));
  document.querySelector("[data-close]").addEventListener("click", () => foldAll(true));
  document.querySelector("[data-print]").addEventListener("click", () => window.print());
  document.querySelector("[data-full-screen]").addEventListener("click", () => frame.requestFullscreen());
  window.addEventListener("beforeprint", beforePrint);
  window.addEventListener("afterprint", afterPrint);
  const lang = document.documentElement.lang.startsWith("zh") ? "zh" : "en";
  all("[data-lang-to]").forEach((node) => node.setAttribute("aria-pressed", String(node.dataset.langTo === lang)));
})();
