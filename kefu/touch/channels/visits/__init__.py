"""People who come to the centre: a number at the door, called to a counter, received, seen off, and entered in the register (F-26)."""
