"""Who is at the other end: an anonymous address in a signed cookie, or in a signed token where cookies are blocked.

Forms carry a one-time token as well: pressed twice it does nothing twice, and nobody else's page can send it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from itsdangerous import BadSignature, TimestampSigner

BOT = "web"  # how accounts of anonymous visitors are named
COOKIE = "motcua"
FORM_LIFETIME = dt.timedelta(days=7)
_NOBODY = "-"


@dataclass(frozen=True)
class Visitor:
    """`address` is empty until the first message. `framed`: the page stands inside another site's, so `token` does the cookie's work."""

    address: str = ""
    framed: bool = False
    token: str = ""


@dataclass(frozen=True)
class Once:
    """A form's token that was checked: `nonce` is different on every page drawn, `address` whom the page was drawn for."""

    nonce: str
    address: str


class Sessions:
    """Reads and writes the tokens. `keep`: how long an address is remembered after its last message."""

    def __init__(self, key: str, keep: dt.timedelta) -> None:
        self._key = key
        self.keep = keep
        self._cookie, self._frame, self._form = (_signer(key, salt) for salt in ("webchat.cookie", "webchat.frame", "webchat.form"))

    def read(self, cookies: Mapping[str, str], token: str, *, framed: bool) -> Visitor:
        """The visitor; one without an address when there is no token, or it was forged or is too old."""
        if framed:
            address = self._open(self._frame, token, self.keep)
            return Visitor(address, framed=True, token=token if address else "")
        return Visitor(self._open(self._cookie, cookies.get(COOKIE, ""), self.keep))

    def cookie(self, visitor: Visitor) -> str:
        return self._cookie.sign(visitor.address).decode()

    def begin(self, once: Once, *, framed: bool) -> Visitor:
        """A new visitor. The address is made from the form's secret nonce, so that a doubled first message is one visitor."""
        digest = hmac.new(self._key.encode(), f"address:{once.nonce}".encode(), hashlib.sha256).hexdigest()
        return self.framed(digest) if framed else Visitor(digest)

    def framed(self, address: str) -> Visitor:
        return Visitor(address, framed=True, token=self._frame.sign(address).decode())

    def form(self, visitor: Visitor) -> str:
        """A token for the forms of one page."""
        return self._form.sign(f"{secrets.token_urlsafe(16)}~{visitor.address or _NOBODY}").decode()

    def once(self, token: str, visitor: Visitor) -> Once | None:
        """The form's token, if it was drawn for this visitor not too long ago."""
        nonce, _, address = self._open(self._form, token, FORM_LIFETIME).partition("~")
        if not nonce:
            return None
        made = Once(nonce, "" if address == _NOBODY else address)
        began_here = not made.address and self.begin(made, framed=False).address == visitor.address
        return made if made.address == visitor.address or began_here else None

    def _open(self, signer: TimestampSigner, token: str, lifetime: dt.timedelta) -> str:
        try:
            return signer.unsign(token, max_age=int(lifetime.total_seconds())).decode()
        except (BadSignature, UnicodeDecodeError):
            return ""


def _signer(key: str, salt: str) -> TimestampSigner:
    return TimestampSigner(key, salt=salt, key_derivation="hmac", digest_method=hashlib.sha256)
