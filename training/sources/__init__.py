"""Loaders of public corpora and of label tools' files; each gives documents with gold labels."""
