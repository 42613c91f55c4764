"""Words of the page in every language: none missing, none left over, none that is never said."""

import re

import pytest

from exosim.lesson import data
from exosim.lesson.steps import shipped_lessons
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
    """Names of nested data."""
    return {key: shape(x) for key, x in part.items()} if isinstance(part, dict) else type(part)


def figures(text):
    """All numbers of a text, a decimal comma or point being the same."""
    return sorted(re.findall(r"\d+(?:\.\d+)?", re.sub(r"(?<=\d),(?=\d)", ".", text)))


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
    for text in said:
        assert figures(text) == figures(known[text]), text


@OTHERS
def test_a_translated_lesson_tells_the_same_figures(language):
    first, other = ([x for _, x in texts(shipped_lessons(x))] for x in (LANGUAGES[0], language))
    for text, own in zip(first, other, strict=True):
        assert figures(text) == figures(own), text


def test_every_sentence_of_the_data_is_known_to_be_text(shown):
    known = {text for table, fields in PROSE.items() for field, text in texts(shown[table]) if field in fields}
    sentences = {text for _, text in texts(shown) if " " in text and not text.startswith("d(")}
    assert sorted(sentences - known - named(shown)) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_of_the_glossary_is_said_by_a_lesson_or_the_page(language):
    tables = words(language)
    page = [x for name, table in tables.items() if name != "glossary" for _, x in texts(table)]
    model = phrases(language).values() or phrases(LANGUAGES[1])
    said = " ".join([*(x for _, x in texts(shipped_lessons(language))), *page, *model]).casefold()

    def is_said(form):
        return re.search(rf"(?<!\w){re.escape(form.casefold())}(?!\w)", said)

    for name, entry in tables["glossary"].items():
        assert all(map(is_said, entry["forms"])), name
        assert entry["forms"] or is_said(entry["term"]), name
    every = [x.casefold() for entry in tables["glossary"].values() for x in (entry["term"], *entry["forms"])]
    assert len(every) == len(set(every))
