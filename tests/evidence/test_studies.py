"""Published studies as data: what is refused, and what arms mean as scenarios."""

import tomllib

import pytest

from exosim.evidence.measured import measure, questions
from exosim.evidence.studies import READS, start_of
from exosim.evidence.studies_file import load_studies
from exosim.parameters import parameter_set
from exosim.problems import BadInput

HEAD = """
[[study]]
id = "one"
n = 20
[study.skin]
phototype = 3
[study.arms.laser]
treatments = [{ kind = "fractional_co2_laser", every_days = 28, sessions = 3 }]
[study.arms.prp]
treatments = [
  { kind = "fractional_co2_laser", every_days = 28, sessions = 3 },
  { kind = "prp", days = [0] },
]
[[study.figures]]
arm = "prp"
read = "pih"
[[study.figures]]
"""
FINE = 'arm = "laser"\nread = "improvement_percent"\nday = 84\nvalue = 20\nse = 4\n'


def studies(figure, head=HEAD):
    return load_studies(tomllib.loads(head + figure))


def test_the_shipped_file_holds_every_study():
    found = load_studies()
    assert (len(found.study), len(found.figures), len(found.quantity)) == (24, 46, 10)
    assert {figure.form for _, figure in found.figures} == {"level", "ratio", "difference", "share", "odds"}


@pytest.mark.parametrize(
    ("figure", "said"),
    [
        ('arm = "lazer"\nread = "pih"', 'did you mean "laser"'),
        ('arm = "laser"\nover = "prb"\nread = "pih"', 'did you mean "prp"'),
        ('arm = "laser"\nread = "improvment_percent"', 'did you mean "improvement_percent"'),
        (FINE + 'instrment = "ECCA"', 'did you mean "instrument"'),
        (FINE.replace("84", '"12 weeks"'), "day must be a number"),
        (FINE.replace("84", "-3"), "day = -3 is out of range"),
        (FINE.replace("se = 4", "se = -4"), "se = -4 is out of range"),
        (FINE + "at_most = 30", "value and at_most contradict each other"),
        (FINE + 'over = "prp"\nminus = "prp"', "over and minus contradict each other"),
        (FINE + 'over = "laser"', "compared with itself"),
        (FINE + "share = 3\nof = 20", "value and share contradict each other"),
        ('arm = "laser"\nread = "improvement_percent"\nshare = 3\nof = 20', "is no share of people"),
        ('arm = "laser"\nread = "pih"\nshare = 3', "share needs of"),
        ('arm = "laser"\nread = "pih"\nshare = 30\nof = 20', "more than all"),
        ('arm = "laser"\nread = "pih"\nvalue = 14', "is a share of people"),
        ('arm = "prp"\nover = "laser"\nread = "responder_50"\nodds_ratio = 2\nci = [3, 4]', "not inside its interval"),
        ('arm = "laser"\nread = "responder_50"\nodds_ratio = 2', "odds_ratio needs over"),
        ('arm = "prp"\nover = "laser"\nread = "downtime_days"\nvalue = -1', "not above 0"),
        ('arm = "prp"\nover = "laser"\nread = "downtime_days"\nvalue = 0', "not above 0"),
        (FINE.replace("value = 20", "value = 120"), "possible: -200 to 100 %"),
        ('arm = "laser"\nread = "downtime_days"\nday = 7\nvalue = 9', "read over 7 days cannot be 9 days"),
        ('arm = "laser"\nread = "wound_left_day_7_percent"\nvalue = 101', "possible: 0 to 100 %"),
        ('arm = "prp"\nminus = "laser"\nread = "pih"\nvalue = 12', "possible: -1 to 1"),
        (FINE.replace("se = 4", "se = -4"), "study one, improvement_percent of laser: se"),
        (FINE.replace("value = 20", ""), "study one, improvement_percent of laser: se needs value"),
        (
            'arm = "laser"\nread = "erythema_days"\ninstrument = "ECCA"',
            "belongs to improvement_percent or responder_50",
        ),
        (FINE + 'instrument = "erythema, chromameter"', 'that fit: "ECCA"'),
        ('arm = "laser"\nread = "barrier_days"\ninstrument = "ours"', "has no effect on barrier_days"),
        (FINE + 'over = "prp"\ninstrument = "ECCA"', "has no effect on a ratio"),
        (FINE + 'skin = { scar = "icepik" }', 'did you mean "icepick"'),
        (FINE + 'skin = { scar = "none" }', "without a scar"),
    ],
)
def test_a_figure_that_cannot_be_is_refused(figure, said):
    with pytest.raises(BadInput) as error:
        studies(figure)
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("prp", "prpp", 'there is no treatment "prpp"'),
        ("phototype = 3", "phototype = 9", "phototype = 9 is out of range"),
        ('id = "one"', "", 'needs "id"'),
        ("n = 20", 'n = "many"', "n must be a whole number"),
        ("[study.arms.laser]", "[study.arms.laser]\nweeks = 10", "after the end of arm laser"),
        ('arm = "prp"', 'arm = "laser"', 'study one, arm prp: no figure uses the arm "prp"'),
        ("[study.arms.laser]", "[study.arms.laser]\nskin = { phototype = 4 }", "write [study.skin]"),
        ("[[study]]", "quantity = 3\n[[study]]", "quantity must be a list"),
        ("[[study]]", "sceme = 1\n[[study]]", 'no setting "sceme"'),
    ],
)
def test_a_study_that_cannot_be_is_refused(old, new, said):
    with pytest.raises(BadInput) as error:
        studies(FINE, HEAD.replace(old, new))
    assert said in str(error.value)


