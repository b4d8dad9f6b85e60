"""Which channels there are: every module of this package that has a `CHANNEL` name and a `read` function.

Those that staff can add a source of also have `ABOUT`, a `Channel`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType, ModuleType

import crm360.sources
from crm360.sources.base import Reader
from crm360.sources.channel import Channel


@cache
def _modules() -> Mapping[str, ModuleType]:
    found: dict[str, ModuleType] = {}
    for module_info in iter_modules(crm360.sources.__path__):
        module = import_module(f"crm360.sources.{module_info.name}")
        channel = getattr(module, "CHANNEL", None)
        if channel in found:
            raise ImportError(f"Two modules of crm360.sources read the channel {channel!r}.")
        if channel is not None:
            found[channel] = module
    return MappingProxyType(found)


@cache
def readers() -> Mapping[str, Reader]:
    """Channel name → its reader."""
    return MappingProxyType({name: module.read for name, module in _modules().items()})


@cache
def channels() -> Mapping[str, Channel]:
    """Channel name → what it declares, of the channels staff can add a source of."""
    return MappingProxyType({name: module.ABOUT for name, module in _modules().items() if hasattr(module, "ABOUT")})


def reader(channel: str) -> Reader:
    """The reader of a channel. Raises KeyError naming the channels there are."""
    try:
        return readers()[channel]
    except KeyError:
        raise KeyError(f"No channel {channel!r}; there are: {', '.join(sorted(readers()))}.") from None
