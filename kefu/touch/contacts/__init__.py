"""Contacts: one record for each touch on any channel (接触记录)."""
