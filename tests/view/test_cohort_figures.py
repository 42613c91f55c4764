"""Figures of cohorts with little in them: one person, no scar, arms that are equal, more arms than colours."""

from types import SimpleNamespace

import numpy as np
import pytest

from exosim.view.figures.cohort import distributions, waterfall
from exosim.view.figures.save import save_drawings


def results(*arms):
    values = [np.array(arm, float) for arm in arms]
    return SimpleNamespace(names=[f"arm {i}" for i in range(len(arms))], outcome=lambda i, name: values[i])


def summary(name, mean, low, high):
    return {
        "differences": {name: {"outcomes": {"improvement_percent": {"mean": mean, "ci_low": low, "ci_high": high}}}}
    }


@pytest.mark.parametrize(
    "arms",
    [[[20.0], [30.0]], [[np.nan, np.nan], [np.nan, np.nan]], [[5.0, 5.0], [5.0, 5.0]], [[1.0, np.nan], [2.0, 3.0]],
     [[float(i)] for i in range(9)]],
    ids=["one person", "no scar", "equal arms", "one without outcome", "nine arms"],
)  # fmt: skip
def test_distributions_draw(arms, tmp_path):
    drawing = distributions(results(*arms))
    save_drawings([drawing], tmp_path)
    assert len(drawing.data()["arm"].unique()) == len(arms)
    assert drawing.data()["share"].between(0, 1).all()


def test_the_difference_of_one_person_has_no_interval(tmp_path):
    found = results([20.0], [30.0])
    drawing = waterfall(found, summary("arm 1", 10.0, None, None))
    assert drawing.data()["difference"].tolist() == [10.0]
    save_drawings([drawing], tmp_path)
