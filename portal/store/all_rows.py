"""Every module that holds rows, so that the metadata is whole before it is compared or created."""

import importlib
import pkgutil

import portal.store


def load() -> None:
    """Import every module of the store."""
    for module in pkgutil.iter_modules(portal.store.__path__):
        importlib.import_module(f"portal.store.{module.name}")
