"""A script that enrols with Cisco libest's estclient."""

from app.models.domain.client_files.setups import ClientCredential, ClientSetup, NamedFile
from app.models.domain.client_files.shell import (
    PROMPT,
    START,
    about,
    openssl_key,
    text_file,
    variables,
    with_roots,
)

SCRIPT = "est-libest.sh"

# It ends well even when the server refuses, so the certificate is what counts.
_EXCHANGE = """
export EST_OPENSSL_CACERT=ca.pem

# estclient [OPTION...], into an empty folder; the certificate goes to new.pem.
est() {
    rm -rf answer
    mkdir answer
    estclient -s "$host" -p "$port" -o answer --pem-output "$@"
    cat answer/*.pem > new.pem
    [ -s new.pem ]
}
"""

_COMMANDS = """
case ${{1-}} in
enroll)
    {new_key}
    {enroll}
    mv new.key device.key
    mv new.pem device.pem
    ;;
renew)
    est -r -c device.pem -k device.key{segment}
    mv new.pem device.pem
    ;;
*)
    echo "usage: sh $0 enroll|renew" >&2
    exit 2
    ;;
esac
rm -rf answer
"""


def libest_files(setup: ClientSetup) -> tuple[NamedFile, ...]:
    """The script, and the roots it trusts."""
    by_password = setup.credential is ClientCredential.PASSWORD
    segment = f" --path-seg {setup.server.label}" if setup.server.label else ""
    shown = (
        # estclient takes the password as an argument only, which other users of the system see.
        '-u "$user" -h "$password"'
        if by_password
        else f"-c {setup.identity}.pem -k {setup.identity}.key"
    )
    enroll = f'est -e -x new.key --common-name "$device" {shown}{segment}'
    if by_password:
        enroll = f"read_password\n    {enroll}"
    script = text_file(
        SCRIPT,
        about(setup, SCRIPT, "Enrols a device by EST (RFC 7030) with estclient of libest 3.2."),
        _LIMITS if by_password else "",
        START,
        variables(setup, host=setup.server.domain, port=str(setup.port)),
        PROMPT if by_password else "",
        _EXCHANGE,
        _COMMANDS.format(new_key=openssl_key(setup, "new.key"), enroll=enroll, segment=segment),
    )
    return with_roots(setup, script)


_LIMITS = """\
# estclient knows no other way to be told the password than an argument: while it runs, whoever
# may list the processes of this computer sees it.
"""
