import html
import json
import re
import shutil
import subprocess
from pathlib import Path

import pandas as pd
import pytest
from synthetic_run import write_run

from research.report import write_report

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")

PROBE = """
<script>
const seen = {};
window.onerror = (message) => { seen.error = String(message); };
async function probe() {
  while (document.body.dataset.drawn !== "yes") await new Promise((wake) => setTimeout(wake, 20));
  const $ = (selector) => document.querySelector(selector);
  seen.charts = document.querySelectorAll(".js-plotly-plot:has(.main-svg)").length;
  const first = () => $("#trade-rows tr:not([hidden])").dataset.i;
  $('[data-key="net_pnl"]').click();
  const worst = first();
  $('[data-key="net_pnl"]').click();
  const t = chart.data.get("t.net_pnl");
  seen.sorted = t[worst] === Math.min(...t) && t[first()] === Math.max(...t);
  $("#filter-side").value = "SHORT";
  $("#filter-side").onchange();
  const shorts = Array.from(chart.data.get("t.side")).filter((code) => chart.data.meta.sides[code] === "SHORT").length;
  seen.filtered = document.querySelectorAll("#trade-rows tr:not([hidden])").length === shorts;
  $(`#trade-rows tr[data-i="${first()}"] td`).click();
  const stop = chart.box.data.find((trace) => trace.name === "Stop");
  seen.jumped = chart.trade === Number(first()) && stop.x.length > 2;
  const series = chart.data.candles(chart.index);
  seen.closes = Array.from(series.c.slice(0, 3)).join(" ");
  seen.last = series.c[series.c.length - 1];
  await Plotly.relayout(chart.box, { "xaxis.range": [chart.range[0], chart.range[0] + 20 * 3600e3] });
  seen.zoomed = chart.box.data[0].x.length < 30;
  await Plotly.relayout(chart.box, { "xaxis.autorange": true });
  seen.whole = String(chart.range) === String(chart.wholeSpan());
  $("#next").click();
  seen.stepped = chart.trade !== null;
  seen.requests = performance.getEntriesByType("resource").length;
}
probe().catch((e) => { seen.error = String(e); }).finally(() => { document.title = "PROBE " + JSON.stringify(seen); });
</script>
"""


RISK_PROBE = """
<script>
const seen = {};
window.onerror = (message) => { seen.error = String(message); };
async function probe() {
  while (document.body.dataset.drawn !== "yes") await new Promise((wake) => setTimeout(wake, 20));
  const equity = document.getElementById("equity-chart"), traces = (id) => document.getElementById(id).data;
  const shades = traces("equity-chart").filter((trace) => trace.type === "bar");
  seen.shades = shades.map((trace) => [trace.name, trace.x.length]);
  const bars = Array.from(equity.querySelectorAll(".barlayer .point path"));
  seen.bars = bars.map((bar) => bar.getBBox()).filter((box) => box.width >= 1 && box.height >= 1).length;
  seen.colours = new Set(bars.map((bar) => getComputedStyle(bar).fill)).size;
  const [line] = equity.querySelectorAll(".xy .js-line");
  seen.behind = bars.every((bar) => bar.compareDocumentPosition(line) & Node.DOCUMENT_POSITION_FOLLOWING);
  const { x: left, width } = bars[bars.length - 1].getBBox(), ms = (px) => equity._fullLayout.xaxis.p2c(px);
  seen.drawn = [ms(left), ms(left + width)];
  seen.strips = [248, 249].map((count) => shadeShape(1, count, 1240).height < 1);
  seen.short = [shorten("correlation", 11), shorten("minimum_notional_<1>", 11)];
  const spans = { "b.begin": [14, 24, 40], "b.end": [16, 31, 40], "b.name": [0, 1, 0], "b.never": [0, 0, 1] };
  const fake = { get: (key) => spans[key].map((value) => (/begin|end/.test(key) ? value * 60e3 : value)) };
  fake.meta = { breakers: [{ name: "daily loss", level: 1 }, { name: "loss streak", level: 0 }] };
  const words = breakerWords(fake, [0, 10, 20, 30].map((m) => m * 60e3), [5, 6, 7, 8]);
  seen.words = words.x.map((at, i) => [at / 60e3, words.y[i], words.text[i]]);
  const drawdown = shades[3], middle = drawdown.x[0] + drawdown.width[0] / 2;
  const [drag] = [...equity.querySelectorAll(".nsewdrag")].sort((a, b) => a.getBBox().y - b.getBBox().y);
  const place = drag.getBoundingClientRect(), x = place.left + equity._fullLayout.xaxis.d2p(middle);
  const pointer = { clientX: x, clientY: place.top + 40, bubbles: true, view: window };
  for (const kind of ["mouseover", "mousemove"]) drag.dispatchEvent(new MouseEvent(kind, pointer));
  await new Promise((wake) => setTimeout(wake, 500));
  seen.hover = [...equity.querySelectorAll(".hoverlayer .legendtext")].map((text) => text.textContent);
  const [heat] = traces("heat-chart"), at = heat.y.indexOf(Math.max(...heat.y));
  seen.heat = [heat.y[at], heat.x[at]];
  seen.cap = document.querySelector("#heat-chart .annotation-text").textContent;
  const rules = traces("refusal-chart");
  seen.refused = rules.map((rule) => [rule.name, rule.y.reduce((sum, count) => sum + count, 0)]);
  seen.rule_colours = new Set(rules.map((rule) => rule.marker.color)).size;
}
probe().catch((e) => { seen.error = String(e); }).finally(() => { document.title = "PROBE " + JSON.stringify(seen); });
</script>
"""


