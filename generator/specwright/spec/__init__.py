"""The dialect: what a spec can say, and how it is read and checked."""

from .findings import Code, Finding
from .reading import LoadResult, SpecReader, load_spec

__all__ = ["Code", "Finding", "LoadResult", "SpecReader", "load_spec"]
