"""The fan's account as the faces show it: signed in or not, as whom, where, and with what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fanstudio.errors import AccountError, Cancelled, FanstudioError, SignInRequired
from fanstudio.jobs import Work
from fanstudio.platform.client import Profile
from fanstudio.platform.contract import ADDON
from fanstudio.platform.signin import DevicePrompt
from fanstudio.studio.context import Connection, Studio


@dataclass(frozen=True, slots=True)
class AccountStatus:
    """What to show of the account; `notice` is a line that the fan should read, or nothing."""

    signed_in: bool
    platform: str
    embedded: bool
    name: str = ""
    plan: str = ""
    addons: tuple[str, ...] = ()
    territory: str = ""
    storage: str = ""
    notice: str = ""

    @property
    def may_export(self) -> bool:
        """Tell whether the plan and the add-on allow exports."""
        return self.plan == "premium" and ADDON in self.addons


def account_status(work: Work, studio: Studio) -> AccountStatus:
    """Return the state of the account; a platform that is away is said in `notice`, not raised.

    Raises:
        Cancelled: the work was cancelled.

    """
    try:
        connection = studio.connect(work)
    except Cancelled:
        raise
    except FanstudioError as error:
        return AccountStatus(False, studio.platform_url, False, notice=error.message)
    if not connection.platform.account.signed_in:
        return _status(connection, None)
    try:
        return _status(connection, connection.platform.me())
    except SignInRequired:
        return _status(connection, None)
    except FanstudioError as error:
        return _status(connection, None, notice=error.message)


def sign_in(work: Work, studio: Studio, open_browser: Callable[[str], object]) -> AccountStatus:
    """Sign in by the system's browser.

    Raises:
        AccountError: refused, or nobody came back from the browser.
        NetworkError: the platform cannot be reached.
        Cancelled: the work was cancelled.

    """
    connection = studio.connect(work)
    connection.platform.account.sign_in(work, open_browser=open_browser)
    return _status(connection, connection.platform.me())


def sign_in_by_code(work: Work, studio: Studio, show: Callable[[DevicePrompt], object]) -> AccountStatus:
    """Sign in with a code that is entered in any browser; errors as `sign_in`."""
    connection = studio.connect(work)
    connection.platform.account.sign_in_by_device(work, show)
    return _status(connection, connection.platform.me())


def sign_in_demo(work: Work, studio: Studio) -> AccountStatus:
    """Sign in as the embedded platform's demo fan: by code, approved with the operator's secret.

    Raises:
        AccountError: another platform is in use, where nobody here is the operator.

    """
    connection = studio.connect(work)
    embedded = connection.embedded
    if embedded is None:
        raise AccountError("The demo fan exists on the embedded demo platform only.", hint="Sign in.")
    platform = connection.platform
    platform.account.sign_in_by_device(work, lambda prompt: embedded.approve(platform.http, prompt))
    return _status(connection, platform.me())


def sign_out(work: Work, studio: Studio) -> AccountStatus:
    """Sign out here and, where it can be reached, at the platform."""
    connection = studio.connect(work)
    connection.platform.account.sign_out()
    return _status(connection, None)


def ensure_signed_in(work: Work, studio: Studio) -> Connection:
    """Return the connection, signed in; on the embedded platform its demo fan is signed in if nobody is.

    Raises:
        SignInRequired: another platform is in use and nobody is signed in.

    """
    connection = studio.connect(work)
    if not connection.platform.account.signed_in:
        if connection.embedded is None:
            raise SignInRequired("You are not signed in.", hint="Run: fanstudio account sign-in")
        sign_in_demo(work, studio)
    return connection


def _status(connection: Connection, profile: Profile | None, *, notice: str = "") -> AccountStatus:
    kept = connection.platform.account.status()
    return AccountStatus(
        signed_in=kept.signed_in,
        platform=connection.label,
        embedded=connection.embedded is not None,
        name=profile.name if profile else "",
        plan=profile.plan if profile else "",
        addons=profile.addons if profile else (),
        territory=profile.territory if profile else "",
        storage=kept.storage,
        notice=notice or (kept.notice if kept.signed_in else ""),
    )
