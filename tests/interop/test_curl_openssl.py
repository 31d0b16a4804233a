"""curl and openssl against the listener (TC-01..12)."""

import base64
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509

from app.models.domain.device_types import DEVICE_NAME
from app.models.domain.subjects import NamePart, TemplateField
from app.pki.certificates import CLIENT_AUTH, WISUN
from app.pki.keys import KeyAlgorithm
from tests.interop.bench import Bench, ProgramError
from tests.listener.station import Station
from tests.plant import ADMIN, PASSWORD, ec_key, rsa_key

EC_P384 = KeyAlgorithm.EC_P384
USER = ("--user", f"pump-1:{PASSWORD}")
KINDS = [
    pytest.param("rsa", marks=pytest.mark.req("TC-01", "TC-03", "TC-05")),
    pytest.param("ec", marks=pytest.mark.req("TC-02", "TC-04", "TC-06")),
]


@pytest.fixture
def bench(station: Station, tmp_path: Path) -> Bench:
    folder = tmp_path / "device"
    folder.mkdir()
    return Bench(station, folder)


@pytest.mark.req("TC-11", "EST-CAC-04", "EST-CAC-05", "EST-CAC-08", "EST-ENC-06")
def test_ca_certificates(bench: Bench) -> None:
    issuer, root = x509.load_pem_x509_certificates(bench.certificates_in(bench.curl("cacerts")))
    assert issuer.subject.rfc4514_string() == "CN=Acme Operational CA"
    assert root.subject.rfc4514_string() == "CN=Acme Root CA"


@pytest.mark.parametrize("version", ["1.2", "1.3"])
@pytest.mark.parametrize("kind", KINDS)
def test_from_password_to_renewal(bench: Bench, kind: str, version: str) -> None:
    bench.station.plant.device("pump-1")
    tls = (f"--tlsv{version}", "--tls-max", version)
    bench.make_key(kind, "first.key")
    bench.make_request("first.key", "pump-1")
    first = bench.check(bench.post("simpleenroll", *USER, *tls), "first.key", "pump-1")

    (bench.folder / "current.pem").write_bytes((bench.folder / "issued.pem").read_bytes())
    bench.make_key(kind, "second.key")
    bench.make_request("second.key", "pump-1/O=Acme Controls", "-multivalue-rdn")
    shown = ("--cert", "current.pem", "--key", "first.key", *tls)
    second = bench.check(bench.post("simplereenroll", *shown), "second.key", "pump-1")
    assert second.serial_number != first.serial_number
    assert bench.station.plant.monitor_line().operation == "cacerts"
    assert bench.station.plant.count() == 2


@pytest.mark.parametrize("kind", KINDS)
def test_from_the_factory_certificate(bench: Bench, kind: str) -> None:
    factory_key = ec_key() if kind == "ec" else rsa_key()
    identity = bench.station.plant.with_factory_certificate("pump-1", factory_key=factory_key)
    bench.save_identity(*identity)
    bench.make_key(kind, "device.key")
    bench.make_request("device.key", "pump-1")
    pem = bench.post("simpleenroll", "--cert", "factory.pem", "--key", "factory.key")
    bench.check(pem, "device.key", "pump-1")


@pytest.mark.req("EST-CSA-02", "EST-CSA-06", "EST-POP-06")
def test_csr_attributes(bench: Bench) -> None:
    plant = bench.station.plant
    template = replace(plant.templates["Named"], name="P-384", key_algorithms=(EC_P384,))
    template = plant.workspace.templates.create(ADMIN, template)
    plant.add_label("p384", plant.add_type("P-384", operational_template_ids=(template.id,)))
    plant.workspace.est_servers.edit(ADMIN, replace(plant.server, require_pop=True))
    der = bench.openssl("base64", "-d", stdin=bench.curl("p384/csrattrs"))
    seen = bench.openssl("asn1parse", "-inform", "DER", stdin=der).decode()
    objects = [line.rpartition(":")[2] for line in seen.splitlines() if "OBJECT" in line]
    assert objects == ["challengePassword", "id-ecPublicKey", "secp384r1", "ecdsa-with-SHA384"]


@pytest.mark.req("EST-SKG-04", "EST-SKG-05", "EST-SKG-06", "EST-SKG-07")
@pytest.mark.parametrize(
    ("kind", "by"),
    [
        pytest.param("rsa", "password", marks=pytest.mark.req("TC-07")),
        pytest.param("ec", "password", marks=pytest.mark.req("TC-08")),
        pytest.param("rsa", "certificate", marks=pytest.mark.req("TC-09")),
        pytest.param("ec", "certificate", marks=pytest.mark.req("TC-10")),
    ],
)
def test_a_key_is_made(bench: Bench, kind: str, by: str) -> None:
    plant = bench.station.plant
    plant.workspace.est_servers.edit(ADMIN, replace(plant.server, server_key_generation=True))
    bench.save_identity(*plant.with_factory_certificate("pump-1"))
    shown = USER if by == "password" else ("--cert", "factory.pem", "--key", "factory.key")
    bench.make_key(kind, "ignored.key")
    bench.make_request("ignored.key", "pump-1")
    key, certificates = bench.parts(bench.send("serverkeygen", "--include", *shown))
    der = bench.openssl("base64", "-d", stdin=key)
    (bench.folder / "made.key").write_bytes(bench.openssl("pkey", "-inform", "DER", stdin=der))
    bench.check(bench.certificates_in(certificates), "made.key", "pump-1")
    size = {"rsa": b"Private-Key: (2048 bit", "ec": b"Private-Key: (256 bit)"}[kind]
    assert size in bench.openssl("pkey", "-in", "made.key", "-noout", "-text")
    public = [bench.openssl("pkey", "-in", name, "-pubout") for name in ("made.key", "ignored.key")]
    assert public[0] != public[1]


