import sys
import threading
from types import TracebackType

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.core.errors import AccessDeniedError, KnownError, NotFoundError, SessionEndedError
from app.views.jobs import Jobs, Latest


def never(_value: object) -> None:
    raise AssertionError("must not be called")


def test_work_runs_elsewhere_and_its_result_comes_back_here(jobs: Jobs, qtbot: QtBot) -> None:
    seen: list[tuple[threading.Thread, threading.Thread]] = []
    jobs.run(
        jobs,
        threading.current_thread,
        lambda worker: seen.append((worker, threading.current_thread())),
        never,
    )
    qtbot.waitUntil(lambda: bool(seen))
    worker, receiver = seen[0]
    assert worker is not threading.current_thread()
    assert receiver is threading.current_thread()


def test_a_known_error_is_delivered_as_it_is(jobs: Jobs, qtbot: QtBot) -> None:
    error = NotFoundError("Device X does not exist.")
    seen: list[KnownError] = []

    def work() -> None:
        raise error

    jobs.run(jobs, work, never, seen.append)
    qtbot.waitUntil(lambda: bool(seen))
    assert seen == [error]


def test_a_bug_goes_to_the_crash_report_and_the_page_hears_of_it(
    jobs: Jobs, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    reported: list[BaseException] = []

    def hook(_kind: type, error: BaseException, _trace: TracebackType | None) -> None:
        reported.append(error)

    monkeypatch.setattr(sys, "excepthook", hook)
    seen: list[KnownError] = []
    jobs.run(jobs, lambda: 1 // 0, never, seen.append)
    qtbot.waitUntil(lambda: bool(seen))
    assert isinstance(reported[0], ZeroDivisionError)
    assert "fault in the program" in seen[0].problem


def test_a_result_for_a_closed_page_is_dropped(jobs: Jobs, qtbot: QtBot) -> None:
    page = QWidget()
    gate = threading.Event()
    jobs.run(page, gate.wait, never, never)
    page.deleteLater()
    with qtbot.waitSignal(page.destroyed):
        pass
    gate.set()
    drain(jobs, qtbot)


def test_a_cancelled_job_delivers_nothing(jobs: Jobs, qtbot: QtBot) -> None:
    gate = threading.Event()
    job = jobs.run(jobs, gate.wait, never, never)
    job.cancel()
    gate.set()
    drain(jobs, qtbot)


def test_a_newer_query_replaces_an_older_one(jobs: Jobs, qtbot: QtBot) -> None:
    gate = threading.Event()
    seen: list[str] = []
    search = Latest(jobs, jobs)

    def slow() -> str:
        gate.wait()
        return "old"

    search.run(slow, seen.append, never)
    search.run(lambda: "new", seen.append, never)
    qtbot.waitUntil(lambda: bool(seen))
    gate.set()
    drain(jobs, qtbot)
    assert seen == ["new"]


def test_stopping_waits_for_work_and_begins_no_more(qapp: QObject) -> None:
    jobs = Jobs(qapp, threads=1)
    gate = threading.Event()
    ended: list[str] = []

    def work() -> None:
        gate.wait()
        ended.append("first")

    jobs.run(jobs, work, lambda _none: None, never)
    waiting = jobs.run(jobs, lambda: ended.append("second"), never, never)
    threading.Timer(0.05, gate.set).start()
    jobs.stop()
    assert ended == ["first"]
    assert waiting.future is not None
    assert waiting.future.cancelled()
    late = jobs.run(jobs, lambda: ended.append("third"), never, never)
    assert not late.wanted
    assert ended == ["first"]


def test_what_is_done_after_stopping_is_dropped(qapp: QObject) -> None:
    jobs = Jobs(qapp)
    gate = threading.Event()
    jobs.run(jobs, gate.wait, never, never)
    gate.set()
    jobs.stop()
    QApplication.processEvents()


def test_a_refusal_is_told_before_whoever_asked_hears_of_it(jobs: Jobs, qtbot: QtBot) -> None:
    heard: list[object] = []
    jobs.refused.connect(lambda error: heard.append(("window", error)))
    errors = (AccessDeniedError("no"), SessionEndedError("out"), NotFoundError("where"))
    for error in errors:

        def work(error: KnownError = error) -> None:
            raise error

        jobs.run(jobs, work, never, lambda error: heard.append(("page", error)))
        qtbot.waitUntil(lambda error=error: ("page", error) in heard)  # type: ignore[misc]
    denied, ended, missing = errors
    assert heard == [
        ("window", denied),
        ("page", denied),
        ("window", ended),
        ("page", ended),
        ("page", missing),
    ]


def drain(jobs: Jobs, qtbot: QtBot) -> None:
    """Wait until everything asked before has been delivered or dropped."""
    arrived: list[int] = []
    count = 4  # as many as there are threads: none of them is still at older work
    barrier = threading.Barrier(count)
    for _number in range(count):
        jobs.run(jobs, barrier.wait, arrived.append, never)
    qtbot.waitUntil(lambda: len(arrived) == count)
