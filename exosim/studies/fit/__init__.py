"""Fits parameter sets to their figures: the best fit, what is identifiable, an ensemble that agrees with the evidence.

A set's fitted parameters and figures are data (`exosim/parameters/*.toml`, `exosim/evidence/claims.toml`).
"""