@pytest.mark.req("EST-URI-02", "LBL-01")
def test_enrolment_below_a_label(bench: Bench) -> None:
    plant = bench.station.plant
    plant.add_label("gateway2", plant.add_type("Gateway 2"))
    plant.device("pump-1", type_name="Gateway 2")
    bench.make_key("ec", "device.key")
    bench.make_request("device.key", "pump-1")
    bench.check(bench.post("gateway2/simpleenroll", *USER), "device.key", "pump-1")
    with pytest.raises(ProgramError, match="401"):
        bench.post("simpleenroll", *USER)


@pytest.mark.req("EST-HTTP-02", "EST-HTTP-08", "EST-ENC-04")
@pytest.mark.parametrize(
    "options",
    [
        ("--header", "Transfer-Encoding: chunked"),
        ("--header", "Expect: 100-continue"),
        ("--http1.0",),
        ("--anyauth",),
    ],
)
def test_ways_to_send(bench: Bench, options: tuple[str, ...]) -> None:
    bench.station.plant.device("pump-1")
    bench.make_key("ec", "device.key")
    bench.make_request("device.key", "pump-1")
    bench.check(bench.post("simpleenroll", *USER, *options), "device.key", "pump-1")


@pytest.mark.req("EST-ENC-04")
def test_a_pem_request(bench: Bench) -> None:
    bench.station.plant.device("pump-1")
    bench.make_key("ec", "device.key")
    subject = ("-subj", "/CN=pump-1")
    pem = bench.openssl("req", "-new", "-key", "device.key", *subject)
    (bench.folder / "device.p10").write_bytes(pem)
    bench.check(bench.post("simpleenroll", *USER), "device.key", "pump-1")


@pytest.mark.req("EST-ERR-02", "EST-ERR-03")
def test_refusals_in_words(bench: Bench) -> None:
    bench.station.plant.device("pump-1")
    bench.make_key("ec", "device.key")
    bench.make_request("device.key", "pump-1")
    with pytest.raises(ProgramError, match="401"):
        bench.post("simpleenroll", "--user", "pump-1:wrong")
    self_signed = ("-x509", "-subj", "/CN=pump-1", "-days", "1", "-out", "self.pem")
    bench.openssl("req", "-new", "-key", "device.key", *self_signed)
    with pytest.raises(ProgramError, match="403"):
        bench.post("simpleenroll", "--cert", "self.pem", "--key", "device.key")
    line = bench.station.plant.monitor_line()
    assert (line.status, line.certificate_subject) == (403, "CN=pump-1")


@pytest.mark.req("EST-TLS-03", "EST-TLS-05", "EST-TLS-07")
@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_the_server_as_openssl_sees_it(bench: Bench, version: str) -> None:
    address = f"127.0.0.1:{bench.station.listener.port}"
    name = ("-verify_hostname", "bench.est.local", "-verify_return_error", "-x509_strict")
    trust = ("-CAfile", str(bench.station.anchors))
    seen = bench.openssl("s_client", "-connect", address, version, *trust, *name).decode()
    assert "Verify return code: 0 (ok)" in seen
    assert "No client certificate CA names sent" in seen


@pytest.mark.req("TC-12", "EST-CRT-05", "EST-ENR-15")
def test_a_hardware_module_name_and_no_subject(bench: Bench) -> None:
    plant = bench.station.plant
    field = TemplateField(NamePart.SAN, "hardwareModuleName", hardware_type="1.3.6.1.4.1.2.42.3")
    template = replace(
        plant.templates["Named"],
        name="Wi-SUN",
        fields=(field,),
        extended_key_usage=(WISUN, CLIENT_AUTH),
    )
    template = plant.workspace.templates.create(ADMIN, template)
    module = plant.add_type(
        "Module",
        operational_template_ids=(template.id,),
        operational_mapping={field.key: DEVICE_NAME},
    )
    plant.add_server("wisun", device_type_id=module.id)
    plant.device("pump-1", type_name="Module")
    (bench.folder / "openssl_hwm.config").write_text(MODULE_REQUEST)
    bench.make_key("ec", "device.key")
    config = ("-config", "openssl_hwm.config", "-subj", "/", "-outform", "DER")
    der = bench.openssl("req", "-new", "-key", "device.key", *config)
    (bench.folder / "device.p10").write_bytes(base64.encodebytes(der))
    pem = bench.post("simpleenroll", *USER, "--header", "Host: wisun.est.local")
    (bench.folder / "issued.pem").write_bytes(pem)
    (bench.folder / "chain.pem").write_bytes(bench.certificates_in(bench.curl("cacerts")))
    trust = ("-CAfile", str(bench.station.anchors), "-untrusted", "chain.pem")
    bench.openssl("verify", *trust, "-x509_strict", "issued.pem")
    text = bench.openssl(
        "x509", "-in", "issued.pem", "-noout", "-subject", "-ext", "subjectAltName"
    )
    assert b"X509v3 Subject Alternative Name: critical" in text
    assert text.splitlines()[0].strip() == b"subject="


MODULE_REQUEST = """
[req]
distinguished_name = name
req_extensions = wanted
[name]
[wanted]
subjectAltName = critical, otherName:1.3.6.1.5.5.7.8.4;SEQ:module
[module]
type = OID:1.3.6.1.4.1.2.42.3
serial = FORMAT:ASCII, OCT:pump-1
"""
