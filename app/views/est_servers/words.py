"""What is said of EST servers."""

from app.core.language import _
from app.models.domain.est_servers import Base64Form, EstServer, est_path
from app.views.shell.listener_control import ListenerSwitch


def authentication_text(server: EstServer) -> str:
    """How devices authenticate."""
    if server.password_authentication and server.certificate_authentication:
        return _("Password or certificate")
    if server.password_authentication:
        return _("Password")
    return _("Certificate") if server.certificate_authentication else _("None")


def who_text(server: EstServer) -> str:
    """How devices authenticate, and from where."""
    places = _("from {addresses}").format(addresses=addresses_text(server))
    return ", ".join((authentication_text(server), places))


def addresses_text(server: EstServer) -> str:
    """From where devices may come."""
    return ", ".join(server.allowed_addresses) or _("everywhere")


def security_text(server: EstServer) -> str:
    """What is switched on beside the way to authenticate."""
    on = [
        text
        for text, given in (
            (_("proof of possession required"), server.require_pop),
            (_("keys can be made here"), server.server_key_generation),
            (_("certificates may enrol other names"), server.enrol_others),
        )
        if given
    ]
    return "; ".join(on) or _("no special rules")


def base64_text(form: Base64Form) -> str:
    """How answers are laid out (DEC-17)."""
    return {
        Base64Form.AUTO: _("As each client needs it"),
        Base64Form.WRAPPED: _("Always in lines of 64 characters"),
        Base64Form.SINGLE_LINE: _("Always in one line"),
    }[form]


def answers_text(server: EstServer) -> str:
    """How answers of the server are laid out."""
    return base64_text(server.base64_form)


def est_url(domain: str, port: int, label: str = "") -> str:
    """Where devices enrol; the system chooses the port, as yet, when that is 0."""
    host = f"{domain}:{port}" if port else domain
    return f"https://{host}{est_path(label)}"


def port_of(listener: ListenerSwitch) -> int:
    """The port of the running listener; 0 while it does not run."""
    return int(listener.address.rpartition(":")[2] or 0)


def enrol_command(server: EstServer, url: str) -> str:
    """What enrols a device with openssl and curl, in its simplest form."""
    by_certificate = "--cert idevid.pem --key idevid.key"
    login = "--user NAME" if server.password_authentication else by_certificate
    return (
        "openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc"
        " -keyout device.key -subj /CN=NAME -outform der -out device.csr\n"
        f"base64 device.csr | curl --cacert ca.pem {login}"
        " -H 'Content-Type: application/pkcs10' --data-binary @-"
        f" {url}/simpleenroll"
    )
