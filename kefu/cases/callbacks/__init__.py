"""Callbacks (回访): the customer is asked whether the matter is settled."""
