"""One file that holds a whole installation: database, files, secrets, and a manifest with a hash of each part."""
