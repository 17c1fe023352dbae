"""Import and one client constructed: seconds of processor time and resident memory, each in a fresh interpreter.

Processor time, because importing waits for nothing but the processor, and another process must not count.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

from .measuring import Contest
from .results import SDK, Result, show

OURS = "binance_derivatives"
ASYNC = "AsyncUsdsFutures instead"
FIRST_CALL = "and two groups opened"
BARE = "import httpx, websockets, attrs, msgspec"
NOTHING = "interpreter alone"

SUBJECTS = {
    OURS: "from binance_derivatives import UsdsFutures\nclient = UsdsFutures(api_key='k', api_secret='s')",
    ASYNC: "from binance_derivatives import AsyncUsdsFutures\nclient = AsyncUsdsFutures(api_key='k', api_secret='s')",
    FIRST_CALL: (
        "from binance_derivatives import UsdsFutures\nclient = UsdsFutures(api_key='k', api_secret='s')\n"
        "client.trade.new_order, client.market_data.order_book"
    ),
    SDK: (
        "from binance_common.configuration import ConfigurationRestAPI\n"
        "from binance_sdk_derivatives_trading_usds_futures.derivatives_trading_usds_futures "
        "import DerivativesTradingUsdsFutures\n"
        "client = DerivativesTradingUsdsFutures(ConfigurationRestAPI(api_key='k', api_secret='s')).rest_api"
    ),
    "python-binance": "from binance.client import Client\nclient = Client('k', 's', ping=False)",
    "ccxt": "import ccxt\nclient = ccxt.binanceusdm({'apiKey': 'k', 'secret': 's'})",
    BARE: "import httpx, websockets, attrs, msgspec",
    NOTHING: "pass",
}

PROBE = """
import time
began = time.process_time()
{subject}
took = time.process_time() - began
pages = int(open("/proc/self/statm").read().split()[1])
import resource
print([took, pages * resource.getpagesize()])
"""


def probe(subject: str) -> tuple[float, float]:
    """Seconds and bytes of one fresh interpreter."""
    command = [sys.executable, "-c", PROBE.format(subject=subject)]
    # Bytecode is kept, as it is where packages are installed.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    ran = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    took, size = json.loads(ran.stdout)
    return took, size


def measure(repetitions: int) -> tuple[Contest, Contest]:
    """Times and sizes, in turns; the first turn, which may write bytecode, does not count."""
    times, sizes = Contest(), Contest()
    for number in range(repetitions + 1):
        for name, subject in SUBJECTS.items():
            took, size = probe(subject)
            if number:
                times.add(name, took)
                sizes.add(name, size)
    return times, sizes


def main(repetitions: int = 15) -> None:
    """Runs the bench."""
    times, sizes = measure(repetitions)

    def time_row(subject: str, ours: str, peer: str, target: float | None = None) -> Result:
        taken, beside = f"{times.median(ours) * 1e3:.0f} ms", f"{times.median(peer) * 1e3:.0f} ms"
        return Result(subject, taken, peer, beside, times.ratio(ours, peer), target)

    def size_row(subject: str, peer: str, target: float | None = None) -> Result:
        taken, beside = f"{sizes.median(OURS) / 2**20:.1f} MiB", f"{sizes.median(peer) / 2**20:.1f} MiB"
        return Result(subject, taken, peer, beside, sizes.ratio(OURS, peer), target)

    subject = "import, one client"
    show(
        "import",
        [
            time_row(subject, OURS, SDK, 1 / 6),
            time_row(subject, OURS, BARE, 1.3),
            time_row(subject, OURS, "python-binance"),
            time_row(subject, OURS, "ccxt"),
            time_row(f"{subject}, async", ASYNC, BARE),
            time_row(f"{subject}, {FIRST_CALL}", FIRST_CALL, SDK),
            size_row("resident memory after it", SDK, 0.5),
            size_row("resident memory after it", BARE),
            size_row("resident memory after it", NOTHING),
        ],
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
