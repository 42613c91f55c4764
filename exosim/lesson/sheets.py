"""What a teacher prints: a sheet to fill in, and its answers, from the same lessons as the page."""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import Any

from exosim.lesson.words import words

STYLE = """
body { font: 11pt/1.45 system-ui, "DejaVu Sans", sans-serif; max-width: 46rem; margin: 1.5rem auto; padding: 0 1rem;
  color: #1c1f23; background: #fff; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.2rem; border-bottom: 2px solid #0072b2; margin-top: 2rem; }
h3 { margin: 1.2rem 0 0.2rem; } section { break-inside: avoid; } ul { list-style: none; padding-left: 0.4rem; }
p, ul { margin: 0.3rem 0; } .rule { border-bottom: 1px solid #888; height: 1.7rem; } .note { color: #5b626b; }
.right { font-weight: 700; } svg { width: 100%; max-width: 34rem; display: block; } .answer { border-left: 4px solid
  #00795a; padding-left: 0.7rem; }
@media print { h2 { break-before: page; } h2:first-of-type { break-before: auto; } }
"""
AXES = (
    '<svg viewBox="0 0 420 150" role="img" aria-label="{label}"><path d="M40 10V120H410" fill="none" stroke="#444"/>'
    '<path d="M40 65H410" stroke="#bbb" stroke-dasharray="2 4"/><text x="40" y="140" font-size="12">0</text>'
    '<text x="410" y="140" text-anchor="end" font-size="12">{weeks}</text>'
    '<text x="46" y="20" font-size="12">{title}</text></svg>'
)
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
    body = "".join(_lesson(number, lesson, language, key) for number, lesson in enumerate(lessons, start=1))
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{_said(title)}</title>'
        f"<style>{STYLE}</style></head><body><h1>{_said(title)}</h1>"
        f'<p class="note">{_said(text["toy"])} {_said(text["notice"])}</p>{named}{body}</body></html>\n'
    )


def _lesson(number: int, lesson: dict[str, Any], language: str, key: bool) -> str:
    minutes = f"{lesson['minutes']} {words(language)['text']['lesson_minutes']}"
    steps = "".join(
        f"<section><h3>{number}.{i} {_said(step['title'])}</h3>{''.join(_step(step, language, key))}</section>"
        for i, step in enumerate(lesson["steps"], start=1)
    )
    about = f'<p class="note">{_said(lesson["about"])}</p>'
    return f"<h2>{number}. {_said(lesson['title'])} ({_said(minutes)})</h2>{about}{steps}"


def _step(step: dict[str, Any], language: str, key: bool) -> Iterable[str]:
    text, predict = words(language)["text"], step["predict"]
    if not key:
        yield f"<p>{_said(step['text'])}</p>"
    yield f"<p><b>{_said(text['predict'])}:</b> {_said(predict['question'])}</p>"
    if predict["options"]:
        yield f"<ul>{''.join(_option(option, key) for option in predict['options'])}</ul>"
    if predict["line"] and not key:
        chart = words(language)["charts"][predict["line"]]
        title = f"{chart['title']} {chart['unit']}"
        yield AXES.format(label=_said(text["draw"]), title=_said(title), weeks=_said(text["weeks"]))
    if not key:
        yield f"<p><b>{_said(text['sheet_observed'])}:</b></p>{RULE}"
    yield f"<p><b>{_said(text['test'])}:</b> {_said(', '.join(_tried(step, language)))}</p>{'' if key else RULE}"
    yield f"<p><b>{_said(text['explain_why'])}:</b> {_said(step['explain'])}</p>"
    yield f'<p class="answer">{_said(step["answer"])}</p>' if key else RULE * 2


def _option(option: dict[str, Any], key: bool) -> str:
    if not key:
        return f"<li>&#9744; {_said(option['text'])}</li>"
    mark, kind = ("&#9745;", ' class="right"') if option["right"] else ("&#9744;", "")
    return f"<li><span{kind}>{mark} {_said(option['text'])}:</span> {_said(option['feedback'])}</li>"


def _tried(step: dict[str, Any], language: str) -> list[str]:
    """Return what a step lets students move and switch, in words."""
    tables = words(language)
    sliders = [tables["sliders"][x]["label"] if x in tables["sliders"] else tables["text"][x] for x in step["controls"]]
    return sliders + [tables["switches"].get(x) or tables["text"][f"test_{x}"] for x in step["test"]]


def _said(text: str) -> str:
    return html.escape(text)
