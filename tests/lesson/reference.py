"""What Python says of a state of the lesson page."""

from exosim.lesson.words import words
from exosim.parameters import parameter_set
from exosim.results.outcomes import as_plain
from exosim.simulation.grid import Grid
from exosim.simulation.loop import simulate

RTOL = 1e-5


def expected(scenario, parameters):
    """Outcomes of the column, solved tightly: the default tolerance of a run is itself about as large as RTOL."""
    history = simulate(scenario, parameter_set(parameters).values(), "column", grid=Grid(rtol=1e-8))
    plain = as_plain(history, scenario)
    return {name: plain[name] for name in words("en")["outcomes"]}


def differences(found, wanted):
    """Outcomes that differ by more than RTOL, as text."""
    wrong = []
    for name, want in wanted.items():
        have = found[name]
        if have is None or want is None or isinstance(want, bool):
            same = have == want
        else:
            same = abs(have - want) <= RTOL * abs(want) + 1e-9
        if not same:
            wrong.append(f"{name}: page {have}, Python {want}")
    return wrong
