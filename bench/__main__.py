"""python -m bench: one table of costs, with ratios against the peers measured in the same run.

python -m bench             all of it, about ten minutes the first time
python -m bench --quick     small repositories only, under a minute
python -m bench --only add  the scenarios whose name holds a word
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict

from bench.fixtures import CACHE, GO_TUF
from bench.measure import Cost
from bench.scenarios import FLOOR, OURS, Costs, scenarios

_ROW = "{:<38} {:<14} {:>8} {:>8} {:>9} {:>9} {:>10}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("--quick", action="store_true", help="small repositories only")
    parser.add_argument("--only", default="", metavar="WORD", help="scenarios whose name holds it")
    chosen = parser.parse_args()
    CACHE.mkdir(parents=True, exist_ok=True)
    if not GO_TUF.exists():
        sys.stderr.write("no go-tuf here (make peers), so it is left out\n")
    print(_ROW.format("scenario", "tool", "CPU s", "wall s", "peak MiB", "requests", "CPU/ours"))
    measured = {}
    for scenario in scenarios(quick=chosen.quick):
        if chosen.only in scenario.name:
            measured[scenario.name] = costs = scenario.measure()
            _print(scenario.name, costs)
    results = {name: {tool: asdict(cost) for tool, cost in costs.items()} for name, costs in measured.items()}
    (CACHE / "results.json").write_text(json.dumps(results, indent=2) + "\n")


def _print(name: str, costs: Costs) -> None:
    ours = costs[OURS]
    for tool, cost in costs.items():
        print(_ROW.format(name, tool, *_numbers(cost), _ratio(tool, cost, ours)), flush=True)
        name = ""


def _numbers(cost: Cost) -> tuple[str, str, str, str]:
    requests = "" if cost.requests is None else str(cost.requests)
    return f"{cost.cpu_seconds:.3f}", f"{cost.wall_seconds:.3f}", f"{cost.peak_bytes / (1 << 20):.0f}", requests


def _ratio(tool: str, cost: Cost, ours: Cost) -> str:
    if tool == OURS:
        return ""
    if tool == FLOOR:
        return f"ours {ours.cpu_seconds / cost.cpu_seconds:.2f} x"
    return f"{cost.cpu_seconds / ours.cpu_seconds:.1f} x"


if __name__ == "__main__":
    main()
