"use strict";
// Tables are usable at once; data, then the chart library, are unpacked after that.

function drawAll(data) {
  drawEquity(data);
  drawHeat(data);
  drawRefusals(data);
  chart.draw();
  drawMultiples(data);
  drawExcursions(data);
}

async function start() {
  const data = new RunData(await inflate("data-gz"));
  wireTrades(data);
  const library = document.createElement("script");
  library.textContent = new TextDecoder().decode(await inflate("plotly-gz"));
  document.head.append(library);
  document.querySelectorAll(".chart").forEach((box) => { box.textContent = ""; });
  chart = new PriceChart(data);
  const wanted = /^#trade-(\d+)$/.exec(location.hash);
  chart.range = chart.wholeSpan();
  drawAll(data);
  if (wanted && Number(wanted[1]) <= data.get("t.row").length) selectTrade(Number(wanted[1]) - 1, true);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawAll(data));
  document.body.dataset.drawn = "yes";
}

start().catch((problem) => {
  document.querySelectorAll(".chart").forEach((box) => {
    box.textContent = `Charts could not be drawn: ${problem}. The tables are complete; a current browser draws the charts.`;
  });
});
