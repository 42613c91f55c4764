"""What a teacher prints: a sheet to fill in, and its answers, from the same lessons as the page."""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import Any

from exosim.lesson.sheet_chart import chart
from exosim.lesson.sides import courses
from exosim.lesson.words import words

STYLE = """
body { font: 11pt/1.45 system-ui, "DejaVu Sans", sans-serif; max-width: 46rem; margin: 1.5rem auto; padding: 0 1rem;
  color: #1c1f23; background: #fff; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.2rem; border-bottom: 2px solid #0072b2; margin-top: 2rem; }
h3 { margin: 1.2rem 0 0.2rem; } section { break-inside: avoid; } ul { list-style: none; padding-left: 0.4rem; }
p, ul { margin: 0.3rem 0; } .rule { border-bottom: 1px solid #888; height: 1.7rem; } .note { color: #5b626b; }
.right { font-weight: 700; } .answer { border-left: 4px solid #00795a; padding-left: 0.7rem; }
svg { width: 100%; max-width: 30rem; display: block; } svg path { fill: none; }
svg text { font-size: 12px; fill: #444; }
svg .axis { stroke: #444; } svg .grid { stroke: #ccc; } svg .control { stroke: #5b626b; stroke-width: 2;
  stroke-dasharray: 6 3; } svg .run { stroke: #0072b2; stroke-width: 2.5; } .swatch { display: inline; width: 2.2rem;
  height: 0.8rem; margin-right: 0.3rem; vertical-align: middle; } .lines span { margin-right: 1.2rem; }
@page { margin: 16mm; }
@media print { body { max-width: none; margin: 0; padding: 0; } h2, h3 { break-after: avoid; }
  .screen { display: none; } article + article { break-before: page; } article h2 { margin-top: 0.6rem; } }
"""
RULE = '<div class="rule"></div>'


def handout(lessons: list[dict[str, Any]], language: str = "en") -> str:
    """Return a sheet for students: every question, with room to predict, to note what was seen, and to explain."""
    return _sheet(lessons, language, key=False)


def key(lessons: list[dict[str, Any]], language: str = "en") -> str:
    """Return the answers of that sheet: what the model bears out, what is said of each option, and why."""
    return _sheet(lessons, language, key=True)


def _sheet(lessons: list[dict[str, Any]], language: str, key: bool) -> str:
    text = words(language)["text"]
    title = text["sheet_key"] if key else text["sheet_title"]
    named = "" if key else f"<p>{_said(text['sheet_name'])} ____________________________</p>"
    how = f'<p class="note screen">{_said(text["sheet_print"])}</p>'
    body = "".join(_lesson(number, lesson, language, key) for number, lesson in enumerate(lessons, start=1))
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{_said(title)}</title>'
        f"<style>{STYLE}</style></head><body><h1>{_said(title)}</h1>"
        f'<p class="note">{_said(text["toy"])} {_said(text["notice"])}</p>{how}{named}{body}</body></html>\n'
    )


def _lesson(number: int, lesson: dict[str, Any], language: str, key: bool) -> str:
    minutes = f"{lesson['minutes']} {words(language)['text']['lesson_minutes']}"
    steps = "".join(
        f"<section><h3>{number}.{i} {_said(step['title'])}</h3>{''.join(_step(step, language, key))}</section>"
        for i, step in enumerate(lesson["steps"], start=1)
    )
    about = f'<p class="note">{_said(lesson["about"])}</p>'
    return f"<article><h2>{number}. {_said(lesson['title'])} ({_said(minutes)})</h2>{about}{steps}</article>"


def _step(step: dict[str, Any], language: str, key: bool) -> Iterable[str]:
    text, predict = words(language)["text"], step["predict"]
    if not key:
        yield f"<p>{_said(step['text'])}</p>"
    yield f"<p><b>{_said(text['predict'])}:</b> {_said(predict['question'])}</p>"
    if predict["options"]:
        yield f"<ul>{''.join(_option(option, key) for option in predict['options'])}</ul>"
    if predict["line"]:
        yield from _chart(step, language, key)
    if not key:
        yield f"<p><b>{_said(text['sheet_observed'])}:</b></p>{RULE}"
    yield f"<p><b>{_said(text['test'])}:</b> {_said(', '.join(_tried(step, language)))}</p>{'' if key else RULE}"
    yield f"<p><b>{_said(text['explain_why'])}:</b> {_said(step['explain'])}</p>"
    yield f'<p class="answer">{_said(step["answer"])}</p>' if key else RULE * 2


def _chart(step: dict[str, Any], language: str, key: bool) -> Iterable[str]:
    """Return the chart to draw on, with what is given; in the key also the line of the model and where it ends."""
    tables, name = words(language), step["predict"]["line"]
    text, about = tables["text"], tables["charts"][name]
    left, right = courses(step["state"], step["against"], name)
    given = [(course, side) for course, side in ((left, "control"), (key and right, "run")) if course]
    end = float(right.days[-1])
    if not key:
        yield f"<p>{_said(text['draw_given' if left else 'draw'])}</p>"
    title = f"{about['title']}, {about['unit']}"
    yield chart(name, title, text["week"], text["decimal"], end, given)
    yield f'<p class="lines">{"".join(_line(side, text[f"sheet_{side}"]) for _, side in given)}</p>'
    if key:
        ends = [_figure(float(x.values[-1]), text["decimal"]) for x in (left, right) if x]
        told = text["both_sides"].format(left=ends[0], right=ends[1]) if left else ends[0]
        yield f"<p>{_said(text['sheet_end'].format(week=f'{end / 7:g}', values=told, unit=about['unit']))}</p>"


def _line(side: str, name: str) -> str:
    swatch = f'<svg class="swatch" viewBox="0 0 34 12" aria-hidden="true"><path class="{side}" d="M1 6H33"/></svg>'
    return f"<span>{swatch}{_said(name)}</span>"


def _figure(value: float, decimal: str) -> str:
    return f"{value + 0.0:.1f}".replace("-0.0", "0.0").replace(".", decimal)


def _option(option: dict[str, Any], key: bool) -> str:
    if not key:
        return f"<li>&#9744; {_said(option['text'])}</li>"
    mark, kind = ("&#9745;", ' class="right"') if option["right"] else ("&#9744;", "")
    return f"<li><span{kind}>{mark} {_said(_ended(option['text']))}</span> {_said(option['feedback'])}</li>"


def _ended(text: str) -> str:
    """Return a text with a stop at its end."""
    return text if text[-1] in ".?!" else f"{text}."


def _tried(step: dict[str, Any], language: str) -> list[str]:
    """Return what a step lets students move and switch, in words."""
    tables = words(language)
    sliders = [tables["sliders"][x]["label"] if x in tables["sliders"] else tables["text"][x] for x in step["controls"]]
    return sliders + [tables["switches"].get(x) or tables["text"][f"test_{x}"] for x in step["test"]]


def _said(text: str) -> str:
    return html.escape(text)
