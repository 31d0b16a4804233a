"""Whether a client can enrol at an EST server at all, and the files with which it does."""

from collections.abc import Callable, Iterator

from app.core.errors import InvalidInputError
from app.core.language import _
from app.models.domain.client_files.azure import TO_FILL_IN, azure_files
from app.models.domain.client_files.curl import curl_files
from app.models.domain.client_files.libest import libest_files
from app.models.domain.client_files.setups import (
    ClientCredential,
    ClientFiles,
    ClientSetup,
    EstClient,
    NamedFile,
)
from app.models.domain.client_files.shell import text_file
from app.models.domain.client_files.strongswan import strongswan_files
from app.models.domain.est_servers import Base64Form
from app.pki.keys import KeyAlgorithm

README = "README.md"

_MAKERS: dict[EstClient, Callable[[ClientSetup], tuple[NamedFile, ...]]] = {
    EstClient.AZURE: azure_files,
    EstClient.CURL: curl_files,
    EstClient.LIBEST: libest_files,
    EstClient.STRONGSWAN: strongswan_files,
}


def client_files(client: EstClient, setup: ClientSetup) -> ClientFiles:
    """The files for a client.

    Raises `InvalidInputError` when the EST server would refuse what they make it ask for.
    """
    _check_credential(setup)
    _check_key(setup)
    _check_client(client, setup)
    warnings = tuple(_warnings(client, setup))
    files = _MAKERS[client](setup)
    if client is EstClient.AZURE:
        files = (text_file(README, _azure_readme(setup, warnings)), *files)
    return ClientFiles(files, warnings)


def _check_credential(setup: ClientSetup) -> None:
    server, credential = setup.server, setup.credential
    if credential is ClientCredential.PASSWORD:
        accepted = server.password_authentication or setup.applications
    elif credential is ClientCredential.FACTORY:
        accepted = server.certificate_authentication
    else:
        accepted = setup.applications
    if not accepted:
        raise InvalidInputError(
            _("The EST server {name} does not accept this credential.").format(name=server.name),
            remedy=_("Choose another one, switch it on, or link an application."),
            field="credential",
        )


def _check_key(setup: ClientSetup) -> None:
    if setup.key not in setup.accepted_keys:
        raise InvalidInputError(
            _("Devices do not get certificates for {key} keys here.").format(key=setup.key),
            cause=_("The operational template takes: {keys}").format(
                keys=", ".join(setup.accepted_keys) or "-"
            ),
            remedy=_("Choose another key, or change the template."),
            field="key",
        )


def _check_client(client: EstClient, setup: ClientSetup) -> None:
    if setup.server.require_pop and client is not EstClient.LIBEST:
        raise InvalidInputError(
            _("This client cannot bind a request to its TLS connection."),
            cause=_("The EST server {name} requires that.").format(name=setup.server.name),
            remedy=_("Use libest, or switch proof-of-possession linking off."),
            field="client",
        )
    if client is EstClient.STRONGSWAN and "," in setup.device:
        raise InvalidInputError(
            _("strongSwan cannot ask for a name with a comma."),
            remedy=_("Use another client, or another name."),
            field="device",
        )


def _warnings(client: EstClient, setup: ClientSetup) -> Iterator[str]:
    server = setup.server
    if client is EstClient.AZURE:
        yield from _azure_warnings(setup)
    if client is EstClient.STRONGSWAN and server.label:
        yield _("A label needs a strongSwan whose pki knows the option --label.")
    if client is EstClient.STRONGSWAN and server.base64_form is Base64Form.WRAPPED:
        yield _("The EST server wraps its answers, which strongSwan reads from 5.9.11 on.")
    if client is EstClient.LIBEST and server.base64_form is Base64Form.SINGLE_LINE:
        yield _("The EST server does not wrap its answers, so libest cannot read them.")


def _azure_warnings(setup: ClientSetup) -> Iterator[str]:
    by_application = setup.credential is ClientCredential.APPLICATION
    if not setup.server.enrol_others and not by_application:
        yield _(
            "The EST server gives a device no certificate with another name, as IoT Edge and"
            " modules need. Let its certificate enrol other names if they are to have one."
        )
    if setup.enforce_factory_mode:
        yield _(
            "The device type enforces factory mode. Azure IoT Identity Service renews by"
            " simpleenroll, which is refused then while the device is not in factory mode."
        )
    if KeyAlgorithm.RSA_2048 not in setup.accepted_keys:
        yield _(
            "The operational template does not take RSA 2048 keys, which Azure IoT Identity"
            " Service makes for the identity of the device."
        )


def _azure_readme(setup: ClientSetup, warnings: tuple[str, ...]) -> str:
    identity = (
        _("Put {name}.pem and {name}.key, the certificate it shows, beside the files.").format(
            name=setup.identity
        )
        if setup.identity
        else _("certd/est.toml and config.toml want the password; keep them to yourself.")
    )
    steps = (
        _("Fill in what begins with {mark} in the files.").format(mark=TO_FILL_IN),
        identity,
        _("Have certd ask for a certificate: `sudo sh request-certificate.sh request`"),
        _(
            "Register the issuing CA with your Device Provisioning Service, prove that it is"
            " yours, and make an enrollment group for it."
        ),
        _("Provision the device: `sudo sh request-certificate.sh apply`"),
        _("When something is wrong: `sudo aziotctl check` and `sudo aziotctl system logs`"),
    )
    paragraphs = [
        _("# Azure IoT Identity Service at {url}").format(url=setup.url),
        _("Copy this folder to the device, where aziot-identity-service 1.2.6 or later is."),
        "\n".join(f"{number}. {step}" for number, step in enumerate(steps, 1)),
    ]
    if warnings:
        paragraphs += [_("## To know"), "\n".join(f"- {warning}" for warning in warnings)]
    return "\n\n".join(paragraphs) + "\n"
