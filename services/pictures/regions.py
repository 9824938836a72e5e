"""Which pixels of a mask hang together: runs of each row are joined, never single pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Mask: TypeAlias = NDArray[np.bool_]
Numbers: TypeAlias = NDArray[np.integer[Any]]


@dataclass(frozen=True)
class Regions:
    """The connected regions of a mask, up and down and sideways but not across corners."""

    shape: tuple[int, int]
    rows: Numbers
    starts: Numbers
    ends: Numbers
    labels: Numbers
    """Of each run, which region it belongs to: the number of that region's first run."""

    def touching_edge(self) -> Mask:
        """The pixels of all regions that reach the picture's edge."""
        height, width = self.shape
        at_edge = (self.rows == 0) | (self.rows == height - 1)
        at_edge |= (self.starts == 0) | (self.ends == width)
        return self.painted(np.isin(self.labels, np.unique(self.labels[at_edge])))

    def at_least(self, pixels: int) -> Mask:
        """The pixels of all regions that have so many."""
        sizes = np.bincount(self.labels, self.ends - self.starts, len(self.labels))
        return self.painted(sizes[self.labels] >= pixels)

    def painted(self, chosen: Mask) -> Mask:
        """Draw the chosen runs: one up where each begins, one down where it ends, summed."""
        height, width = self.shape
        steps = np.zeros((height, width + 1), np.int8)
        steps[self.rows[chosen], self.starts[chosen]] = 1
        steps[self.rows[chosen], self.ends[chosen]] = -1
        return np.cumsum(steps, 1, np.int8)[:, :width] > 0


def regions(mask: Mask) -> Regions:
    """Find the runs of each row, and which of them hang together."""
    height, width = mask.shape
    padded = np.zeros((height, width + 2), np.int8)
    padded[:, 1:-1] = mask
    steps = np.diff(padded, axis=1)
    rows, starts = np.nonzero(steps == 1)
    _, ends = np.nonzero(steps == -1)
    return Regions((height, width), rows, starts, ends, joined(rows, starts, ends, width))


def joined(rows: Numbers, starts: Numbers, ends: Numbers, width: int) -> Numbers:
    """Label runs that overlap in neighboring rows alike.

    The smallest number wins: each round hands it over every overlap, then follows it to its end.
    """
    upper, lower = overlaps(rows, starts, ends, width)
    labels = np.arange(len(rows))
    while True:
        before = labels.copy()
        least = np.minimum(labels[upper], labels[lower])
        np.minimum.at(labels, before[upper], least)
        np.minimum.at(labels, before[lower], least)
        while not np.array_equal(further := labels[labels], labels):
            labels = further
        if np.array_equal(labels, before):
            return labels


def overlaps(rows: Numbers, starts: Numbers, ends: Numbers, width: int) -> tuple[Numbers, Numbers]:
    """Every pair of runs of which one lies above the other."""
    stride = width + 1
    first = np.searchsorted(rows * stride + ends, (rows + 1) * stride + starts, "right")
    last = np.searchsorted(rows * stride + starts, (rows + 1) * stride + ends, "left")
    counts: Numbers = np.maximum(last - first, 0)
    upper = np.repeat(np.arange(len(rows)), counts)
    before: Numbers = np.cumsum(counts) - counts
    within: Numbers = np.arange(len(upper)) - np.repeat(before, counts)
    return upper, np.repeat(first, counts) + within
