import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography import x509

from app.core.errors import (
    AuthenticationError,
    ConflictError,
    InvalidInputError,
    NotFoundError,
    UnavailableError,
)
from app.pki import der, tokens
from app.pki.certificates import build_root
from app.pki.keys import KeyAlgorithm, public_key_from_der
from app.pki.sign import SigningKey, signature_algorithm, verify_signature
from app.pki.token_calls import call
from app.pki.tokens import (
    KeyAddress,
    TokenAddress,
    TokenSigningKey,
    generate_on,
    keys_on,
    signing_key,
    tokens_of,
)
from tests.pki.material import Authority, ca_contents, key
from tests.pki.softhsm import SoftHsm, softhsm

__all__ = ["softhsm"]

P256 = KeyAlgorithm.EC_P256
TOKEN_ALGORITHMS = [kind for kind in KeyAlgorithm if not kind.startswith("ml-dsa")]


def opened(
    hsm: SoftHsm, token: TokenAddress | None = None, algorithm: KeyAlgorithm = P256
) -> TokenSigningKey:
    """A new key on the token, open."""
    token = token or hsm.token
    made = generate_on(token, hsm.pin, algorithm, "ca")
    return signing_key(KeyAddress(token, made.id, made.label), hsm.pin)


def check_signature(signer: SigningKey, data: bytes = b"to be signed") -> None:
    """Signs, and has the library check the signature by the public key."""
    oid = der.read_oid(der.parse(signature_algorithm(signer.algorithm)).children()[0])
    verify_signature(public_key_from_der(signer.public_key), oid, signer.sign(data), data)


@pytest.mark.parametrize("algorithm", [KeyAlgorithm.RSA_2048, KeyAlgorithm.EC_P256])
def test_a_token_signs_with_the_hash_that_was_chosen(
    softhsm: SoftHsm, algorithm: KeyAlgorithm
) -> None:
    signer = opened(softhsm, algorithm=algorithm)
    oid = der.read_oid(der.parse(signature_algorithm(algorithm, "sha512")).children()[0])
    signature = signer.sign(b"data", "sha512")
    verify_signature(public_key_from_der(signer.public_key), oid, signature, b"data")
    signer.close()


@pytest.mark.parametrize("algorithm", TOKEN_ALGORITHMS)
def test_a_key_of_each_kind_is_made_found_and_signs(
    softhsm: SoftHsm, algorithm: KeyAlgorithm
) -> None:
    made = generate_on(softhsm.token, softhsm.pin, algorithm, "Factory CA")
    assert (made.label, made.algorithm) == ("Factory CA", algorithm)
    assert keys_on(softhsm.token, softhsm.pin) == (made,)
    signer = signing_key(KeyAddress(softhsm.token, made.id, made.label), softhsm.pin)
    assert (signer.public_key, signer.algorithm) == (made.public_key, algorithm)
    check_signature(signer)
    assert 0 < tokens.test_sign(signer) < 30_000
    certificate = build_root(ca_contents("Token root", signer), signer)
    loaded = x509.load_der_x509_certificate(certificate)
    loaded.verify_directly_issued_by(loaded)
    signer.close()


def test_a_ca_on_a_token_issues_for_keys_of_any_kind(softhsm: SoftHsm) -> None:
    signer = opened(softhsm)
    root = Authority(build_root(ca_contents("Token root", signer), signer), signer)
    issued = root.issue(public_key=key(KeyAlgorithm.ML_DSA_44).public_key)
    x509.load_der_x509_certificate(issued).verify_directly_issued_by(
        x509.load_der_x509_certificate(root.certificate)
    )


def test_the_private_key_cannot_leave_the_token(softhsm: SoftHsm) -> None:
    opened(softhsm).close()
    listing = softhsm.pkcs11_tool("--list-objects", "--type", "privkey")
    assert "sign" in listing
    assert "sensitive, always sensitive, never extractable" in listing


@pytest.mark.parametrize("algorithm", [kind for kind in KeyAlgorithm if "ml-dsa" in kind])
def test_what_the_token_cannot_make_is_said(softhsm: SoftHsm, algorithm: KeyAlgorithm) -> None:
    with pytest.raises(InvalidInputError, match=algorithm.label) as refusal:
        generate_on(softhsm.token, softhsm.pin, algorithm, "ca")
    assert "RSA 2048" in refusal.value.remedy
    assert "EC P-521" in refusal.value.remedy
    assert "ML-DSA" not in refusal.value.remedy


