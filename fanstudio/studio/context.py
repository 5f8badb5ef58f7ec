"""What every operation needs to know: the settings, the jobs, and the platform it talks to."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path

from fanstudio.errors import Cancelled
from fanstudio.files import make_folder, write_whole
from fanstudio.jobs import JobRunner, Work
from fanstudio.paths import data_dir
from fanstudio.platform.client import Platform
from fanstudio.settings import Settings
from fanstudio.settings import load as load_settings
from fanstudio.studio.embedded_platform import EmbeddedPlatform, ensure_running


@dataclass(frozen=True)
class Connection:
    """The platform in use, and the embedded one behind it if it is that."""

    platform: Platform
    embedded: EmbeddedPlatform | None

    @property
    def label(self) -> str:
        """Return what to call the platform in front of a person."""
        if self.embedded is None:
            return self.platform.issuer
        return "embedded demo platform: proves nothing elsewhere"


class Studio:
    """One running fanstudio: its settings, its background jobs and its connection to a platform."""

    def __init__(self, settings: Settings | None = None, *, platform_url: str | None = None) -> None:
        """Load the settings; `platform_url` overrides the one that is set. Nothing is started yet."""
        self.settings = settings or load_settings()
        self.jobs = JobRunner()
        self._platform_url = platform_url
        self._connection: Connection | None = None
        self._lock = threading.Lock()
        self._closed = False

    @property
    def platform_url(self) -> str:
        """Return the address of the platform in use; empty for the embedded one."""
        return self._platform_url or self.settings.text("platform_url")

    def connect(self, work: Work) -> Connection:
        """Return the connection to the platform; the embedded one is started where none is set.

        Raises:
            NetworkError: the embedded platform did not start.
            SettingsError: the address is none.
            Cancelled: the studio was closed meanwhile.

        """
        with self._lock:
            if self._closed:
                raise Cancelled()
            if self._connection is None or self._address_changed(self._connection):
                self._disconnect()
                self._connection = self._open(work)
            return self._connection

    def close(self) -> None:
        """End the jobs and let go of the platform."""
        self.jobs.shutdown()
        with self._lock:
            self._closed = True
            self._disconnect()

    def _address_changed(self, connection: Connection) -> bool:
        known = "" if connection.embedded else connection.platform.issuer
        return known != self.platform_url.rstrip("/")

    def _open(self, work: Work) -> Connection:
        if self.platform_url:
            return Connection(Platform(self.platform_url), None)
        embedded = ensure_running(work)
        connection = Connection(Platform(embedded.url), embedded)
        try:
            anchor = connection.platform.certificates().anchor_pem
            write_whole(anchors_dir() / "embedded.pem", anchor.encode())
        except BaseException:
            connection.platform.close()
            embedded.lease.release()
            raise
        return connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.platform.close()
            if self._connection.embedded is not None:
                self._connection.embedded.lease.release()
            self._connection = None


def anchors_dir() -> Path:
    """Return the folder of this machine's own trust anchors; the shipped list holds real platforms only."""
    folder = data_dir() / "anchors"
    make_folder(folder, private=True)
    return folder
