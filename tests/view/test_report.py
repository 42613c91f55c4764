"""The report: complete, self-contained, and nothing that a person wrote gets out of its text."""

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from matplotlib.colors import to_hex
from typer.testing import CliRunner

import exosim as ex
from exosim.api import Comparison
from exosim.cli import app
from exosim.readings.terms import budgets
from exosim.results.outcomes import OUTCOMES
from exosim.studies.sensitivity import GRADES, sensitivity
from exosim.view.figures.courses import of_comparison
from exosim.view.figures.sensitivity import bars
from exosim.view.report.meter import meter
from exosim.view.report.outcomes import Compared
from exosim.view.report.page import report

SHORT = ["weeks=3", "treatments.0.days=[0, 7]"]
BOTH = [*SHORT, "treatments.1.days=[0]", "treatments.2.days=[1]"]
HOSTILE = "</title></style><script>alert('x')</script><img src=x onerror=\"y\">&lt; \u202eabc\u202c \u05d0 " + "w" * 90
VOID = {"meta", "img", "br", "wbr", "rect", "line"}


class Page(HTMLParser):
    """Tags with their attributes; fails when they do not nest."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.open, self.text = [], [], ""
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def of(comparison):
    found = Compared(comparison.differences, comparison.difference_intervals, comparison.warnings)
    return report(comparison.arms, comparison.published, found if len(comparison.arms) > 1 else None)


@pytest.fixture(scope="module")
def comparison():
    names = ["fractional_co2", "fractional_co2_exosome"]
    return ex.compare(names, resolution="column", ensemble=True)


@pytest.fixture(scope="module")
def page(comparison):
    return of(comparison)


def test_a_comparison_is_told_in_full(page, comparison):
    text = Page(page).text
    for section in ("Outcomes", "Why the arms differ", "Evidence meter", "does not support", "Sources"):
        assert section in text
    assert "Kwon 2020" in text
    assert "published 19.9, n = 25, fitted; trial: three sessions, three to four weeks apart, week 12, 20 mJ" in text
    assert "published 10.4, n = 14, not fitted" in text
    seen = Page(re.sub(r"<pre.*?</pre>", "", page, flags=re.DOTALL)).text
    assert not re.findall("|".join(rf"\b{x.name}\b" for x in OUTCOMES), seen)
    assert "not medical advice" in text
    low, high = comparison.difference_intervals["improvement_percent"]
    assert f"{low:.1f} to {high:.1f}" in text
    assert page.count("data:image/svg+xml") == 4
    assert all(a["alt"] for tag, a in Page(page).tags if tag == "img")


def test_it_opens_with_five_lines(page, comparison):
    text = " ".join(Page(re.search(r"<dl.*?</dl>", page, re.DOTALL)[0]).text.split())
    assert page.count("<dt>") == 5
    assert "12 weeks of skin with a moderate mixed scar, phototype 4" in text
    low, high = comparison.arms[0].intervals["improvement_percent"]
    assert f"scar filled 19.9 % ({low:.1f} to {high:.1f})" in text
    assert "has exosome gel in addition. Compared with Fractional CO2 laser: scar filled +12.6 points" in text
    assert "19.9 % after fractional CO2 laser (three sessions, three to four weeks apart, week 12" in text


def test_it_needs_nothing_but_itself(page):
    tags = Page(page).tags
    assert not {"script", "link", "iframe", "object", "form"} & {tag for tag, _ in tags}
    assert all(a["src"].startswith("data:") for _, a in tags if "src" in a)
    assert all(a["href"].startswith("#") for _, a in tags if "href" in a)
    assert not any(name == "style" or name.startswith("on") for _, a in tags for name in a)
    policy = next(a["content"] for tag, a in tags if "http-equiv" in a)
    css = re.search(r"<style>(.*?)</style>", page, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    assert policy.startswith("default-src 'none'")
    assert f"style-src 'sha256-{digest}'" in policy
    assert "unsafe" not in policy


def test_hostile_text_is_text():
    scenario = ex.load("fractional_co2", SHORT).model_copy(update={"name": HOSTILE, "note": HOSTILE * 20})
    assumed = ex.load("fractional_co2_exosome", BOTH).to_dict() | {
        "assume": {"tnf_clearance": {"value": 14.0, "why": HOSTILE}}
    }
    other = ex.Scenario.from_dict(assumed)
    text = of(ex.compare([scenario, other.model_copy(update={"name": HOSTILE[::-1]})], resolution="column"))
    found = Page(text)
    assert not {"script"} & {tag for tag, _ in found.tags}
    assert sum(tag == "img" for tag, _ in found.tags) == 5
    assert "<script>alert('x')</script>" in found.text
    assert "\u202e" not in re.sub(r"<pre.*?</pre>", "", text, flags=re.DOTALL)


def test_the_colours_of_evidence_grades_are_those_of_the_figure(comparison):
    run = comparison.arms[-1]
    swings = sensitivity(run.scenario, run.setup.parameters, method="local")
    keys = re.findall(r'class="key">.*?fill="(#\w+)".*?</svg>(\w+)<', meter(swings, run, many=False))
    [legend] = bars(swings, run.scenario.name).figure.legends
    drawn = {
        label.get_text(): to_hex(patch.get_facecolor())
        for label, patch in zip(legend.get_texts(), legend.get_patches(), strict=True)
    }
    assert {grade: colour.lower() for colour, grade in keys} == drawn
    assert len(set(drawn.values())) == len(GRADES)


@pytest.mark.parametrize("name", ["untreated", "exosome_serum", "pigmented_microneedling_exosome"])
def test_every_kind_of_run_has_a_report(name):
    run = ex.run(name, resolution="column")
    text = Page(of(ex.Comparison([run]))).text
    assert "without intervals" in text
    assert "Why the arms differ" not in text


def test_the_terms_add_up_to_the_change(comparison):
    for budget in budgets(comparison.arms):
        for i, error in enumerate(budget.errors):
            size = sum(abs(flux.amounts[i]) for flux in budget.fluxes)
            assert abs(error) < 1e-3 * size, budget.title


def test_the_terms_say_why(comparison):
    quantities = {budget.title.split(",")[0]: budget for budget in budgets(comparison.arms)}
    activated = quantities["Activated fibroblasts"].fluxes[0]
    assert activated.parameters == ("activation", "activation_signal")
    assert activated.amounts[0] == 0
    assert activated.difference > 0
    assert "remodelling" in quantities["Collagen"].fluxes[0].parameters
    made = {flux.parameters: flux.difference for flux in quantities["TNF-alpha"].fluxes}
    assert made["tnf_m1",] < 0
    assert not np.isclose(made["tnf_alarm",], 0)


def test_the_verb_reads_folders_and_does_not_overwrite(tmp_path):
    def exosim(*arguments, code=0):
        done = CliRunner().invoke(app, list(map(str, arguments)))
        assert done.exit_code == code, done.output
        return done.output

    short = ex.load("fractional_co2", SHORT)
    run = ex.run(short, resolution="column").save(tmp_path / "a").directory
    asked = [short, ex.load("untreated", ["weeks=3"])]
    both = ex.compare(asked, resolution="column", against="Untreated").save(tmp_path / "b").directory
    assert "report.html" in exosim("report", run)
    assert "Why the arms differ" not in (run / "report.html").read_text("utf-8")
    assert "exists already" in exosim("report", run, code=2)
    exosim("report", both, "--out", tmp_path / "both.html")
    told = " ".join(Page((tmp_path / "both.html").read_text("utf-8")).text.split())
    assert "Why the arms differ" in told
    assert "Compared with Untreated:" in told
    assert "not a run folder" in exosim("report", tmp_path, code=2)
    assert "no such folder" in exosim("report", tmp_path / "x", code=2)


def test_what_cannot_be_is_marked_and_what_is_missing_is_a_dash(comparison):
    first, last = comparison.arms
    lacking = replace(first, outcomes=dict.fromkeys(first.outcomes) | {"safety_flags": []}, ensemble=None)
    odd = replace(last, outcomes=last.outcomes | {"improvement_percent": -312.0, "safety_flags": ["implausible"]})
    found = Comparison([lacking, odd])
    text = Page(of(found)).text
    assert "-312 (implausible)" in text
    assert "outside what can be in skin" in text
    assert "None" not in text
    assert "nan" not in text.split()
    drawn = [x for x in of_comparison(found.arms, found.published) if x.name == "split_face"]
    assert "-312 (implausible)" in drawn[0].alt


def test_another_regimen_has_no_published_value(comparison):
    arms = [ex.run(arm.scenario, resolution="column", changes=["weeks=9"]) for arm in comparison.arms]
    text = " ".join(Page(of(Comparison(arms))).text.split())
    assert "published: not this regimen: week 12, n = 25" in text
    assert "published 19.9" not in text
    assert "no published comparison of these regimens" not in text
