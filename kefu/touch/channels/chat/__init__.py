"""Visitors of a web site chat with the centre: a widget, a signed identity, a stream that goes on where it broke."""
