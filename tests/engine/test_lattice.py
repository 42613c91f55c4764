import numpy as np
import pytest

from exosim.engine.lattice import Lattice


@pytest.mark.parametrize("spacing", [0.5, 0.25])
def test_spread_points_are_conserved_and_positive(spacing):
    lattice = Lattice(10, spacing)
    x, y = np.random.default_rng(1).random((2, 300)) * 10
    density = lattice.density(lattice.column_of(x, y), 0.25)
    assert density.min() >= 0
    assert density.mean() == pytest.approx(3.0)


def test_the_footprint_has_one_physical_size():
    """The peak over a single point hardly depends on the spacing."""
    peaks = []
    for spacing in (0.125, 0.0625):
        lattice = Lattice(10, spacing)
        peaks.append(lattice.density(lattice.column_of(np.array([5.01]), np.array([5.01])), 0.25).max())
    assert peaks[0] == pytest.approx(peaks[1], rel=0.07)
