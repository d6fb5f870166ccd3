"""What every command does at the edge of its process: failures become one line and an exit code."""

import os
import sys
import traceback
from collections.abc import Callable

from errors import BotError

FAILED, BAD_INPUT, INTERRUPTED = 1, 2, 130


def run_to_exit_code(action: Callable[[], int], *, interrupted: str = "", failed: str = "") -> int:
    """Return what an action returns, 2 for bad input, 130 for Ctrl-C, 1 for a failure with its traceback.

    Parameters
    ----------
    action : callable
        The command; returns its own exit code.
    interrupted, failed : str
        What is said, on standard error, of work that was begun.
    """
    try:
        return action()
    except BotError as error:
        print(f"error: {error}", file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        _say(interrupted)
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nobody reads on: the rest is lost in silence
        return 0
    except Exception:  # noqa: BLE001 - the edge of the process
        traceback.print_exc()
        _say(failed)
        return FAILED


def _say(text: str) -> None:
    if text:
        print(text, file=sys.stderr)
