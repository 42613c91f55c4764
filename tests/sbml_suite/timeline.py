"""Events of SBML as a timeline of jumps, found before anything is integrated.

What happens when may depend on time and on quantities that are foreseen: those that only events change, and
those that grow at a foreseen rate. Values of others stay expressions; where a moment depends on them, the event
is refused by name.
"""

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import sympy
from sympy.core.relational import Relational

from tests.sbml_suite.maths import TIME, Unsupported, own

TINY = 1e-12  # relative: how much later "just after" is
GRID = 4097  # points on which switches of functions that are not linear in time are looked for
ENDLESS = 10_000  # jumps
CHOICES = 5  # events whose order of priorities can stay open


@dataclass(frozen=True, eq=False)
class Event:
    """An event, its maths in states, parameters and time."""

    name: str
    trigger: sympy.Basic
    delay: sympy.Expr
    priority: sympy.Expr
    assignments: dict
    from_trigger: bool
    persistent: bool
    before: bool


@dataclass(eq=False)
class Firing:
    """An event that was triggered and waits for its moment."""

    event: Event
    due: float
    assignments: dict = field(default_factory=dict)


@lru_cache(maxsize=4096)
def function(expression, symbols):
    """`expression` as a function of NumPy arrays."""
    return sympy.lambdify(symbols, expression, modules=["scipy", "numpy"], cse=True)


def evaluated(expression, values):
    """The value of `expression`: a float, or an array where a value is one."""
    symbols = tuple(sorted(expression.free_symbols, key=str))
    with np.errstate(all="ignore"):
        found = function(expression, symbols)(*np.broadcast_arrays(*(np.float64(values[s]) for s in symbols)))
    return np.asarray(found, float) if np.ndim(found) else float(found)


def width(moment):
    """How much later "just after" is; what differs by less than a tenth of it is the same moment."""
    return TINY * max(1.0, abs(moment))


def is_near(moment, others):
    return any(abs(other - moment) <= width(moment) / 10 for other in others)


def after(moment):
    return moment + width(moment)


def before(moment):
    return moment - width(moment)


class Foreseen:
    """Values known in advance.

    Parameters
    ----------
    constant : dict
        Values of quantities that change by events at most.
    growing : dict
        Values at `start` of quantities whose `rates` depend on those only.
    """

    def __init__(self, constant, growing, rates, start):
        self.constant = dict(constant)
        self.steady = constant.keys()
        self.growing = {}
        self.rates = rates
        self.grow(growing, start)

    def value(self, expression, time):
        """The value at `time`, or none where it cannot be foreseen."""
        expression = expression.xreplace(self.growing)
        known = self.constant | {TIME: time}
        return evaluated(expression, known) if expression.free_symbols <= known.keys() else None

    def change(self, new, moment):
        """Take in what a jump assigns to states."""
        found = {s: self.value(expression, moment) for s, expression in new.items()}
        now = {s: found.get(s, self.value(x, moment)) for s, x in self.growing.items()}
        constant = self.constant | {s: x for s, x in found.items() if s in self.steady}
        self.constant = {s: x for s, x in constant.items() if x is not None}
        self.grow(now, moment)

    def grow(self, values, moment):
        rates = {s: self.value(self.rates[s], moment) for s in values}
        finite = [s for s, x in values.items() if None not in (x, rates[s]) and np.isfinite(x + rates[s])]
        self.growing = {s: values[s] + rates[s] * (TIME - moment) for s in finite}

    def timed(self, atom):
        """`atom` and the constants in it, if it depends on time and what is foreseen."""
        atom = atom.xreplace(self.growing)
        others = atom.free_symbols - {TIME}
        if TIME not in atom.free_symbols or not others <= self.constant.keys():
            return None
        return atom, tuple((s, self.constant[s]) for s in sorted(others, key=str))


