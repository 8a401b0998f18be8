"""The rules of alarms against AWS's published tables (vectors/, each names its page), and what follows from them."""
import json
from pathlib import Path

import pytest

from localaws.alarms import metric_math
from localaws.alarms.state import REACH, Missing, State, next_state, too_few_samples
from localaws.alarms.suppression import By, Gate, Owed

VECTORS = Path(__file__).parent / "vectors"
TABLES = json.loads((VECTORS / "missing-data.json").read_text())
SUPPRESSION = json.loads((VECTORS / "suppression.json").read_text())
POINT = {"0": False, "X": True, "-": None}


def points(text):
    return [POINT[c] for c in text]


@pytest.mark.parametrize("missing", Missing)
@pytest.mark.parametrize("vector", TABLES["vectors"], ids=lambda v: f"{v['source']}-{v['needed']}of{v['periods']}-{v['points']}")
def test_published_table(vector, missing):
    wanted = vector[missing]
    for current in State:
        state = next_state(points(vector["points"]), vector["periods"], vector["needed"], missing, current)
        if wanted == "NOT_ALARM":
            assert state != State.ALARM
        else:
            assert state == (current if wanted == "RETAIN" else wanted)


def test_the_table_s_count_of_filled_points():
    for vector in TABLES["vectors"]:
        present = sum(p is not None for p in points(vector["points"]))
        assert max(0, vector["periods"] - present) == vector["filled"], vector


def test_published_figure():
    figure, state, states = TABLES["figure"], State.OK, []
    for end in range(1, len(figure["points"]) + 1):
        if end >= figure["periods"]:
            seen = points(figure["points"][:end])[-figure["periods"] - REACH:]
            state = next_state(seen, figure["periods"], figure["needed"], Missing.MISSING, state)
        states.append(state)
    assert states == figure["states"]


@pytest.mark.parametrize("case", TABLES["lowSamples"], ids=lambda c: c["statistic"])
def test_low_samples(case):
    assert too_few_samples(case["statistic"], case["needed"] - 1) and not too_few_samples(case["statistic"], case["needed"])


@pytest.mark.parametrize("periods, needed", [(1, 1), (2, 2), (3, 2), (3, 3), (5, 3), (5, 5), (15, 15)])
def test_silence_is_noticed_after_needed_periods_and_the_reach(periods, needed):
    """What a "breaching" alarm of one minute costs in time when its metric just stops, whatever N is."""
    seen, silent = [False] * (periods + REACH), 0
    while next_state(seen, periods, needed, Missing.BREACHING, State.OK) == State.OK:
        seen, silent = [*seen[1:], None], silent + 1
    assert silent == needed + REACH


@pytest.mark.parametrize("example", SUPPRESSION["examples"], ids=lambda e: e["name"])
def test_published_suppression(example):
    gate, done = Gate("s", SUPPRESSION["wait"], SUPPRESSION["extension"], example.get("suppressor") == "ALARM"), []
    for now in range(20):
        if owed := gate.due(now):
            done.append([now, owed.new])
        for when, who, state in example["changes"]:
            if when == now and who == "composite":
                gate.changed(Owed("", state, ""), now)
            elif when == now:
                gate.suppressor_is(state, now)
    assert done == example["actions"]


def test_a_gate_says_what_it_waits_for():
    gate = Gate("s", 2, 3)
    gate.changed(Owed("OK", "ALARM", ""), 0)
    assert gate.by == By.WAIT
    gate.suppressor_is(State.ALARM, 1)
    assert (gate.by, gate.due(100)) == (By.ALARM, None)
    gate.suppressor_is(State.INSUFFICIENT, 101)
    assert gate.by == By.EXTENSION
    assert gate.due(104).new == "ALARM" and gate.by is None and gate.due(200) is None


# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
SERIES = {"requests": {0: 100.0, 60: 10.0, 120: 50.0}, "elb": {0: 3.0}, "target": {0: 4.0, 120: 5.0}, "none": {}}
TIMES = [0, 60, 120, 180]


@pytest.mark.parametrize("expression, wanted", [
    ("elb + target", {0: 7.0, 120: 5.0}), ("target - elb", {0: 1.0, 120: 5.0}), ("-elb", {0: -3.0}), ("2 * elb - 1", {0: 5.0}),
    ("100 * (elb + target) / requests", {0: 7.0, 60: 0.0, 120: 10.0}),
    ("IF(requests > 20, 100 * (elb + target) / requests, 0)", {0: 7.0, 60: 0.0, 120: 10.0}),
    ("IF(requests > 20, elb)", {0: 3.0, 120: 0.0}), ("IF(none, 1, 0)", {}), ("IF(1, elb, target)", {0: 3.0, 60: 0.0, 120: 0.0, 180: 0.0}),
    ("requests / elb", {0: 100 / 3}), ("none > 1", {}), ("1 / 0", {}),
    ("FILL(elb, 0)", {0: 3.0, 60: 0.0, 120: 0.0, 180: 0.0}), ("FILL(elb, target)", {0: 3.0, 120: 5.0}),
    ("MAX([elb, target])", {0: 4.0, 120: 5.0}), ("MIN([elb, target, 2])", {0: 2.0, 120: 2.0}), ("SUM([elb, target])", {0: 7.0, 120: 5.0}),
    ("AVG([elb, target])", {0: 3.5, 120: 5.0}),
    ("requests > 20 AND target > 4", {0: 0.0, 60: 0.0, 120: 1.0}), ("requests > 20 && target >= 4 || elb == 9", {0: 1.0, 60: 0.0, 120: 1.0}),
    ("requests != 10", {0: 1.0, 60: 0.0, 120: 1.0}), ("(requests <= 10) * 2", {0: 0.0, 60: 2.0, 120: 0.0})])
def test_metric_math(expression, wanted):
    parsed = metric_math.Expression(expression)
    assert parsed.value(SERIES, TIMES) == wanted and parsed.names <= set(SERIES)


@pytest.mark.parametrize("expression, why", [
    ("SEARCH('x', 'Sum')", "it stops making sense"), ("ANOMALY_DETECTION_BAND(elb)", "the function ANOMALY_DETECTION_BAND is not modelled"),
    ("RATE(elb)", "the function RATE is not modelled"), ("MAX(elb)", "MAX of one metric depends"), ("FILL(elb, REPEAT)", "FILL with REPEAT"),
    ("elb +", "a value is wanted"), ("elb target", "'target' is left over"), ("IF(elb)", "',' is wanted"), ("(elb", "')' is wanted"),
    ("", "a value is wanted")])
def test_metric_math_that_is_not_known_is_refused(expression, why):
    with pytest.raises(metric_math.Unreadable, match=f".*{why.replace('(', '[(]').replace(')', '[)]')}"):
        metric_math.Expression(expression)
