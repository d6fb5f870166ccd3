"use strict";
// The times a breaker was closed: shades behind a curve, and words for the pointer.

const LEVEL_WORDS = ["Smaller size", "No entries", "No entries", "Shutdown"];
const NARROW_WORDS = ["Smaller", "Halt", "Halt", "Shutdown"];

function plainText(text) {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
}

// The middle goes: long names tend to differ at the end.
function shorten(text, most) {
  const head = Math.ceil(most / 2);
  return plainText(text.length > most ? `${text.slice(0, head)}…${text.slice(head + 1 - most)}` : text);
}

// Smaller size stops nothing, and days by the hundred would hide all else: a strip at an edge, not the full height.
function shadeShape(level, count, width) {
  if (level === 0) return { base: 0, height: 0.035, where: " (at the foot)" };
  if (level === 1 && count > width / 5) return { base: 0.93, height: 0.07, where: " (at the top)" };
  return { base: 0, height: 1, where: "" };
}

// Bars, since plotly widens a bar that is thinner than a pixel; the gravest come last and lie on top.
function breakerShades(data, box, yaxis) {
  const [begin, end, name] = ["begin", "end", "name"].map((key) => data.get("b." + key));
  const rows = Array.from(begin.keys()), breakers = data.meta.breakers;
  const [levelWords, most] = innerWidth < 640 ? [NARROW_WORDS, 24] : [LEVEL_WORDS, 44];
  return levelWords.map((words, level) => {
    const mine = rows.filter((i) => breakers[name[i]].level === level);
    const names = breakers.filter((one) => one.level === level).map((one) => one.name).join(", ");
    const { base, height, where } = shadeShape(level, mine.length, box.clientWidth);
    return {
      type: "bar", name: `${words}: ${shorten(names, most)}${where}`, yaxis, base, hoverinfo: "skip", offset: 0,
      x: mine.map((i) => begin[i]), width: mine.map((i) => Math.max(end[i] - begin[i], 1)), y: mine.map(() => height),
      marker: { color: colour("halt-" + level), line: { width: 0 } },
    };
  }).filter((trace) => trace.x.length);
}

// A curve's points are few: each speaks for the time half way to its neighbours.
function breakerWords(data, ts, y) {
  const between = Array.from(ts).slice(1).map((t, i) => (t + ts[i]) / 2);
  const words = new Map();
  data.get("b.begin").forEach((begin, i) => {
    const end = data.get("b.end")[i], until = data.get("b.never")[i] ? "the end" : minute(end);
    const { name, level } = data.meta.breakers[data.get("b.name")[i]];
    const text = `${level ? "Closed" : LEVEL_WORDS[0]}: ${shorten(name, 40)}${innerWidth < 640 ? "<br>" : ", "}${minute(begin)} → ${until}`;
    for (let k = lowerBound(between, begin); k <= lowerBound(between, end); k++) words.set(k, [...(words.get(k) || []), text]);
  });
  const at = [...words.keys()].sort((a, b) => a - b);
  return {
    type: "scatter", mode: "lines", name: "", showlegend: false, line: { width: 0 },
    x: at.map((k) => ts[k]), y: at.map((k) => y[k]), text: at.map((k) => fewLines(words.get(k))), hovertemplate: "%{text}<extra></extra>",
  };
}

function fewLines(lines) {
  return (lines.length > 5 ? [...lines.slice(0, 4), `and ${lines.length - 4} more`] : lines).join("<br>");
}

function minute(ms) {
  return new Date(ms).toISOString().slice(0, 16).replace("T", " ");
}
