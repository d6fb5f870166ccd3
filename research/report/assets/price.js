"use strict";
// The price chart: candles, entries, exits, and for the trades in view their stop path and targets.

class PriceChart {
  constructor(data) {
    this.data = data;
    this.box = document.getElementById("price-chart");
    this.index = 0;
    this.trade = null;
    this.range = null;
    this.shared = new Map();
    this.pick = document.getElementById("instrument");
    data.meta.instruments.forEach((name, i) => this.pick.add(new Option(name, i)));
    this.pick.onchange = () => this.show(Number(this.pick.value), null);
    document.getElementById("previous").onclick = () => this.step(-1);
    document.getElementById("next").onclick = () => this.step(1);
    document.getElementById("whole").onclick = () => this.show(this.index, null);
    this.stopRows = new Map();
    data.get("s.row").forEach((row, k) => {
      if (!this.stopRows.has(row)) this.stopRows.set(row, []);
      this.stopRows.get(row).push(k);
    });
  }

  show(index, trade) {
    this.index = index;
    this.trade = trade;
    this.pick.value = String(index);
    this.range = trade === null ? this.wholeSpan() : this.around(trade);
    this.draw();
  }

  step(by) {
    const rows = this.rows();
    if (!rows.length) return;
    const at = rows.indexOf(this.trade);
    const next = at < 0 ? (by > 0 ? 0 : rows.length - 1) : (at + by + rows.length) % rows.length;
    selectTrade(rows[next], false);
  }

  rows() {
    const of = this.data.get("t.instrument");
    return Array.from(this.data.get("t.row")).filter((i) => of[i] === this.index);
  }

  series() {
    const known = this.shared.get(this.index);
    if (known) return known;
    const candles = this.data.candles(this.index);
    const made = { candles, breaks: candles && candles.ts.length ? closedHours(candles.ts) : [] };
    this.shared.set(this.index, made);
    return made;
  }

  wholeSpan() {
    const { candles } = this.series(), t = (key) => this.data.get("t." + key);
    const rows = this.rows();
    const first = candles && candles.ts.length ? candles.ts[0] : rows.length ? t("entry_ts")[rows[0]] : 0;
    const last = candles && candles.ts.length ? candles.ts[candles.ts.length - 1] : Math.max(0, ...rows.map((i) => t("exit_ts")[i]));
    const margin = Math.max((last - first) * 0.01, 3600e3);
    return [first - margin, last + margin];
  }

  around(trade) {
    const entry = this.data.get("t.entry_ts")[trade], exit = this.data.get("t.exit_ts")[trade];
    const { candles } = this.series();
    if (!candles || !candles.ts.length) return [entry - (exit - entry) - 3600e3, exit + (exit - entry) + 3600e3];
    const ts = candles.ts;
    const first = Math.max(lowerBound(ts, entry) - 40, 0), last = Math.min(lowerBound(ts, exit) + 40, ts.length - 1);
    return [Math.min(ts[first], entry), Math.max(ts[last], exit)];
  }

  draw() {
    const [from, to] = this.range;
    const { candles, breaks } = this.series();
    const shown = candles ? visibleCandles(candles, from, to, Math.max(120, this.box.clientWidth / 2.6)) : { ts: [], o: [], h: [], l: [], c: [], merged: false };
    const entry = this.data.get("t.entry_ts"), exit = this.data.get("t.exit_ts");
    const rows = this.rows().filter((i) => exit[i] >= from && entry[i] <= to);
    const traces = [this.candleTrace(shown), ...this.markerTraces(rows)];
    const detailed = rows.length <= 30 && !shown.merged;
    if (detailed) traces.push(...this.levelTraces(this.trade === null ? rows : rows.filter((i) => i === this.trade)));
    Plotly.react(this.box, traces, layout({
      hovermode: "closest",
      xaxis: axis({ type: "date", range: [from, to], rangeslider: { visible: false }, rangebreaks: to - from < 40 * 86400e3 ? breaks : [] }),
      yaxis: axis(Object.assign(this.heights(shown, rows, detailed), { fixedrange: true, tickformat: ",.6~g", side: "right" })),
      margin: { l: 8, r: 12, t: 36, b: 12 },
    }), CONFIG);
    if (!this.listening) this.listen();
    this.note();
  }

  listen() {
    this.listening = true;
    this.box.on("plotly_relayout", (change) => {
      const ends = change["xaxis.range"] || [change["xaxis.range[0]"], change["xaxis.range[1]"]];
      if (change["xaxis.autorange"]) this.range = this.wholeSpan();
      else if (ends[0] !== undefined) this.range = ends.map(utc);
      else return;
      this.draw();
    });
    this.box.on("plotly_click", ({ points }) => {
      const row = points[0].customdata;
      if (typeof row === "number") selectTrade(row, false);
    });
  }

