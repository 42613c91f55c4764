"""A folder for any web server: the page, its sheets, the shipped scenarios, and a first page that leads to them."""

from __future__ import annotations

import html
from importlib.metadata import version

from exosim.api import run
from exosim.lesson import data, sheets
from exosim.lesson.steps import shipped_lessons
from exosim.lesson.words import LANGUAGES, words
from exosim.scenario.file import shipped

PAGE = "lesson.html"
STYLE = """
:root { color-scheme: light dark; } body { font: 1rem/1.5 system-ui, "DejaVu Sans", sans-serif; max-width: 62rem;
  margin: 0 auto; padding: 1rem; } a { color: LinkText; } .big { display: inline-block; padding: 0.7rem 1.2rem;
  border-radius: 10px; background: #0072b2; color: #fff; font-weight: 700; text-decoration: none; }
.big ~ a { margin-left: 1rem; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); gap: 1rem; padding: 0;
  list-style: none; } .cards li { border: 1px solid #8888; border-radius: 10px; padding: 0.8rem; }
.cards h3 { margin: 0 0 0.3rem; font-size: 1rem; } .cards p { margin: 0.3rem 0; font-size: 0.9rem; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; border: 1px solid #8888; border-radius: 8px; padding: 0.7rem; }
"""
NOT = (
    "It is no advice: it cannot choose, dose or compare treatments for a person.",
    "It is no evidence that exosomes work. With the numbers of the article their effect is fitted to one trial of 25 "
    "people, linked to a company; most other numbers are assumed. A model fitted to a trial does not confirm it.",
    "It does not know how exosomes would work: studies cannot tell an effect on fibroblasts from less inflammation.",
    "It has no vessels, infection, contraction or allergy, and nothing below 1.28 mm of skin. People differ only in "
    "the lesson about trials.",
    "Its numbers are not those of a clinic: TNF-alpha has an arbitrary scale, days of redness are those of a meter, of "
    "which eyes see about a third, and filled scar is a volume, not a score.",
)
"""What a class should hear before it goes home; from the limits in the documentation."""
TEACHERS = """
<p>Each step asks for a prediction, runs, and compares. Let everybody predict before anybody runs.</p>
<p><b>20 minutes.</b> 3: show the skin of the first step, and ask what a laser does to it. 5: step 3 of
<i>Inflammation and repair</i> in pairs. 5: half of the pairs switch off the first effect, half the second. 5:
compare sentences aloud, then the answer. 2: say what the model is not.</p>
<p><b>45 minutes.</b> 5: step 1 of <i>Inflammation and repair</i> together. 12: its steps 2 and 3 in pairs, as
above. 10: steps 1 and 2 of <i>Why delivery matters</i>. 13: steps 1 and 3 of <i>Design a fair trial</i>: how many
of 100 trials find an effect, and how many find one that is not there? 5: which trial would convince the class?</p>
<p>Every lesson of the handout begins on a new page; to print one lesson, give its pages in the print dialogue.</p>
<details><summary>Answers (not for students)</summary><p><a href="key.html">Key to the handout</a>, <a
href="key.de.html" lang="de">Lösungen</a>. Who puts this folder on a server for a class may delete both
files.</p></details>
"""
FRAME = '<iframe src="lesson.html#embed=1" width="900" height="600" title="Scar Lab"></iframe>'


def site(page: str) -> dict[str, str]:
    """Return the text of every file of the folder of a lesson page, by its path."""
    made = {"index.html": front(), PAGE: page}
    for language in LANGUAGES:
        ending = "" if language == LANGUAGES[0] else f".{language}"
        lessons = shipped_lessons(language)
        made[f"handout{ending}.html"] = sheets.handout(lessons, language)
        made[f"key{ending}.html"] = sheets.key(lessons, language)
    return made | {f"scenarios/{name}.toml": path.read_text("utf-8") for name, path in shipped().items()}


def front() -> str:
    """Return the first page: what this is, the lessons, the gallery of scenarios, and how to embed the page."""
    text = words(LANGUAGES[0])["text"]
    lessons = "".join(
        f'<li><a href="{PAGE}#lesson={x["id"]}&amp;step=0">{html.escape(x["title"])}</a> ({x["minutes"]} minutes): '
        f"{html.escape(x['about'])}</li>"
        for x in shipped_lessons(LANGUAGES[0])
    )
    gallery = "".join(card(name) for name in data.presets())
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{text["title"]}</title>'
        f"<style>{STYLE}</style></head><body><main><h1>{text['title']}: {text['subtitle']}</h1>"
        f"<p>{text['toy']} {text['notice']}</p>"
        f'<p><a class="big" href="{PAGE}">Open the page</a> <a href="{PAGE}#explore=1">Explore freely</a> '
        f'<a href="{PAGE}#lang=de">Deutsch</a></p>'
        f"<h2>Lessons</h2><ul>{lessons}</ul>"
        '<p>To fill in on paper: <a href="handout.html">handout</a>, '
        '<a href="handout.de.html" lang="de">Arbeitsblatt</a>. '
        "The page is one file: save it, and it opens without a network.</p>"
        f"<h2>What the model is not</h2><ul>{''.join(f'<li>{x}</li>' for x in NOT)}</ul>"
        f"<h2>For teachers</h2>{TEACHERS}"
        f'<h2>Treatments</h2><ul class="cards">{gallery}</ul>'
        "<h2>Put it into a course page</h2><p>Write the full address of the page in this frame:</p>"
        f"<pre>{html.escape(FRAME)}</pre></main><footer><p>exosim {version('exosim')}, BSD-3-Clause.</p></footer>"
        "</body></html>\n"
    )


def card(name: str) -> str:
    """Return what the gallery says of a scenario, with what the column gives."""
    found = run(name, resolution="column").outcomes
    filled = found["improvement_percent"]
    told = (
        "no scar to fill"
        if filled is None
        else f"scar filled {filled:.1f} %, red for {found['downtime_days']:.1f} days"
    )
    about = html.escape(data.explain_scenario(name))
    return (
        f'<li><h3><a href="{PAGE}#preset={name}">{html.escape(data.presets()[name].name)}</a></h3><p>{about}</p>'
        f'<p>In the model: {told}. <a href="scenarios/{name}.toml">Scenario file</a></p></li>'
    )
