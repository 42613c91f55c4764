"""Many runs: cohorts, sweeps, sensitivities, schedules under constraints; on one machine or on a cluster.

A study is a typed design with rounds of units of work (`kinds`). `execute` runs them anywhere, `store` keeps results.
"""
