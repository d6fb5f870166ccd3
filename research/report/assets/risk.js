"use strict";
// Portfolio heat under its cap, and the refused entries by rule.

const UNIT_FORMATS = { day: "%e %b %Y", week: "Week of %e %b %Y", month: "%B %Y", quarter: "Q%q %Y" };

function drawHeat(data) {
  const box = document.getElementById("heat-chart");
  if (!box) return;
  const x = data.get("h.ts"), y = data.get("h.frac"), cap = data.meta.max_heat_frac;
  const top = Math.max(cap || 0, y.reduce((a, b) => Math.max(a, b), 0)) || 0.01;
  const hasCap = cap !== null;
  Plotly.react(box, [{
    type: "scatter", mode: "lines", name: "Heat", x, y, fill: "tozeroy", hovertemplate: "%{y:.2%}<extra>Heat</extra>",
    line: { color: colour("gain"), width: 1, shape: "hv" },
  }], layout({
    showlegend: false, hoverdistance: -1,
    xaxis: axis({ type: "date", hoverformat: MINUTE }), yaxis: axis({ range: [0, top * 1.12], tickformat: ".1~%" }),
    shapes: hasCap ? [{ type: "line", xref: "paper", x0: 0, x1: 1, y0: cap, y1: cap, line: { color: colour("loss"), width: 1.6, dash: "dash" } }] : [],
    annotations: hasCap ? [{ xref: "paper", x: 1, xanchor: "right", y: cap, yanchor: "bottom", showarrow: false, text: `cap ${+(100 * cap).toFixed(2)} %`, font: { size: 12, color: colour("loss") } }] : [],
  }), CONFIG);
}

function drawRefusals(data) {
  const box = document.getElementById("refusal-chart");
  if (!box) return;
  const edges = Array.from(data.get("r.edges")), widths = edges.slice(1).map((edge, i) => 0.94 * (edge - edges[i]));
  const traces = data.meta.refusal_rules.map((rule, i) => ({
    type: "bar", name: shorten(rule, 30), x: edges.slice(0, -1), offset: 0, width: widths,
    y: Array.from(data.get("r." + i), (count) => count || null), hovertemplate: `%{y} ${plainText(rule)}<extra></extra>`,
    marker: { color: colour(rule === "other" ? "hold" : "rule-" + (i + 1)), line: { width: 0 } },
  }));
  const highest = widths.reduce((most, _, i) => Math.max(most, traces.reduce((sum, trace) => sum + trace.y[i], 0)), 0);
  Plotly.react(box, traces, layout({
    barmode: "stack", hoverdistance: -1,
    xaxis: axis({ type: "date", range: [edges[0], edges[edges.length - 1]], hoverformat: UNIT_FORMATS[data.meta.refusal_unit] }),
    yaxis: axis({ title: { text: `Refused per ${data.meta.refusal_unit}` }, tickformat: ",d", rangemode: "tozero", dtick: highest > 5 ? null : 1 }),
  }), CONFIG);
}
