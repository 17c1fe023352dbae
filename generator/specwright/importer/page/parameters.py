"""The table of parameters: names, types, which must be sent, and what their descriptions say of their values."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from attrs import define, field

from .bounds import Bounds, read_bounds, read_default, read_tokens
from .document import plain

if TYPE_CHECKING:
    from ...spec.dialect.values import WireValue
    from .document import Table

__all__ = ["PageParam", "read_parameters"]

_COLUMNS: Final = {
    "name": ("name", "parameter", "param", "参数名", "名称", "参数", "字段"),
    "type": ("type", "data type", "类型", "数据类型"),
    "required": ("mandatory", "required", "是否必需", "是否必须", "必需", "必须", "是否必填", "必填"),
    "description": ("description", "notes", "comment", "remark", "描述", "说明", "备注"),
}
_YES: Final = frozenset(("yes", "y", "true", "mandatory", "required", "是", "必须", "必填"))
_NO: Final = frozenset(("no", "n", "false", "optional", "否", "非必须", "非必填", "可选"))
_NAME = re.compile(r"[A-Za-z_][\w.]*")
_LIST = re.compile(r"(?:list|array)\s*[<\[(]?\s*(\w*)", re.IGNORECASE)


@define
class PageParam:
    """A row of the table."""

    wire: str
    type: str
    """The type as the page writes it, in capitals: STRING, LONG, LIST<LONG>."""
    item_type: str | None = None
    """Only of lists: the type of their items, empty where it is not told."""
    required: bool | None = None
    """None: the page does not say it."""
    description: str = ""
    default: str | None = None
    tokens: list[WireValue] = field(factory=list)
    """Values that the description names."""
    bounds: Bounds = field(factory=Bounds)


def read_parameters(tables: list[Table]) -> list[PageParam] | None:
    """The rows of the tables that list parameters; None where there is no such table."""
    params: dict[str, PageParam] = {}
    found = False
    for table in tables:
        columns = _columns(table.rows[0]) if table.rows else {}
        if "name" not in columns or "type" not in columns:
            continue
        found = True
        for row in table.rows[1:]:
            param = _param(row, columns)
            if param is not None:
                params.setdefault(param.wire, param)
    return list(params.values()) if found else None


def _columns(header: tuple[str, ...]) -> dict[str, int]:
    columns: dict[str, int] = {}
    for index, cell in enumerate(header):
        folded = plain(cell).casefold().strip(" :：")
        for column, words in _COLUMNS.items():
            if folded in words:
                columns.setdefault(column, index)
    return columns


def _param(row: tuple[str, ...], columns: dict[str, int]) -> PageParam | None:
    def cell(column: str) -> str:
        index = columns.get(column, len(row))
        return row[index] if index < len(row) else ""

    name = _NAME.match(plain(cell("name")))
    if name is None:
        return None
    type_ = plain(cell("type")).upper()
    listed = _LIST.match(type_)
    mandatory = plain(cell("required")).casefold()
    description = cell("description")
    return PageParam(
        wire=name.group(),
        type="LIST" if listed is not None else type_,
        item_type=listed[1] if listed is not None else None,
        required=True if mandatory in _YES else False if mandatory in _NO else None,
        description=plain(description),
        default=read_default(description),
        tokens=read_tokens(description),
        bounds=read_bounds(description),
    )
