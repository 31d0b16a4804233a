"""New authorities with keys of their own: roots, those below them, and those that follow one."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, update

from app.core.errors import ConflictError, InvalidInputError
from app.core.language import _
from app.models.db.tables import cross_certificate, template
from app.models.domain.access import EVERYWHERE, Actor, Operation, Sharing, require
from app.models.domain.authorities import Authority, KeyChoice
from app.models.domain.events import EntityChanged
from app.models.domain.issuing import NO_URLS
from app.models.domain.publication import RevocationUrls
from app.models.services.authorities.authorities import Authorities, managed_row
from app.models.services.authorities.keys import NewKey, kept_columns, made_key
from app.models.services.authorities.lineage import newest
from app.models.services.authorities.records import add_authority, check_beforehand, check_end
from app.models.services.authorities.sharing import check_offer
from app.models.services.revocation.publication import Publication
from app.models.services.sharing import scope_of, sharing_of
from app.models.services.store import Change, Store
from app.pki.certificates import (
    NEVER,
    CertificateContents,
    CertificateInfo,
    KeyUsage,
    build,
    build_root,
    new_serial,
    read_certificate,
)
from app.pki.names import Subject

MAX_PATH_LENGTH = 5

# So that what a young authority issues can be backdated for devices with a slow clock.
_BACKDATED = timedelta(days=1)


class AuthorityMaking:
    """Makes authorities. Keys are made before the database is locked: tokens take their time.

    Each says where its issuer publishes revocation; a root does not, as nobody could revoke it.
    """

    def __init__(self, store: Store, authorities: Authorities, publication: Publication) -> None:
        self._store = store
        self._authorities = authorities
        self._publication = publication

    def create_root(
        self,
        actor: Actor,
        name: str,
        subject: Subject,
        key: KeyChoice,
        *,
        not_after: datetime = NEVER,
        path_length: int | None = 1,
        sharing: Sharing = EVERYWHERE,
    ) -> Authority:
        """Make a self-signed authority.

        Below it may be `path_length` authorities, one under the other, None for any number.
        Raises `InvalidInputError`, `ConflictError` for a taken name, `LockedError`, and what a
        token raises.
        """
        require(actor, Operation.AUTHORITY_MANAGE, scope_of(sharing))
        _check_path_length(path_length)
        check_beforehand(self._store, actor, name, subject, sharing, not_after)
        with made_key(actor, key, name) as made, self._store.change(actor) as change:
            contents = _contents(change, subject, made, not_after, path_length)
            certificate = build_root(contents, made.signing)
            kept = kept_columns(change, self._store.vault, made)
            return add_authority(change, name, certificate, sharing, issuer_id=None, key=kept)

    def create_issuing(
        self,
        actor: Actor,
        issuer_id: int,
        name: str,
        subject: Subject,
        key: KeyChoice,
        *,
        not_after: datetime,
        path_length: int | None = 0,
        sharing: Sharing = EVERYWHERE,
    ) -> Authority:
        """Make an authority below another one; it ends no later than that one does.

        Raises as `create_root`, and `ConflictError` when the issuer is inactive or may not
        have such an authority below it.
        """
        require(actor, Operation.AUTHORITY_MANAGE, scope_of(sharing))
        _check_path_length(path_length)
        with self._store.read(actor) as connection:
            above = managed_row(connection, actor, issuer_id)
            _check_room(above, path_length)
            check_offer(above, sharing)
            self._check_can_sign(connection, issuer_id)
        check_beforehand(self._store, actor, name, subject, sharing, not_after)
        with made_key(actor, key, name) as made, self._store.change(actor) as change:
            row = managed_row(change.connection, actor, issuer_id)
            check_offer(row, sharing)
            issuer = self._authorities.issuer(change.connection, issuer_id)
            urls = self._publication.urls_for_authority(issuer_id)
            contents = _contents(change, subject, made, not_after, path_length, urls)
            certificate = build(contents, issuer.info.der, issuer.key, new_serial())
            kept = kept_columns(change, self._store.vault, made)
            return add_authority(change, name, certificate, sharing, issuer_id=issuer_id, key=kept)

    def roll_over(
        self, actor: Actor, authority_id: int, name: str, key: KeyChoice, *, not_after: datetime
    ) -> Authority:
        """Make an authority of the same subject with a new key, which takes the old one's place.

        Templates of the old one use the new one from now on. Two roots certify each other
        (RFC 4210 section 4.4), so that whoever trusts one believes the other, unless the old one
        has ended; what is below a root comes below the newest one. The old one stays active and
        its certificates good.
        Raises as `create_issuing`.
        """
        with self._store.read(actor) as connection:
            row = managed_row(connection, actor, authority_id)
            subject = read_certificate(row.certificate).subject
            if row.issuer_id is not None:
                self._check_can_sign(connection, newest(connection, row.issuer_id))
            elif not self._has_ended(connection, row.id):
                self._authorities.signer(connection, row.id)  # for the cross-certificate
        check_beforehand(self._store, actor, name, subject, sharing_of(row), not_after)
        with made_key(actor, key, name) as made, self._store.change(actor) as change:
            old_row = managed_row(change.connection, actor, authority_id)
            sharing = sharing_of(old_row)
            old = read_certificate(old_row.certificate)
            terms = change, old.subject, made, not_after, old.path_length
            issuer_id = old_row.issuer_id
            if issuer_id is None:
                certificate = build_root(_contents(*terms), made.signing)
            else:
                issuer_id = newest(change.connection, issuer_id)
                above = self._authorities.issuer(change.connection, issuer_id)
                contents = _contents(*terms, self._publication.urls_for_authority(issuer_id))
                certificate = build(contents, above.info.der, above.key, new_serial())
            kept = kept_columns(change, self._store.vault, made)
            new = add_authority(
                change,
                name,
                certificate,
                sharing,
                issuer_id=issuer_id,
                key=kept,
                predecessor_id=old_row.id,
            )
            if issuer_id is None and old.not_after > change.now:
                self._cross(change, old_row, new, made)
            self._move_templates(change, old_row, new)
        return new

    def _check_can_sign(self, connection: Connection, issuer_id: int) -> None:
        """Raise what `Authorities.issuer` raises, and `ConflictError` for one that has ended."""
        self._authorities.issuer(connection, issuer_id)
        if self._has_ended(connection, issuer_id):
            raise ConflictError(
                _("The authority above has ended."),
                remedy=_("Have another one take its place first."),
                field="issuer_id",
            )

    def _has_ended(self, connection: Connection, authority_id: int) -> bool:
        info = self._authorities.certificate_info(connection, authority_id)
        return info.not_after <= self._store.clock.now()

    def _cross(self, change: Change, old_row: Row[Any], new: Authority, made: NewKey) -> None:
        """OldWithNew and NewWithOld of RFC 4210 section 4.4."""
        old = self._authorities.signer(change.connection, old_row.id)
        fresh = read_certificate(new.certificate)
        pairs = (
            (old.info, old_row.id, fresh, new.id, made.signing),
            (fresh, new.id, old.info, old_row.id, old.key),
        )
        for subject, subject_id, issuer, issuer_id, key in pairs:
            certificate = build(_again(subject), issuer.der, key, new_serial())
            values = {
                "authority_id": subject_id,
                "issuer_id": issuer_id,
                "certificate": certificate,
            }
            change.insert(cross_certificate, values)

    @staticmethod
    def _move_templates(change: Change, old_row: Row[Any], new: Authority) -> None:
        moved = change.connection.execute(
            update(template)
            .where(template.c.authority_id == old_row.id)
            .values(authority_id=new.id)
            .returning(template.c.id, template.c.name)
        ).all()
        names = sorted(row.name for row in moved)
        change.audit(
            "authority.roll-over",
            "authority",
            old_row.id,
            old_row.name,
            after={"successor": new.name, "templates": names},
        )
        for row in moved:
            change.publish(EntityChanged("template", row.id))


def _check_path_length(path_length: int | None) -> None:
    if path_length is not None and not 0 <= path_length <= MAX_PATH_LENGTH:
        raise InvalidInputError(
            _("Below an authority are 0 to {count} others.").format(count=MAX_PATH_LENGTH),
            field="path_length",
        )


def _check_room(issuer: Row[Any], path_length: int | None) -> None:
    """Raise unless the issuer's path length leaves room (RFC 5280 section 4.2.1.9)."""
    limit = read_certificate(issuer.certificate).path_length
    if limit is None:
        return
    if limit == 0:
        raise ConflictError(
            _("{name} certifies devices only.").format(name=issuer.name),
            remedy=_("Choose an authority that may have others below it, like a root."),
            field="issuer_id",
        )
    if path_length is None or path_length >= limit:
        raise InvalidInputError(
            _("Below {name} an authority may have at most {count} others below it.").format(
                name=issuer.name, count=limit - 1
            ),
            field="path_length",
        )


