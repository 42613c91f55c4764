"""Lessons as a student meets them: predict, run, test, compare; and as a teacher hands them out."""

import json

import pytest

from exosim.lesson import sheets
from exosim.lesson.page import page
from exosim.lesson.site import site
from exosim.lesson.steps import shipped_lessons
from exosim.lesson.words import LANGUAGES, words
from tests.browser.watched import watched

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("browser")]
STEPS = [(x["id"], i, step) for x in shipped_lessons("en") for i, step in enumerate(x["steps"])]
ROOM = "[document.documentElement.scrollHeight, document.documentElement.scrollWidth]"


def predict(page, step):
    """Choose the first option and draw the line, as the step asks, by keyboard."""
    if step["predict"]["options"]:
        page.locator("#panel input[name=option]").first.check()
    if step["predict"]["line"]:
        for _ in range(8):
            page.press("svg.drawable", "ArrowUp")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_step_fits_one_screen_in_every_phase(opened, language):
    page = opened.page
    address = page.url.split("#")[0]
    for lesson, i, step in STEPS:
        page.goto("about:blank")
        page.goto(f"{address}#lesson={lesson}&step={i}&lang={language}")
        assert page.evaluate(ROOM) == [768, 1366], (lesson, i, "predict")
        predict(page, step)
        for phase in ("run", "compared"):
            page.click("#onward")
            assert page.get_attribute("#panel", "data-phase") == phase
            assert page.evaluate(ROOM) == [768, 1366], (lesson, i, phase)
            if phase == "run":
                page.fill("#words", "Because of the cells that build, I think.")


def test_nothing_is_shown_before_a_prediction(opened):
    page = opened.page
    for lesson, i, step in STEPS:
        page.evaluate("q => exosim.go(q)", f"lesson={lesson}&step={i}")
        seen = page.inner_text("body")
        page.click("#onward", force=True)
        assert page.inner_text("#need") in ("Choose an answer first.", "Draw your line to the end first.")
        if step["show"] == ["trials"]:
            assert page.locator("#trials .trial").count() == 0
            continue
        assert page.evaluate("exosim.state.day") == -1
        for outcome in ("improvement_percent", "downtime_days"):
            value = page.evaluate(f"exosim.current.run.outcomes.{outcome}")
            assert value is None or value < 0.05 or f"{value:.1f}" not in seen.replace(step["text"], "")
        assert page.get_attribute("#panel path.run", "d") == "M0 0"


def test_a_drawn_line_is_kept_and_compared_with_the_model(opened):
    page = opened.page
    page.evaluate("exosim.go('lesson=repair&step=1')")
    box = page.locator("#panel svg.drawable").bounding_box()
    page.mouse.move(box["x"] + 40, box["y"] + 0.7 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 3, box["y"] + 0.3 * box["height"], steps=15)
    page.mouse.up()
    page.click("#onward")
    page.wait_for_function("() => exosim.state.day > 0")
    said = page.inner_text("#lesson-title")
    assert "you drew" in said
    assert "the model gives 19.9 %" in said
    line = page.evaluate("exosim.answers.get('repair/1').line")
    assert all(x is not None for x in line)
    page.reload()
    assert page.evaluate("exosim.answers.get('repair/1')?.line") == line


def test_answers_are_saved_as_one_file_with_a_link_for_each(opened, tmp_path):
    page = opened.page
    for step in (0, 2):
        page.evaluate("q => exosim.go(q)", f"lesson=repair&step={step}")
        predict(page, shipped_lessons("en")[0]["steps"][step])
        page.click("#onward")
        page.fill("#words", f"My reason {step}.")
        if step:
            page.locator("#panel .toggle").first.click()
        page.click("#onward")
    with page.expect_download() as download:
        page.get_by_role("button", name="Save my answers").click()
    download.value.save_as(tmp_path / "answers.txt")
    text = (tmp_path / "answers.txt").read_text("utf-8")
    assert "My reason 0." in text
    assert "#lesson=repair&step=0\n" in text
    assert "#lesson=repair&step=2&off=il10_signal\n" in text


def test_from_the_picker_to_the_next_step_in_six_keys(opened):
    page = opened.page
    page.evaluate("exosim.go('lesson=evidence&step=0')")
    page.focus("#lesson-pick")
    for key in ("Tab", "Tab", "Space", "Enter", "Enter", "Enter"):
        page.keyboard.press(key)
    assert page.evaluate("[exosim.state.lesson, exosim.state.step]") == ["evidence", 1]


