"""No exception of a callback is lost, and nothing runs after the first one (D32)."""

import pytest

from monitoring.guard import Fault, guarded


class Component:
    """Something with guarded callbacks."""

    def __init__(self, fault: Fault) -> None:
        self.failure = fault
        self.calls: list[object] = []

    @guarded
    def on_message(self, message: object, *, twice: bool = False) -> None:
        """Take a message."""
        if isinstance(message, BaseException):
            raise message
        self.calls += [message, message] if twice else [message]


def test_fault_starts_untripped() -> None:
    fault = Fault()
    assert not fault.tripped
    assert fault.error is None


def test_guarded_passes_arguments_and_keeps_the_name() -> None:
    component = Component(Fault())
    component.on_message("a")
    component.on_message("b", twice=True)
    assert component.calls == ["a", "b", "b"]
    assert Component.on_message.__name__ == "on_message"
    assert Component.on_message.__doc__ == "Take a message."


def test_guarded_keeps_the_first_exception_with_its_traceback_and_stops() -> None:
    component, first = Component(Fault()), ValueError("first")
    component.on_message(first)
    component.on_message(KeyError("second"))
    component.on_message("late")
    assert component.failure.error is first
    assert component.calls == []
    assert first.__traceback__ is not None


def test_guarded_stops_every_component_that_shares_the_fault() -> None:
    fault = Fault()
    one, other = Component(fault), Component(fault)
    one.on_message(ValueError("here"))
    other.on_message("there")
    assert other.calls == []


def test_guard_runs_an_action_until_something_fails() -> None:
    fault, done = Fault(), []
    fault.guard(lambda: done.append(1))
    fault.guard(lambda: done.append(1 // 0))
    fault.guard(lambda: done.append(2))
    assert done == [1]
    assert isinstance(fault.error, ZeroDivisionError)


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit])
def test_guard_lets_a_request_to_stop_through(kind: type[BaseException]) -> None:
    component = Component(Fault())
    with pytest.raises(kind):
        component.on_message(kind())
    assert not component.failure.tripped


def test_trip_keeps_the_first() -> None:
    fault, first = Fault(), ValueError("1")
    fault.trip(first)
    fault.trip(ValueError("2"))
    assert fault.error is first
