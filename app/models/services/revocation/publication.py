"""Which addresses of CRL, OCSP responder and issuer go into a certificate."""

from sqlalchemy import Connection, bindparam, func, select

from app.config.settings import SettingsFile
from app.models.db.tables import authority, certificate
from app.models.domain.certificates import CertificateStatus
from app.models.domain.publication import RevocationUrls, urls_below

# Made once: building a statement costs as much as running it.
_SIZE = select(authority.c.crl_partition_size).where(authority.c.id == bindparam("authority_id"))
_OF_AUTHORITY = (
    certificate.c.authority_id == bindparam("authority_id"),
    certificate.c.status.in_([status.value for status in CertificateStatus]),  # as the index has it
)
_NEWEST_PARTITION = select(func.max(certificate.c.crl_partition)).where(*_OF_AUTHORITY)
_IN_PARTITION = select(func.count()).where(
    *_OF_AUTHORITY, certificate.c.crl_partition == bindparam("partition")
)


class Publication:
    """The addresses below the setting `publication_url`. Safe to share by threads."""

    def __init__(self, settings: SettingsFile) -> None:
        self._settings = settings

    def urls(self, connection: Connection, authority_id: int) -> RevocationUrls:
        """The addresses for the next certificate of an authority; none without the setting.

        An authority with a CRL partition size begins another partition once one is full. What
        names no CRL is always of the first.
        """
        base = self._settings.current.publication_url
        partition = self._partition(connection, authority_id) if base else 0
        return urls_below(base, authority_id, partition)

    def urls_for_authority(self, issuer_id: int) -> RevocationUrls:
        """The addresses for an authority below this one; none without the setting.

        Authorities are few: they are always of the first partition.
        """
        return urls_below(self._settings.current.publication_url, issuer_id)

    def _partition(self, connection: Connection, authority_id: int) -> int:
        of_authority = {"authority_id": authority_id}
        size = connection.execute(_SIZE, of_authority).scalar()
        if size is None:
            return 0
        newest: int = connection.execute(_NEWEST_PARTITION, of_authority).scalar() or 0
        count = connection.execute(_IN_PARTITION, of_authority | {"partition": newest}).scalar_one()
        return newest + 1 if count >= size else newest
