"""Laws that the equations keep, and the readings of the equations against each other."""

from types import SimpleNamespace

import numpy as np
import pint
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from exosim.biology import doses, inflammation, injury, layers, system
from exosim.biology.notation import LAYERS
from exosim.engine.trace import compiled, trace
from exosim.simulation.equations import equations
from exosim.skin.scars import SCARS, SEVERITIES, fields
from tests.helpers import ALL_ON, COLUMN, article, on_arrays, random_states, rates_on, resting

RNG = np.random.default_rng(0)
NAMES = list(system.PARAMETERS)


def draws(n, width=0.3, seed=0):
    """Admissible parameters: +-30 % round the set `article`, every mechanism on, inside the declared ranges."""
    rng = np.random.default_rng(seed)
    base = article() | ALL_ON | {"cargo_melanin": -0.2}
    drawn = {name: base[name] * rng.uniform(1 - width, 1 + width, n) for name in NAMES}
    return {name: np.clip(drawn[name], q.low, q.high) for name, q in system.PARAMETERS.items()}


@pytest.mark.parametrize("scar", SCARS)
def test_rest_is_an_exact_fixed_point_for_every_draw(scar):
    n = 200
    for severity in SEVERITIES:
        skin = fields(scar, severity)
        p, u = on_arrays(
            draws(n) | {"uv_dose": 1.0, "uv_habitual": 1.0, "epidermal_shedding": 1.0, "without_retinoid": 1.0},
            np.repeat(skin.collagen_rest, n, axis=1),
            skin.melanocyte_rest[0],
        )
        y = resting(COLUMN, p, u)
        off_ledger = [
            i for i, e in enumerate(COLUMN.entries) if e not in ("melanin_made", "melanin_shed", "melanin_faded")
        ]
        rates = rates_on(COLUMN, y, p, u) / COLUMN.scales[:, None]
        assert np.abs(rates[off_ledger]).max() < 1e-15


def test_exosomes_and_melanin_balance_in_the_equations():
    n = 2000
    p, u = on_arrays(draws(n), RNG.uniform(0.3, 1.3, (3, n)))
    d = COLUMN.view(rates_on(COLUMN, random_states(COLUMN, p, u, RNG), p, u))
    exosome = d.gel + (d.exosome * u.thickness).sum(0) + d.exosome_washed_off + d.exosome_cleared + d.exosome_taken_up
    assert np.abs(exosome / d.exosome_taken_up).max() < 1e-12
    melanin = d.melanin_epidermal + d.melanin_dermal + d.melanin_shed + d.melanin_faded - d.melanin_made
    assert np.abs(melanin / d.melanin_made).max() < 1e-12


def test_delivery_is_what_leaves_the_film_unwashed():
    p, u = on_arrays(draws(50), RNG.uniform(0.3, 1.3, (3, 50)))
    d = COLUMN.view(rates_on(COLUMN, random_states(COLUMN, p, u, RNG), p, u))
    assert np.allclose(-d.gel - d.exosome_washed_off, d.exosome_delivered.sum(0))


@pytest.mark.parametrize("row", range(len(COLUMN.entries)), ids=COLUMN.entries)
def test_no_state_can_turn_negative(row):
    n = 300
    p, u = on_arrays(draws(n), RNG.uniform(0.3, 1.3, (3, n)))
    y = random_states(COLUMN, p, u, np.random.default_rng(row))
    y[row] = p.tnf_rest if COLUMN.entries[row].startswith("tnf_alpha") else 0.0
    assert rates_on(COLUMN, y, p, u)[row].min() >= -1e-12


@given(st.integers(0, 10_000), st.floats(0.01, 2), st.floats(0.02, 0.2), st.floats(0, 15))
@settings(max_examples=50, deadline=None)
def test_an_injury_keeps_fractions_and_books(seed, reach, radius, density):
    p, u = on_arrays(draws(5, seed=seed), RNG.uniform(0.3, 1.3, (3, 5)))
    y = random_states(COLUMN, p, u, np.random.default_rng(seed))
    for mode in injury.MODES.values():
        wounds = mode(p, u, [injury.Pass(reach, radius, density)])
        wound = wounds[0]
        for share in (wound.opened, wound.ablated, wound.killed, wound.removed, wound.debris):
            assert share.min() >= 0
            assert share.max() <= 1
        s = COLUMN.view(y)
        new = injury.jump(s, u, wounds)
        assert new["wound"].max() <= 1
        assert all(np.min(v) >= 0 for v in new.values())
        lost = ((s.exosome - new["exosome"]) * u.thickness).sum(0)
        assert np.allclose(lost, new["exosome_ablated"] - s.exosome_ablated)
        assert np.allclose(s.melanin_epidermal - new["melanin_epidermal"], new["melanin_ablated"] - s.melanin_ablated)


def test_a_dose_under_needles_is_conserved_and_reaches_only_crossed_layers():
    p, u = on_arrays(article(), np.ones((3, 1)))
    s = COLUMN.view(resting(COLUMN, p, u))
    new = doses.applied_under_needles(s, p, u, "gel", 5.0, [injury.Pass(0.3, 0.035, 2.5)])
    inside = (new["exosome"] * u.thickness).sum(0)
    assert inside > 0
    assert new["gel"] + inside == pytest.approx(5.0, rel=1e-14)
    assert (new["exosome"][2:] == 0).all()


