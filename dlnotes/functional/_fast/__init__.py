"""Faster ways to what the operations beside this folder compute; each is named where it is used."""
