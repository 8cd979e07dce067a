"""What a center does, as plain functions over a session. The caller owns the transaction and hands in the time."""
