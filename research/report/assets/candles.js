"use strict";
// Candles for the visible span: as they are when few, merged by time when many.

function lowerBound(values, wanted) {
  let low = 0, high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] < wanted) low = middle + 1; else high = middle;
  }
  return low;
}

function barWidth(ts) {
  let width = Infinity;
  for (let i = 1; i < ts.length; i++) width = Math.min(width, ts[i] - ts[i - 1]);
  return Number.isFinite(width) ? width : 3600e3;
}

function visibleCandles(series, from, to, limit) {
  const first = Math.max(lowerBound(series.ts, from) - 1, 0);
  const last = Math.min(lowerBound(series.ts, to) + 1, series.ts.length);
  const merged = last - first > limit;
  const width = (to - from) / limit;
  const out = { ts: [], o: [], h: [], l: [], c: [], merged };
  let slot = NaN;
  for (let i = first; i < last; i++) {
    const here = merged ? Math.floor(series.ts[i] / width) : i;
    const k = out.ts.length - 1;
    if (here === slot) {
      out.ts[k] = series.ts[i];
      out.h[k] = Math.max(out.h[k], series.h[i]);
      out.l[k] = Math.min(out.l[k], series.l[i]);
      out.c[k] = series.c[i];
    } else {
      slot = here;
      for (const key of ["ts", "o", "h", "l", "c"]) out[key].push(series[key][i]);
    }
  }
  return out;
}

// Hours in which the market is never open, so that a zoomed chart does not show mostly nothing.
function closedHours(ts) {
  const day = 86400e3, width = barWidth(ts), breaks = [];
  let weekend = true, earliest = day, latest = 0;
  for (const t of ts) {
    const weekday = new Date(t).getUTCDay();
    if (weekday === 0 || weekday === 6) weekend = false;
    earliest = Math.min(earliest, t % day);
    latest = Math.max(latest, t % day);
  }
  if (weekend) breaks.push({ bounds: ["sat", "mon"] });
  const opens = earliest - width;
  if (width < 4 * 3600e3 && opens > 0 && latest - opens < day - 3 * 3600e3) {
    breaks.push({ pattern: "hour", bounds: [latest / 3600e3 + 0.01, opens / 3600e3] });
  }
  return breaks;
}
