"""The two records that cross between the tissue and its agents."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace

from exosim.engine.lattice import Array

HORIZON = 0.25  # coupling interval as a share of the shortest mean stay of a channel in a stage


@dataclass(frozen=True)
class TissueView:
    """What agents sense: responses (0..1) of the papillary dermis per column, and the parameters of the moment.

    An occluded channel closes at a lower rate, so occlusion is sensed through the parameters.
    """

    signal: Array
    inflammation: Array
    parameters: SimpleNamespace


@dataclass(frozen=True)
class Delivery:
    """What agents do to the tissue over an interval, as its time average per column.

    Parameters
    ----------
    channel_wall : array, shape (4, columns)
        Wall area of open channels per tissue volume of each layer, 1/mm.
    wound_area : array, shape (columns,)
        Surface fraction of channels that are not sealed.
    """

    channel_wall: Array
    wound_area: Array
