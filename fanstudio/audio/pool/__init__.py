"""The pool: a project's audio by content hash, with renditions and peaks in the user's cache.

What cannot be derived again lies in `NAME.fanstudio/audio/<sha256><suffix>`. Uncompressed WAV at the
session's rate is read from there; other files have a rendition, planar float32 at that rate. Renditions
and peaks are rebuilt whenever the cache lacks them.
"""

from fanstudio.audio.pool.originals import StoredFile
from fanstudio.audio.pool.pool import Pool
from fanstudio.audio.pool.writer import PoolWriter, open_stem_file

__all__ = ["Pool", "PoolWriter", "StoredFile", "open_stem_file"]
