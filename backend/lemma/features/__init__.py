"""The business, one folder each noun: see CONTRIBUTING.md for the roles of the files."""
