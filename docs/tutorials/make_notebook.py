"""Writes student_script.ipynb from the student's script and page; with ``--check`` it fails when it is stale."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

HERE = Path(__file__).parent
SCRIPT, PAGE = HERE.parents[1] / "scenarios" / "student.py", HERE / "student_script.md"
NOTEBOOK = HERE / "student_script.ipynb"
SHOWN = "result  # the last of the three", "result.plot()"


def cell(kind: str, text: str, number: int) -> dict[str, object]:
    code = {"execution_count": None, "outputs": []} if kind == "code" else {}
    lines = text.strip().splitlines(keepends=True)
    return {"cell_type": kind, "id": f"cell-{number}", "metadata": {}, "source": lines, **code}


def notebook() -> str:
    title, imports, body = re.fullmatch(
        r'"""(.*?)"""\s*(import [^\n]*\n)(.*)', SCRIPT.read_text("utf-8"), re.DOTALL
    ).groups()
    tasks = PAGE.read_text("utf-8").split("Now change it:", 1)[1]
    texts = [
        ("markdown", f"# {title}\n\nA toy model, not medical advice. Made from `scenarios/student.py`."),
        ("code", imports),
        ("code", body),
        *(("code", text) for text in SHOWN),
        ("markdown", f"## Now change it\n{tasks}"),
    ]
    data = {
        "cells": [cell(*text, number) for number, text in enumerate(texts, start=1)],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(0 if NOTEBOOK.is_file() and NOTEBOOK.read_text("utf-8") == notebook() else "stale notebook")
    NOTEBOOK.write_text(notebook(), "utf-8")