  heights(shown, rows, detailed) {
    const all = [];
    shown.h.forEach((high, k) => all.push(high, shown.l[k]));
    const levels = this.trade !== null && detailed ? [this.trade] : [];
    for (const i of rows) all.push(this.data.get("t.entry_px")[i], this.data.get("t.exit_px")[i]);
    for (const i of levels) all.push(this.data.get("t.stop_initial")[i], this.data.get("t.tp1")[i]);
    return scale(all, 0.06);
  }

  candleTrace({ ts, o, h, l, c }) {
    return {
      type: "candlestick", x: ts, open: o, high: h, low: l, close: c, name: "Price", showlegend: false,
      increasing: { line: { color: colour("wick"), width: 1 }, fillcolor: colour("bull") },
      decreasing: { line: { color: colour("wick"), width: 1 }, fillcolor: colour("bear") },
    };
  }

  markerTraces(rows) {
    const t = (key) => this.data.get("t." + key), long = this.data.meta.sides.indexOf("LONG");
    const make = (name, chosen, key, marker) => ({
      type: "scatter", mode: "markers", name, x: chosen.map((i) => t(key + "_ts")[i]), y: chosen.map((i) => t(key + "_px")[i]),
      customdata: chosen, text: chosen.map((i) => this.label(i)), hovertemplate: "%{text}<br>%{x|%Y-%m-%d %H:%M} at %{y}<extra></extra>",
      marker: Object.assign({ line: { width: 1, color: colour("paper") } }, marker),
    });
    const size = rows.length > 30 ? 9 : 12;
    return [
      make("Long entry", rows.filter((i) => t("side")[i] === long), "entry", { symbol: "triangle-up", size: size + 2, color: colour("ink") }),
      make("Short entry", rows.filter((i) => t("side")[i] !== long), "entry", { symbol: "triangle-down", size: size + 2, color: colour("ink") }),
      make("Exit with gain", rows.filter((i) => t("net_pnl")[i] > 0), "exit", { symbol: "circle", size, color: colour("gain") }),
      make("Exit with loss", rows.filter((i) => !(t("net_pnl")[i] > 0)), "exit", { symbol: "x", size, color: colour("loss") }),
    ];
  }

  levelTraces(rows) {
    const t = (key) => this.data.get("t." + key);
    const flat = (key) => this.path(rows, (i) => [[t("entry_ts")[i], t("exit_ts")[i]], [t(key)[i], t(key)[i]]]);
    const line = (name, points, style) => Object.assign({ type: "scatter", mode: "lines", name, hoverinfo: "skip", line: style }, points);
    const target = (dash) => ({ color: colour("target"), width: 1.3, dash });
    return [
      line("Trade", this.path(rows, (i) => [[t("entry_ts")[i], t("exit_ts")[i]], [t("entry_px")[i], t("exit_px")[i]]]), { color: colour("muted"), width: 1, dash: "dot" }),
      line("Stop", this.path(rows, (i) => this.stopPath(i)), { color: colour("stop"), width: 1.6, shape: "hv" }),
      line("TP1", flat("tp1"), target("dash")),
      line("TP2", flat("tp2"), target("longdash")),
    ];
  }

  path(rows, points) {
    const x = [], y = [];
    for (const i of rows) {
      const [xs, ys] = points(i);
      x.push(...xs, null);
      y.push(...ys, null);
    }
    return { x, y };
  }

  stopPath(i) {
    const entry = this.data.get("t.entry_ts")[i], exit = this.data.get("t.exit_ts")[i], x = [entry], y = [this.data.get("t.stop_initial")[i]];
    for (const k of this.stopRows.get(i) || []) {
      x.push(Math.min(Math.max(this.data.get("s.ts")[k], entry), exit));
      y.push(this.data.get("s.stop")[k]);
    }
    x.push(exit);
    y.push(y[y.length - 1]);
    return [x, y];
  }

  label(i) {
    const { sides, reasons } = this.data.meta, t = (key) => this.data.get("t." + key)[i];
    return `#${i + 1} ${sides[t("side")]}, ${reasons[t("reason")]}, ${signed(t("r_multiple"), 2)} R`;
  }

  note() {
    const out = document.getElementById("trade-note");
    out.textContent = this.trade === null ? `${this.rows().length} trades here` : this.label(this.trade);
  }
}
