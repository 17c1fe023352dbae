"""What the documentation calls the parts of a page, in both languages and on all its sites."""

from __future__ import annotations

import re
from typing import Final, Literal, TypeAlias

__all__ = ["Part", "inline_part", "part_of"]

Part: TypeAlias = Literal[
    "description",
    "request",
    "ws_method",
    "ws_request",
    "weight",
    "parameters",
    "response",
    "event_name",
    "stream_name",
    "route",
    "update_speed",
    "security",
    "notes",
    "other",
]

_WORDING: Final[dict[Part, tuple[str, ...]]] = {
    "description": (
        *("api description", "description", "stream description", "event description", "endpoint description"),
        *("接口描述", "描述", "数据流描述", "推送描述", "事件描述", "接口说明", "说明", "功能描述"),
    ),
    "request": ("http request", "endpoint", "rest request", "http请求", "请求地址", "接口地址"),
    "ws_method": ("method", "websocket method", "method name", "方式", "方法", "请求方式", "请求方法"),
    "ws_request": ("request", "request example", "example request", "请求", "请求示例", "请求例子"),
    "weight": (
        *("request weight", "weight", "ip weight", "weight(ip)", "weight(uid)", "request weight(ip)", "api weight"),
        *("请求权重", "权重", "权重(ip)", "接口权重", "限频权重"),
    ),
    "parameters": (
        *("request parameters", "parameters", "parameter", "params", "query parameters", "stream parameters"),
        *("请求参数", "参数", "参数列表", "入参"),
    ),
    "response": (
        *("response example", "response", "response examples", "payload", "event payload", "stream payload"),
        *("responses", "example", "example response", "sample response", "event example"),
        *("响应示例", "响应", "返回", "返回示例", "返回结果", "响应内容", "推送内容", "推送示例", "事件内容", "示例"),
    ),
    "event_name": ("event name", "event type", "事件名称", "事件名", "事件类型", "推送事件名"),
    "stream_name": (
        "stream name",
        "stream names",
        "stream",
        "数据流名称",
        "stream名称",
        "流名称",
        "推送流名称",
        "订阅流",
    ),
    "route": ("url path", "url", "路径", "url路径", "url地址"),
    "update_speed": (
        *("update speed", "update frequency", "push speed"),
        *("更新速度", "推送频率", "更新频率", "推送速度", "推送间隔", "更新间隔"),
    ),
    "security": ("security type", "security", "鉴权类型", "安全类型"),
    "notes": ("note", "notes", "notice", "remark", "remarks", "注意", "备注", "说明事项", "注意事项"),
    "other": ("data source", "response fields", "error response", "数据源", "响应字段", "数据来源"),
}

_PARTS: Final[dict[str, Part]] = {words.replace(" ", ""): part for part, listed in _WORDING.items() for words in listed}
_ENDING = re.compile(r"[\s:：.。\u200b#]+$")
_INLINE = re.compile(r"\s*([^:：`\n]{2,30}?)\s*[:：]\s*(\S.*)", re.DOTALL)


def part_of(heading: str) -> Part | None:
    """The part that a heading begins; None for the title and for what is not known."""
    return _PARTS.get(_folded(heading))


def inline_part(text: str) -> tuple[Part, str] | None:
    """The part and its content, where both stand in one paragraph: "Weight: 5"."""
    found = _INLINE.fullmatch(text)
    if found is None:
        return None
    part = part_of(found[1])
    return None if part is None else (part, found[2].strip())


def _folded(text: str) -> str:
    text = text.replace("（", "(").replace("）", ")").replace("`", "").replace("*", "")
    return re.sub(r"\s+", "", _ENDING.sub("", text)).casefold()
