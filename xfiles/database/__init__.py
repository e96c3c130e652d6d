"""Episodes -> a database, SQLite's or PostgreSQL's, each stored whole or not at all. All SQL of a crawl is here.

Imports nothing of the project but :mod:`xfiles.items`, :mod:`xfiles.ledger` and :mod:`xfiles.reading`.
"""
