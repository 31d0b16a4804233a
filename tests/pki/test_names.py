import ipaddress

import pytest
from cryptography import x509

from app.core.errors import InvalidInputError
from app.pki import der
from app.pki.names import (
    GeneralName,
    SanKind,
    check_general_name,
    decode_general_names,
    encode_general_names,
)
from tests.pki.material import name

CN, ORG, COUNTRY = "2.5.4.3", "2.5.4.10", "2.5.4.6"
UTF8, PRINTABLE, IA5, T61, BMP = (
    der.UTF8_STRING,
    der.PRINTABLE_STRING,
    der.IA5_STRING,
    der.T61_STRING,
    der.BMP_STRING,
)
HARDWARE = SanKind.HARDWARE_MODULE_NAME


GOOD = [
    GeneralName(SanKind.DNS, "device-1.example.com"),
    GeneralName(SanKind.DNS, "localhost"),
    GeneralName(SanKind.DNS, "xn--bcher-kva.example"),
    GeneralName(SanKind.IP, "192.0.2.1"),
    GeneralName(SanKind.IP, "2001:db8::1"),
    GeneralName(SanKind.URI, "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6"),
    GeneralName(SanKind.URI, "https://example.com/a?b=c"),
    GeneralName(SanKind.EMAIL, "first.last@example.com"),
    GeneralName(HARDWARE, "1.3.6.1.4.1.99999.1:SN-0001"),
    GeneralName(HARDWARE, "2.23.133.1.2:0x00ff"),
    GeneralName(HARDWARE, "1.2.3:with: colon"),
]


@pytest.mark.parametrize("good", GOOD, ids=str)
def test_alternative_names_come_back(good: GeneralName) -> None:
    assert decode_general_names(encode_general_names([good])) == (good,)


def test_alternative_names_agree_with_another_implementation() -> None:
    encoded = encode_general_names(GOOD[:-3])
    theirs = x509.SubjectAlternativeName(
        [
            *(x509.DNSName(entry.value) for entry in GOOD[:3]),
            *(x509.IPAddress(ipaddress.ip_address(entry.value)) for entry in GOOD[3:5]),
            *(x509.UniformResourceIdentifier(entry.value) for entry in GOOD[5:7]),
            x509.RFC822Name(GOOD[7].value),
        ]
    )
    assert encoded == theirs.public_bytes()


def test_hardware_module_name_is_written_as_the_profile_says() -> None:
    encoded = encode_general_names([GeneralName(HARDWARE, "1.3.6.1.4.1.99999.1:SN-0001")])
    assert encoded.hex() == (
        "3024a02206082b06010505070804a016301406092b06010401868d1f010407534e2d30303031"
    )


@pytest.mark.req("ATK-C04", "ATK-C05", "ATK-C10")
@pytest.mark.parametrize(
    "bad",
    [
        *(
            GeneralName(SanKind.DNS, value)
            for value in (
                "*",
                "*.*",
                "*.com",
                "f*o.example",
                "",
                "a..b",
                ".a",
                "a.",
                "-a",
                "a-",
                "a_b",
                "a b",
                "good\0.evil",
                "a\r\nb",
                "caf\u00e9.example",
                "1.2.3.4",
                "x" * 64,
                ".".join(["x" * 60] * 5),
            )
        ),
        *(
            GeneralName(SanKind.IP, v)
            for v in ("", "1.2.3", "1.2.3.4.5", "::g", "fe80::1%eth0", "1.2.3.0/24")
        ),
        *(
            GeneralName(SanKind.URI, v)
            for v in (
                "",
                "/path",
                "no-scheme",
                "http:",
                "a b:c",
                "http://\u00e9",
                "x:" + "a" * 2050,
            )
        ),
        *(
            GeneralName(SanKind.EMAIL, v)
            for v in ("", "a", "@b", "a@", "a@*.b", "a b@c", "a@b@c", "a..b@c", "x" * 251 + "@b.c")
        ),
        *(
            GeneralName(HARDWARE, v)
            for v in (
                "",
                "1.2.3",
                "1.2.3:",
                "x:1",
                "1.2.3:0xzz",
                "1.2.3:0x",
                "1.2.3:\u00e9",
                "1.2.3:" + "x" * 256,
            )
        ),
        GeneralName(SanKind.OTHER, "directoryName:CN=x"),
    ],
    ids=repr,
)
def test_alternative_names_that_cannot_stand_are_refused(bad: GeneralName) -> None:
    with pytest.raises(InvalidInputError):
        check_general_name(bad)
    with pytest.raises(InvalidInputError):
        encode_general_names([bad])


