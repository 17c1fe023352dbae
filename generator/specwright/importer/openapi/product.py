"""What a document says of the product: hosts, security types, groups; and what of it stays open."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from ...spec.names import class_name, snake_case
from ..naming import TODO
from .document import mapping, sequence, text, words_of
from .extensions import two_languages

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..knowledge import Plain
    from .document import Document

__all__ = ["exchange_file", "product_file", "product_name", "security_types"]

_HOST = re.compile(r"https?://[^/\s{}]+(?:/[^/\s{}]+)*")
_WEIGHT_BUDGET: Final = "request_weight"


def product_name(document: Document, wanted: str | None) -> str:
    """The product's name, which is that of its folder."""
    stated = wanted or text(mapping(document.root.get("x-product")).get("name"))
    name = stated or snake_case(text(mapping(document.root.get("info")).get("title")) or "")
    return name if name.isidentifier() else "product"


def exchange_file(document: Document, package: str | None) -> dict[str, Plain]:
    """exchange.yaml."""
    stated = mapping(document.root.get("x-exchange"))
    if stated:
        return {**stated, **({"package": package} if package is not None else {})}
    info = mapping(document.root.get("info"))
    title = words_of(info.get("title")) or TODO
    name = package or snake_case(title)
    name = name if name.isidentifier() else "client"
    return {
        "package": name,
        "summary": two_languages(f"The API of {title}." if title != TODO else TODO, None),
        "credentials": {"api_key": f"{name.upper()}_API_KEY", "api_secret": f"{name.upper()}_API_SECRET"},
        "budgets": {
            _WEIGHT_BUDGET: {
                "limit": TODO,
                "interval": TODO,
                "scope": TODO,
                "summary": {"en": "Weight of requests.", "zh": "请求权重。"},
            }
        },
    }


def security_types(document: Document) -> dict[str, dict[str, Plain]]:
    """The security types: those of the product, else one for each scheme that carries a key in a header."""
    stated = mapping(mapping(document.root.get("x-product")).get("security"))
    if stated:
        return {name: mapping(content) for name, content in stated.items()}
    types: dict[str, dict[str, Plain]] = {"NONE": {"api_key": False, "signed": False}}
    for name, scheme in mapping(mapping(document.root.get("components")).get("securitySchemes")).items():
        content, _ = document.resolve(scheme, f"#/components/securitySchemes/{name}")
        if content.get("type") == "apiKey" and content.get("in") == "header":
            types[name] = {"api_key": True, "signed": False}
        else:
            form = content.get("scheme") or content.get("type")
            document.note(f"#/components/securitySchemes/{name}", f"the scheme '{form}' cannot be said")
    return types


def product_file(
    document: Document, name: str, security: dict[str, dict[str, Plain]], groups: Iterable[str]
) -> dict[str, Plain]:
    """product.yaml."""
    stated = mapping(document.root.get("x-product"))
    if stated:
        return {key: value for key, value in stated.items() if key not in ("name", "errors", "http_errors", "enums")}
    info = mapping(document.root.get("info"))
    described = words_of(info.get("description")) or words_of(info.get("title"))
    documentation = text(mapping(document.root.get("externalDocs")).get("url"))
    return {
        "product": {
            "title": words_of(info.get("title")) or TODO,
            "client": class_name(name),
            "summary": two_languages(described, info.get("x-summary-zh")) or {"en": TODO, "zh": TODO},
            "documentation": documentation.rstrip("/") if documentation is not None else TODO,
        },
        "environments": _environments(document),
        "security": dict(security),
        "api_key_header": _key_header(document),
        "recv_window": {"default": TODO, "maximum": TODO},
        "weight_budget": _WEIGHT_BUDGET,
        "budgets": [_WEIGHT_BUDGET],
        "groups": _groups(document, groups),
    }


def _environments(document: Document) -> dict[str, Plain]:
    environments: dict[str, Plain] = {}
    for index, server in enumerate(sequence(document.root.get("servers"))):
        content = mapping(server)
        url = (text(content.get("url")) or "").rstrip("/")
        if not _HOST.fullmatch(url):
            document.note(f"#/servers/{index}", f"'{url or '/'}' is not the whole address of a host")
            continue
        name = snake_case(text(content.get("x-name")) or "") or (
            "production" if not environments else f"server_{index}"
        )
        environments[name if name.isidentifier() else f"server_{index}"] = {"rest": url}
    return environments or {"production": {"rest": TODO}}


def _key_header(document: Document) -> str:
    for scheme in mapping(mapping(document.root.get("components")).get("securitySchemes")).values():
        content = mapping(scheme)
        header = text(content.get("name"))
        if content.get("type") == "apiKey" and content.get("in") == "header" and header is not None:
            return header
    return TODO


def _groups(document: Document, used: Iterable[str]) -> dict[str, Plain]:
    texts: dict[str, Plain] = {}
    for tag in sequence(document.root.get("tags")):
        content = mapping(tag)
        name = snake_case(text(content.get("name")) or "")
        said = two_languages(content.get("description"), content.get("x-summary-zh"))
        if said is not None:
            texts[name] = said
    return {group: texts.get(group, {"en": TODO, "zh": TODO}) for group in used}
