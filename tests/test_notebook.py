"""What a notebook shows: figures without pyplot, tables with units, progress; and the student's notebook runs."""

import pydoc
import subprocess
import sys
from pathlib import Path
from rlcompleter import Completer

import nbformat
import pytest
from nbclient import NotebookClient

import exosim as ex
from exosim.problems import Checked

TUTORIALS = Path(__file__).parents[1] / "docs" / "tutorials"


def executed(*cells):
    """The outputs of each cell, by MIME type."""
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    return outputs(NotebookClient(book, timeout=300, kernel_name="python3").execute())


def outputs(book):
    code = [cell for cell in book.cells if cell.cell_type == "code"]
    return [[kind for x in cell.outputs for kind in x.get("data", [x.get("name")])] for cell in code]


def test_the_notebook_is_that_of_the_script():
    command = [sys.executable, TUTORIALS / "make_notebook.py", "--check"]
    assert subprocess.run(command, check=False).returncode == 0


def test_the_students_notebook_shows_text_table_and_figure():
    book = nbformat.read(TUTORIALS / "student_script.ipynb", 4)
    imported, loop, table, plot = outputs(NotebookClient(book, timeout=300).execute())
    assert (imported, {*loop}) == ([], {"stdout"})
    assert "text/html" in table
    assert plot.count("image/png") == 1


def test_every_figure_is_shown_and_the_users_own_too():
    own = "plt.plot([1, 2], [3, 4]);"
    shown = executed(
        "import sys, exosim as ex\narms = ex.compare(['fractional_co2', 'exosome_serum'], resolution='column')\narms",
        "arms.plot()",
        "assert 'matplotlib.pyplot' not in sys.modules\nimport matplotlib.pyplot as plt\nbefore = plt.get_backend()",
        own,
        "arms.arms[0].plot()",
        "s = ex.sweep('fractional_co2', {'redness_tnf': ex.lin(1, 2, 3)}, changes={'weeks': 9})\ns",
        "s.plot()",
        f"{own} arms.plot();",
        "assert (plt.get_backend(), plt.get_fignums()) == (before, [])",
        "ex.explain('TNF')",
    )
    assert shown[-1].count("text/html") == 1
    assert not any("stderr" in kinds for kinds in shown)
    images = [kinds.count("image/png") for kinds in shown]
    assert images == [0, 1, 0, 1, 1, 0, 1, 1, 0, 0]
    assert ["text/html" in kinds for kinds in shown] == [x in (0, 5, 9) for x in range(10)]


def test_what_takes_long_shows_a_bar_and_what_does_not_shows_none():
    study = "ex.sweep('fractional_co2', {'redness_tnf': ex.lin(1, 2, 3)}, changes={'weeks': 9});"
    quick = "import exosim as ex\n" + study
    slow = f"from exosim.view import progress\nprogress.MOMENT = 0.0\n{study}"
    silent, told = executed(quick, slow)
    assert (silent, {*told}) == ([], {"stderr"})


def test_a_script_gets_a_figure_and_keeps_its_backend(tmp_path):
    code = """
import sys, matplotlib
matplotlib.use("svg")
import exosim as ex
result = ex.run("fractional_co2", resolution="column")
figure = result.plot()
assert isinstance(figure, matplotlib.figure.Figure)
assert "matplotlib.pyplot" not in sys.modules and matplotlib.get_backend() == "svg"
figure.savefig("figure.png")
import gc, weakref
alive = weakref.ref(figure)
del figure
gc.collect()
assert alive() is None
assert not {"tqdm.auto", "IPython", "rich", "dask"} & {*sys.modules}
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def arms():
    evil = {"name": "<script>alert(1)</script>", "weeks": 9}
    return ex.compare(["fractional_co2", ex.load("exosome_serum", evil)], resolution="column", ensemble=True)


def test_tables_have_units_and_nothing_a_person_wrote_is_html(arms):
    for shown in (arms, arms.arms[1]):
        assert "<td>mm</td>" in shown._repr_html_() or "<td>um</td>" in shown._repr_html_()
        assert "<script>" not in shown._repr_html_()
        assert len(repr(shown).splitlines()) == 1
        assert len(repr(shown)) < 120
    low, high = arms.arms[0].intervals["improvement_percent"]
    assert f"({low:.1f} .. {high:.1f})" in arms._repr_html_()
    assert " minus Fractional CO2 laser" in arms._repr_html_()
    low, high = arms.difference_intervals["improvement_percent"]
    assert f"({low:.1f} .. {high:.1f})" in arms._repr_html_()
    assert "seed" not in arms._repr_html_()
    study = ex.sweep("fractional_co2", {"redness_tnf": ex.lin(1, 2, 20)}, changes={"weeks": 9})
    assert "[pg/mL*d]" in study._repr_html_()
    assert "12 of 20 rows" in study._repr_html_()


def test_names_have_docstrings_and_only_public_ones_are_offered():
    assert {*dir(ex)} == {*ex.__all__, "__version__"}
    completer = Completer({"ex": ex})
    offered = [completer.complete("ex.", i) for i in range(2 * len(ex.__all__))]
    assert {name.rstrip("()") for name in offered if name} == {f"ex.{name}" for name in ex.__all__}
    text = pydoc.plain(pydoc.render_doc(ex))
    assert all(f" {name}" in text for name in ex.__all__)
    for cls in (ex.Result, ex.Comparison, ex.StudyResult, ex.Scenario, ex.Entry, ex.Skin):
        own = {name: x for name, x in vars(cls).items() if not name.startswith(("_", "model_"))}
        assert not [name for name, x in own.items() if callable(x) and not x.__doc__], cls
        assert cls.__doc__
        assert cls.__doc__ != Checked.__doc__
