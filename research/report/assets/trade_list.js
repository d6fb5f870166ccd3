"use strict";
// Sort, filter and choose in the trade list; the rows themselves are in the page already.

let chart = null;

function selectTrade(row, scroll) {
  document.querySelectorAll("#trade-rows tr[aria-selected]").forEach((tr) => tr.removeAttribute("aria-selected"));
  const chosen = document.querySelector(`#trade-rows tr[data-i="${row}"]`);
  if (chosen) chosen.setAttribute("aria-selected", "true");
  if (!chart) return;
  chart.show(chart.data.get("t.instrument")[row], row);
  if (scroll) document.getElementById("prices").scrollIntoView();
}

function wireTrades(data) {
  const body = document.getElementById("trade-rows");
  if (!body) return;
  const rows = Array.from(body.rows, (tr) => ({ tr, i: Number(tr.dataset.i) }));
  const words = { instrument: data.meta.instruments, side: data.meta.sides, reason: data.meta.reasons };

  function filter() {
    const wanted = Object.keys(words).map((key) => [key, document.getElementById("filter-" + key).value]).filter(([, value]) => value);
    let count = 0;
    for (const { tr, i } of rows) {
      tr.hidden = !wanted.every(([key, value]) => words[key][data.get("t." + key)[i]] === value);
      count += tr.hidden ? 0 : 1;
    }
    document.getElementById("trade-count").textContent = `${count.toLocaleString("en")} trades`;
  }

  function sort(button) {
    const head = button.parentElement, key = button.dataset.key;
    const up = head.getAttribute("aria-sort") !== "ascending";
    document.querySelectorAll(".trades th").forEach((th) => th.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    const of = data.get("t." + key), value = (i) => (words[key] ? words[key][of[i]] : of[i]);
    const order = (a, b) => (a < b ? -1 : a > b ? 1 : Number.isNaN(a) - Number.isNaN(b));
    rows.sort((a, b) => (up ? 1 : -1) * order(value(a.i), value(b.i)) || a.i - b.i);
    body.append(...rows.map(({ tr }) => tr));
  }

  document.querySelectorAll("[id^=filter-]").forEach((box) => { box.onchange = filter; });
  document.querySelectorAll(".trades th button").forEach((button) => { button.onclick = () => sort(button); });
  body.onclick = (event) => {
    const tr = event.target.closest("tr");
    if (tr && !String(getSelection())) selectTrade(Number(tr.dataset.i), true);
  };
}
