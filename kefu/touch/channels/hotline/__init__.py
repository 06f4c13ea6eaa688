"""Orders that the city hotline 12345 passes on: taken in, answered within the limit that is written on them, reported back."""
