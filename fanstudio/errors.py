"""Every error that fanstudio raises on purpose, in one tree.

FanstudioError                 one clear sentence, and what to do next
├── Cancelled                  the user (or Ctrl+C) stopped the work
├── InputError                 something handed to us is not usable
│   ├── AudioFileError         not audio, truncated, empty, not finite, too long
│   │   └── TooManyChannels    surround sound, where nobody chose to mix it down
│   ├── ProjectError           a project that cannot be opened
│   │   ├── DamagedProject
│   │   └── NewerProject
│   ├── ModelError             a model whose files, hash or shape are wrong
│   │   └── UnusableModel      a model that splits no song at all
│   ├── RecipeError            a style's recipe that cannot be read, or asks for what there is not
│   └── SettingsError          an unknown setting or a value out of range
├── EditError                  an edit that the session does not allow
├── StorageError               disk full, read-only, folder gone
├── DeviceError                sound or compute device gone or unusable
├── ChildError                 a worker process died or ran over its limits
├── NetworkError               the platform cannot be reached, or answered nonsense
├── PlatformError              the platform answered with a problem (RFC 9457)
│   ├── SignInRequired
│   ├── AddonRequired
│   ├── NotPermitted
│   ├── PermitExpired
│   ├── ClockSkew
│   ├── Throttled
│   └── Conflict
├── AccountError               sign-in failed or was refused
├── PermitError                a permit or receipt that must not be trusted
├── WatermarkError             audio that cannot carry the mark
└── CredentialsError           Content Credentials could not be written or read
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class FanstudioError(Exception):
    """An expected failure: `message` says what happened, `hint` what to do next."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        """Keep one line for the user and, if there is one, the next step."""
        super().__init__(message)
        self.message = message
        self.hint = hint


class Cancelled(FanstudioError):
    """The work was stopped on request; nothing of it remains."""

    def __init__(self, message: str = "Cancelled.", *, hint: str = "") -> None:
        """Say that the work was cancelled."""
        super().__init__(message, hint=hint)


class InputError(FanstudioError):
    """Something that was handed to fanstudio cannot be used."""


class AudioFileError(InputError):
    """A file that is not usable audio."""


class TooManyChannels(AudioFileError):
    """A file with more than two channels, which are mixed down by choice only."""


class ProjectError(InputError):
    """A project that cannot be opened."""


class DamagedProject(ProjectError):
    """A project whose files contradict themselves."""


class NewerProject(ProjectError):
    """A project written by a newer fanstudio."""


class ModelError(InputError):
    """A model whose manifest, files or outputs are wrong."""


class UnusableModel(ModelError):
    """A model that cannot be loaded, whatever the song."""


class RecipeError(InputError):
    """A style's recipe that is damaged, or asks for what this version does not have."""


class SettingsError(InputError):
    """An unknown setting, or a value that it does not take."""


class EditError(FanstudioError):
    """An edit that the session does not allow."""


class StorageError(FanstudioError):
    """The disk is full, read-only or gone."""


class DeviceError(FanstudioError):
    """A sound or compute device is missing or failed."""


class ChildError(FanstudioError):
    """A worker process died or ran over its limits."""


class NetworkError(FanstudioError):
    """The platform cannot be reached, or its answer cannot be read."""


class PlatformError(FanstudioError):
    """The platform refused: an RFC 9457 problem with its HTTP status and members."""

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        status: int = 0,
        kind: str = "",
        members: Mapping[str, Any] | None = None,
    ) -> None:
        """Keep the problem's status, type (its last path segment) and extra members."""
        super().__init__(message, hint=hint)
        self.status = status
        self.kind = kind
        self.members: Mapping[str, Any] = members or {}


class SignInRequired(PlatformError):
    """No session with the platform, or one that has ended."""


class AddonRequired(PlatformError):
    """The account lacks Premium or the remix add-on."""


class NotPermitted(PlatformError):
    """A right holder does not permit an operation; `members["denied"]` lists which."""


class PermitExpired(PlatformError):
    """The permit's fifteen minutes are over."""


class ClockSkew(PlatformError):
    """This machine's clock disagrees with the platform's."""


class Throttled(PlatformError):
    """Too many requests, or a quota is spent."""


class Conflict(PlatformError):
    """The same key or export was used for something else."""


class AccountError(FanstudioError):
    """Sign-in failed or was refused."""


class PermitError(FanstudioError):
    """A permit or receipt that must not be trusted."""


class WatermarkError(FanstudioError):
    """Audio that cannot carry the mark."""


class CredentialsError(FanstudioError):
    """Content Credentials could not be written or read."""
