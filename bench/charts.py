"""Charts a second with the process warm, and the first one's time, beside matplotlib."""

from __future__ import annotations

import asyncio
import io
import statistics
import subprocess
import sys
import time

from services.charts.composing import compose
from services.charts.renderer import ChartRenderer
from services.charts.spec import ChartSpec
from tests.services.charts.twenty import EXAMPLES, plotted

ROUNDS = 3
FIRST = """
import time
begun = time.perf_counter()
import io
import matplotlib
matplotlib.use("Agg")
from matplotlib import pyplot
figure, axes = pyplot.subplots(figsize=(8, 6), dpi=100)
axes.bar(["a", "b"], [1, 2])
figure.savefig(io.BytesIO(), format="png")
print(time.perf_counter() - begun)
"""


def main() -> None:
    first, warm = asyncio.run(ours())
    reference = matplotlib_warm()
    reference_first = matplotlib_first()
    print(f"  warm: {1 / warm:.1f} charts a second; matplotlib {1 / reference:.1f}")
    print(f"  warm, of matplotlib's time: {warm / reference:.2f}")
    print(f"  the first chart: {first:.2f} s; matplotlib's {reference_first:.2f} s")
    print(f"  the first, of matplotlib's time: {first / reference_first:.2f}")


async def ours() -> tuple[float, float]:
    """Seconds to the first picture, process and fonts included, and for each of the others."""
    renderer = ChartRenderer()
    begun = time.perf_counter()
    await draw(renderer, 0)
    first = time.perf_counter() - begun
    times: list[float] = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        for number in range(len(EXAMPLES)):
            await draw(renderer, number)
        times.append((time.perf_counter() - begun) / len(EXAMPLES))
    await renderer.close()
    return first, statistics.median(times)


async def draw(renderer: ChartRenderer, number: int) -> None:
    example = EXAMPLES[number]
    spec = ChartSpec.model_validate(example.spec)
    await renderer.render(compose(example.text, spec).chart)


def matplotlib_warm() -> float:
    from matplotlib import pyplot as plt

    times: list[float] = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        for example in EXAMPLES:
            figure, _ = plotted(example)
            figure.savefig(io.BytesIO(), format="png")
            plt.close(figure)
        times.append((time.perf_counter() - begun) / len(EXAMPLES))
    return statistics.median(times)


def matplotlib_first() -> float:
    """Seconds from a fresh interpreter's first import to the first picture."""
    told = subprocess.run([sys.executable, "-c", FIRST], capture_output=True, text=True, check=True)
    return float(told.stdout)
