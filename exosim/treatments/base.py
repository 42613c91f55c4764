"""What every treatment is: a frozen record of settings that turns a day into events."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from exosim.biology.notation import Evidence
from exosim.events import Event


def setting(
    default: float, unit: str, low: float, high: float, evidence: Evidence, source: str, meaning: str
) -> Any:
    """Declare one setting: its default, unit, admissible range, where the default comes from, what it means."""
    return Field(
        default,
        ge=low,
        le=high,
        description=meaning,
        json_schema_extra={"unit": unit, "evidence": evidence, "source": source},
    )


class Treatment(BaseModel):
    """Base of all treatments; a subclass adds settings and `session`.

    Attributes
    ----------
    every_day : bool
        Without a schedule of its own, done once on day 0 (False) or every day to the end (True).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)
    every_day: ClassVar[bool] = False

    def session(self, day: float) -> list[Event]:
        """Events of one session that begins on `day`."""
        raise NotImplementedError
