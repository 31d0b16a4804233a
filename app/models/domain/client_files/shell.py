"""What the scripts for the clients have in common: POSIX sh, run in the folder of its files."""

from app.models.domain.client_files.quoting import sh_word
from app.models.domain.client_files.setups import ClientCredential, ClientSetup, NamedFile
from app.pki.keys import KeyAlgorithm

START = """
set -eu
umask 077
cd "$(dirname "$0")"
"""

PROMPT = """
# From $EST_PASSWORD, else the first line of the file $EST_PASSWORD_FILE, else a prompt.
read_password() {
    if [ -n "${EST_PASSWORD-}" ]; then
        password=$EST_PASSWORD
    elif [ -n "${EST_PASSWORD_FILE-}" ]; then
        IFS= read -r password < "$EST_PASSWORD_FILE" || [ -n "$password" ]
    else
        trap 'stty echo < /dev/tty' EXIT
        stty -echo < /dev/tty
        printf 'Password of %s: ' "$user" > /dev/tty
        IFS= read -r password < /dev/tty
        stty echo < /dev/tty
        trap - EXIT
        echo > /dev/tty
    fi
}
"""

OPENSSL_SUBJECT = r"""
# The subject of a request for the device, as openssl takes it.
subject() {
    printf '/CN=%s' "$(printf '%s' "$device" | sed 's,[\\/+],\\&,g')"
}
"""

_OPENSSL_KEYS = {
    KeyAlgorithm.EC_P256: "-algorithm EC -pkeyopt ec_paramgen_curve:P-256",
    KeyAlgorithm.RSA_2048: "-algorithm RSA -pkeyopt rsa_keygen_bits:2048",
}


def variables(setup: ClientSetup, **more: str) -> str:
    """The lines that set `device`, `user` for a password, and others to these values."""
    lines = [f"{name}={sh_word(value)}" for name, value in more.items()]
    if setup.device:
        lines.append(f"device={sh_word(setup.device)}")
    else:
        lines.append("device=${EST_DEVICE:?has to be the name of the device}")
    if setup.credential is ClientCredential.PASSWORD:
        lines.append("user=${EST_USER:-$device}")
    return "\n".join(["", *lines, ""])


def openssl_key(setup: ClientSetup, file: str) -> str:
    """The command by which openssl makes a new key."""
    return f"openssl genpkey {_OPENSSL_KEYS[setup.key]} -out {file}"


def about(setup: ClientSetup, script: str, what: str) -> str:
    """The comment a script begins with; `what` says what it does, by which programs."""
    lines = [
        "#!/bin/sh",
        f"# {what}",
        "#",
        f"#   sh {script} enroll    makes device.key and device.pem",
        f"#   sh {script} renew     renews device.pem, with the same names",
        "#",
        "# ca.pem beside it has the roots that the server's certificate is checked against.",
        *_shown(setup),
    ]
    return "\n".join([*lines, ""])


def _shown(setup: ClientSetup) -> list[str]:
    if setup.credential is ClientCredential.PASSWORD:
        return [
            "# The password comes from $EST_PASSWORD, from the file $EST_PASSWORD_FILE or from a",
            "# prompt. $EST_USER is the AppID when it is an application's AppKey.",
        ]
    name = setup.identity
    return [f"# Put {name}.pem and {name}.key, the certificate shown to enrol, beside it."]


def with_roots(setup: ClientSetup, *files: NamedFile) -> tuple[NamedFile, ...]:
    """These files and `ca.pem`."""
    return (*files, NamedFile("ca.pem", setup.trust_anchors))


def text_file(path: str, *parts: str) -> NamedFile:
    """A file of these parts."""
    return NamedFile(path, "".join(parts).encode())
