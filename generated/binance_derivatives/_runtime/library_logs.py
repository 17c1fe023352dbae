"""Keeps key material out of what libraries log: `httpx` tells whole addresses at INFO, `hpack` headers at DEBUG."""

from __future__ import annotations

import logging
import re

__all__ = ["redact_logs", "silence_header_logs"]

_SECRET_PAIRS = re.compile(r"(?i)\b((?:signature|listenkey|apikey)=)[^&\s\"']+")


def redact_logs(library: str) -> None:
    """Takes signatures and keys out of the addresses that an HTTP library logs from now on."""
    logging.getLogger(library).addFilter(_without_secrets)


def silence_header_logs() -> None:
    """Drops what the HTTP/2 header codec logs from now on: the API key stands in each of its records."""
    for name in ("hpack.hpack", "hpack.table"):
        logging.getLogger(name).addFilter(_is_warning)


def _without_secrets(record: logging.LogRecord) -> bool:
    text = record.getMessage()
    quiet = _SECRET_PAIRS.sub(r"\1***", text)
    if quiet != text:
        record.msg, record.args = quiet, ()
    return True


def _is_warning(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.WARNING
