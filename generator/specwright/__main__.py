"""The command `specwright`; it says what to install when only the client was."""

from __future__ import annotations

import sys
from importlib.util import find_spec

NEEDED = ("typer", "rich", "jinja2", "yaml")


def main() -> None:
    """Runs the command line."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        sys.exit(
            f"specwright: {', '.join(missing)} not installed; the generator is an extra: "
            "pip install 'binance-derivatives[generator]' (or [simulator] for the embedded exchange)"
        )
    from .cli import app

    app()


if __name__ == "__main__":
    main()
