"""Bad input, explained: what is wrong, where, the nearest valid name, one remedy; all problems at once."""

from __future__ import annotations

import difflib
import re
import reprlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError
from pydantic.fields import FieldInfo

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

S = TypeVar("S")
T = TypeVar("T")
KeyPath = tuple[str | int, ...]

MOST = 50  # problems of one record that are explained; the others are counted
SHOWN = 200  # problems that are printed
DEEPEST = 32  # tables and lists in each other
LETTERS = 80  # of a name that is shown or compared with others
CHOICES = 1000  # names among which the nearest is looked for
STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""What steers a terminal, or turns the direction of the text after it; a line may end, and hold tabs."""
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def printable(text: str) -> str:
    r"""Return text as a terminal may be given it: what would steer it is written as TOML writes it.

    >>> print(printable("red: " + chr(27) + "[31m"))
    red: \u001b[31m
    """
    return STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def legible(text: str) -> str:
    """Return a text that every format can hold; raise `ValueError` where it holds a control character."""
    if found := CONTROLS.search(text):
        raise ValueError(f"the control character {printable(found[0])} is no text\nleave it out")
    return text


Text = Annotated[str, AfterValidator(legible)]
"""What a person calls or says something: XML, NetCDF and fonts know no control characters."""


def brief(text: object, most: int = LETTERS) -> str:
    """Return text on one line of at most `most` letters, printable."""
    line = str(text)[: most + 1].replace("\n", "\\n")
    return printable(line if len(line) <= most else f"{line[: most - 3]}...")


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with what a person wrote.

    Parameters
    ----------
    message : str
    path : tuple
        Keys down to the value, as in ``("treatments", 0, "energy_mj")``; empty for the whole file.
    remedy : str
    source : str
        File or option it is in.
    line : int, optional
    text : str
        That line.
    """

    message: str
    path: KeyPath = ()
    remedy: str = ""
    source: str = ""
    line: int | None = None
    text: str = ""

    def __str__(self) -> str:
        where = ":".join(brief(part, 300) for part in (self.source, self.line) if part)
        message = brief(self.message, 600)
        lines = [f"error: {where}: {message}" if where else f"error: {message}"]
        if self.line and self.text:
            lines.append(f"  {self.line} | {brief(self.text.strip(), 160)}")
        if self.remedy:
            lines.append(f"  {brief(self.remedy, 1500)}")
        return "\n".join(lines)


class BadInput(Exception):
    """A request that cannot be carried out as written; nothing was run."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = list(problems)
        super().__init__(self.problems)  # from which it is made again in another process

    def __str__(self) -> str:
        told = [str(problem) for problem in self.problems[:SHOWN]]
        return "\n".join([*told, *map(str, uncounted(len(self.problems) - SHOWN))])


class MissingExtra(ImportError):
    """A library is missing that an extra of exosim brings."""


def need(*libraries: tuple[str, str]) -> None:
    """Raise `MissingExtra` with the install command when one of these libraries, each with its extra, is missing."""
    from importlib.util import find_spec

    for library, extra in libraries:
        if not find_spec(library):
            raise MissingExtra(
                f'this needs {library}, which comes with the extra "{extra}"\n'
                f'  install it, in the clone of this project: pip install ".[{extra}]"'
            )


def uncounted(number: int) -> list[Problem]:
    """Return the problem that counts those that are not explained."""
    return [Problem(f"{number} further problems are not shown")] if number > 0 else []


def flags(**given: object) -> None:
    """Refuse arguments that are neither True nor False: of others Python would say which they are."""
    if wrong := [name for name, value in given.items() if not isinstance(value, bool)]:
        raise BadInput([Problem(f"`{name}` is true or false, not {shown(given[name])}") for name in wrong])


def every(read: Callable[[S], T], sources: Iterable[S]) -> list[T]:
    """Return what `read` makes of each source, or raise every problem of all of them."""
    results, problems = [], []
    for source in sources:
        try:
            results.append(read(source))
        except BadInput as error:
            problems += error.problems
    if problems:
        raise BadInput([*dict.fromkeys(problems)])
    return results


def together(*reads: Callable[[], Any]) -> list[Any]:
    """Return what each call gives, or raise every problem of all of them."""
    return every(lambda read: read(), reads)


def _common_start(a: str, b: str) -> int:
    return next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


def nearest(name: str, allowed: Iterable[str]) -> str:
    """Return the most similar of `allowed`, or nothing; of two alike, the one that begins alike.

    Only names of some length, and the first of many, are compared: what a file holds must not decide how long it takes.
    """
    if not 0 < len(name) <= LETTERS:
        return ""
    matcher, best, most = difflib.SequenceMatcher(b=name), "", 0.6
    for other in islice(allowed, CHOICES):
        start = 0.3 * _common_start(name, other) / len(name)
        matcher.set_seq1(other)
        bounds = (matcher.real_quick_ratio, matcher.quick_ratio, matcher.ratio)  # each lower, and slower, than the last
        if len(other) <= 2 * LETTERS and all(ratio() + start > most for ratio in bounds):
            best, most = other, matcher.ratio() + start
    return best


def suggest(name: str, allowed: Iterable[str], show: int = 14) -> str:
    """Return a remedy for an unknown name: the nearest one and the choice."""
    names = list(allowed)
    wanted = name[: LETTERS + 1].lower().replace("-", "_").replace(" ", "_")
    near = nearest(wanted, names)
    within = [other for other in names if len(wanted) > 2 and wanted in other]
    if 1 < len(within) <= show:
        return f"names that hold it: {', '.join(within)}"
    near = within[0] if len(within) == 1 else near
    choice = ", ".join(names[:show]) + (", ..." if len(names) > show else "")
    return (f'did you mean "{near}"?   ' if near else "") + f"allowed: {choice}"


def without_numbers(message: str) -> str:
    """Return a message as it is alike for other numbers.

    >>> without_numbers("energy_mj = 1.5e+09 is out of range")
    'energy_mj = # is out of range'
    """
    return re.sub(r"(?<![a-z_])[-+]?\d[\d.,]*(e[+-]?\d+)?", "#", message)


def dotted(path: KeyPath) -> str:
    """Return a path as a change names it: ``treatments.0.energy_mj``."""
    return ".".join(map(str, path))


class _Brief(reprlib.Repr):
    maxlevel, maxstring, maxother = 3, 60, 60


def shown(value: Any) -> str:
    """Return a value as a person would write it, cut where it is long."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{brief(value, 60)}"'
    try:
        return brief(_Brief().repr(value), 60)
    except ValueError:  # a whole number that Python does not print
        return "a number of thousands of digits"


def bounds(field: FieldInfo) -> tuple[float | None, float | None]:
    """Return the lowest and highest admissible value of a setting."""
    low, high = (
        next((getattr(m, x) for x in names for m in field.metadata if hasattr(m, x)), None)
        for names in (("ge", "gt"), ("le", "lt"))
    )
    return low, high


def _range(field: FieldInfo) -> str:
    """Return range, unit and source of a setting, as a remedy."""
    low, high = bounds(field)
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    unit = extra.get("unit", "")
    if low is None or high is None:
        return ""
    about = f"   default {field.default:g}: {extra['source']}" if "source" in extra else ""
    first = f"above {low:g}, at most" if any(hasattr(m, "gt") for m in field.metadata) else f"{low:g} to"
    return f"allowed: {first} {high:g}{f' {unit}' if unit not in ('', '1') else ''}{about}"


KINDS = {
    "float": "a number", "int": "a whole number", "string": "a text in quotes", "list": "a list in [ ]",
    "dict": "a table", "model": "a table", "bool": "true or false",
}  # fmt: skip


def explained(
    detail: ErrorDetails, model: type[BaseModel], at: KeyPath, called: str, above: Collection[str] = ()
) -> Problem:
    """Return an error of pydantic in the words of the setting.

    ``detail["loc"]`` begins in `model`, which is at path `at`; names in `above` belong above all tables.
    """
    loc = tuple(key for key in detail["loc"] if key != "[key]")
    kind, value, context = detail["type"], detail["input"], detail.get("ctx", {})
    while len(loc) > 1 and (inner := _record(model, loc[0])):
        model, at, called, loc = inner, (*at, loc[0]), str(loc[0]), loc[1:]
    key, path = str(loc[0]) if loc else "", (*at, *loc)
    name = brief(dotted(path))
    allowed = _range(model.model_fields[key]) if key in model.model_fields else ""
    match kind:
        case "extra_forbidden":
            names = [info.alias or own for own, info in model.model_fields.items()]
            remedy = f"{key} belongs above the first [table]" if at and key in above else suggest(key, names)
            return Problem(f'{called} has no setting "{brief(key)}"', path, remedy)
        case "missing":
            return Problem(f'{called} needs "{key}"', at)
        case "string_too_short" | "string_too_long" | "too_short" | "too_long":
            wanted, end = ("at most", "max_length") if kind.endswith("long") else ("at least", "min_length")
            number = context[end]
            things = "character" if kind.startswith("string") else "value"
            return Problem(f"{name} must have {wanted} {number} {things}{'s' * (number != 1)}", path)
        case "literal_error":
            return Problem(f"{name} must be {context['expected']}, not {shown(value)}", path)
        case "greater_than_equal" | "less_than_equal" | "greater_than":
            return Problem(f"{name} = {shown(value)} is out of range", path, allowed)
        case "finite_number":
            return Problem(f"{name} = {shown(value)} is not a finite number", path, allowed)
    if kind == "float_type" and isinstance(value, int) and not isinstance(value, bool):
        return Problem(f"{name} = {shown(value)} is too large", path, allowed)
    if kind.endswith("_type"):
        wanted = KINDS.get(kind.removesuffix("_type"), "something else")
        return Problem(f"{name} must be {wanted}, not {shown(value)}", path, allowed)
    text, _, remedy = detail["msg"].removeprefix("Value error, ").partition("\n")
    return Problem(f"{name if loc else called}: {text}", path, remedy)


def _record(model: type[BaseModel], key: str | int) -> type[BaseModel] | None:
    """Return the record that a setting holds."""
    field = model.model_fields.get(str(key))
    held = field.annotation if field else None
    return held if isinstance(held, type) and issubclass(held, BaseModel) else None


def plain(value: Any, depth: int = 0) -> Any:
    """Return a copy as plain data: records as tables, arrays as lists, numbers of NumPy as those of Python."""
    if depth > DEEPEST:
        raise BadInput([Problem(f"tables and lists are nested over {DEEPEST} deep")])
    if isinstance(value, Checked):
        return value.to_dict()
    if isinstance(value, Mapping):
        return {key: plain(inner, depth + 1) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner, depth + 1) for inner in value]
    return value.tolist() if hasattr(value, "tolist") else value


class Checked(BaseModel):
    """A frozen record of settings, refused with `BadInput` in the same words in Python and in a file."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False, validate_default=True)

    def __init__(self, /, **data: Any) -> None:
        try:
            super().__init__(**plain(data))
        except ValidationError as error:
            raise BadInput(self.problems_of(error)) from None

    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]  # a record in a record is checked with it

    @classmethod
    def problems_of(cls, error: ValidationError) -> list[Problem]:
        """Return the problems of a failed validation."""
        details = error.errors(include_url=False)
        return [cls.problem_of(detail) for detail in details[:MOST]] + uncounted(len(details) - MOST)

    @classmethod
    def problem_of(cls, detail: ErrorDetails) -> Problem:
        """Return one error of a failed validation in the words of the record."""
        return explained(detail, cls, (), cls.model_config.get("title") or cls.__name__)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, every default filled in."""
        return self.model_dump(by_alias=True, exclude_none=True)
