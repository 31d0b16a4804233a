"""Authorities certified elsewhere, by OpenSSL here, and those brought along."""

import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from app.core.errors import AccessDeniedError, ConflictError, InvalidInputError, LockedError
from app.models.db import tables
from app.models.domain.access import EVERYWHERE, SYSTEM, Access, Sharing
from app.models.domain.authorities import AuthorityRequest, KeyStore
from app.models.services.authorities.imports import Bundle
from app.models.services.workspace.workspace import Workspace
from app.pki.certificates import (
    CertificateContents,
    KeyUsage,
    build,
    build_root,
    new_serial,
    read_certificate,
)
from app.pki.keys import KeyAlgorithm, generate
from app.pki.pkcs12 import pack
from app.pki.sign import SoftwareKey
from tests.models.services.authority_material import (
    KEY,
    named,
    new_issuing,
    new_root,
    openssl_verify,
)
from tests.models.services.people import person
from tests.workspace_fixtures import NOW

_CA = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n"
_CONFIGURATION = """
[ca]
default_ca = other
[other]
database = index
serial = serial
new_certs_dir = .
default_md = sha256
policy = names
unique_subject = no
[names]
commonName = supplied
"""
_PASSPHRASE = "a passphrase"


class OtherCa:
    """A CA of OpenSSL's, in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        (folder / "ca.ext").write_text(_CA)
        (folder / "device.ext").write_text("basicConstraints=critical,CA:FALSE\n")
        (folder / "ca.conf").write_text(_CONFIGURATION)
        (folder / "index").touch()
        self.run(
            "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384", "-out", "key"
        )
        self.run("req", "-new", "-key", "key", "-subj", "/CN=Corporate", "-out", "csr.pem")
        self._sign("ca.pem", "ca.ext", "-selfsign")

    def run(self, *arguments: str) -> None:
        done = subprocess.run(
            ["openssl", *arguments], cwd=self._folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr

    def _sign(self, made: str, extensions: str, *by: str) -> None:
        """From before the tests' clock on, whatever the real one says."""
        self.run(
            *("ca", "-batch", "-config", "ca.conf", "-rand_serial", "-keyfile", "key", *by),
            *("-startdate", "20260101000000Z", "-enddate", "20560101000000Z", "-notext"),
            *("-extfile", extensions, "-in", "csr.pem", "-out", made),
        )

    @property
    def pem(self) -> bytes:
        """Its own certificate."""
        return (self._folder / "ca.pem").read_bytes()

    @property
    def der(self) -> bytes:
        """The same in DER."""
        self.run("x509", "-in", "ca.pem", "-outform", "DER", "-out", "ca.der")
        return (self._folder / "ca.der").read_bytes()

    def certify(self, request: AuthorityRequest, extensions: str = "ca.ext") -> bytes:
        """The certificate (PEM) for a request."""
        (self._folder / "csr.pem").write_bytes(request.csr_pem)
        self.run("req", "-in", "csr.pem", "-verify", "-noout")
        self._sign("made.pem", extensions, "-cert", "ca.pem")
        return (self._folder / "made.pem").read_bytes()

    def bundle(self, *options: str) -> bytes:
        """Certificate and key as PKCS#12."""
        self.run(
            *("pkcs12", "-export", "-in", "ca.pem", "-inkey", "key", "-out", "ca.p12"),
            *("-passout", f"pass:{_PASSPHRASE}", *options),
        )
        return (self._folder / "ca.p12").read_bytes()


@pytest.fixture
def other(tmp_path: Path) -> OtherCa:
    """A CA that is not ours."""
    folder = tmp_path / "other"
    folder.mkdir()
    return OtherCa(folder)


def requested(workspace: Workspace, name: str = "Issuing") -> AuthorityRequest:
    return workspace.authority_imports.request(SYSTEM, name, named(name), KEY)


def secrets_kept(workspace: Workspace) -> int:
    table = tables.secret
    with workspace.store.database.read() as connection:
        return len(
            connection.execute(
                select(table).where(
                    table.c.purpose == "authority-key", table.c.wrapped_key.is_not(None)
                )
            ).all()
        )


