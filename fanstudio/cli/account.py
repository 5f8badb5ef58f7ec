"""`fanstudio account`: sign in, sign out, status."""

from __future__ import annotations

import webbrowser
from typing import Annotated

import typer

from fanstudio.cli.choices import JsonOption, studio
from fanstudio.cli.performance import note, perform, print_json, say
from fanstudio.platform.signin import DevicePrompt
from fanstudio.studio import account
from fanstudio.studio.account import AccountStatus

app = typer.Typer(help="The account at the platform.", no_args_is_help=True, rich_markup_mode=None)


@app.command("sign-in")
def sign_in(
    context: typer.Context,
    code: Annotated[bool, typer.Option("--code", help="Show a code to enter in any browser.")] = False,
    demo: Annotated[bool, typer.Option("--demo", help="As the embedded platform's demo fan.")] = False,
) -> None:
    """Sign in with the system's browser, or with a code."""
    with studio(context) as opened:
        if demo:
            status = perform("Signing in", lambda work: account.sign_in_demo(work, opened))
        elif code:
            status = perform("Signing in", lambda work: account.sign_in_by_code(work, opened, _show))
        else:
            status = perform("Signing in", lambda work: account.sign_in(work, opened, webbrowser.open))
        _say(status)


@app.command("sign-out")
def sign_out(context: typer.Context) -> None:
    """Sign out here and at the platform; projects stay."""
    with studio(context) as opened:
        _say(perform("Signing out", lambda work: account.sign_out(work, opened)))


@app.command("status")
def status(context: typer.Context, json_: JsonOption = False) -> None:
    """Tell who is signed in, where, and with what."""
    with studio(context) as opened:
        found = perform("Asking the platform", lambda work: account.account_status(work, opened))
    if json_:
        names = ("signed_in", "platform", "embedded", "name", "plan", "addons", "territory", "storage")
        print_json({name: getattr(found, name) for name in (*names, "notice")})
    else:
        _say(found)


def _show(prompt: DevicePrompt) -> None:
    note(f"Open {prompt.verification_uri} and enter {prompt.user_code}")


def _say(found: AccountStatus) -> None:
    if found.signed_in:
        plan = " + ".join((found.plan or "no plan known", *found.addons))
        say(f"Signed in as {found.name or 'unknown'} ({plan})")
    else:
        say("Not signed in")
    say(f"Platform: {found.platform or 'none'}")
    if found.notice:
        say(found.notice)
