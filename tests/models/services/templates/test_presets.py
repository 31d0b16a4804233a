"""What each preset makes, field by field, as its table in docs/template-presets.md has it."""

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from app.models.domain.access import SYSTEM, Scope
from app.models.domain.issuing import IssueRequest
from app.models.domain.presets import TemplatePreset, template_presets
from app.models.domain.templates import CertificateKind, Template
from app.models.services.workspace.workspace import Workspace
from app.pki.certificates import (
    CLIENT_AUTH,
    NEVER,
    SERVER_AUTH,
    WISUN,
    certificate_to_pem,
    read_certificate,
)
from app.pki.extensions import (
    AUTHORITY_INFORMATION_ACCESS,
    AUTHORITY_KEY_IDENTIFIER,
    BASIC_CONSTRAINTS,
    CRL_DISTRIBUTION_POINTS,
    EXTENDED_KEY_USAGE,
    KEY_USAGE,
    SUBJECT_ALTERNATIVE_NAME,
    SUBJECT_KEY_IDENTIFIER,
)
from app.pki.keys import KeyAlgorithm
from app.pki.lint import LintSeverity, lint_certificate
from app.pki.names import subject_text
from app.pki.tbs import read_fields
from tests.fakes import FakeClock

DOCUMENT = Path(__file__).parents[4] / "docs" / "template-presets.md"
PASSPHRASE = "three green apples"
PRESETS = {preset.key: preset for preset in template_presets()}
EC = ("ec-p256", "ec-p384")
RSA = ("rsa-2048", "rsa-3072", "rsa-4096")
MODULE = "1.3.6.1.4.1.32473.1:0042"


@dataclass(frozen=True)
class Expected:
    """A certificate of a preset. `has` are its extensions besides KU and AKI."""

    typed: Mapping[str, str]
    subject: str
    usage: str = "digitalSignature"
    purposes: tuple[str, ...] = ()
    days: int | None = 365
    san: tuple[str, ...] = ()
    has: frozenset[str] = frozenset()
    critical: frozenset[str] = frozenset({KEY_USAGE})
    keys: tuple[str, ...] = (*EC, *RSA)
    kind: CertificateKind = CertificateKind.OPERATIONAL


REVOCABLE = frozenset(
    {SUBJECT_KEY_IDENTIFIER, CRL_DISTRIBUTION_POINTS, AUTHORITY_INFORMATION_ACCESS}
)
CLIENT = REVOCABLE | {EXTENDED_KEY_USAGE}
WITH_LIMITS = frozenset({KEY_USAGE, BASIC_CONSTRAINTS})
NODE = Expected(
    typed={"san.hardwareModuleName": "0042"},
    subject="",
    usage="digitalSignature keyAgreement",
    purposes=(WISUN, CLIENT_AUTH),
    days=None,
    san=(MODULE,),
    has=frozenset({EXTENDED_KEY_USAGE, SUBJECT_ALTERNATIVE_NAME}),
    critical=frozenset({KEY_USAGE, SUBJECT_ALTERNATIVE_NAME}),
    keys=("ec-p256",),
    kind=CertificateKind.FACTORY,
)
EXPECTED = {
    "mtls-aws": Expected(
        typed={"subject.CN": "thing-1", "subject.O": "Acme"},
        subject="O=Acme,CN=thing-1",
        purposes=(CLIENT_AUTH,),
        days=730,
        has=CLIENT | {BASIC_CONSTRAINTS},
        critical=WITH_LIMITS,
    ),
    "mtls-azure": Expected(
        typed={"subject.CN": "registration-1"},
        subject="CN=registration-1",
        purposes=(CLIENT_AUTH,),
        has=CLIENT | {BASIC_CONSTRAINTS},
        critical=WITH_LIMITS,
        keys=("ec-p256", "rsa-2048"),
    ),
    "idevid": Expected(
        typed={"subject.serialNumber": "SN-42", "subject.O": "Acme"},
        subject="O=Acme,serialNumber=SN-42",
        days=None,
        keys=(*EC, "rsa-2048"),
        kind=CertificateKind.FACTORY,
    ),
    "ldevid": Expected(
        typed={"subject.CN": "pump-7"},
        subject="CN=pump-7",
        purposes=(CLIENT_AUTH,),
        has=CLIENT,
        keys=(*EC, "rsa-2048"),
    ),
    "wisun-node": NODE,
    "wisun-border-router": replace(NODE, purposes=(WISUN, SERVER_AUTH)),
    "matter-dac": Expected(
        typed={"subject.CN": "Lamp 1", "subject.VID": "FFF1", "subject.PID": "8000"},
        subject="PID=8000,VID=FFF1,CN=Lamp 1",
        days=None,
        has=frozenset({SUBJECT_KEY_IDENTIFIER, BASIC_CONSTRAINTS}),
        critical=WITH_LIMITS,
        keys=("ec-p256",),
        kind=CertificateKind.FACTORY,
    ),
    "tls-server": Expected(
        typed={"san.dns": "plc.example", "san.dns.2": "plc2.example", "san.ip": "192.0.2.7"},
        subject="",
        purposes=(SERVER_AUTH,),
        days=397,
        san=("plc.example", "plc2.example", "192.0.2.7"),
        has=CLIENT | {SUBJECT_ALTERNATIVE_NAME},
        critical=frozenset({KEY_USAGE, SUBJECT_ALTERNATIVE_NAME}),
    ),
    "api-application": Expected(
        typed={"subject.CN": "mes"},
        subject="CN=mes",
        purposes=(CLIENT_AUTH,),
        has=CLIENT,
        kind=CertificateKind.APPLICATION,
    ),
}
every_preset = pytest.mark.parametrize("key", PRESETS)


