"""The script that has Azure IoT Identity Service ask for a certificate."""

from app.models.domain.client_files.setups import ClientSetup, NamedFile
from app.models.domain.client_files.shell import (
    OPENSSL_SUBJECT,
    START,
    openssl_key,
    text_file,
    variables,
)

SCRIPT = "request-certificate.sh"

_ABOUT = f"""\
#!/bin/sh
# Has Azure IoT Identity Service get a certificate by EST (RFC 7030). Run it as root on the device.
#
#   sh {SCRIPT} request   sets up certd and keyd, and asks certd for device.pem
#   sh {SCRIPT} apply     applies config.toml, with which the device signs in to Azure
#
# certd is asked over its socket, as its documentation does.
"""

_CHECK = """
# Nothing is done before the files are filled in.
filled_in() {{
    if grep -n '{mark}' "$@"; then
        echo 'Fill these in first.' >&2
        exit 1
    fi
}}
"""

_SET_UP = """
set_up() {{
    install -d -m 755 {folder}
    install -m 644 ca.pem {folder}/ca.pem{identity}
}}
"""

_IDENTITY = """
    install -m 644 {name}.pem {folder}/{name}.pem
    install -o aziotks -g aziotks -m 600 {name}.key {folder}/{name}.key"""

_KEYD = """
    certd=$(id -u aziotcs)
    sed "s/^uid = .*/uid = $certd/" keyd/est.toml > keyd.new
    install -o aziotks -g aziotks -m 600 keyd.new /etc/aziot/keyd/config.d/est.toml
    rm keyd.new"""

_COMMANDS = """
case ${{1-}} in
request)
    filled_in certd/est.toml
    set_up
    install -o aziotcs -g aziotcs -m 600 certd/est.toml /etc/aziot/certd/config.d/est.toml{keyd}
    aziotctl system restart
    {new_key}
    openssl req -new -utf8 -key device.key -subj "$(subject)" -out request.pem
    {{
        printf '{{"certId":"birthmark-device","csr":"'
        awk '{{ printf "%s\\\\n", $0 }}' request.pem
        printf '"}}'
    }} > request.json
    curl --silent --show-error --fail-with-body --unix-socket /run/aziot/certd.sock \\
        --header 'Content-Type: application/json' --data @request.json --output answer.json \\
        'http://localhost/certificates?api-version=2020-09-01' || {{ cat answer.json >&2; exit 1; }}
    printf '%b' "$(sed 's/.*"pem" *: *"//; s/".*//' answer.json)" > device.pem
    rm -f request.pem request.json answer.json
    openssl x509 -in device.pem -noout -subject -issuer -enddate
    openssl verify -CAfile ca.pem -untrusted device.pem device.pem
    ;;
apply)
    filled_in config.toml
    set_up
    install -o root -g root -m 600 config.toml /etc/aziot/config.toml
    aziotctl config apply
    aziotctl check
    ;;
*)
    echo "usage: sh $0 request|apply" >&2
    exit 2
    ;;
esac
"""


def azure_script(setup: ClientSetup, folder: str, mark: str) -> NamedFile:
    """The script, which puts certificates and keys into `folder` and stops where `mark` is left."""
    named = _IDENTITY.format(name=setup.identity, folder=folder) if setup.identity else ""
    return text_file(
        SCRIPT,
        _ABOUT,
        START,
        variables(setup),
        OPENSSL_SUBJECT,
        _CHECK.format(mark=mark),
        _SET_UP.format(folder=folder, identity=named),
        _COMMANDS.format(
            new_key=openssl_key(setup, "device.key"), keyd=_KEYD if setup.identity else ""
        ),
    )
