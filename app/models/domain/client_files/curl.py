"""A script that enrols with curl and OpenSSL."""

from app.models.domain.client_files.setups import ClientCredential, ClientSetup, NamedFile
from app.models.domain.client_files.shell import (
    OPENSSL_SUBJECT,
    PROMPT,
    START,
    about,
    openssl_key,
    text_file,
    variables,
    with_roots,
)

SCRIPT = "est-curl.sh"

# An option in curl's own file of options, so that no list of processes shows the password.
_CREDENTIALS = r"""
credentials() {
    printf '%s:%s' "$user" "$password" | sed 's/[\\"]/\\&/g; s/^/user = "/; s/$/"/'
}
"""

_EXCHANGE = r"""
# ask OPERATION [OPTION...]: the certificates of the answer, as PEM on standard output.
ask() {
    operation=$1
    shift
    curl --silent --show-error --fail-with-body --cacert ca.pem "$@" \
        --output answer "$url/$operation" || { cat answer >&2; exit 1; }
    { tr -d '\r\n' < answer | fold -w 64; echo; } | openssl base64 -d -out answer.der
    openssl pkcs7 -inform DER -in answer.der -print_certs
}

# post OPERATION [OPTION...]: sends request.pem; the certificate goes to new.pem.
post() {
    openssl req -in request.pem -outform DER -out request.der
    openssl base64 -in request.der -out request
    ask "$@" --header 'Content-Type: application/pkcs10' --data-binary @request > new.pem
}

# Checks the new certificate, then puts it and its key in their places.
finish() {
    ask cacerts > chain.pem
    openssl verify -CAfile ca.pem -untrusted chain.pem new.pem
    mv new.key device.key
    mv new.pem device.pem
    rm -f answer answer.der request request.der request.pem new.pub
}
"""

_COMMANDS = """
case ${{1-}} in
enroll)
    {new_key}
    openssl req -new -utf8 -key new.key -subj "$(subject)" -out request.pem
    {enroll}
    finish
    ;;
renew)
    {new_key}
    openssl pkey -in new.key -pubout -out new.pub
    openssl x509 -x509toreq -in device.pem -signkey new.key -force_pubkey new.pub \\
        -copy_extensions copy -ext subjectAltName -out request.pem
    post simplereenroll --cert ./device.pem --key ./device.key
    finish
    ;;
*)
    echo "usage: sh $0 enroll|renew" >&2
    exit 2
    ;;
esac
"""


def curl_files(setup: ClientSetup) -> tuple[NamedFile, ...]:
    """The script, and the roots it trusts."""
    by_password = setup.credential is ClientCredential.PASSWORD
    enroll = (
        "read_password\n    credentials | post simpleenroll --config -"
        if by_password
        else f"post simpleenroll --cert ./{setup.identity}.pem --key ./{setup.identity}.key"
    )
    script = text_file(
        SCRIPT,
        about(setup, SCRIPT, "Enrols a device by EST (RFC 7030) with curl 7.76 and OpenSSL 3."),
        START,
        variables(setup, url=setup.url),
        *((PROMPT, _CREDENTIALS) if by_password else ()),
        OPENSSL_SUBJECT,
        _EXCHANGE,
        _COMMANDS.format(new_key=openssl_key(setup, "new.key"), enroll=enroll),
    )
    return with_roots(setup, script)
