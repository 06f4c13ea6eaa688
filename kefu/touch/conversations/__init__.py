"""Conversations: written contacts with turns, on any channel (会话)."""
