"""Lessons as data: what a step may hold, and the reading of a teacher's own."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import parse_qsl

from pydantic import AfterValidator, Field, model_validator

from exosim.files.lines import located
from exosim.files.reading import read_toml
from exosim.lesson.words import LANGUAGES, words
from exosim.parameters import names as sets
from exosim.problems import BadInput, Checked, Problem, Text, explained, suggest
from exosim.scenario.file import shipped

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

TRIALS = "trials"
"""What a step shows in place of skin: many trials of one design."""
PEOPLE, DESIGNS = "people", ("groups", "nothing")
"""What a step of trials can set: how many people, two groups instead of two sides of a face, and no effect."""
SETTINGS = ("preset", "set", "scar", "severity", "off", "day", "people", "design", "effect")
"""Names in an address besides those of sliders."""


def _known(what: str, table: str, *more: str) -> Any:
    """Return the type of a name that the page knows, of a table of its words or of `more`."""

    def known(name: str) -> str:
        names = [*words("en")[table], *more]
        if name not in names:
            raise ValueError(f'there is no {what} "{name}"\n{suggest(name, names)}')
        return name

    return Annotated[str, AfterValidator(known)]


def _address(text: str) -> str:
    """Return the state of the page if the page can read it."""
    pairs = parse_qsl(text, keep_blank_values=True)
    choices: dict[str, Collection[str]] = {"preset": shipped(), "set": sets()}
    names = [*SETTINGS, *words("en")["sliders"]]
    for name, value in pairs:
        if name not in names:
            raise ValueError(f'the page has no setting "{name}"\n{suggest(name, names)}')
        if name in choices and value not in choices[name]:
            raise ValueError(f'{name} has no value "{value}"\n{suggest(value, choices[name])}')
        if name == "off":
            for switch in value.replace(",", " ").split():
                _switch(switch)
    if text and "preset" not in dict(pairs):
        raise ValueError('it names no scenario\nbegin with preset=NAME; "Copy link" on the page gives the rest')
    return text


def _switch(name: str) -> None:
    if name not in (names := words("en")["switches"]):
        raise ValueError(f'there is no mechanism "{name}"\n{suggest(name, names)}')


if TYPE_CHECKING:
    Chart = str
    Slider = str
    Switch = str
else:
    Chart = _known("chart", "charts", TRIALS)
    Slider = _known("slider", "sliders", PEOPLE)
    Switch = _known("mechanism", "switches", *DESIGNS)
Address = Annotated[Text, AfterValidator(_address)]
Words = Annotated[Text, Field(min_length=1, max_length=600)]


class Option(Checked):
    """One thing that a student can predict, and what is said of it afterwards."""

    text: Words
    feedback: Words
    right: bool = False


class Predict(Checked):
    """What is asked before anything is shown: options, a line to draw on a chart, or both."""

    question: Words
    options: Annotated[list[Option], Field(max_length=4)] = Field(default_factory=list)
    line: str = ""

    @model_validator(mode="after")
    def something(self) -> Predict:
        """Refuse a question without an answer."""
        if not self.options and not self.line:
            raise ValueError(
                "it needs options, or a line to draw\nwrite options = [{ text = ..., feedback = ... }, ...]"
            )
        if len(self.options) == 1:
            raise ValueError("one option is no choice\nwrite two to four")
        if self.options and not any(x.right for x in self.options):
            raise ValueError("no option is right\nmark those that the model bears out with right = true")
        return self


class Step(Checked):
    """One screen of a lesson."""

    title: Words
    text: Words
    state: Address
    against: Address = ""
    sides: Annotated[list[Words], Field(max_length=2)] = Field(default_factory=list)
    show: Annotated[list[Chart], Field(min_length=1, max_length=3)]
    controls: Annotated[list[Slider], Field(max_length=3)] = Field(default_factory=list)
    test: Annotated[list[Switch], Field(max_length=2)] = Field(default_factory=list)
    predict: Predict
    explain: Words
    answer: Words

    @model_validator(mode="after")
    def whole(self) -> Step:
        """Refuse a step that shows one thing and asks about another."""
        if not self.controls and not self.test:
            raise ValueError(
                "a step needs something to try\nname one to three controls, or one or two switches to test"
            )
        if self.predict.line and self.predict.line != self.show[0]:
            raise ValueError(f'the line is drawn on the first chart of show, "{self.show[0]}"\nput it first')
        named = {*re.findall(r"\{(\w*)\}", " ".join(self.sides))}
        if unknown := sorted(named - {*words("en")["sliders"]}):
            raise ValueError(f'a side is named by "{unknown[0]}"\n{suggest(unknown[0], words("en")["sliders"])}')
        own = {PEOPLE, *DESIGNS} & {*self.controls, *self.test}
        if TRIALS in self.show and (len(self.show) > 1 or own != {*self.controls, *self.test}):
            raise ValueError(
                "a step that shows trials shows nothing else\nits controls: people; its test: groups, nothing"
            )
        if TRIALS not in self.show and own:
            raise ValueError(f"{', '.join(sorted(own))} belongs to a step that shows trials\nwrite show = ['trials']")
        return self


class Lesson(Checked):
    """Steps with one aim."""

    id: Annotated[str, Field(pattern="^[a-z][a-z0-9_]*$", max_length=30)]
    title: Words
    minutes: Annotated[int, Field(ge=1, le=240)]
    about: Words
    steps: Annotated[list[Step], Field(min_length=1, max_length=9)]


class Lessons(Checked):
    """All lessons of a page."""

    lessons: Annotated[list[Lesson], Field(min_length=1, max_length=12)]

    @model_validator(mode="after")
    def different(self) -> Lessons:
        """Refuse two lessons of one id."""
        names = [x.id for x in self.lessons]
        if twice := {x for x in names if names.count(x) > 1}:
            raise ValueError(f"two lessons have the id {', '.join(sorted(twice))}\ngive each its own")
        return self

    @classmethod
    def problem_of(cls, detail: ErrorDetails) -> Problem:
        """Return one error of a failed validation, in the words of the lesson, step or option that it is in."""
        loc = tuple(key for key in detail["loc"] if key != "[key]")
        ends = [i + 1 + (name != "predict") for i, name in enumerate(loc) if name in PARTS]
        deepest = max((end for end in ends if end < len(loc)), default=0)
        if not deepest:
            return explained(detail, cls, (), "the file")
        name = str(loc[deepest - 1] if loc[deepest - 1] == "predict" else loc[deepest - 2])
        inner: ErrorDetails = {**detail, "loc": loc[deepest:]}
        return explained(inner, PARTS[name], loc[:deepest], f"a part of {name}" if name != "predict" else name)


PARTS: dict[str, type[Checked]] = {"lessons": Lesson, "steps": Step, "predict": Predict, "options": Option}


def shipped_lessons(language: str) -> list[dict[str, Any]]:
    """Return the lessons of the page in a language."""
    ending = "" if language == LANGUAGES[0] else f".{language}"
    return checked(tomllib.loads(files(__package__).joinpath(f"lessons{ending}.toml").read_text("utf-8")))


def own_lessons(path: Path) -> list[dict[str, Any]]:
    """Return the lessons of a teacher's file; raise `BadInput` with every problem and its line."""
    data, text = read_toml(path, "file of lessons")
    try:
        return checked(data)
    except BadInput as error:
        raise BadInput([located(problem, str(path), text) for problem in error.problems]) from None


def checked(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return lessons as plain data, every default filled in; raise `BadInput`."""
    lessons: list[dict[str, Any]] = Lessons(**data).to_dict()["lessons"]
    return lessons
