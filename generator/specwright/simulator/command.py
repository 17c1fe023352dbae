"""The command `specwright simulate`."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from pathlib import Path  # noqa: TC003 - typer reads the annotations when it runs.
from typing import Annotated

import typer


def simulate(
    spec: Annotated[Path | None, typer.Option(help="Spec folder; by default the one that comes along.")] = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port_rest: Annotated[int, typer.Option(help="Port of the REST server; 0 takes a free one.")] = 0,
    port_ws_api: Annotated[int, typer.Option(help="Port of the WebSocket API.")] = 0,
    port_streams: Annotated[int, typer.Option(help="Port of the stream server.")] = 0,
    seed: Annotated[int, typer.Option(help="What prices are drawn from.")] = 1,
    symbol: Annotated[list[str] | None, typer.Option(help="A contract to trade; may be repeated.")] = None,
) -> None:
    """Serves an embedded exchange until Ctrl-C, and prints where it is and which keys it takes."""
    from .bundled import read_spec
    from .server import Simulator

    try:
        exchange = Simulator(
            None if spec is None else read_spec(spec),
            seed=seed,
            symbols=symbol or None,
            host=host,
            rest_port=port_rest,
            ws_api_port=port_ws_api,
            stream_port=port_streams,
        )
        exchange.start()
    except (OSError, ValueError) as error:
        # A spec with mistakes, a port that is taken: the text says what to do, and a trace would hide it.
        typer.echo(error, err=True)
        raise typer.Exit(1) from None
    with ExitStack() as stack:
        stack.callback(exchange.stop)
        typer.echo(f"REST           {exchange.rest_url}")
        typer.echo(f"WebSocket API  {exchange.ws_api_url}")
        typer.echo(f"Streams        {exchange.stream_url}")
        typer.echo(f"API key        {exchange.api_key}")
        typer.echo(f"API secret     {exchange.api_secret}")
        typer.echo("Ctrl-C ends it.")
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            typer.echo("Ended.")
