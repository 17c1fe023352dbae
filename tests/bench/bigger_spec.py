"""Makes a spec that is a number of times as large as this project's, to see how time grows."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

__all__ = ["make"]

PRODUCT = "usds_futures"


def make(spec: Path, target: Path, times: int) -> Path:
    """Writes a spec with so many products, all as large as the first one, which it has too.

    Args:
        spec: The folder of the spec to begin with.
        target: The folder to write, which must not exist.
        times: How many products.
    """
    shutil.copytree(spec, target)
    for number in range(2, times + 1):
        copy = target / f"{PRODUCT}_{number}"
        shutil.copytree(spec / PRODUCT, copy)
        product = copy / "product.yaml"
        text = product.read_text(encoding="utf-8")
        product.write_text(text.replace("client: UsdsFutures", f"client: UsdsFutures{number}"), encoding="utf-8")
    return target


if __name__ == "__main__":
    make(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
