"""Arguments are checked against the spec before anything is sent, one by one and against each other."""

from __future__ import annotations

from decimal import Decimal

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from specwright.runtime.arguments import encode
from specwright.runtime.errors import InvalidParameter
from specwright.runtime.operation import Condition, Param, Rule
from specwright.runtime.rules import Breach, Check, compile_rules

from .new_order import LIMIT, ORDER_ID, ORDER_PARAMS, ORDER_RULES, operation, order, refusal


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"symbol": None}, "symbol is required"),
        ({"symbol": ""}, "symbol must not be empty"),
        ({"symbol": 5}, "symbol must be text, not int (5)"),
        ({"symbol": "\ud800"}, "symbol holds half of a surrogate pair, which no text encoding can say"),
        ({"side": "HOLD"}, "side must be one of BUY, SELL, not 'HOLD'"),
        ({"pric": 1}, "pric is no parameter of it; did you mean price?"),
        ({"price": 0.1 + 0.2}, "price is a float with rounding dust (0.30000000000000004): pass a Decimal or text"),
        ({"price": float("nan")}, "price must be a finite number, not NaN"),
        ({"price": Decimal("Infinity")}, "price must be a finite number, not Infinity"),
        ({"price": "abc"}, "price must be a decimal number, not 'abc'"),
        ({"price": "1_000"}, "price must be a decimal number, not '1_000'"),
        ({"price": "NaN"}, "price must be a decimal number, not 'NaN'"),
        ({"price": Decimal("1E+99999")}, "price is beyond every number that the exchange knows"),
        ({"price": True}, "price must be a decimal number, not a bool"),
        ({"price": [1]}, "price must be a Decimal, text or an int, not list"),
        ({"reduce_only": "true"}, "reduce_only must be True or False, not str ('true')"),
        ({"reduce_only": 1}, "reduce_only must be True or False, not int (1)"),
        ({"new_client_order_id": "my order"}, f"new_client_order_id must match {ORDER_ID}"),
        ({"good_till_date": 1.5}, "good_till_date must be an int (milliseconds since 1970), not float (1.5)"),
        ({"good_till_date": True}, "good_till_date must be an int (milliseconds since 1970), not bool (True)"),
        ({"good_till_date": -1}, "good_till_date must be at least 0"),
        ({"good_till_date": 253402300799000}, "good_till_date must be at most 253402300798999"),
    ],
)
def test_an_argument_that_breaks_a_rule_is_refused_by_name(changes: dict[str, object], said: str) -> None:
    assert refusal(*ORDER_PARAMS, rules=ORDER_RULES, **(LIMIT | changes)) == said


def test_the_error_names_operation_parameter_and_rule() -> None:
    with pytest.raises(InvalidParameter, match=r"^new_order: price or price_match is required when type is LIMIT$"):
        order(price=None)


@pytest.mark.parametrize(
    ("param", "value", "said"),
    [
        (Param(wire="l", python="limit", kind="int", one_of=(5, 10)), 7, "limit must be one of 5, 10, not 7"),
        (Param(wire="l", python="limit", kind="int", minimum=1, maximum=99), 0, "limit must be at least 1"),
        (Param(wire="l", python="limit", kind="int", minimum=1, maximum=99), 100, "limit must be at most 99"),
        (Param(wire="l", python="limit", kind="int"), "5", "limit must be an int, not str ('5')"),
        (Param(wire="r", python="rate", kind="decimal", minimum=Decimal("0.1")), "0.05", "rate must be at least 0.1"),
        (
            Param(wire="r", python="rate", kind="decimal", maximum=Decimal(10)),
            Decimal("10.1"),
            "rate must be at most 10",
        ),
        (Param(wire="r", python="rate", kind="decimal", one_of=("1", "2")), 3, "rate must be one of 1, 2, not 3"),
        (Param(wire="a", python="asset", kind="string", min_length=2), "A", "asset must have at least 2 characters"),
        (Param(wire="a", python="asset", kind="string", max_length=2), "ABC", "asset must have at most 2 characters"),
        (Param(wire="i", python="ids", kind="int", many=True, min_items=2), [1], "ids must have at least 2 items"),
        (Param(wire="i", python="ids", kind="int", many=True), [1, "2"], "ids[1] must be an int, not str ('2')"),
        (Param(wire="j", python="data", kind="json"), {1, 2}.__iter__(), "data must be a JSON value: "),
    ],
)
def test_every_limit_of_a_parameter_is_checked(param: Param, value: object, said: str) -> None:
    with pytest.raises(InvalidParameter) as caught:
        encode(*operation(param), {param.python: value})

    assert f"{caught.value.parameter} {caught.value.rule}".startswith(said)


# --- Rules between parameters -----------------------------------------------------------------------------------------

A, B, C = (Param(wire=name, python=name, kind="string") for name in "abc")
START, END = (Param(wire=name, python=name, kind="timestamp") for name in ("start_time", "end_time"))
DAY = 86_400_000