class Timeline:
    """Runs through all moments at which something switches.

    Parameters
    ----------
    jump : callable
        Turns assignments to identifiers into assignments to states.
    foreseen : Foreseen
        Values known in advance.
    rates : list
        Right-hand sides; where one of them switches at a moment known in advance, integration is cut.
    """

    def __init__(self, events, jump, foreseen, rates, start, end):
        self.events = events
        self.jump = jump
        self.foreseen = foreseen
        self.rates = sympy.Tuple(*rates)
        self.start = start
        self.end = end
        self.state = {event: event.before for event in events}
        self.waiting = []
        self.saved = []
        self.jumps = []

    def run(self):
        """All jumps in order: moment and new values; no values where integration is cut only."""
        now = self.start
        self.settle(now, now)
        while now <= self.end:
            following = self.following(after(now))
            self.settle(after(now), (now + min(following, max(self.end, after(now)))) / 2)
            now = self.following(after(now))
            if now <= self.end:
                if is_near(now, self.edges(self.rates)):
                    self.jumps += [(before(now), {}), (after(now), {})]
                self.settle(now, now)
        return sorted(self.jumps, key=lambda x: x[0])

    def following(self, now):
        """The next moment after `now` at which anything may happen."""
        edges = [x for expression in (self.rates, *(e.trigger for e in self.events)) for x in self.edges(expression)]
        return min((x for x in [*edges, *(f.due for f in self.waiting)] if x > now), default=np.inf)

    def needed(self, expression, time, what):
        found = self.foreseen.value(expression, time)
        if found is None:
            raise Unsupported(f"event {what}")
        return found

    def edges(self, expression):
        """Moments at which comparisons and roundings in `expression` switch, as far as known in advance."""
        found = map(self.switches, expression.atoms(Relational, sympy.floor, sympy.ceiling))
        return {edge for edges in found for edge in edges if self.start <= edge <= self.end}

    def switches(self, atom):
        timed = self.foreseen.timed(atom)
        return switches(*timed, self.start, self.end) if timed else []

    def sharp(self, trigger, moment):
        """`trigger` with the comparisons that switch at `moment` decided, whatever rounding would say."""
        sides = {
            atom: sympy.sympify(isinstance(atom, (sympy.Ge, sympy.Le, sympy.Eq)))
            for atom in trigger.atoms(Relational)
            if len(atom.atoms(Relational)) == 1 and is_near(moment, self.switches(atom))
        }
        return trigger.xreplace(sides)

    # --- events

    def settle(self, moment, probe):
        """Let everything happen that happens at `moment`; triggers are looked at with the time `probe`."""
        self.notice(moment, probe)
        while ready := self.ready(moment):
            self.execute(ready, moment)
            self.notice(moment, probe)
            if len(self.jumps) > ENDLESS:
                raise Unsupported("events that trigger each other without end")

    def notice(self, moment, probe):
        """See which triggers became true or false."""
        rising = []
        for event in self.events:
            trigger = self.sharp(event.trigger, probe)
            state = bool(self.needed(trigger, probe, f"trigger that depends on the state ({event.name})"))
            if state and not self.state[event]:
                rising.append(event)
            if not state and not event.persistent:
                self.waiting = [firing for firing in self.waiting if firing.event is not event]
            self.state[event] = state
        firings = [Firing(event, self.due(event, moment), event.assignments) for event in rising]
        self.waiting += firings
        alone = len(firings) == 1 and self.ready(moment) == firings
        if not alone:
            self.save([firing for firing in firings if firing.event.from_trigger], moment)

    def ready(self, moment):
        return [firing for firing in self.waiting if firing.due <= moment + width(moment) / 10]

    def due(self, event, moment):
        delay = self.needed(event.delay, moment, f"delay that depends on the state ({event.name})")
        return moment + max(delay, 0.0)

    def save(self, firings, moment):
        """Keep the values of the moment of triggering, as numbers or in states made for that."""
        saving = {}
        for firing in firings:
            for target, expression in firing.assignments.items():
                firing.assignments = firing.assignments | {target: self.kept(expression, moment, saving)}
        if saving:
            self.jumps.append((moment, saving))

    def kept(self, expression, moment, saving):
        found = self.foreseen.value(expression, moment)
        if found is not None and np.isfinite(found):
            return sympy.Float(found)
        self.saved.append(own(f"saved{len(self.saved)}"))
        saving[self.saved[-1]] = expression
        return self.saved[-1]

    def execute(self, ready, moment):
        """Run the event of highest priority, or all where their order is decided by values of the moment only."""
        priorities = [self.foreseen.value(firing.event.priority, moment) for firing in ready]
        if len(ready) == 1 or None not in priorities:
            ready = [ready[int(np.argmax(np.nan_to_num(priorities))) if len(ready) > 1 else 0]]
        if len(ready) > CHOICES:
            raise Unsupported("event priorities that depend on the state, of many events at once")
        self.waiting = [firing for firing in self.waiting if firing not in ready]
        new = self.outcome(ready, {})
        if new:
            self.jumps.append((moment, new))
            self.foreseen.change(new, moment)

    def outcome(self, ready, so_far):
        """Values of states after all of `ready`, in the order of their priorities, in those before."""
        branches = []
        for firing in ready:
            others = [x for x in ready if x is not firing]
            first = sympy.And(*(firing.event.priority >= x.event.priority for x in others)).xreplace(so_far)
            new = {s: x.xreplace(so_far) for s, x in self.jump(firing.assignments).items()}
            branches.append((self.outcome(others, so_far | new), first))
        if len(branches) < 2:
            return branches[0][0] if branches else so_far
        changed = list(dict.fromkeys(s for new, _ in branches for s in new))
        return {s: sympy.Piecewise(*((new.get(s, s), first) for new, first in branches)) for s in changed}


@lru_cache(maxsize=4096)
def switches(atom, values, start, end):
    """Moments at which a comparison or rounding switches: exact where it is linear in time."""
    rounding = not isinstance(atom, Relational)
    inner = atom.args[0] if rounding else atom.lhs - atom.rhs
    values = dict(values)
    slope = inner.diff(TIME)
    if TIME not in slope.free_symbols:
        rate = evaluated(slope, values)
        offset = evaluated(inner.xreplace({TIME: sympy.Integer(0)}), values)
        if not rate or not np.isfinite(rate) or not np.isfinite(offset):
            return []
        ends = sorted((rate * start + offset, rate * end + offset))
        levels = np.arange(np.ceil(ends[0]), ends[1] + 1) if rounding else np.zeros(1)
        return [float(x) for x in (levels - offset) / rate]
    return switches_on_grid(atom if rounding else sympy.sign(inner), values, start, end)


def switches_on_grid(level, values, start, end):
    """Moments at which `level` changes, found on a grid and narrowed down."""

    def at(time):
        return np.nan_to_num(evaluated(level, values | {TIME: time}), nan=np.inf)

    grid = np.linspace(start, end, GRID)
    found = at(grid)
    return [narrowed(at, grid[i], grid[i + 1]) for i in np.flatnonzero(found[1:] != found[:-1])]


def narrowed(level, low, high):
    """Where `level` first differs from its value at `low`."""
    at_low = level(low)
    while low < (middle := (low + high) / 2) < high:
        low, high = (middle, high) if level(middle) == at_low else (low, middle)
    return float(high)
