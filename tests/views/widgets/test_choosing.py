"""Choosing several of several, and whom something is shared with."""

from collections.abc import Iterator

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.models.domain.access import Access, Actor, Channel, Operation, Role, Sharing
from app.models.domain.certificate_terms import Line, Section
from app.models.domain.tenants import Organization, Tenant
from app.views.jobs import Jobs
from app.views.widgets.checks_field import ChecksField
from app.views.widgets.decoded_view import DecodedView
from app.views.widgets.form_dialog import FormDialog
from app.views.widgets.sharing_fields import Owners, SharingFields, may_change, sharing_in
from tests.views.hands import fill, offered, shown_fields
from tests.views.soon import soon

ADMIN = Actor("admin", Channel.WINDOW, Role.ADMIN)
TENANT_ADMIN = Actor("ruth", Channel.WINDOW, Role.TENANT_ADMIN, tenant_id=1)
OWNERS = Owners(
    (Tenant(1, "Acme"), Tenant(2, "Borealis")),
    (Organization(1, 1, "North"), Organization(2, 1, "South"), Organization(3, 2, "Fjord")),
)


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[QWidget]:
    made = QWidget()
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()
    assert QTest.qWaitForWindowActive(made)
    yield made
    shiboken6.delete(made)


def form_for(actor: Actor, owners: Owners, jobs: Jobs, window: QWidget) -> FormDialog:
    """An open form with nothing but the fields of a sharing."""
    form = FormDialog("New thing", jobs, lambda values: values, window)
    SharingFields(form, actor, Operation.TEMPLATE_MANAGE, owners)
    form.open()
    return form


def sharing_of(form: FormDialog) -> Sharing:
    return sharing_in({key: field.value() for key, field in form.fields.items()})


@pytest.mark.req("DEC-01", "DEC-02")
def test_only_what_the_access_needs_is_asked_for(jobs: Jobs, window: QWidget) -> None:
    form = form_for(ADMIN, OWNERS, jobs, window)
    assert shown_fields(form) == ["access"]
    assert sharing_of(form) == Sharing()
    fill(form, "access", "Tenant")
    assert shown_fields(form) == ["access", "tenant_id"]
    fill(form, "tenant_id", "Borealis")
    assert sharing_of(form) == Sharing(Access.TENANT, 2)
    fill(form, "access", "Organization")
    assert offered(form, "organization_id") == ["Fjord"]
    fill(form, "tenant_id", "Acme")
    assert offered(form, "organization_id") == ["North", "South"]
    fill(form, "organization_id", "South")
    assert sharing_of(form) == Sharing(Access.ORGANIZATION, 1, 2)


@pytest.mark.req("DEC-01")
def test_a_tenant_admin_cannot_share_with_everybody(jobs: Jobs, window: QWidget) -> None:
    form = form_for(TENANT_ADMIN, OWNERS, jobs, window)
    assert offered(form, "access") == ["Tenant", "Organization"]
    manage = Operation.TEMPLATE_MANAGE
    assert may_change(TENANT_ADMIN, manage, Sharing(Access.ORGANIZATION, 1, 2))
    assert not may_change(TENANT_ADMIN, manage, Sharing())
    assert not may_change(TENANT_ADMIN, manage, Sharing(Access.TENANT, 2))
    assert may_change(ADMIN, manage, Sharing())


def test_without_an_organization_to_choose_the_form_waits_for_one(
    jobs: Jobs, window: QWidget
) -> None:
    form = form_for(ADMIN, Owners((Tenant(1, "Acme"),), ()), jobs, window)
    fill(form, "access", "Organization")
    QTest.mouseClick(form.save, Qt.MouseButton.LeftButton)
    assert form.fields["organization_id"].message() == "Fill this in."
    fill(form, "access", "Tenant")
    QTest.mouseClick(form.save, Qt.MouseButton.LeftButton)
    soon(lambda: not shiboken6.isValid(form) or not form.isVisible())


def test_owners_are_told_by_name() -> None:
    assert OWNERS.text(Sharing()) == "All tenants"
    assert OWNERS.text(Sharing(Access.TENANT, 2)) == "Borealis"
    assert OWNERS.text(Sharing(Access.ORGANIZATION, 1, 2)) == "South"
    assert OWNERS.text(Sharing(Access.TENANT, 9)) == "Tenant"


def test_values_keep_their_order_and_later_ones_come_last() -> None:
    field = ChecksField("Letters", [(letter, letter.upper()) for letter in "abcd"])
    told: list[tuple[str, ...]] = []
    field.changed.connect(lambda: told.append(field.value()))
    assert field.is_empty()
    field.set_value(("c", "a"))
    QTest.keyClick(field.boxes["b"], Qt.Key.Key_Space)
    QTest.keyClick(field.boxes["c"], Qt.Key.Key_Space)
    assert told == [("c", "a"), ("c", "a", "b"), ("a", "b")]
    field.set_choices([("b", "Bee"), ("e", "E")])
    assert field.value() == ("b",)
    assert field.boxes["b"].accessibleName() == "Letters: Bee"
    field.deleteLater()


def test_tab_comes_by_new_boxes_where_the_old_ones_stood(window: QWidget) -> None:
    first, last = QLineEdit(), QLineEdit()
    field = ChecksField("Letters", [("x", "X")])
    layout = QVBoxLayout(window)
    for widget in (first, field, last):
        layout.addWidget(widget)
    field.set_choices([("a", "A"), ("b", "B")])
    soon(last.isVisible)
    first.setFocus()
    seen = []
    for _stop in range(3):
        focus = QApplication.focusWidget()
        assert focus is not None
        QTest.keyClick(focus, Qt.Key.Key_Tab)
        seen.append(QApplication.focusWidget())
    assert seen == [field.boxes["a"], field.boxes["b"], last]
    field.setFocus()
    assert QApplication.focusWidget() is field.boxes["a"]


def test_what_is_decoded_is_text_and_never_markup(qtbot: QtBot) -> None:
    view = DecodedView("Certificate")
    qtbot.addWidget(view)
    lines = (Line("<b>Name</b>", "<img src=x> & more"), Line("Octets", "00 01\n02", mono=True))
    view.show_sections([Section("<h1>Subject</h1>", lines)])
    text = view.toPlainText()
    for part in ("<h1>Subject</h1>", "<b>Name</b>", "<img src=x> & more", "00 01\n02"):
        assert part in text.replace("\N{LINE SEPARATOR}", "\n")
