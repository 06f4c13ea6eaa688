"""Files: kept once by content, outside the web root, served through a judge."""
