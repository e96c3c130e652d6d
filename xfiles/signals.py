"""The crawl's own signals, beside Scrapy's: what became of each transcript page."""

#: Sent by the pipeline when it has opened the database, with ``urls``, the pages of the episodes it holds.
database_opened = object()

#: Sent by the spider when it learns of a page, with ``url``.
page_found = object()

#: Sent by whoever gives a page up, with ``url`` and ``cause``, one line.
page_failed = object()

#: Sent by the pipeline when an episode is safe in the database, with ``item`` and ``change``: "new", "changed" or
#: "unchanged".
episode_stored = object()
