"""Damage to files, drawn from a seed: flipped bytes, cuts, repeats, other values, deep nests, long names."""

import re

VALUES = [
    "true", "-1", "0", "1e308", "-inf", "nan", "9" * 400, "9" * 5000, "0x" + "f" * 5000, "1e-400", '""', "[]", "{}",
    '"' + "x" * 100_000 + '"', "[1, 'x']", "1979-05-27T07:32:00Z", "'\u202e\u2066'", '"\\u0000\\u001b[31m"', "null",
    "[" + "0.5, " * 5000 + "]", "[" + "{}, " * 5000 + "]", "[" * 20 + "]" * 20, "[" * 3000 + "]" * 3000,
    "{a = " * 600 + "1" + "}" * 600, "{" + ".".join("a" * 20_000) + " = 1}", '"""' + '\\"""' * 5000, "=1+1",
]  # fmt: skip
KEYS = [
    "schema", "name", "weeks", "days", "kind", "sessions", "number", "every_days", "after_days", "start_day", "label",
    "assume", "skin", "treatments", "why", "value", "vary", "aims", "limits", "population", "x" * 100_000, "\u202e",
    ".".join("a" * 20_000), '"' + "\\u0041" * 3000 + '"', "treatments.0", "__init__", "self", "model_config",
]  # fmt: skip


def flipped(rng, data):
    """Some bytes are others."""
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 4, 64))):
        changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def cut(rng, data):
    """A piece is lost, often the end."""
    start = rng.randrange(len(data))
    return data[:start] + data[rng.choice((len(data), rng.randrange(start, len(data) + 1))) :]


def repeated(rng, data):
    """A piece comes again, up to thousands of times."""
    start = rng.randrange(len(data))
    piece = data[start : start + rng.choice((1, 10, 300))]
    return data[:start] + _times(piece, rng.choice((2, 10, 300, 5000))) + data[start:]


def inserted(rng, data):
    """Something comes in between."""
    at = rng.randrange(len(data) + 1)
    something = rng.choice(
        (b"\0", b"\xff\xfe", "\ufeff\u202e\U0001f600".encode(), b"\x1b[31m", b"\r", b'"""', b"[", b".")
    )
    return data[:at] + something * rng.choice((1, 2, 1000)) + data[at:]


def lines_of(rng, data):
    """Lines are lost, swapped or repeated."""
    lines = data.split(b"\n")
    i, j = rng.randrange(len(lines)), rng.randrange(len(lines))
    lines[i], lines[j] = rng.choice(((lines[j], lines[i]), (b"", lines[j]), (lines[j], lines[j])))
    piece = b"".join(line + b"\n" for line in lines[i : i + rng.choice((1, 3))])
    before, after = (b"".join(line + b"\n" for line in part) for part in (lines[:i], lines[i + 1 :]))
    return before + _times(piece, rng.choice((1, 1, 250, 3000))) + after


def revalued(rng, data):
    """A value is another, often of another type."""
    return _replaced(rng, data, rb"(?<=[=:] )[^,\n]+", VALUES)


def renamed(rng, data):
    """A name is another."""
    return _replaced(rng, data, rb'(?m)(?<=^)"?\w[\w.]*"?(?= ?[=:])', KEYS)


def tabled(rng, data):
    """The name of a table is another."""
    return _replaced(rng, data, rb"(?<=\[)\w+(?=\])", KEYS)


def encoded(rng, data):
    """The file is in another encoding."""
    return data.decode("utf-8", "replace").encode(rng.choice(("utf-16", "utf-32", "utf-8-sig", "utf-7")), "replace")


MUTATIONS = [flipped, cut, repeated, inserted, lines_of, revalued, revalued, revalued, renamed, tabled, encoded]


def mutated(rng, data):
    """Return bytes with one to three kinds of damage."""
    for _ in range(rng.choice((1, 1, 2, 3))):
        data = rng.choice(MUTATIONS)(rng, data)[:2_000_000] or b" "
    return data


def _times(piece, number):
    """Repeat a piece, up to 2 MB: what the drill itself needs is no part of its figures."""
    return piece * min(number, 1 + 2_000_000 // max(len(piece), 1))


def _replaced(rng, data, pattern, others):
    found = [match.span() for match in re.finditer(pattern, data)]
    if not found:
        return data
    start, end = rng.choice(found)
    return data[:start] + rng.choice(others).encode() + data[end:]
