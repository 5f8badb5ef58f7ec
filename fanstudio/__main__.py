"""`python -m fanstudio` and the `fanstudio` command."""

import signal


def main() -> None:
    """Run the command line; Ctrl+C ends it silently until a command takes care of it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from fanstudio.cli import main as run

    run()


if __name__ == "__main__":
    main()
