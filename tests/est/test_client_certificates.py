"""Client certificates that TLS let through and that must not identify a device (est.md 4.F)."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.serialization import Encoding

from app.pki.certificates import CODE_SIGNING, SERVER_AUTH, KeyUsage
from app.pki.names import ATTRIBUTE_TYPES, Attribute
from tests.est.refusals import assert_refused
from tests.plant import DeviceKey, Plant, csr, ec_key, name

SUBJECT = (Attribute(ATTRIBUTE_TYPES["CN"].oid, "pump-1"),)


def spki(key: DeviceKey) -> bytes:
    return key.public_key().public_bytes(
        Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def foreign(
    plant: Plant,
    subject: x509.Name,
    issuer: x509.Name,
    signer: DeviceKey,
    key: DeviceKey | None = None,
    *,
    ca: bool = False,
) -> bytes:
    """A certificate made with a key of the attacker's own."""
    now = plant.clock.now()
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key((key or signer).public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca, None), critical=True)
        .sign(signer, hashes.SHA256())
        .public_bytes(Encoding.DER)
    )


def authority_chain(plant: Plant, template: str) -> tuple[bytes, ...]:
    with plant.workspace.store.database.read() as connection:
        authority_id = plant.templates[template].authority_id
        return plant.workspace.authorities.chain(connection, authority_id)


def self_signed(plant: Plant) -> list[bytes]:
    return [foreign(plant, name(CN="pump-1"), name(CN="pump-1"), ec_key())]


def unknown_authority(plant: Plant) -> list[bytes]:
    signer = ec_key()
    authority = foreign(plant, name(CN="Evil CA"), name(CN="Evil CA"), signer, ca=True)
    return [foreign(plant, name(CN="pump-1"), name(CN="Evil CA"), signer, ec_key()), authority]


def same_name_authority(plant: Plant) -> list[bytes]:
    """An authority of the same name as ours with another key, and its own root along."""
    ours = x509.load_der_x509_certificate(authority_chain(plant, "Factory")[0]).subject
    signer = ec_key()
    authority = foreign(plant, ours, ours, signer, ca=True)
    return [foreign(plant, name(CN="pump-1"), ours, signer, ec_key()), authority]


def device_as_issuer(plant: Plant) -> list[bytes]:
    der, key = plant.with_factory_certificate("evil")
    issuer = x509.load_der_x509_certificate(der).subject
    return [foreign(plant, name(CN="pump-1"), issuer, key, ec_key()), der]


def own_authority(plant: Plant) -> list[bytes]:
    return [authority_chain(plant, "Factory")[0]]


def root(plant: Plant) -> list[bytes]:
    return [authority_chain(plant, "Factory")[-1]]


def tls_server(plant: Plant) -> list[bytes]:
    return list(plant.workspace.est_endpoints.tls_identity().chain)


def wrong_purpose(*purposes: str) -> Callable[[Plant], list[bytes]]:
    return lambda plant: [
        plant.sign("Factory", spki(ec_key()), SUBJECT, extended_key_usage=purposes)
    ]


def wrong_usage(plant: Plant) -> list[bytes]:
    usage = frozenset({KeyUsage.KEY_AGREEMENT})
    return [plant.sign("Factory", spki(ec_key()), SUBJECT, key_usage=usage)]


def not_yet_valid(plant: Plant) -> list[bytes]:
    start = plant.clock.now().replace(microsecond=0) + timedelta(days=1)
    return [plant.sign("Factory", spki(ec_key()), SUBJECT, not_before=start)]


def many_intermediates(plant: Plant) -> list[bytes]:
    """A mesh of forty authorities of one name that all certify each other."""
    keys = [ec_key() for _number in range(40)]
    mesh = [
        foreign(plant, name(CN="Mesh"), name(CN="Mesh"), signer, key, ca=True)
        for signer, key in zip(keys, keys[1:] + keys[:1], strict=True)
    ]
    return [foreign(plant, name(CN="pump-1"), name(CN="Mesh"), keys[0], ec_key()), *mesh]