def test_a_switch_of_a_step_changes_what_is_shown(opened):
    page = opened.page
    page.evaluate("exosim.go('lesson=repair&step=2')")
    predict(page, shipped_lessons("en")[0]["steps"][2])
    page.click("#onward")
    before = page.inner_text("#card-improvement_percent")
    page.locator("#panel .toggle").nth(1).click()
    after = page.inner_text("#card-improvement_percent")
    assert "32.5 %" in before
    assert "21.9 %" in after


def test_trials_find_as_often_as_the_test_of_the_cohort(opened):
    page = opened.page
    shares = "q => { exosim.go(q); return exosim.trialsOf(exosim.state, 2000).filter(t => t.found).length / 2000; }"
    design = "lesson=trial&step=0&people="
    assert 0.5 < page.evaluate(shares, f"{design}12") < 0.62
    assert page.evaluate(shares, f"{design}12&design=faces") > 0.97
    assert 0.84 < page.evaluate(shares, f"{design}26") < 0.95
    assert 0.03 < page.evaluate(shares, f"{design}24&design=faces&effect=none") < 0.07


LINKS = {
    "lesson=repair&amp;step=2": ("repair", 2, ""),
    "lesson%3Drepair%26step%3D2": ("repair", 2, ""),
    "lesson=repair&step=2).": ("repair", 2, ""),
    "lesson=repair&step=2&off=il10_signal+activation_signal": ("repair", 2, ""),
    "gibberish": ("repair", 0, "could not be read"),
    "lesson=nothing&step=9": ("repair", 0, "left out: lesson"),
    "preset=untreated&energy=30": ("", 0, "left out: energy"),
}


@pytest.mark.parametrize("link", LINKS)
def test_a_link_survives_a_mail_program_or_says_that_it_does_not(opened, link):
    page = opened.page
    page.evaluate("q => exosim.go(q)", link)
    lesson, step, says = LINKS[link]
    assert page.evaluate("[exosim.state.lesson, exosim.state.step]") == [lesson, step]
    assert says in page.inner_text("#notice")
    assert bool(says) == bool(page.inner_text("#notice"))
    assert "+" not in page.evaluate("exosim.written()")


def test_without_motion_four_moments_stand_side_by_side(browser, address):
    with watched(browser, address, "lesson=repair&step=0", reduced_motion="reduce") as seen:
        page = seen.page
        page.locator("#panel input[name=option]").first.check()
        page.click("#onward")
        assert page.evaluate("exosim.state.day") == 42
        assert page.locator("#skin-run canvas").count() == 4
        page.wait_for_function("() => document.getElementById('skin-spoken').textContent.includes('scar is')")


def test_the_page_speaks_german_and_keeps_it(browser, address):
    with watched(browser, address, "lesson=repair&step=2") as seen:
        page = seen.page
        page.get_by_role("button", name="DE", exact=True).click()
        page.wait_for_function("() => document.documentElement.lang === 'de'")
        assert page.inner_text("h1") == words("de")["text"]["title"]
        assert page.inner_text("#lesson-title") == shipped_lessons("de")[0]["steps"][2]["predict"]["question"]
        english = {x for x in words("en")["text"].values() if len(x) > 12} - set(words("de")["text"].values())
        page.evaluate("exosim.go('explore=1'); document.querySelectorAll('details').forEach(x => { x.open = true; })")
        seen_words = page.inner_text("body")
        assert not [x for x in english if x in seen_words]


@pytest.mark.parametrize("language", LANGUAGES)
def test_in_a_frame_every_step_fits_in_every_phase(browser, address, tmp_path, language):
    (tmp_path / "course.html").write_text(f'<iframe src="{address}#embed=1" width="900" height="600"></iframe>')
    with watched(browser, (tmp_path / "course.html").as_uri()) as seen:
        page = seen.page.frames[1]
        room = f"(p => [...{ROOM}, p.scrollHeight - p.clientHeight])(document.getElementById('panel'))"
        for lesson, i, step in STEPS:
            page.goto("about:blank")
            page.goto(f"{address}#lesson={lesson}&step={i}&lang={language}&embed=1")
            assert page.evaluate(room) == [600, 900, 0], (lesson, i, "predict")
            predict(page, step)
            for phase in ("run", "compared"):
                page.click("#onward")
                assert page.evaluate(room) == [600, 900, 0], (lesson, i, phase)
                if phase == "run":
                    page.fill("#words", "Because of the cells that build, I think.")
            if step["show"] != ["trials"]:
                assert page.locator("#cells path.run").first.get_attribute("d") != "M0 0"


