"""Needle length and the dose that reaches the dermis: a first script for students."""

from pathlib import Path

import exosim as ex

here = Path(__file__).parent
for depth in (0.5, 1.0, 1.5):
    result = ex.run(
        here / "microneedling_exosome.toml", resolution="column", changes=[f"treatments.0.depth_mm={depth}"]
    )
    dermis = sum(result.ledger["exosome"]["delivered"].values())
    improvement = result.outcomes["improvement_percent"]
    print(
        f"{depth} mm needles: {dermis:.2f} million particles/mm2 delivered, improvement {improvement:.1f} %"
    )
