"""PKCS#11 tokens for the keys of authorities: which there are, what is on them, their PINs."""

from sqlalchemy import update

from app.core.errors import ConflictError
from app.core.language import _
from app.models.db.tables import authority
from app.models.domain.access import Actor
from app.models.domain.authorities import TokenAddress, TokenInfo, TokenKey
from app.models.domain.events import EntityChanged
from app.models.services.authorities.authorities import Authorities, managed_row
from app.models.services.authorities.keys import address_of, require_tokens
from app.models.services.secrets import Purpose, destroy_secret, keep_secret
from app.models.services.store import Store
from app.pki import tokens


class TokenDirectory:
    """Looks at tokens for people who may name a module: those who manage every authority."""

    def __init__(self, store: Store, authorities: Authorities) -> None:
        self._store = store
        self._authorities = authorities

    def tokens(self, actor: Actor, module: str) -> tuple[TokenInfo, ...]:
        """The tokens that the library file `module` shows; raises as `app.pki.tokens`."""
        require_tokens(actor)
        with self._store.read(actor):
            pass  # the session is good
        return tokens.tokens_of(module)

    def keys(self, actor: Actor, token: TokenAddress, pin: str) -> tuple[TokenKey, ...]:
        """The keys on a token that can sign; raises as `app.pki.tokens`."""
        require_tokens(actor)
        with self._store.read(actor):
            pass  # the session is good
        return tokens.keys_on(token, pin)

    def set_pin(self, actor: Actor, authority_id: int, pin: str) -> None:
        """Keep the PIN that opens the authority's token by now, once it has opened it.

        Raises `ConflictError` when the key is on no token, and as `app.pki.tokens`.
        """
        with self._store.read(actor) as connection:
            row = managed_row(connection, actor, authority_id)
        address = address_of(row)
        if address is None:
            raise ConflictError(_("The key of {name} is on no token.").format(name=row.name))
        self._authorities.drop_key(authority_id)
        tokens.signing_key(address, pin).close()
        with self._store.change(actor) as change:
            row = managed_row(change.connection, actor, authority_id)
            kept = keep_secret(change, self._store.vault, Purpose.TOKEN_PIN, pin.encode())
            change.connection.execute(
                update(authority).where(authority.c.id == row.id).values(pin_secret_id=kept)
            )
            destroy_secret(change, row.pin_secret_id)
            change.audit("authority.pin", "authority", row.id, row.name)
            change.publish(EntityChanged("authority", row.id))
