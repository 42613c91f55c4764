"""Fitzpatrick phototypes: how strongly melanocytes respond to inflammation.

Only the response differs; resting melanin is 1 in every skin, because all pigment outcomes are changes from rest.
"""

from __future__ import annotations

RESPONSE = {1: 0.3, 2: 0.5, 3: 0.8, 4: 1.0, 5: 1.3, 6: 1.5}
"""Melanocyte response to TNF-alpha by phototype, IV = 1 (assumed; hyperpigmentation is commoner in darker skin)."""
