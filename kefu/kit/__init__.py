"""Tools every floor may use. Knows no domain."""
