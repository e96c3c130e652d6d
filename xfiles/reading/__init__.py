"""A page's bytes -> who says what, in which scene: pure functions, without Scrapy and without SQL.

Imports nothing of the project but :mod:`xfiles.items`.
"""
