"""The generator: a cold start over all of USDⓈ-M, one edit under watch, ten times the spec, and its peers.

The peers get the OpenAPI document that is exported from the same spec, in the same run: REST alone, without streams,
budgets and rules, which OpenAPI has no words for. Formatting their output with other tools is switched off.
"""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from specwright.build.watch import Generation

from .bigger_spec import make
from .measuring import Contest
from .results import Result, show

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
OURS = "specwright generate"
GENERATE: tuple[str, ...] = (sys.executable, "-m", "specwright", "generate")
TIMES = (1, 2, 5, 10)
EDITED = ("Places a limit or market order.", "Places an order of either kind.")


def timed(command: Sequence[str | Path]) -> tuple[float, float]:
    """Seconds of a command by the clock, and of processor time with all that it starts."""

    def used() -> float:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    began, before = time.perf_counter(), used()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - began, used() - before


def commands(folder: Path) -> dict[str, list[str | Path]]:
    """Name of a generator → how it is started, for an output that does not exist yet."""
    document, config = folder / "openapi.json", folder / "config.yaml"
    generate: dict[str, list[str | Path]] = {
        OURS: [*GENERATE, "--spec", ROOT / "spec", "--out", folder / "ours"],
        "openapi-python-client": [
            *(BIN / "openapi-python-client", "generate", "--path", document, "--config", config),
            *("--output-path", folder / "theirs", "--overwrite"),
        ],
        "datamodel-codegen": [
            *(BIN / "datamodel-codegen", "--input", document, "--input-file-type", "openapi"),
            *("--output", folder / "models.py"),
        ],
    }
    return generate


def cold(folder: Path, rounds: int) -> list[Result]:
    """Every generator from nothing."""
    document = folder / "openapi.json"
    timed([sys.executable, "-m", "specwright", "export", "openapi", "--spec", ROOT / "spec", "--out", document])
    (folder / "config.yaml").write_text("post_hooks: []\n", encoding="utf-8")
    by_clock, by_processor = Contest(), Contest()
    for _ in range(rounds):
        for name, command in commands(folder).items():
            shutil.rmtree(folder / "ours", ignore_errors=True)
            clock, processor = timed(command)
            by_clock.add(name, clock)
            by_processor.add(name, processor)
    taken = by_clock.best(OURS)
    results = [
        Result("all of USDⓈ-M from a cold start, in seconds", f"{taken:.2f} s", "one second", "1.00 s", taken, 1.0),
        Result(
            "the same, processor time",
            f"{by_processor.best(OURS):.2f} s",
            "one second",
            "1.00 s",
            by_processor.best(OURS),
        ),
    ]
    for name in list(commands(folder))[1:]:
        ours, theirs = (f"{by_processor.best(each):.2f} s" for each in (OURS, name))
        ratio = by_processor.ratio(OURS, name)
        results.append(Result("all of USDⓈ-M, processor time", ours, f"{name}, REST alone", theirs, ratio))
    return results


def growth(folder: Path, rounds: int) -> Result:
    """Ten times the spec."""
    contest = Contest()
    specs = {times: make(ROOT / "spec", folder / f"spec_{times}", times) for times in TIMES}
    for _ in range(rounds):
        for times, spec in specs.items():
            out = folder / "grown"
            shutil.rmtree(out, ignore_errors=True)
            contest.add(str(times), timed([*GENERATE, "--spec", spec, "--out", out])[1])
    steps = ", ".join(f"{times}×: {contest.best(str(times)):.1f} s" for times in TIMES[:-1])
    most = str(TIMES[-1])
    ratio = contest.ratio(most, "1") / TIMES[-1]
    return Result(
        "10 × the spec, processor time", f"{contest.best(most):.1f} s", f"linear ({steps})", "1.00", ratio, 1.1
    )


def watched(folder: Path, rounds: int) -> Result:
    """One operation edited, until its files are written; the time from saving to being told of it comes on top."""
    spec = folder / "watched_spec"
    shutil.copytree(ROOT / "spec", spec)
    generation = Generation(spec, folder / "watched")
    generation.run()
    edited = spec / "usds_futures" / "operations" / "trade.yaml"
    contest = Contest()
    before, after = EDITED
    for _ in range(rounds):
        text = edited.read_text(encoding="utf-8")
        if before not in text:
            raise SystemExit("the sentence to edit is not in the spec any more")
        edited.write_text(text.replace(before, after), encoding="utf-8")
        before, after = after, before
        done = generation.run()
        if not done.differences:
            raise SystemExit("the edit changed nothing")
        contest.add(OURS, done.seconds)
    taken = contest.best(OURS)
    return Result("one edited operation under watch", f"{taken * 1e3:.0f} ms", "150 ms", "150 ms", taken / 0.15, 1.0)


def main(rounds: int = 5) -> None:
    """Runs the bench."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        show("generate", [*cold(folder, rounds), watched(folder, rounds * 4), growth(folder, max(2, rounds // 2))])


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
