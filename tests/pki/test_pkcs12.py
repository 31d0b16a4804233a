import random
import subprocess
import time
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509 import load_der_x509_certificate

from app.core.errors import InvalidInputError
from app.pki import der
from app.pki.certificates import certificate_to_pem
from app.pki.keys import KeyAlgorithm, private_key_to_der, private_key_to_pem
from app.pki.pkcs12 import MAX_SIZE, pack, unpack
from tests.pki.material import key, openssl, root


def packed(passphrase: str = "s3cret", *, legacy: bool = False) -> bytes:
    leaf = root().issue()
    chain = [root().certificate]
    return pack(key().private_key, leaf, chain, passphrase, "device 1", legacy=legacy)


ML_DSA = [kind for kind in KeyAlgorithm if kind.startswith("ml-dsa")]


@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize("algorithm", [kind for kind in KeyAlgorithm if kind not in ML_DSA])
def test_what_is_packed_is_unpacked(algorithm: KeyAlgorithm, legacy: bool) -> None:
    private = key(algorithm).private_key
    leaf = root().issue(public_key=key(algorithm).public_key)
    sub = root().sub("Sub", 20)
    data = pack(
        private, leaf, [sub.certificate, root().certificate], "p\u00e4ss", "x", legacy=legacy
    )
    bundle = unpack(data, "p\u00e4ss")
    assert bundle.private_key is not None
    assert private_key_to_der(bundle.private_key) == private_key_to_der(private)
    assert bundle.certificate == leaf
    assert bundle.chain == (sub.certificate, root().certificate)
    assert "private_key" not in repr(bundle)


def test_openssl_opens_it_and_sees_modern_algorithms(tmp_path: Path) -> None:
    path = tmp_path / "device.p12"
    path.write_bytes(packed())
    text = openssl("pkcs12", "-in", path, "-passin", "pass:s3cret", "-nodes")
    assert "friendlyName: device 1" in text
    assert text.count("BEGIN CERTIFICATE") == 2
    assert "BEGIN PRIVATE KEY" in text
    oids = packed()
    assert der.oid("2.16.840.1.101.3.4.1.42") in oids  # AES-256-CBC
    assert der.oid("1.2.840.113549.1.12.1.3") not in oids  # triple DES


def test_old_devices_get_triple_des_and_sha_1(tmp_path: Path) -> None:
    path = tmp_path / "old.p12"
    path.write_bytes(packed(legacy=True))
    text = openssl("pkcs12", "-legacy", "-in", path, "-passin", "pass:s3cret", "-nodes")
    assert text.count("BEGIN CERTIFICATE") == 2
    assert "BEGIN PRIVATE KEY" in text
    assert der.oid("1.2.840.113549.1.12.1.3") in path.read_bytes()  # triple DES
    assert der.oid("1.2.840.113549.1.5.13") not in path.read_bytes()  # PBES2


@pytest.mark.parametrize("legacy", [False, True])
def test_gnutls_opens_both(tmp_path: Path, legacy: bool) -> None:
    path = tmp_path / "device.p12"
    path.write_bytes(packed(legacy=legacy))
    text = certtool("--p12-info", "--inder", "--infile", path)
    assert text.count("BEGIN CERTIFICATE") == 2
    (tmp_path / "key.pem").write_text(text[text.index("-----BEGIN ENCRYPTED PRIVATE KEY") :])
    assert "EC/ECDSA" in certtool("--key-info", "--pkcs8", "--infile", tmp_path / "key.pem")


