"""The table of classes: kind of thing → fact → what a change of it means for code that uses the client.

Every fact that `surface` finds has its line here; a test holds the two together.

What decides is code that worked before, at run time and under a type checker. Names, types and signatures are the
client's promise: taking something from them is breaking. Bounds, patterns and rules are not: they say what the exchange
refuses, so a tighter one moves a refusal forward, and breaks no call that worked. What the client hides (paths,
weights, budgets, the spelling on the wire) is internal, and so is what only readers see.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import field, frozen

from .verdicts import (
    Judge,
    additive,
    appears,
    breaking,
    internal,
    larger,
    named,
    positions,
    received,
    sent,
    smaller,
    switch,
    unless,
    values,
    wording,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .things import Kind

__all__ = ["CLASSES", "Class"]


@frozen
class Class:
    """How changes of one kind of thing are judged."""

    added: Judge
    removed: Judge
    facts: Mapping[str, Judge] = field(factory=dict)


_TOLD: Final = {"summary": wording(), "description": wording(), "documentation": wording(), "since": wording()}
_EXAMPLES: Final = {"examples": wording("the documented example changed")}
_DEPRECATED: Final = {
    "deprecated": appears(
        added=additive("it still works, and says what to use instead"),
        gone=additive("it is not discouraged any more"),
        changed=wording(),
    )
}
_HIDDEN: Final = internal("the client does this by itself")
_COUNTED: Final = internal("calls are counted differently; nothing in code that uses them changes")

_PARAMETER: Final = Class(
    added=unless(
        "must_be_given",
        then=breaking("calls without it are wrong now"),
        otherwise=additive("calls without it stay as they are"),
    ),
    removed=breaking("calls that give it are wrong now"),
    facts={
        "name": named("argument name"),
        "wire": internal("the argument keeps its name, and is sent under another"),
        "type": sent,
        "one_of": values,
        "must_be_given": switch(on=breaking("calls without it are wrong now"), off=additive("it may be left out now")),
        "required": internal("the client makes a value where none is given"),
        "default": internal("the exchange assumes another value; the client sends none"),
        "min": smaller,
        "max": larger,
        "min_length": smaller,
        "max_length": larger,
        "min_items": smaller,
        "max_items": larger,
        "pattern": appears(
            added=additive("values that the exchange refuses are refused before they are sent"),
            gone=additive("any text is taken now"),
            changed=additive("other values are refused before they are sent"),
        ),
        "case": internal("the client writes it so by itself"),
        "generated": appears(
            added=additive("the client makes a value where none is given"),
            gone=breaking("the client makes no value any more, which lost calls are found by"),
            changed=_HIDDEN,
        ),
        "unit": wording(),
        "summary": wording(),
        "since": wording(),
        **_DEPRECATED,
    },
)

_RULE: Final = Class(
    added=unless(
        "in_mode",
        then=wording("the client documents it; the exchange checks it"),
        otherwise=additive("calls that the exchange refuses are refused before they are sent"),
    ),
    removed=unless(
        "in_mode", then=wording("the client only documented it"), otherwise=additive("more calls are sent than before")
    ),
    facts={"in_mode": wording(), "summary": wording()},
)

_FIELD: Final = Class(
    added=additive("replies say more"),
    removed=breaking("code that reads it fails"),
    facts={
        "name": named("attribute name"),
        "wire": internal("the attribute keeps its name, and is read from another key"),
        "type": received,
        "may_be_none": switch(
            on=unless(
                "deprecated",
                then=additive("its end is declared with `deprecated`; once it is missing it reads as None"),
                otherwise=breaking("it can be None, which code must expect now"),
            ),
            off=additive("it is always there now"),
        ),
        "optional": internal("whether None is possible did not change"),
        "nullable": internal("whether None is possible did not change"),
        "blank": internal("whether None is possible did not change"),
        "secret": internal("only logs and reprs show it differently"),
        "unit": wording(),
        "summary": wording(),
        "since": wording(),
        **_DEPRECATED,
    },
)

CLASSES: Final[Mapping[Kind, Class]] = {
    "spec": Class(
        added=additive("there was no spec"),
        removed=breaking("there is no spec any more"),
        facts={
            "package": breaking("the package is imported under another name"),
            "credentials": breaking("keys are looked for in other environment variables"),
            "summary": wording(),
        },
    ),
    "budget": Class(
        added=additive("costs and limits know one more name"),
        removed=breaking("costs and limits do not know this name any more"),
        facts={
            "limit": _COUNTED,
            "interval": _COUNTED,
            "scope": _COUNTED,
            "header": _HIDDEN,
            "rate_limit_type": _HIDDEN,
            "codes": _HIDDEN,
            "summary": wording(),
        },
    ),
    "product": Class(
        added=additive("a product more"),
        removed=breaking("its clients are gone"),
        facts={
            "client": breaking("the clients' classes have another name"),
            "title": wording(),
            "summary": wording(),
            "documentation": wording(),
            "api_key_header": _HIDDEN,
            "recv_window": internal("requests stay valid for another time; it can be set for a client and for a call"),
            "weight_budget": _COUNTED,
            "budgets": _COUNTED,
            "clock": _HIDDEN,
            "user_data": appears(
                added=additive("clients have `user_data`"), gone=breaking("`user_data` is gone"), changed=_HIDDEN
            ),
            "resynchronized": values,
            "order_book": appears(
                added=additive("clients keep an order book"), gone=breaking("`order_book` is gone"), changed=_HIDDEN
            ),
            "ws_session": appears(
                added=additive("connections log on"), gone=breaking("connections do not log on"), changed=_HIDDEN
            ),
            "connections": _HIDDEN,
            "glossary": wording(),
        },
    ),
    "environment": Class(
        added=additive("one more environment to choose"),
        removed=breaking("clients of this environment cannot be made any more"),
        facts={
            "rest": internal("the client knows the address"),
            "ws_api": appears(
                added=additive("the WebSocket API can be used here"),
                gone=breaking("the WebSocket API cannot be used here any more"),
                changed=internal("the client knows the address"),
            ),
            "streams": appears(
                added=additive("streams can be used here"),
                gone=breaking("streams cannot be used here any more"),
                changed=internal("the client knows the address"),
            ),
        },
    ),
    "route": Class(added=_HIDDEN, removed=_HIDDEN, facts={"path": internal("the client knows the address")}),
    "security type": Class(
        added=additive("`request` knows one more security type"),
        removed=breaking("`request` does not know this security type any more"),
        facts={"api_key": _HIDDEN, "signed": _HIDDEN, "summary": wording()},
    ),
    "group": Class(
        added=additive("an attribute more on the clients"),
        removed=breaking("the attribute of the clients is gone"),
        facts={"summary": wording()},
    ),
    "enum": Class(
        added=additive("a name to annotate with"),
        removed=breaking("the name cannot be imported any more"),
        facts={
            "name": named("name"),
            "type": breaking("its values are of another type"),
            "summary": wording(),
        },
    ),
    "value": Class(
        added=additive("one more value is known"),
        removed=unless(
            "sent",
            then=breaking("calls that send it are refused now"),
            otherwise=internal("replies may still bring it, as plain text"),
        ),
        facts={"summary": wording(), **_DEPRECATED},
    ),
    "model": Class(
        added=additive("a class more"),
        removed=breaking("the class cannot be imported any more"),
        facts={
            "name": named("class name"),
            "module": internal("`models` offers it wherever it stands"),
            "as": internal("it is named in Python however it is written on the wire"),
            "positions": internal("it is named in Python wherever it stands on the wire"),
            "summary": wording(),
            "example": wording("the documented example changed"),
        },
    ),
    "union": Class(
        added=additive("a name to annotate with"),
        removed=breaking("the name cannot be imported any more"),
        facts={
            "name": named("name"),
            "module": internal("`models` offers it wherever it stands"),
            "tag": internal("the client decides by another key"),
            "summary": wording(),
        },
    ),
    "variant": Class(
        added=additive("it was an UnknownVariant before"),
        removed=breaking("it is an UnknownVariant now"),
        facts={"model": breaking("it is read as another class")},
    ),
    "field": _FIELD,
    "input": Class(
        added=additive("a class more"),
        removed=breaking("the class cannot be imported any more"),
        facts={
            "name": named("class name"),
            "module": internal("`params` offers it wherever it stands"),
            "summary": wording(),
        },
    ),
    "operation": Class(
        added=additive("a method more"),
        removed=breaking("calls of it fail"),
        facts={
            "name": named("method name"),
            "security": internal("the client signs as it is asked to"),
            "api_key": switch(
                on=breaking("clients without keys cannot call it any more"),
                off=additive("clients without keys can call it"),
            ),
            "signed": switch(
                on=breaking("clients without a secret cannot call it any more"),
                off=breaking("it does not take `recv_window` any more"),
            ),
            "retry": internal("whether failed calls are repeated changed"),
            "pages": appears(added=additive("it has `iter`"), gone=breaking("its `iter` is gone"), changed=_HIDDEN),
            "resolve": appears(
                added=additive("lost calls can be resolved"),
                gone=breaking("lost calls cannot be resolved any more"),
                changed=_HIDDEN,
            ),
            **_TOLD,
            **_EXAMPLES,
            **_DEPRECATED,
        },
    ),
    "call": Class(
        added=additive("one more way to call it"),
        removed=breaking("calls this way fail"),
        facts={
            "method": internal("the client knows the address"),
            "path": internal("the client knows the address"),
            "weight": _COUNTED,
            "weight_assumed": wording(),
            "costs": _COUNTED,
            "response": received,
            "documentation": wording(),
            **_EXAMPLES,
        },
    ),
    "parameter": _PARAMETER,
    "rule": _RULE,
    "stream": Class(
        added=additive("a method more"),
        removed=breaking("subscriptions to it fail"),
        facts={
            "name": named("method name"),
            "group": internal("`streams` offers it wherever it stands"),
            "pattern": internal("the client knows the name on the wire"),
            "positional": positions,
            "route": internal("the client knows the address"),
            "payload": received,
            "update_speed": wording(),
            "silence": internal("another silence is taken for a stall"),
            "latest_key": internal('`on_full="latest"` tells frames apart by another field'),
            **_TOLD,
            **_EXAMPLES,
            **_DEPRECATED,
        },
    ),
    "event": Class(
        added=additive("it was an UnknownVariant before"),
        removed=breaking("it is an UnknownVariant now"),
        facts={
            "group": internal("`user_data` offers it wherever it stands"),
            "route": internal("the client knows the address"),
            "payload": received,
            **_TOLD,
            **_EXAMPLES,
            **_DEPRECATED,
        },
    ),
    "error": Class(
        added=additive("it can be caught by its name"),
        removed=breaking("the class cannot be caught any more"),
        facts={
            "name": breaking("the class has another name"),
            "code": internal("the class is raised for another code"),
            "alias": appears(
                added=additive("it can be caught by another name too"),
                gone=breaking("it cannot be caught by this name any more"),
                changed=breaking("it cannot be caught by the name before"),
            ),
            "kind": breaking("the class is caught as another kind"),
            "execution": internal("what is known of a refused call changed"),
            "summary": wording(),
        },
    ),
    "http error": Class(
        added=additive("it can be caught by its name"),
        removed=breaking("the class cannot be caught any more"),
        facts={
            "name": breaking("the class has another name"),
            "status": internal("the class is raised for another status"),
            "message": internal("the class is raised for another message"),
            "kind": breaking("the class is caught as another kind"),
            "execution": internal("what is known of a refused call changed"),
            "summary": wording(),
        },
    ),
}
