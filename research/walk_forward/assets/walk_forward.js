"use strict";
// Stitched equity, in-sample against out-of-sample, and the chosen values over the windows.

const NAMES = { rolling: "Rolling", anchored: "Anchored" };

function drawStitched(data) {
  const traces = data.meta.kinds.map((kind, i) => ({
    type: "scatter", mode: "lines", name: NAMES[kind], x: data.get(`${kind}.ts`), y: data.get(`${kind}.growth`),
    line: { color: colour(i ? "hold" : "gain"), width: i ? 1.5 : 2, dash: i ? "dash" : "solid" }, hovertemplate: "%{y:+.1%}",
  }));
  const starts = data.meta.names.map((day) => ({
    type: "line", x0: day, x1: day, yref: "paper", y0: 0, y1: 1, line: { color: colour("line"), width: 1, dash: "dot" }, layer: "below",
  }));
  Plotly.react("stitched-chart", traces, layout({
    shapes: starts, xaxis: axis({ type: "date", hoverformat: "%Y-%m-%d" }),
    yaxis: axis({ tickformat: "+.0%", zeroline: true, title: { text: "gain out of sample" } }),
  }), CONFIG);
}

function drawScatter(data) {
  const all = [0, 1], traces = data.meta.kinds.map((kind, i) => {
    const x = data.get(`${kind}.in`), y = data.get(`${kind}.out`);
    all.push(...[...x, ...y].filter(Number.isFinite));
    return {
      type: "scatter", mode: "markers", name: NAMES[kind], x, y, text: data.meta.names,
      marker: { color: colour(i ? "hold" : "gain"), size: i ? 8 : 10, symbol: i ? "circle-open" : "circle" },
      hovertemplate: "from %{text}: %{x:.2f} in, %{y:.2f} out<extra></extra>",
    };
  });
  const low = Math.min(...all), high = Math.max(...all), room = (high - low) * 0.06;
  traces.push({
    type: "scatter", mode: "lines", name: "70 % kept", x: [0, high + room], y: [0, data.meta.kept * (high + room)],
    line: { color: colour("target"), dash: "dash", width: 1.5 }, hoverinfo: "skip",
  });
  const known = data.meta.kinds.flatMap((kind) => [...data.get(`${kind}.in`)]).filter(Number.isFinite).concat([0, 1]);
  const side = (Math.max(...known) - Math.min(...known)) * 0.06;
  Plotly.react("scatter-chart", traces, layout({
    hovermode: "closest", margin: { l: 12, r: 16, t: 36, b: 56 },
    xaxis: axis({ title: { text: "Sharpe ratio in the sample" }, range: [Math.min(...known) - side, Math.max(...known) + side], zeroline: true }),
    yaxis: axis({ title: { text: "out of it" }, range: [low - room, high + room], zeroline: true }),
  }), CONFIG);
}

function drawStability(data) {
  const traces = [], more = {}, rows = data.meta.parameters.length, box = document.getElementById("stability-chart");
  box.style.height = `${Math.max(16, 9 * rows)}rem`;
  data.meta.parameters.forEach((one, i) => {
    const suffix = i ? String(i + 1) : "", top = 1 - i / rows, gap = 0.28 / rows;
    [one, data.meta.anchored[i]].forEach((found, n) => traces.push({
      type: "scatter", mode: "lines+markers", x: data.meta.names, y: found.chosen, yaxis: `y${suffix}`, text: found.chosen.map((p) => p === null ? "none" : found.values[p]),
      name: n ? "Anchored" : "Rolling", showlegend: i === 0, legendgroup: String(n), hovertemplate: "%{text}",
      line: { color: colour(n ? "hold" : "gain"), shape: "hv", width: n ? 1.2 : 2, dash: n ? "dash" : "solid" }, marker: { size: n ? 4 : 7 },
    }));
    const step = Math.max(1, Math.ceil(one.values.length / 6)), shown = one.values.map((_, p) => p).filter((p) => p % step === 0);
    more[`yaxis${suffix}`] = axis({
      domain: [top - 1 / rows + gap, top], range: [-0.5, one.values.length - 0.5], tickvals: shown, ticktext: shown.map((p) => one.values[p]), zeroline: false,
    });
    (more.annotations ||= []).push({ text: one.key, xref: "paper", yref: "paper", x: 0, y: top, xanchor: "left", yanchor: "bottom", showarrow: false, font: { size: 12, color: colour("muted") } });
  });
  const last = rows > 1 ? `y${rows}` : "y";
  Plotly.react(box, traces, layout(Object.assign({
    xaxis: axis({ type: "category", anchor: last, title: { text: "begin out of sample" } }), hoversubplots: "axis", margin: { l: 12, r: 16, t: 56, b: 56 },
    legend: { orientation: "h", x: 1, xanchor: "right", y: 1.04, yanchor: "bottom", font: { size: 12 } },
  }, more)), CONFIG);
}

const CHARTS = { "stitched-chart": drawStitched, "scatter-chart": drawScatter, "stability-chart": drawStability };

async function start() {
  const data = new RunData(await inflate("data-gz"));
  const library = document.createElement("script");
  library.textContent = new TextDecoder().decode(await inflate("plotly-gz"));
  document.head.append(library);
  const draw = () => Object.entries(CHARTS).forEach(([id, one]) => { document.getElementById(id).textContent = ""; one(data); });
  draw();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => Object.values(CHARTS).forEach((one) => one(data)));
  document.body.dataset.drawn = "yes";
}

start().catch((problem) => {
  Object.keys(CHARTS).forEach((id) => { document.getElementById(id).textContent = `The chart could not be drawn: ${problem}. The tables are complete; a current browser draws it.`; });
});
