"""From traced equations to the source of a kernel that integrates them.

The kernel steps `lanes` systems side by side in one flat work array: entry `i` of a block of rows stands at
``(block + i) * lanes + lane``, all offsets literal, so that every loop over lanes becomes vector instructions.
What depends on parameters alone is hoisted into constants computed once. The Jacobian is derived symbolically and
``1/gamma - h J`` is eliminated as straight-line code over its non-zeros, in an order chosen to create few new ones.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import sympy
from sympy.printing.pycode import PythonCodePrinter

from exosim.engine import rodas
from exosim.engine.trace import Equations

Definitions = list[tuple[sympy.Symbol, sympy.Expr]]
Pattern = dict[int, set[int]]


@dataclass(frozen=True)
class Program:
    """Straight-line mathematics of a system: constants first, then what the rates and the Jacobian share."""

    constants: Definitions
    shared: Definitions
    rates: Sequence[sympy.Expr]
    jacobian: Mapping[tuple[int, int], sympy.Expr]


def jacobian(equations: Equations) -> dict[tuple[int, int], sympy.Expr]:
    """Non-zero partial derivatives of the rates by (row, column)."""
    columns = {sympy.Symbol(name, real=True): j for j, name in enumerate(equations.layout.entries)}
    entries = {}
    for i, rate in enumerate(equations.rates):
        smooth = rate.rewrite(sympy.Piecewise) if rate.has(sympy.Max, sympy.Min, sympy.Abs) else rate
        for symbol in sorted(smooth.free_symbols & columns.keys(), key=str):
            slope = smooth.diff(symbol)
            if slope != 0 and not slope.has(sympy.Derivative, sympy.Subs):
                entries[i, columns[symbol]] = slope
    return entries


def program(equations: Equations) -> Program:
    """Shared subexpressions of rates and Jacobian, with everything constant in time moved out."""
    slopes = jacobian(equations)
    shared, results = sympy.cse([*equations.rates, *slopes.values()], symbols=sympy.numbered_symbols("x"))
    moving = {sympy.Symbol(name, real=True) for name in equations.layout.entries}
    constants: Definitions = []
    changing: Definitions = []
    for symbol, value in shared:
        if value.free_symbols & moving:
            moving.add(symbol)
            changing.append((symbol, value))
        else:
            constants.append((symbol, value))
    hoisted: dict[sympy.Expr, sympy.Symbol] = {}
    changing = [(symbol, hoist(value, moving, hoisted)) for symbol, value in changing]
    results = [hoist(value, moving, hoisted) for value in results]
    constants += [(symbol, value) for value, symbol in hoisted.items()]
    rates, entries = results[: len(equations.rates)], results[len(equations.rates) :]
    return Program(constants, changing, rates, dict(zip(slopes, entries, strict=True)))


def hoist(
    value: sympy.Expr, moving: set[sympy.Symbol], constants: dict[sympy.Expr, sympy.Symbol]
) -> sympy.Expr:
    """`value` with its largest parts free of `moving` symbols replaced by symbols registered in `constants`."""
    if value.is_Atom:
        return value
    if not value.free_symbols & moving:
        return constants.setdefault(value, sympy.Symbol(f"c{len(constants)}", real=True))
    if isinstance(value, sympy.Add | sympy.Mul):
        still = [part for part in value.args if not part.free_symbols & moving]
        parts = [hoist(part, moving, constants) for part in value.args if part.free_symbols & moving]
        return value.func(*([hoist(value.func(*still), moving, constants)] if still else []), *parts)
    return value.func(*[hoist(part, moving, constants) for part in value.args])


def needed(results: Iterable[sympy.Expr], definitions: Definitions) -> Definitions:
    """The definitions that `results` rest on, in order."""
    wanted = set().union(*(x.free_symbols for x in results)) if results else set()
    kept = []
    for symbol, value in reversed(definitions):
        if symbol in wanted:
            kept.append((symbol, value))
            wanted |= value.free_symbols
    return kept[::-1]


def elimination(rows: int, entries: Iterable[tuple[int, int]]) -> tuple[list[int], Pattern]:
    """Pivot order and the non-zeros of each row after elimination, diagonal included.

    Always the pivot with the fewest products (Markowitz) next.
    """
    pattern: Pattern = {i: {i} for i in range(rows)}
    for i, j in entries:
        pattern[i].add(j)
    left, order = set(range(rows)), []
    while left:
        column = {k: [i for i in left if k in pattern[i]] for k in left}
        pivot = min(left, key=lambda k: ((len(column[k]) - 1) * (len(pattern[k] & left) - 1), k))
        left.remove(pivot)
        order.append(pivot)
        for i in column[pivot]:
            if i != pivot:
                pattern[i] |= pattern[pivot] & left
    return order, pattern


class Layout:
    """Offsets of the blocks of the work array, in rows."""

    def __init__(self, blocks: Mapping[str, int]) -> None:
        self.offset, self.rows = {}, 0
        for name, size in blocks.items():
            self.offset[name] = self.rows
            self.rows += size


class Writer:
    """Writes functions of the kernel: loads, definitions, stores, each for all lanes."""

    def __init__(self, layout: Layout, lanes: int) -> None:
        self.layout, self.lanes = layout, lanes
        self.printer = PythonCodePrinter({"fully_qualified_modules": False})

    def cell(self, block: str, row: int) -> str:
        return f"W[{(self.layout.offset[block] + row) * self.lanes} + l]"

    def assign(self, name: object, value: sympy.Expr) -> str:
        return f"{name} = {self.printer.doprint(value)}"

    def function(self, name: str, lines: Iterable[str]) -> str:
        body = "\n".join(f"        {line}" for line in lines)
        return f"@inner\ndef {name}(W):\n    for l in range({self.lanes}):\n{body}\n"


def source(equations: Equations, lanes: int) -> str:
    """Source of a module with `prepare`, `factor`, `stage` and `integrate`, as `exosim.engine.rodas` describes them."""
    maths = program(equations)
    rows = len(equations.layout.entries)
    order, pattern = elimination(rows, maths.jacobian)
    slots = {place: k for k, place in enumerate((i, j) for i in order for j in sorted(pattern[i]))}
    givens = [*equations.parameters, *equations.inputs]
    used = sorted(
        set().union(*(x.free_symbols for x in [*maths.rates, *maths.jacobian.values()]))
        | set().union(*(x.free_symbols for _, x in maths.shared)) if maths.rates else set(),
        key=str,
    )
    constants = [s for s, _ in maths.constants if s in used]
    direct = [name for name in givens if sympy.Symbol(name, real=True) in used]
    layout = Layout(
        {"y": rows, "given": len(givens), "constant": len(constants) + len(direct), "h": 1, "rtol": 1, "atol": rows,
         "error": 1, "total": 1, "state": rows, "rhs": rows, "k": 7 * rows, "out": rows, "dense": 3 * rows,
         "lu": len(slots)}
    )  # fmt: skip
    writer = Writer(layout, lanes)
    where = {name: writer.cell("state", i) for i, name in enumerate(equations.layout.entries)}
    fixed = [*map(str, constants), *direct]
    where |= {name: writer.cell("constant", i) for i, name in enumerate(fixed)}

    def load(values: Iterable[sympy.Expr], places: Mapping[str, str]) -> list[str]:
        names = {str(s) for x in values for s in x.free_symbols}
        return [f"{name} = {place}" for name, place in places.items() if name in names]

    def prepare() -> list[str]:
        places = {name: writer.cell("given", i) for i, name in enumerate(givens)}
        values = [x for _, x in maths.constants]
        lines = load([*values, *(sympy.Symbol(name) for name in direct)], places)
        lines += [writer.assign(symbol, value) for symbol, value in maths.constants]
        return lines + [f"{where[name]} = {name}" for name in fixed]

    def factor() -> list[str]:
        shared = needed(maths.jacobian.values(), maths.shared)
        lines = load([*(x for _, x in shared), *maths.jacobian.values()], where)
        lines += [f"h = {writer.cell('h', 0)}"]
        lines += [writer.assign(symbol, value) for symbol, value in shared]
        for i, j in slots:
            value = writer.printer.doprint(maths.jacobian[i, j]) if (i, j) in maths.jacobian else ""
            diagonal = f"{1 / rodas.GAMMA!r}" if i == j else ""
            lines.append(f"w{i}_{j} = {diagonal}{f' - h * ({value})' if value else '' if diagonal else '0.0'}")
        done: set[int] = set()
        for k in order:
            lines.append(f"w{k}_{k} = 1.0 / w{k}_{k}")
            done.add(k)
            for i in order:
                if i in done or k not in pattern[i]:
                    continue
                lines.append(f"w{i}_{k} = w{i}_{k} * w{k}_{k}")
                lines += [f"w{i}_{j} = w{i}_{j} - w{i}_{k} * w{k}_{j}" for j in sorted(pattern[k] - done)]
        return lines + [f"{writer.cell('lu', slot)} = w{i}_{j}" for (i, j), slot in slots.items()]

    def stage() -> list[str]:
        shared, known = dict(maths.shared), set[str]()
        place = {k: n for n, k in enumerate(order)}

        def ready(value: sympy.Expr) -> list[str]:
            """Loads and definitions that `value` still lacks: late, so that few are alive at once."""
            lines = []
            for symbol in sorted(value.free_symbols, key=str):
                name = str(symbol)
                if name in known:
                    continue
                known.add(name)
                if symbol in shared:
                    lines += [*ready(shared[symbol]), writer.assign(symbol, shared[symbol])]
                else:
                    lines.append(f"{name} = {where[name]}")
            return lines

        lines = [f"h = {writer.cell('h', 0)}"]
        for i in order:
            lines += ready(maths.rates[i])
            rate = writer.printer.doprint(maths.rates[i])
            lines.append(f"b{i} = {writer.cell('rhs', i)} + h * ({rate})")
            lower = [j for j in sorted(pattern[i], key=place.__getitem__) if place[j] < place[i]]
            lines += [f"b{i} = b{i} - {writer.cell('lu', slots[i, j])} * b{j}" for j in lower]
        for i in reversed(order):
            upper = [j for j in sorted(pattern[i]) if place[j] > place[i]]
            lines += [f"b{i} = b{i} - {writer.cell('lu', slots[i, j])} * b{j}" for j in upper]
            lines += [f"b{i} = b{i} * {writer.cell('lu', slots[i, i])}", f"{writer.cell('out', i)} = b{i}"]
        return lines

    def error() -> list[str]:
        lines = [f"rtol = {writer.cell('rtol', 0)}", "worst = 0.0", "total = 0.0"]
        for i in range(rows):
            out, old = writer.cell("out", i), writer.cell("y", i)
            lines += [
                f"old, out = abs({old}), {out}",
                f"new = abs({writer.cell('state', i)} + out)",
                f"e = abs(out) / ({writer.cell('atol', i)} + rtol * (old if old > new else new))",
                "worst = e if e > worst else worst",
                "total = total + e",
            ]
        return [*lines, f"{writer.cell('error', 0)} = worst", f"{writer.cell('total', 0)} = total"]

    parts = [
        "\n".join(f"{name.upper()} = {offset * lanes}" for name, offset in layout.offset.items()),
        f"ROWS = {rows}\nGIVENS = {len(givens)}\nLANES = {lanes}\nSIZE = {layout.rows * lanes}\nBLOCK = {rows * lanes}\n",
        *(writer.function(f.__name__, f()) for f in (prepare, factor, stage, error)),
        "@inner\n" + rodas.step_source(),
        "@inner\n" + rodas.dense_source(),
        f"SIGNATURE = {rodas.SIGNATURE!r}\n\n\n@entry\n" + inspect.getsource(rodas.integrate),
    ]
    return "\n".join(parts) + "\n"
