"""Words of the page in every language: none missing, none left over, none that is never said."""

import re

import pytest

from exosim.lesson import data
from exosim.lesson.words import LANGUAGES, PROSE, phrases, words

OTHERS = pytest.mark.parametrize("language", LANGUAGES[1:])


@pytest.fixture(scope="module")
def shown():
    """All that the page holds besides the words of its languages."""
    found = data.everything({})
    return {name: table for name, table in found.items() if name not in ("languages", "prose")}


def texts(part, field=""):
    """Every text of nested data with the name of the field that holds it."""
    if isinstance(part, dict):
        for name, value in part.items():
            yield from texts(value, name)
    elif isinstance(part, list | tuple):
        for value in part:
            yield from texts(value, field)
    elif isinstance(part, str):
        yield field, part


def named(shown):
    """Names of the model that the page says as words."""
    grades = {p["evidence"] for s in shown["states"] for p in s["parameters"]}
    states = {x for s in shown["states"] for x in (s["name"], *s["driven_by"], *s["drives"])}
    layers = {x["name"] for x in shown["film"]["layers"]}
    scars = {*shown["scars"], *shown["scars"].values(), *shown["severities"]}
    return grades | {x.replace("_", " ") for x in states} | layers | scars


def shape(part):
    """Names, and what is no text, of nested data."""
    if isinstance(part, dict):
        return {key: shape(x) for key, x in part.items()}
    return [shape(x) for x in part] if isinstance(part, list) else (part if not isinstance(part, str) else "")


@OTHERS
def test_no_string_of_the_page_is_missing(language):
    first, other = words("en"), words(language)
    assert first.keys() == other.keys()
    for table in first:
        assert shape(first[table]) == shape(other[table]), table
    for name, text in first["text"].items():
        assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", other["text"][name])), name


@OTHERS
def test_no_text_of_the_model_is_missing_and_none_is_left_of_an_older_one(language, shown):
    said = {text for table, fields in PROSE.items() for field, text in texts(shown[table]) if field in fields and text}
    known = phrases(language)
    assert sorted((said | named(shown)) - known.keys()) == []
    assert sorted(known.keys() - said - named(shown)) == []
    for english, other in known.items():
        assert sorted(re.findall(r"\d+", english)) == sorted(re.findall(r"\d+", other)), english  # numbers are the same


def test_every_sentence_of_the_data_is_known_to_be_text(shown):
    known = {text for table, fields in PROSE.items() for field, text in texts(shown[table]) if field in fields}
    sentences = {text for _, text in texts(shown) if " " in text and not text.startswith("d(")}
    assert sorted(sentences - known - named(shown)) == []
