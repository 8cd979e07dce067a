"""Measurements, each beside an off-the-shelf baseline in the same run."""