@pytest.mark.req("EST-AUT-11", "EST-TLS-08", "EST-ERR-03", "DEC-20")
@pytest.mark.parametrize(
    "presented",
    [
        pytest.param(self_signed, marks=pytest.mark.req("ATK-F02")),
        pytest.param(unknown_authority, marks=pytest.mark.req("ATK-F02")),
        pytest.param(same_name_authority, marks=pytest.mark.req("ATK-F02")),
        pytest.param(device_as_issuer, marks=pytest.mark.req("ATK-F05")),
        pytest.param(own_authority, marks=pytest.mark.req("ATK-F08")),
        pytest.param(root, marks=pytest.mark.req("ATK-F08")),
        pytest.param(tls_server, marks=pytest.mark.req("ATK-F08")),
        pytest.param(wrong_purpose(SERVER_AUTH), marks=pytest.mark.req("ATK-F04")),
        pytest.param(wrong_purpose(CODE_SIGNING), marks=pytest.mark.req("ATK-F04")),
        pytest.param(wrong_usage, marks=pytest.mark.req("ATK-F04")),
        pytest.param(not_yet_valid, marks=pytest.mark.req("ATK-F01")),
        pytest.param(many_intermediates, marks=pytest.mark.req("ATK-F06")),
    ],
)
@pytest.mark.parametrize("operation", ["simpleenroll", "simplereenroll"])
def test_a_bad_certificate_is_403(
    plant: Plant, presented: Callable[[Plant], Sequence[bytes]], operation: str
) -> None:
    plant.device("pump-1")
    shown = presented(plant)
    before = plant.count()
    assert_refused(plant, plant.ask(operation, csr(ec_key(), "pump-1"), shows=shown), 403)
    assert plant.monitor_line().certificate_subject
    assert plant.count() == before
    assert plant.ask("cacerts", shows=shown).status == 200  # EST-CAC-11


@pytest.mark.req("EST-TLS-08", "EST-AUT-11")
def test_a_good_certificate_that_was_never_recorded_is_nobody(plant: Plant) -> None:
    plant.device("pump-1")
    shown = plant.sign("Factory", spki(ec_key()), SUBJECT)
    refused = plant.ask("simpleenroll", csr(ec_key(), "pump-1"), shows=[shown])
    assert "No device" in assert_refused(plant, refused, 401)
    assert plant.count() == 0


@pytest.mark.req("ATK-F04", "EST-AUT-13", "ATK-F07", "EST-TLS-10", "EST-CAC-11")
def test_leaf_alone_or_with_company(plant: Plant) -> None:
    factory, _key = plant.with_factory_certificate("pump-1")
    stranger = foreign(plant, name(CN="x"), name(CN="y"), ec_key())
    chain = authority_chain(plant, "Factory")
    for company in ((), chain, chain[::-1], (stranger,), (factory, factory), (b"\x30\x00",)):
        shown = (factory, *company)
        assert plant.ask("simpleenroll", csr(ec_key(), "pump-1"), shows=shown).status == 200


@pytest.mark.req("ATK-F07")
def test_the_leaf_must_come_first(plant: Plant) -> None:
    factory, _key = plant.with_factory_certificate("pump-1")
    shown = (authority_chain(plant, "Factory")[0], factory)
    assert_refused(plant, plant.ask("simpleenroll", csr(ec_key(), "pump-1"), shows=shown), 403)


@pytest.mark.parametrize("junk", [b"", b"\x30\x00", b"not a certificate"])
def test_bytes_that_are_no_certificate(plant: Plant, junk: bytes) -> None:
    refused = plant.ask("simpleenroll", csr(ec_key(), "pump-1"), shows=[junk])
    assert_refused(plant, refused, 403)
    assert plant.monitor_line().certificate_subject == "unreadable certificate"
