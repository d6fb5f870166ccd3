"use strict";
// Growth of every run above, its drawdown below, one colour a run.

function drawCompared(data) {
  const box = document.getElementById("growth-chart");
  const traces = [];
  data.meta.runs.forEach((name, i) => {
    const x = data.get(`${i}.ts`), line = { color: colour(`rule-${i + 1}`), width: i ? 1.5 : 2 };
    const more = { type: "scatter", mode: "lines", x, line, legendgroup: name };
    traces.push(Object.assign({ y: data.get(`${i}.growth`), name, hovertemplate: "%{y:+.1%}" }, more));
    traces.push(Object.assign({ y: data.get(`${i}.drawdown`).map((v) => -v), name: name.slice(0, 1) + " drawdown", yaxis: "y2", showlegend: false, hovertemplate: "%{y:.1%}" }, more));
  });
  Plotly.react(box, traces, layout({
    xaxis: axis({ type: "date", anchor: "y2", hoverformat: MINUTE }),
    yaxis: axis({ domain: [0.34, 1], tickformat: "+.0%", zeroline: true, title: { text: "gain over start equity" } }),
    yaxis2: axis({ domain: [0, 0.28], tickformat: ".0%", rangemode: "tozero" }),
    hoverdistance: -1, hoversubplots: "axis",
  }), CONFIG);
}

async function start() {
  const data = new RunData(await inflate("data-gz"));
  const library = document.createElement("script");
  library.textContent = new TextDecoder().decode(await inflate("plotly-gz"));
  document.head.append(library);
  document.getElementById("growth-chart").textContent = "";
  drawCompared(data);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawCompared(data));
  document.body.dataset.drawn = "yes";
}

start().catch((problem) => {
  document.getElementById("growth-chart").textContent = `The chart could not be drawn: ${problem}. The tables are complete; a current browser draws it.`;
});
