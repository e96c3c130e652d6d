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

ROBOTSTXT_OBEY = True  # template: True

# Four at a time, at most four a second: a minute and a half for the whole site, and slower when the host slows.
CONCURRENT_REQUESTS = 4  # default 16; the limit that holds even if someone sets the delay to 0
CONCURRENT_REQUESTS_PER_DOMAIN = 4  # template 1
DOWNLOAD_DELAY = 0.25  # template 1; never 0, which switches the limit per domain off
CONCURRENT_ITEMS = 1  # default 100: Scrapy starts that many tasks for a page, and a page is one item
DOWNLOAD_TIMEOUT = 30  # default 180: a transcript has 100 kB
DOWNLOAD_MAXSIZE = 10_000_000  # default 1 GB: the longest transcript is far under 1 MB
DOWNLOAD_WARNSIZE = 2_000_000  # default 32 MB

COOKIES_ENABLED = False  # template: True; the site has none

# Doors that a crawl doesn't need: both let others run code in it.
TELNETCONSOLE_ENABLED = False  # default True
REMOTE_CONTROL_ENABLED = False  # default True

# -a url=… must not reach the machine's files.
DOWNLOAD_HANDLERS = {"data": None, "file": None, "ftp": None, "s3": None}

DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "en",
    # A page last changed 20 years ago counts as fresh for two: without this, the HTTP cache would never ask again.
    "Cache-Control": "max-age=0",
}

DOWNLOADER_MIDDLEWARES = {
    # Above HttpCompressionMiddleware, so that it sees the compressed body.
    "xfiles.middlewares.WholeGzipMiddleware": 595,
    # Below HttpCompressionMiddleware (590), so that it sees the page's own bytes, cached or not.
    "xfiles.middlewares.WindowsEncodingMiddleware": 580,
}

EXTENSIONS = {
    "xfiles.extensions.Report": 500,
    "xfiles.extensions.Progress": 510,  # after Report, whose counts it shows
}

ITEM_PIPELINES = {
    "xfiles.pipelines.DatabasePipeline": 300,
}

# A brake: the delay grows when the host's answers take longer.
AUTOTHROTTLE_ENABLED = True  # default False
AUTOTHROTTLE_START_DELAY = 0.25  # default 5
AUTOTHROTTLE_MAX_DELAY = 30  # default 60
AUTOTHROTTLE_TARGET_CONCURRENCY = 4.0  # default 1

# Nothing is fetched twice: the host is asked whether a page changed, and answers 304 without sending it.
HTTPCACHE_ENABLED = True  # default False
HTTPCACHE_POLICY = "scrapy.extensions.httpcache.RFC2616Policy"  # default DummyPolicy, which never asks
HTTPCACHE_DIR = "httpcache"  # in .scrapy/ of the project; under scrapyd give an absolute path
HTTPCACHE_STORAGE = "xfiles.httpcache.WholeResponseCacheStorage"  # default the file system's, not safe from a kill -9
HTTPCACHE_IGNORE_HTTP_CODES = [400, 403, 404, 408, 429, 500, 502, 503, 504]  # default []: errors are not kept

FEED_EXPORTERS = {
    "csv": "xfiles.exporters.SpeechCsvItemExporter",  # a row a speech; default: a row an item
}
FEED_EXPORT_ENCODING = "utf-8"  # as in the template

LOG_LEVEL = "INFO"  # default DEBUG, which dumps every item

# Project settings

# The database that a crawl fills: the path of an SQLite file, or postgresql://... Used by DatabasePipeline.
XFILES_DATABASE = "xfiles_db.sqlite"

# How many seconds to wait for another job's lock on it. Used by DatabasePipeline.
XFILES_DATABASE_TIMEOUT = 30

# The operator's contact address, added to the user agent: an e-mail address or a URL. Used by XfilesSpider.
XFILES_CONTACT = None

# Whether to read every page again from the HTTP cache, without the network: for when the parser got better. Used by
# XfilesSpider.
XFILES_OFFLINE = False

# A file to write the report to, as JSON. Used by Report.
XFILES_REPORT = None
