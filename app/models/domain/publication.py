"""Where certificates say that their CRL, their OCSP responder and their issuer are found."""

from dataclasses import dataclass


@dataclass(frozen=True)
class RevocationUrls:
    """The addresses for one certificate (RFC 5280 sections 4.2.1.13 and 4.2.2.1).

    `partition` is the part of the authority's CRL that would name the certificate; it is known
    even when nothing is published.
    """

    crl: tuple[str, ...] = ()
    ocsp: tuple[str, ...] = ()
    ca_issuers: tuple[str, ...] = ()
    partition: int = 0


def crl_path(authority_id: int, partition: int) -> str:
    """The path of a CRL below the base address.

    That of part 0 is the path of an authority with one CRL, so that certificates keep theirs
    when an authority begins to have parts.
    """
    suffix = f"-{partition}" if partition else ""
    return f"crl/{authority_id}{suffix}.crl"


def urls_below(base: str, authority_id: int, partition: int = 0) -> RevocationUrls:
    """The addresses below `base`; none when it is empty."""
    if not base:
        return RevocationUrls(partition=partition)
    root = base.rstrip("/")
    return RevocationUrls(
        crl=(f"{root}/{crl_path(authority_id, partition)}",),
        ocsp=(f"{root}/ocsp",),
        ca_issuers=(f"{root}/ca/{authority_id}.cer",),
        partition=partition,
    )