@dataclass(frozen=True)
class Made:
    """A certificate (DER) with its authorities, the nearest first."""

    certificate: bytes
    chain: tuple[bytes, ...] = field(repr=False)


def stored(demo: Workspace, preset: TemplatePreset) -> Template:
    """A template made from a preset; its authority lives as long as the certificate has to."""
    demo.settings.change(publication_url="http://pki.acme.example")
    wanted = (
        "Acme Factory CA 1" if preset.template.validity_days is None else "Acme Operational CA 1"
    )
    authority = next(one for one in demo.authorities.all(SYSTEM) if one.name == wanted)
    return demo.templates.create(
        SYSTEM, replace(preset.template, name=preset.title, authority_id=authority.id)
    )


def issued(demo: Workspace, template: Template, typed: Mapping[str, str]) -> Made:
    """A certificate the template really makes."""
    request = IssueRequest(template.id, typed=typed)
    certificate = demo.certificate_issuing.issue(
        SYSTEM, request, Scope(), pfx_passphrase=PASSPHRASE
    ).certificate
    with demo.store.database.read() as connection:
        chain = demo.authorities.chain(connection, template.authority_id)
    return Made(certificate.der, chain)


def test_every_preset_is_expected_here_and_told_in_the_document() -> None:
    assert PRESETS.keys() == EXPECTED.keys()
    text = DOCUMENT.read_text(encoding="utf-8")
    for preset in PRESETS.values():
        assert f"## {preset.title}\n" in text
        assert preset.source in text


@every_preset
def test_certificates_are_as_the_table_says(demo: Workspace, clock: FakeClock, key: str) -> None:
    expected, template = EXPECTED[key], stored(demo, PRESETS[key])
    made = issued(demo, template, expected.typed)
    info, parts = read_certificate(made.certificate), read_fields(made.certificate)
    assert (template.kind, template.key_algorithms) == (expected.kind, expected.keys)
    assert info.algorithm is KeyAlgorithm.EC_P256
    assert subject_text(info.subject) == expected.subject
    assert tuple(name.value for name in info.san) == expected.san
    assert sorted(info.key_usage or ()) == expected.usage.split()
    assert info.extended_key_usage == expected.purposes
    has = expected.has | {KEY_USAGE, AUTHORITY_KEY_IDENTIFIER}
    assert parts.extensions.keys() == has
    assert {oid for oid, one in parts.extensions.items() if one.critical} == expected.critical
    if expected.days is None:
        assert info.not_after == NEVER
    else:
        assert (info.not_after - clock.now()).days == expected.days
    assert not info.is_ca


@every_preset
def test_samples_look_like_what_is_issued(demo: Workspace, key: str) -> None:
    expected, template = EXPECTED[key], stored(demo, PRESETS[key])
    sample = demo.template_samples.sample(SYSTEM, template)
    shown = read_fields(sample.certificate)
    real = read_fields(issued(demo, template, expected.typed).certificate)
    assert shown.issuer == real.issuer
    assert shown.not_after == real.not_after
    assert shown.extensions.keys() >= real.extensions.keys()
    assert not [one for one in sample.findings if one.severity is LintSeverity.ERROR]


@every_preset
def test_other_programs_accept_the_certificates(demo: Workspace, tmp_path: Path, key: str) -> None:
    made = issued(demo, stored(demo, PRESETS[key]), EXPECTED[key].typed)
    errors = [
        one for one in lint_certificate(made.certificate) if one.severity is LintSeverity.ERROR
    ]
    assert errors == []
    leaf, issuer, root = (tmp_path / name for name in ("leaf.pem", "issuer.pem", "root.pem"))
    for path, certificate in zip(
        (leaf, issuer, root), (made.certificate, *made.chain), strict=True
    ):
        path.write_bytes(certificate_to_pem(certificate))
    said = _said("openssl", "x509", "-noout", "-text", "-in", str(leaf))
    assert "Version: 3" in said
    verify = ("openssl", "verify", "-x509_strict", "-CAfile", str(root), "-untrusted", str(issuer))
    at = str(int(demo.store.clock.now().timestamp()))
    assert _said(*verify, "-attime", at, str(leaf)).strip().endswith("OK")
    assert "Signature Algorithm: ECDSA-SHA256" in _said("certtool", "-i", "--infile", str(leaf))


def _said(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
