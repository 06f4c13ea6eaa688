"""One search over everything that has a subject: two-character Chinese words, fragments of numbers, Latin words."""
