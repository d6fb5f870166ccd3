"""The verdict on a search in one word, and in one plain sentence."""

from research.overfitting.search_statistics import SearchStatistics, Verdict

MIN_DEFLATED_SHARPE = 0.95
MAX_OVERFITTING = 0.20
MAX_SPA_P = 0.05


def judge(stats: SearchStatistics) -> Verdict:
    """Return what the three tests say together.

    Notes
    -----
    "better than luck": deflated Sharpe probability >= 95 %, overfitting probability <= 20 % and SPA p <= 5 %, all
    three. "luck": none of them. "doubtful": some. A number that is missing: "not judged". The bars of the first and
    the third are customary; that of the second is ours. Trials that are all equally good outdo each other by chance
    and have an overfitting probability near 50 %: doubtful, since the choice among them is then worth nothing.
    """
    if _missing(stats):
        return "not judged"
    failed = len(_failed(stats))
    return "better than luck" if failed == 0 else "luck" if failed == 3 else "doubtful"


def sentence(stats: SearchStatistics) -> str:
    """Return the numbers of a search and what they mean, as one sentence."""
    if stats.why_not_judged:
        return f"{_who(stats)}: not judged, which is no pass: {stats.why_not_judged}."
    return f"{_who(stats)}: {_numbers(stats)}: {_meaning(stats)}."


def _who(stats: SearchStatistics) -> str:
    if stats.trials == 1:
        return "A single trial"
    name = "Best" if stats.chosen_is_best else "Chosen one, not the best,"
    return f"{name} of {_count(stats)}"


def _count(stats: SearchStatistics) -> str:
    effective = stats.effective_trials
    notes = [f"about {max(1, round(effective)):,} independent"] if effective is not None else []
    if stats.measured_trials < stats.trials:
        notes.append(f"{stats.trials - stats.measured_trials:,} could not be measured")
    return f"{stats.trials:,} trials" + (f" ({', '.join(notes)})" if notes else "")


def _numbers(stats: SearchStatistics) -> str:
    luck = f" where luck alone would be expected to show {_ratio(stats.expected_max_sharpe)}"
    return (
        f"Sharpe {_ratio(stats.sharpe)}{luck if stats.trials > 1 else ''}; deflated Sharpe probability "
        f"{_percent(stats.deflated_sharpe)}, overfitting probability {_percent(stats.overfitting_probability)}, "
        f"SPA p = {_p_value(stats.spa_p)}"
    )


def _meaning(stats: SearchStatistics) -> str:
    if missing := _missing(stats):
        return f"not judged, which is no pass: {missing}"
    failed = _failed(stats)
    if not failed:
        return "luck alone does not explain this"
    return "this is what luck looks like" if len(failed) == 3 else f"doubtful: {' and '.join(failed)}"


def _missing(stats: SearchStatistics) -> str:
    if stats.why_not_judged:
        return stats.why_not_judged
    if stats.trials == 1:
        return "one trial is not a search"
    if stats.measured_trials < 2:
        return "there is no second trial that could be measured"
    unknown = None in {stats.deflated_sharpe, stats.overfitting_probability, stats.spa_p}
    return "a test has no answer for these returns" if unknown else ""


def _failed(stats: SearchStatistics) -> list[str]:
    """Return what speaks for luck; a number that is missing does."""
    deflated, overfitting, spa = stats.deflated_sharpe, stats.overfitting_probability, stats.spa_p
    passed = {
        "the deflated Sharpe probability is under 95 %": deflated is not None and deflated >= MIN_DEFLATED_SHARPE,
        "the overfitting probability is over 20 %": overfitting is not None and overfitting <= MAX_OVERFITTING,
        "SPA p is over 0.05": spa is not None and spa <= MAX_SPA_P,
    }
    return [reason for reason, fine in passed.items() if not fine]


def _ratio(value: float | None) -> str:
    return "n/a" if value is None else f"{value:.2f}"


def _percent(value: float | None) -> str:
    """Return a probability in whole percent; an estimate is never written as certain."""
    if value is None:
        return "n/a"
    whole = round(100.0 * value)
    return "< 1 %" if whole == 0 else "> 99 %" if whole == 100 else f"{whole} %"


def _p_value(value: float | None) -> str:
    return "n/a" if value is None else f"{value:.3f}" if value < 0.1 else f"{value:.2f}"
