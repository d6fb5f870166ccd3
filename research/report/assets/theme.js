"use strict";
// One look for all charts, taken from the page's own colours so that light and dark agree.

const CONFIG = {
  displaylogo: false, responsive: true,
  modeBarButtons: [["zoom2d", "pan2d", "autoScale2d", "toImage"]], doubleClick: "autosize",   // the default bar can send a chart to a web service
};

const MINUTE = "%Y-%m-%d %H:%M";

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
}

function axis(more) {
  return Object.assign({
    gridcolor: colour("line"), zerolinecolor: colour("line"), linecolor: colour("line"), automargin: true,
    tickfont: { size: 12 },
  }, more);
}

function layout(more) {
  return Object.assign({
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: "system-ui, Segoe UI, Roboto, sans-serif", size: 13, color: colour("ink") },
    margin: { l: 12, r: 16, t: 36, b: 12 }, hovermode: "x unified", dragmode: "zoom",
    hoverlabel: { bgcolor: colour("raised"), bordercolor: colour("line"), font: { color: colour("ink") } },
    legend: Object.assign({ orientation: "h", x: 0, font: { size: 12 }, traceorder: "normal" }, innerWidth < 640 ? { y: -0.12, yanchor: "top" } : { y: 1.01, yanchor: "bottom" }),
    modebar: { bgcolor: "rgba(0,0,0,0)", color: colour("muted"), activecolor: colour("ink") },
  }, more);
}

// A log scale once the values span more than five-fold, so that early years stay readable.
function scale(values, margin) {
  const known = values.filter(Number.isFinite);
  const low = Math.min(...known), high = Math.max(...known);
  if (!known.length) return { type: "linear", range: [0, 1] };
  const log = low > 0 && high / low > 5;
  const [a, b] = log ? [Math.log10(low), Math.log10(high)] : [low, high];
  const room = (b - a || Math.abs(b) || 1) * margin;
  return { type: log ? "log" : "linear", range: [a - room, b + room], dtick: log ? "D2" : null, };
}

function utc(text) {
  if (typeof text === "number") return text;
  return Date.parse(text.length > 10 ? text.replace(" ", "T") + "Z" : text);
}

function signed(value, digits) {
  if (!Number.isFinite(value)) return "n/a";
  return (value > 0 ? "+" : value < 0 ? "−" : "") + Math.abs(value).toFixed(digits);
}
