"""Single changes of the example spec, each with the class that it belongs to and what it is a change of."""

from .change import SingleChange
from .models import MODEL_CHANGES
from .operations import OPERATION_CHANGES
from .parameters import PARAMETER_CHANGES
from .product import PRODUCT_CHANGES
from .streams import STREAM_CHANGES

__all__ = ["SINGLE_CHANGES", "SingleChange"]

SINGLE_CHANGES = [*OPERATION_CHANGES, *PARAMETER_CHANGES, *MODEL_CHANGES, *STREAM_CHANGES, *PRODUCT_CHANGES]