def test_a_new_instrument_is_of_one_class():
    """Its name is free, for improvement and responders, or for days of redness and downtime."""
    new = FINE + 'instrument = "ours"\n[[study.figures]]\narm = "laser"\ninstrument = "ours"\nread = '
    studies(new + '"responder_50"')
    with pytest.raises(BadInput, match='"ours" belongs to improvement_percent'):
        studies(new + '"downtime_days"')


def test_all_problems_come_at_once_with_their_lines(tmp_path):
    file = tmp_path / "mine.toml"
    second = FINE.replace("laser", "lasr").replace("se = 4", "se = -4")
    file.write_text(HEAD + second + HEAD + FINE)
    with pytest.raises(BadInput) as error:
        load_studies(file)
    lines = file.read_text().splitlines()
    found = {lines[p.line - 1] for p in error.value.problems}
    assert found == {'arm = "lasr"', "se = -4", 'id = "one"'}
    assert {p.source for p in error.value.problems} == {str(file)}


def test_a_missing_file_names_a_similar_one(tmp_path):
    (tmp_path / "studies.toml").write_text(HEAD + FINE)
    with pytest.raises(BadInput, match=r"studies\.toml"):
        load_studies(tmp_path / "studys.toml")


def test_an_arm_lasts_as_long_as_its_last_figure_asks():
    [study] = studies(FINE.replace("84", "150")).study
    assert study.scenario("laser").days == 150
    assert study.scenario("laser").skin.phototype == 3
    assert study.scenario("laser", {"scar": "icepick"}).skin.scar == "icepick"
    assert study.scenario("prp").days == 84
    [fixed] = studies(FINE, HEAD.replace("[study.arms.laser]", "[study.arms.laser]\nweeks = 20")).study
    assert fixed.scenario("laser").days == 140


def test_days_count_from_the_first_session():
    late = HEAD.replace("every_days = 28, sessions = 3 }]", "days = [7, 35] }]")
    found = studies(FINE, late)
    scenario = found.study[0].scenario("laser")
    assert (start_of(scenario), scenario.days) == (7, 91)


def test_a_figure_is_read_on_its_day():
    """Before the last session as if the session were not planned; identical arms are simulated once."""
    early = FINE.replace("84", "50") + "[[study.figures]]\n" + FINE
    asked, runs = questions(studies(early).figures[1:])
    assert len(runs) == 1
    numbers = measure(asked, runs, parameter_set("article").values())
    fewer = HEAD.replace("sessions = 3 }]", "sessions = 2 }]").replace(
        "[study.arms.laser]", "[study.arms.laser]\nweeks = 8"
    )
    alone, shorter = questions(studies(FINE.replace("84", "50"), fewer).figures[1:])
    [expected] = measure(alone, shorter, parameter_set("article").values()).values()
    on_day_50, on_day_84 = (numbers[q.terms[0]] for q in asked)
    assert on_day_50 == pytest.approx(expected, rel=1e-6)
    assert on_day_84 > on_day_50


def test_everything_that_can_be_read_can_be_asked():
    for read in READS:
        studies(f'arm = "laser"\nread = "{read}"')
