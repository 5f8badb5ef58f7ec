"""One running platform: its address, store, keys and clock, handed to everything that answers a request."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from fanstudio.sandbox.keys import ServerKeys
from fanstudio.sandbox.nonces import Nonces, ReplayGuard
from fanstudio.sandbox.store import Store
from fanstudio.sandbox.throttle import Throttle


@dataclass(frozen=True)
class Deployment:
    """Everything a request needs; `clock` gives seconds since 1970, `poll_s` paces the device grant."""

    issuer: str
    store: Store
    keys: ServerKeys
    clock: Callable[[], float] = time.time
    poll_s: int = 5
    nonces: Nonces = field(default_factory=Nonces)
    proofs: ReplayGuard = field(default_factory=ReplayGuard)
    #: In a minute: sign-ins begun and passwords tried from one address, new exports of one fan.
    beginnings: Throttle = field(default_factory=lambda: Throttle(300, 60.0))
    sign_ins: Throttle = field(default_factory=lambda: Throttle(20, 60.0))
    reservations: Throttle = field(default_factory=lambda: Throttle(120, 60.0))

    def now(self) -> int:
        """Return the platform's time in whole seconds since 1970."""
        return int(self.clock())
