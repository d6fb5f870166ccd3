"use strict";
// Equity above, drawdown below, buy-and-hold dashed in both; behind equity the times a breaker was closed.

const UPPER = [0.34, 1];

function drawEquity(data) {
  const box = document.getElementById("equity-chart");
  const x = data.get("e.ts");
  if (!x.length) { box.innerHTML = "<p>No equity rows.</p>"; return; }
  const line = (name, y, more) => Object.assign({ type: "scatter", mode: "lines", x, y, name, hovertemplate: "%{y:,.2f}" }, more);
  const ours = { color: colour("gain"), width: 1.8 }, theirs = { color: colour("hold"), width: 1.4, dash: "dot" };
  const below = (name) => data.get(name).map((v) => -v);
  const traces = [
    line("Strategy", data.get("e.equity"), { line: ours }),
    line("Drawdown", below("e.drawdown"), {
      yaxis: "y2", fill: "tozeroy", line: { color: colour("loss"), width: 1.2 }, showlegend: false, hovertemplate: "%{y:.1%}",
    }),
  ];
  if (data.has("e.hold")) {
    traces.push(line("Buy and hold", data.get("e.hold"), { line: theirs }));
    traces.push(line("Buy and hold drawdown", below("e.hold_drawdown"), {
      yaxis: "y2", line: theirs, showlegend: false, hovertemplate: "%{y:.1%}",
    }));
  }
  traces.push(...breakerShades(data, box, "y3"), breakerWords(data, x, data.get("e.equity")));
  const start = data.meta.start_equity;
  const lines = [...data.get("e.equity"), ...(data.has("e.hold") ? data.get("e.hold") : [])];
  const height = scale(lines, 0.05);
  Plotly.react(box, traces, layout({
    xaxis: axis({ type: "date", anchor: "y2", hoverformat: MINUTE }),
    yaxis: axis(Object.assign(height, { domain: UPPER, overlaying: "y3", tickmode: height.dtick ? "linear" : "auto", tickformat: ",.6~g", title: { text: height.type === "log" ? `${data.meta.currency} (log scale)` : data.meta.currency } })),
    yaxis3: { domain: UPPER, range: [0, 1], fixedrange: true, visible: false },
    hoverdistance: -1, hoversubplots: "axis", barmode: "overlay",
    yaxis2: axis({ domain: [0, 0.28], tickformat: ".0%", rangemode: "tozero" }),
    shapes: [{ type: "line", xref: "paper", x0: 0, x1: 1, y0: start, y1: start, line: { color: colour("muted"), width: 1 }, opacity: 0.5 }],
  }), CONFIG);
}
