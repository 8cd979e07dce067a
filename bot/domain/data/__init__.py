"""The table of places and the script it was derived by."""
