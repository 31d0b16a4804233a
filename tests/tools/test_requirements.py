import json
from pathlib import Path

import pytest

from tests.requirements_plugin import KNOWN
from tools.requirements import CHECKLISTS, checklist, shown_ids, summary

LIST = """
| id | requirement | from |
|---|---|---|
| DT-01 | First. | 1 |
| EST-TLS-02 | Second, of `DT-01`. | 2 |
| TC-P1 | Third. | | |
"""


@pytest.fixture
def short_list(tmp_path: Path) -> Path:
    path = tmp_path / "list.md"
    path.write_text(LIST, "utf-8")
    return path


def test_checklist_takes_the_text_after_each_id(short_list: Path) -> None:
    assert checklist(short_list) == {
        "DT-01": "First.",
        "EST-TLS-02": "Second, of `DT-01`.",
        "TC-P1": "Third.",
    }


def test_an_id_twice_is_an_error(short_list: Path) -> None:
    short_list.write_text(LIST + "| DT-01 | Again. | 1 |\n", "utf-8")
    with pytest.raises(ValueError, match=r"list\.md lists DT-01 twice"):
        checklist(short_list)


def test_summary_lists_what_no_report_shows(tmp_path: Path, short_list: Path) -> None:
    for name, key in (("a.json", "DT-01"), ("b.json", "TC-P1")):
        (tmp_path / name).write_text(json.dumps({key: ["test_x"]}), "utf-8")
    shown = shown_ids([tmp_path / "a.json", tmp_path / "b.json"])
    assert summary("EST: ", checklist(short_list), shown) == (
        "EST-TLS-02  Second, of `DT-01`.\nEST: shown 2 of 3"
    )


def test_the_checklists_share_no_id() -> None:
    assert len(KNOWN) == sum(len(checklist(path)) for path in CHECKLISTS.values())


MARKED = """
import pytest

@pytest.mark.req("DT-01", "DT-02")
def test_passes(): pass

@pytest.mark.req("DT-02", "DT-03")
def test_fails(): assert False

@pytest.mark.req("DT-04")
@pytest.mark.skip
def test_is_skipped(): pass

@pytest.fixture
def broken_afterwards():
    yield
    raise OSError

@pytest.mark.req("DT-05")
def test_fails_in_teardown(broken_afterwards): pass
"""


@pytest.mark.parametrize("workers", [[], ["-n", "2"]])
def test_report_names_passing_tests_only(pytester: pytest.Pytester, workers: list[str]) -> None:
    pytester.makepyfile(test_marked=MARKED)
    report = pytester.path / "build" / "report.json"
    run_with_plugin(pytester, f"--requirements-report={report}", *workers).assert_outcomes(
        passed=2, failed=1, skipped=1, errors=1
    )
    assert json.loads(report.read_text("utf-8")) == {
        "DT-01": ["test_marked.py::test_passes"],
        "DT-02": ["test_marked.py::test_passes"],
    }


def test_an_unknown_id_fails_its_test(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        import pytest

        @pytest.mark.req("DT-01", "DT-999")
        def test_typo(): pass
    """)
    result = run_with_plugin(pytester)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines("*no checklist in docs/ has DT-999*")


def run_with_plugin(pytester: pytest.Pytester, *options: str) -> pytest.RunResult:
    """Run pytest on the test's own folder as a process with the plugin in it."""
    pytester.makeini(f"""
        [pytest]
        pythonpath = {Path(__file__).parents[2]}
        markers = req
    """)
    pytester.makeconftest('pytest_plugins = ["tests.requirements_plugin"]')
    return pytester.runpytest_subprocess("-p", "no:pytest-qt", *options)
