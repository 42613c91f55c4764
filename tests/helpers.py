"""Shared by tests: evaluating the equations on arrays, and short scenarios."""

from types import SimpleNamespace

import numpy as np

from exosim.biology import system
from exosim.engine.layout import Layout
from exosim.parameters import parameter_set
from exosim.parameters.switches import OFF
from exosim.scenario.file import parse

LASER = '[[treatments]]\nkind = "fractional_co2_laser"\n'
NEEDLE = '[[treatments]]\nkind = "microneedling"\n'
GEL = '[[treatments]]\nkind = "exosome_gel"\n'


def scenario(*treatments, weeks=12, skin="", name="test"):
    """A scenario from TOML fragments."""
    return parse(f'name = "{name}"\nweeks = {weeks}\n[skin]\n{skin}\n' + "\n".join(treatments))


ALL_ON = OFF
"""Sizes of the mechanisms that a set may leave off."""
WORLDS = ("article", "trials", "article, all on", "trials, all on")
"""What the model must satisfy holds in each: both sets, and with every mechanism on."""


def article():
    return parameter_set("article").values()


def world(name):
    """Parameters of one of `WORLDS`."""
    values = parameter_set(name.split(",")[0]).values()
    return values | ALL_ON if name.endswith("all on") else values


def on_arrays(values, density, melanocyte=1.0):
    """Parameters and inputs for `density` of shape (3, n); values are floats or (n,) arrays."""
    p = SimpleNamespace(**{name: np.atleast_1d(np.asarray(v, float)) for name, v in values.items()})
    u = system.with_geometry(
        p,
        collagen_rest=np.asarray(density, float),
        melanocyte_rest=melanocyte * np.ones(np.shape(density)[1]),
        held=np.zeros(np.shape(density)[1]),
    )
    return p, u


def resting(layout, p, u):
    y = np.zeros((len(layout.entries), u.melanocyte_rest.size))
    layout.write(y, system.rest(p, u))
    return y


def rates_on(layout, y, p, u, **options):
    """Derivatives of all rows."""
    out = np.zeros_like(y)
    layout.write(out, system.rates(layout.view(y), p, u, **options))
    return out


def random_states(layout, p, u, rng):
    """Admissible states far from rest."""
    y = resting(layout, p, u)
    y = y * rng.lognormal(0, 0.7, y.shape) + layout.scales[:, None] * rng.random(y.shape)
    y[layout.rows["tnf_alpha"]] = p.tnf_rest + 100 * rng.random((3, y.shape[1]))
    y[layout.rows["wound"]] = rng.random((3, y.shape[1]))
    return y


COLUMN = Layout(system.STATES)
