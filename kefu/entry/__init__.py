"""The doors: pages, API, commands, processes."""