def test_a_request_becomes_an_authority_that_signs(
    workspace: Workspace, other: OtherCa, tmp_path: Path
) -> None:
    request = requested(workspace)
    assert workspace.authority_imports.requests(SYSTEM) == (request,)
    made = other.certify(request)
    authority = workspace.authority_imports.accept(SYSTEM, request.id, made + other.pem)
    assert workspace.authority_imports.requests(SYSTEM) == ()
    assert (authority.name, authority.key_store) == ("Issuing", KeyStore.SOFTWARE)
    assert workspace.authorities.test_sign(SYSTEM, authority.id) > 0
    openssl_verify(tmp_path, authority.certificate, [other.der])
    above = {one.id: one for one in workspace.authorities.all(SYSTEM)}[authority.issuer_id or 0]
    assert (above.certificate, above.key_store) == (other.der, KeyStore.ELSEWHERE)
    with pytest.raises(ConflictError, match="not in this workspace"):
        workspace.authorities.test_sign(SYSTEM, above.id)


def test_only_the_certificate_of_the_request_is_taken(workspace: Workspace, other: OtherCa) -> None:
    request, second = requested(workspace), requested(workspace, "Second")
    accept = workspace.authority_imports.accept
    with pytest.raises(InvalidInputError, match="for the key of Issuing"):
        accept(SYSTEM, request.id, other.certify(second) + other.pem)
    with pytest.raises(InvalidInputError, match="no CA certificate"):
        accept(SYSTEM, request.id, other.certify(request, "device.ext") + other.pem)
    with pytest.raises(InvalidInputError, match="above is missing") as refused:
        accept(SYSTEM, request.id, other.certify(request))
    assert "CN=Corporate" in refused.value.cause
    with pytest.raises(InvalidInputError):
        accept(SYSTEM, request.id, b"\x30\x03nothing")
    assert len(workspace.authority_imports.requests(SYSTEM)) == 2
    assert workspace.authorities.all(SYSTEM) == ()


def test_a_withdrawn_request_leaves_no_key(workspace: Workspace) -> None:
    request = requested(workspace)
    assert secrets_kept(workspace) == 1
    workspace.authority_imports.withdraw(SYSTEM, request.id)
    assert workspace.authority_imports.requests(SYSTEM) == ()
    assert secrets_kept(workspace) == 0


def test_a_name_waits_for_its_authority(workspace: Workspace) -> None:
    requested(workspace)
    with pytest.raises(ConflictError, match="taken"):
        new_root(workspace, "Issuing")
    with pytest.raises(ConflictError, match="taken"):
        requested(workspace)


def test_a_bundle_is_brought_along_and_issues(
    workspace: Workspace, other: OtherCa, tmp_path: Path
) -> None:
    bundle = Bundle(other.bundle(), _PASSPHRASE)
    imported = workspace.authority_imports.import_bundle(SYSTEM, "Corporate", bundle)
    assert imported.certificate == other.der
    below = new_issuing(workspace, imported)
    openssl_verify(tmp_path, below.certificate, [other.der])
    with pytest.raises(ConflictError, match="here already"):
        workspace.authority_imports.import_bundle(SYSTEM, "Again", bundle)
    with pytest.raises(InvalidInputError) as refused:
        workspace.authority_imports.import_bundle(SYSTEM, "Wrong", Bundle(bundle.content, "no"))
    assert refused.value.field == "passphrase"
    assert _PASSPHRASE not in repr(bundle)


def test_a_key_that_is_not_the_certificates_is_refused(
    workspace: Workspace, other: OtherCa, tmp_path: Path
) -> None:
    right, wrong = other.bundle("-keypbe", "NONE", "-certpbe", "NONE", "-nomac"), other.der
    stranger = b""
    while len(stranger) != len(wrong):  # a signature may be an octet longer or shorter
        shutil.rmtree(tmp_path / "stranger", ignore_errors=True)
        (tmp_path / "stranger").mkdir()
        stranger = OtherCa(tmp_path / "stranger").der
    assert right.count(wrong) == 1
    bundle = Bundle(right.replace(wrong, stranger), _PASSPHRASE)
    with pytest.raises(InvalidInputError, match="belongs to it") as refused:
        workspace.authority_imports.import_bundle(SYSTEM, "Mixed", bundle)
    assert refused.value.field == "certificate"
    assert workspace.authorities.all(SYSTEM) == ()


