"""Units of the model as expressions that multiply and cancel, and as SBML kinds."""

from __future__ import annotations

from collections.abc import Mapping

import libsbml
import sympy

ATOMS: dict[str, list[tuple[int, int, float]]] = {
    "d": [(libsbml.UNIT_KIND_SECOND, 1, 86400)],
    "mm": [(libsbml.UNIT_KIND_METRE, 1, 1e-3)],
    "mL": [(libsbml.UNIT_KIND_LITRE, 1, 1e-3)],
    "ng": [(libsbml.UNIT_KIND_GRAM, 1, 1e-9)],
    "pg": [(libsbml.UNIT_KIND_GRAM, 1, 1e-12)],
    "cell": [(libsbml.UNIT_KIND_ITEM, 1, 1)],
    "Mparticle": [(libsbml.UNIT_KIND_ITEM, 1, 1e6)],
    "SED": [(libsbml.UNIT_KIND_JOULE, 1, 100), (libsbml.UNIT_KIND_METRE, -2, 1)],  # erythemal dose, 100 J/m2
}
"""The atoms of units as SBML kinds: (kind, exponent, multiplier)."""


def unit(text: str) -> sympy.Expr:
    """Return a unit as an expression, so that units multiply and cancel.

    >>> unit("pg/mL") * unit("mL/d")
    pg/d
    """
    return sympy.sympify(text.replace("^", "**"), {atom: sympy.Symbol(atom) for atom in ATOMS})


def unit_of(expression: sympy.Expr, units: Mapping[sympy.Symbol, sympy.Expr]) -> sympy.Expr:
    """Return the unit of an expression whose symbols have `units`.

    The terms of a sum have the same unit; the tests let libSBML check that.
    """
    if expression.is_Symbol:
        return units[expression]
    if expression.is_Mul:
        return sympy.prod(unit_of(factor, units) for factor in expression.args)
    if expression.is_Pow and expression.exp.is_number:
        return unit_of(expression.base, units) ** sympy.nsimplify(expression.exp)
    if expression.is_Add:
        return unit_of(next(term for term in expression.args if not term.is_number), units)
    return sympy.Integer(1)


def unit_id(measure: sympy.Expr) -> str:
    """Return the SBML identifier of a unit, made of its atoms.

    >>> unit_id(unit("pg/mL/d")), unit_id(unit("1"))
    ('pg_per_d_per_mL', 'dimensionless')
    """
    powers = {str(atom): int(power) for atom, power in measure.as_powers_dict().items() if atom != 1}
    above = [f"{x}{n if n > 1 else ''}" for x, n in sorted(powers.items()) if n > 0]
    below = [f"per_{x}{-n if n < -1 else ''}" for x, n in sorted(powers.items()) if n < 0]
    return "_".join(above + below) or "dimensionless"
