"""The service: store, conversation, channels and pages around the catalog."""
