"""What looks like HTML in a name or a certificate is shown as it is, and fetches nothing."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import Qt as QtText
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import QLabel, QStyleOptionViewItem, QWidget
from pytestqt.qtbot import QtBot

from app.core.errors import InvalidInputError
from app.models.domain.reports import Report
from app.views.jobs import Jobs
from app.views.reports.table import ReportModel
from app.views.widgets.badge_delegate import BadgeDelegate
from app.views.widgets.certificate_preview import CertificatePreview
from app.views.widgets.column import Column
from app.views.widgets.data_table import DataTable
from app.views.widgets.empty_state import EmptyState
from app.views.widgets.field import TextField
from app.views.widgets.page_model import PageModel
from app.views.widgets.tip import plain_tip
from app.views.wizard.makers_certificate import MakersCertificateInput

MARKUP = '<img src="//198.51.100.7/share/x.png"> O=<b>Evil</b>'


def as_shown(tip: str) -> str:
    """The text that people see of a tool tip."""
    document = QTextDocument()
    if QtText.mightBeRichText(tip):
        document.setHtml(tip)
    else:
        document.setPlainText(tip)
    return document.toPlainText()


def makers_certificate() -> QWidget:
    made = MakersCertificateInput()
    made.show_error(InvalidInputError(MARKUP))
    return made


def preview() -> QWidget:
    made = CertificatePreview()
    made.say(MARKUP)
    return made


@pytest.mark.parametrize(
    "make",
    [
        lambda: TextField(MARKUP),
        lambda: EmptyState("activity", MARKUP, None),
        makers_certificate,
        preview,
    ],
)
def test_a_label_shows_markup_as_it_is(make: Callable[[], QWidget], qtbot: QtBot) -> None:
    widget = make()
    qtbot.addWidget(widget)
    labels = [one for one in widget.findChildren(QLabel) if one.text() == MARKUP]
    assert [one.textFormat() for one in labels] == [Qt.TextFormat.PlainText]


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("text", [MARKUP, "plain & simple", "two\nlines", ""])
def test_a_tip_shows_any_text_as_it_is(text: str) -> None:
    assert as_shown(plain_tip(text)) == text


def test_the_tip_of_a_cell_shows_markup_as_it_is(jobs: Jobs, qtbot: QtBot) -> None:
    columns: list[Column[int]] = [
        Column("subject", "Subject", lambda _n: MARKUP, width=20),
        Column("until", "Until", str, tip=lambda _n: MARKUP),
    ]
    model: PageModel[int, None] = PageModel(
        columns,
        lambda _wanted: range(1),
        lambda _filter: 1,
        identity=lambda number: number,
        first_filter=None,
        jobs=jobs,
        parent=jobs,
    )
    table: DataTable[int] = DataTable(model, "Devices")
    qtbot.addWidget(table)
    with qtbot.waitExposed(table), qtbot.waitSignal(model.counted):
        table.show()
        model.reload()
    option = QStyleOptionViewItem()
    table.initViewItemOption(option)
    option.rect.setWidth(20)
    delegate = table.itemDelegate()
    assert isinstance(delegate, BadgeDelegate)
    qtbot.waitUntil(lambda: model.cell(0, 0)[0] == MARKUP)
    for column in range(2):
        assert as_shown(delegate.tooltip(option, model.index(0, column))) == MARKUP


@pytest.mark.usefixtures("qapp")
def test_the_tip_in_a_report_shows_markup_as_it_is() -> None:
    model = ReportModel()
    model.set_report(Report("Refusals", ("Reason",), ((MARKUP,),), ("Total",)))
    index = model.index(0, 0)
    assert index.data() == MARKUP
    assert as_shown(index.data(Qt.ItemDataRole.ToolTipRole)) == MARKUP
