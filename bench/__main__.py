"""`make bench`: measures, prints one table, writes one JSON file. See README.md in this folder."""

from __future__ import annotations

import argparse
import json
import os
import platform
from datetime import UTC, datetime
from pathlib import Path

from bench.stack import Stack, prepare


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the requests: to see that it runs")
    parser.add_argument("--json", type=Path, default=Path("bench/results.json"), help="where the figures go")
    names = "latency, throughput, routing, leases, inflight, health, longpolls, pages"
    parser.add_argument("--only", help=f"one of {names}")
    options = parser.parse_args()
    scale = 0.1 if options.quick else 1.0
    prepare()
    # These bring Django's models, so they come after the settings.
    from bench import health, inflight, latency, leases, longpolls, pages, people, routing, throughput

    measurements = (latency, throughput, routing, leases, inflight, health, longpolls, pages)
    chosen = [each for each in measurements if options.only in (None, each.__name__.rpartition(".")[2])]
    rows: list[dict[str, object]] = []
    with Stack() as stack:
        people.add_keys()
        for measure in (each.measure for each in chosen):
            for row in measure(stack, scale):
                rows.append(row)
                show(row)
    about = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "quick": options.quick,
    }
    options.json.write_text(json.dumps({"about": about, "rows": rows}, indent=2) + "\n")
    print(f"Written to {options.json}.")


def show(row: dict[str, object]) -> None:
    name, *rest = row.items()
    print(f"{name[1]:<28} " + "   ".join(f"{key} {value}" for key, value in rest), flush=True)


main()
