"""Scales of sweeps: wide enough that noise stays small."""

import numpy as np

from exosim.view.figures.panels import LEAST, scale


def test_a_scale_has_a_least_span():
    assert scale("improvement_percent", [19.9, 20.1, np.nan]) == (17.5, 22.5)
    assert scale("improvement_percent", [-1, 1]) == (-2.5, 2.5)
    assert scale("improvement_percent", [10, 40]) == (10, 40)
    assert scale("downtime_days", [0, 0.1]) == (0, 2)
    assert all(scale(name, [np.nan])[1] == span for name, span in LEAST.items())
