"""Customers: who they are, how they are reached, what to mind."""
