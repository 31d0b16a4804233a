"""`birthmark template`: what certificates may contain."""

from argparse import ArgumentParser, Namespace
from dataclasses import replace
from pathlib import Path

from app.cli.actions import Actions, Lifecycle, add_json
from app.cli.certificate_files import print_findings
from app.cli.choosing import add_owner, add_sharing, changed_sharing, chosen, every, sharing
from app.cli.files import check_free, read_file, write_file
from app.cli.output import print_fields, print_json, print_rows
from app.cli.template_json import template_from_json, template_to_json
from app.core.errors import InvalidInputError
from app.core.language import _
from app.models.domain.access import Actor
from app.models.domain.presets import template_presets
from app.models.domain.templates import Template
from app.models.services.workspace.workspace import Workspace
from app.pki.certificates import certificate_to_pem

_COLUMNS = (
    *("id", "name", "kind", "authority", "key_algorithms", "validity_days"),
    *("access", "active"),
)


def add(noun: ArgumentParser) -> None:
    """Add the actions of the noun."""
    actions = Actions(noun)
    actions.add_list(_list)
    actions.add_show(_show)
    create = actions.add("create", _("Make a template from a preset or a file."), _create)
    source = create.add_mutually_exclusive_group(required=True)
    source.add_argument(
        "--preset",
        choices=[preset.key for preset in template_presets()],
        help=_("starting point; birthmark template presets lists them"),
    )
    text = _("JSON as birthmark template show --json prints it")
    source.add_argument("--file", type=Path, metavar="FILE", help=text)
    create.add_argument("--name", metavar="NAME", help=_("its name, unless the file has it"))
    create.add_argument("--authority", metavar="ID|NAME", help=_("who issues, unless in the file"))
    add_owner(create)
    edit = actions.add_one("edit", _("Change a template."), _edit)
    edit.add_argument("--file", type=Path, metavar="FILE", help=text)
    edit.add_argument("--name", metavar="NAME", help=_("its new name"))
    edit.add_argument("--authority", metavar="ID|NAME", help=_("who issues from now on"))
    add_sharing(edit)
    actions.add_lifecycle(
        Lifecycle(
            _find,
            lambda workspace: workspace.templates.set_active,
            lambda workspace: workspace.templates.delete,
        )
    )
    presets = actions.add_plain(
        "presets", _("List starting points."), lambda options, _clock: _presets(options)
    )
    sample = actions.add_one("sample", _("Make an example certificate and check it."), _sample)
    sample.add_argument("--out", type=Path, metavar="FILE", help=_("new file for it (PEM)"))
    for made in (create, presets, sample):
        add_json(made)


def _find(options: Namespace, workspace: Workspace, actor: Actor) -> int:
    return chosen(options.object, workspace.templates.all(actor))


def _list(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    rows = every(workspace.templates.page, actor, options.search)
    print_rows(
        options,
        _COLUMNS,
        (
            vars(row)
            | {
                "kind": row.kind.value,
                "authority": row.authority_name,
                "access": row.sharing.access.value,
            }
            for row in rows
        ),
    )


def _show(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    _print(options, workspace.templates.read(actor, _find(options, workspace, actor)))


def _create(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    if options.file is not None:
        new = template_from_json(read_file(options.file))
    else:
        (preset,) = (one for one in template_presets() if one.key == options.preset)
        new = replace(preset.template, name=preset.title, description=preset.description)
    if options.file is None or options.tenant is not None or options.organization is not None:
        new = replace(new, sharing=sharing(options, workspace, actor))
    new = _adapted(options, workspace, actor, new)
    if not new.authority_id:
        raise InvalidInputError(
            _("A template needs an authority."),
            remedy=_("Name it with --authority."),
            field="authority_id",
        )
    _print(options, workspace.templates.create(actor, new))


def _edit(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    changed = workspace.templates.read(actor, _find(options, workspace, actor))
    if options.file is not None:
        changed = template_from_json(read_file(options.file), changed)
    offered = changed_sharing(options, workspace, actor, changed.sharing)
    changed = _adapted(options, workspace, actor, replace(changed, sharing=offered))
    workspace.templates.edit(actor, changed)


def _adapted(
    options: Namespace, workspace: Workspace, actor: Actor, template: Template
) -> Template:
    """The template with the name and the authority that the options give."""
    if options.name is not None:
        template = replace(template, name=options.name)
    if options.authority is not None:
        found = chosen(options.authority, workspace.authorities.all(actor))
        template = replace(template, authority_id=found)
    return template


def _presets(options: Namespace) -> int:
    columns = ("key", "title", "description", "source")
    print_rows(options, columns, map(vars, template_presets()))
    return 0


def _sample(options: Namespace, workspace: Workspace, actor: Actor) -> None:
    check_free(options.out)
    template = workspace.templates.read(actor, _find(options, workspace, actor))
    sample = workspace.template_samples.sample(actor, template)
    pem = certificate_to_pem(sample.certificate)
    if options.out is not None:
        write_file(options.out, pem)
    if options.json:
        print_json({"pem": pem.decode(), "findings": [vars(one) for one in sample.findings]})
        return
    if options.out is None:
        print(pem.decode(), end="")
    print_findings(sample.findings)


def _print(options: Namespace, template: Template) -> None:
    fields = template_to_json(template)
    if not options.json:
        rules = [f"{field.key} ({field.rule.value})" for field in template.fields]
        fields |= {"fields": rules, "sharing": template.sharing.access.value}
        fields["extensions"] = [extension.oid for extension in template.extensions]
    print_fields(options, fields)
