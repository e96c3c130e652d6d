"""The crawl's own signals, beside Scrapy's: what became of each transcript page."""

#: Sent by the pipeline when it has opened the database, with ``pages``, the key of each page in it and its digest, and
#: ``led_to``, the other pages that some of them led to, with the key and the URL of each.
database_opened = object()

#: Sent by the spider when it has read the home page, with ``entries``, what that says of each page that it lists.
home_page_read = object()

#: Sent by the spider for each page that this crawl is to read, with ``page``, its key, and ``url``.
page_found = object()

#: Sent by the spider when the answer to ``request`` is what it asked for: a home page with transcripts, a page with
#: dialogue, or a redirect to a page that is listed, which is then ``unread``.
answer_taken = object()

#: Sent when a page is lost, by the component that gave it up, with ``page``, ``url`` and ``cause``, one line.
page_failed = object()

#: Sent by the spider when ``page`` at ``url`` redirects to ``to``, a page that the home page lists, too, and with which
#: the episode is stored.
page_moved = object()

#: Sent by the spider when ``page``, which is in the database, is not on the site any more.
page_vanished = object()

#: Sent by the spider when the home page gave nothing, with ``cause`` and ``advice``, each one line.
crawl_failed = object()

#: Sent by the pipeline when an episode is safe in the database, with ``episode``, its Summary, and ``change``: "new",
#: "changed" or "unchanged".
episode_stored = object()
