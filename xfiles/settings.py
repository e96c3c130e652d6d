# The template's settings in the template's order; each change says its reason. The project's own come last.
#
#     https://docs.scrapy.org/en/latest/topics/settings.html

from xfiles import __version__

BOT_NAME = "xfiles"

SPIDER_MODULES = ["xfiles.spiders"]
NEWSPIDER_MODULE = "xfiles.spiders"
COMMANDS_MODULE = "xfiles.commands"  # crawl: Scrapy's own exits 0 whatever was lost

# The project and its version; XFILES_CONTACT adds the operator.
USER_AGENT = f"xfiles/{__version__}"

ROBOTSTXT_OBEY = True  # as in the template

# Four at a time, at most four a second: a minute or two for the whole site, and slower when the host slows.
CONCURRENT_REQUESTS = 4  # default 16; the limit that holds even if someone sets the delay to 0
CONCURRENT_REQUESTS_PER_DOMAIN = 4  # template 1
DOWNLOAD_DELAY = 0.25  # template 1; never 0, which switches the limit per domain off
# The Wayback Machine accepts about 15 requests a minute, then answers 429, then refuses connections.
DOWNLOAD_SLOTS = {"web.archive.org": {"concurrency": 1, "delay": 4, "jitter": 0}}  # default {}
CONCURRENT_ITEMS = 1  # default 100: Scrapy starts that many tasks for a page, and a page is one item
DOWNLOAD_TIMEOUT = 30  # default 180: a transcript has 100 kB
DOWNLOAD_MAXSIZE = 4_000_000  # default 1 GB: the longest transcript has some 100 kB
DOWNLOAD_WARNSIZE = 1_000_000  # default 32 MB

TWISTED_DNS_RESOLVER = "scrapy.resolver.CachingHostnameResolver"  # default one that knows no IPv6

DOWNLOAD_VERIFY_CERTIFICATES = True  # default False; set it to 0 with -s to read a host with a bad certificate
COMPRESSION_ENABLED = False  # default True, which reads half a page of half a body: see WholeBodyMiddleware

RETRY_GIVE_UP_LOG_LEVEL = "INFO"  # default ERROR; the report names each page that is lost
METAREFRESH_MAXDELAY = 15  # default 100; a page that reloads itself each minute leads nowhere else
REDIRECT_MAX_TIMES = 5  # default 20: to https, to www, to a new folder, to a web archive's nearest copy

COOKIES_ENABLED = False  # default True; the site sets none

# Doors that a crawl doesn't need: both let others run code in it.
TELNETCONSOLE_ENABLED = False  # default True
REMOTE_CONTROL_ENABLED = False  # default True

# -a url=… must not reach the machine's files.
DOWNLOAD_HANDLERS = {
    "http": "xfiles.middlewares.bounded.BoundedHeadersDownloadHandler",
    "https": "xfiles.middlewares.bounded.BoundedHeadersDownloadHandler",
    **dict.fromkeys(("data", "file", "ftp", "s3")),
}

DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "en",
    # Caches between here and the host must ask it, too.
    "Cache-Control": "max-age=0",
}

DOWNLOADER_MIDDLEWARES = {
    # Before all that reads a text, such as MetaRefreshMiddleware (580), and the cache's pages, too.
    "xfiles.middlewares.encoding.EncodingMiddleware": 595,
    "scrapy.downloadermiddlewares.httpcache.HttpCacheMiddleware": None,
    "xfiles.middlewares.httpcache.RevalidatingCacheMiddleware": 900,
    # Nearer to the host than the cache, so that it keeps whole bodies only.
    "xfiles.middlewares.wholeness.WholeBodyMiddleware": 910,
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,  # see SameSiteMiddleware
    "xfiles.middlewares.robots.RobotsMiddleware": 540,
    "xfiles.middlewares.retry_after.RetryAfterMiddleware": 560,
    "xfiles.middlewares.redirects.SameSiteMiddleware": 610,
}

EXTENSIONS = {
    "xfiles.extensions.report.Report": 500,
    "xfiles.extensions.progress.Progress": 510,  # after Report, whose counts it shows
}

ITEM_PIPELINES = {
    "xfiles.pipelines.DatabasePipeline": 300,
}

# A brake: the delay grows when the host's answers take longer.
AUTOTHROTTLE_ENABLED = True  # default False
AUTOTHROTTLE_START_DELAY = 0.25  # default 5
AUTOTHROTTLE_MAX_DELAY = 30  # default 60
AUTOTHROTTLE_TARGET_CONCURRENCY = 4.0  # default 1

# Nothing is fetched twice: the host is asked whether a page changed, and answers 304, without the page, if not.
HTTPCACHE_ENABLED = True  # default False
HTTPCACHE_POLICY = "xfiles.middlewares.httpcache.RevalidatingPolicy"  # default DummyPolicy, which never does
HTTPCACHE_DIR = "httpcache"  # in .scrapy/ of the project; under scrapyd give an absolute path
# Default the file system's, not safe from a kill -9.
HTTPCACHE_STORAGE = "xfiles.middlewares.httpcache.WholeResponseCacheStorage"

FEED_EXPORTERS = {
    "csv": "xfiles.exporters.SpeechCsvItemExporter",  # one row per speech; default: one row per item
    "xml": "xfiles.exporters.EpisodeXmlItemExporter",  # nested; default: lines in Python's words, and None for unknown
}
FEED_EXPORT_ENCODING = "utf-8"  # as in the template
FEED_STORE_EMPTY = False  # default True, which empties a former crawl's file if the home page can't be read

WARN_ON_GENERATOR_RETURN_VALUE = False  # default True, which parses the spider's source anew for nearly every page
STATS_DUMP = False  # default True; the report says what matters
LOG_LEVEL = "INFO"  # default DEBUG, which dumps every item

# Project settings

# The database that a crawl fills: the path of an SQLite file, or postgresql://... Used by DatabasePipeline.
XFILES_DATABASE = "xfiles_db.sqlite"

# How many seconds to wait for another job's lock on it. Used by DatabasePipeline.
XFILES_DATABASE_TIMEOUT = 30

# The operator's contact address, added to the user agent: an e-mail address or a URL. Used by XfilesSpider.
XFILES_CONTACT = None

# Whether to read every page again from the HTTP cache, without the network: after the parser has changed. Used by
# XfilesSpider.
XFILES_OFFLINE = False

# How many seconds to leave a host alone that has had enough and doesn't say for how long; each time twice as many. Used
# by RetryAfterMiddleware.
XFILES_PATIENCE = 60

# How many crawls ask the host at once, so that robots.txt's Crawl-delay holds for all of them; scatter sets it. Used by
# RobotsMiddleware.
XFILES_CRAWLS = 1

# A file to write the report to, as JSON. Used by Report.
XFILES_REPORT = None
