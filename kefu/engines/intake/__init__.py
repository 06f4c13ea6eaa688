"""What guards the ways in from outside: the same request sent twice is done once, and nobody knocks too often."""
