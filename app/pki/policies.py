"""Certificate policies along a path (RFC 5280 section 6.1), for who demands none itself.

Where every policy will do, the valid policy tree of the standard only matters for whether it
ends: the policies of its lowest level are all there is to keep, so that it cannot grow
(RFC 9618 section 1).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.core.errors import InvalidInputError
from app.core.language import _
from app.pki import der
from app.pki.extensions import CustomExtension
from app.pki.names import names_match
from app.pki.tbs import read_fields

_POLICIES, _MAPPINGS, _CONSTRAINTS = "2.5.29.32", "2.5.29.33", "2.5.29.36"
_INHIBIT_ANY, _ANY_POLICY = "2.5.29.54", "2.5.29.32.0"
# nothing can be wrong in a path without one of these
_DEMANDS = (der.oid(_MAPPINGS), der.oid(_CONSTRAINTS))


@dataclass(frozen=True)
class _Certificate:
    """What a certificate says about policies; the numbers count certificates below it."""

    self_issued: bool
    policies: frozenset[str]
    mappings: Mapping[str, frozenset[str]]
    require_explicit: int | None
    inhibit_mapping: int | None
    inhibit_any: int | None


@dataclass
class _State:
    """The state variables of RFC 5280 section 6.1.2; `expected` are those of each valid policy."""

    expected: Mapping[str, frozenset[str]]
    explicit_policy: int
    policy_mapping: int
    inhibit_any_policy: int

    def descend(self, certificate: _Certificate, *, last: bool) -> None:
        """Finds the policies valid for the certificate (section 6.1.3 (d) to (f))."""
        accepted = frozenset().union(*self.expected.values())
        named = certificate.policies - {_ANY_POLICY}
        valid = named if _ANY_POLICY in self.expected else named & accepted
        any_counts = self.inhibit_any_policy > 0 or (certificate.self_issued and not last)
        if _ANY_POLICY in certificate.policies and any_counts:
            valid |= accepted
        self.expected = {policy: frozenset({policy}) for policy in valid}
        if not self.explicit_policy and not valid:
            raise _no_policy()

    def prepare(self, certificate: _Certificate) -> None:
        """Applies what a CA says to what stands below it (section 6.1.4 (a), (b), (h) to (j))."""
        self._map(certificate.mappings)
        if not certificate.self_issued:
            self.explicit_policy = max(self.explicit_policy - 1, 0)
            self.policy_mapping = max(self.policy_mapping - 1, 0)
            self.inhibit_any_policy = max(self.inhibit_any_policy - 1, 0)
        self.explicit_policy = _least(self.explicit_policy, certificate.require_explicit)
        self.policy_mapping = _least(self.policy_mapping, certificate.inhibit_mapping)
        self.inhibit_any_policy = _least(self.inhibit_any_policy, certificate.inhibit_any)

    def _map(self, mappings: Mapping[str, frozenset[str]]) -> None:
        if _ANY_POLICY in mappings.keys() | frozenset().union(*mappings.values()):
            raise InvalidInputError(_("A CA maps the special policy anyPolicy to another."))
        if self.policy_mapping:
            known = mappings if _ANY_POLICY in self.expected else self.expected.keys()
            changed = {policy: mappings[policy] for policy in mappings if policy in known}
            self.expected = {**self.expected, **changed}
        else:
            left = self.expected.keys() - mappings.keys()
            self.expected = {policy: self.expected[policy] for policy in left}


def check_policies(path: Sequence[bytes]) -> None:
    """Raises InvalidInputError when a CA demands a policy that the path does not keep.

    `path` are DER certificates from below the trust anchor down to the end entity, which have
    to be readable by `read_certificate`.
    """
    if not any(demand in certificate for certificate in path for demand in _DEMANDS):
        return
    skip = len(path) + 1
    state = _State({_ANY_POLICY: frozenset({_ANY_POLICY})}, skip, skip, skip)
    *authorities, client = map(_read, path)
    for authority in authorities:
        state.descend(authority, last=False)
        state.prepare(authority)
    state.descend(client, last=True)
    # section 6.1.5 (a), (b) and (g)
    demanded = state.explicit_policy <= 1 or client.require_explicit == 0
    if demanded and not state.expected:
        raise _no_policy()


def _no_policy() -> InvalidInputError:
    return InvalidInputError(
        _("A CA demands a certificate policy, and none is valid for the whole chain.")
    )


def _least(now: int, limit: int | None) -> int:
    return now if limit is None else min(now, limit)


def _read(certificate: bytes) -> _Certificate:
    fields = read_fields(certificate)
    constraints = _constraints(fields.extensions)
    inhibit_any = fields.extensions.get(_INHIBIT_ANY)
    return _Certificate(
        self_issued=names_match(fields.issuer, fields.subject),
        policies=_policies(fields.extensions),
        mappings=_mappings(fields.extensions),
        require_explicit=constraints.get(0x80),
        inhibit_mapping=constraints.get(0x81),
        inhibit_any=None if inhibit_any is None else _count(der.parse(inhibit_any.value)),
    )


def _policies(extensions: Mapping[str, CustomExtension]) -> frozenset[str]:
    """The policies of certificatePolicies; their qualifiers are for people."""
    if _POLICIES not in extensions:
        return frozenset()
    found = []
    for information in der.parse(extensions[_POLICIES].value).sequence():
        parts = information.sequence()
        if not 1 <= len(parts) <= 2:
            raise der.malformed(_("The certificate policies are malformed."))
        found.append(der.read_oid(parts[0]))
    if not found or len(set(found)) < len(found):
        raise der.malformed(_("The certificate policies are malformed."))
    return frozenset(found)


def _mappings(extensions: Mapping[str, CustomExtension]) -> Mapping[str, frozenset[str]]:
    """The subject's policies by the issuer's policy they are equal to."""
    found: dict[str, frozenset[str]] = {}
    if _MAPPINGS not in extensions:
        return found
    for mapping in der.parse(extensions[_MAPPINGS].value).sequence():
        pair = tuple(map(der.read_oid, mapping.sequence()))
        if len(pair) != 2:
            raise der.malformed(_("The policy mappings are malformed."))
        found[pair[0]] = found.get(pair[0], frozenset()) | {pair[1]}
    return found


def _constraints(extensions: Mapping[str, CustomExtension]) -> Mapping[int, int]:
    """The numbers of policyConstraints by tag: requireExplicitPolicy, inhibitPolicyMapping."""
    if _CONSTRAINTS not in extensions:
        return {}
    parts = der.parse(extensions[_CONSTRAINTS].value).sequence()
    if [part.tag for part in parts] not in ([0x80], [0x81], [0x80, 0x81]):
        raise der.malformed(_("The policy constraints are malformed."))
    return {part.tag: _count(part, part.tag) for part in parts}


def _count(element: der.Element, tag: int = der.INTEGER) -> int:
    number = der.read_integer(element, tag)
    if number < 0:
        raise der.malformed(_("A number of certificates is negative."))
    return number
