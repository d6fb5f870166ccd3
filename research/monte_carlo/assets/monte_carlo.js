"use strict";
// One fan of paths per method on a common scale, and the distributions of what the paths came to.

const METHOD_COLOURS = { reorder: "rule-6", resample: "gain", block: "rule-2" };
const FORMATS = { final_return_frac: ".0%", max_drawdown_frac: ".0%", recovery_trades: ",d", sharpe: ".1f" };

function drawFans(data) {
  const { methods, names, ruin } = data.meta;
  const all = methods.flatMap((method) => [0, 4].flatMap((row) => Array.from(data.get(`${method}.fan.${row}`))));
  const height = scale([...all, ...data.get("own"), ruin], 0.05);
  methods.forEach((method, i) => drawFan(data, method, names[i], height));
}

function drawFan(data, method, name, height) {
  const box = document.getElementById(`fan-${method}`);
  const x = data.get(`${method}.grid`), shade = colour(METHOD_COLOURS[method]);
  const line = (row, label, more) => Object.assign({
    type: "scatter", mode: "lines", x, y: data.get(`${method}.fan.${row}`), name: label, line: { width: 0 }, showlegend: false,
    hovertemplate: `%{y:.1%}<extra>${label}</extra>`,
  }, more);
  Plotly.react(box, [
    line(0, "5 %"), line(4, "95 %", { fill: "tonexty", fillcolor: shade + "2e" }),
    line(1, "25 %"), line(3, "75 %", { fill: "tonexty", fillcolor: shade + "55" }),
    line(2, "Median", { line: { color: shade, width: 2.2 }, showlegend: true }),
    Object.assign(line(2, "This run"), { y: data.get("own"), line: { color: colour("ink"), width: 1.4, dash: "dash" }, showlegend: true }),
  ], layout({
    hoverdistance: -1, margin: { l: 12, r: 16, t: 36, b: 44 }, xaxis: axis({ title: { text: "Closed trades", standoff: 6 }, tickformat: ",d", hoverformat: ",d" }),
    yaxis: axis(Object.assign({}, height, { tickmode: height.dtick ? "linear" : "auto", tickformat: ".0%", title: { text: height.type === "log" ? "Of the start (log)" : "Of the start" } })),
    shapes: [rule("y", 1, "muted", "solid"), rule("y", data.meta.ruin, "loss", "dot")],
  }), CONFIG);
}

function rule(side, at, tone, dash) {
  const across = side === "y" ? { xref: "paper", x0: 0, x1: 1, y0: at, y1: at } : { yref: "paper", y0: 0, y1: 1, x0: at, x1: at };
  return Object.assign({ type: "line", line: { color: colour(tone), width: 1.3, dash } }, across);
}

function drawSpread(data, key) {
  const box = document.getElementById(`spread-${key}`);
  const own = data.meta.own[key];
  const traces = data.meta.drawn[key].map((method) => ({
    type: "scatter", mode: "lines", x: data.get(`${key}.x`), y: data.get(`${key}.${method}`), name: data.meta.names[data.meta.methods.indexOf(method)],
    line: { color: colour(METHOD_COLOURS[method]), width: 1.8, shape: "hvh" }, hovertemplate: "%{y:.2%}",
  }));
  Plotly.react(box, traces, layout({
    hoverdistance: -1, xaxis: axis({ tickformat: FORMATS[key], hoverformat: FORMATS[key] }), yaxis: axis({ tickformat: ".0~%", rangemode: "tozero" }),
    shapes: own === null ? [] : [rule("x", own, "ink", "dash")],
  }), CONFIG);
}

function drawAll(data) {
  drawFans(data);
  Object.keys(data.meta.drawn).forEach((key) => drawSpread(data, key));
}

async function start() {
  const data = new RunData(await inflate("data-gz"));
  const library = document.createElement("script");
  library.textContent = new TextDecoder().decode(await inflate("plotly-gz"));
  document.head.append(library);
  document.querySelectorAll(".chart").forEach((box) => { box.textContent = ""; });
  drawAll(data);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawAll(data));
  document.body.dataset.drawn = "yes";
}

start().catch((problem) => {
  document.querySelectorAll(".chart").forEach((box) => {
    box.textContent = `Charts could not be drawn: ${problem}. The tables are complete; a current browser draws the charts.`;
  });
});