def _contents(  # noqa: PLR0917  all that differs
    change: Change,
    subject: Subject,
    key: NewKey,
    not_after: datetime,
    path_length: int | None,
    urls: RevocationUrls = NO_URLS,
) -> CertificateContents:
    """A CA certificate as RFC 5280 sections 4.2.1.2, 4.2.1.3 and 4.2.1.9 ask for."""
    change.check_clock()
    check_end(change, not_after)
    return CertificateContents(
        subject=subject,
        san=(),
        public_key=key.signing.public_key,
        not_before=change.now.replace(microsecond=0) - _BACKDATED,
        not_after=not_after,
        key_usage=frozenset({KeyUsage.KEY_CERT_SIGN, KeyUsage.CRL_SIGN}),
        extended_key_usage=(),
        ca=True,
        path_length=path_length,
        crl_urls=urls.crl,
        ocsp_urls=urls.ocsp,
        ca_issuer_urls=urls.ca_issuers,
    )


def _again(info: CertificateInfo) -> CertificateContents:
    """The contents of a CA certificate, to be signed by another key."""
    return CertificateContents(
        subject=info.subject,
        san=(),
        public_key=info.public_key,
        not_before=info.not_before,
        not_after=info.not_after,
        key_usage=info.key_usage or frozenset({KeyUsage.KEY_CERT_SIGN, KeyUsage.CRL_SIGN}),
        extended_key_usage=(),
        ca=True,
        path_length=info.path_length,
    )
