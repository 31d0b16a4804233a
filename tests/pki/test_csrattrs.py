"""CSR attributes, byte for byte."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.pki import der
from app.pki.csrattrs import csr_attributes
from app.pki.keys import KeyAlgorithm

EC, RSA = bytes.fromhex("06072a8648ce3d0201"), bytes.fromhex("06092a864886f70d010101")
P384, MAC_ADDRESS = bytes.fromhex("06052b81040022"), bytes.fromhex("06072b060101010116")
ECDSA_SHA256, ECDSA_SHA384 = (bytes.fromhex(f"06082a8648ce3d0403{n}") for n in ("02", "03"))
RSA_SHA256, RSA_SHA384 = (bytes.fromhex(f"06092a864886f70d0101{n}") for n in ("0b", "0c"))
CHALLENGE_PASSWORD = bytes.fromhex("06092a864886f70d010907")


def elements(attributes: bytes) -> list[bytes]:
    return [element.encoded for element in der.parse(attributes).sequence()]


@pytest.mark.req("EST-CSA-05", "EST-CSA-06")
def test_the_example_of_rfc_9908_for_ec() -> None:
    example = "MDIGCSqGSIb3DQEJBzASBgcqhkjOPQIBMQcGBSuBBAAiBgcrBgEBAQEWBggqhkjOPQQDAw=="
    asked = csr_attributes([KeyAlgorithm.EC_P384], challenge_password=True)
    wanted = elements(base64.b64decode(example))
    wanted.remove(MAC_ADDRESS)  # which we never ask for
    assert elements(asked) == wanted


@pytest.mark.req("EST-CSA-06")
def test_the_example_of_rfc_9908_for_rsa() -> None:
    example = base64.b64decode("MCkGCSqGSIb3DQEJBzARBgkqhkiG9w0BAQExBAICEAAGCSqGSIb3DQEBCw==")
    asked = csr_attributes([KeyAlgorithm.RSA_4096], challenge_password=True)
    assert asked == example.replace(RSA_SHA256, RSA_SHA384)  # which suits such a long key


@pytest.mark.req("EST-CSA-06")
@pytest.mark.parametrize(
    ("algorithms", "key"),
    [
        ([KeyAlgorithm.EC_P256, KeyAlgorithm.EC_P384], EC),
        ([KeyAlgorithm.RSA_2048, KeyAlgorithm.RSA_3072], RSA),
        ([KeyAlgorithm.ED25519], bytes.fromhex("06032b6570")),
        ([KeyAlgorithm.ML_DSA_65], bytes.fromhex("0609608648016503040312")),
    ],
)
def test_a_type_of_key_without_more(algorithms: list[KeyAlgorithm], key: bytes) -> None:
    first, *_signatures = elements(csr_attributes(algorithms, challenge_password=False))
    assert first == bytes((0x30, len(key) + 2)) + key + b"\x31\x00"


@pytest.mark.req("EST-CSA-04")
def test_several_types_of_key_are_named() -> None:
    algorithms = [KeyAlgorithm.EC_P256, KeyAlgorithm.EC_P384, KeyAlgorithm.RSA_2048]
    asked = elements(csr_attributes(algorithms, challenge_password=False))
    assert asked == [EC, RSA, ECDSA_SHA256, ECDSA_SHA384, RSA_SHA256]


@pytest.mark.req("EST-CSA-03", "EST-POP-06")
def test_all_keys_are_nothing_to_ask_for() -> None:
    everything = tuple(KeyAlgorithm)
    assert csr_attributes(everything, challenge_password=False) == b""
    assert elements(csr_attributes(everything, challenge_password=True)) == [CHALLENGE_PASSWORD]


@pytest.mark.req("EST-CSA-02", "EST-CSA-06", "EST-CSA-11")
@given(st.lists(st.sampled_from(KeyAlgorithm), min_size=1, unique=True), st.booleans())
def test_whatever_is_asked_for(algorithms: list[KeyAlgorithm], challenge_password: bool) -> None:
    asked = csr_attributes(algorithms, challenge_password=challenge_password)
    if not asked:
        assert len(algorithms) == len(KeyAlgorithm)
        return
    found = der.parse(asked).sequence()
    assert len({element.encoded for element in found}) == len(found)
    assert sum(element.tag == der.SEQUENCE for element in found) <= 1
    assert all(element.tag in (der.OID, der.SEQUENCE) for element in found)
    assert any(element.encoded == CHALLENGE_PASSWORD for element in found) == challenge_password
    assert len(asked) <= 1024
