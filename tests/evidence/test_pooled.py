"""The forecaster without a model."""

import numpy as np
import pytest

from exosim.evidence.pooled import without_a_model
from exosim.evidence.predict import log_score


def test_the_forecaster_without_a_model_knows_only_the_class():
    rows = without_a_model()
    by_name = {(x.study, x.kind): x for x in rows}
    assert by_name["asif-2016", "ratio of improvement, additive"].median == pytest.approx(1.31, abs=0.05)
    assert all(np.isfinite(x.log_score) for x in rows)
    assert log_score(rows) > -3