def look(page: Path, probe: str) -> str:
    """Open the page without a network, let the probe look, and return what it saw."""
    page.write_text(page.read_text().replace("</body>", probe + "</body>"))
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
    flags += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
    flags += ["--proxy-server=127.0.0.1:9", f"--user-data-dir={page.parent / 'profile'}", "--virtual-time-budget=20000"]
    done = subprocess.run(
        [str(CHROMIUM), *flags, "--dump-dom", page.as_uri()], capture_output=True, text=True, timeout=120, check=False
    )
    title = re.search(r"<title>PROBE (.*?)</title>", done.stdout, re.DOTALL)
    assert title is not None
    return html.unescape(title.group(1))


@pytest.mark.long
@pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")
def test_page_in_a_browser_without_network_draws_sorts_filters_and_jumps(tmp_path: Path) -> None:
    prices = write_run(tmp_path / "run", trades=60, bars=3000, instruments=1)
    seen = look(write_report(tmp_path / "run", prices=prices), PROBE)
    series = next(iter(prices.values()))
    first = " ".join(f"{value:g}" for value in series.close[:3])
    assert seen == (
        '{"charts":6,"sorted":true,"filtered":true,"jumped":true,"closes":"' + first + '",'
        f'"last":{series.close[-1]:g},"zoomed":true,"whole":true,"stepped":true,"requests":0}}'
    )


@pytest.mark.long
@pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")
def test_page_in_a_browser_shades_breakers_and_draws_heat_and_refusals(tmp_path: Path) -> None:
    run = tmp_path / "run"
    trips = {"daily_loss": 4, "weekly_loss": 1, "drawdown": 1, "loss_streak": 1}
    prices = write_run(run, trades=60, bars=3000, instruments=1, trips=trips)
    seen = json.loads(look(write_report(run, prices=prices), RISK_PROBE))
    equity, decisions = pd.read_parquet(run / "equity.parquet"), pd.read_parquet(run / "decisions.parquet")
    breakers = pd.read_parquet(run / "breakers.parquet").set_index(["breaker", "kind"])["ts"]
    assert seen["shades"] == [
        ["Smaller size: loss streak (at the foot)", 1],
        ["No entries: daily loss", 4],
        ["No entries: weekly loss", 1],
        ["Shutdown: drawdown", 1],
    ]
    assert (seen["bars"], seen["colours"], seen["behind"]) == (7, 4, True)
    begin, end = breakers["drawdown", "TRIPPED"], breakers["drawdown", "RESET"]
    assert seen["drawn"] == pytest.approx([1000 * begin.timestamp(), 1000 * end.timestamp()], abs=8 * 3600e3)  # a pixel
    assert f"Closed: drawdown, {begin:%Y-%m-%d %H:%M} → {end:%Y-%m-%d %H:%M}" in " ".join(seen["hover"])
    day = "1970-01-01 00:"
    closed, smaller = f"Closed: daily loss, {day}14 → {day}16", f"Smaller size: loss streak, {day}24 → {day}31"
    assert seen["words"] == [
        [10, 6, closed],
        [20, 7, f"{closed}<br>{smaller}"],
        [30, 8, f"{smaller}<br>Closed: daily loss, {day}40 → the end"],
    ]
    assert seen["strips"] == [False, True]
    assert seen["short"] == ["correlation", "minimu…_&lt;1>"]
    peak = equity.loc[equity["heat_frac"].idxmax()]
    assert seen["heat"] == [pytest.approx(peak["heat_frac"], abs=1e-5), peak["ts"].timestamp() * 1000]
    assert seen["cap"] == "cap 5 %"
    counts = decisions.loc[~decisions["approved"], "rule"].value_counts()
    assert dict(seen["refused"]) == dict(counts)
    assert seen["rule_colours"] == len(counts)
    assert "error" not in seen
