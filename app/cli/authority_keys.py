"""The options that say which key an authority gets, and what tokens hold."""

from argparse import ArgumentParser, Namespace

from app.cli.actions import Actions, add_json, add_secret
from app.cli.choosing import chosen
from app.cli.output import print_rows
from app.cli.passphrases import secret
from app.core.errors import InvalidInputError
from app.core.language import _
from app.models.domain.access import Actor
from app.models.domain.authorities import KeyAlgorithm, KeyChoice, TokenAddress, TokenChoice
from app.models.services.workspace.workspace import Workspace

PIN_VARIABLE = "BIRTHMARK_PIN"


def add_key_choice(to: ArgumentParser) -> None:
    """Add the options of a key: made here, made on a token, or on one already."""
    to.add_argument(
        "--key",
        choices=[algorithm.value for algorithm in KeyAlgorithm],
        default=KeyAlgorithm.EC_P256.value,
        help=_("kind of the new key (usually ec-p256)"),
    )
    to.add_argument(
        "--token", metavar="MODULE", help=_("PKCS#11 library: have the key on a token of it")
    )
    _add_token(to)
    to.add_argument(
        "--token-key",
        type=bytes.fromhex,
        metavar="HEX",
        help=_("CKA_ID of the key on the token; without it a new one is made there"),
    )


def key_choice(options: Namespace) -> KeyChoice:
    """The key that the options of `add_key_choice` name."""
    algorithm = KeyAlgorithm(options.key)
    if options.token is None:
        return KeyChoice(algorithm)
    token = _token(options)
    return KeyChoice(algorithm, TokenChoice(token, _pin(options, token), options.token_key))


def add_token_actions(actions: Actions) -> None:
    """Add `tokens`, which lists the tokens of a module or the keys on one, and `set-pin`."""
    made = actions.add("tokens", _("List tokens or, with --token-label, the keys on one."), _tokens)
    made.add_argument("--token", required=True, metavar="MODULE", help=_("PKCS#11 library"))
    _add_token(made)
    add_json(made)
    pin = actions.add_one(
        "set-pin", _("Keep the PIN that opens the token by now."), _set_pin, unlock=True
    )
    add_secret(pin, "--pin-file", PIN_VARIABLE, _("the PIN of the token"))


def _add_token(to: ArgumentParser) -> None:
    to.add_argument("--token-label", metavar="LABEL", help=_("label of the token"))
    to.add_argument(
        "--token-serial",
        default="",
        metavar="SERIAL",
        help=_("its serial number, when several have the label"),
    )
    add_secret(to, "--pin-file", PIN_VARIABLE, _("the PIN of the token"))


def _set_pin(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    found = chosen(options.object, workspace.authorities.all(actor))
    pin = secret(options.pin_file, PIN_VARIABLE, _("PIN of the token:"))
    workspace.token_directory.set_pin(actor, found, pin)


def _token(options: Namespace) -> TokenAddress:
    if options.token_label is None:
        raise InvalidInputError(
            _("The token is not named."),
            remedy=_("Name it with --token-label; birthmark ca tokens lists them."),
            field="token",
        )
    return TokenAddress(options.token, options.token_label, options.token_serial)


def _pin(options: Namespace, token: TokenAddress) -> str:
    question = _("PIN of the token {label}:").format(label=token.token)
    return secret(options.pin_file, PIN_VARIABLE, question)


def _tokens(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    directory = workspace.token_directory
    if options.token_label is None:
        columns = ("label", "serial", "manufacturer", "model")
        print_rows(options, columns, map(vars, directory.tokens(actor, options.token)))
        return
    token = _token(options)
    found = directory.keys(actor, token, _pin(options, token))
    print_rows(
        options,
        ("id", "label", "algorithm"),
        ({"id": key.id.hex(), "label": key.label, "algorithm": key.algorithm} for key in found),
    )
