"""The tools. Every module here that declares a `Tool` offers it everywhere."""

from __future__ import annotations

import importlib
import pkgutil

from core.tool import Tool


def discover() -> dict[str, Tool]:
    """Import every module in this package and collect the tools they declare, by name."""
    modules = [
        importlib.import_module(f"{__name__}.{info.name}")
        for info in pkgutil.iter_modules(__path__)
    ]
    found = [
        value for module in modules for value in vars(module).values() if isinstance(value, Tool)
    ]
    return {tool.name: tool for tool in found}
