"""Response headers are found in any case, and stay what they are."""

from __future__ import annotations

import pickle

import pytest

from specwright.runtime.headers import Headers

CAME = [(b"X-MBX-USED-WEIGHT-1M", b"31"), (b"Retry-After", b"7"), (b"Via", b"1.1 a"), (b"via", b"1.1 b")]


def test_a_header_is_found_in_any_case() -> None:
    headers = Headers(CAME)

    assert [headers[name] for name in ("Retry-After", "retry-after", "RETRY-AFTER")] == ["7"] * 3
    assert headers.get("x-mbx-used-weight-1m") == "31"
    assert "retry-AFTER" in headers
    assert "Date" not in headers
    assert headers.get("date") is None


def test_names_are_given_back_in_lower_case_and_repeated_ones_joined() -> None:
    assert dict(Headers(CAME)) == {"x-mbx-used-weight-1m": "31", "retry-after": "7", "via": "1.1 a, 1.1 b"}
    assert len(Headers(CAME)) == 3


def test_headers_are_equal_whatever_the_case_of_their_names() -> None:
    assert Headers(CAME[:2]) == {"X-Mbx-Used-Weight-1M": "31", "RETRY-AFTER": "7"} == Headers(Headers(CAME[:2]))
    assert hash(Headers([(b"A", b"1")])) == hash(Headers({"a": "1"}))
    assert Headers(CAME) != Headers()
    assert Headers() != []


def test_headers_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        Headers(CAME)["retry-after"] = "8"  # type: ignore[index]


def test_bytes_beyond_ascii_are_read_and_pickled() -> None:
    headers = Headers([(b"X-Said", b"caf\xe9")])

    assert repr(pickle.loads(pickle.dumps(headers))) == repr(headers) == "Headers({'x-said': 'café'})"
