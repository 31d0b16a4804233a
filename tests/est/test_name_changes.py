"""ChangeSubjectName (RFC 7030 section 4.2, RFC 6402 section 2.8): no device changes its names."""

import pytest

from tests.est import requests
from tests.est.maker import HOST, Maker, contact, external_type
from tests.est.refusals import assert_refused
from tests.plant import Plant, basic, certificates_of, ec_key, name

CHANGE_SUBJECT_NAME = bytes.fromhex("06082b06010505070724")
PUMP_1, PUMP_2 = name(CN="pump-1").public_bytes(), name(CN="pump-2").public_bytes()
SAN = requests.sequence(b"\x82\x06pump-2")
TAGGED_SAN = requests.tlv(0xA1, b"\x82\x06pump-2")


def renaming(*parts: bytes, subject: bytes = PUMP_1) -> bytes:
    """A request of a device that asks for other names from now on."""
    change = requests.attribute(CHANGE_SUBJECT_NAME, requests.sequence(*parts))
    return requests.request(ec_key(), change, subject=subject)


@pytest.mark.req("EST-REN-08", "EST-REN-10", "EST-REN-09", "DEC-20")
@pytest.mark.parametrize("operation", ["simpleenroll", "simplereenroll"])
@pytest.mark.parametrize(
    "parts", [(PUMP_2,), (PUMP_1,), (SAN,), (TAGGED_SAN,), (PUMP_2, SAN), (PUMP_2, TAGGED_SAN)]
)
def test_no_change_is_granted_and_none_ignored(
    plant: Plant, operation: str, parts: tuple[bytes, ...]
) -> None:
    plant.device("pump-1")
    shown = plant.enrol("pump-1")
    text = assert_refused(plant, plant.ask(operation, renaming(*parts), shows=[shown]), 403)
    assert "ChangeSubjectName" in text
    by_password = plant.ask(operation, renaming(*parts), headers=basic("pump-1"))
    assert_refused(plant, by_password, 403)
    assert plant.count() == 1


@pytest.mark.req("EST-REN-11")
def test_the_old_names_do_not_belong_into_the_change(plant: Plant) -> None:
    plant.device("pump-1")
    shown = plant.enrol("pump-1")
    request = renaming(PUMP_1, subject=PUMP_2)
    assert_refused(plant, plant.ask("simplereenroll", request, shows=[shown]), 403)
    assert plant.count() == 1


@pytest.mark.req("EST-ENR-09")
def test_a_manufacturer_s_certificate_gives_no_right_to_it(plant: Plant) -> None:
    maker = Maker(plant)
    external_type(maker)
    shown = maker.certify("sensor-1")
    for operation in ("simpleenroll", "simplereenroll"):
        assert_refused(plant, contact(plant, shown, renaming(PUMP_2), operation), 403)
    assert plant.count() == 0
    assert contact(plant, shown).status == 200


@pytest.mark.req("EST-REN-10")
def test_a_server_that_makes_the_key_does_not_either(plant: Plant) -> None:
    plant.add_server("keys", server_key_generation=True)
    plant.device("pump-1")
    asked = plant.ask(
        "serverkeygen", renaming(PUMP_2), headers=basic("pump-1"), host="keys.est.local"
    )
    assert_refused(plant, asked, 403)
    assert plant.count() == 0


@pytest.mark.req("ATK-A15", "EST-REN-09")
@pytest.mark.parametrize(
    ("parts", "status"),
    [
        ((), 400),
        ((SAN, PUMP_2), 400),
        ((PUMP_2, SAN, SAN), 400),
        ((requests.sequence(requests.sequence(PUMP_2)),), 400),
        ((requests.sequence(requests.rdn(b"x" * 60_000)),), 400),
        ((requests.sequence(*[b"\x82\x01a"] * 20_000),), 400),
        ((name(O="Globex").public_bytes(),), 403),
    ],
    ids=["empty", "turned round", "three parts", "nested", "huge name", "many names", "foreign"],
)
def test_hostile_changes(shared_plant: Plant, parts: tuple[bytes, ...], status: int) -> None:
    asked = shared_plant.ask("simpleenroll", renaming(*parts), headers=basic("pump-1"))
    assert_refused(shared_plant, asked, status)


@pytest.mark.req("EST-REN-16")
@pytest.mark.parametrize("operation", ["simpleenroll", "simplereenroll"])
def test_a_manufacturer_s_certificate_is_not_renewed(plant: Plant, operation: str) -> None:
    """Who shows it is enrolled: with the names of the template, by the authority of the type."""
    maker = Maker(plant)
    external_type(maker)
    shown = maker.certify("sensor-1")
    same_subject = requests.request(ec_key(), subject=name(CN="sensor-1").public_bytes())
    (issued,) = certificates_of(contact(plant, shown, same_subject, operation))
    issuer, _root = certificates_of(plant.ask("cacerts", host=HOST))
    assert issued.issuer == issuer.subject
    assert issued.issuer != name(CN=maker.title)
    assert issued.subject.rfc4514_string().startswith("O=Acme Controls,CN=")
    again = requests.request(ec_key(), subject=name(CN="sensor-1").public_bytes())
    (second,) = certificates_of(contact(plant, shown, again, "simplereenroll"))
    assert second.subject == issued.subject
