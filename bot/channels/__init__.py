"""Ways people reach us: siblings that do not know each other. Each has `connect(settings, store, dispatcher)`."""
