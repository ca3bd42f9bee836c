"""Names of types that the loop versions share."""

from typing import Any

from numpy.typing import NDArray

Array = NDArray[Any]
Index = tuple[int, ...]
