#!/usr/bin/env bash
# Lint, types, tests. The compiled rules are run once more as plain Python: coverage cannot see inside numba.
# The tests are in two halves that run at once: those of tests/live wait for processes and servers most of the time.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=.venv/bin
$bin/ruff check -q .
$bin/ruff format -q --check .
$bin/mypy --no-error-summary
rm -f .coverage .coverage.*
test=tests/engine/test_sweep_parity.py::test_sweep_does_what_the_engine_does
rules="tests/unit/strategies tests/unit/execution tests/unit/risk tests/property $test[one-perpetual] $test[money-converted]"
slow=--ignore=tests/property/test_walk_forward_properties.py # whole searches: minutes in plain Python
half() { # what runs in the background: plain Python, then live
    NUMBA_DISABLE_JIT=1 $bin/python -m coverage run -p -m pytest -q -p no:cacheprovider --hypothesis-profile=plain $slow $rules
    $bin/python -m coverage run -p -m pytest -rs -p no:cacheprovider tests/live
}
log=$(mktemp)
set -m # the background half is a group of its own, so that it ends with this script
half >"$log" 2>&1 &
half=$!
set +m
trap 'kill -- "-$half" 2>/dev/null || true; rm -f "$log"' EXIT
here=0 there=0
$bin/python -m coverage run -p -m pytest -rs --ignore=tests/live || here=$?
wait "$half" || there=$?
echo "plain Python, then tests/live:"
cat "$log"
[ "$here" = 0 ] && [ "$there" = 0 ] || { echo "tests failed: exit code $here above, $there of plain Python and tests/live"; exit 1; }
$bin/python -m coverage combine -q
$bin/python -m coverage report --fail-under=95 --skip-covered --show-missing | tail -40
$bin/python -m coverage report --fail-under=100 --include="$(tr '\n' ',' < tests/rules.txt)" >/dev/null ||
    { echo "rules must be covered whole:"; $bin/python -m coverage report -m --include="$(tr '\n' ',' < tests/rules.txt)"; exit 1; }
