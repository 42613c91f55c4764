"""Files of studies: read, checked as a whole, refused with every problem and its line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from exosim.evidence.instruments import misplaced, misspelt, without_effect
from exosim.evidence.possible import out_of_range, too_long
from exosim.evidence.studies import SHARES, SHIPPED, Arm, Figure, Quantity, Row, Studies, Study, shipped_text, start_of
from exosim.files.lines import located
from exosim.files.reading import parse_toml, read_toml, there
from exosim.files.writing import expanded
from exosim.problems import BadInput, KeyPath, Problem, brief, nearest, plain, shown, suggest
from exosim.scenario.model import Scenario
from exosim.skin.scars import SCARS

R = TypeVar("R", bound=Row)
StudiesLike = Studies | Mapping[str, Any] | str | Path
"""Studies, their plain data, or their TOML file."""


def load_studies(studies: StudiesLike | None = None) -> Studies:
    """Return the studies of a file (the shipped one when left out); raise `BadInput` with every problem."""
    if isinstance(studies, Studies):
        return studies
    if isinstance(studies, Mapping):
        return checked(plain(studies))
    data, text = (parse_toml(shipped_text(), SHIPPED), shipped_text()) if studies is None else _read(expanded(studies))
    try:
        return checked(data)
    except BadInput as error:
        found = [located(problem, str(studies or SHIPPED), text) for problem in dict.fromkeys(error.problems)]
        raise BadInput(sorted(found, key=lambda p: p.line or 0)) from None


def _read(path: Path) -> tuple[dict[str, Any], str]:
    if not there(path):
        near = nearest(path.name, (x.name for x in path.parent.glob("*.toml")) if there(path.parent) else ())
        remedy = f'did you mean "{near}"?' if near else "without a file, the shipped studies are predicted"
        raise BadInput([Problem("there is no such file of studies", source=str(path), remedy=remedy)])
    return read_toml(path, "file of studies")


def checked(data: dict[str, Any]) -> Studies:
    """Return the studies of plain data; raise `BadInput` with every problem."""
    problems: list[Problem] = []
    tables = data.get("study", [])
    quantities = _all(Quantity, data.get("quantity", []), ("quantity",), problems)
    found = [_study(t, ("study", i), problems) for i, t in enumerate(tables)] if _tables(tables) else []
    apart = [name for name in ("study", "quantity") if _tables(data.get(name, []))]  # each of their tables by itself
    _made(Studies, data | {name: [] for name in apart}, (), problems)
    if not tables and not quantities and not problems:
        problems.append(Problem("there is no study in it", remedy="write [[study]] with an id, arms and figures"))
    known = [study for study in found if study]
    ids = [study.id for study in known]
    for i, study in enumerate(found):
        if study and ids.count(study.id) > 1 and ids.index(study.id) != i:
            problems.append(Problem(f'the id "{study.id}" is taken', ("study", i, "id"), "give each study its own"))
    if _tables(tables):
        problems += [*misspelt(tables), *misplaced(tables)]
    if problems:
        raise BadInput([named(problem, tables) for problem in problems])
    return Studies.model_construct(schema_version=1, study=known, quantity=quantities)


def named(problem: Problem, tables: Sequence[Any]) -> Problem:
    """Return a problem that says of which study, arm and figure it is."""
    match problem.path:
        case ("study", int(i), *rest) if isinstance(table := tables[i], dict):
            own = table.get("id")
            where = f"study {brief(own) if isinstance(own, str) else i + 1}"
        case _:
            return problem
    match rest:
        case ("arms", name, *_):
            where += f", arm {brief(name)}"
        case ("figures", int(j), *_) if isinstance(figure := table["figures"][j], dict):
            arm, read = figure.get("arm"), figure.get("read")
            both = isinstance(arm, str) and isinstance(read, str)
            where += f", {brief(read)} of {brief(arm)}" if both else f", figure {j + 1}"
    return replace(problem, message=f"{where}: {problem.message}")


def _tables(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(x, dict) for x in value)


def _made(row: type[R], table: Any, at: KeyPath, problems: list[Problem]) -> R | None:
    """Return a row of a table; note what is wrong with it."""
    if not isinstance(table, dict):
        problems.append(Problem(f"{row.called} must be a table, not {shown(table)}", at))
        return None
    try:
        return row(**table)
    except BadInput as error:
        problems += [replace(problem, path=(*at, *problem.path)) for problem in error.problems]
        return None


def _all(row: type[R], tables: Any, at: KeyPath, problems: list[Problem]) -> list[R]:
    if not _tables(tables):
        return []
    made = [_made(row, table, (*at, i), problems) for i, table in enumerate(tables)]
    return [x for x in made if x]


def _study(table: dict[str, Any], at: KeyPath, problems: list[Problem]) -> Study | None:
    """Return a study; note what is wrong with it, with each arm and each figure."""
    arms, figures = table.get("arms"), table.get("figures", [])
    parts: dict[str, Any] = {}
    before = len(problems)
    if isinstance(arms, dict):
        made = {name: _made(Arm, arm, (*at, "arms", name), problems) for name, arm in arms.items()}
        parts["arms"] = {name: arm for name, arm in made.items() if arm}
    if isinstance(figures, list):
        numbered = [(i, _made(Figure, figure, (*at, "figures", i), problems)) for i, figure in enumerate(figures)]
        good = [(i, figure) for i, figure in numbered if figure]
        parts["figures"] = [figure for _, figure in good]
        for i, figure in good:
            wrong = (*_contradictions(figure), *out_of_range(figure), *without_effect(figure))
            problems += [replace(p, path=(*at, "figures", i, *p.path)) for p in wrong]
        for i, raw in enumerate(figures):
            if isinstance(arms, dict) and isinstance(raw, dict):
                problems += [replace(p, path=(*at, "figures", i, *p.path)) for p in _unknown(raw, arms)]
    study = _made(Study, {**table, **parts}, at, problems)
    if study and len(problems) == before:
        problems += [replace(p, path=(*at, *p.path)) for p in _unused(study)]
        problems += [replace(p, path=(*at, *p.path)) for p in _scenarios(study)]
    return study


def _unknown(figure: Mapping[str, Any], arms: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield arms that a figure names and the study has not."""
    named = {key: figure[key] for key in ("arm", "over", "minus") if isinstance(figure.get(key), str)}
    for key, name in named.items():
        if name not in arms:
            yield Problem(f'there is no arm "{brief(name)}"', (key,), suggest(name, arms))
        elif key != "arm" and name == named.get("arm"):
            yield Problem(f'the arm "{brief(name)}" is compared with itself', (key,), "name the other arm")


