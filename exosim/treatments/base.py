"""What every treatment is: a frozen record of settings that turns a day into events."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from exosim.biology.notation import Evidence
from exosim.events import Event
from exosim.problems import Checked


def setting(default: float, unit: str, low: float, high: float, evidence: Evidence, source: str, meaning: str) -> Any:
    """Declare one setting: its default, unit, admissible range, where the default comes from, what it means."""
    return Field(
        default,
        ge=low,
        le=high,
        description=meaning,
        json_schema_extra={"unit": unit, "evidence": evidence, "source": source},
    )


class Treatment(Checked):
    """Base of all treatments; a subclass adds settings and `session`.

    Attributes
    ----------
    every_day : bool
        Without a schedule of its own, done once on day 0 (False) or every day to the end (True).
    kind : str
        Its name where it is registered; else its file has it.
    """

    every_day: ClassVar[bool] = False
    kind: ClassVar[str] = ""

    def session(self, day: float) -> list[Event]:
        """Return the events of one session that begins on `day`."""
        raise NotImplementedError

    def to_dict(self) -> dict[str, Any]:
        """Return plain data as a scenario takes it: the kind and the settings."""
        return {"kind": self.kind or type(self).__module__.rpartition(".")[2], **super().to_dict()}
