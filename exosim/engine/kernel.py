"""From the mathematics of a system to the source of the kernels that integrate it.

A kernel works on `lanes` columns side by side in one flat array `W`: entry `i` of a block of rows is at
``(block + i) * lanes + lane``, all offsets literal, so that every loop over lanes becomes vector instructions.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping

import sympy
from sympy.printing.pycode import PythonCodePrinter

from exosim.engine import dopri, rodas
from exosim.engine.program import Definitions, elimination, needed, program
from exosim.engine.trace import Equations


class Writer:
    """Writes the straight-line functions of one system; `blocks` are the further rows of `W` by name."""

    def __init__(self, equations: Equations, lanes: int, blocks: dict[str, int], stiff: bool) -> None:
        self.maths = program(equations, stiff)
        self.lanes, self.rows = lanes, len(equations.layout.entries)
        self.print: Callable[[sympy.Expr], str] = PythonCodePrinter({"fully_qualified_modules": False}).doprint
        self.entries = equations.layout.entries
        self.givens = [*equations.parameters, *equations.inputs]
        used = {str(x) for value in self.maths.values for x in value.free_symbols}
        constants = [str(symbol) for symbol, _ in self.maths.constants]
        self.fixed = [name for name in [*constants, *self.givens] if name in used]
        self.offset: dict[str, int] = {}
        self.size = 0
        sizes = {
            "y": self.rows,
            "given": len(self.givens),
            "constant": len(self.fixed),
            "state": self.rows,
            "out": self.rows,
        }
        for name, size in (sizes | blocks).items():
            self.offset[name] = self.size * lanes
            self.size += size

    def cell(self, block: str, row: int = 0) -> str:
        """Return the place of a row of a block in the lane `l`."""
        return f"W[{self.offset[block] + row * self.lanes} + l]"

    def places(self, block: str) -> dict[str, str]:
        """Return where entries (read from `block`) and constants are kept."""
        places = {name: self.cell(block, i) for i, name in enumerate(self.entries)}
        return places | {name: self.cell("constant", i) for i, name in enumerate(self.fixed)}

    def define(self, definitions: Definitions) -> list[str]:
        """Write assignments."""
        return [f"{symbol} = {self.print(value)}" for symbol, value in definitions]

    def function(self, name: str, lines: Iterable[str]) -> str:
        """Return a function that does `lines` in every lane."""
        body = "\n".join(f"        {line}" for line in [*lines] or ["pass"])
        return f"@inner\ndef {name}(W):\n    for l in range({self.lanes}):\n{body}\n"

    def prepare(self) -> str:
        """Return the source of `prepare(W)`: everything constant in time, from parameters and inputs."""
        lines = [f"{name} = {self.cell('given', i)}" for i, name in enumerate(self.givens)]
        lines += self.define(self.maths.constants)
        return self.function("prepare", lines + [f"{self.cell('constant', i)} = {x}" for i, x in enumerate(self.fixed)])

    def late(self, places: Mapping[str, str]) -> Callable[[sympy.Expr], list[str]]:
        """Return a function that gives the loads and definitions that a value still lacks: few are alive at once."""
        shared, known = dict(self.maths.shared), set[str]()

        def lacking(value: sympy.Expr) -> list[str]:
            lines = []
            for symbol in sorted(value.free_symbols, key=str):
                name = str(symbol)
                if name in known:
                    continue
                known.add(name)
                if symbol in shared:
                    lines += [*lacking(shared[symbol]), *self.define([(symbol, shared[symbol])])]
                else:
                    lines.append(f"{name} = {places[name]}")
            return lines

        return lacking

    def rates(self) -> str:
        """Return the source of `rates(W)`: the rates of `state` in `out`."""
        lacking, lines = self.late(self.places("state")), []
        for i, rate in enumerate(self.maths.rates):
            lines += [*lacking(rate), f"{self.cell('out', i)} = {self.print(rate)}"]
        return self.function("rates", lines)

    def constants(self, **more: object) -> str:
        """Return the names in capitals that the templates use."""
        names = {name.upper(): offset for name, offset in self.offset.items()}
        names |= {"ROWS": self.rows, "GIVENS": len(self.givens), "LANES": self.lanes, "SIZE": self.size * self.lanes}
        names["BLOCK"] = self.rows * self.lanes
        return "\n".join(f"{name} = {value!r}" for name, value in (names | more).items()) + "\n"


class StiffWriter(Writer):
    """Adds what a Rosenbrock method needs: ``1/gamma - h J``, eliminated over its non-zeros, and room for the error."""

    def __init__(self, equations: Equations, lanes: int) -> None:
        rows = len(equations.layout.entries)
        blocks = {
            "h": 1,
            "atol": rows,
            "error": rows,
            "worst": 1,
            "total": 1,
            "rhs": rows,
            "k": 7 * rows,
            "dense": 3 * rows,
        }
        super().__init__(equations, lanes, blocks, stiff=True)
        self.order, self.pattern = elimination(rows, self.maths.jacobian)
        self.rank = {k: n for n, k in enumerate(self.order)}
        places = ((i, j) for i in self.order for j in sorted(self.pattern[i], key=self.rank.__getitem__))
        self.slots = {place: n for n, place in enumerate(places)}
        self.offset["lu"] = self.size * lanes
        self.size += len(self.slots)

    def factor(self) -> str:
        """Return the source of `factor(W)`: lower and upper factors at `y`, the diagonal inverted."""
        jacobian, order, pattern = self.maths.jacobian, self.order, self.pattern
        shared = needed(jacobian.values(), self.maths.shared)
        names = {str(x) for value in [*(v for _, v in shared), *jacobian.values()] for x in value.free_symbols}
        lines = [f"{name} = {place}" for name, place in self.places("y").items() if name in names]
        lines += [f"h = {self.cell('h')}", *self.define(shared)]
        for i, j in self.slots:
            diagonal = f"{1 / rodas.GAMMA!r}" if i == j else ""
            slope = f" - h * ({self.print(jacobian[i, j])})" if (i, j) in jacobian else ""
            lines.append(f"w{i}_{j} = {diagonal + slope or '0.0'}")
        for k in order:
            lines.append(f"w{k}_{k} = 1.0 / w{k}_{k}")
            right = [j for j in sorted(pattern[k]) if self.rank[j] > self.rank[k]]
            for i in order[self.rank[k] + 1 :]:
                if k in pattern[i]:
                    lines.append(f"w{i}_{k} = w{i}_{k} * w{k}_{k}")
                    lines += [f"w{i}_{j} = w{i}_{j} - w{i}_{k} * w{k}_{j}" for j in right]
        return self.function("factor", lines + [f"{self.cell('lu', n)} = w{i}_{j}" for (i, j), n in self.slots.items()])

    def stage(self) -> str:
        """Return the source of `stage(W)`: solve into `out` for the stage of argument `state` and known part `rhs`."""
        lacking = self.late(self.places("state"))
        lines = [f"h = {self.cell('h')}"]

        def eliminate(i: int, columns: Iterable[int]) -> list[str]:
            return [f"b{i} = b{i} - {self.cell('lu', self.slots[i, j])} * b{j}" for j in columns]

        for i in self.order:
            rate = self.maths.rates[i]
            lines += [*lacking(rate), f"b{i} = {self.cell('rhs', i)} + h * ({self.print(rate)})"]
            lines += eliminate(i, (j for a, j in self.slots if a == i and self.rank[j] < self.rank[i]))
        for i in reversed(self.order):
            lines += eliminate(i, (j for a, j in self.slots if a == i and self.rank[j] > self.rank[i]))
            lines += [f"b{i} = b{i} * {self.cell('lu', self.slots[i, i])}", f"{self.cell('out', i)} = b{i}"]
        return self.function("stage", lines)


def columns(equations: Equations, lanes: int) -> str:
    """Return the source of the kernel for separate columns (`exosim.engine.rodas`)."""
    writer = StiffWriter(equations, lanes)
    parts = [writer.constants(), writer.prepare(), writer.factor(), writer.stage()]
    parts += [rodas.step_source(), rodas.dense_source(), _inner(rodas.error)]
    return "\n\n".join([*parts, _entry(rodas)])


def field(equations: Equations, lanes: int) -> str:
    """Return the source of the kernel for a lattice of columns (`exosim.engine.dopri`)."""
    writer = Writer(equations, lanes, {}, stiff=False)
    chosen = {name: getattr(dopri, name) for name in ("A2", "A3", "A4", "A5", "A6", "A7", "E", "SMALLEST")}
    parts = [writer.constants(**chosen, FIXED=len(writer.fixed)), writer.prepare(), writer.rates()]
    return "\n\n".join([*parts, _inner(dopri.diffuse), _inner(dopri.all_rates), _entry(dopri)])


def _inner(function: object) -> str:
    return "@inner\n" + inspect.getsource(function)  # type: ignore[arg-type]


def _entry(method: object) -> str:
    return f"SIGNATURE = {method.SIGNATURE!r}\n\n\n@entry\n{inspect.getsource(method.integrate)}"  # type: ignore[attr-defined]
