"""The border of two pages: items of one millisecond, some of which were given and come again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Border"]


class Border(NamedTuple):
    """The items at one millisecond that have been given, which the next page may repeat."""

    time: int
    items: list[Any]
    unseen: int = 0
    """How many more there were in a walk that this one resumes."""

    def moved(self, time: int, given: list[Any]) -> Border:
        """The border at a later time (or the same, with more items)."""
        return Border(time, self.items + given, self.unseen) if time == self.time else Border(time, given)

    def without(
        self,
        page: list[Any],
        time_of: Callable[[Any], int],
        key_of: Callable[[Any], object],
        *,
        from_end: bool,
    ) -> list[Any]:
        """A page without those items at the border that were given.

        They are found by their keys. Where they are not all found (an item changed meanwhile, or an earlier walk gave
        them), as many are dropped from the border as were given.

        Args:
            page: Items, oldest first.
            time_of: The time of an item.
            key_of: What tells one item from another.
            from_end: Those given are the last at the border, not the first.
        """
        places = [place for place, item in enumerate(page) if time_of(item) == self.time]
        known = [key_of(item) for item in self.items]
        count = len(known) + self.unseen
        dropped = set()
        for place in places:
            if key_of(page[place]) in known:
                known.remove(key_of(page[place]))
                dropped.add(place)
        if len(dropped) < count:
            dropped = set(places[-count:] if from_end else places[:count])
        return [item for place, item in enumerate(page) if place not in dropped]
