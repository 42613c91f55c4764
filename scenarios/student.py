"""Needle length and the dose that reaches the dermis: a first script for students."""

import exosim as ex

for depth in (0.5, 1.0, 1.5):
    result = ex.run("microneedling_exosome", resolution="column", changes=[f"needles.depth_mm={depth}"])
    delivered = result.ledger["exosome"]["delivered"]
    dermis = sum(dose for layer, dose in delivered.items() if layer != "epidermis")
    improvement = result.outcomes["improvement_percent"]
    print(f"{depth} mm needles: {dermis:.2f} million particles/mm2 in the dermis, improvement {improvement:.1f} %")
