"""What fanstudio uses of c2pa-python."""

import enum
from collections.abc import Callable
from types import TracebackType
from typing import Any, ClassVar, Self

class C2paError(Exception):
    ManifestNotFound: ClassVar[type[C2paError]]

class C2paSigningAlg(enum.IntEnum):
    ES256 = 0

class _Resource:
    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
    def close(self) -> None: ...

class Settings(_Resource):
    @classmethod
    def from_dict(cls, config: dict[str, Any]) -> Settings: ...

class Context(_Resource):
    def __init__(self, settings: Settings) -> None: ...

class Signer(_Resource):
    @classmethod
    def from_callback(
        cls, callback: Callable[[bytes], bytes], alg: C2paSigningAlg, certs: str, tsa_url: str | None = None
    ) -> Signer: ...

class Builder(_Resource):
    def __init__(self, manifest_json: str, context: Context) -> None: ...
    def sign(self, signer: Signer, media_type: str, source: Any, dest: Any, /) -> bytes: ...

class Reader(_Resource):
    def __init__(self, media_type: str, stream: Any, /, *, context: Context) -> None: ...
    def json(self) -> str: ...
    def get_validation_state(self) -> str | None: ...
