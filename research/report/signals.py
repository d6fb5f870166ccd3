"""What became of the signals: refused by which rule, missed, traded; and what each score was worth."""

import numpy as np
import pandas as pd

from research import trade_stats
from research.report.markup import Html, section, signed, table, tag
from research.report.numbers import compact, money, number, percent
from research.report.run import Run


def signals_section(run: Run) -> Html:
    """Return the way from signal to trade, the refusals by rule and the signals by score."""
    if len(run.signals) == 0:
        return section("signals", "Signals", tag("p", "The rules found no signal in this span.", class_="empty"))
    parts: list[object] = [tag("div", tag("h3", "By score"), score_table(run))]
    refused = refusals(run.decisions)
    if len(refused):
        head = ("Rule", "Refused", "Share", "Limit", "Median observed")
        parts.append(tag("div", tag("h3", "Refused by rule"), table(head, _refusal_rows(refused))))
    return section("signals", "Signals", *parts, lead=funnel(run))


def funnel(run: Run) -> str:
    """Return how many signals were approved, entered and missed, as a sentence."""
    approved = int(_approved(run.decisions).sum())
    refused = len(run.decisions) - approved
    missed = max(approved - len(run.trades), 0)
    return (
        f"{len(run.signals):,} signals: {approved:,} approved, {refused:,} refused by a rule. "
        f"{len(run.trades):,} became closed trades; {missed:,} approved entries did not fill, or are still open."
    )


def refusals(decisions: pd.DataFrame) -> pd.DataFrame:
    """Return rule, count, limit and median observed value of the refused signals, most frequent first."""
    refused = decisions[~_approved(decisions)].astype({"limit": float, "observed": float})
    named = refused.assign(rule=refused["rule"].fillna("(no rule named)"))
    grouped = named.groupby("rule", observed=True)
    result = grouped.agg(count=("rule", "size"), limit=("limit", "median"), observed=("observed", "median"))
    return result.sort_values("count", ascending=False, kind="stable").reset_index()


def score_table(run: Run) -> Html:
    """Return, per score: signals, approved, traded, win rate, mean R, net."""
    keys = ["ts", "instrument_id"]
    approved = run.decisions.loc[_approved(run.decisions), keys].drop_duplicates().assign(approved=True)
    signals = run.signals[[*keys, "score"]].merge(approved, on=keys, how="left")
    scores = run.signals[[*keys, "score"]].drop_duplicates(keys).rename(columns={"ts": "signal_ts"})
    traded = run.trades.merge(scores, on=["signal_ts", "instrument_id"], how="left")
    head = ("Score", "Signals", "Approved", "Traded", "Win rate", "Mean R", "Net")
    rows = [
        _score_row(score, group, traded[traded["score"] == score])
        for score, group in signals.groupby("score", sort=True)
    ]
    return table(head, rows)


def _score_row(score: object, signals: pd.DataFrame, traded: pd.DataFrame) -> list[object]:
    net, r = traded["net_pnl"].to_numpy(np.float64), traded["r_multiple"].to_numpy(np.float64)
    mean_r, total = trade_stats.mean(r), float(net.sum())
    return [
        f"{score:g}" if isinstance(score, float) else str(score),
        f"{len(signals):,}",
        f"{int(signals['approved'].notna().sum()):,}",
        f"{len(traded):,}",
        percent(trade_stats.win_rate(net)),
        signed(number(mean_r, plus=True), mean_r),
        signed(money(total, plus=True), total),
    ]


def _refusal_rows(refused: pd.DataFrame) -> list[list[object]]:
    total = int(refused["count"].sum())
    columns = (refused[name].tolist() for name in ("rule", "count", "limit", "observed"))
    return [
        [rule, f"{count:,}", percent(count / total, 0), compact(limit), compact(observed)]
        for rule, count, limit, observed in zip(*columns, strict=True)
    ]


def _approved(decisions: pd.DataFrame) -> "pd.Series[bool]":
    return decisions["approved"].astype(bool)