def test_exchange_conserves_amount():
    _, u = on_arrays(article(), np.ones((3, 1)))
    moved = layers.exchange(RNG.random((4, 1)), 0.7, u.thickness)
    assert abs((moved * u.thickness).sum()) < 1e-14


@pytest.mark.parametrize("agents", [False, True])
def test_traced_compiled_and_direct_readings_agree(agents):
    """Floats, arrays and symbols give the same derivatives."""
    traced = equations(agents)
    layout, n = traced.layout, 7
    values = draws(n)
    density = RNG.uniform(0.3, 1.3, (3, n))
    p, u = on_arrays(values, density)
    inputs = [density, np.ones((1, n)), np.zeros((1, n))]
    if agents:
        u.channel_wall, u.wound_area = RNG.random((len(LAYERS), n)), RNG.random(n)
        inputs += [u.channel_wall, u.wound_area[None]]
    y = random_states(layout, p, u, RNG)
    direct = rates_on(layout, y, p, u, agents=agents)
    rows = np.vstack(inputs)
    vectorised = np.empty_like(y)
    compiled(traced)(y, [values[name] for name in traced.parameters], rows, vectorised)
    assert np.allclose(vectorised, direct, rtol=1e-12, atol=1e-13)
    single = np.empty(len(y))
    compiled(traced, scalar=True)(
        y[:, 0].tolist(), [float(values[k][0]) for k in traced.parameters], rows[:, 0].tolist(), single
    )
    assert np.allclose(single, direct[:, 0], rtol=1e-12, atol=1e-13)
    at = dict(zip(layout.entries, y[:, 0], strict=True)) | {k: v[0] for k, v in values.items()}
    at |= dict(zip(traced.inputs, rows[:, 0], strict=True))
    symbolic = [float(x.evalf(20, subs={s: at[str(s)] for s in x.free_symbols})) for x in traced.rates]
    assert np.allclose(symbolic, direct[:, 0], rtol=1e-11, atol=1e-13)


def in_units(change=None):
    """States, parameters and inputs as quantities; `change` replaces the unit of one parameter."""
    units = pint.UnitRegistry()
    for definition in ("particle = [particle]", "cell = [cell]", "SED = [erythemal_dose]"):
        units.define(definition)

    def quantity(value, unit):
        return units.Quantity(value, unit if unit != "1" else "")

    s = SimpleNamespace(
        **{q.name: quantity(RNG.random(len(q.layers)) + 20 if q.layers else 0.5, q.unit) for q in system.STATES}
    )
    p = SimpleNamespace(
        **{q.name: quantity(q.value, (change or {}).get(q.name, q.unit)) for q in system.PARAMETERS.values()}
    )
    rest = {"collagen_rest": quantity(RNG.random(3), "1"), "melanocyte_rest": quantity(1.0, "1"), "held": 0.1}
    u = system.with_geometry(p, **rest)
    return units, s, p, u


def check_units(change=None):
    units, s, p, u = in_units(change)
    for name, rate in system.rates(s, p, u).items():
        unit = next(q.unit for q in system.STATES if q.name == name)
        rate.to(f"{unit}/d" if unit != "1" else "1/d")
    for mode, reach in (("puncture", 1.5 * units.mm), ("ablation", 1.0), ("coagulation", 1.0)):
        wounds = injury.MODES[mode](p, u, [injury.Pass(reach, 0.06 * units.mm, 4 / units.mm**2)])
        for name, value in injury.jump(s, u, wounds).items():
            value.to(getattr(s, name).units)
    dose = 5 * units("Mparticle/mm^2")
    needles = [injury.Pass(1.5 * units.mm, 0.035 * units.mm, 2.5 / units.mm**2)]
    for name, value in doses.applied_under_needles(s, p, u, "gel", dose, needles).items():
        value.to(getattr(s, name).units)


def test_every_equation_has_consistent_units():
    check_units()


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("tnf_clearance", "mm/d"),
        ("tnf_half", "ng"),
        ("exosome_diffusivity", "mm/d"),
        ("recruitment", "1/d"),
        ("needle_rim", "1"),
        ("wound_refill", "d"),
    ],
)
def test_a_wrong_unit_is_found(name, wrong):
    with pytest.raises(pint.DimensionalityError):
        check_units({name: wrong})


def test_every_parameter_is_used_and_inside_its_range():
    p = SimpleNamespace(**{name: sympy.Symbol(name) for name in NAMES})
    used = {str(s) for x in equations().rates for s in x.free_symbols}
    u = system.with_geometry(p)
    one = injury.Pass(*sympy.symbols("reach radius density"))
    for mode in injury.MODES.values():
        [wound] = mode(p, u, [one])
        used |= {str(s) for v in vars(wound).values() for x in np.atleast_1d(v) for s in sympy.sympify(x).free_symbols}
    share, _ = injury.dragged(p, u, [one])
    used |= {str(s) for s in share.free_symbols}
    assert set(NAMES) - used == set()
    for q in system.PARAMETERS.values():
        assert q.low <= q.value <= q.high, q.name
        assert q.source
        assert q.meaning


def test_one_name_for_two_things_is_refused():
    twice = (*inflammation.STATES, inflammation.STATES[0])
    with pytest.raises(ValueError, match="two things"):
        trace(lambda s, p, u: {}, twice, [], lambda p: SimpleNamespace(), {})
