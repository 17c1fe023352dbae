"""`python -m specwright.spec FOLDER`: prints what is wrong with a spec; exit code 1 if there is an error."""

from __future__ import annotations

import sys
from pathlib import Path

from .reading import load_spec


def main(arguments: list[str]) -> int:
    """Checks the folder that the only argument names (without one: `spec`)."""
    result = load_spec(Path(arguments[0] if arguments else "spec"))
    for finding in result.findings:
        print(finding)
    return 0 if result.spec is not None else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
