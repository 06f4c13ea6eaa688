"""Urging (催办: the customer asks again) and supervision (督办: a leader presses), over any open case."""
