"""The crawl's own signals, beside Scrapy's: what became of each transcript page."""

#: Sent by the pipeline when it has opened the database, with ``pages``, the pages of the episodes it holds
#: and the digest of each.
database_opened = object()

#: Sent by the spider when it learns of a page, with ``page``, its key, and ``url``.
page_found = object()

#: Sent by whoever gives a page up, with ``page``, ``url`` and ``cause``, one line.
page_failed = object()

#: Sent by the spider when ``page`` at ``url`` leads to another page that was found, ``to``, which holds its episode.
page_moved = object()

#: Sent by the spider when ``page``, which is in the database, is not a page of the site any more.
page_vanished = object()

#: Sent by the spider when the home page gave nothing, with ``cause`` and ``advice``, each one line.
crawl_failed = object()

#: Sent by the pipeline when an episode is safe in the database, with ``episode``, its Summary, and ``change``: "new",
#: "changed" or "unchanged".
episode_stored = object()
