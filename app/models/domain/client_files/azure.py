"""The files for Azure IoT Identity Service, as its version 1.2.6 reads them (AIS-04, AIS-05).

`config.toml` provisions the device with DPS. The two `est.toml` and the script show before, and
without Azure, that the device's certd gets a certificate.
"""

from app.models.domain.client_files.azure_script import azure_script
from app.models.domain.client_files.quoting import TomlValue, toml_table
from app.models.domain.client_files.setups import ClientCredential, ClientSetup, NamedFile
from app.models.domain.client_files.shell import text_file, with_roots

DPS = "https://global.azure-devices-provisioning.net"
FOLDER = "/etc/aziot/est"
"""Where the script puts certificates and keys on the device."""

TO_FILL_IN = "REPLACE-WITH-"
"""What everything begins with that is for the person to fill in."""

_CA, _IDENTITY = "birthmark-est-ca", "birthmark-est-identity"
_ANY_UID = 997  # the script puts the right number in its place


def azure_files(setup: ClientSetup) -> tuple[NamedFile, ...]:
    """`config.toml`, certd's and keyd's files, the script, and the roots they trust.

    keyd needs none for a password: there is no key to hold.
    """
    files = [
        text_file("config.toml", _config(setup)),
        text_file("certd/est.toml", _certd(setup)),
        azure_script(setup, FOLDER, TO_FILL_IN),
    ]
    if setup.identity:
        files.insert(2, text_file("keyd/est.toml", _keyd(setup)))
    return with_roots(setup, *files)


def _config(setup: ClientSetup) -> str:
    """The super-config, which `aziotctl config apply` spreads over the services."""
    device = _device(setup)
    auth = _password(setup)
    if setup.identity:
        auth["identity_cert"] = f"file://{FOLDER}/{setup.identity}.pem"
        auth["identity_pk"] = f"file://{FOLDER}/{setup.identity}.key"
    return "\n".join(
        (
            "# /etc/aziot/config.toml, to be applied with: aziotctl config apply\n",
            toml_table(
                "[provisioning]",
                {
                    "source": "dps",
                    "global_endpoint": DPS,
                    "id_scope": f"{TO_FILL_IN}ID-SCOPE",
                },
            ),
            toml_table("[provisioning.attestation]", {"method": "x509", "registration_id": device}),
            toml_table(
                "[provisioning.attestation.identity_cert]",
                {"method": "est", "common_name": device},
            ),
            toml_table("[cert_issuance.est]", {"trusted_certs": [f"file://{FOLDER}/ca.pem"]}),
            toml_table("[cert_issuance.est.auth]", auth),
            toml_table("[cert_issuance.est.urls]", {"default": setup.url}),
        )
    )


def _certd(setup: ClientSetup) -> str:
    est: dict[str, TomlValue] = {"trusted_certs": [_CA]} | _password(setup)
    preloaded: dict[str, TomlValue] = {_CA: f"file://{FOLDER}/ca.pem"}
    if setup.identity:
        est |= {"identity_cert": _IDENTITY, "identity_pk": _IDENTITY}
        preloaded[_IDENTITY] = f"file://{FOLDER}/{setup.identity}.pem"
    return "\n".join(
        (
            "# /etc/aziot/certd/config.d/est.toml\n",
            toml_table("[cert_issuance.est]", est),
            toml_table("[cert_issuance.est.urls]", {"default": setup.url}),
            toml_table(
                "[cert_issuance.birthmark-device]",
                {"method": "est", "common_name": _device(setup)},
            ),
            toml_table("[preloaded_certs]", preloaded),
        )
    )


def _keyd(setup: ClientSetup) -> str:
    return "\n".join(
        (
            "# /etc/aziot/keyd/config.d/est.toml\n",
            toml_table("[preloaded_keys]", {_IDENTITY: f"file://{FOLDER}/{setup.identity}.key"}),
            "# The number of the user aziotcs, who is certd, is another one on each computer.",
            toml_table("[[principal]]", {"uid": _ANY_UID, "keys": [_IDENTITY]}),
        )
    )


def _password(setup: ClientSetup) -> dict[str, TomlValue]:
    if setup.credential is not ClientCredential.PASSWORD:
        return {}
    return {"username": _device(setup), "password": f"{TO_FILL_IN}PASSWORD"}


def _device(setup: ClientSetup) -> str:
    return setup.device or f"{TO_FILL_IN}DEVICE-NAME"
