"""`python -m fanstudio` and the `fanstudio` command."""

from fanstudio.cli import main

if __name__ == "__main__":
    main()
