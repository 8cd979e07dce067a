"""What keeps the catalog true: lists imported, records turned into drafts, versions compared, entries due for a look."""
