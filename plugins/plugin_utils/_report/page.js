/* Copyright (c) 2026, kajeet.sentinel contributors
   GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
   SPDX-License-Identifier: GPL-3.0-or-later */
"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  if (!byId("list")) return; // a report without devices
  const { columns, labels: pairs, rows } = JSON.parse(byId("data").textContent);
  const labels = Object.fromEntries(pairs);
  const outcomes = pairs.map(([outcome]) => outcome); // in the order of attention
  const at = columns.findIndex(([field]) => field === "outcome");
  const headings = [...byId("list").tHead.rows[0].cells];
  const cards = byId("cards");
  const { media } = cards;
  const list = byId("list").parentElement;
  const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
  const number = (value) => value.toLocaleString("en");
  // The searched text of each row, in lower case.
  const texts = new Map(rows.map((row) => [row, [labels[row[at]], ...row].join("\n").toLowerCase()]));

  let sorted = rows; // all rows, in the selected order
  let found = rows; // rows that match the search
  let first = 0; // index of the first row shown

  function compare(column, direction) {
    const field = columns[column][0];
    const order = {
      outcome: (a, b) => outcomes.indexOf(a) - outcomes.indexOf(b),
      seconds: (a, b) => a - b,
    }[field] || collator.compare;
    // Empty values come last in both directions.
    return (one, other) => {
      const a = one[column], b = other[column];
      if (a === null || b === null) return (a === null) - (b === null);
      return direction * order(a, b);
    };
  }

  function sortBy(column) {
    const heading = headings[column];
    const descending = heading.getAttribute("aria-sort") === "ascending";
    headings.forEach((cell) => cell.removeAttribute("aria-sort"));
    heading.setAttribute("aria-sort", descending ? "descending" : "ascending");
    sorted = [...rows].sort(compare(column, descending ? -1 : 1));
    search();
  }

  function search() {
    const words = byId("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    const outcome = byId("outcome").value;
    found = sorted.filter((row) =>
      (!outcome || row[at] === outcome) && words.every((word) => texts.get(row).includes(word)));
    first = 0;
    show();
  }

  function cell(value, [field, heading]) {
    const made = document.createElement("td");
    made.className = `c-${field}`;
    made.dataset.label = heading;
    if (field === "outcome") {
      const name = made.appendChild(document.createElement("span"));
      name.className = `outcome ${value}`;
      name.textContent = labels[value];
    } else if (value !== null) {
      made.textContent = field === "seconds" ? value.toFixed(1) : value;
    }
    return made;
  }

  function fill(size) {
    const end = Math.min(first + size, found.length);
    const body = document.createElement("tbody");
    for (const row of found.slice(first, end)) {
      const line = body.insertRow();
      row.forEach((value, column) => line.append(cell(value, columns[column])));
    }
    byId("list").tBodies[0].replaceWith(body);
    const all = found.length === rows.length ? "" : ` (of ${number(rows.length)})`;
    const devices = found.length === 1 ? "device" : "devices";
    byId("shown").textContent = found.length
      ? `${number(first + 1)} to ${number(end)} of ${number(found.length)} ${devices}${all}`
      : `No device matches${all}`;
    // Not `disabled`, so that the button keeps the focus.
    byId("previous").setAttribute("aria-disabled", first === 0);
    byId("next").setAttribute("aria-disabled", end >= found.length);
  }

  function show() {
    fill(Number(byId("size").value));
    fit();
  }

  // Rows become cards if the list is wider than the window, and stay so on each page of the list.
  function fit() {
    if (list.scrollWidth > list.clientWidth) cards.media = `screen, ${media}`;
  }

  // Paper has all rows that match the search.
  let before = 0;
  function prepare() {
    before = first;
    first = 0;
    fill(found.length);
  }

  function restore() {
    first = before;
    show();
  }

  function turn(pages) {
    const size = Number(byId("size").value);
    const target = first + pages * size;
    if (target < 0 || target >= found.length) return;
    first = target;
    show();
  }

  headings.forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    button.addEventListener("click", () => sortBy(column));
    heading.append(button);
  });
  byId("list").classList.add("sortable");
  byId("search").addEventListener("input", search);
  byId("outcome").addEventListener("change", search);
  byId("size").addEventListener("change", () => { first = 0; show(); });
  window.addEventListener("resize", () => { cards.media = media; fit(); });
  window.addEventListener("beforeprint", prepare);
  window.addEventListener("afterprint", restore);
  byId("previous").addEventListener("click", () => turn(-1));
  byId("next").addEventListener("click", () => turn(1));
  byId("controls").addEventListener("submit", (event) => event.preventDefault());
  document.querySelectorAll("a.show").forEach((link) => link.addEventListener("click", () => {
    byId("search").value = "";
    byId("outcome").value = link.dataset.outcome;
    search();
  }));
  byId("controls").reset(); // browsers restore earlier input when a page is opened again
  byId("controls").hidden = false;
  show();
})();
