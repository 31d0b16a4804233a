"""What can be done to an authority of the list."""

from collections.abc import Callable
from pathlib import Path

from app.core.language import _
from app.models.domain.access import Actor
from app.models.domain.authorities import Authority, KeyStore
from app.models.services.authorities.authorities import AuthorityRow
from app.models.services.authorities.revocation import Dependants
from app.models.services.listing import ListQuery
from app.models.services.workspace.workspace import Workspace
from app.views.authorities.choices import MANAGE
from app.views.authorities.other_forms import EditForm, RollOverForm, pin_form, save_form
from app.views.authorities.revoke_form import revoke_form
from app.views.saving import Saver
from app.views.theme.tokens import Tone
from app.views.widgets.life_cycle import LifeCycle
from app.views.widgets.list_page import ListPage
from app.views.widgets.sharing_fields import Owners, may_change, read_owners

CERTIFICATE, CHAIN, DER, CRL = "certificate", "chain", "der", "crl"


class RowActs:
    """Adds the actions to `page`, and carries them out."""

    def __init__(
        self,
        workspace: Workspace,
        actor: Actor,
        page: ListPage[AuthorityRow, ListQuery],
        saver: Saver,
    ) -> None:
        self._workspace, self._actor, self._page, self._saver = workspace, actor, page, saver
        add = page.add_row_action
        self.edit = add(_("Edit…"), "pencil", self._edit, when=self._may)
        self.test = add(_("Test signing"), "play", self._test, when=self._signs)
        self.roll_over = add(_("Roll over…"), "refresh-cw", self._roll_over, when=self._signs)
        self.pin = add(
            _("Token PIN…"),
            "key-round",
            self._set_pin,
            when=lambda row: row.key_store is KeyStore.TOKEN and self._may(row),
        )
        self.save = add(_("Save…"), "download", self._save)
        self.revoke = add(
            _("Revoke…"),
            "ban",
            self._ask_revoke,
            when=lambda row: row.issuer_id is not None and self._lasts(row),
        )
        LifeCycle(
            page,
            workspace.authorities,
            actor,
            may=self._lasts,
            deactivating=lambda _row: _(
                "Nothing is issued by it until it is activated again: devices whose templates"
                " name it cannot enrol or renew. Certificates that exist stay valid, and its"
                " revocation lists are signed as before."
            ),
            deleting=_deleting,
        )

    def _may(self, row: AuthorityRow) -> bool:
        return may_change(self._actor, MANAGE, row.sharing)

    def _lasts(self, row: AuthorityRow) -> bool:
        return row.revoked_at is None and self._may(row)

    def _signs(self, row: AuthorityRow) -> bool:
        return row.key_store is not KeyStore.ELSEWHERE and self._may(row)

    def _edit(self, row: AuthorityRow) -> None:
        workspace, actor, page = self._workspace, self._actor, self._page

        def read() -> tuple[Authority, Owners]:
            return workspace.authorities.get(actor, row.id), read_owners(workspace.tenants, actor)

        def show(found: tuple[Authority, Owners]) -> None:
            form = EditForm(workspace, actor, *found, jobs=page.jobs, parent=page)
            form.saved.connect(lambda _saved: page.renew())
            form.open()

        page.jobs.run(page, read, show, page.banner.show_error)

    def _test(self, row: AuthorityRow) -> None:
        page = self._page

        def done(milliseconds: float) -> None:
            text = _("{name} signed in {ms} ms, and the signature is good.")
            text = text.format(name=row.name, ms=f"{milliseconds:.1f}")
            page.banner.show_message(Tone.GOOD, text)

        page.jobs.run(
            page,
            lambda: self._workspace.authorities.test_sign(self._actor, row.id),
            done,
            page.banner.show_error,
        )

    def _roll_over(self, row: AuthorityRow) -> None:
        page, now = self._page, self._workspace.store.clock.now()

        def done(successor: Authority) -> None:
            text = _("{name} has taken the place of {old}.")
            page.banner.show_message(Tone.GOOD, text.format(name=successor.name, old=row.name))
            page.renew()

        form = RollOverForm(self._workspace, self._actor, row, now, jobs=page.jobs, parent=page)
        form.saved.connect(done)
        form.open()

    def _ask_revoke(self, row: AuthorityRow) -> None:
        page, revocation = self._page, self._workspace.authority_revocation

        def done(_none: object) -> None:
            text = _("{name} is revoked.").format(name=row.name)
            page.banner.show_message(Tone.GOOD, text)
            page.renew()

        def show(dependants: Dependants) -> None:
            workspace, actor = self._workspace, self._actor
            form = revoke_form(workspace, actor, row, dependants, jobs=page.jobs, parent=page)
            form.saved.connect(done)
            form.open()

        page.jobs.run(
            page,
            lambda: revocation.dependants(self._actor, row.id),
            show,
            page.banner.show_error,
        )

    def _set_pin(self, row: AuthorityRow) -> None:
        page = self._page
        form = pin_form(self._workspace, self._actor, row, page.jobs, page)
        text = _("The PIN opened the token of {name}, and is kept.").format(name=row.name)
        form.saved.connect(lambda _none: page.banner.show_message(Tone.GOOD, text))
        form.open()

    def _save(self, row: AuthorityRow) -> None:
        kinds = [
            (CERTIFICATE, _("The certificate, PEM")),
            (CHAIN, _("The certificate and those above it, PEM")),
            (DER, _("The certificate, DER")),
        ]
        if row.key_store is not KeyStore.ELSEWHERE:
            kinds.append((CRL, _("The revocation list as it is now, DER")))
        title = _("Save from {name}").format(name=row.name)
        page = self._page
        save_form(title, kinds, lambda what: self._save_as(row, what), page.jobs, page).open()

    def _save_as(self, row: AuthorityRow, what: str) -> None:
        page = self._page

        def done(path: Path) -> None:
            page.banner.show_message(Tone.GOOD, _("Saved as {path}.").format(path=path))
            page.renew()

        ending = {CERTIFICATE: ".pem", CHAIN: "-chain.pem", DER: ".cer", CRL: ".crl"}[what]
        self._saver.save(
            page,
            _("Save from {name}").format(name=row.name),
            f"{row.name}{ending}",
            self._content(row.id, what),
            done=done,
            failed=page.banner.show_error,
        )

    def _content(self, authority_id: int, what: str) -> Callable[[], bytes]:
        workspace, actor = self._workspace, self._actor
        if what == CRL:
            return lambda: workspace.crls.download(actor, authority_id)
        details = workspace.authority_details
        return {
            CERTIFICATE: lambda: details.of(actor, authority_id).certificate_pem,
            CHAIN: lambda: details.of(actor, authority_id).chain_pem,
            DER: lambda: details.of(actor, authority_id).authority.certificate,
        }[what]


def _deleting(row: AuthorityRow) -> str:
    text = _("Its private key is destroyed.")
    if row.key_store is KeyStore.TOKEN:
        text = _("Its private key stays on the token; this program forgets where it is.")
    elif row.key_store is KeyStore.ELSEWHERE:
        text = _("Its certificate completes no chains any more.")
    return " ".join(
        (text, _("It is only deleted if nothing was issued by it and nothing uses it."))
    )