def other_name(type_id: str, value: bytes) -> bytes:
    return der.tlv(0xA0, der.oid(type_id), der.tlv(0xA0, value))


UPN = "1.3.6.1.4.1.311.20.2.3"


@pytest.mark.req("ATK-C10")
@pytest.mark.parametrize(
    ("element", "value"),
    [
        (other_name(UPN, der.tlv(IA5, b"u@x")), f"otherName {UPN}:0x1603754078"),
        (other_name(UPN, der.tlv(UTF8)), f"{UPN};"),
        (der.tlv(0xA4, name((CN, UTF8, b"x"))), "directoryName:CN=x"),
        (der.tlv(0x88, b"\x2a\x03"), "registeredID:1.2.3"),
        (der.tlv(0xA3), "0xa300"),
    ],
)
def test_other_kinds_are_shown_and_not_issued(element: bytes, value: str) -> None:
    (decoded,) = decode_general_names(der.sequence(element))
    assert decoded == GeneralName(SanKind.OTHER, value)
    with pytest.raises(InvalidInputError):
        encode_general_names([decoded])


def test_other_names_of_text_are_issued() -> None:
    wanted = GeneralName(SanKind.OTHER, f"{UPN};zähler-1@example.com")
    encoded = encode_general_names([wanted])
    assert encoded == der.sequence(other_name(UPN, der.tlv(UTF8, "zähler-1@example.com".encode())))
    assert decode_general_names(encoded) == (wanted,)


@pytest.mark.parametrize(
    "value",
    [
        "1.3.6.1.5.5.7.8.4;SN-1",  # a hardware module name is no text
        f"{UPN};",
        f"{UPN};" + "x" * 257,
        f"{UPN};a\u202eb",
        "upn;u@x",
        "9.9;u@x",
        UPN,
    ],
)
def test_other_names_that_cannot_stand_are_refused(value: str) -> None:
    with pytest.raises(InvalidInputError):
        encode_general_names([GeneralName(SanKind.OTHER, value)])


@pytest.mark.parametrize(
    ("serial", "text"),
    [
        (b"\x00\xff", "0x00ff"),
        (b"", "0x"),
        (b"0xab", "0x30786162"),
        (b"a\n", "0x610a"),
        (b"\xe9", "0xe9"),
    ],
)
def test_serials_that_are_no_plain_text_are_shown_as_hex(serial: bytes, text: str) -> None:
    value = der.sequence(der.oid("1.2.3"), der.octet_string(serial))
    other = der.tlv(0xA0, der.oid("1.3.6.1.5.5.7.8.4"), der.tlv(0xA0, value))
    assert decode_general_names(der.sequence(other)) == (GeneralName(HARDWARE, f"1.2.3:{text}"),)


@pytest.mark.req("ATK-A10", "ATK-C10")
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"garbage",
        b"\x30\x00",
        der.sequence(der.tlv(0x87, b"12345")),
        der.sequence(der.tlv(0x82, b"\xe9")),
        der.sequence(der.tlv(0x89, b"x")),
        der.sequence(der.tlv(0x88, b"\x80")),
        der.sequence(der.tlv(0xA0, der.oid("1.2.3"))),
        der.sequence(der.tlv(0xA0, der.oid("1.2.3"), der.tlv(0xA0))),
        der.sequence(der.tlv(0xA0, der.oid("1.3.6.1.5.5.7.8.4"), der.tlv(0xA0, b"\x30\x00"))),
        der.sequence(der.tlv(0xA4, b"\x05\x00")),
    ],
)
def test_malformed_alternative_names_are_refused(data: bytes) -> None:
    with pytest.raises(der.DerError):
        decode_general_names(data)
