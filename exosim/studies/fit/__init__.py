"""Fits parameter sets: the best fit to a few figures with what is identifiable, or the posterior of all studies."""
