"""`fanstudio doctor`: what works here, what does not, and what to do."""

from __future__ import annotations

import dataclasses

import typer

from fanstudio.cli.choices import JsonOption, studio
from fanstudio.cli.performance import perform, print_json, say
from fanstudio.studio.health import examine


def doctor(context: typer.Context, json_: JsonOption = False) -> None:
    """Tell what works on this machine, what does not, and what to do about it."""
    with studio(context) as opened:
        findings = perform("Looking", lambda work: examine(work, opened))
    if json_:
        print_json([dataclasses.asdict(finding) for finding in findings])
        return
    for finding in findings:
        mark = "ok  " if finding.works else "no  "
        say(f"{mark}{finding.name:10} {finding.text}")
        if finding.advice:
            say(f"    {'':10} {finding.advice}", style="dim")
