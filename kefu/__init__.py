"""Kefu (客服): a self-hosted customer service centre that runs by its own rule book."""

__version__ = "0.1.0"
