"""Many runs: cohorts, sweeps, sensitivities, schedules under constraints; on one machine or on a cluster.

A study is a list of units of work, each plain data. `execute` runs them anywhere, `store` keeps what they gave.
"""
