"""What an operator may do, and what is refused with which words (Spec 5.5; D25, D26, D29 - D31)."""

import pytest
from breaker_values import MON, TUE, WED, Breakers, at, kinds

from risk.breakers.events import ApiBanned, HandKill, HandReset, OrderFilled, TradeEnded

BY_HAND = ("kill_switch", "drawdown", "suspension", "weekly_loss", "api_errors", "slippage")
WHO = ("ana", "looked into it")


def all_closed() -> Breakers:
    """Return breakers of which every single one is closed, the loss streak too."""
    breakers = Breakers(suspension_days=1)
    breakers.see((at(MON), 50_000.0), (at(TUE), 40_000.0))
    breakers.apply(HandKill(at(TUE), *WHO), ApiBanned(at(TUE)), OrderFilled(at(TUE), 0.001, 0.009))
    breakers.apply(*[TradeEnded(at(TUE), -1.0)] * 5)
    assert breakers.closed == {*BY_HAND, "daily_loss"}
    assert breakers.factor == 0.5
    return breakers


@pytest.mark.parametrize("name", BY_HAND)
def test_hand_resets_the_one_it_names(name: str) -> None:
    breakers = all_closed()
    assert breakers.refusal(HandReset(at(WED), name, *WHO, peak=45_000.0)) == ""
    told = breakers.reset(at(WED), name, peak=45_000.0)
    assert [event.breaker for event in told] == [name]
    assert kinds(told, name) == ["APPROVED" if name == "weekly_loss" else "RESET"]
    assert breakers.closed == {*BY_HAND, "daily_loss"} - ({name} - {"weekly_loss"})
    assert breakers.factor == 0.5


@pytest.mark.parametrize("name", BY_HAND)
def test_hand_cannot_reset_what_is_open(name: str) -> None:
    breakers = Breakers()
    breakers.see((at(MON), 50_000.0))
    wish = HandReset(at(TUE), name, *WHO, peak=50_000.0)
    assert breakers.refusal(wish) == f"{name} is not closed: there is nothing to reset"
    before = breakers.state.tobytes()
    assert breakers.apply(wish) == []
    assert breakers.state.tobytes() == before


@pytest.mark.parametrize(
    ("name", "words"),
    [
        pytest.param(
            "daily_loss", "daily_loss opens by itself at 00:00 UTC; it cannot be reset by hand (D25, D30)", id="D25"
        ),
        pytest.param(
            "loss_streak",
            "loss_streak opens by itself after 10 trades; it cannot be reset by hand (D25, D30)",
            id="D30",
        ),
    ],
)
def test_hand_cannot_open_early_what_opens_by_itself(name: str, words: str) -> None:
    breakers = all_closed()
    assert breakers.refusal(HandReset(at(TUE), name, *WHO)) == words
    assert breakers.reset(at(TUE), name) == []
    assert "daily_loss" in breakers.closed
    assert breakers.factor == 0.5


@pytest.mark.parametrize(
    ("name", "words"),
    [
        pytest.param("weekly_los", "no breaker 'weekly_los'; did you mean 'weekly_loss'? (allowed: kill", id="a-slip"),
        pytest.param(
            "zzz", "no breaker 'zzz' (allowed: kill_switch, drawdown, suspension, weekly_loss,", id="nonsense"
        ),
        pytest.param("", "no breaker '' (allowed: ", id="empty"),
        pytest.param("equity", "no breaker 'equity' (allowed: ", id="a-field-that-is-no-breaker"),
    ],
)
def test_hand_names_a_breaker_that_does_not_exist(name: str, words: str) -> None:
    breakers = all_closed()
    assert breakers.refusal(HandReset(at(TUE), name, *WHO)).startswith(words)
    before = breakers.state.tobytes()
    assert breakers.reset(at(TUE), name) == []
    assert breakers.state.tobytes() == before


@pytest.mark.parametrize(("operator", "reason"), [("", "why not"), (" ", "why not"), ("ana", ""), ("ana", "\n")])
@pytest.mark.parametrize("name", BY_HAND)
def test_hand_without_a_name_or_a_reason_resets_nothing(name: str, operator: str, reason: str) -> None:
    breakers = all_closed()
    wish = HandReset(at(WED), name, operator, reason, peak=45_000.0)
    assert breakers.refusal(wish) == "an operator and a reason are required (D31)"
    before = breakers.state.tobytes()
    assert breakers.apply(wish) == []
    assert breakers.state.tobytes() == before
