"""Starting points for certificate templates, each after the profile its users have to meet.

The tables are in docs/template-presets.md. A preset names no authority and no owner: these are
chosen when a template is made from it.
"""

from dataclasses import dataclass, replace

from app.core.language import _
from app.models.domain.subjects import FieldRule, NamePart, TemplateField
from app.models.domain.templates import CertificateKind, Template
from app.pki.certificates import CLIENT_AUTH, NOT_A_CA, SERVER_AUTH, WISUN, KeyUsage
from app.pki.keys import KeyAlgorithm

_EC = (KeyAlgorithm.EC_P256, KeyAlgorithm.EC_P384)
_EC_OR_RSA = (*_EC, KeyAlgorithm.RSA_2048, KeyAlgorithm.RSA_3072, KeyAlgorithm.RSA_4096)

# The arc for documentation (RFC 5612); a maker puts its own in.
_EXAMPLE_HARDWARE = "1.3.6.1.4.1.32473.1"


@dataclass(frozen=True)
class TemplatePreset:
    """A template to start from. `source` is the standard its fields follow."""

    key: str
    title: str
    description: str
    source: str
    template: Template


def template_presets() -> tuple[TemplatePreset, ...]:
    """Every preset, in the order they are offered."""
    return (
        _aws_client(),
        _azure_client(),
        _idevid(),
        _ldevid(),
        *_wisun(),
        _matter_dac(),
        _tls_server(),
        _application(),
    )


def _field(
    kind: str, rule: FieldRule = FieldRule.REQUIRED, part: NamePart = NamePart.SUBJECT
) -> TemplateField:
    return TemplateField(part, kind, rule)


_BASE = Template(
    id=0,
    name="",
    kind=CertificateKind.OPERATIONAL,
    authority_id=0,
    fields=(),
    key_algorithms=_EC_OR_RSA,
    revocation_urls=True,
)


def _aws_client() -> TemplatePreset:
    name = _field("CN"), _field("O", FieldRule.OPTIONAL)
    return TemplatePreset(
        "mtls-aws",
        _("mTLS client for AWS IoT Core"),
        _("A client certificate; the common name is the thing's name."),
        "AWS IoT Core, X.509 client certificates",
        replace(
            _BASE,
            fields=name,
            extended_key_usage=(CLIENT_AUTH,),
            extensions=(NOT_A_CA,),
            validity_days=730,
        ),
    )


def _azure_client() -> TemplatePreset:
    common_name = replace(_field("CN"), max_length=64)
    return TemplatePreset(
        "mtls-azure",
        _("mTLS client for Azure IoT Hub"),
        _("A client certificate; the common name is the registration ID."),
        "Azure IoT Hub DPS, X.509 attestation",
        replace(
            _BASE,
            fields=(common_name,),
            key_algorithms=(KeyAlgorithm.EC_P256, KeyAlgorithm.RSA_2048),
            extended_key_usage=(CLIENT_AUTH,),
            extensions=(NOT_A_CA,),
            validity_days=365,
        ),
    )


def _idevid() -> TemplatePreset:
    return TemplatePreset(
        "idevid",
        _("IEEE 802.1AR IDevID"),
        _("The birth certificate of a device: its serial number, for as long as it lives."),
        "IEEE 802.1AR-2018 section 8, RFC 8995 section 2.3",
        replace(
            _BASE,
            kind=CertificateKind.FACTORY,
            fields=(
                _field("serialNumber"),
                _field("O", FieldRule.OPTIONAL),
                _field("OU", FieldRule.OPTIONAL),
            ),
            key_algorithms=(*_EC, KeyAlgorithm.RSA_2048),
            subject_key_identifier=False,
            validity_days=None,
            revocation_urls=False,
        ),
    )


def _ldevid() -> TemplatePreset:
    return TemplatePreset(
        "ldevid",
        _("IEEE 802.1AR LDevID"),
        _("The working certificate of a device at its owner's site."),
        "IEEE 802.1AR-2018 section 8",
        replace(
            _BASE,
            fields=(_field("CN"), _field("serialNumber", FieldRule.OPTIONAL)),
            key_algorithms=(*_EC, KeyAlgorithm.RSA_2048),
            extended_key_usage=(CLIENT_AUTH,),
            validity_days=365,
        ),
    )


def _wisun() -> tuple[TemplatePreset, TemplatePreset]:
    module = TemplateField(
        NamePart.SAN, "hardwareModuleName", FieldRule.REQUIRED, hardware_type=_EXAMPLE_HARDWARE
    )
    node = replace(
        _BASE,
        kind=CertificateKind.FACTORY,
        fields=(module,),
        key_algorithms=(KeyAlgorithm.EC_P256,),
        key_usage=frozenset({KeyUsage.DIGITAL_SIGNATURE, KeyUsage.KEY_AGREEMENT}),
        extended_key_usage=(WISUN, CLIENT_AUTH),
        subject_key_identifier=False,
        validity_days=None,
        hash="sha256",
        revocation_urls=False,
    )
    source = "Wi-SUN FAN technical profile, RFC 4108 section 5"
    return (
        TemplatePreset(
            "wisun-node",
            _("Wi-SUN FAN device"),
            _("No subject; the hardware module name says which device it is."),
            source,
            node,
        ),
        TemplatePreset(
            "wisun-border-router",
            _("Wi-SUN FAN border router"),
            _("As for a device, for the side that authenticates them."),
            source,
            replace(node, extended_key_usage=(WISUN, SERVER_AUTH)),
        ),
    )


def _matter_dac() -> TemplatePreset:
    return TemplatePreset(
        "matter-dac",
        _("Matter device attestation (DAC)"),
        _("Vendor and product ID, four upper-case hex digits each, beside the common name."),
        "Matter core specification section 6.2.2",
        replace(
            _BASE,
            kind=CertificateKind.FACTORY,
            fields=(_field("CN"), _field("VID"), _field("PID")),
            key_algorithms=(KeyAlgorithm.EC_P256,),
            extensions=(NOT_A_CA,),
            hash="sha256",
            validity_days=None,
            revocation_urls=False,
        ),
    )


def _tls_server() -> TemplatePreset:
    dns = _field("dns", FieldRule.REQUIRED, NamePart.SAN)
    second = replace(dns, rule=FieldRule.OPTIONAL, index=2)
    address = _field("ip", FieldRule.OPTIONAL, NamePart.SAN)
    return TemplatePreset(
        "tls-server",
        _("TLS server"),
        _("A server in a plant or lab, named by DNS name or address."),
        "RFC 9525, RFC 5280",
        replace(
            _BASE,
            fields=(_field("CN", FieldRule.OPTIONAL), dns, second, address),
            extended_key_usage=(SERVER_AUTH,),
            validity_days=397,
        ),
    )


def _application() -> TemplatePreset:
    return TemplatePreset(
        "api-application",
        _("API application"),
        _("The TLS certificate of a machine client of this program."),
        "RFC 5280",
        replace(
            _BASE,
            kind=CertificateKind.APPLICATION,
            fields=(_field("CN"), _field("O", FieldRule.OPTIONAL)),
            extended_key_usage=(CLIENT_AUTH,),
            validity_days=365,
        ),
    )
