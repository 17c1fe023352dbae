"""Every decision about the generated code: which files, names, types, imports, order, and what the docstrings say.

Each planned file is a pure function of what it is given and of what it looks up in the product, and is worked out when
its view is asked for, so that one file can be planned again alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..types import Types
from .client import plan_client
from .descriptors import plan_descriptors
from .enums import plan_enums
from .errors import plan_base_errors, plan_errors
from .methods import ASYNC_REST, REST, WS_API, plan_methods
from .models import plan_models
from .package import plan_package, plan_product_package
from .params import plan_params
from .product import plan_product
from .streams import plan_streams, plan_user_data
from .views import PlannedFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ...spec.dialect.exchange import Spec
    from ..memory import Memory

__all__ = ["PlannedFile", "plan_files"]


def plan_files(
    spec: Spec, only: str | None = None, memories: Mapping[str, Memory] | None = None
) -> Iterable[PlannedFile]:
    """Plans the whole package, or with `only` what all products share and that product.

    Args:
        spec: A spec without findings.
        only: Name of a product.
        memories: Name of a product → what was planned for it before.
    """
    yield plan_package(spec)
    yield plan_base_errors()
    for product in spec.products.values():
        if only is None or product.name == only:
            yield from _plan_product(spec, Types(product, memories[product.name] if memories else None))


def _plan_product(spec: Spec, types: Types) -> Iterable[PlannedFile]:
    product = types.product
    yield plan_product_package(product)
    yield plan_product(spec, types)
    if product.enums:
        yield plan_enums(product)
    yield plan_errors(product)
    yield from plan_models(product, types)
    yield from plan_params(product, types)
    yield from plan_descriptors(product, types)
    for way in (REST, ASYNC_REST, WS_API):
        yield from plan_methods(product, types, way)
    yield from plan_streams(product, types)
    yield from plan_user_data(product, types)
    yield from plan_client(product)
