"""How a package is installed that only some users need."""

from __future__ import annotations

__all__ = ["how_to_install"]


def how_to_install(package: str, extra: str) -> str:
    """The command that installs a package: by an extra of the distribution that this code came with, where it has it.

    The distribution is the one that is called as the import package around this module. Code that travels in another
    one, whose extras are its own affair, names the package.
    """
    # Here, because it is slow to import, and needed only where something is missing.
    from importlib.metadata import PackageNotFoundError, metadata

    try:
        about = metadata(__name__.partition(".")[0])
    except PackageNotFoundError:
        return f"pip install {package}"
    if extra not in (about.get_all("Provides-Extra") or ()):
        return f"pip install {package}"
    return f"pip install '{about['Name']}[{extra}]'"
