"""Fits to one's own data: known parameters come back, mistakes are refused, the fitted set is used."""

import numpy as np
import pytest

import exosim as ex
from exosim.studies.fit import own_study

TRUE = {"redness_tnf": 1.4, "tnf_clearance": 9.0}
ARMS = {"laser": "fractional_co2", "both": "fractional_co2_exosome"}
DAYS = [1.0, 3.0, 7.0, 14.0, 30.0, 35.0]
SD = {"erythema": 0.03, "tnf_alpha": 4.0}
FIT = """
base = "article"

[free]
redness_tnf = { prior = "uniform", low = 0.5, high = 4, unit = "1" }
tnf_clearance = { prior = "log", unit = "1/d", low = 4, high = 33 }

[arms]
laser = { name = "laser", weeks = 6, treatments = [{ kind = "fractional_co2_laser" }] }
both = "both.toml"

[[course]]
arm = "laser"
file = "laser.csv"

[[course]]
arm = "both"
file = "both.csv"
sd = { value = 0.03, unit = "1" }
"""
BOTH = 'name = "both"\nweeks = 6\n[[treatments]]\nkind = "fractional_co2_laser"\n[[treatments]]\nkind = "exosome_gel"\n'


@pytest.fixture
def quick(monkeypatch):
    """Make fits short."""
    monkeypatch.setattr(own_study, "ROUNDS", 6)
    monkeypatch.setattr(own_study, "CHAINS", 32)


@pytest.fixture
def trial(tmp_path):
    """Return the file of a fit to made-up measurements of two arms, noise included."""
    (tmp_path / "both.toml").write_text(BOTH)
    (tmp_path / "mine.toml").write_text(FIT)
    random, true = np.random.default_rng(7), ex.parameter_set("article").replace(**TRUE)
    laser = {"name": "laser", "weeks": 6, "treatments": [{"kind": "fractional_co2_laser"}]}
    for name, arm, reads in (("laser", laser, SD), ("both", tmp_path / "both.toml", ["erythema"])):
        course = ex.run(arm, resolution="column", parameters=true).to_dataframe()
        at = {x: np.interp(DAYS, course["day"], course[x]) + SD[x] * random.standard_normal(len(DAYS)) for x in reads}
        spread = (
            [f"{x} sd [{unit}]" for x, unit in (("erythema", "1"), ("tnf_alpha", "pg/mL"))] if name == "laser" else []
        )
        header = ["day [d]", "erythema [1]", *(["tnf_alpha [pg/mL]"] if name == "laser" else []), *spread]
        rows = [[day, *(at[x][i] for x in reads), *(SD.values() if spread else ())] for i, day in enumerate(DAYS)]
        (tmp_path / f"{name}.csv").write_text("\n".join(",".join(map(str, row)) for row in [header, *rows]) + "\n")
    return tmp_path / "mine.toml"


def test_known_parameters_come_back(tmp_path, trial):
    found = ex.fit(trial, out=tmp_path / "fit", seed=1)
    rows = found.to_dataframe().set_index("parameter")
    for name, value in TRUE.items():
        row = rows.loc[name]
        assert row["low"] < value < row["high"]
        assert row["profile"][0] < value < row["profile"][1]
        assert row["high"] - row["low"] < 0.5 * (row["range"][1] - row["range"][0])
        assert row["scale_reduction"] < 1.1
    assert found.summary["inside"] > 0.8
    assert found.warnings == []
    print(rows.T, found.summary["cost"])
