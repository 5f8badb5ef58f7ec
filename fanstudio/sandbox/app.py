"""The platform as one ASGI application: its routes, in the order of a fan's journey."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import Response

from fanstudio.files import make_folder
from fanstudio.platform.contract import MAX_SIGN_BODY_BYTES
from fanstudio.sandbox import authorize, catalogue, device_grant, exports, oauth, receipts, signer
from fanstudio.sandbox.accounts import require_fan
from fanstudio.sandbox.deployment import Deployment
from fanstudio.sandbox.housekeeping import forget_expired
from fanstudio.sandbox.keys import open_keys
from fanstudio.sandbox.seed import seed
from fanstudio.sandbox.store import Store
from fanstudio.sandbox.templates import style_sheet
from fanstudio.sandbox.web import Call, Endpoint, data, handlers, route

DATABASE = "platform.sqlite"
KEYS = "keys"

_FORM_BYTES = 16_384
_SMALL_BYTES = 65_536


def create_app(
    data_dir: Path,
    issuer: str,
    *,
    demo: Path | None,
    clock: Callable[[], float] = time.time,
    poll_s: int = 5,
) -> Starlette:
    """Open the platform that lives in `data_dir`, making it at its first start.

    Args:
        data_dir: the platform's folder: database, keys, operator's secret.
        issuer: its address, as clients see it, without a slash at the end.
        demo: the folder of the demo song, or None.
        clock: the time in seconds since 1970.
        poll_s: seconds between a device's polls.

    Raises:
        StorageError: the folder cannot be used.
        InputError: the demo song is not usable.

    """
    make_folder(data_dir, private=True)
    keys = open_keys(data_dir / KEYS)
    store = Store(data_dir / DATABASE)
    seed(store, demo)
    site = Deployment(issuer, store, keys, clock=clock, poll_s=poll_s)
    forget_expired(store, site.now())
    app = Starlette(
        routes=[route(site, *row) for row in _ROUTES],
        exception_handlers=handlers(),
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=[urlsplit(issuer).hostname or ""])],
    )
    app.state.site = site
    return app


def _health(site: Deployment, call: Call) -> Response:
    with site.store.read():
        return data({"status": "ok", "issuer": site.issuer, "time": site.now()})


def _me(site: Deployment, call: Call) -> Response:
    fan = require_fan(site, call).fan
    about = {"sub": fan.sub, "name": fan.name, "plan": fan.plan}
    return data({**about, "addons": list(fan.addons), "territory": fan.territory})


def _style(site: Deployment, call: Call) -> Response:
    return Response(style_sheet(), media_type="text/css", headers={"Cache-Control": "max-age=3600"})


_ROUTES: tuple[tuple[str, str, Endpoint, int], ...] = (
    ("GET", "/v1/health", _health, 0),
    ("GET", "/style.css", _style, 0),
    ("GET", "/.well-known/oauth-authorization-server", oauth.metadata, 0),
    ("GET", "/jwks", oauth.jwks, 0),
    ("GET", "/oauth/authorize", authorize.begin, 0),
    ("POST", "/oauth/sign-in", authorize.sign_in, _FORM_BYTES),
    ("POST", "/oauth/consent", authorize.consent, _FORM_BYTES),
    ("POST", "/oauth/device", device_grant.begin, _FORM_BYTES),
    ("GET", "/device", device_grant.show, 0),
    ("POST", "/device", device_grant.decide, _FORM_BYTES),
    ("POST", "/operator/device-approvals", device_grant.approve_as_operator, _FORM_BYTES),
    ("POST", "/oauth/token", oauth.token, _FORM_BYTES),
    ("POST", "/oauth/revoke", oauth.revoke, _FORM_BYTES),
    ("GET", "/v1/me", _me, 0),
    ("GET", "/v1/catalog", catalogue.show_tracks, 0),
    ("GET", "/v1/catalog/{isrc}", catalogue.show_track, 0),
    ("GET", "/v1/catalog/{isrc}/audio", catalogue.send_audio, 0),
    ("GET", "/v1/signing/certificates", signer.certificates, 0),
    ("POST", "/v1/exports", exports.reserve, 1_048_576),
    ("GET", "/v1/exports/{export_id}", exports.show, 0),
    ("DELETE", "/v1/exports/{export_id}", exports.abandon, _SMALL_BYTES),
    ("POST", "/v1/exports/{export_id}/renew", exports.renew, _SMALL_BYTES),
    ("POST", "/v1/exports/{export_id}/finalise", exports.finalise, 262_144),
    ("POST", "/v1/exports/{export_id}/sign", signer.sign_claim, MAX_SIGN_BODY_BYTES),
    ("GET", "/v1/receipts/{export_id}", receipts.show, 0),
)