def test_start_over_asks_once_and_forgets_the_answers_of_a_lesson(opened):
    page = opened.page
    for lesson, step in (("delivery", 0), ("repair", 0), ("repair", 3)):
        run_of(page, lesson, step)
    page.focus("#start-over")
    for keys in (["Enter", "Escape"], ["Enter", "Enter"]):
        for key in keys:
            page.keyboard.press(key)
        assert page.evaluate("exosim.state.step") == 3
    for key in ("Enter", "Tab", "Enter"):
        page.keyboard.press(key)
    assert page.evaluate("[exosim.state.lesson, exosim.state.step]") == ["repair", 0]
    assert page.locator("#start-over").is_hidden()
    page.reload()
    done = page.evaluate("[...exosim.answers].filter(([, x]) => x.phase).map(([id]) => id)")
    assert done == ["delivery/0"]


def test_bars_of_a_lesson_have_one_scale(opened):
    page = opened.page
    longest = {}
    for step in (1, 2, 3):
        run_of(page, "repair", step)
        for card in page.locator(".card").all():
            for bar in card.locator("p").all():
                value = float(bar.locator("b").inner_text().split()[0])
                wide = bar.locator(".bar-line").evaluate("x => x.offsetWidth / x.parentNode.offsetWidth")
                if wide > 0.1:
                    longest.setdefault(card.get_attribute("id"), []).append(value / wide)
    for scales in longest.values():
        assert scales == pytest.approx([scales[0]] * len(scales), rel=0.03)


def test_an_interval_that_leaves_the_axis_is_an_arrow(opened):
    page = opened.page
    page.evaluate("exosim.go('lesson=trial&step=0&people=4')")
    predict(page, shipped_lessons("en")[3]["steps"][0])
    page.click("#onward")
    paths = page.eval_on_selector_all("#trials .trial", "all => all.map(x => x.getAttribute('d'))")
    arrows = sum("L" in x for x in paths)
    assert arrows
    assert f"Arrows: {arrows} of them" in page.inner_text("#trials")


def test_the_key_names_the_lines_of_charts(opened):
    page = opened.page
    run_of(page, "repair", 2)
    page.click("#skin-key summary")
    drawn = page.eval_on_selector_all("#line-key path", "all => all.map(x => x.getAttribute('class'))")
    assert drawn == ["line run", "line control", "guess", "rest", "ticks", "doses"]
    for kind in ("run", "control", "guess"):
        look = f"(x => [x.stroke, x.strokeDasharray].join())(getComputedStyle(document.querySelector('%s .{kind}')))"
        assert page.evaluate(look % "#line-key") == page.evaluate(look % "#panel figure"), kind


def test_the_site_opens_and_leads_to_the_page(browser, tmp_path):
    for path, text in site(page({})).items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text, "utf-8")
    with watched(browser, (tmp_path / "index.html").as_uri()) as seen:
        seen.page.get_by_role("link", name="Open the page").click()
        seen.page.wait_for_selector("#lesson-title")
        seen.page.goto((tmp_path / "handout.html").as_uri())
        assert "Predict" in seen.page.inner_text("body")


def test_hostile_lessons_are_text():
    hostile = "<script>alert('x')</script><img src=x>"
    lessons = json.loads(json.dumps(shipped_lessons("en")[:1]).replace("A thousand small wounds", hostile))
    assert "<script>alert" not in sheets.handout(lessons) + sheets.key(lessons)


def run_of(page, lesson, step):
    """Predict and run a step of the page."""
    found = next(x for x in shipped_lessons("en") if x["id"] == lesson)["steps"][step]
    page.evaluate("q => exosim.go(q)", f"lesson={lesson}&step={step}")
    predict(page, found)
    page.click("#onward")