def certtool(*arguments: str | Path) -> str:
    """Output of GnuTLS' tool, given the passphrase."""
    command = ["certtool", "--password", "s3cret", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("algorithm", ML_DSA)
def test_ml_dsa_keys_are_refused_with_a_way_out(algorithm: KeyAlgorithm) -> None:
    signer = key(algorithm)
    leaf = root().issue(public_key=signer.public_key)
    with pytest.raises(InvalidInputError, match="cannot hold an ML-DSA key") as refusal:
        pack(signer.private_key, leaf, [], "s3cret", "x")
    assert "PEM" in refusal.value.remedy


def test_openssl_s_file_is_opened(tmp_path: Path) -> None:
    leaf = root().issue()
    (tmp_path / "key.pem").write_bytes(private_key_to_pem(key().private_key, None))
    (tmp_path / "leaf.pem").write_bytes(certificate_to_pem(leaf))
    openssl(
        *("pkcs12", "-export", "-passout", "pass:x", "-out", str(tmp_path / "a.p12")),
        *("-inkey", str(tmp_path / "key.pem"), "-in", str(tmp_path / "leaf.pem")),
    )
    assert unpack((tmp_path / "a.p12").read_bytes(), "x").certificate == leaf


def test_a_passphrase_is_needed() -> None:
    with pytest.raises(InvalidInputError, match="needs a passphrase"):
        packed("")


@pytest.mark.req("ATK-C14")
def test_a_wrong_passphrase_or_a_changed_file_is_refused() -> None:
    data = packed()
    for passphrase in ("", "wrong"):
        with pytest.raises(InvalidInputError, match="cannot be opened"):
            unpack(data, passphrase)
    chance = random.Random(3)
    for _time in range(20):
        mutant = bytearray(data)
        mutant[chance.randrange(200, 1000)] ^= chance.randrange(1, 256)
        with pytest.raises(InvalidInputError):
            unpack(bytes(mutant), "s3cret")


@pytest.mark.req("ATK-C14")
@pytest.mark.parametrize("rounds", [2**31 - 1, 2**62])
def test_absurd_work_is_refused_before_it_is_done(rounds: int) -> None:
    data = packed()
    usual = der.integer(100_000)
    assert usual in data
    start = time.process_time()
    with pytest.raises(InvalidInputError, match="absurd amount of work"):
        unpack(with_rounds(der.parse(data), usual, der.integer(rounds)), "s3cret")
    assert time.process_time() - start < 0.5


def with_rounds(element: der.Element, old: bytes, new: bytes) -> bytes:
    """The structure with `new` for each `old`, also inside octet strings."""
    if element.encoded == old:
        return new
    if element.tag & 0x20:
        return der.tlv(element.tag, *(with_rounds(part, old, new) for part in element.children()))
    if element.tag == der.OCTET_STRING and old in element.content:
        return der.octet_string(with_rounds(der.parse(element.content), old, new))
    return element.encoded


@pytest.mark.req("ATK-C14")
def test_the_work_of_the_mac_counts_too() -> None:
    store, safe, mac = der.parse(packed()).children()
    digest, salt, _rounds = mac.children()
    heavy = der.sequence(digest.encoded, salt.encoded, der.integer(2**31 - 1))
    with pytest.raises(InvalidInputError, match="absurd amount of work"):
        unpack(der.sequence(store.encoded, safe.encoded, heavy), "s3cret")


@pytest.mark.req("ATK-C14")
@pytest.mark.parametrize(
    "data", [b"", b"\x30\x00", b"\x30\x80\x00\x00", b"\x05\x00", bytes(MAX_SIZE + 1)]
)
def test_what_is_no_pkcs12_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidInputError):
        unpack(data, "s3cret")


def test_legacy_files_are_opened() -> None:
    encryption = (
        PrivateFormat.PKCS12.encryption_builder()
        .kdf_rounds(2000)
        .key_cert_algorithm(pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC)
        .hmac_hash(hashes.SHA1())
        .build(b"old")
    )
    private = ec.generate_private_key(ec.SECP256R1())
    data = pkcs12.serialize_key_and_certificates(b"n", private, None, None, encryption)
    bundle = unpack(data, "old")
    assert bundle.certificate is None
    assert bundle.chain == ()


def test_keys_of_other_kinds_are_refused() -> None:
    private = ed448.Ed448PrivateKey.generate()
    data = pkcs12.serialize_key_and_certificates(
        b"n", private, None, None, BestAvailableEncryption(b"x")
    )
    with pytest.raises(InvalidInputError, match="kind that is not supported"):
        unpack(data, "x")


def test_a_file_of_certificates_alone_is_opened() -> None:
    certificate = load_der_x509_certificate(root().certificate)
    data = pkcs12.serialize_key_and_certificates(
        None, None, None, [certificate], BestAvailableEncryption(b"x")
    )
    bundle = unpack(data, "x")
    assert (bundle.private_key, bundle.chain) == (None, (root().certificate,))
