"""Every module that holds rows, so that the metadata is whole before it is compared or created."""

import importlib
import pkgutil

import portal.store


def load() -> None:
    """Import every module of the store."""
    for module in pkgutil.walk_packages(portal.store.__path__, "portal.store."):
        importlib.import_module(module.name)