def _unused(study: Study) -> Iterator[Problem]:
    """Yield arms that no figure names."""
    named = {name for x in study.figures for name in (x.arm, x.over, x.minus)}
    for name in study.arms:
        if name not in named:
            remedy = "leave the arm out, or write [[study.figures]] with its arm and what to read"
            yield Problem(f'no figure uses the arm "{brief(name)}"', ("arms", name), remedy)


def _contradictions(figure: Figure) -> Iterator[Problem]:
    """Yield what a figure says twice, or by halves."""
    given = {name for name in Figure.model_fields if getattr(figure, name) is not None}
    for group, remedy in (
        (("over", "minus", "over_day", "over_skin"), "a figure is compared with one thing"),
        (("value", "share", "odds_ratio", "at_least", "at_most"), "a figure has one value; write another figure"),
    ):
        both = [name for name in group if name in given]
        if len(both) > 1:
            yield Problem(f"{' and '.join(both)} contradict each other", (both[1],), remedy)
    for name, other in (("share", "of"), ("se", "value"), ("ci", "odds_ratio"), ("odds_ratio", "over")):
        if name in given and other not in given:
            yield Problem(f"{name} needs {other}", (name,), NEEDS[name])
    if figure.share is not None and figure.of and figure.share > figure.of:
        yield Problem(f"{figure.share} of {figure.of} people are more than all", ("share",), NEEDS["share"])
    counted = figure.read in SHARES
    for name in sorted(given & {"share", "of", "odds_ratio"}):
        if not counted:
            yield Problem(f"{figure.read} is no share of people", (name,), f"shares are: {', '.join(SHARES)}")
    if counted and figure.form == "share" and figure.value is not None:
        yield Problem(f"{figure.read} is a share of people", ("value",), NEEDS["share"])
    if "share" in given and figure.form != "share":
        yield Problem("a share is of one arm", ("share",), "compare arms by odds_ratio, over or minus")
    if figure.ci and figure.odds_ratio and not 0 < figure.ci[0] < figure.odds_ratio < figure.ci[1]:
        yield Problem(f"the odds ratio {figure.odds_ratio:g} is not inside its interval", ("ci",), NEEDS["ci"])


NEEDS = {
    "share": "write share = 14 and of = 37: people who have it, of all",
    "se": "a standard error is that of a value",
    "ci": "write ci = [low, high], the 95 % interval of the odds ratio",
    "odds_ratio": "name the arm that it is taken over",
}


def _scenarios(study: Study) -> Iterator[Problem]:
    """Yield what is wrong with the arms as scenarios, on the skins and days that figures name."""
    built: dict[str, Scenario] = {}
    for name in study.arms:
        try:
            built[name] = study.scenario(name)
        except BadInput as error:
            own = [p for p in error.problems if p.path[:1] != ("weeks",)]
            yield from (replace(p, path=p.path if p.path[:1] == ("skin",) else ("arms", name, *p.path)) for p in own)
    for i, figure in enumerate(study.figures):
        for key in ("skin", "over_skin"):
            yield from _skin(study, figure, key, ("figures", i, key))
        for name in (x for x in (figure.arm, figure.over, figure.minus) if x in built):
            last = built[name].days - start_of(built[name])
            late = [key for key in ("day", "over_day") if (getattr(figure, key) or 0) > last + 1e-3]
            for key in late:
                message = f"day {getattr(figure, key):g} is after the end of arm {name}, day {last:g}"
                yield Problem(message, ("figures", i, key), "raise weeks of the arm, or leave them out")
            if not late:
                yield from (replace(p, path=("figures", i, *p.path)) for p in too_long(figure, last))


def _skin(study: Study, figure: Figure, key: str, at: KeyPath) -> Iterator[Problem]:
    """Yield what is wrong with a skin under an arm of a figure."""
    skin = getattr(figure, key)
    if skin is not None:
        try:
            study.scenario(figure.arm, skin)
        except BadInput as error:
            yield from (replace(p, path=(*at, *p.path[1:])) for p in error.problems if p.path[:1] == ("skin",))
    scar = {**study.skin, **(skin or {})}.get("scar")
    needs = key == "skin" or skin is not None
    if needs and scar in SCARS and not SCARS[scar].lesions and figure.read in ("improvement_percent", "responder_50"):
        yield Problem(f"{figure.read} of skin without a scar is nothing", at, 'name one: skin = { scar = "mixed" }')
