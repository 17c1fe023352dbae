"""Writes the tables of README.md from what was measured last."""

from __future__ import annotations

from pathlib import Path

from .results import load, table

README = Path(__file__).parent / "README.md"
BENCHES = ("import", "rest", "decode", "streams", "generate")


def main() -> None:
    """Puts each bench's table between its marks."""
    text = README.read_text(encoding="utf-8")
    for bench in BENCHES:
        begin, end = f"<!-- {bench} -->\n", "<!-- end -->"
        before, _, rest = text.partition(begin)
        text = f"{before}{begin}\n{table(load(bench))}\n\n{end}{rest.partition(end)[2]}"
    README.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