@pytest.mark.parametrize(
    ("rule", "sent", "said"),
    [
        (Rule("require", (("a",), ("b",))), {"a": "1"}, "b is required"),
        (Rule("require_any", (("a",), ("b",))), {"c": "1"}, "a or b is required"),
        (Rule("require_one", (("a",), ("b",))), {}, "a or b is required"),
        (Rule("require_one", (("a",), ("b",))), {"a": "1", "b": "1"}, "b cannot be sent together with a"),
        (Rule("exclusive", (("a",), ("b", "c"))), {"a": "1", "c": "1"}, "c cannot be sent together with a"),
        (Rule("forbid", (("a",),)), {"a": "1"}, "a cannot be sent"),
        (Rule("forbid", (("a",),), when=Condition({"b": ()})), {"a": "1", "b": "1"}, "a cannot be sent when b is sent"),
        (
            Rule("require", (("a",),), when=Condition({"b": ("X", "Y"), "c": ("Z",)})),
            {"b": "Y", "c": "Z"},
            "a is required when b is X or Y and c is Z",
        ),
        (
            Rule("require", (("a",),), when=Condition({"b": ("X",)}), unless=Condition({"c": ("Z",)})),
            {"b": "X"},
            "a is required when b is X unless c is Z",
        ),
        (
            Rule("span", (("start_time",), ("end_time",)), at_most_ms=7 * DAY),
            {"start_time": 1, "end_time": 7 * DAY + 2},
            "end_time must be at most 7 days after start_time",
        ),
        (
            Rule("span", (("start_time",), ("end_time",)), at_most_ms=DAY - 1),
            {"start_time": 0, "end_time": DAY},
            "end_time must be at most 86399999 ms after start_time",
        ),
        (
            Rule("span", (("start_time",), ("end_time",))),
            {"start_time": 2, "end_time": 1},
            "end_time must not be before start_time",
        ),
    ],
)
def test_a_broken_rule_is_said_in_the_parameters_own_names(rule: Rule, sent: dict[str, object], said: str) -> None:
    assert refusal(A, B, C, START, END, rules=(rule,), **sent) == said


@pytest.mark.parametrize(
    ("rule", "sent"),
    [
        (Rule("require", (("a",), ("b",))), {"a": "1", "b": "1"}),
        (Rule("require_any", (("a",), ("b",))), {"b": "1"}),
        (Rule("require_one", (("a",), ("b",))), {"b": "1"}),
        (Rule("exclusive", (("a",), ("b", "c"))), {"b": "1", "c": "1"}),
        (Rule("forbid", (("a",),)), {"b": "1"}),
        (Rule("require", (("a",),), when=Condition({"b": ("X",)})), {"b": "Z"}),
        (Rule("require", (("a",),), unless=Condition({"b": ("X",)})), {"b": "X"}),
        (Rule("require", (("a",),), when=Condition({"b": ("X",), "c": ("Z",)})), {"b": "X"}),
        (Rule("span", (("start_time",), ("end_time",)), at_most_ms=DAY), {"start_time": 5, "end_time": DAY + 5}),
        (Rule("span", (("start_time",), ("end_time",)), at_most_ms=DAY), {"end_time": DAY * 5}),
        # This carrier does not have the parameter, so the rule is not about it.
        (Rule("require", (("elsewhere",),)), {}),
    ],
)
def test_a_rule_that_holds_lets_the_call_go(rule: Rule, sent: dict[str, object]) -> None:
    encoded = encode(*operation(A, B, C, START, END, rules=(rule,)), sent)

    assert encoded.arguments == sent


def test_a_condition_counts_what_the_exchange_assumes() -> None:
    kind = evolve(B, default="X")
    rule = Rule("require", (("a",),), when=Condition({"b": ("X",)}))

    assert refusal(A, kind, rules=(rule,)) == "a is required when b is X"


# --- What is remembered -----------------------------------------------------------------------------------------------

FLAVOURS = st.sampled_from(["X", "Y", "Z"])
SHAPES = st.fixed_dictionaries({}, optional={"a": FLAVOURS, "b": FLAVOURS, "c": FLAVOURS, "many": st.lists(FLAVOURS)})
NAMES = st.sampled_from(["a", "b", "c", "many"])
CONDITIONS = st.none() | st.builds(
    Condition, st.dictionaries(NAMES, st.lists(FLAVOURS, max_size=2).map(tuple), min_size=1, max_size=2)
)
RULES = st.builds(
    Rule,
    st.sampled_from(["require", "require_any", "require_one", "exclusive", "forbid"]),
    st.lists(NAMES, min_size=1, max_size=3, unique=True).map(lambda names: tuple((name,) for name in names)),
    when=CONDITIONS,
    unless=CONDITIONS,
)


@given(rules=st.lists(RULES, max_size=5), calls=st.lists(SHAPES, min_size=2, max_size=6))
def test_a_call_is_judged_as_if_it_were_the_first(rules: list[Rule], calls: list[dict[str, object]]) -> None:
    params = (A, evolve(B, default="X"), C, Param(wire="many", python="many", kind="string", many=True))

    def judged(checks: tuple[Check, ...], sent: dict[str, object]) -> Breach | None:
        return next((breach for check in checks if (breach := check(sent)) is not None), None)

    kept = compile_rules(rules, params, ["c"])
    assert [judged(kept, sent) for sent in calls] == [
        judged(compile_rules(rules, params, ["c"]), sent) for sent in calls
    ]


def test_what_is_remembered_of_free_values_has_an_end() -> None:
    checks = compile_rules([Rule("require", (("a",),), when=Condition({"b": ("X",)}))], (A, B))
    for number in range(10_000):
        assert checks[0]({"b": str(number)}) is None

    assert checks[0]({"b": "X"}) == ("a", "is required when b is X")