def test_keys_of_other_programs_are_listed_if_of_a_kind_we_use(softhsm: SoftHsm) -> None:
    make = ("--keypairgen", "--usage-sign", "--label", "theirs", "--key-type")
    softhsm.pkcs11_tool(*make, "EC:secp256k1", "--id", "01")
    softhsm.pkcs11_tool(*make, "rsa:1024", "--id", "02")
    softhsm.pkcs11_tool(*make, "EC:prime256v1", "--id", "03")
    softhsm.pkcs11_tool(*make, "EC:prime256v1", "--id", "04")
    softhsm.pkcs11_tool("--delete-object", "--type", "pubkey", "--id", "04")
    (found,) = keys_on(softhsm.token, softhsm.pin)
    assert (found.id, found.label, found.algorithm) == (b"\x03", "theirs", P256)


def test_a_key_that_wants_its_pin_each_time_gets_it(softhsm: SoftHsm) -> None:
    make = ("--keypairgen", "--usage-sign", "--key-type", "EC:prime256v1", "--id", "01")
    softhsm.pkcs11_tool(*make, "--always-auth")
    signer = signing_key(KeyAddress(softhsm.token, b"\x01", ""), softhsm.pin)
    check_signature(signer)
    check_signature(signer)


def test_tokens_are_listed_with_those_that_came_later(softhsm: SoftHsm) -> None:
    (found,) = tokens_of(softhsm.module)
    assert (found.label, found.model, found.needs_pin) == ("birthmark", "SoftHSM v2", True)
    softhsm.new_token("second")
    assert sorted(token.label for token in tokens_of(softhsm.module)) == ["birthmark", "second"]


def test_a_token_is_found_while_a_key_of_another_is_open(softhsm: SoftHsm) -> None:
    first = opened(softhsm)
    second = opened(softhsm, softhsm.new_token("second"))
    for signer in (first, second, first):
        check_signature(signer)


def test_a_serial_number_tells_tokens_of_one_label_apart(softhsm: SoftHsm) -> None:
    softhsm.new_token("birthmark")
    with pytest.raises(ConflictError, match="Several tokens"):
        keys_on(softhsm.token, softhsm.pin)
    serials = [token.serial for token in tokens_of(softhsm.module)]
    chosen = TokenAddress(softhsm.module, "birthmark", serials[0])
    made = generate_on(chosen, softhsm.pin, P256, "ca")
    other = TokenAddress(softhsm.module, "birthmark", serials[1])
    assert keys_on(chosen, softhsm.pin) == (made,)
    assert keys_on(other, softhsm.pin) == ()


def test_unknown_tokens_and_keys_are_refused(softhsm: SoftHsm) -> None:
    with pytest.raises(NotFoundError, match='token "other"'):
        keys_on(TokenAddress(softhsm.module, "other"), softhsm.pin)
    with pytest.raises(NotFoundError, match='token "birthmark"'):
        keys_on(TokenAddress(softhsm.module, "birthmark", "00"), softhsm.pin)
    with pytest.raises(NotFoundError, match="key is not on the token"):
        signing_key(KeyAddress(softhsm.token, b"none", "ca"), softhsm.pin)


def test_a_file_that_is_no_module_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.so").write_text("not a library")
    with pytest.raises(InvalidInputError, match="is not a PKCS#11 module") as refusal:
        tokens_of(str(tmp_path / "text.so"))
    assert refusal.value.field == "module"
    with pytest.raises(InvalidInputError, match="no PKCS#11 module at"):
        tokens_of(str(tmp_path / "absent.so"))


def test_a_wrong_pin_is_refused_and_the_tries_left_are_told(softhsm: SoftHsm) -> None:
    with pytest.raises(AuthenticationError, match="PIN is wrong") as refusal:
        keys_on(softhsm.token, "9999")
    assert refusal.value.field == "pin"
    assert "Few tries are left" in refusal.value.remedy
    assert keys_on(softhsm.token, softhsm.pin) == ()


def test_an_empty_pin_costs_no_try(softhsm: SoftHsm) -> None:
    with pytest.raises(AuthenticationError, match="needs its PIN"):
        keys_on(softhsm.token, "")
    with pytest.raises(AuthenticationError) as refusal:
        keys_on(softhsm.token, "9999")
    assert "Few tries" in refusal.value.remedy


