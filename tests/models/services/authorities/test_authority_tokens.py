"""Authorities whose keys are on PKCS#11 tokens, by SoftHSM."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_der_x509_certificate
from cryptography.x509.ocsp import (
    OCSPRequestBuilder,
    OCSPResponseStatus,
    load_der_ocsp_response,
)
from sqlalchemy import update

from app.core.errors import (
    AccessDeniedError,
    AuthenticationError,
    ConflictError,
    InvalidInputError,
    LockedError,
    UnavailableError,
)
from app.models.db.tables import authority
from app.models.domain.access import SYSTEM, Access, Actor, Sharing
from app.models.domain.authorities import KeyChoice, KeyStore, TokenAddress, TokenChoice
from app.models.services.secrets import Purpose, keep_secret
from app.models.services.workspace.workspace import Workspace
from app.pki import tokens
from app.pki.certificates import read_certificate
from app.pki.crl import read_crl
from app.pki.keys import KeyAlgorithm
from app.pki.tokens import KeyAddress
from tests.models.services.authority_material import (
    IN_TEN_YEARS,
    named,
    new_issuing,
    new_root,
    openssl_verify,
)
from tests.models.services.people import person
from tests.pki.softhsm import SoftHsm, softhsm
from tests.workspace_fixtures import NOW, PASSPHRASE

__all__ = ["softhsm"]


def on(token: TokenAddress, pin: str, key_id: bytes | None = None) -> KeyChoice:
    return KeyChoice(KeyAlgorithm.EC_P256, TokenChoice(token, pin, key_id))


def test_a_root_on_a_token_signs_everything(
    workspace: Workspace, softhsm: SoftHsm, tmp_path: Path
) -> None:
    root = new_root(workspace, key=on(softhsm.token, softhsm.pin))
    assert root.key_store is KeyStore.TOKEN
    assert root.key_address is not None
    assert root.key_address.token.token == softhsm.token.token
    below = new_issuing(workspace, root)
    openssl_verify(tmp_path, below.certificate, [root.certificate])
    assert workspace.authorities.test_sign(SYSTEM, root.id) > 0
    assert read_crl(workspace.crls.current(root.id).der).number == 1
    assert "Root" in softhsm.pkcs11_tool("--list-objects", "--type", "privkey")


def test_two_authorities_on_one_token(
    workspace: Workspace, softhsm: SoftHsm, tmp_path: Path
) -> None:
    root = new_root(workspace, key=on(softhsm.token, softhsm.pin))
    below = new_issuing(workspace, root, key=on(softhsm.token, softhsm.pin))
    openssl_verify(tmp_path, below.certificate, [root.certificate])
    for one in (root, below):
        assert workspace.authorities.test_sign(SYSTEM, one.id) > 0
    assert len(workspace.token_directory.keys(SYSTEM, softhsm.token, softhsm.pin)) == 2
    for one in (below, root):
        workspace.authorities.set_active(SYSTEM, one.id, active=False)
        workspace.authorities.delete(SYSTEM, one.id)
    # Keys stay where they are.
    assert len(workspace.token_directory.keys(SYSTEM, softhsm.token, softhsm.pin)) == 2


def test_a_key_that_is_there_is_used(workspace: Workspace, softhsm: SoftHsm) -> None:
    softhsm.pkcs11_tool(
        *("--keypairgen", "--key-type", "EC:secp384r1", "--id", "0a", "--label", "made elsewhere")
    )
    (key,) = workspace.token_directory.keys(SYSTEM, softhsm.token, softhsm.pin)
    assert (key.label, key.algorithm) == ("made elsewhere", KeyAlgorithm.EC_P384)
    root = new_root(workspace, key=on(softhsm.token, softhsm.pin, key.id))
    assert read_certificate(root.certificate).public_key == key.public_key


def test_a_successor_moves_to_a_token(
    workspace: Workspace, softhsm: SoftHsm, tmp_path: Path
) -> None:
    old = new_root(workspace)
    new = workspace.authority_making.roll_over(
        SYSTEM, old.id, "Root 2", on(softhsm.token, softhsm.pin), not_after=IN_TEN_YEARS
    )
    below = new_issuing(workspace, new)
    with workspace.store.database.read() as connection:
        told = workspace.authorities.ca_certificates(connection, new.id)
    openssl_verify(tmp_path, below.certificate, [old.certificate], told)


def test_a_request_for_a_key_on_a_token(workspace: Workspace, softhsm: SoftHsm) -> None:
    request = workspace.authority_imports.request(
        SYSTEM, "Issuing", named("Issuing"), on(softhsm.token, softhsm.pin)
    )
    assert request.key_store is KeyStore.TOKEN


def test_what_stops_before_a_key_is_made_leaves_none(
    workspace: Workspace, softhsm: SoftHsm
) -> None:
    new_root(workspace)
    with pytest.raises(ConflictError, match="taken"):
        new_root(workspace, key=on(softhsm.token, softhsm.pin))
    with pytest.raises(InvalidInputError):
        new_root(workspace, "x" * 101, key=on(softhsm.token, softhsm.pin))
    with pytest.raises(InvalidInputError, match="end before it begins"):
        new_root(workspace, "Past", key=on(softhsm.token, softhsm.pin), not_after=NOW)
    with pytest.raises(InvalidInputError, match="does not fit"):
        workspace.authority_making.create_root(
            SYSTEM,
            "Nobody's",
            named("Nobody's"),
            on(softhsm.token, softhsm.pin),
            sharing=Sharing(Access.TENANT),
        )
    workspace.lock()
    with pytest.raises(LockedError):
        new_root(workspace, "Locked", key=on(softhsm.token, softhsm.pin))
    with pytest.raises(LockedError):
        workspace.authority_imports.request(
            SYSTEM, "Locked", named("Locked"), on(softhsm.token, softhsm.pin)
        )
    workspace.unlock(PASSPHRASE)
    assert workspace.token_directory.keys(SYSTEM, softhsm.token, softhsm.pin) == ()


def test_what_cannot_sign_below_is_found_before_a_key_is_made(
    workspace: Workspace, softhsm: SoftHsm
) -> None:
    root = new_root(workspace)
    workspace.authorities.set_active(SYSTEM, root.id, active=False)
    key = on(softhsm.token, softhsm.pin)
    with pytest.raises(ConflictError, match="not active"):
        new_issuing(workspace, root, key=key)
    with pytest.raises(InvalidInputError, match="end before it begins"):
        workspace.authority_making.roll_over(SYSTEM, root.id, "Root 2", key, not_after=NOW)
    assert workspace.token_directory.keys(SYSTEM, softhsm.token, softhsm.pin) == ()


def test_a_token_that_is_away_is_told_and_comes_back(
    workspace: Workspace, softhsm: SoftHsm
) -> None:
    root = new_root(workspace, key=on(softhsm.token, softhsm.pin))
    softhsm.unplug()
    with pytest.raises(UnavailableError, match="token cannot be used") as refused:
        workspace.authorities.test_sign(SYSTEM, root.id)
    assert "Plug the token in" in refused.value.remedy
    softhsm.plug_in()
    assert workspace.authorities.test_sign(SYSTEM, root.id) > 0


def test_locking_forgets_the_pin(workspace: Workspace, softhsm: SoftHsm) -> None:
    root = new_root(workspace, key=on(softhsm.token, softhsm.pin))
    workspace.authorities.test_sign(SYSTEM, root.id)
    workspace.lock()
    with pytest.raises(LockedError):
        workspace.authorities.test_sign(SYSTEM, root.id)
    workspace.unlock(PASSPHRASE)
    assert workspace.authorities.test_sign(SYSTEM, root.id) > 0


def test_another_pin_is_tried_and_kept(workspace: Workspace, softhsm: SoftHsm) -> None:
    root = new_root(workspace, key=on(softhsm.token, softhsm.pin))
    workspace.authorities.test_sign(SYSTEM, root.id)
    softhsm.pkcs11_tool("--change-pin", "--new-pin", "98765432")
    with pytest.raises(AuthenticationError) as refused:
        workspace.token_directory.set_pin(SYSTEM, root.id, "11111111")
    assert refused.value.field == "pin"
    workspace.token_directory.set_pin(SYSTEM, root.id, "98765432")
    assert workspace.authorities.test_sign(SYSTEM, root.id) > 0
    (event, *_rest) = workspace.audit.of_object(SYSTEM, "authority", root.id, 10)
    assert event.action == "authority.pin"
    assert "98765432" not in repr(event)
    with pytest.raises(ConflictError, match="on no token"):
        workspace.token_directory.set_pin(SYSTEM, new_root(workspace, "Soft").id, "1234")


def test_a_refused_pin_is_not_tried_until_the_token_locks_itself(
    workspace: Workspace, softhsm: SoftHsm, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = new_root(workspace, key=on(softhsm.token, softhsm.pin))
    with workspace.store.change(SYSTEM) as change:
        kept = keep_secret(change, workspace.store.vault, Purpose.TOKEN_PIN, b"11111111")
        change.connection.execute(update(authority).values(pin_secret_id=kept))
    tries: list[str] = []

    def signing_key(address: KeyAddress, pin: str) -> tokens.TokenSigningKey:
        tries.append(pin)
        return opened(address, pin)

    opened = tokens.signing_key
    monkeypatch.setattr(tokens, "signing_key", signing_key)
    for _turn in range(3):
        workspace.lock()
        workspace.unlock(PASSPHRASE)
        with pytest.raises(AuthenticationError, match="PIN"):
            workspace.crls.current(root.id)
    assert tries == ["11111111"]
    workspace.token_directory.set_pin(SYSTEM, root.id, softhsm.pin)
    assert workspace.crls.current(root.id).number == 1


def test_strangers_who_ask_while_a_token_is_away_hold_up_no_writer(
    workspace: Workspace, softhsm: SoftHsm, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = new_root(workspace, key=on(softhsm.token, softhsm.pin))
    writing: list[bool] = []

    def signing_key(*_arguments: object) -> tokens.TokenSigningKey:
        writing.append(workspace.store.database._writing.locked())
        raise UnavailableError("The token does not answer.")

    monkeypatch.setattr(tokens, "signing_key", signing_key)
    with pytest.raises(UnavailableError):
        workspace.crls.current(root.id)
    certificate = load_der_x509_certificate(root.certificate)
    request = OCSPRequestBuilder().add_certificate(certificate, certificate, SHA256()).build()
    answer = workspace.ocsp_responder.respond(request.public_bytes(Encoding.DER))
    assert load_der_ocsp_response(answer).response_status is OCSPResponseStatus.TRY_LATER
    assert writing == [False, False]


def test_tokens_and_their_trouble(workspace: Workspace, softhsm: SoftHsm) -> None:
    (found,) = workspace.token_directory.tokens(SYSTEM, softhsm.module)
    assert (found.label, found.needs_pin) == ("birthmark", True)
    with pytest.raises(InvalidInputError) as refused:
        workspace.token_directory.tokens(SYSTEM, __file__)
    assert refused.value.field == "module"
    with pytest.raises(AuthenticationError) as wrong:
        workspace.token_directory.keys(SYSTEM, softhsm.token, "0000")
    assert wrong.value.field == "pin"
    with pytest.raises(AuthenticationError):
        new_root(workspace, key=on(softhsm.token, "0000"))
    assert workspace.authorities.all(SYSTEM) == ()
    assert softhsm.pin not in repr(on(softhsm.token, softhsm.pin))


@pytest.mark.req("ROLE-05")
def test_only_who_manages_all_authorities_names_a_module(
    demo: Workspace, admin: Actor, softhsm: SoftHsm
) -> None:
    ruth = person(demo, "ruth.keller")
    own = Sharing(Access.TENANT, ruth.tenant_id)
    choice = on(softhsm.token, softhsm.pin)
    with pytest.raises(AccessDeniedError):
        demo.token_directory.tokens(ruth, softhsm.module)
    with pytest.raises(AccessDeniedError):
        demo.token_directory.keys(ruth, softhsm.token, softhsm.pin)
    with pytest.raises(AccessDeniedError):
        demo.authority_making.create_root(ruth, "Mine", named("Mine"), choice, sharing=own)
    with pytest.raises(AccessDeniedError):
        demo.authority_imports.request(ruth, "Mine", named("Mine"), choice, sharing=own)
    given = demo.authority_making.create_root(admin, "Given", named("Given"), choice, sharing=own)
    assert demo.authorities.test_sign(ruth, given.id) > 0
    with pytest.raises(AccessDeniedError):
        demo.authority_making.roll_over(ruth, given.id, "Next", choice, not_after=IN_TEN_YEARS)
