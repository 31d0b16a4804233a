"""What the command line accepts."""

import argparse
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path

from app import __version__
from app.config.paths import default_workspace
from app.core.language import _


def parser(arguments: Sequence[str]) -> argparse.ArgumentParser:
    """The parser for `arguments`; `verb` is None when the window is wanted.

    What a noun like `tenant` can do is added only when the arguments name it: importing all of
    it would delay the window.
    """
    # Without abbreviations: `--passphrase` must not be taken for `--passphrase-file`.
    root = argparse.ArgumentParser(
        prog="birthmark",
        description=_("Gives every device its identity at birth."),
        allow_abbrev=False,
    )
    root.add_argument("--version", action="version", version=f"birthmark {__version__}")
    add_workspace(root, default_workspace())
    root.add_argument(
        "--quit-after-start",
        action="store_true",
        help=_("open the window and quit once it is drawn"),
    )
    verbs = root.add_subparsers(dest="verb", metavar="VERB")
    _add_init(verbs)
    _add_est(verbs)
    _add_demo(verbs)
    for noun, (module, text) in _nouns().items():
        made = verbs.add_parser(noun, help=text, description=text, allow_abbrev=False)
        if noun in arguments:
            import_module(f"app.cli.{module}").add(made)
    return root


def _nouns() -> Mapping[str, tuple[str, str]]:
    """What is managed: the module that adds its actions, and its help."""
    return {
        "tenant": ("tenants", _("Manage tenants.")),
        "org": ("organizations", _("Manage organizations.")),
        "user": ("users", _("Manage users.")),
        "app": ("applications", _("Manage API applications.")),
        "ca": ("authorities", _("Manage certification authorities.")),
        "extension": ("extensions", _("Manage custom extensions.")),
        "template": ("templates", _("Manage certificate templates.")),
        "external-ca": ("external_cas", _("Manage the CAs of manufacturers.")),
        "device-type": ("device_types", _("Manage device types.")),
        "est-server": ("est_servers", _("Manage EST servers.")),
        "setup": ("setup_files", _("Take a set-up to another workspace in a file.")),
        "certificate": ("certificates", _("Issue, export and revoke certificates.")),
        "audit": ("audit", _("Read and export the audit log, or check an exported one.")),
        "report": ("reports", _("Count what was issued, expires or was refused.")),
    }


def add_workspace(to: argparse.ArgumentParser, default: object = argparse.SUPPRESS) -> None:
    """Add the options that say which workspace, with its folder unless given."""
    to.add_argument(
        "--workspace",
        type=Path,
        default=default,
        metavar="DIR",
        help=_("folder of the workspace (usually {folder})").format(folder=default_workspace()),
    )
    to.add_argument(
        "--passphrase-file",
        type=Path,
        default=default if default is argparse.SUPPRESS else None,
        metavar="FILE",
        help=_("file whose first line is the passphrase; else BIRTHMARK_PASSPHRASE, else a prompt"),
    )


def _verb(
    verbs: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, text: str
) -> argparse.ArgumentParser:
    made = verbs.add_parser(name, help=text, description=text, allow_abbrev=False)
    add_workspace(made)  # may stand before or behind the verb
    return made


def _add_init(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    init = _verb(verbs, "init", _("Make a workspace and its first administrator."))
    init.add_argument("--admin", default="admin", metavar="NAME", help=_("name of that user"))
    init.add_argument(
        "--admin-password-file",
        type=Path,
        metavar="FILE",
        help=_(
            "file whose first line is that user's password;"
            " else BIRTHMARK_ADMIN_PASSWORD, else a prompt"
        ),
    )


def _add_est(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    est = _verb(verbs, "est", _("Serve EST without a window until told to stop."))
    est.add_argument("--host", help=_("address to listen on (usually the workspace's setting)"))
    est.add_argument(
        "--port", type=int, help=_("port (usually the workspace's setting; 0: any free)")
    )
    est.add_argument(
        "--publication-port",
        type=int,
        metavar="PORT",
        help=_("port for revocation lists and OCSP (usually the workspace's setting; 0: any free)"),
    )
    est.add_argument(
        "--workers", type=int, default=1, metavar="N", help=_("processes that share the port")
    )


def _add_demo(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    demo = verbs.add_parser(
        "demo", help=_("Provision demonstration devices, start to end."), allow_abbrev=False
    )
    where = demo.add_mutually_exclusive_group(required=True)
    where.add_argument("--out", type=Path, metavar="DIR", help=_("make everything in a new folder"))
    where.add_argument(
        "--open", action="store_true", help=_("open the window on a demonstration workspace")
    )
    demo.add_argument(
        "--serve", action="store_true", help=_("go on serving EST until told to stop")
    )
    demo.add_argument("--port", type=int, default=8443, help=_("port to serve on (0: any free)"))
