"""How a dialog runs: what was picked, where it stands, who answers, and the transaction around it."""
