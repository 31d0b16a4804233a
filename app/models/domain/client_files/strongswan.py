"""A script that enrols with strongSwan's pki."""

from app.models.domain.client_files.setups import ClientCredential, ClientSetup, NamedFile
from app.models.domain.client_files.shell import (
    PROMPT,
    START,
    about,
    text_file,
    variables,
    with_roots,
)
from app.pki.keys import KeyAlgorithm

SCRIPT = "est-strongswan.sh"

_KEYS = {
    KeyAlgorithm.EC_P256: "--type ecdsa --size 256",
    KeyAlgorithm.RSA_2048: "--type rsa --size 2048",
}

# A file of options, so that no list of processes shows the password. Quotes have no escapes there.
_CREDENTIALS = """
credentials() {
    quote='"'
    case $user:$password in
    *\\"*\\'* | *\\'*\\"*)
        echo 'pki takes no password with both kinds of quotes.' >&2
        exit 1
        ;;
    *\\"*) quote="'" ;;
    esac
    printf '%s%s:%s%s\\n' "--userpass $quote" "$user" "$password" "$quote"
}
"""

_EXCHANGE = """
# est [OPTION...]: sends request.der; the certificate goes to new.pem.
est() {{
    rm -f est-ca*.pem
    pki --estca --url "$url"{label} --cacert ca.pem --caout est-ca --outform pem --force
    for file in est-ca*.pem; do
        set -- "$@" --cacert "$file"
    done
    pki --est --url "$url"{label} --in request.der --outform pem "$@" > new.pem
    [ -s new.pem ]
}}

# Puts the new certificate and its key in their places.
finish() {{
    mv new.key device.key
    mv new.pem device.pem
    rm -f request.der
}}
"""

_COMMANDS = """
case ${{1-}} in
enroll)
    {new_key}
    pki --req --type priv --in new.key --dn "CN=$device" --outform der > request.der
    {enroll}
    finish
    ;;
renew)
    {new_key}
    pki --print --type x509 --in device.pem > described
    dn=$(sed -n 's/^ *subject: *"\\(.*\\)"$/\\1/p' described)
    set -f --
    for name in $(sed -n 's/^ *altNames: *//p' described | tr ',' ' '); do
        set -- "$@" --san "$name"
    done
    set +f
    pki --req --type priv --in new.key --dn "$dn" "$@" --outform der > request.der
    rm -f described
    est --cert device.pem --key device.key
    finish
    ;;
*)
    echo "usage: sh $0 enroll|renew" >&2
    exit 2
    ;;
esac
"""

_ENROLL_AS_USER = """read_password
    trap 'rm -f credentials' EXIT
    credentials > credentials
    est --options credentials"""


def strongswan_files(setup: ClientSetup) -> tuple[NamedFile, ...]:
    """The script, and the roots it trusts."""
    by_password = setup.credential is ClientCredential.PASSWORD
    identity = setup.identity
    since = "6" if setup.server.label else "5.9.8"
    script = text_file(
        SCRIPT,
        about(setup, SCRIPT, f"Enrols a device by EST (RFC 7030) with pki of strongSwan {since}."),
        START,
        variables(setup, url=setup.origin),
        *((PROMPT, _CREDENTIALS) if by_password else ()),
        _EXCHANGE.format(label=f" --label {setup.server.label}" if setup.server.label else ""),
        _COMMANDS.format(
            new_key=f"pki --gen {_KEYS[setup.key]} --outform pem > new.key",
            enroll=_ENROLL_AS_USER
            if by_password
            else f"est --cert {identity}.pem --key {identity}.key",
        ),
    )
    return with_roots(setup, script)
