"""Where everything is kept: tables, the store that runs functions over a session, and migrations."""
