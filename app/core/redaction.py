"""Keeps secrets out of logs and the audit log, by allow-list."""

from collections.abc import Collection, Mapping

REDACTED = "<redacted>"


def redact(values: Mapping[str, object], shown: Collection[str]) -> dict[str, object]:
    """A copy of `values` in which only the keys in `shown` keep their value.

    What nobody declared safe is replaced by `<redacted>`, so that a field added later is
    hidden until someone decides otherwise.
    """
    return {key: value if key in shown else REDACTED for key, value in values.items()}