def test_the_name_of_a_side_follows_its_slider(opened):
    page = opened.page
    run_of(page, "repair", 3)
    assert page.inner_text("#chart-key").split("\n") == ["20 mJ", "40 mJ"]
    page.fill("#step-energy", "50")
    assert page.inner_text("#chart-key").split("\n") == ["20 mJ", "50 mJ"]
    assert page.inner_text("#skin-run strong") == "50 mJ"
    page.fill("#step-density", "200")
    assert page.inner_text("#skin-run strong") == "50 mJ, changed"
    assert page.inner_text("#skin-control strong") == "20 mJ"


def test_a_later_test_leaves_the_number_and_the_drawn_line_of_a_prediction(opened):
    page = opened.page
    run_of(page, "delivery", 3)
    assert "the model gives 5.4 %" in page.inner_text("#lesson-title")
    page.fill("#step-weeks", "52")
    assert "29.2 %" in page.inner_text("#card-improvement_percent")
    assert "the model gave 5.4 % before you changed it" in page.inner_text("#lesson-title")
    drawn, model = (page.locator(f"#panel figure path.{kind}").bounding_box()["width"] for kind in ("guess", "run"))
    assert drawn < model / 3


def test_a_step_says_when_sessions_fall_after_its_end(opened):
    page = opened.page
    run_of(page, "repair", 1)
    assert not page.inner_text("#message")
    page.fill("#step-sessions", "5")
    assert "after the end, week 12" in page.inner_text("#message")


def test_time_waits_for_the_prediction_and_its_end_is_spoken(opened):
    page = opened.page
    page.evaluate("exosim.go('lesson=delivery&step=1')")
    assert page.is_disabled("#play")
    run_of(page, "delivery", 1)
    assert page.is_enabled("#play")
    page.wait_for_function("() => document.getElementById('skin-spoken').textContent.includes('Day 14')")
    page.evaluate("exosim.go('lesson=trial&step=2')")
    assert not page.text_content("#skin-spoken")


def test_false_alarms_do_not_cancel_and_no_step_tells_what_a_later_one_asks(opened):
    page = opened.page
    run_of(page, "trial", 2)
    assert "3 above 0 and 3 below, 3.0 points" in page.inner_text("#lesson-title")
    for step, told in ((0, False), (1, False), (3, True)):
        run_of(page, "trial", step)
        assert ("on average" in page.inner_text("#lesson-title")) == told


def test_a_frame_of_a_page_that_is_a_file_names_the_file(opened):
    page = opened.page
    page.evaluate("exosim.go('preset=untreated'); document.getElementById('sharing').open = true")
    page.evaluate("navigator.clipboard.writeText = async text => { window.copied = text; }")
    page.click("#copy-frame")
    page.wait_for_function("() => document.getElementById('message').textContent.includes('as lesson.html')")
    assert 'src="lesson.html#preset=untreated' in page.evaluate("window.copied")


def test_the_key_of_the_drawing_leaves_the_clock_free(opened):
    page = opened.page
    run_of(page, "repair", 0)
    page.click("#skin-key summary")
    page.click("#play", timeout=5000)
    assert page.evaluate(ROOM) == [768, 1366]


@pytest.mark.parametrize("query", ["embed=1", "lang=de&embed=1"])
def test_the_frame_of_a_course_page_needs_no_lesson(browser, address, query):
    with watched(browser, address, query, viewport={"width": 900, "height": 600}) as seen:
        assert seen.page.evaluate(ROOM) == [600, 900]
        assert "embed=1" in seen.page.evaluate("exosim.written()")


def test_answers_survive_a_change_of_language(opened):
    page = opened.page
    run_of(page, "repair", 0)
    page.fill("#words", "Builders come later.")
    for language in ("DE", "EN"):
        page.click(f"#languages button:text-is('{language}')")
        page.wait_for_function("l => document.documentElement.lang === l", arg=language.lower())
        assert page.get_attribute("#panel", "data-phase") == "run"
        assert "Builders come later." in page.evaluate("exosim.answersText()")


def test_a_link_that_cannot_be_read_moves_nothing(opened):
    page = opened.page
    page.evaluate("exosim.go('lesson=delivery&step=2'); exosim.go('%C3%A4nonsense')")
    assert page.evaluate("[exosim.state.lesson, exosim.state.step]") == ["delivery", 2]
    assert page.inner_text("#notice")
