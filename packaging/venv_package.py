"""Print the Debian package that this Python needs for `venv`, or nothing."""

import sys
from importlib.util import find_spec

if find_spec("ensurepip") is None:
    sys.stdout.write("python{}.{}-venv\n".format(*sys.version_info[:2]))
