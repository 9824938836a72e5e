"""`make bench`: run every measurement, or those that are named."""

from __future__ import annotations

import importlib
import pkgutil
import sys

import bench

HELPERS = {"__main__", "bare_bot"}


def main() -> None:
    names = [each.name for each in pkgutil.iter_modules(bench.__path__)]
    for name in sys.argv[1:] or sorted(set(names) - HELPERS):
        print(f"== {name}")
        importlib.import_module(f"bench.{name}").main()


if __name__ == "__main__":  # The processes that draw look at this file, too.
    main()
