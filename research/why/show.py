"""Any story on a terminal."""

from rich.console import RenderableType

from research.why.day import DayStory
from research.why.overview import Overview
from research.why.show_day import show_day
from research.why.show_overview import show_overview
from research.why.show_signal import show_signal
from research.why.story import SignalStory


def show(story: Overview | SignalStory | DayStory) -> RenderableType:
    """Return the page of a story."""
    match story:
        case Overview():
            return show_overview(story)
        case SignalStory():
            return show_signal(story)
    return show_day(story)
