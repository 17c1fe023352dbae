"""Where a client's services are: an environment's hosts, or addresses of the caller's own; never both by accident.

Who gives the address of a test exchange and forgets one of the others would trade on the real one by it. So the default
environment stands in for nothing as soon as one address is given; an environment that is named stands in for the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from attrs import frozen

from .errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .options import ClientOptions
    from .product import Product

__all__ = ["Addresses", "default_environment"]

WebSocketOption: TypeAlias = Literal["ws_api_url", "stream_url"]


@frozen
class Addresses:
    """The addresses of one client."""

    environment: str | None
    """The environment that they are taken from, as far as they were not given; None: all were given."""
    rest: str
    ws_api: str | None
    """None: there is none."""
    streams: str | None
    """None: there is none."""
    are_given: bool
    """At least one is the caller's own."""

    @classmethod
    def of(cls, product: Product, environment: str | None, options: ClientOptions) -> Addresses:
        """The addresses that a client's options lead to.

        Args:
            product: Has the environments.
            environment: The one that was named; None: none was.
            options: May have addresses of the caller's own.

        Raises:
            ConfigurationError: There is no such environment, or the address of REST is missing beside the others.
        """
        given = (options.get("rest_url"), options.get("ws_api_url"), options.get("stream_url"))
        are_given = any(given)
        if environment is None and are_given:
            if not given[0]:
                option = "ws_api_url" if given[1] else "stream_url"
                raise ConfigurationError(f"{option} is given, and no rest_url; {_remedy('rest_url')}")
            return cls(None, given[0].rstrip("/"), given[1] or None, given[2] or None, are_given)
        name = default_environment(product.environments) if environment is None else environment
        if name not in product.environments:
            raise ConfigurationError(f"environment={name!r} is none of {', '.join(product.environments)}")
        hosts = product.environments[name]
        return cls(
            name, (given[0] or hosts.rest).rstrip("/"), given[1] or hosts.ws_api, given[2] or hosts.streams, are_given
        )

    def check(self, option: WebSocketOption) -> None:
        """Refuses to go on without an address that was forgotten.

        Raises:
            ConfigurationError: Addresses were given, this one was not, and no environment was named.
        """
        address = self.ws_api if option == "ws_api_url" else self.streams
        if address is None and self.environment is None:
            raise ConfigurationError(f"rest_url is given, and no {option}; {_remedy(option)}")


def default_environment(environments: Iterable[str]) -> str:
    """The environment that is used where none is named: `production`, else the first."""
    names = list(environments)
    return "production" if "production" in names else names[0]


def _remedy(option: str) -> str:
    return f"give {option} too, or name the environment that the missing addresses are taken from"
