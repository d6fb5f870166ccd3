import re
import shutil
import subprocess
from pathlib import Path

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


@pytest.mark.long
@pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")
def test_page_in_a_browser_without_network_draws_sorts_filters_and_jumps(tmp_path: Path) -> None:
    prices = write_run(tmp_path / "run", trades=60, bars=3000, instruments=1)
    page = write_report(tmp_path / "run", prices=prices)
    page.write_text(page.read_text().replace("</body>", PROBE + "</body>"))
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
    flags += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
    flags += ["--proxy-server=127.0.0.1:9", f"--user-data-dir={tmp_path / 'profile'}", "--virtual-time-budget=20000"]
    done = subprocess.run(
        [str(CHROMIUM), *flags, "--dump-dom", page.as_uri()], capture_output=True, text=True, timeout=120, check=False
    )
    title = re.search(r"<title>(.*?)</title>", done.stdout, re.DOTALL)
    series = next(iter(prices.values()))
    first = " ".join(f"{value:g}" for value in series.close[:3])
    assert title is not None
    assert title.group(1) == (
        'PROBE {"charts":4,"sorted":true,"filtered":true,"jumped":true,"closes":"' + first + '",'
        f'"last":{series.close[-1]:g},"zoomed":true,"whole":true,"stepped":true,"requests":0}}'
    )
