"""Work orders: the cases that units must handle."""
