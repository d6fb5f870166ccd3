"use strict";
// How results spread: the R histogram and the MAE/MFE scatter.

function drawMultiples(data) {
  const box = document.getElementById("r-chart");
  if (!box) return;
  const r = Array.from(data.get("t.r_multiple")).filter(Number.isFinite);
  if (!r.length) { box.innerHTML = "<p>No R multiples.</p>"; return; }
  const span = Math.max(...r) - Math.min(...r);
  const step = [0.05, 0.1, 0.25, 0.5, 1, 2, 5].find((s) => span / s <= 45) || span / 45;
  const counts = new Map();
  for (const value of r) {
    const bin = Math.floor(value / step + 1e-9);
    counts.set(bin, (counts.get(bin) || 0) + 1);
  }
  const bins = [...counts.keys()].sort((a, b) => a - b);
  const mean = r.reduce((sum, v) => sum + v, 0) / r.length;
  Plotly.react(box, [{
    type: "bar", x: bins.map((b) => (b + 0.5) * step), y: bins.map((b) => counts.get(b)), width: step * 0.92,
    marker: { color: bins.map((b) => colour(b < 0 ? "loss" : "gain")) },
    customdata: bins.map((b) => `${signed(b * step, 2)} to ${signed((b + 1) * step, 2)} R`),
    hovertemplate: "%{customdata}: %{y} trades<extra></extra>",
  }], layout({
    hovermode: "closest", showlegend: false, margin: { l: 12, r: 16, t: 32, b: 48 },
    xaxis: axis({ title: { text: "R" } }), yaxis: axis({ title: { text: "Trades" } }),
    shapes: [{ type: "line", x0: mean, x1: mean, yref: "paper", y0: 0, y1: 1, line: { color: colour("ink"), width: 1.2, dash: "dot" } }],
    annotations: [{ x: mean, yref: "paper", y: 1, yanchor: "bottom", showarrow: false, text: `mean ${signed(mean, 2)} R`, font: { size: 12 } }],
  }), CONFIG);
}

function drawExcursions(data) {
  const box = document.getElementById("excursion-chart");
  if (!box) return;
  const t = (key) => data.get("t." + key), rows = Array.from(t("row"));
  const points = (name, chosen, marker) => ({
    type: "scatter", mode: "markers", name, x: chosen.map((i) => t("mae_r")[i]), y: chosen.map((i) => t("mfe_r")[i]),
    customdata: chosen, hovertemplate: "#%{customdata}: MAE %{x:.2f} R, MFE %{y:.2f} R<extra></extra>", marker,
  });
  Plotly.react(box, [
    points("Loss", rows.filter((i) => !(t("net_pnl")[i] > 0)), { symbol: "x-thin", size: 6, opacity: 0.6, line: { color: colour("loss"), width: 1.2 } }),
    points("Gain", rows.filter((i) => t("net_pnl")[i] > 0), { symbol: "circle", size: 6, opacity: 0.55, color: colour("gain") }),
  ], layout({
    hovermode: "closest", margin: { l: 12, r: 16, t: 32, b: 48 },
    xaxis: axis({ title: { text: "MAE (R against)" }, rangemode: "tozero" }), yaxis: axis({ title: { text: "MFE (R for)" }, rangemode: "tozero" }),
  }), CONFIG);
  box.removeAllListeners("plotly_click");
  box.on("plotly_click", ({ points: hit }) => selectTrade(hit[0].customdata, true));
}