def test_a_certificate_alone_completes_chains(workspace: Workspace, other: OtherCa) -> None:
    imported = workspace.authority_imports.import_certificate(SYSTEM, "Corporate", other.pem)
    assert imported.key_store is KeyStore.ELSEWHERE
    request = requested(workspace)
    authority = workspace.authority_imports.accept(SYSTEM, request.id, other.certify(request))
    assert authority.issuer_id == imported.id
    with pytest.raises(ConflictError, match="not in this workspace"):
        new_issuing(workspace, imported, "Below", path_length=0)


def test_locked_workspaces_keep_their_keys(workspace: Workspace, other: OtherCa) -> None:
    bundle = Bundle(other.bundle(), _PASSPHRASE)
    workspace.lock()
    with pytest.raises(LockedError):
        workspace.authority_imports.import_bundle(SYSTEM, "Corporate", bundle)
    with pytest.raises(LockedError):
        requested(workspace)
    assert workspace.authorities.all(SYSTEM) == ()


@pytest.mark.req("ROLE-05", "DEC-01")
def test_a_tenant_admin_accepts_in_the_own_tenant_only(demo: Workspace, other: OtherCa) -> None:
    ruth = person(demo, "ruth.keller")
    everybodys = requested(demo)
    own = demo.authority_imports.request(
        ruth, "Own", named("Own"), KEY, sharing=Sharing(Access.TENANT, ruth.tenant_id)
    )
    with pytest.raises(AccessDeniedError):
        demo.authority_imports.accept(ruth, everybodys.id, other.certify(everybodys) + other.pem)
    with pytest.raises(AccessDeniedError):
        demo.authority_imports.withdraw(ruth, everybodys.id)
    made = demo.authority_imports.accept(ruth, own.id, other.certify(own) + other.pem)
    assert made.sharing == own.sharing
    info = read_certificate(made.certificate)
    assert info.not_after > NOW


@pytest.mark.req("DEC-01")
def test_nothing_is_brought_along_below_the_authority_of_another_tenant(demo: Workspace) -> None:
    ruth = person(demo, "ruth.keller")
    other = demo.tenants.create_tenant(SYSTEM, "Borealis")
    key, below = (SoftwareKey(generate(KeyAlgorithm.EC_P256)) for _number in range(2))
    root = build_root(ca_contents("Theirs", key), key)
    imports = demo.authority_imports
    theirs = Sharing(Access.TENANT, other.id)
    bundle = Bundle(pack(key.private_key, root, (), _PASSPHRASE, "CA"), _PASSPHRASE)
    above = imports.import_bundle(SYSTEM, "Theirs", bundle, sharing=theirs)
    certificate = build(ca_contents("Below", below), root, key, new_serial())
    own = Sharing(Access.TENANT, ruth.tenant_id)
    for actor, sharing in ((ruth, own), (SYSTEM, EVERYWHERE)):
        with pytest.raises(InvalidInputError, match="more widely") as refused:
            imports.import_certificate(actor, "Below", certificate, sharing=sharing)
        assert refused.value.field == "access"
        assert "Theirs" not in refused.value.text()
    made = imports.import_certificate(SYSTEM, "Below", certificate, sharing=theirs)
    assert made.issuer_id == above.id


def ca_contents(name: str, key: SoftwareKey) -> CertificateContents:
    """A CA that may have one below it."""
    return CertificateContents(
        subject=named(name),
        san=(),
        public_key=key.public_key,
        not_before=NOW - timedelta(days=1),
        not_after=NOW + timedelta(days=365),
        key_usage=frozenset({KeyUsage.KEY_CERT_SIGN, KeyUsage.CRL_SIGN}),
        extended_key_usage=(),
        ca=True,
    )
