"""The engine that fills certificates against the requirements' table, over all combinations.

The table below says for each kind of field what FAC-11 to FAC-18 say, clause by clause: which
sources are looked at, in which order. Nothing of it is taken from the engine.
"""

import itertools
from dataclasses import dataclass

import pytest

from app.models.domain.subjects import FieldRule, NamePart, Provenance, TemplateField, resolve

# Where a field stands for all of its part (FAC-21: SAN fields follow exactly the same rules).
FIELDS = (
    TemplateField(NamePart.SUBJECT, "CN"),
    TemplateField(NamePart.SUBJECT, "OU", index=2),
    TemplateField(NamePart.SAN, "dns"),
    TemplateField(NamePart.SAN, "email"),
)
FIXED, DEVICE, DEFAULT, CSR, USER = "fixed", "device", "default", "csr", "user"

# Requirement, source of the request, rules of the template, mapped or not -> what counts, first
# what counts most. Where the user counts most, what they emptied stays empty.
TABLE = (
    ("FAC-11", "server", ("fixed",), (True, False), (FIXED,)),
    ("FAC-12", "server", ("optional",), (False,), (USER, DEFAULT)),
    ("FAC-13", "server", ("required",), (False,), (USER, DEFAULT)),
    ("FAC-14", "server", ("optional", "required"), (True,), (DEVICE, DEFAULT, USER)),
    ("FAC-15", "csr", ("fixed",), (True, False), (FIXED,)),
    ("FAC-16", "csr", ("optional",), (False,), (USER, CSR, DEFAULT)),
    ("FAC-17", "csr", ("required",), (False,), (USER, CSR, DEFAULT)),
    ("FAC-18", "csr", ("optional", "required"), (True,), (DEVICE, DEFAULT, CSR, USER)),
)


@dataclass(frozen=True)
class Case:
    """One combination; texts are empty where there is no value."""

    source: str
    rule: str
    mapped: bool
    device: str
    default: str
    csr: str
    typed: str | None  # None: nobody touched the field


CASES = [
    Case(*values)
    for values in itertools.product(
        ("server", "csr"),
        ("fixed", "required", "optional"),
        (True, False),
        ("", "of-device.example"),
        ("", "of-template.example"),
        ("", "of-csr.example"),
        (None, "", "of-user.example"),
    )
    # A fixed field without its value is no template, and without a CSR there is none of its values.
    if not (values[1] == "fixed" and not values[4]) and not (values[0] == "server" and values[5])
]


def order_for(case: Case) -> tuple[str, ...]:
    """What counts for a case, by the one line of the table that is about it."""
    (found,) = [
        order
        for _id, source, rules, mapped, order in TABLE
        if source == case.source and case.rule in rules and case.mapped in mapped
    ]
    return found


def expected(case: Case) -> tuple[str, str]:
    """The value, and where it comes from, as the requirements say."""
    values = {
        FIXED: case.default,
        DEVICE: case.device,
        DEFAULT: case.default,
        CSR: case.csr,
        USER: case.typed or "",
    }
    order = order_for(case)
    if order[0] == USER and case.typed is not None:
        return case.typed, USER  # entered, changed or emptied
    return next(((values[one], one) for one in order if values[one]), ("", "nothing"))


PROVENANCE = {
    FIXED: Provenance.TEMPLATE,
    DEVICE: Provenance.DEVICE,
    DEFAULT: Provenance.DEFAULT,
    CSR: Provenance.CSR,
    USER: Provenance.TYPED,
    "nothing": Provenance.EMPTY,
}


@pytest.mark.req(
    "FAC-10", "FAC-11", "FAC-12", "FAC-13", "FAC-14", "FAC-15", "FAC-16", "FAC-17", "FAC-18",
    "FAC-20", "FAC-21", "OPC-04", "OPC-05", "OPC-06", "DTC-13", "DTC-15",
)  # fmt: skip
@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.key)
def test_the_engine_does_what_the_table_says(field: TemplateField) -> None:
    def value_for(text: str) -> str:
        return f"a@{text}" if field.kind == "email" and text else text

    wrong = []
    for case in CASES:
        given = TemplateField(
            field.part, field.kind, FieldRule(case.rule), value_for(case.default), index=field.index
        )
        key = given.key
        (got,) = resolve(
            (given,),
            {key: "serial_number"} if case.mapped else {},
            {"serial_number": value_for(case.device), "name": value_for("another.example")},
            {key: value_for(case.csr)} if case.source == "csr" else None,
            {} if case.typed is None else {key: value_for(case.typed)},
        )
        value, source = expected(case)
        missing = not value and case.rule == "required"
        seen = (got.value, got.provenance, bool(got.problem))
        if seen != (value_for(value), PROVENANCE[source], missing):
            wrong.append((case, seen))
    assert wrong == []


def test_the_table_is_about_every_case_once_and_cases_reach_every_line() -> None:
    for case in CASES:
        order_for(case)
    assert len(CASES) == len(set(CASES)) == 180
    reached = {
        line[0]
        for case in CASES
        for line in TABLE
        if line[1] == case.source and case.rule in line[2] and case.mapped in line[3]
    }
    assert reached == {line[0] for line in TABLE}
    # Each source wins somewhere: the comparison cannot pass by saying nothing.
    assert {expected(case)[1] for case in CASES} == set(PROVENANCE)


@pytest.mark.req("FAC-19")
def test_what_only_the_csr_has_is_never_looked_at() -> None:
    cn = FIELDS[0]
    alone = resolve((cn,), {}, {}, {cn.key: "gw"})
    assert resolve((cn,), {}, {}, {cn.key: "gw", "subject.OU": "Lab", "san.ip": "::1"}) == alone