def test_a_wrong_pin_is_refused_while_the_token_is_open_by_the_right_one(
    softhsm: SoftHsm,
) -> None:
    signer = opened(softhsm)
    with pytest.raises(AuthenticationError, match="PIN is wrong"):
        keys_on(softhsm.token, "9999")
    check_signature(signer)


def test_a_pin_that_is_refused_later_is_tried_once_only(softhsm: SoftHsm) -> None:
    signer = opened(softhsm)
    softhsm.pkcs11_tool("--change-pin", "--new-pin", "987654")
    softhsm.unplug()
    with pytest.raises(UnavailableError):
        signer.sign(b"data")
    softhsm.plug_in()
    with pytest.raises(AuthenticationError, match="PIN is wrong"):
        signer.sign(b"data")
    with pytest.raises(AuthenticationError, match="is not open"):
        signer.sign(b"data")


def test_a_token_removed_while_signing_works_again_when_it_is_back(softhsm: SoftHsm) -> None:
    signer = opened(softhsm)
    check_signature(signer)
    softhsm.unplug()
    for _time in range(2):
        with pytest.raises(UnavailableError) as failure:
            signer.sign(b"data")
        assert failure.value.retry_after > 0
    softhsm.plug_in()
    check_signature(signer)


def test_a_token_away_among_others_is_unavailable(softhsm: SoftHsm) -> None:
    signer = opened(softhsm)
    softhsm.unplug()
    (softhsm.folder / "tokens").mkdir()
    other = opened(softhsm, softhsm.new_token("other"))
    with pytest.raises(UnavailableError, match='token "birthmark" is not there'):
        signer.sign(b"data")
    check_signature(other)


def test_a_token_set_up_anew_is_not_signed_with(softhsm: SoftHsm) -> None:
    signer = opened(softhsm)
    softhsm.unplug()
    with pytest.raises(UnavailableError):
        signer.sign(b"data")
    (softhsm.folder / "tokens").mkdir()
    softhsm.new_token("birthmark")
    with pytest.raises(UnavailableError, match="is not there"):  # its serial number is another
        signer.sign(b"data")


def test_a_key_deleted_from_the_token_is_not_found(softhsm: SoftHsm) -> None:
    signer = opened(softhsm)
    (found,) = keys_on(softhsm.token, softhsm.pin)
    softhsm.pkcs11_tool("--delete-object", "--type", "privkey", "--id", found.id.hex())
    with pytest.raises(NotFoundError, match="key is not on the token"):
        signer.sign(b"data")


def test_closing_logs_out_when_no_other_key_is_open(softhsm: SoftHsm) -> None:
    first, second = opened(softhsm), opened(softhsm)
    assert len(keys_on(softhsm.token, softhsm.pin)) == 2
    first.close()
    first.close()
    check_signature(second)
    assert open_sessions() == 1
    with pytest.raises(AuthenticationError, match="is not open"):
        first.sign(b"data")
    second.close()
    assert open_sessions() == 0


def test_no_session_stays_open_that_nobody_holds(softhsm: SoftHsm) -> None:
    keys_on(softhsm.token, softhsm.pin)
    generate_on(softhsm.token, softhsm.pin, P256, "ca")
    with pytest.raises(NotFoundError):
        signing_key(KeyAddress(softhsm.token, b"none", "ca"), softhsm.pin)
    assert open_sessions() == 0


def open_sessions() -> int:
    return call(lambda: len(tokens._driver()._sessions._open))


def test_a_key_does_not_show_its_pin(softhsm: SoftHsm) -> None:
    assert repr(opened(softhsm)) == "TokenSigningKey('ca' on 'birthmark')"


def test_two_authorities_on_one_token_and_one_on_another_sign_at_once(softhsm: SoftHsm) -> None:
    other = softhsm.new_token("other")
    signers = [opened(softhsm), opened(softhsm), opened(softhsm, other)]

    def sign_many(number: int) -> None:
        for count in range(200):
            check_signature(signers[number % 3], f"{number} {count}".encode())

    with ThreadPoolExecutor(8) as pool:
        assert len(list(pool.map(sign_many, range(8)))) == 8


def test_python_pkcs11_is_loaded_only_when_a_token_is_used() -> None:
    question = "import sys, app.pki.tokens; sys.exit('pkcs11' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", question], check=False).returncode == 0
